import type { FastifyPluginAsyncTypebox, TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Type, type Static } from '@sinclair/typebox'
import Fastify, { type FastifyReply, type FastifyRequest, type RouteHandlerMethod } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import fastifyCreated, { resource, type Resource } from 'fastify-created'
import { z } from 'zod'

const UserSchema = Type.Object({ id: Type.String(), name: Type.String() })
interface User extends Static<typeof UserSchema> { version: number, born?: Date, team?: string }
const ann: User = { id: '1', name: 'Ann', version: 1 }
declare function find (): Promise<User | undefined>

const app = Fastify().withTypeProvider<TypeBoxTypeProvider>()
app.register(fastifyCreated)

// The resource
const userResource = resource<User>({ params: { id: 'id' }, etag: (user) => user.version })
const byResource = { resource: userResource }
const upsertInit = { ...byResource, created: true }
const inferred = resource({ etag: (user: User) => user.version, lastModified: () => new Date() })
inferred satisfies Resource<User>
resource<User>({ etag: (user) => user.version, params: { id: (user) => user.name, team: 'team' } })
resource<User>({ params: { id: 'id' } }) // error: Property 'etag' is missing
resource<User>({ etag: (user) => user.revision }) // error: Property 'revision' does not exist on type 'User'
resource<User>({ etag: (user) => user.born }) // error: is not assignable to type 'EntityTagInput'
resource<User>({ etag: (user) => user.version, params: { id: 'nick' } }) // error: '"nick"' is not assignable
resource<User>({ etag: (user) => user.version, params: { id: 'born' } }) // error: '"born"' is not assignable
resource<User>({
  etag: (user) => user.version,
  params: { id: (user) => user.born } // error: 'Date | undefined' is not assignable
})
resource<any>({ etag: (value) => value.version, params: { id: 'anything' } })

// On a route that declares a resource, the second argument can be left out.
app.get('/users/:id', {
  schema: { response: { 200: UserSchema } },
  config: { resource: userResource }
}, async (_request, reply) => reply.ok(await find()))
app.post('/users', {
  schema: { response: { 201: UserSchema } },
  config: { resource: userResource }
}, async (_request, reply) => reply.created(ann))
app.post('/users/bare', { config: { resource: userResource } }, async (_request, reply) => reply.created(ann))
app.post('/users/partly', { config: { resource: userResource } }, async (_request, reply) =>
  reply.created(ann, { etag: null, contentLocation: true }))
app.post('/users/merged', {
  config: { resource: userResource, created: { contentLocation: true } }
}, async (_request, reply) => reply.created(ann))
app.post('/users/later', { config: { resource: userResource } }, async (_request, reply) => reply.accepted(ann))
app.post('/users/later-again', { config: { resource: userResource } }, async (_request, reply) =>
  reply.accepted(ann, { retryAfter: 2 }))
app.post('/users/there', { config: { resource: userResource } }, async (_request, reply) => reply.seeOther(ann))
app.post('/users/there-by-hand', async (_request, reply) => reply.seeOther(ann, { resource: userResource }))
app.post('/users/there-by-hand-wrong', async (_request, reply) =>
  reply.seeOther({ id: '1' }, byResource)) // error: is missing the following properties from type 'User'
app.post('/users/elsewhere', { config: { resource: userResource } }, async (_request, reply) =>
  reply.seeOther('/users/1'))

app.put('/users/:id', {
  schema: { response: { 200: UserSchema, 201: UserSchema } },
  config: { resource: userResource }
}, async (_request, reply) => reply.upserted(ann, { created: true }))
app.put('/users/:id/bare', async (_request, reply) => reply.upserted({ any: 'thing' }, { created: false, etag: 1 }))
app.put('/users/:id/wrong', { config: { resource: userResource } }, async (_request, reply) =>
  reply.upserted({ id: '1', name: 'Ann' }, { created: true })) // error: Property 'version' is missing
