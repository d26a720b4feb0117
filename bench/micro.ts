/**
 * What the plugin adds to one request, in nanoseconds: each case beside the bare Fastify route that does the same by hand.
 * Requests go straight into the app's handler and their bytes nowhere, without sockets and without an injection layer,
 * so that single microseconds show. By turns, each case in a process of its own. Run it with `npm run bench:micro`; an
 * argument picks cases by their name, for a look that is not written down.
 */
import { spawnSync } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import Fastify, { type FastifyInstance, type FastifySchema } from 'fastify'
import created, { evaluatePreconditions, resource, type PluginOptions } from 'fastify-created'
import { request } from './in-process.js'
import { record, table } from './record.js'

const ROUNDS = 1_000
const BATCH = 500

interface User { id: number, name: string, version: number }
const ann: User = { id: 42, name: 'Ann', version: 7 }
const schema = { type: 'object', required: ['id', 'name', 'version'], properties: { id: { type: 'integer' }, name: { type: 'string' }, version: { type: 'integer' } } }
const response: FastifySchema = { response: { 200: schema, 201: schema } }
const user = resource<User>({ etag: (user) => user.version })

type App = (app: FastifyInstance) => void
type Row = Array<string | number>
interface Case { name: string, method: string, url: string, headers?: Record<string, string>, bare: App, own: App, options?: PluginOptions }

const plain = (app: FastifyInstance) => app.get('/plain', { schema: response }, async () => ann)
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
  { name: 'guard: a GET that declares nothing, log', method: 'GET', url: '/plain', bare: plain, own: plain, options: { enforcement: 'log' } },
  { name: 'guard: a GET that declares nothing, throw', method: 'GET', url: '/plain', bare: plain, own: plain, options: { enforcement: 'throw' } },
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

async function batch (app: FastifyInstance, one: Case): Promise<number> {
  const begin = performance.now()
  for (let n = 0; n < BATCH; n++) await request(app, one)
  return (performance.now() - begin) / BATCH * 1e6
}

async function measure (one: Case): Promise<Row> {
  const bare = Fastify()
  one.bare(bare)
  await bare.ready()
  const own = Fastify()
  await own.register(created, one.options ?? {})
  one.own(own)
  await own.ready()
  const statuses = [await request(bare, one), await request(own, one)]
  if (statuses[0] !== statuses[1]) throw new Error(`${one.name}: ${statuses}`)
  const best = { bare: Infinity, own: Infinity }
  for (let round = 0; round < ROUNDS; round++) {
    best.bare = Math.min(best.bare, await batch(bare, one))
    best.own = Math.min(best.own, await batch(own, one))
  }
  return [one.name, Math.round(best.bare), Math.round(best.own), Math.round(best.own - best.bare)]
}

/** What one case has compiled is slower for the next, whose apps have other shapes. */
function measureApart ({ name }: Case): Row {
  const { stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, script, name], { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

function evaluation (): Row {
  const begin = performance.now()
  for (let n = 0; n < 1e6; n++) evaluatePreconditions({ method: 'GET', headers: { 'if-none-match': '"7"' } }, { etag: 7 })
  return ['evaluatePreconditions() alone', '', '', Math.round(performance.now() - begin)]
}

const [, script, only] = process.argv
if (only === undefined) {
  const rows = [...CASES.map(measureApart), evaluation()]
  record('One request, in nanoseconds', `\`npm run bench:micro\`: a whole request in the app's handler, without sockets, beside the bare Fastify route that does
the same by hand, by turns in one process for each row. Each figure is the best of ${ROUNDS.toLocaleString('en')} batches of ${BATCH}, because what else
runs on a machine only ever adds.

${table(['', 'by hand, ns', 'with fastify-created, ns', 'adds, ns'], rows)}`)
} else {
  for (const one of CASES.filter(({ name }) => name.includes(only))) console.log(JSON.stringify(await measure(one)))
}
