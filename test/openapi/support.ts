import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Type } from '@sinclair/typebox'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import fastifyCreated, { openapiTransform, resource, type FastifyCreatedOptions } from '../../src/index.js'

/** An app whose OpenAPI document is written, and what the tests read in it. */

export type Document = Record<string, any>
export type Schemas = Record<string, unknown>

export interface User { id: string, name: string, version: number }
export const userResource = resource<User>({ params: { id: 'id' }, etag: (user) => user.version })
export const ann: User = { id: '1', name: 'Ann', version: 7 }

export const UserSchema = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string' }, name: { type: 'string' } }
}
export const TypeBoxUser = Type.Object({ id: Type.String(), name: Type.String() })

export const openapi31 = (): FastifyDynamicSwaggerOptions => ({ openapi: { openapi: '3.1.0' } })
export const openapi30 = (): FastifyDynamicSwaggerOptions => ({ openapi: { openapi: '3.0.3' } })
export const swagger20 = (): FastifyDynamicSwaggerOptions => ({ swagger: {} })
export const withTransform = (options: FastifyDynamicSwaggerOptions): FastifyDynamicSwaggerOptions => ({
  ...options,
  transform: openapiTransform()
})

export const LINK = {
  operationId: 'getUser',
  parameters: { id: '$response.body#/id' },
  description: 'The new resource'
}

/** Declares a canonical route, and a route that creates. */
export function declareUsers (
  app: FastifyInstance,
  { canonical, create }: { canonical?: Schemas; create?: Schemas } = {}
): void {
  app.get(
    '/users/:id',
    {
      schema: { operationId: 'getUser', response: { 200: UserSchema }, ...canonical },
      config: { resource: userResource }
    },
    async (_request, reply) => reply.header('etag', '"7"').send(ann)
  )
  app.post(
    '/users',
    { schema: { response: { 201: UserSchema }, ...create }, config: { resource: userResource } },
    async (_request, reply) => reply.code(201).header('etag', '"7"').header('location', '/users/1').send(ann)
  )
}

export function bare (t: Test): FastifyInstance {
  const app = Fastify()
  t.teardown(() => app.close())
  return app
}

export async function documented (
  t: Test,
  options: FastifyDynamicSwaggerOptions,
  declare: (app: FastifyInstance) => void = declareUsers,
  own: FastifyCreatedOptions = {}
): Promise<Document> {
  const app = bare(t)
  await app.register(fastifyCreated, own)
  await app.register(swagger, options)
  declare(app)
  await app.ready()
  return app.swagger()
}

export async function isValid (t: Test, document: Document): Promise<void> {
  const plain: Document = JSON.parse(JSON.stringify(document))
  t.same(await new Validator().validate(structuredClone(plain)), { valid: true }, 'the document is valid')
  const operations = Object.values<Document>(plain.paths).flatMap((path) => Object.values<Document>(path))
  const known = operations.map(({ operationId }) => operationId)
  const links = operations
    .flatMap(({ responses }) => Object.values<Document>(responses))
    .flatMap((response) => Object.values<Document>(response.links ?? {}))
  for (const { operationId } of links) {
    t.ok(known.includes(operationId), `the operation of the link ${operationId} exists`)
  }
}

export const namesOf = (headers: object | undefined): string[] => Object.keys(headers ?? {})
export const parameterNames = ({ parameters = [] }: Document): string[] =>
  parameters.filter((parameter: Document) => parameter.in === 'header').map(({ name }: Document) => name)
