import type { FastifyPluginAsyncTypebox, TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import created, { weak } from 'fastify-created'

const User = Type.Object({ id: Type.String(), name: Type.String() })
const user = { id: '1', name: 'Ann' }

const app = Fastify().withTypeProvider<TypeBoxTypeProvider>()
app.register(created, { profile: 'strict', rules: { 'created-body': 'off' }, onViolation: (violation) => violation.rule })

app.post('/right', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created(user, { location: '/users/1', etag: 7 }))

app.post('/url', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created(user, { location: new URL('https://example.com/users/1'), etag: weak(7), lastModified: new Date() }))

app.post('/null-etag', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created(user, { location: '/users/1', etag: null }))

app.post('/wrong-body', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created({ id: 1, name: 'Ann' }, { location: '/users/1', etag: 7 })) // error: 'number' is not assignable to type 'string'

app.post('/missing-property', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created({ id: '1' }, { location: '/users/1', etag: 7 })) // error: Property 'name' is missing

app.post('/no-location', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created(user, { etag: 7 })) // error: Property 'location' is missing

app.post('/no-etag', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created(user, { location: '/users/1' })) // error: Property 'etag' is missing

app.post('/undefined-etag', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created(user, { location: '/users/1', etag: undefined })) // error: 'undefined' is not assignable to type 'EntityTagInput'

app.post('/no-init', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created(user)) // error: Expected 2 arguments, but got 1

app.post('/no-201', { schema: { response: { 200: User } } }, async (_request, reply) =>
  reply.created(user, { location: '/users/1', etag: 7 })) // error: CreationTypeError<"no 201 in schema.response of this route">

app.get('/no-200', { schema: { response: { 404: User } } }, async (_request, reply) =>
  reply.ok(user, { etag: 7 })) // error: CreationTypeError<"no 200 in schema.response of this route">

app.post('/no-202', { schema: { response: { 200: User } } }, async (_request, reply) =>
  reply.accepted(user, { monitor: '/jobs/1' })) // error: CreationTypeError<"no 202 in schema.response of this route">

app.get('/ok', { schema: { response: { 200: User } } }, async (_request, reply) => reply.ok(user, { etag: '7' }))
app.get('/ok-bare', { schema: { response: { 200: User } } }, async (_request, reply) => reply.ok(user))

app.get('/ok-wrong', { schema: { response: { 200: User } } }, async (_request, reply) =>
  reply.ok({ id: '1' }, { etag: 7 })) // error: Property 'name' is missing

app.post('/accepted', { schema: { response: { 202: User } } }, async (_request, reply) =>
  reply.accepted(user, { monitor: '/jobs/1', retryAfter: new Date() }))

app.post('/no-monitor', { schema: { response: { 202: User } } }, async (_request, reply) =>
  reply.accepted(user, { retryAfter: 1 })) // error: Property 'monitor' is missing

app.post('/class', { schema: { response: { '2xx': User } } }, async (_request, reply) =>
  reply.created(user, { location: '/users/1', etag: 7 }))

app.post('/default', { schema: { response: { default: User } } }, async (_request, reply) =>
  reply.created({ id: '1' }, { location: '/users/1', etag: 7 })) // error: Property 'name' is missing

app.post('/content', { schema: { response: { 201: { content: { 'application/json': { schema: User } } } } } }, async (_request, reply) =>
  reply.created(user, { location: '/users/1', etag: 7 }))

app.post('/content-wrong', { schema: { response: { 201: { content: { 'application/json': { schema: User } } } } } }, async (_request, reply) =>
  reply.created({ id: '1' }, { location: '/users/1', etag: 7 })) // error: Property 'name' is missing

app.delete('/none', async (_request, reply) => reply.noContent())
app.delete('/none-tag', async (_request, reply) => reply.noContent({ etag: 7n }))
app.post('/other', async (_request, reply) => reply.seeOther('/users/1'))
app.post('/no-other', async (_request, reply) => reply.seeOther()) // error: Expected 1-2 arguments, but got 0

app.post('/exempt', { config: { created: false } }, async () => 'ok')
app.put('/declared', { config: { created: { verbatim: true, rules: { 'created-etag': 'error' }, enforcement: 'log' } } }, async () => 'ok')
app.put('/mistyped', { config: { created: { verbatim: 'yes' } } }, async () => 'ok') // error: '{ verbatim: string; }' is not assignable

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
  handler: async (_request, reply) => reply.created({ id: '1' }, { location: '/users/1', etag: 7 }) // error: Property 'name' is missing
})

export const plugin: FastifyPluginAsyncTypebox = async (scope) => {
  scope.post('/plugin', { schema: { response: { 201: User } } }, async (_request, reply) =>
    reply.created(user, { location: '/users/1', etag: 7 }))
  scope.post('/plugin-wrong', { schema: { response: { 201: User } } }, async (_request, reply) =>
    reply.created({ id: '1' }, { location: '/users/1', etag: 7 })) // error: Property 'name' is missing
}

// A concrete reply and request pass where the plain ones are wanted, whatever the route declares.
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

// What follows a helper stays checked.
app.post('/after', { schema: { response: { 201: User } } }, async (_request, reply) =>
  reply.created(user, { location: '/users/1', etag: 7 }).send(1)) // error: 'number' is not assignable
