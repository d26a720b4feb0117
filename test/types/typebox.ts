import type { FastifyPluginAsyncTypebox, TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import fastifyCreated, { weak } from 'fastify-created'

const User = Type.Object({ id: Type.String(), name: Type.String() })
const user = { id: '1', name: 'Ann' }
const init = { location: '/users/1', etag: 7 }

const app = Fastify().withTypeProvider<TypeBoxTypeProvider>()
app.register(fastifyCreated, {
  profile: 'strict',
  rules: { 'created-body': 'off' },
  onViolation: (violation) => violation.rule
})

app.post('/right', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created(user, { location: '/users/1', etag: 7 }))

app.post('/url', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created(user, { location: new URL('https://example.com/users/1'), etag: weak(7), lastModified: new Date() }))

app.post('/null-etag', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created(user, { location: '/users/1', etag: null }))

app.post('/wrong-body', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created({ id: 1, name: 'Ann' }, init)) // error: 'number' is not assignable to type 'string'

app.post('/missing-property', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created({ id: '1' }, { location: '/users/1', etag: 7 })) // error: Property 'name' is missing

app.post('/no-location', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created(user, { etag: 7 })) // error: Property 'location' is missing

app.post('/no-etag', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created(user, { location: '/users/1' })) // error: Property 'etag' is missing

app.post('/undefined-etag', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created(user, { ...init, etag: undefined })) // error: 'undefined' is not assignable to type 'EntityTagInput'

app.post('/no-init', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created(user)) // error: write reply.created(user, { resource: userResource })

app.post('/no-201', { schema: { response: { 200: User } } }, async (_request, reply) =>
  reply.created(user, init)) // error: CreationTypeError<"no 201 in schema.response of this route">

app.get('/no-200', { schema: { response: { 404: User } } }, async (_request, reply) =>
  reply.ok(user, { etag: 7 })) // error: CreationTypeError<"no 200 in schema.response of this route">

app.post('/no-202', { schema: { response: { 200: User } } }, async (_request, reply) =>
  reply.accepted(user, { location: '/jobs/1' })) // error: CreationTypeError<"no 202 in schema.response of this route">

app.get('/ok', { schema: { response: { 200: User } } }, async (_request, reply) => reply.ok(user, { etag: '7' }))
app.get('/ok-bare', { schema: { response: { 200: User } } }, async (_request, reply) => reply.ok(user))

app.get('/ok-wrong', { schema: { response: { 200: User } } }, async (_request, reply) =>
  reply.ok({ id: '1' }, { etag: 7 })) // error: Property 'name' is missing

app.post('/accepted', { schema: { response: { 202: User } } }, async (_request, reply) =>
  reply.accepted(user, { location: '/jobs/1', retryAfter: new Date() }))

app.post('/no-accepted-location', { schema: { response: { 202: User } } }, async (_request, reply) =>
  reply.accepted(user, { retryAfter: 1 })) // error: Property 'location' is missing

app.post('/class', { schema: { response: { '2xx': User } } }, async (_request, reply) =>
  reply.created(user, { location: '/users/1', etag: 7 }))

app.post('/default', { schema: { response: { default: User } } }, async (_request, reply) =>
  reply.created({ id: '1' }, { location: '/users/1', etag: 7 })) // error: Property 'name' is missing

app.post('/content', {
  schema: { response: { 201: { content: { 'application/json': { schema: User } } } } }
}, async (_request, reply) => reply.created(user, { location: '/users/1', etag: 7 }))

app.post('/content-wrong', {
  schema: { response: { 201: { content: { 'application/json': { schema: User } } } } }
}, async (_request, reply) =>
  reply.created({ id: '1' }, { location: '/users/1', etag: 7 })) // error: Property 'name' is missing

app.delete('/none', async (_request, reply) => reply.noContent())
app.delete('/none-tag', async (_request, reply) => reply.noContent({ etag: 7n }))
app.post('/other', async (_request, reply) => reply.seeOther('/users/1'))
app.post('/no-other', async (_request, reply) => reply.seeOther()) // error: Expected 1-2 arguments, but got 0

app.post('/unchecked', { config: { created: false } }, async () => 'ok')
app.put('/declared', {
  config: { created: { contentLocation: true, rules: { 'created-etag': 'error' }, enforcement: 'log' } }
}, async () => 'ok')
app.put('/mistyped', {
  config: { created: { contentLocation: 'yes' } } // error: '{ contentLocation: string; }' is not assignable
}, async () => 'ok')

app.route({
  method: 'POST',
  url: '/route',
  schema: { response: { 201: User } },
  handler: async (_request, reply) => reply.created(user, { location: '/users/1', etag: 7 })
})

app.route({
  method: 'POST',
  url: '/route-wrong',
  schema: { response: { 201: User } },
  handler: async (_request, reply) =>
    reply.created({ id: '1' }, { location: '/users/1', etag: 7 }) // error: Property 'name' is missing
})

export const plugin: FastifyPluginAsyncTypebox = async (scope) => {
  scope.post('/plugin', { schema: { response: { 201: User } } }, async (_request, reply) =>
    reply.created(user, { location: '/users/1', etag: 7 }))
  scope.post('/plugin-wrong', { schema: { response: { 201: User } } }, async (_request, reply) =>
    reply.created({ id: '1' }, { location: '/users/1', etag: 7 })) // error: Property 'name' is missing
}

// A request and a reply of a route can be passed to functions that take the plain ones, whatever the route declares.
function log (_request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-seen', '1')
}
app.post('/plain', { schema: { response: { 201: User } } }, async (request, reply) => {
  log(request, reply)
  return reply.created(user, { location: '/users/1', etag: 7 })
})
app.post('/plain-without-201', { schema: { response: { 404: User } } }, async (request, reply) => {
  log(request, reply)
  return reply.code(404).send(user)
})
app.post('/plain-after', { schema: { response: { 201: User } } }, async (request, reply) => {
  log(request, reply.created(user, { location: '/users/1', etag: 7 }))
  return reply
})

// Types are still checked after a helper.
app.post('/after', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created(user, { location: '/users/1', etag: 7 }).send(1)) // error: 'number' is not assignable
