import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { FastifyObserver } from '../../../src/cli/app/fastify-observer.js'
import { analyzeRoutes } from '../../../src/cli/lint/analyze-routes.js'
import { deriveScenarios, type DerivedScenarios } from '../../../src/cli/probe/derive-scenarios.js'
import fastifyCreated, { resource } from '../../../src/index.js'

const thingResource = resource<{ version: number }>({ etag: (thing) => thing.version })
const config = { resource: thingResource }
const handler = async () => 'never called'
const body = { type: 'object', examples: [{ name: 'ann' }] }
const created201 = { response: { 201: {} } }

interface DeriveOptions {
  /** The URL of the canonical route. */
  canonicalUrl?: string
  /** Whether the position of each route is unknown. */
  isForeign?: boolean
}

async function derive (
  declare: (app: FastifyInstance) => void, { canonicalUrl = '/things/:id', isForeign = false }: DeriveOptions = {}
): Promise<DerivedScenarios> {
  const observer = new FastifyObserver('silent')
  const app = Fastify()
  try {
    await app.register(fastifyCreated)
    app.get(canonicalUrl, { config }, handler)
    declare(app)
    await app.ready()
    const routes = analyzeRoutes(observer.find(app)!, 'recommended', true)
    if (isForeign) for (const { observed } of routes) delete observed.position
    return deriveScenarios(routes, 'recommended')
  } finally {
    observer.stop()
    await app.close()
  }
}

t.test('for routes that only create, the scenario only creates', async (t) => {
  const { scenarios, missing } = await derive((app) => {
    app.post('/things', { config, schema: { body } }, handler)
  })
  t.same(missing, [])
  t.match(scenarios, [{ name: 'POST /things', position: { line: /\d+/ } }])
  t.same(scenarios[0].scenario, { create: { url: '/things', payload: { name: 'ann' } } })
})

t.test('a body without its required properties must be rejected, and must not be in the list', async (t) => {
  const required = { ...body, required: ['name'] }
  const { scenarios: [{ scenario }] } = await derive((app) => {
    app.get('/things/', handler)
    const content = { 'application/vnd.thing+json': { schema: required } }
    app.post('/things', { config, schema: { body: { content } } }, handler)
    app.delete('/things/:id', { config }, handler)
  })
  t.same(scenario, { create: { url: '/things', payload: { name: 'ann' } }, remove: true, invalid: {}, list: '/things' })

  const { scenarios: [lenient] } = await derive((app) => {
    app.get('/things', { schema: { querystring: { type: 'object', required: ['page'] } } }, handler)
    app.post('/things', { config, schema: { body: required } }, handler)
  })
  t.same(lenient.scenario, { create: { url: '/things', payload: { name: 'ann' } }, invalid: {} })

  const { scenarios: [unvalidated] } = await derive((app) => {
    app.post('/things', { config, attachValidation: true, schema: { body: required } }, handler)
  })
  t.same(unvalidated.scenario, { create: { url: '/things', payload: { name: 'ann' } } })
})

t.test('of PUT and PATCH, the update is the one that has an example', async (t) => {
  const { scenarios: [{ scenario }] } = await derive((app) => {
    app.post('/things', { config, schema: { body } }, handler)
    app.put('/things/:id', { config, schema: created201 }, handler)
    const created = { precondition: 'required' } as const
    app.patch('/things/:id', { config: { ...config, created }, schema: { body } }, handler)
  })
  t.same(scenario, {
    create: { url: '/things', payload: { name: 'ann' } },
    update: { method: 'PATCH', payload: { name: 'ann' } },
    precondition: 'required'
  })
})

const org = { type: 'string', examples: ['acme'] }
const upserts: Array<[what: string, canonicalUrl: string, params: object | undefined, url: string | undefined]> = [
  ['no schema', '/things/:id', undefined, '/things/{{uuid}}'],
  ['a string', '/things/:id', { id: { type: 'string' } }, '/things/{{uuid}}'],
  ['a UUID', '/things/:id', { id: { type: 'string', format: 'uuid' } }, '/things/{{uuid}}'],
  ['a pattern that fits', '/things/:id', { id: { type: 'string', pattern: '^[0-9a-f-]+$' } }, '/things/{{uuid}}'],
  ['a number', '/things/:id', { id: { type: 'integer' } }, undefined],
  ['another format', '/things/:id', { id: { type: 'string', format: 'date' } }, undefined],
  ['a pattern that does not fit', '/things/:id', { id: { type: 'string', pattern: '^\\d+$' } }, undefined],
  ['a string that is too short', '/things/:id', { id: { type: 'string', maxLength: 10 } }, undefined],
  ['an enum', '/things/:id', { id: { type: 'string', enum: ['a'] } }, undefined],
  ['a const', '/things/:id', { id: { type: 'string', const: 'a' } }, undefined],
  ['a regular expression in the URL', '/things/:id(^\\d+$)', undefined, undefined],
  ['a parameter with an example before it', '/orgs/:org/things/:id', { org }, '/orgs/acme/things/{{uuid}}'],
  ['a parameter without an example before it', '/orgs/:org/things/:id', undefined, undefined],
  ['no parameter at all', '/thing', undefined, undefined]
]
for (const [what, canonicalUrl, properties, url] of upserts) {
  t.test(`a PUT that declares a 201 creates at ${url ?? 'no URL'} if its parameter has ${what}`, async (t) => {
    const params = properties && { type: 'object', properties }
    const { scenarios: [{ scenario }] } = await derive((app) => {
      app.post('/signup', { config, schema: { body } }, handler)
      app.put(canonicalUrl, { config, schema: { body, ...created201, ...(params && { params }) } }, handler)
    }, { canonicalUrl })
    t.same(scenario.upsert, url && { url, payload: { name: 'ann' } })
  })
}

t.test('a missing example is named, also for a route without a known line', async (t) => {
  const declare = (app: FastifyInstance) => { app.post('/things', { config }, handler) }
  const own = await derive(declare)
  t.same(own.scenarios, [])
  t.match(own.missing, [{
    found: /^POST \/things \(test\/cli\/probe\/derive-scenarios\.test\.ts:\d+\) has no example of the body$/,
    fix: /^schema: { body: /
  }])
  const foreign = await derive(declare, { isForeign: true })
  t.match(foreign.missing, [{ found: /^POST \/things has no example of the body$/ }])
})
