/**
 * What the plugin costs over HTTP, against the same app without it and against @fastify/etag: each server in a process
 * of its own, loaded by turns, and the median of the ratios of neighbouring runs. It prints a table and writes it to
 * docs/benchmarks.md. Run it on a quiet machine with `npm run bench`. `SECONDS_A_RUN` and `PAIRS` change the size, and
 * an argument picks comparisons by their name, for a look that is not written down.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import autocannon from 'autocannon'

const SECONDS_A_RUN = Number(process.env.SECONDS_A_RUN ?? 2)
const PAIRS = Number(process.env.PAIRS ?? 15)

interface Load { method: 'GET' | 'POST', path: string, headers?: Record<string, string>, body?: string }

const POST: Load = { method: 'POST', path: '/users', headers: { 'content-type': 'application/json' }, body: '{"name":"Ann"}' }
const GET: Load = { method: 'GET', path: '/users/42' }

const COMPARISONS: Array<[what: string, own: string, peer: string, load: Load]> = [
  ['created() by resource, enforcement log, against bare Fastify', 'created by resource, log', 'bare', POST],
  ['created() by resource, enforcement throw, against bare Fastify', 'created by resource, throw', 'bare', POST],
  ['created() by hand, enforcement log, against bare Fastify', 'created by hand, log', 'bare', POST],
  ['created() by hand, enforcement throw, against bare Fastify', 'created by hand, throw', 'bare', POST],
  ['created() by resource, enforcement log, against @fastify/etag', 'created by resource, log', '@fastify/etag', POST],
  ['304 by ok(), against @fastify/etag', 'created by resource, log', '@fastify/etag', GET],
  ['GET that declares nothing, against bare Fastify', 'undeclared, log', 'bare', GET]
]

const servers = new Map<string, { process: ChildProcess, url: string }>()

async function serverOf (name: string): Promise<string> {
  const known = servers.get(name)
  if (known !== undefined) return known.url
  const child = spawn(process.execPath, ['--import', 'tsx', 'bench/variants.ts', name], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_ENV: 'production' } })
  const [port] = await once(child.stdout, 'data')
  const url = `http://127.0.0.1:${String(port).trim()}`
  servers.set(name, { process: child, url })
  return url
}

/** @returns requests a second */
async function run (name: string, load: Load, duration = SECONDS_A_RUN): Promise<number> {
  const { path, ...request } = load
  const { requests, non2xx, statusCodeStats, errors, duration: took } = await autocannon({ url: await serverOf(name) + path, connections: 50, duration, ...request })
  const isExpected = load.headers?.['if-none-match'] === undefined ? non2xx === 0 : Object.keys(statusCodeStats ?? {}).join() === '304'
  if (errors > 0 || !isExpected) throw new Error(`${name}: ${errors} errors, ${JSON.stringify(statusCodeStats)}`)
  return requests.total / took
}

/** The tag differs from server to server, and so does what makes the 304. */
async function prepare (name: string, load: Load, isConditional: boolean): Promise<Load> {
  if (!isConditional) return load
  const etag = (await fetch(await serverOf(name) + load.path)).headers.get('etag')!
  return { ...load, headers: { 'if-none-match': etag } }
}

function quantile (values: number[], q: number): number {
  return [...values].sort((a, b) => a - b)[Math.round((values.length - 1) * q)]
}

const only = process.argv[2]
const rows: string[] = []
try {
  for (const [what, own, peer, load] of COMPARISONS.filter(([what]) => only === undefined || what.includes(only))) {
    const isConditional = what.startsWith('304')
    const [ownLoad, peerLoad] = [await prepare(own, load, isConditional), await prepare(peer, load, isConditional)]
    await run(own, ownLoad, 2)
    await run(peer, peerLoad, 2)
    const ratios: number[] = []
    const rates: number[] = []
    for (let pair = 0; pair < PAIRS; pair++) {
      // Who goes first changes, so that neither gains from what comes before.
      const isOwnFirst = pair % 2 === 0
      const first = isOwnFirst ? await run(own, ownLoad) : await run(peer, peerLoad)
      const second = isOwnFirst ? await run(peer, peerLoad) : await run(own, ownLoad)
      const [ownRate, peerRate] = isOwnFirst ? [first, second] : [second, first]
      ratios.push(ownRate / peerRate)
      rates.push(peerRate)
    }
    const row = `| ${what} | ${quantile(ratios, 0.5).toFixed(3)} | ${quantile(ratios, 0.25).toFixed(3)} to ${quantile(ratios, 0.75).toFixed(3)} | ${Math.round(quantile(rates, 0.5))} |`
    console.log(row)
    rows.push(row)
  }
} finally {
  for (const { process } of servers.values()) process.kill()
}

const version = (name: string) => `${name} ${JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version}`
if (only === undefined) {
  writeFileSync('docs/benchmarks.md', `# Benchmarks

Written by \`npm run bench\`. Throughput as a ratio: 1 is as fast as what it is compared with, above 1 is faster. Each server has a
process of its own; both are loaded by turns, ${PAIRS} times ${SECONDS_A_RUN} s each with 50 connections, and each ratio is of two neighbouring runs.

| | median | middle half | the other's requests a second |
|---|---|---|---|
${rows.join('\n')}

Node.js ${process.version.slice(1)}, ${version('fastify')}, ${version('@fastify/etag')}, ${version('autocannon')}, ${cpus().length} × ${cpus()[0].model}.
`)
}