app.put('/users/:id/no-created', { config: { resource: userResource } }, async (_request, reply) =>
  reply.upserted(ann)) // error: Expected 2 arguments, but got 1
app.put('/users/:id/no-201', {
  schema: { response: { 200: UserSchema } },
  config: { resource: userResource }
}, async (_request, reply) =>
  reply.upserted(ann, { created: true })) // error: CreationTypeError<"no 201 in schema.response of this route">

app.post('/users/no-user', { config: { resource: userResource } }, async (_request, reply) =>
  reply.created({ id: '1', name: 'Ann' })) // error: Property 'version' is missing
app.post('/users/no-schema-fit', {
  schema: { response: { 201: Type.Object({ id: Type.Number() }) } },
  config: { resource: userResource }
}, async (_request, reply) => reply.created(ann)) // error: 'string' is not assignable to type 'number'
app.post('/users/no-201', {
  schema: { response: { 200: UserSchema } },
  config: { resource: userResource }
}, async (_request, reply) => reply.created(ann)) // error: CreationTypeError<"no 201 in schema.response of this route">
app.post('/users/nothing', { config: { resource: userResource } }, async (_request, reply) =>
  reply.created(await find())) // error: 'undefined' is not assignable
app.post('/users/there-wrong', { config: { resource: userResource } }, async (_request, reply) =>
  reply.seeOther(1)) // error: is not assignable
app.get('/users/wrong', { config: { resource: userResource } }, async (_request, reply) =>
  reply.ok({ id: '1' })) // error: is missing the following properties from type 'User'

// On a route without one it cannot, and the message says what to write.
app.post('/plain-created', { config: { created: { contentLocation: true } } }, async (_request, reply) =>
  reply.created(ann)) // error: write reply.created(user, { resource: userResource })
app.post('/plain-accepted-wrong', { config: { created: { prefer: true } } }, async (_request, reply) =>
  reply.accepted(ann)) // error: write reply.accepted(job, { location: '/jobs/42' })
app.post('/plain-resource', async (_request, reply) => reply.created(ann, { resource: userResource }))
app.post('/plain-resource-and', async (_request, reply) => reply.created(ann, { resource: userResource, etag: null }))
app.post('/plain-other', { config: { created: { prefer: true } } }, async (_request, reply) =>
  reply.seeOther(ann)) // error: 'User' is not assignable to parameter of type 'string | URL'
app.get('/plain-ok', async (_request, reply) => reply.ok(ann, { resource: userResource }))
app.post('/plain-accepted', async (_request, reply) => reply.accepted(ann, { resource: userResource }))
app.post('/no-resource', { config: { resource: { etag: 1 } } }, async () => 'ok') // error: is not assignable

// With generics written by hand, or a handler declared elsewhere, TypeScript infers no config.
app.post<{ Body: User }>('/by-hand', { config: { resource: userResource } }, async (request, reply) =>
  reply.created(request.body, { resource: userResource }))
const elsewhere: RouteHandlerMethod = async (_request, reply) => reply.created(ann, { resource: userResource })
app.post('/elsewhere', { config: { resource: userResource } }, elsewhere)

app.route({
  method: 'POST',
  url: '/route',
  schema: { response: { 201: UserSchema } },
  config: { resource: userResource },
  handler: async (_request, reply) => reply.created(ann)
})
app.route({
  method: 'POST',
  url: '/route-wrong',
  schema: { response: { 201: UserSchema } },
  config: { resource: userResource },
  handler: async (_request, reply) => reply.created({ id: '1', name: 'Ann' }) // error: Property 'version' is missing
})

export const plugin: FastifyPluginAsyncTypebox = async (scope) => {
  scope.post('/plugin', {
    schema: { response: { 201: UserSchema } },
    config: { resource: userResource }
  }, async (_request, reply) => reply.created(ann))
  scope.post('/plugin-wrong', {
    schema: { response: { 201: UserSchema } },
    config: { resource: userResource }
  }, async (_request, reply) => reply.created({ id: '1', name: 'Ann' })) // error: Property 'version' is missing
}

