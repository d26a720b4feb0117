/**
 * What the command adds to the boot of an app of 1,000 routes: half of them create resources that the other half are
 * the homes of, in scopes of ten resources each. Both in processes of their own, by turns. Run it with
 * `npm run bench:lint`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'

const ROUTES = 1000
const RUNS = 9

const COMMAND = fileURLToPath(new URL('../dist/cli/bin.js', import.meta.url))
const APP = `
import Fastify from 'fastify'
import created, { resource } from 'fastify-created'

const app = Fastify()
await app.register(created)
const Thing = { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } }
const resources = Array.from({ length: 10 }, () => resource({ etag: (value) => value.version }))
for (let version = 0; version < ${ROUTES} / 20; version++) {
  app.register(async (scope) => {
    for (const [n, resource] of resources.entries()) {
      scope.post('/things-' + n, { config: { resource }, schema: { response: { 201: Thing } } }, async () => 'never called')
      scope.get('/things-' + n + '/:id', { config: { resource }, schema: { response: { 200: Thing } } }, async () => 'never called')
    }
  }, { prefix: '/v' + version })
}
await app.ready()
export default app
`

/** @returns milliseconds from the start of the process to its end */
function measure (args: string[]): number {
  const begin = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return performance.now() - begin
}

function median (values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]
}

// Below this folder the app finds the package by its own name.
const folder = mkdtempSync(fileURLToPath(new URL('./lint-', import.meta.url)))
try {
  const file = join(folder, 'app.js')
  writeFileSync(file, APP)
  const runs = { boot: [] as number[], lint: [] as number[] }
  for (let run = 0; run < RUNS; run++) {
    runs.boot.push(measure([file]))
    runs.lint.push(measure([COMMAND, 'lint', file]))
  }
  const [boot, lint] = [median(runs.boot), median(runs.lint)]
  console.log(`${ROUTES} routes, median of ${RUNS}: the app boots in ${boot.toFixed(0)} ms, lint takes ${lint.toFixed(0)} ms, ${(lint - boot).toFixed(0)} ms more`)
} finally {
  rmSync(folder, { recursive: true })
}
