/**
 * How much `fastify-created lint` adds to the startup of an app with 1,000 routes. Half of the routes create resources,
 * the other half are the canonical routes of those, in plugins of ten resources each. Each run has its own process, and
 * runs with and without the command alternate. Run it with `npm run bench:lint`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { quantile } from './record.js'

const ROUTES = 1000
const RUNS = 9

const COMMAND = fileURLToPath(new URL('../dist/cli/bin.js', import.meta.url))
const APP = `
import Fastify from 'fastify'
import fastifyCreated, { resource } from 'fastify-created'

const app = Fastify()
await app.register(fastifyCreated)
const Thing = { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } }
const resources = Array.from({ length: 10 }, () => resource({ etag: (thing) => thing.version }))
const handler = async () => 'never called'
for (let version = 0; version < ${ROUTES} / 20; version++) {
  app.register(async (scope) => {
    for (const [n, resource] of resources.entries()) {
      scope.post('/things-' + n, { config: { resource }, schema: { response: { 201: Thing } } }, handler)
      scope.get('/things-' + n + '/:id', { config: { resource }, schema: { response: { 200: Thing } } }, handler)
    }
  }, { prefix: '/v' + version })
}
await app.ready()
export default app
`

/** @returns milliseconds from the start of the process to its end */
function measure (args: string[]): number {
  const start = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return performance.now() - start
}

// In a folder of this package, the app can import the package by its name.
const folder = mkdtempSync(fileURLToPath(new URL('./lint-', import.meta.url)))
try {
  const file = join(folder, 'app.js')
  writeFileSync(file, APP)
  const runs = { boot: [] as number[], lint: [] as number[] }
  for (let run = 0; run < RUNS; run++) {
    runs.boot.push(measure([file]))
    runs.lint.push(measure([COMMAND, 'lint', file]))
  }
  const [boot, lint] = [quantile(runs.boot, 0.5), quantile(runs.lint, 0.5)]
  const [bootTime, lintTime, difference] = [boot, lint, lint - boot].map((time) => `${time.toFixed(0)} ms`)
  console.log(`${ROUTES} routes, median of ${RUNS}: startup ${bootTime}, lint ${lintTime}, ${difference} more`)
} finally {
  rmSync(folder, { recursive: true })
}