// A request and a reply of a route can be passed to functions that take the plain ones.
function log (_request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-seen', '1')
}
app.post('/concrete', {
  schema: { response: { 201: UserSchema } },
  config: { resource: userResource }
}, async (request, reply) => {
  log(request, reply)
  log(request, reply.created(ann))
  return reply
})
app.get('/concrete-canonical', {
  schema: { response: { 200: UserSchema, 404: Type.Null() } },
  config: { resource: userResource }
}, async (request, reply) => {
  log(request, reply)
  return reply.ok(ann)
})

// Types are still checked after a helper.
app.post('/after', {
  schema: { response: { 201: UserSchema } },
  config: { resource: userResource }
}, async (_request, reply) => reply.created(ann).send(1)) // error: 'number' is not assignable

// Preconditions
app.put('/current/:id', { config: { resource: userResource } }, async (request, reply) => {
  const current = await find()
  request.assertPreconditions(current)
  request.assertPreconditions(null)
  const saved = await find()
  if (saved === undefined) throw request.lostUpdate()
  if (saved.version === 0) throw request.lostUpdate(await find())
  return reply.upserted(saved, { created: current === undefined })
})
app.post('/current', { config: { resource: userResource } }, async (request) => {
  request.assertPreconditions({ etag: 7, lastModified: new Date() })
  request.assertPreconditions({ etag: null })
  throw request.lostUpdate({ etag: 7 })
})
app.patch('/current/wrong/:id', { config: { resource: userResource } }, async (request) => {
  request.assertPreconditions({ id: '1', name: 'Ann' }) // error: is not assignable
})
app.patch('/current/promise/:id', { config: { resource: userResource } }, async (request) => {
  request.assertPreconditions(find()) // error: 'Promise<User | undefined>'
})
app.patch('/current/text/:id', { config: { resource: userResource } }, async (request) => {
  request.assertPreconditions('"7"') // error: is not assignable
})
app.patch('/current/none/:id', { config: { resource: userResource } }, async (request) => {
  request.assertPreconditions() // error: Expected 1-2 arguments, but got 0
})
app.patch('/current/lost/:id', { config: { resource: userResource } }, async (request) => {
  throw request.lostUpdate({ version: 7 }) // error: is not assignable
})
app.patch('/current/lost-promise/:id', { config: { resource: userResource } }, async (request) => {
  throw request.lostUpdate(find()) // error: 'Promise<User | undefined>'
})
app.put('/plain/:id', async (request) => {
  request.assertPreconditions({ etag: 7 })
  request.assertPreconditions({ etag: '"7"', lastModified: new Date() })
  request.assertPreconditions({ lastModified: new Date() })
  request.assertPreconditions(undefined)
  request.lostUpdate() satisfies Error
  throw request.lostUpdate({ etag: 7n })
})
app.put('/plain/value/:id', { config: { created: { prefer: true } } }, async (request) => {
  request.assertPreconditions(ann) // error: add the argument { resource: userResource }
})
app.put('/plain/date/:id', async (request) => {
  request.assertPreconditions({ etag: new Date() }) // error: 'Date' is not assignable
})
app.put('/plain/text/:id', async (request) => {
  request.assertPreconditions({ lastModified: 'yesterday' }) // error: 'string' is not assignable to type 'Date'
})
app.put('/plain/lost/:id', { config: { created: { prefer: true } } }, async (request) => {
  throw request.lostUpdate(ann) // error: add the argument { resource: userResource }
})
function conflict (request: FastifyRequest): Error {
  return request.lostUpdate({ etag: 7 })
}
app.put('/concrete/:id', {
  schema: { body: UserSchema, response: { 200: UserSchema } },
  config: { resource: userResource }
}, async (request, reply) => {
  log(request, reply)
  request.assertPreconditions(ann)
  throw conflict(request)
})
app.put('/concrete/plain/:id', { schema: { body: UserSchema } }, async (request, reply) => {
  log(request, reply)
  throw conflict(request)
})

