/**
 * The same comparisons as bench/http.ts, in CPU instructions. Other load on the machine does not change them, so they
 * show small differences that time does not. They are counted by valgrind, which must be installed. Prints a table and
 * writes it to docs/benchmarks.md. Run it with `npm run bench:instructions`. An argument selects comparisons by title,
 * and then nothing is written.
 */
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { comparisons, KINDS, loadFor, MINIMUM_NOTE, serversOf, type Kind, type Load } from './comparisons.js'
import { record, table } from './record.js'

const WARM_UP = 30_000
const REQUESTS = 2_000
// V8's compiler is counted, too, and in some processes it finishes late. The lowest count is the one without it.
const STARTS = 2
const COUNTS = 3

/** @returns instructions per request, outside the kernel */
async function count (name: string, kind: Kind): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'instructions-'))
  const server = fork('bench/variants.mjs', [name], {
    execPath: 'valgrind',
    execArgv: [
      '--tool=callgrind', '--instr-atstart=no', '--smc-check=all-non-file',
      `--callgrind-out-file=${directory}/count`, process.execPath
    ],
    env: { ...process.env, NODE_ENV: 'production' },
    silent: true
  })
  const exited = once(server, 'exit')
  try {
    const [port] = await once(server, 'message')
    const url = `http://127.0.0.1:${port}`
    const load = await loadFor(kind, url)
    await send(WARM_UP, url, load)
    const counts: number[] = []
    for (let n = 1; n <= COUNTS; n++) {
      control(server.pid!, '--instr=on')
      await send(REQUESTS, url, load)
      control(server.pid!, '--instr=off')
      control(server.pid!, '--dump')
      const [, total] = /^totals: (\d+)/m.exec(await readFile(`${directory}/count.${n}`, 'latin1'))!
      counts.push(Number(total) / REQUESTS)
    }
    return Math.min(...counts)
  } finally {
    server.kill()
    await exited
    await rm(directory, { recursive: true })
  }
}

/** One request after the other, on one connection: V8 would compile again for a new one. */
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

async function compare (filter: string | undefined): Promise<void> {
  const rows: string[][] = []
  for (const kind of KINDS) {
    const compared = comparisons(kind, filter)
    const counts = new Map<string, number>()
    for (const name of serversOf(compared)) {
      const countsOfStarts: number[] = []
      for (let n = 0; n < STARTS; n++) countsOfStarts.push(await count(name, kind))
      counts.set(name, Math.min(...countsOfStarts))
    }
    for (const { title, variant, baseline } of compared) {
      const [variantCount, baselineCount] = [counts.get(variant)!, counts.get(baseline)!]
      const ratio = (baselineCount / variantCount).toFixed(3)
      const row = [title, ratio, (variantCount - baselineCount).toFixed(0), baselineCount.toFixed(0)]
      console.log(row.join(' | '))
      rows.push(row)
    }
  }
  if (filter !== undefined) return
  const [warmUp, requests] = [WARM_UP, REQUESTS].map((number) => number.toLocaleString('en'))
  record('Instructions of a request', `\`npm run bench:instructions\`: the instructions that a process runs per request
outside the kernel, counted by valgrind. After ${warmUp} requests, the lowest of ${COUNTS} counts of ${requests}
requests in each of ${STARTS} starts. As a ratio, 1 is as many as the server compared with, above 1 is fewer. The work
of the kernel is not counted. It is the same for both servers, so ratios of time are nearer to 1. The cost of an
instruction is not counted either: code that runs once per request is rarely in the CPU caches, and costs more.
${MINIMUM_NOTE}

${table(['', 'ratio', 'more instructions', 'instructions, compared with'], rows)}`, '@fastify/etag')
}

if (spawnSync('valgrind', ['--version']).status === 0) await compare(process.argv[2])
else console.log('bench:instructions needs valgrind, which is not installed. Nothing was counted.')
