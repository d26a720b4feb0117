// What a fragment in JavaScript may use without declaring it. What clients send and what an app stores is `any`.
import type {
  FastifyInstance, FastifyReply, FastifyRequest, FastifySchema, FastifyTypeProviderDefault, RawServerDefault,
  RouteShorthandOptions
} from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type plugin from 'fastify-created'
import type { digest as makeDigest, Resource, ResourceOptions } from 'fastify-created'

interface AnyParts { body: any, params: any, query: any }
interface AnyRoute { Body: any, Params: any, Querystring: any, Reply: any }
interface AnyConfig { resource: Resource<any> }
type Raw = IncomingMessage
type Provider = FastifyTypeProviderDefault
type Request = FastifyRequest<AnyRoute, RawServerDefault, Raw, FastifySchema, Provider, AnyConfig> & AnyParts
type Reply = FastifyReply<AnyRoute, RawServerDefault, Raw, ServerResponse, AnyConfig>
type Handler = (request: Request, reply: Reply) => unknown
interface Route {
  (url: string, handler: Handler): void
  (url: string, options: RouteShorthandOptions, handler: Handler): void
}
type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

declare global {
  let lastVersion: number
  const app: Omit<FastifyInstance, Method> & Record<Method, Route>
  const request: Request
  const reply: Reply
  const handler: Handler
  const fastifyCreated: typeof plugin
  const resource: (options: ResourceOptions<any>) => Resource<any>
  const digest: typeof makeDigest
  const userResource: Resource<any>
  const user: any
  const users: any
  const files: any
  const body: any
  const note: any
  const list: any
  const current: any
  const saved: any
  const existing: any
  const job: any
  const tag: string
  // What the reader has to write.
  const store: (...args: any[]) => any
  const openFile: (...args: any[]) => any
  const parseRange: (header: string | undefined, size: number) => { start: number, end: number } | undefined
}