// URLs
app.get('/links', async (request) =>
  [request.urlFor(userResource, ann), app.urlFor(userResource, ann), app.urlFor(userResource, ann, { org: 'acme' })])
app.get('/links-wrong', async (request) =>
  request.urlFor(userResource, { id: '1' })) // error: is missing the following properties from type 'User'
app.get('/links-app-wrong', async () => app.urlFor(userResource, 1)) // error: is not assignable

// Zod
const zod = app.withTypeProvider<ZodTypeProvider>()
zod.post('/zod', {
  schema: { response: { 201: z.object({ id: z.string() }) } },
  config: { resource: userResource }
}, async (_request, reply) => reply.created(ann))
zod.post('/zod-wrong', {
  schema: { response: { 201: z.object({ id: z.number() }) } },
  config: { resource: userResource }
}, async (_request, reply) => reply.created(ann)) // error: is not assignable

// HTTP/2
Fastify({ http2: true }).post('/http2', { config: { resource: userResource } }, async (_request, reply) =>
  reply.created(ann))

// Options of a route
app.get('/second/:id', {
  config: { resource: userResource, created: { canonical: false, precondition: 'required' } }
}, async (_request, reply) => reply.ok(ann))
app.register(fastifyCreated, { precondition: 'required' })
app.put('/prefer/:id', {
  config: { resource: userResource, created: { prefer: true, precondition: 'optional' } }
}, async (_request, reply) => reply.ok(ann))
app.put('/prefer-wrong/:id', {
  config: { created: { prefer: 'minimal' } } // error: '{ prefer: string; }' is not assignable
}, async () => 'ok')
app.register(fastifyCreated, { prefer: true, problemDetails: true })
app.register(fastifyCreated, { prefer: 'minimal' }) // error: No overload matches this call
app.register(fastifyCreated, { problemDetails: 'yes' }) // error: No overload matches this call

// What exists, if TypeScript knows no config
app.put<{ Body: User }>('/assert/by-hand', { config: { resource: userResource } }, async (request) => {
  request.assertPreconditions(ann, { resource: userResource })
  throw request.lostUpdate(await find(), { resource: userResource })
})
app.put<{ Body: User }>('/assert/by-hand-wrong', { config: { resource: userResource } }, async (request) =>
  request.assertPreconditions({ id: '1' }, byResource)) // error: is missing the following properties from type 'User'

// A resource that is given with the body

app.post<{ Body: User }>('/given/1', { config: { resource: userResource } }, async (_request, reply) =>
  reply.created(find(), { resource: userResource })) // error: is missing the following properties from type 'User'
app.post('/given/2', async (_request, reply) =>
  reply.created({ id: '1' }, { resource: userResource })) // error: is missing the following properties from type 'User'
app.post('/given/3', async (_request, reply) =>
  reply.accepted({ id: '1' }, byResource)) // error: is missing the following properties from type 'User'
app.put('/given/4', async (_request, reply) =>
  reply.upserted({ id: '1' }, upsertInit)) // error: is missing the following properties from type 'User'
app.get('/given/5', async (_request, reply) =>
  reply.ok(find(), { resource: userResource })) // error: is missing the following properties from type 'User'
app.get('/given/6', async (_request, reply) => reply.ok(await find(), { resource: userResource }))
app.get<{ Reply: User }>('/given/7', async (_request, reply) => reply.ok(null, { resource: userResource }))
app.put('/given/8', async (_request, reply) => reply.upserted(ann, { created: true, resource: userResource }))
app.get('/given/9', async (_request, reply) => reply.ok({ any: 'body' }, { etag: 1 }))
app.post('/given/10', async (_request, reply) => reply.created({ any: 'body' }, { location: '/x/1', etag: 1 }))
