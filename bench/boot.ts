/**
 * What the plugin adds to the boot of an app of 1,000, and of 5,000 routes: half of them create resources that the other half are
 * the homes of, in scopes of ten resources each. With and without it by turns, each in a process of its own, so that
 * neither profits from what the other has warmed up. Run it with `npm run bench:boot`.
 */
import { spawnSync } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import Fastify, { type RouteShorthandOptions } from 'fastify'
import created, { resource } from 'fastify-created'
import { quantile, record, table } from './record.js'

const RESOURCES = 10
const RUNS = 11

const [, script, kind, schemas, routes] = process.argv
const thingSchema = { type: 'object', required: ['id', 'name'], properties: { id: { type: 'integer' }, name: { type: 'string' } } }

/** @returns milliseconds from the first declaration until the app is ready */
async function boot (): Promise<number> {
  const isGuarded = kind === 'guarded'
  const app = Fastify()
  const begin = performance.now()
  if (isGuarded) await app.register(created)
  const handler = async () => 'never called'
  const resources = Array.from({ length: RESOURCES }, () => resource<{ id: number, version: number }>({ etag: (value) => value.version }))
  for (let version = 0; version < Number(routes) / RESOURCES / 2; version++) {
    app.register(async (scope) => {
      for (const [n, resource] of resources.entries()) {
        const config = isGuarded ? { resource } : {}
        const options = (status: number): RouteShorthandOptions => schemas === 'yes' ? { config, schema: { response: { [status]: thingSchema } } } : { config }
        scope.post(`/things-${n}`, options(201), handler)
        scope.get(`/things-${n}/:id`, options(200), handler)
      }
    }, { prefix: `/v${version}` })
  }
  await app.ready()
  return performance.now() - begin
}

function measure (kind: string, schemas: string, routes: number): number {
  const { stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, script, kind, schemas, String(routes)], { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return Number(stdout)
}

function compare (routes: number, schemas: string): Array<string | number> {
  const runs = { bare: [] as number[], guarded: [] as number[] }
  for (let run = 0; run < RUNS; run++) {
    runs.bare.push(measure('bare', schemas, routes))
    runs.guarded.push(measure('guarded', schemas, routes))
  }
  const [bare, guarded] = [quantile(runs.bare, 0.5), quantile(runs.guarded, 0.5)]
  return [routes.toLocaleString('en'), schemas, bare.toFixed(0), guarded.toFixed(0), (guarded / bare).toFixed(2)]
}

if (kind === undefined) {
  const rows = [compare(1000, 'yes'), compare(1000, 'no'), compare(5000, 'yes'), compare(5000, 'no')]
  record('Boot', `\`npm run bench:boot\`: from the first declaration until the app is ready, the median of ${RUNS}, each in a process of its own.

${table(['routes', 'response schemas', 'bare, ms', 'with fastify-created, ms', 'ratio'], rows)}`)
} else {
  console.log(await boot())
}
