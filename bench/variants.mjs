/**
 * The apps that bench/http.ts and bench/instructions.ts compare. The argument is the name of one of them. The process
 * sends its port to its parent, and then its CPU usage whenever the parent asks. It is plain JavaScript, because a
 * TypeScript loader would influence the result.
 */
import { EventEmitter } from 'node:events'
import etag from '@fastify/etag'
import Fastify from 'fastify'
import fastifyCreated, { resource } from 'fastify-created'

const userResource = resource({ etag: (user) => user.version })
const properties = { id: { type: 'integer' }, name: { type: 'string' }, version: { type: 'integer' } }
const UserSchema = { type: 'object', required: Object.keys(properties), properties }
const NewUserSchema = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }
const schema = { response: { 200: UserSchema, 201: UserSchema } }
const createSchema = { ...schema, body: NewUserSchema }
const findUser = () => ({ id: 42, name: 'Ann', version: 7 })
const insertUser = (newUser) => ({ id: 42, name: newUser.name, version: 1 })

const plain = (app) => {
  app.get('/users/:id', { schema }, async () => findUser())
  app.post('/users', { schema: createSchema }, async (request, reply) => {
    const user = insertUser(request.body)
    return reply.code(201).header('location', `/users/${user.id}`).header('etag', `"${user.version}"`).send(user)
  })
}

const withPlugin = (options, addRoutes) => async (app) => {
  await app.register(fastifyCreated, options)
  addRoutes(app)
}

const read = (app) => {
  app.get('/users/:id', { schema, config: { resource: userResource } }, async (_request, reply) => {
    return reply.ok(findUser(), { resource: userResource })
  })
}

const createByResource = (app) => {
  read(app)
  app.post('/users', { schema: createSchema, config: { resource: userResource } }, async (request, reply) => {
    return reply.created(insertUser(request.body), { resource: userResource })
  })
}

const createByLocation = (app) => {
  read(app)
  app.post('/users', { schema: createSchema }, async (request, reply) => {
    const user = insertUser(request.body)
    return reply.created(user, { location: `/users/${user.id}`, etag: user.version })
  })
}

// The least that any plugin with an onSend hook costs.
const hook = (app) => {
  app.addHook('onRoute', (route) => { route.onSend = (_request, _reply, _payload, done) => done() })
  plain(app)
}

// The least that a plugin costs which adds a helper and reads the response headers.
const reading = (app) => {
  app.decorateReply('created', function (body) {
    return this.request.routeOptions.config === undefined ? this : this.send(body)
  })
  app.addHook('onRoute', (route) => {
    route.onSend = (_request, reply, _payload, done) => {
      const [location, etag] = [reply.getHeader('location'), reply.getHeader('etag')]
      const isPresent = location !== undefined || etag !== undefined
      if (isPresent && reply.getHeader('content-type') === 'application/problem+json') done(new Error('problem'))
      else done()
    }
  })
  app.post('/users', { schema: createSchema }, async (request, reply) => {
    const user = insertUser(request.body)
    return reply.code(201).header('location', `/users/${user.id}`).header('etag', `"${user.version}"`).created(user)
  })
}

const VARIANTS = {
  plain,
  'plain again': plain,
  'created by resource, log': withPlugin({ enforcement: 'log' }, createByResource),
  'created by resource, throw': withPlugin({ enforcement: 'throw' }, createByResource),
  'created by hand, log': withPlugin({ enforcement: 'log' }, createByLocation),
  'created by hand, throw': withPlugin({ enforcement: 'throw' }, createByLocation),
  'undeclared, log': withPlugin({ enforcement: 'log' }, plain),
  hook,
  reading,
  '@fastify/etag': async (app) => {
    await app.register(etag)
    app.get('/users/:id', { schema }, async () => findUser())
    app.post('/users', { schema: createSchema }, async (request, reply) => {
      const user = insertUser(request.body)
      return reply.code(201).header('location', `/users/${user.id}`).send(user)
    })
  }
}

// V8 optimizes process.nextTick and event listeners for what a process does first, and keeps that. Without this
// warm-up, an unused hook can cost 12 % of the throughput in one process, and nothing in the next.
function warmUpListeners (emitter) {
  const listeners = [() => {}, () => {}]
  emitter.once('one', listeners[0]).on('two', listeners[0]).on('three', listeners[0]).on('three', listeners[1])
  emitter.emit('one')
  emitter.removeListener('three', listeners[0]).removeListener('two', listeners[0])
}

for (let n = 0; n < 20_000; n++) {
  await new Promise((resolve) => process.nextTick(resolve, n))
  warmUpListeners(new EventEmitter())
}

const app = Fastify()
await VARIANTS[process.argv[2]](app)
await app.listen({ host: '127.0.0.1', port: 0 })
process.on('message', () => process.send(process.cpuUsage()))
process.send(app.server.address().port)
