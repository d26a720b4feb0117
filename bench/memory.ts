/**
 * Whether a server with the plugin grows: a million requests in one process, which create, read and revalidate. Run it
 * with `npm run bench:memory`.
 */
import Fastify from 'fastify'
import created, { resource } from 'fastify-created'
import { request } from './in-process.js'
import { record, table } from './record.js'

const REQUESTS = 1_000_000
const STEPS = 5

const collect = globalThis.gc
if (collect === undefined) throw new Error('run it with node --expose-gc')

const user = resource<{ id: number, version: number }>({ etag: (user) => user.version })
const app = Fastify()
await app.register(created, { enforcement: 'throw' })
let id = 0
app.post('/users', { config: { resource: user } }, async (_request, reply) => reply.created({ id: ++id, version: 1 }))
app.get('/users/:id', { config: { resource: user } }, async (request, reply) => reply.ok({ id: Number(Object(request.params).id), version: 1 }))
await app.ready()

async function load (requests: number): Promise<void> {
  for (let n = 0; n < requests; n += 4) {
    const statuses = [
      await request(app, { method: 'POST', url: '/users' }),
      await request(app, { method: 'GET', url: `/users/${n}` }),
      await request(app, { method: 'GET', url: `/users/${n}`, headers: { 'if-none-match': '"1"' } }),
      await request(app, { method: 'GET', url: `/nobody/${n}` })
    ]
    if (statuses.join() !== '201,200,304,404') throw new Error(`${statuses}`)
  }
}

function heap (): number {
  collect!()
  collect!()
  return process.memoryUsage().heapUsed / 2 ** 20
}

await load(100_000)
const before = heap()
const rows: Array<Array<string | number>> = [['0', before.toFixed(2), '']]
for (let step = 1; step <= STEPS; step++) {
  await load(REQUESTS / STEPS)
  const now = heap()
  rows.push([(REQUESTS / STEPS * step).toLocaleString('en'), now.toFixed(2), `${((now - before) * 2 ** 20 / (REQUESTS / STEPS * step)).toFixed(2)}`])
}
record('Memory', `\`npm run bench:memory\`: the heap after collections of garbage, when 100,000 requests have warmed it up.\n\n${
  table(['requests', 'heap, MiB', 'growth, bytes a request'], rows)}`)
