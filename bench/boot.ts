/**
 * What the plugin adds to the boot of an app of 5,000 routes: half of them create resources that the other half are
 * the homes of, in scopes of ten resources each. With and without it by turns, each in a process of its own, so that
 * neither profits from what the other has warmed up. Run it with `npm run bench:boot`.
 */
import { spawnSync } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import Fastify from 'fastify'
import created, { resource } from 'fastify-created'

const ROUTES = 5000
const RESOURCES = 10
const RUNS = 15

const [, script, kind, schemas] = process.argv
const thingSchema = { type: 'object', required: ['id', 'name'], properties: { id: { type: 'integer' }, name: { type: 'string' } } }

/** @returns milliseconds from the first declaration until the app is ready */
async function boot (): Promise<number> {
  const isGuarded = kind === 'guarded'
  const app = Fastify()
  const begin = performance.now()
  if (isGuarded) await app.register(created)
  const handler = async () => 'never called'
  const resources = Array.from({ length: RESOURCES }, () => resource<{ id: number, version: number }>({ etag: (value) => value.version }))
  for (let version = 0; version < ROUTES / RESOURCES / 2; version++) {
    app.register(async (scope) => {
      for (const [n, resource] of resources.entries()) {
        const config = isGuarded ? { resource } : {}
        const options = (status: number) => schemas === 'yes' ? { config, schema: { response: { [status]: thingSchema } } } : { config }
        scope.post(`/things-${n}`, options(201), handler)
        scope.get(`/things-${n}/:id`, options(200), handler)
      }
    }, { prefix: `/v${version}` })
  }
  await app.ready()
  return performance.now() - begin
}

function measure (kind: string, schemas: string): number {
  const { stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, script, kind, schemas], { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return Number(stdout)
}

function median (values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]
}

function compare (schemas: string): void {
  const runs = { bare: [] as number[], guarded: [] as number[] }
  for (let run = 0; run < RUNS; run++) {
    runs.bare.push(measure('bare', schemas))
    runs.guarded.push(measure('guarded', schemas))
  }
  const [bare, guarded] = [median(runs.bare), median(runs.guarded)]
  console.log(`${ROUTES} routes, response schemas: ${schemas}; median boot of ${RUNS}: bare ${bare.toFixed(0)} ms, with fastify-created ${guarded.toFixed(0)} ms, ratio ${(guarded / bare).toFixed(3)}`)
}

if (kind === undefined) {
  compare('yes')
  compare('no')
} else {
  console.log(await boot())
}
