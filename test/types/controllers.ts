import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { JsonSchemaToTsProvider } from '@fastify/type-provider-json-schema-to-ts'
import { Type, type Static } from '@sinclair/typebox'
import Fastify, {
  type ContextConfigDefault, type FastifyReply, type FastifyRequest, type onRequestHookHandler,
  type preHandlerAsyncHookHandler, type RawReplyDefaultExpression, type RawRequestDefaultExpression,
  type RawServerDefault, type RouteGenericInterface, type RouteHandlerMethod
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { resource } from 'fastify-created'
import { z } from 'zod'

const UserSchema = Type.Object({ id: Type.String(), name: Type.String() })
interface User extends Static<typeof UserSchema> { version: number }
const ann: User = { id: '1', name: 'Ann', version: 1 }
declare const row: any
declare function find (): Promise<User | undefined>
const userResource = resource<User>({ params: { id: 'id' }, etag: (user) => user.version })
const config = { resource: userResource }
const app = Fastify()
const typebox = app.withTypeProvider<TypeBoxTypeProvider>()
const zod = app.withTypeProvider<ZodTypeProvider>()
const json = app.withTypeProvider<JsonSchemaToTsProvider>()

// A controller file: its types know nothing of the route, so what the route declares counts.
async function create (_request: FastifyRequest, reply: FastifyReply) {
  return reply.created(ann)
}
async function accept (_request: FastifyRequest, reply: FastifyReply) {
  return reply.accepted(ann)
}
async function read (_request: FastifyRequest<{ Params: { id: string } }>, reply: FastifyReply) {
  return reply.ok(await find())
}
async function update (request: FastifyRequest<{ Body: User }>, reply: FastifyReply) {
  const current = await find()
  request.assertPreconditions(current)
  request.assertPreconditions(row)
  request.assertPreconditions(null)
  const saved = await find()
  if (saved === undefined) throw request.lostUpdate(await find())
  return reply.upserted(saved, { created: current === undefined })
}
async function remove (request: FastifyRequest, reply: FastifyReply) {
  request.assertPreconditions(await find())
  return reply.noContent()
}
async function lead (_request: FastifyRequest, reply: FastifyReply) {
  return reply.seeOther(ann)
}
async function replied (_request: FastifyRequest, reply: FastifyReply<{ Reply: User }>) {
  return reply.created(ann)
}
const typed: RouteHandlerMethod = async (_request, reply) => reply.created(ann)
class UserController {
  async create (_request: FastifyRequest, reply: FastifyReply) {
    return reply.created(ann)
  }
}
app.post('/users', { config }, create)
app.post('/users/accepted', { config }, accept)
app.get('/users/:id', { config }, read)
app.put<{ Body: User }>('/users/:id', { config }, update)
app.delete('/users/:id', { config }, remove)
app.post('/users/other', { config }, lead)
app.post('/users/typed', { config }, typed)
app.post('/users/class', { config }, new UserController().create)
app.route({ method: 'POST', url: '/users/route', config, handler: create })
app.post<{ Reply: User }>('/users/replied', { config }, replied)
typebox.post('/users/typebox', { onRequest: [typebox.authenticate], schema: { body: UserSchema }, config }, create)
typebox.put<{ Body: User }>('/users/typebox/:id', { config }, update)
zod.post('/users/zod', { schema: { body: z.object({ name: z.string() }) }, config }, create)
json.post('/users/json', { schema: { body: { type: 'object' } }, config }, create)

export async function promised (request: FastifyRequest) {
  request.assertPreconditions(find()) // error: 'Promise<User | undefined>' is not assignable
}
export async function promisedLater (request: FastifyRequest) {
  throw request.lostUpdate(find()) // error: 'Promise<User | undefined>' is not assignable
}
export async function text (request: FastifyRequest) {
  request.assertPreconditions('"7"') // error: is not assignable
}
export async function date (request: FastifyRequest) {
  request.assertPreconditions({ etag: new Date() }) // error: 'Date' is not assignable
}
export async function promisedOther (_request: FastifyRequest, reply: FastifyReply) {
  return reply.seeOther(find()) // error: 'Promise<User | undefined>' is not assignable
}
export async function numbered (_request: FastifyRequest, reply: FastifyReply) {
  return reply.seeOther(1) // error: 'number' is not assignable
}

// The generics of a route
app.post<{ Body: User }>('/generics', { config }, async (request, reply) => reply.created(request.body))
typebox.post<{ Body: User }>('/generics/typebox', { config }, async (request, reply) => reply.created(request.body))
app.put<{ Body: User }>('/generics/:id', { config }, async (request, reply) => {
  request.assertPreconditions(ann)
  return reply.upserted(request.body, { created: true })
})

// Hooks that are declared elsewhere
declare module 'fastify' {
  interface FastifyInstance {
    authenticate (request: FastifyRequest, reply: FastifyReply): Promise<void>
  }
}
declare const onRequest: onRequestHookHandler
declare const preHandler: preHandlerAsyncHookHandler
declare const withCallback: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void
const response = { 201: UserSchema }
typebox.post('/hooks/1', { onRequest: [typebox.authenticate], schema: { response }, config },
  async (_request, reply) => reply.created(ann))
typebox.post('/hooks/2', { schema: { response }, config, onRequest: typebox.authenticate },
  async (_request, reply) => reply.created(ann))
typebox.post('/hooks/3', { schema: { response }, config, onRequest }, async (_request, reply) => reply.created(ann))
typebox.post('/hooks/4', { schema: { response }, config, preHandler: [preHandler, withCallback] },
  async (_request, reply) => reply.created(ann))
typebox.route({
  method: 'POST',
  url: '/hooks/5',
  onRequest: [typebox.authenticate],
  schema: { response },
  config,
  handler: async (_request, reply) => reply.created(ann)
})
typebox.post('/hooks/6', {
  onRequest: [typebox.authenticate],
  schema: { response },
  config: { resource: userResource, created: { contentLocation: true } },
  handler: async (_request, reply) => reply.created(ann)
})
typebox.put('/hooks/:id', { onRequest: [typebox.authenticate], config }, async (request) => {
  request.assertPreconditions({ id: '1' }) // error: is not assignable
})
typebox.post('/hooks/wrong', { onRequest: [typebox.authenticate], config }, async (_request, reply) =>
  reply.created({ id: '1', name: 'Ann' })) // error: Property 'version' is missing
typebox.route({
  method: 'POST',
  url: '/hooks/wrong-route',
  onRequest: [typebox.authenticate],
  config,
  handler: async (_request, reply) => reply.created({ id: '1', name: 'Ann' }) // error: Property 'version' is missing
})
zod.post('/hooks/zod', {
  onRequest: [zod.authenticate], schema: { response: { 201: z.object({ id: z.string() }) } }, config
}, async (_request, reply) => reply.created(ann))
json.post('/hooks/json', {
  onRequest: [json.authenticate],
  schema: {
    body: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'], additionalProperties: false },
    response: { 201: { type: 'object', properties: { id: { type: 'string' } }, additionalProperties: false } }
  },
  config
}, async (request, reply) => {
  request.body.name satisfies string
  return reply.created(ann)
})

// Other routes, and what is wrong with the options of a route, are as without this package.
typebox.post('/others/1', { onRequest: [typebox.authenticate], schema: { body: UserSchema } }, async (request) =>
  request.body.name)
typebox.post('/others/2', {
  bodyLimit: '1mb' // error: Type 'string' is not assignable to type 'number'
}, async () => 'ok')

// If the schema of a route is known, and its config is not, a message says what to write.
typebox.post('/known', { schema: { response } }, async (_request, reply) =>
  reply.created(ann)) // error: write reply.created(user, { resource: userResource })
typebox.post('/known/any', { schema: { response } }, async (_request, reply) =>
  reply.created(row)) // error: 'any' is not assignable
typebox.post('/known/accepted', { schema: { response: { 202: UserSchema } } }, async (_request, reply) =>
  reply.accepted(ann)) // error: write reply.accepted(job, { location: '/jobs/42' })
typebox.post('/known/config', {
  schema: { response }, config: { created: { prefer: true } }
}, async (_request, reply) =>
  reply.created(ann)) // error: write reply.created(user, { resource: userResource })
typebox.post('/known/given', { schema: { response } }, async (_request, reply) =>
  reply.created(ann, { resource: userResource }))
app.post('/known/plain-schema', { schema: { response: { 201: { type: 'object' } } } }, async (_request, reply) =>
  reply.created(ann)) // error: write reply.created(user, { resource: userResource })
const schema = { response }
type TypeboxReply = FastifyReply<RouteGenericInterface, RawServerDefault, RawRequestDefaultExpression,
  RawReplyDefaultExpression, ContextConfigDefault, typeof schema, TypeBoxTypeProvider>
export async function createTypebox (_request: FastifyRequest, reply: TypeboxReply) {
  return reply.created(ann) // error: write reply.created(user, { resource: userResource })
}
async function createTypeboxGiven (_request: FastifyRequest, reply: TypeboxReply) {
  return reply.created(ann, { resource: userResource })
}
typebox.post('/known/elsewhere', { schema, config }, createTypeboxGiven)
