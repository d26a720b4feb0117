// What a fragment in TypeScript may use without declaring it.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { Static, TNumber, TObject, TString } from '@sinclair/typebox'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Resource, resource as makeResource } from 'fastify-created'

type Schema = TObject<{ id: TString, name: TString, version: TNumber }>

declare global {
  const app: FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>
  const resource: typeof makeResource
  const userResource: Resource<User>
  const users: { insert: (body: unknown) => Promise<User> }
  type User = Static<Schema>
  const User: Schema
  const UserSchema: Schema
  interface NewUser { name: string }
}
