/**
 * What the plugin costs over HTTP, compared with the same app without it and with @fastify/etag. Each server has its
 * own process. They get short bursts of requests in turn, so that other load on the machine affects all of them alike.
 * Prints a table and writes it to docs/benchmarks.md. Run it with `npm run bench:http`. An argument selects comparisons
 * by title, and then nothing is written. `BURST`, `ROUNDS` and `STARTS` change the size.
 */
import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import autocannon from 'autocannon'
import { comparisons, KINDS, loadFor, MINIMUM_NOTE, serversOf, type Kind, type Load } from './comparisons.js'
import { quantile, record, table } from './record.js'

const BURST = Number(process.env.BURST ?? 3_000)
const ROUNDS = Number(process.env.ROUNDS ?? 20)
const STARTS = Number(process.env.STARTS ?? 16)
const CONNECTIONS = 32
const WARM_UP = 30_000

const SERVER_CORE = '0'
const CLIENT_CORE = '1'

/** Keeps a process on one core, if the system can. Otherwise the scheduler influences the result. */
function pin (pid: number, core: string): boolean {
  return spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', core, String(pid)]).status === 0
}

interface Server { process: ChildProcess, url: string, load: Load }

async function start (name: string, kind: Kind): Promise<Server> {
  const env = { ...process.env, NODE_ENV: 'production' }
  const child = fork('bench/variants.mjs', [name], { execArgv: [], env })
  if (isPinned) pin(child.pid!, SERVER_CORE)
  const [port] = await once(child, 'message')
  const url = `http://127.0.0.1:${port}`
  return { process: child, url, load: await loadFor(kind, url) }
}

/** CPU time of the server process since its start, in seconds. */
async function cpuTime (server: Server): Promise<number> {
  server.process.send('cpu')
  const [{ user, system }] = await once(server.process, 'message')
  return (user + system) / 1e6
}

/** @returns requests per second of CPU time */
async function run (server: Server, amount: number): Promise<number> {
  const { url, load: { path, status, ...request } } = server
  const options = { url: url + path, connections: CONNECTIONS, amount, sampleInt: 20, ...request }
  const before = await cpuTime(server)
  const { requests, statusCodeStats, errors } = await autocannon(options as autocannon.Options)
  const isExpected = Object.keys(statusCodeStats ?? {}).join() === String(status)
  if (errors > 0 || !isExpected) throw new Error(`${url}: ${errors} errors, ${JSON.stringify(statusCodeStats)}`)
  return requests.total / (await cpuTime(server) - before)
}

/** Each server leaves its data in the CPU caches. In a fixed order, one of them would always be 1 % faster. */
function shuffled<T> (values: Iterable<T>): T[] {
  return [...values].map((value) => ({ value, key: Math.random() }))
    .sort((a, b) => a.key - b.key).map(({ value }) => value)
}

/** Requests per second of CPU time, by the name of the server. */
type Round = ReadonlyMap<string, number>

/** Starts all servers once. V8 compiles a bit differently on each start, so this is repeated. */
async function measure (names: string[], kind: Kind): Promise<Round[]> {
  const servers = new Map<string, Server>()
  try {
    for (const name of shuffled(names)) servers.set(name, await start(name, kind))
    for (const server of servers.values()) await run(server, WARM_UP)
    const rounds: Round[] = []
    for (let n = 0; n < ROUNDS; n++) {
      const round = new Map<string, number>()
      for (const [name, server] of shuffled(servers)) round.set(name, await run(server, BURST))
      rounds.push(round)
    }
    return rounds
  } finally {
    for (const server of servers.values()) server.process.kill()
  }
}

// Both must work, because the text below says that both are pinned.
const isPinned = pin(process.pid, SERVER_CORE) && pin(process.pid, CLIENT_CORE)
const filter = process.argv[2]
const rows: string[][] = []
for (const kind of KINDS) {
  const compared = comparisons(kind, filter)
  const names = serversOf(compared)
  const rounds: Round[] = []
  for (let n = 0; n < STARTS && names.length > 0; n++) rounds.push(...await measure(names, kind))
  for (const { title, variant, baseline } of compared) {
    const [variantRates, baselineRates] = [variant, baseline].map((name) => rounds.map((round) => round.get(name)!))
    const ratios = variantRates.map((rate, n) => rate / baselineRates[n])
    const row = [
      title,
      quantile(ratios, 0.5).toFixed(3),
      `${quantile(ratios, 0.25).toFixed(3)} to ${quantile(ratios, 0.75).toFixed(3)}`,
      quantile(baselineRates, 0.5).toFixed(0)
    ]
    console.log(row.join(' | '))
    rows.push(row)
  }
}
if (filter === undefined) {
  const cores = isPinned
    ? 'The servers have one core, and the load generator has another.'
    : 'The operating system chose the cores.'
  record('Throughput over HTTP', `\`npm run bench:http\`: requests per second of CPU time, as a ratio to the server
compared with. 1 is equally fast, above 1 is faster. Each server has its own process. All get their requests in turn, in
random order: ${BURST.toLocaleString('en')} requests on ${CONNECTIONS} connections, ${ROUNDS} rounds in each
of ${STARTS} starts. ${cores} A server compared with itself shows the noise. ${MINIMUM_NOTE}

${table(['', 'median', 'middle half', 'requests per second, compared with'], rows)}`, '@fastify/etag', 'autocannon')
}
