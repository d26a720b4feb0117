/**
 * What the plugin costs over HTTP, against the same app without it and against @fastify/etag: each server in a process
 * of its own, all of them loaded by turns in bursts so short that what else the machine does is done to each. It prints
 * a table and writes it to docs/benchmarks.md. Run it with `npm run bench:http`; an argument picks comparisons by their
 * name, for a look that is not written down. `BURST`, `ROUNDS` and `STARTS` change its size.
 */
import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import autocannon from 'autocannon'
import { comparisons, FLOOR, KINDS, loadFor, serversOf, type Kind, type Load } from './comparisons.js'
import { quantile, record, table } from './record.js'

const BURST = Number(process.env.BURST ?? 3_000)
const ROUNDS = Number(process.env.ROUNDS ?? 20)
const STARTS = Number(process.env.STARTS ?? 16)
const CONNECTIONS = 32
const WARM_UP = 30_000

const SERVERS_CORE = '0'
const CLIENT_CORE = '1'

/** Keeps a process on one core, where the system can: else the scheduler decides what is fast. */
function pin (pid: number, core: string): boolean {
  return spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', core, String(pid)]).status === 0
}

interface Server { process: ChildProcess, url: string, load: Load }

async function start (name: string, kind: Kind): Promise<Server> {
  const child = fork('bench/variants.mjs', [name], { execArgv: [], env: { ...process.env, NODE_ENV: 'production' } })
  if (isPinned) pin(child.pid!, SERVERS_CORE)
  const [port] = await once(child, 'message')
  const url = `http://127.0.0.1:${port}`
  return { process: child, url, load: await loadFor(kind, url) }
}

/** In seconds, since the server's process began. */
async function cpuTime (server: Server): Promise<number> {
  server.process.send('cpu')
  const [{ user, system }] = await once(server.process, 'message')
  return (user + system) / 1e6
}

/** @returns requests a second of CPU time */
async function run (server: Server, amount: number): Promise<number> {
  const { url, load: { path, status, ...request } } = server
  const before = await cpuTime(server)
  const { requests, statusCodeStats, errors } = await autocannon({ url: url + path, connections: CONNECTIONS, amount, sampleInt: 20, ...request } as autocannon.Options)
  const isExpected = Object.keys(statusCodeStats ?? {}).join() === String(status)
  if (errors > 0 || !isExpected) throw new Error(`${url}: ${errors} errors, ${JSON.stringify(statusCodeStats)}`)
  return requests.total / (await cpuTime(server) - before)
}

/** What ran before leaves the caches to it: in a fixed order that is worth 1 %, always to the same. */
function shuffled<T> (values: Iterable<T>): T[] {
  return [...values].map((value) => ({ value, at: Math.random() })).sort((a, b) => a.at - b.at).map(({ value }) => value)
}

type Round = ReadonlyMap<string, number>

/** One start of all servers: what a process is compiled to differs from start to start. */
async function measure (names: string[], kind: Kind): Promise<Round[]> {
  const servers = new Map<string, Server>()
  try {
    for (const name of shuffled(names)) servers.set(name, await start(name, kind))
    for (const server of servers.values()) await run(server, WARM_UP)
    const rounds: Round[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const answered = new Map<string, number>()
      for (const [name, server] of shuffled(servers)) answered.set(name, await run(server, BURST))
      rounds.push(answered)
    }
    return rounds
  } finally {
    for (const server of servers.values()) server.process.kill()
  }
}

// Both cores have to be there: servers that were not pinned must not be said to be.
const isPinned = pin(process.pid, SERVERS_CORE) && pin(process.pid, CLIENT_CORE)
const only = process.argv[2]
const rows: string[][] = []
for (const kind of KINDS) {
  const compared = comparisons(kind, only)
  const names = serversOf(compared)
  const rounds: Round[] = []
  for (let n = 0; n < STARTS && names.length > 0; n++) rounds.push(...await measure(names, kind))
  for (const { what, own, peer } of compared) {
    const [ours, theirs] = [own, peer].map((name) => rounds.map((answered) => answered.get(name)!))
    const ratios = ours.map((rate, round) => rate / theirs[round])
    const row = [
      what,
      quantile(ratios, 0.5).toFixed(3),
      `${quantile(ratios, 0.25).toFixed(3)} to ${quantile(ratios, 0.75).toFixed(3)}`,
      quantile(theirs, 0.5).toFixed(0)
    ]
    console.log(row.join(' | '))
    rows.push(row)
  }
}
if (only === undefined) {
  record('Throughput over HTTP', `\`npm run bench:http\`: requests that a second of CPU time answers, as a ratio, where 1 is as fast as what it is compared
with, and above 1 is faster. Each server has a process of its own; all are loaded by turns in random order, with ${BURST.toLocaleString('en')} requests on
${CONNECTIONS} connections: ${ROUNDS} rounds in each of ${STARTS} starts. ${isPinned ? 'The servers have one core, and what loads them another.' : 'Which core they ran on was left to the system.'}
A server compared with itself shows the noise. ${FLOOR}

${table(['', 'median', 'middle half', 'requests a second of the other'], rows)}`, '@fastify/etag', 'autocannon')
}
