/**
 * What the plugin costs over HTTP, against the same app without it and against @fastify/etag: each server in a process
 * of its own, both loaded at the same time, so that what else the machine does is done to both. It prints a table and
 * writes it to docs/benchmarks.md. Run it with `npm run bench:http`; an argument picks comparisons by their name, for a
 * look that is not written down. `SECONDS_A_RUN`, `PAIRS` and `STARTS` change its size.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import autocannon from 'autocannon'
import { quantile, record, table } from './record.js'

const SECONDS_A_RUN = Number(process.env.SECONDS_A_RUN ?? 3)
const PAIRS = Number(process.env.PAIRS ?? 3)
const STARTS = Number(process.env.STARTS ?? 6)
const CONNECTIONS = 100
const WARM_UP = 3

interface Load { method: 'GET' | 'POST', path: string, headers?: Record<string, string>, body?: string }

const POST: Load = { method: 'POST', path: '/users', headers: { 'content-type': 'application/json' }, body: '{"name":"Ann"}' }
const GET: Load = { method: 'GET', path: '/users/42' }

const COMPARISONS: Array<[what: string, own: string, peer: string, load: Load]> = [
  ['bare Fastify against itself', 'bare', 'bare', POST],
  ['created() by resource, enforcement log, against bare Fastify', 'created by resource, log', 'bare', POST],
  ['created() by resource, enforcement throw, against bare Fastify', 'created by resource, throw', 'bare', POST],
  ['created() by hand, enforcement log, against bare Fastify', 'created by hand, log', 'bare', POST],
  ['created() by hand, enforcement throw, against bare Fastify', 'created by hand, throw', 'bare', POST],
  ['created() by resource, enforcement log, against @fastify/etag', 'created by resource, log', '@fastify/etag', POST],
  ['304 by ok(), against @fastify/etag', 'created by resource, log', '@fastify/etag', GET],
  ['GET that declares nothing, against bare Fastify', 'undeclared, log', 'bare', GET],
  ['POST with a plugin that reads the headers, and does nothing else, against bare Fastify', 'reading', 'bare', POST],
  ['GET with a plugin that reads the headers, and does nothing else, against bare Fastify', 'reading', 'bare', GET]
]

type Server = { process: ChildProcess, url: string }

async function start (name: string): Promise<Server> {
  const child = fork('bench/variants.mjs', [name], { execArgv: [], env: { ...process.env, NODE_ENV: 'production' } })
  const [port] = await once(child, 'message')
  return { process: child, url: `http://127.0.0.1:${port}` }
}

/** In seconds, since the server's process began. */
async function cpuTime (server: Server): Promise<number> {
  server.process.send('cpu')
  const [{ user, system }] = await once(server.process, 'message')
  return (user + system) / 1e6
}

/** @returns requests a second of CPU time */
async function run (server: Server, load: Load, duration = SECONDS_A_RUN): Promise<number> {
  const { path, ...request } = load
  const before = await cpuTime(server)
  const { requests, non2xx, statusCodeStats, errors } = await autocannon({ url: server.url + path, connections: CONNECTIONS, duration, sampleInt: 100, ...request } as autocannon.Options)
  const isExpected = load.headers?.['if-none-match'] === undefined ? non2xx === 0 : Object.keys(statusCodeStats ?? {}).join() === '304'
  if (errors > 0 || !isExpected) throw new Error(`${server.url}: ${errors} errors, ${JSON.stringify(statusCodeStats)}`)
  return requests.total / (await cpuTime(server) - before)
}

/** The tag differs from server to server, and so does what makes the 304. */
async function loadFor ({ url }: Server, load: Load, isConditional: boolean): Promise<Load> {
  if (!isConditional) return load
  const etag = (await fetch(url + load.path)).headers.get('etag')!
  return { ...load, headers: { 'if-none-match': etag } }
}

/** Of one start of both: what a process is compiled to differs from start to start. */
async function compare (own: string, peer: string, load: Load, isConditional: boolean): Promise<Array<[own: number, peer: number]>> {
  const servers = await Promise.all([start(own), start(peer)])
  try {
    const loads = await Promise.all(servers.map((server) => loadFor(server, load, isConditional)))
    const both = (duration?: number) => Promise.all(servers.map((server, at) => run(server, loads[at], duration)))
    await both(WARM_UP)
    const pairs: Array<[number, number]> = []
    for (let pair = 0; pair < PAIRS; pair++) pairs.push(await both() as [number, number])
    return pairs
  } finally {
    for (const server of servers) server.process.kill()
  }
}

const only = process.argv[2]
const rows: string[][] = []
for (const [what, own, peer, load] of COMPARISONS.filter(([what]) => only === undefined || what.includes(only))) {
  const pairs: Array<[own: number, peer: number]> = []
  for (let n = 0; n < STARTS; n++) pairs.push(...await compare(own, peer, load, what.startsWith('304')))
  const ratios = pairs.map(([own, peer]) => own / peer)
  const row = [what, quantile(ratios, 0.5).toFixed(3), `${quantile(ratios, 0.25).toFixed(3)} to ${quantile(ratios, 0.75).toFixed(3)}`, quantile(pairs.map(([, peer]) => peer), 0.5).toFixed(0)]
  console.log(row.join(' | '))
  rows.push(row)
}
if (only === undefined) {
  record('Throughput over HTTP', `\`npm run bench:http\`: requests that a second of CPU time answers, as a ratio, where 1 is as fast as what it is compared
with, and above 1 is faster. Each server has a process of its own; both are loaded at the same time, with ${CONNECTIONS}
connections each, for ${SECONDS_A_RUN} s: ${PAIRS} times in each of ${STARTS} starts. The first row compares a server with itself: what it is
away from 1 is noise. The last two rows are of a plugin that adds a helper which asks for its route, and reads Location,
ETag and Content-Type of what leaves, as fastify-created has to, and does nothing else.

${table(['', 'median', 'middle half', 'requests a second of the other'], rows)}`, '@fastify/etag', 'autocannon')
}
