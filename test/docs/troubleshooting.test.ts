import { readFileSync } from 'node:fs'
import Fastify, { type FastifyInstance, type InjectOptions } from 'fastify'
import t from 'tap'
import fastifyCreated, { resource, type FastifyCreatedOptions } from '../../src/index.js'

const userResource = resource<any>({ etag: (user) => user.version })
const ofUser = { config: { resource: userResource } }
const toUser = { config: { resource: userResource, created: { precondition: 'required' } } } as const
const user = { id: '1', version: 1 }

type Routes = (app: FastifyInstance) => unknown

const readUser: Routes = (app) => app.get('/users/:id', ofUser, async (_request, reply) => reply.ok(user))
const send = (body: any): Routes => (app) => {
  readUser(app)
  app.post('/users', ofUser, async (_request, reply) => reply.created(body))
}
const sendByHand = (headers: Record<string, any>): Routes => (app) => {
  app.post('/users', async (_request, reply) => reply.code(201).headers(headers).send(user))
}
const sendLocation = (location: string): Routes => (app) => {
  app.post('/users', async (_request, reply) => reply.created(user, { location, etag: 1 }))
}
const update: Routes = (app) => {
  readUser(app)
  app.put('/users/:id', toUser, async (request, reply) => {
    request.assertPreconditions(user)
    return reply.upserted(user, { created: false })
  })
}

const POST: InjectOptions = { method: 'POST', url: '/users' }
const PUT = (headers: InjectOptions['headers'] = {}): InjectOptions => ({ method: 'PUT', url: '/users/1', headers })

/** The message of what stops the start, or of the response. */
async function messageOf (routes: Routes, request = POST, options: FastifyCreatedOptions = {}): Promise<string> {
  const app = Fastify() as unknown as FastifyInstance
  try {
    await app.register(fastifyCreated, options)
    await routes(app)
    return (await app.inject(request)).json().message
  } catch (error) {
    return (error as Error).message
  } finally {
    await app.close().catch(() => {})
  }
}

async function messageOfLate (options: FastifyCreatedOptions): Promise<string> {
  const app = Fastify()
  app.register(fastifyCreated, options)
  app.post('/users', ofUser, async (_request, reply) => reply.created(user))
  app.get('/users/:id', ofUser, async (_request, reply) => reply.ok(user))
  return await app.inject(POST).then((response) => response.json().message, (error) => error.message)
}

const twoResources: Routes = (app) => {
  readUser(app)
  app.post('/users', { config: { resource: resource({ etag: () => 1 }) } }, async () => {})
}
const collection: Routes = (app) => {
  app.get('/users', ofUser, async () => {})
  app.post('/users', ofUser, async () => {})
}
const forgotten: Routes = (app) => {
  readUser(app)
  app.put('/users/:id', ofUser, async (_request, reply) => reply.ok(user))
}
const missing: Routes = (app) => {
  app.get('/users/:id', ofUser, async (_request, reply) => reply.ok(undefined))
}
const otherName: Routes = (app) => {
  app.get('/users/:userId', ofUser, async (_request, reply) => reply.ok(user))
  app.post('/users', ofUser, async (_request, reply) => reply.created(user))
}
const wrongParams: Routes = (app) => {
  const config = { resource: resource<any>({ etag: () => 1, params: { userId: 'id' } }) }
  app.get('/users/:id', { config }, async (_request, reply) => reply.ok(user))
}

t.test('every message in docs/troubleshooting.md is one that an app gives', async (t) => {
  const messages = [
    // Startup
    await messageOf((app) => app.post('/users', ofUser, async () => {})),
    await messageOf(twoResources),
    await messageOf((app) => { send(user)(app); app.get('/me', ofUser, async () => {}) }),
    await messageOf(collection),
    await messageOf(otherName),
    await messageOf(wrongParams),
    await messageOfLate({ profile: 'strict' }),
    await messageOf((app) => app.register(fastifyCreated)),
    await messageOf(readUser, POST, { profil: 'strict' } as FastifyCreatedOptions),
    // 500
    await messageOf(sendByHand({ etag: '"1"' })),
    await messageOf((app) => app.post('/users', async (_request, reply) => reply.created(user, {} as any))),
    await messageOfLate({}),
    await messageOf(send({ data: user })),
    await messageOf(send({ id: '1' })),
    await messageOf(send(Promise.resolve(user))),
    await messageOf(sendByHand({ location: undefined, etag: '"1"' })),
    await messageOf(sendLocation('users/1')),
    await messageOf(sendLocation('/users/1')),
    await messageOf((app) => { send({ id: 'new', version: 1 })(app); app.get('/users/new', async () => {}) }),
    await messageOf((app) => { readUser(app); sendLocation('/api/users/1')(app) }, POST, { basePath: '/api' }),
    await messageOf((app) => { readUser(app); sendByHand({ location: '/users/1', etag: 7 })(app) }),
    await messageOf(forgotten, PUT({ 'if-match': '"1"' })),
    // 4xx
    await messageOf(update, PUT({ 'if-match': '1' })),
    await messageOf(update, PUT({ 'content-range': 'bytes 0-1/2' })),
    await messageOf(missing, { url: '/users/1' }),
    await messageOf((app) => app.put('/users/:id', async (request) => { throw request.lostUpdate() }), PUT()),
    await messageOf(update, PUT({ 'if-match': '"2"' })),
    await messageOf(update, PUT())
  ]
  const { NODE_ENV = '' } = process.env
  process.env.NODE_ENV = 'production'
  messages.push(await messageOf(sendByHand({ etag: '"1"' }), POST, { enforcement: 'throw' }))
  process.env.NODE_ENV = NODE_ENV

  const given = messages.join('\n')
  const [, text] = /^(## The app doesn't start[^]*?)^## A browser/m.exec(readFileSync('docs/troubleshooting.md', 'utf8'))!
  const shown = [...text.matchAll(/^\| (?:\d+ )?`(.+?)` \|/gm)].map(([, message]) => message)
  t.ok(shown.length > 25)
  for (const message of shown) {
    // Without the plugin, the message is that of Node.js.
    t.ok(given.includes(message) || message === 'reply.created is not a function', message)
  }
})
