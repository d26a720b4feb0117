/**
 * What the plugin adds to one request, in nanoseconds. Each case is compared with a plain Fastify route that does the
 * same by hand. Requests go directly to the app's handler, without sockets and without `inject()`, so that single
 * microseconds are measurable. Each case has its own process. Run it with `npm run bench:micro`. An argument selects
 * cases by name, and then nothing is written.
 */
import { spawnSync } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import Fastify, { type FastifyInstance, type FastifySchema } from 'fastify'
import fastifyCreated, { evaluatePreconditions, resource, type FastifyCreatedOptions } from 'fastify-created'
import { request } from './in-process.js'
import { record, table } from './record.js'

const ROUNDS = 1_000
const BATCH = 500

interface User { id: number, name: string, version: number }
const ann: User = { id: 42, name: 'Ann', version: 7 }
const userSchema = {
  type: 'object',
  required: ['id', 'name', 'version'],
  properties: { id: { type: 'integer' }, name: { type: 'string' }, version: { type: 'integer' } }
}
const schema: FastifySchema = { response: { 200: userSchema, 201: userSchema } }
const userResource = resource<User>({ etag: (user) => user.version })

type AddRoutes = (app: FastifyInstance) => void
type Row = Array<string | number>

interface Case {
  name: string
  method: string
  url: string
  headers?: Record<string, string>
  /** The same by hand, without the plugin. */
  plain: AddRoutes
  plugin: AddRoutes
  options?: FastifyCreatedOptions
}

const plainGet: AddRoutes = (app) => app.get('/plain', { schema }, async () => ann)

const readByHand: AddRoutes = (app) => app.get('/users/:id', { schema }, async (_request, reply) => {
  return reply.header('etag', '"7"').send(ann)
})

const createByHand: AddRoutes = (app) => {
  readByHand(app)
  app.post('/users', { schema }, async (_request, reply) => {
    return reply.code(201).headers({ location: `/users/${ann.id}`, etag: `"${ann.version}"` }).send(ann)
  })
}

const read: AddRoutes = (app) => {
  return app.get('/users/:id', { schema, config: { resource: userResource } }, async (_request, reply) => {
    return reply.ok(ann, { resource: userResource })
  })
}

const createByResource: AddRoutes = (app) => {
  read(app)
  app.post('/users', { schema, config: { resource: userResource } }, async (_request, reply) => {
    return reply.created(ann, { resource: userResource })
  })
}

const createByLocation: AddRoutes = (app) => {
  read(app)
  app.post('/users', { schema }, async (_request, reply) => {
    return reply.created(ann, { location: `/users/${ann.id}`, etag: ann.version })
  })
}

const GET_PLAIN = { method: 'GET', url: '/plain', plain: plainGet, plugin: plainGet }
const POST_USERS = { method: 'POST', url: '/users', plain: createByHand }
const GET_USER = { method: 'GET', url: '/users/42', plugin: read }

const CASES: Case[] = [
  { name: 'response checks of a GET that declares nothing, log', ...GET_PLAIN, options: { enforcement: 'log' } },
  { name: 'response checks of a GET that declares nothing, throw', ...GET_PLAIN, options: { enforcement: 'throw' } },
  { name: 'created() by resource, log', ...POST_USERS, plugin: createByResource, options: { enforcement: 'log' } },
  { name: 'created() by resource, throw', ...POST_USERS, plugin: createByResource, options: { enforcement: 'throw' } },
  { name: 'created() by hand, log', ...POST_USERS, plugin: createByLocation, options: { enforcement: 'log' } },
  { name: 'created() by hand, throw', ...POST_USERS, plugin: createByLocation, options: { enforcement: 'throw' } },
  { name: 'ok(): 200', ...GET_USER, plain: readByHand },
  {
    name: 'ok(): 304',
    ...GET_USER,
    headers: { 'if-none-match': '"7"' },
    plain: (app) => app.get('/users/:id', { schema }, async (request, reply) => {
      reply.header('etag', '"7"')
      return request.headers['if-none-match'] === '"7"' ? reply.code(304).send() : reply.send(ann)
    })
  },
  {
    name: 'assertPreconditions()',
    method: 'PUT',
    url: '/users/42',
    headers: { 'if-match': '"7"' },
    plain: (app) => app.put('/users/:id', { schema }, async (request, reply) => {
      return request.headers['if-match'] === '"7"' ? reply.send(ann) : reply.code(412).send()
    }),
    plugin: (app) => {
      read(app)
      app.put('/users/:id', { schema, config: { resource: userResource } }, async (request, reply) => {
        request.assertPreconditions(ann, { resource: userResource })
        return reply.send(ann)
      })
    }
  },
  {
    name: 'urlFor()',
    method: 'GET',
    url: '/link',
    plain: (app) => app.get('/link', async (_request, reply) => reply.send(`/users/${ann.id}`)),
    plugin: (app) => {
      read(app)
      app.get('/link', async (request, reply) => reply.send(request.urlFor(userResource, ann)))
    }
  }
]

/** @returns nanoseconds per request */
async function runBatch (app: FastifyInstance, testCase: Case): Promise<number> {
  const start = performance.now()
  for (let n = 0; n < BATCH; n++) await request(app, testCase)
  return (performance.now() - start) / BATCH * 1e6
}

async function measure (testCase: Case): Promise<Row> {
  const plain = Fastify()
  testCase.plain(plain)
  await plain.ready()
  const plugin = Fastify()
  await plugin.register(fastifyCreated, testCase.options ?? {})
  testCase.plugin(plugin)
  await plugin.ready()
  const statuses = [await request(plain, testCase), await request(plugin, testCase)]
  if (statuses[0] !== statuses[1]) throw new Error(`${testCase.name}: ${statuses}`)
  const best = { plain: Infinity, plugin: Infinity }
  for (let round = 0; round < ROUNDS; round++) {
    best.plain = Math.min(best.plain, await runBatch(plain, testCase))
    best.plugin = Math.min(best.plugin, await runBatch(plugin, testCase))
  }
  return [testCase.name, Math.round(best.plain), Math.round(best.plugin), Math.round(best.plugin - best.plain)]
}

/** In one process, code that V8 has optimized for one case would be slower for the next. */
function measureInOwnProcess ({ name }: Case): Row {
  const { stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, script, name], { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

function measureEvaluation (): Row {
  const conditionalRequest = { method: 'GET', headers: { 'if-none-match': '"7"' } }
  const start = performance.now()
  for (let n = 0; n < 1e6; n++) evaluatePreconditions(conditionalRequest, { etag: 7 })
  return ['evaluatePreconditions() alone', '', '', Math.round(performance.now() - start)]
}

const [, script, filter] = process.argv
if (filter === undefined) {
  const rows = [...CASES.map(measureInOwnProcess), measureEvaluation()]
  record('One request, in nanoseconds', `\`npm run bench:micro\`: a whole request in the app's handler, without sockets,
compared with a plain Fastify route that does the same by hand. Each row has its own process, in which both alternate.
Each figure is the best of ${ROUNDS.toLocaleString('en')} batches of ${BATCH} requests, because other load on the
machine only adds time.

${table(['', 'by hand, ns', 'with fastify-created, ns', 'difference, ns'], rows)}`)
} else {
  for (const testCase of CASES.filter(({ name }) => name.includes(filter))) {
    console.log(JSON.stringify(await measure(testCase)))
  }
}
