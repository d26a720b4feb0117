/** The apps that bench/http.ts compares. As a program: one of them on a free port, which it prints. */
import type { AddressInfo } from 'node:net'
import etag from '@fastify/etag'
import Fastify, { type FastifyInstance } from 'fastify'
import created, { resource, type PluginOptions } from 'fastify-created'

interface User { id: number, name: string, version: number }

const user = resource<User>({ etag: (user) => user.version })
const properties = { id: { type: 'integer' }, name: { type: 'string' }, version: { type: 'integer' } }
const UserSchema = { type: 'object', required: Object.keys(properties), properties }
const NewUserSchema = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }
const schema = { response: { 200: UserSchema, 201: UserSchema } }
const posted = { schema: { ...schema, body: NewUserSchema } }
const find = (): User => ({ id: 42, name: 'Ann', version: 7 })
const insert = (body: unknown): User => ({ id: 42, name: (body as User).name, version: 1 })

const home = (app: FastifyInstance) => app.get('/users/:id', { schema, config: { resource: user } }, async (_request, reply) => reply.ok(find(), { resource: user }))
const byHand = (app: FastifyInstance) => {
  app.get('/users/:id', { schema }, async () => find())
  app.post('/users', posted, async (request, reply) => {
    const ann = insert(request.body)
    return reply.code(201).header('location', `/users/${ann.id}`).header('etag', `"${ann.version}"`).send(ann)
  })
}
const withCreated = (options: PluginOptions, routes: (app: FastifyInstance) => void) => async (app: FastifyInstance) => {
  await app.register(created, options)
  routes(app)
}
const byResource = (app: FastifyInstance) => {
  home(app)
  app.post('/users', { ...posted, config: { resource: user } }, async (request, reply) => reply.created(insert(request.body), { resource: user }))
}
const byLocation = (app: FastifyInstance) => {
  home(app)
  app.post('/users', posted, async (request, reply) => {
    const ann = insert(request.body)
    return reply.created(ann, { location: `/users/${ann.id}`, etag: ann.version })
  })
}

export const VARIANTS: Record<string, (app: FastifyInstance) => unknown> = {
  bare: byHand,
  'created by resource, log': withCreated({ enforcement: 'log' }, byResource),
  'created by resource, throw': withCreated({ enforcement: 'throw' }, byResource),
  'created by hand, log': withCreated({ enforcement: 'log' }, byLocation),
  'created by hand, throw': withCreated({ enforcement: 'throw' }, byLocation),
  'undeclared, log': withCreated({ enforcement: 'log' }, byHand),
  '@fastify/etag': async (app) => {
    await app.register(etag)
    app.get('/users/:id', { schema }, async () => find())
    app.post('/users', posted, async (request, reply) => {
      const ann = insert(request.body)
      return reply.code(201).header('location', `/users/${ann.id}`).send(ann)
    })
  }
}

const [, script, name] = process.argv
if (script.endsWith('variants.ts')) {
  const app = Fastify()
  await VARIANTS[name](app)
  await app.listen({ host: '127.0.0.1', port: 0 })
  console.log((app.server.address() as AddressInfo).port)
}
