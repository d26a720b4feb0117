/**
 * How much the plugin adds to the startup of an app with 1,000 and with 5,000 routes. Half of the routes create
 * resources, the other half are the canonical routes of those, in plugins of ten resources each. Runs with and without
 * fastify-created alternate, each in its own process, so that neither benefits from what the other has warmed up.
 * Run it with `npm run bench:boot`.
 */
import { spawnSync } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import Fastify, { type RouteShorthandOptions } from 'fastify'
import fastifyCreated, { resource } from 'fastify-created'
import { quantile, record, table } from './record.js'

const RESOURCES = 10
const RUNS = 11

const [, script, kind, schemas, routes] = process.argv
const thingSchema = {
  type: 'object',
  required: ['id', 'name'],
  properties: { id: { type: 'integer' }, name: { type: 'string' } }
}

/** @returns milliseconds from the first declaration until the app is ready */
async function boot (): Promise<number> {
  const withPlugin = kind === 'plugin'
  const app = Fastify()
  const start = performance.now()
  if (withPlugin) await app.register(fastifyCreated)
  const handler = async () => 'never called'
  const resources = Array.from({ length: RESOURCES }, () => {
    return resource<{ id: number, version: number }>({ etag: (thing) => thing.version })
  })
  for (let version = 0; version < Number(routes) / RESOURCES / 2; version++) {
    app.register(async (scope) => {
      for (const [n, thingResource] of resources.entries()) {
        const config = withPlugin ? { resource: thingResource } : {}
        const options = (status: number): RouteShorthandOptions =>
          schemas === 'yes' ? { config, schema: { response: { [status]: thingSchema } } } : { config }
        scope.post(`/things-${n}`, options(201), handler)
        scope.get(`/things-${n}/:id`, options(200), handler)
      }
    }, { prefix: `/v${version}` })
  }
  await app.ready()
  return performance.now() - start
}

function measure (kind: string, schemas: string, routes: number): number {
  const args = [...process.execArgv, script, kind, schemas, String(routes)]
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return Number(stdout)
}

function compare (routes: number, schemas: string): Array<string | number> {
  const runs = { plain: [] as number[], plugin: [] as number[] }
  for (let run = 0; run < RUNS; run++) {
    runs.plain.push(measure('plain', schemas, routes))
    runs.plugin.push(measure('plugin', schemas, routes))
  }
  const [plain, plugin] = [quantile(runs.plain, 0.5), quantile(runs.plugin, 0.5)]
  return [routes.toLocaleString('en'), schemas, plain.toFixed(0), plugin.toFixed(0), (plugin / plain).toFixed(2)]
}

if (kind === undefined) {
  const rows = [compare(1000, 'yes'), compare(1000, 'no'), compare(5000, 'yes'), compare(5000, 'no')]
  const columns = ['routes', 'response schemas', 'plain Fastify, ms', 'with fastify-created, ms', 'ratio']
  record('Boot', `\`npm run bench:boot\`: the time from the first declaration until the app is ready.
The median of ${RUNS} runs, each in its own process.

${table(columns, rows)}`)
} else {
  console.log(await boot())
}
