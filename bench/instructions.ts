/**
 * The same comparisons as bench/http.ts, in instructions: what else the machine does changes none of them, so that a
 * difference shows that time would hide. They are counted by valgrind, which has to be installed. It prints a table and
 * writes it to docs/benchmarks.md. Run it with `npm run bench:instructions`; an argument picks comparisons by their name,
 * for a look that is not written down.
 */
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { comparisons, FLOOR, KINDS, loadFor, serversOf, type Kind, type Load } from './comparisons.js'
import { record, table } from './record.js'

const WARM_UP = 30_000
const COUNTED = 2_000
// What V8 compiles meanwhile is counted, too, and some processes are late to have all compiled: the lowest count has none of it.
const STARTS = 2
const COUNTS = 3

/** @returns instructions for a request, outside the kernel */
async function count (name: string, kind: Kind): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'instructions-'))
  const callgrind = ['--tool=callgrind', '--instr-atstart=no', '--smc-check=all-non-file', `--callgrind-out-file=${directory}/counted`, process.execPath]
  const server = fork('bench/variants.mjs', [name], { execPath: 'valgrind', execArgv: callgrind, env: { ...process.env, NODE_ENV: 'production' }, silent: true })
  const ended = once(server, 'exit')
  try {
    const [port] = await once(server, 'message')
    const url = `http://127.0.0.1:${port}`
    const load = await loadFor(kind, url)
    await send(WARM_UP, url, load)
    const counts: number[] = []
    for (let n = 1; n <= COUNTS; n++) {
      control(server.pid!, '--instr=on')
      await send(COUNTED, url, load)
      control(server.pid!, '--instr=off')
      control(server.pid!, '--dump')
      const [, total] = /^totals: (\d+)/m.exec(await readFile(`${directory}/counted.${n}`, 'latin1'))!
      counts.push(Number(total) / COUNTED)
    }
    return Math.min(...counts)
  } finally {
    server.kill()
    await ended
    await rm(directory, { recursive: true })
  }
}

/** On one connection from the first to the last: V8 compiles anew when another one comes. */
async function send (amount: number, url: string, { path, status, ...request }: Load): Promise<void> {
  for (let n = 0; n < amount; n++) {
    const response = await fetch(url + path, request)
    await response.arrayBuffer()
    if (response.status !== status) throw new Error(`${url}${path}: ${response.status}`)
  }
}

function control (pid: number, command: string): void {
  const { status, stderr } = spawnSync('callgrind_control', [command, String(pid)], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`callgrind_control ${command}: ${stderr}`)
}

async function compare (only: string | undefined): Promise<void> {
  const rows: string[][] = []
  for (const kind of KINDS) {
    const compared = comparisons(kind, only)
    const counts = new Map<string, number>()
    for (const name of serversOf(compared)) {
      const inStarts: number[] = []
      for (let n = 0; n < STARTS; n++) inStarts.push(await count(name, kind))
      counts.set(name, Math.min(...inStarts))
    }
    for (const { what, own, peer } of compared) {
      const [ours, theirs] = [counts.get(own)!, counts.get(peer)!]
      const row = [what, (theirs / ours).toFixed(3), (ours - theirs).toFixed(0), theirs.toFixed(0)]
      console.log(row.join(' | '))
      rows.push(row)
    }
  }
  if (only !== undefined) return
  record('Instructions of a request', `\`npm run bench:instructions\`: what a process runs for a request outside the kernel, counted by valgrind, after
${WARM_UP.toLocaleString('en')} requests, the lowest of ${COUNTS} counts of ${COUNTED.toLocaleString('en')} in each of ${STARTS} starts; as a ratio, where 1 is as few as what it is compared with,
and above 1 is fewer. What the kernel does for a request, which is the same for both, is not counted: it brings the ratios of time nearer
to 1. What an instruction costs is not counted either: all that runs once a request, and so is cold, costs more than most. ${FLOOR}

${table(['', 'ratio', 'instructions more', 'instructions of the other'], rows)}`, '@fastify/etag')
}

if (spawnSync('valgrind', ['--version']).status === 0) await compare(process.argv[2])
else console.log('bench:instructions counts with valgrind, which is not installed: nothing is counted.')
