/**
 * What the plugin adds to the boot of an app: half of the routes create resources that the other half are the homes
 * of, in scopes of ten resources each. With and without it by turns, each in a process of its own, so that neither profits from
 * what the other has warmed up. Run it with `npm run bench:boot`.
 */
import { spawnSync } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import Fastify from 'fastify'
import created, { resource } from 'fastify-created'

const ROUTES = 5000
const RESOURCES = 10
const RUNS = 15

async function boot (isGuarded: boolean): Promise<number> {
  const app = Fastify()
  const begin = performance.now()
  if (isGuarded) await app.register(created)
  const resources = Array.from({ length: RESOURCES }, () => resource<{ id: number, version: number }>({ etag: (value) => value.version }))
  const handler = async () => 'never called'
  for (let version = 0; version < ROUTES / RESOURCES / 2; version++) {
    app.register(async (scope) => {
      for (const [n, resource] of resources.entries()) {
        const options = isGuarded ? { config: { resource } } : {}
        scope.post(`/things-${n}`, options, handler)
        scope.get(`/things-${n}/:id`, options, handler)
      }
    }, { prefix: `/v${version}` })
  }
  await app.ready()
  return performance.now() - begin
}

function median (values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]
}

function measure (kind: 'bare' | 'guarded'): number {
  const { stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, process.argv[1], kind], { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return Number(stdout)
}

if (process.argv[2] !== undefined) {
  console.log(await boot(process.argv[2] === 'guarded'))
} else {
  const bare: number[] = []
  const guarded: number[] = []
  for (let run = 0; run < RUNS; run++) {
    bare.push(measure('bare'))
    guarded.push(measure('guarded'))
  }
  console.log(`${ROUTES} routes, ready() in ms, median of ${RUNS}: bare ${median(bare).toFixed(0)}, with fastify-created ${median(guarded).toFixed(0)}, ratio ${(median(guarded) / median(bare)).toFixed(3)}`)
}
