/**
 * The apps that bench/http.ts compares, one in each process: its name is the argument. It tells its port, and then, each
 * time it is asked, how much time of a CPU it has used. In plain JavaScript, because a loader of TypeScript would warm up
 * what is measured.
 */
import { EventEmitter } from 'node:events'
import etag from '@fastify/etag'
import Fastify from 'fastify'
import created, { resource } from 'fastify-created'

const user = resource({ etag: (user) => user.version })
const properties = { id: { type: 'integer' }, name: { type: 'string' }, version: { type: 'integer' } }
const UserSchema = { type: 'object', required: Object.keys(properties), properties }
const NewUserSchema = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }
const schema = { response: { 200: UserSchema, 201: UserSchema } }
const posted = { schema: { ...schema, body: NewUserSchema } }
const find = () => ({ id: 42, name: 'Ann', version: 7 })
const insert = (body) => ({ id: 42, name: body.name, version: 1 })

const home = (app) => app.get('/users/:id', { schema, config: { resource: user } }, async (_request, reply) => reply.ok(find(), { resource: user }))
const byHand = (app) => {
  app.get('/users/:id', { schema }, async () => find())
  app.post('/users', posted, async (request, reply) => {
    const ann = insert(request.body)
    return reply.code(201).header('location', `/users/${ann.id}`).header('etag', `"${ann.version}"`).send(ann)
  })
}
const withCreated = (options, routes) => async (app) => {
  await app.register(created, options)
  routes(app)
}
const byResource = (app) => {
  home(app)
  app.post('/users', { ...posted, config: { resource: user } }, async (request, reply) => reply.created(insert(request.body), { resource: user }))
}
const byLocation = (app) => {
  home(app)
  app.post('/users', posted, async (request, reply) => {
    const ann = insert(request.body)
    return reply.created(ann, { location: `/users/${ann.id}`, etag: ann.version })
  })
}

// What no plugin can do without that looks at what leaves.
const hook = (app) => {
  app.addHook('onRoute', (route) => { route.onSend = (_request, _reply, _payload, done) => done() })
  byHand(app)
}

// What no plugin can do without that adds a helper, too: this is all that it does.
const reading = (app) => {
  app.decorateReply('created', function (body) { return this.request.routeOptions.config === undefined ? this : this.send(body) })
  app.addHook('onRoute', (route) => {
    route.onSend = (_request, reply, _payload, done) => {
      const [location, etag] = [reply.getHeader('location'), reply.getHeader('etag')]
      if ((location !== undefined || etag !== undefined) && reply.getHeader('content-type') === 'application/problem+json') done(new Error('problem'))
      else done()
    }
  })
  app.post('/users', posted, async (request, reply) => {
    const ann = insert(request.body)
    return reply.code(201).header('location', `/users/${ann.id}`).header('etag', `"${ann.version}"`).created(ann)
  })
}

function settleListeners (emitter) {
  const listeners = [() => {}, () => {}]
  emitter.once('one', listeners[0]).on('two', listeners[0]).on('three', listeners[0]).on('three', listeners[1])
  emitter.emit('one')
  emitter.removeListener('three', listeners[0]).removeListener('two', listeners[0])
}

const VARIANTS = {
  bare: byHand,
  'bare again': byHand,
  'created by resource, log': withCreated({ enforcement: 'log' }, byResource),
  'created by resource, throw': withCreated({ enforcement: 'throw' }, byResource),
  'created by hand, log': withCreated({ enforcement: 'log' }, byLocation),
  'created by hand, throw': withCreated({ enforcement: 'throw' }, byLocation),
  'undeclared, log': withCreated({ enforcement: 'log' }, byHand),
  hook,
  reading,
  '@fastify/etag': async (app) => {
    await app.register(etag)
    app.get('/users/:id', { schema }, async () => find())
    app.post('/users', posted, async (request, reply) => {
      const ann = insert(request.body)
      return reply.code(201).header('location', `/users/${ann.id}`).send(ann)
    })
  }
}

// V8 makes process.nextTick and the listeners of events fast or slow for good, by what comes first in a process. This
// settles both alike for all: else a hook that never runs can cost 12 % of the throughput, or nothing.
for (let n = 0; n < 20_000; n++) {
  await new Promise((resolve) => process.nextTick(resolve, n))
  settleListeners(new EventEmitter())
}

const app = Fastify()
await VARIANTS[process.argv[2]](app)
await app.listen({ host: '127.0.0.1', port: 0 })
process.on('message', () => process.send(process.cpuUsage()))
process.send(app.server.address().port)
