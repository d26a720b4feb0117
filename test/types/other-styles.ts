import type { JsonSchemaToTsProvider } from '@fastify/type-provider-json-schema-to-ts'
import Fastify, { type FastifyReply, type FastifyRequest, type RouteHandlerMethod } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import fastifyCreated, { digest, evaluatePreconditions, type Violation } from 'fastify-created'
import { z } from 'zod'

interface User { id: string }
const user: User = { id: '1' }
const init = { location: '/users/1', etag: 1 }
const app = Fastify()
app.register(fastifyCreated)

// Without a schema, every body is accepted.
app.post('/none', async (_request, reply) =>
  reply.created({ any: 'thing' }, { location: '/users/1', etag: digest(user) }))
app.post('/none-no-etag', async (_request, reply) =>
  reply.created(user, { location: '/users/1' })) // error: '{ location: string; }' is not assignable
app.get('/none-ok', async (_request, reply) => reply.ok('text'))

// The generics of a route
app.post<{ Reply: User }>('/reply', async (_request, reply) => reply.created(user, { location: '/users/1', etag: 1 }))
app.post<{ Reply: User }>('/reply-wrong', async (_request, reply) =>
  reply.created({ id: 1 }, { location: '/users/1', etag: 1 })) // error: 'number' is not assignable to type 'string'
app.post<{ Reply: { 201: User, 400: { reason: string } } }>('/map', async (_request, reply) =>
  reply.created(user, { location: '/users/1', etag: 1 }))
app.post<{ Reply: { 201: User, 400: { reason: string } } }>('/map-wrong', async (_request, reply) =>
  reply.created({ reason: '' }, { location: '/users/1', etag: 1 })) // error: 'reason' does not exist in type 'User'
app.post<{ Reply: { '2xx': User } }>('/class', async (_request, reply) =>
  reply.created(user, { location: '/users/1', etag: 1 }))
app.post<{ Reply: { 200: User } }>('/map-without', async (_request, reply) =>
  reply.created(user, init)) // error: CreationTypeError<"no 201 in schema.response of this route">
app.post<{ Reply: any }>('/any', async (_request, reply) => reply.created(user, { location: '/users/1', etag: 1 }))
app.post<{ Body: User }>('/body-only', async (request, reply) =>
  reply.created(request.body, { location: '/users/1', etag: 1 }))

// A schema without a type provider has the statuses, but not the types of their bodies.
app.post('/plain-schema', { schema: { response: { 201: { type: 'object' } } } }, async (_request, reply) =>
  reply.created(user, { location: '/users/1', etag: 1 }))
app.post('/plain-schema-without', { schema: { response: { 200: { type: 'object' } } } }, async (_request, reply) =>
  reply.created(user, init)) // error: CreationTypeError<"no 201 in schema.response of this route">

const zod = app.withTypeProvider<ZodTypeProvider>()
zod.post('/zod', { schema: { response: { 201: z.object({ id: z.string() }) } } }, async (_request, reply) =>
  reply.created(user, { location: '/users/1', etag: 1 }))
zod.post('/zod-wrong', { schema: { response: { 201: z.object({ id: z.string() }) } } }, async (_request, reply) =>
  reply.created({ id: 1 }, { location: '/users/1', etag: 1 })) // error: 'number' is not assignable to type 'string'

const jsonSchema = {
  type: 'object',
  properties: { id: { type: 'string' } },
  required: ['id'],
  additionalProperties: false
} as const
const json = app.withTypeProvider<JsonSchemaToTsProvider>()
json.post('/json', { schema: { response: { 201: jsonSchema } } }, async (_request, reply) =>
  reply.created(user, { location: '/users/1', etag: 1 }))
json.post('/json-wrong', { schema: { response: { 201: jsonSchema } } }, async (_request, reply) =>
  reply.created({ id: 1 }, { location: '/users/1', etag: 1 })) // error: 'number' is not assignable to type 'string'

// Handlers declared elsewhere
const handler: RouteHandlerMethod = async (_request, reply) => reply.created(user, { location: '/users/1', etag: 1 })
async function plain (_request: FastifyRequest, reply: FastifyReply) {
  return reply.created(user, { location: '/users/1', etag: 1 })
}
app.post('/elsewhere', handler)
app.post('/plain', plain)

// HTTP/2 has other raw types.
Fastify({ http2: true }).post('/http2', async (_request, reply) =>
  reply.created(user, { location: '/users/1', etag: 1 }))

// Options
app.register(fastifyCreated, { profile: 'lax' }) // error: '"lax"' is not assignable
app.register(fastifyCreated, { rules: { 'created-locaton': 'off' } }) // error: 'created-locaton'' does not exist
app.register(fastifyCreated, { onViolation: (violation: Violation, request) => request?.log.warn(violation.message) })

evaluatePreconditions({ method: 'GET', headers: {} }, null).outcome satisfies
  'proceed' | 'not-modified' | 'failed' | 'malformed'
evaluatePreconditions({ method: 'GET', headers: {} }, { etag: {} }) // error: is not assignable to type 'EntityTagInput

// Fastify's own declarations, whose type parameters are not known yet, still accept a plain reply.
function frameworkError (_error: Error, _request: FastifyRequest, reply: FastifyReply): void {
  reply.code(400).send()
}
Fastify({ frameworkErrors: frameworkError })

// evaluatePreconditions() takes a request of Node.
app.put('/evaluated', async (request) => evaluatePreconditions(request.raw, { etag: 7 }).outcome)
