/**
 * What the plugin adds to one request, in nanoseconds: each case beside the bare Fastify route that does the same by hand.
 * Requests go straight into the app's handler and their bytes nowhere, without sockets and without an injection layer,
 * so that single microseconds show. By turns, in one process. Run it with `npm run bench:micro`.
 */
import { IncomingMessage, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import created, { evaluatePreconditions, resource, type PluginOptions } from 'fastify-created'

const ROUNDS = 61
const BATCH = 2000

interface User { id: number, name: string, version: number }
const ann: User = { id: 42, name: 'Ann', version: 7 }
const schema = { type: 'object', required: ['id', 'name', 'version'], properties: { id: { type: 'integer' }, name: { type: 'string' }, version: { type: 'integer' } } }
const response = { response: { 200: schema, 201: schema } }
const user = resource<User>({ etag: (user) => user.version })

type App = (app: FastifyInstance) => void
interface Case { name: string, method: string, url: string, headers?: Record<string, string>, bare: App, own: App, options?: PluginOptions }

const home = (app: FastifyInstance) => app.get('/users/:id', { schema: response, config: { resource: user } }, async (_request, reply) => reply.ok(ann, { resource: user }))
const bareHome = (app: FastifyInstance) => app.get('/users/:id', { schema: response }, async (_request, reply) => reply.header('etag', '"7"').send(ann))
const bareCreate = (app: FastifyInstance) => {
  bareHome(app)
  app.post('/users', { schema: response }, async (_request, reply) => reply.code(201).headers({ location: `/users/${ann.id}`, etag: `"${ann.version}"` }).send(ann))
}
const creates = (app: FastifyInstance) => {
  home(app)
  app.post('/users', { schema: response, config: { resource: user } }, async (_request, reply) => reply.created(ann, { resource: user }))
}
const createsByHand = (app: FastifyInstance) => {
  home(app)
  app.post('/users', { schema: response }, async (_request, reply) => reply.created(ann, { location: `/users/${ann.id}`, etag: ann.version }))
}

const CASES: Case[] = [
  { name: 'guard: a GET that declares nothing', method: 'GET', url: '/plain', bare: (app) => app.get('/plain', { schema: response }, async () => ann), own: (app) => app.get('/plain', { schema: response }, async () => ann) },
  { name: 'created() by resource, log', method: 'POST', url: '/users', bare: bareCreate, own: creates, options: { enforcement: 'log' } },
  { name: 'created() by resource, throw', method: 'POST', url: '/users', bare: bareCreate, own: creates, options: { enforcement: 'throw' } },
  { name: 'created() by hand, log', method: 'POST', url: '/users', bare: bareCreate, own: createsByHand, options: { enforcement: 'log' } },
  { name: 'created() by hand, throw', method: 'POST', url: '/users', bare: bareCreate, own: createsByHand, options: { enforcement: 'throw' } },
  { name: 'ok(): 200', method: 'GET', url: '/users/42', bare: bareHome, own: home },
  {
    name: 'ok(): 304',
    method: 'GET',
    url: '/users/42',
    headers: { 'if-none-match': '"7"' },
    bare: (app) => app.get('/users/:id', { schema: response }, async (request, reply) => {
      reply.header('etag', '"7"')
      return request.headers['if-none-match'] === '"7"' ? reply.code(304).send() : reply.send(ann)
    }),
    own: home
  },
  {
    name: 'assertPreconditions()',
    method: 'PUT',
    url: '/users/42',
    headers: { 'if-match': '"7"' },
    bare: (app) => app.put('/users/:id', { schema: response }, async (request, reply) => request.headers['if-match'] === '"7"' ? reply.send(ann) : reply.code(412).send()),
    own: (app) => {
      home(app)
      app.put('/users/:id', { schema: response, config: { resource: user } }, async (request, reply) => {
        request.assertPreconditions(ann, { resource: user })
        return reply.send(ann)
      })
    }
  },
  {
    name: 'locate()',
    method: 'GET',
    url: '/link',
    bare: (app) => app.get('/link', async (_request, reply) => reply.send(`/users/${ann.id}`)),
    own: (app) => {
      home(app)
      app.get('/link', async (request, reply) => reply.send(request.locate(user, ann)))
    }
  }
]

class Nowhere extends Duplex {
  override _read () {}
  override _write (_chunk: unknown, _encoding: string, done: () => void) { done() }
}

/** A request that arrives whole, and the time until its answer is. */
function request (app: FastifyInstance, { method, url, headers }: Case): Promise<number> {
  return new Promise((resolve) => {
    const socket = new Nowhere() as unknown as Socket
    const incoming = new IncomingMessage(socket)
    Object.assign(incoming, { method, url, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 })
    incoming.headers = { host: 'localhost', ...headers }
    incoming.push(null)
    const outgoing = new ServerResponse(incoming)
    outgoing.assignSocket(socket)
    outgoing.on('finish', () => resolve(outgoing.statusCode))
    app.routing(incoming, outgoing)
  })
}

async function batch (app: FastifyInstance, one: Case): Promise<number> {
  const begin = performance.now()
  for (let n = 0; n < BATCH; n++) await request(app, one)
  return (performance.now() - begin) / BATCH * 1e6
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]

const only = process.argv[2]
const table: Record<string, object> = {}
for (const one of CASES.filter(({ name }) => only === undefined || name.includes(only))) {
  const bare = Fastify()
  one.bare(bare)
  await bare.ready()
  const own = Fastify()
  await own.register(created, one.options ?? {})
  one.own(own)
  await own.ready()
  const statuses = [await request(bare, one), await request(own, one)]
  if (statuses[0] !== statuses[1]) throw new Error(`${one.name}: ${statuses}`)
  const runs = { bare: [] as number[], own: [] as number[], ratio: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    const [a, b] = round % 2 === 0 ? [await batch(bare, one), await batch(own, one)] : [await batch(own, one), await batch(bare, one)].reverse()
    if (round < 5) continue // warming up
    runs.bare.push(a)
    runs.own.push(b)
    runs.ratio.push(a / b)
  }
  const [a, b] = [median(runs.bare), median(runs.own)]
  table[one.name] = { 'bare ns': Math.round(a), 'own ns': Math.round(b), 'adds ns': Math.round(b - a), ratio: median(runs.ratio).toFixed(3) }
}
const begin = performance.now()
for (let n = 0; n < 1e6; n++) evaluatePreconditions({ method: 'GET', headers: { 'if-none-match': '"7"' } }, { etag: 7 })
console.table(table)
console.log(`evaluatePreconditions(): ${Math.round(performance.now() - begin)} ns`)
