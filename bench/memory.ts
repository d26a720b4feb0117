/**
 * Whether memory grows with the number of requests: a million requests in one process, which create, read and
 * revalidate. Run it with `npm run bench:memory`.
 */
import Fastify from 'fastify'
import fastifyCreated, { resource } from 'fastify-created'
import { request } from './in-process.js'
import { record, table } from './record.js'

const REQUESTS = 1_000_000
const STEPS = 5

const collectGarbage = globalThis.gc
if (collectGarbage === undefined) throw new Error('Run this with node --expose-gc, or with npm run bench:memory')

const userResource = resource<{ id: number, version: number }>({ etag: (user) => user.version })
const app = Fastify()
await app.register(fastifyCreated, { enforcement: 'throw' })
let id = 0
app.post('/users', { config: { resource: userResource } }, async (_request, reply) => {
  return reply.created({ id: ++id, version: 1 })
})
app.get('/users/:id', { config: { resource: userResource } }, async (request, reply) => {
  return reply.ok({ id: Number(Object(request.params).id), version: 1 })
})
await app.ready()

async function load (requests: number): Promise<void> {
  for (let n = 0; n < requests; n += 4) {
    const statuses = [
      await request(app, { method: 'POST', url: '/users' }),
      await request(app, { method: 'GET', url: `/users/${n}` }),
      await request(app, { method: 'GET', url: `/users/${n}`, headers: { 'if-none-match': '"1"' } }),
      await request(app, { method: 'GET', url: `/not-found/${n}` })
    ]
    if (statuses.join() !== '201,200,304,404') throw new Error(`${statuses}`)
  }
}

/** @returns MiB */
function heapSize (): number {
  collectGarbage!()
  collectGarbage!()
  return process.memoryUsage().heapUsed / 2 ** 20
}

await load(100_000)
const before = heapSize()
const rows: Array<Array<string | number>> = [['0', before.toFixed(2), '']]
for (let step = 1; step <= STEPS; step++) {
  await load(REQUESTS / STEPS)
  const requests = REQUESTS / STEPS * step
  const heap = heapSize()
  rows.push([requests.toLocaleString('en'), heap.toFixed(2), ((heap - before) * 2 ** 20 / requests).toFixed(2)])
}
record('Memory', `\`npm run bench:memory\`: the size of the heap after garbage collection.
100,000 requests for warm-up come before the first row.

${table(['requests', 'heap, MiB', 'growth, bytes per request'], rows)}`)
