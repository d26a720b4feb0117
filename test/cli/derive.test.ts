import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { deriveScenarios, type Derived } from '../../src/cli/probe/derive.js'
import { judge } from '../../src/cli/lint/judge.js'
import { Observation } from '../../src/cli/app/observe.js'
import created, { resource } from '../../src/index.js'

const thing = resource<{ version: number }>({ etag: (thing) => thing.version })
const config = { resource: thing }
const never = async () => 'never called'
const body = { type: 'object', examples: [{ name: 'ann' }] }
const created201 = { response: { 201: {} } }

/** What is derived of the routes that `declare` declares; the home is GET /things/:id, but where it is given. */
async function derive (declare: (app: FastifyInstance) => void, { home = '/things/:id', isForeign = false } = {}): Promise<Derived> {
  const observation = new Observation('silent')
  const app = Fastify()
  try {
    await app.register(created)
    app.get(home, { config }, never)
    declare(app)
    await app.ready()
    const judged = judge(observation.of(app)!, 'recommended', true)
    if (isForeign) for (const { observed } of judged) delete observed.place
    return deriveScenarios(judged, 'recommended')
  } finally {
    observation.end()
    await app.close()
  }
}

t.test('of routes that only create there is a scenario that only creates', async (t) => {
  const { scenarios, missing } = await derive((app) => {
    app.post('/things', { config, schema: { body } }, never)
  })
  t.same(missing, [])
  t.match(scenarios, [{ name: 'POST /things', place: { line: /\d+/ } }])
  t.same(scenarios[0].scenario, { create: { url: '/things', payload: { name: 'ann' } } })
})

t.test('a body that must have something is tried without it, and looked for in the list', async (t) => {
  const required = { ...body, required: ['name'] }
  const { scenarios: [{ scenario }] } = await derive((app) => {
    app.get('/things/', never)
    app.post('/things', { config, schema: { body: { content: { 'application/vnd.thing+json': { schema: required } } } } }, never)
    app.delete('/things/:id', { config }, never)
  })
  t.same(scenario, { create: { url: '/things', payload: { name: 'ann' } }, remove: true, invalid: {}, list: '/things' })

  const { scenarios: [lenient] } = await derive((app) => {
    app.get('/things', { schema: { querystring: { type: 'object', required: ['page'] } } }, never)
    app.post('/things', { config, schema: { body: required } }, never)
  })
  t.same(lenient.scenario, { create: { url: '/things', payload: { name: 'ann' } }, invalid: {} })

  const { scenarios: [unvalidated] } = await derive((app) => {
    app.post('/things', { config, attachValidation: true, schema: { body: required } }, never)
  })
  t.same(unvalidated.scenario, { create: { url: '/things', payload: { name: 'ann' } } })
})

t.test('PUT and PATCH update; that which has an example does', async (t) => {
  const { scenarios: [{ scenario }] } = await derive((app) => {
    app.post('/things', { config, schema: { body } }, never)
    app.put('/things/:id', { config, schema: created201 }, never)
    app.patch('/things/:id', { config: { ...config, created: { precondition: 'required' } }, schema: { body } }, never)
  })
  t.same(scenario, { create: { url: '/things', payload: { name: 'ann' } }, update: { method: 'PATCH', payload: { name: 'ann' } }, precondition: 'required' })
})

const upserts: Array<[what: string, home: string, params: object | undefined, url: string | undefined]> = [
  ['no schema', '/things/:id', undefined, '/things/{{uuid}}'],
  ['a string', '/things/:id', { id: { type: 'string' } }, '/things/{{uuid}}'],
  ['a UUID', '/things/:id', { id: { type: 'string', format: 'uuid' } }, '/things/{{uuid}}'],
  ['a pattern that fits', '/things/:id', { id: { type: 'string', pattern: '^[0-9a-f-]+$' } }, '/things/{{uuid}}'],
  ['a number', '/things/:id', { id: { type: 'integer' } }, undefined],
  ['another format', '/things/:id', { id: { type: 'string', format: 'date' } }, undefined],
  ['a pattern that does not fit', '/things/:id', { id: { type: 'string', pattern: '^\\d+$' } }, undefined],
  ['too short a string', '/things/:id', { id: { type: 'string', maxLength: 10 } }, undefined],
  ['one of a few', '/things/:id', { id: { type: 'string', enum: ['a'] } }, undefined],
  ['only one', '/things/:id', { id: { type: 'string', const: 'a' } }, undefined],
  ['a regular expression in the URL', '/things/:id(^\\d+$)', undefined, undefined],
  ['another parameter with an example', '/of/:owner/things/:id', { owner: { type: 'string', examples: ['ann'] } }, '/of/ann/things/{{uuid}}'],
  ['another parameter without one', '/of/:owner/things/:id', undefined, undefined],
  ['no parameter at all', '/thing', undefined, undefined]
]
for (const [what, home, properties, url] of upserts) {
  t.test(`PUT that declares a 201 creates at ${url ?? 'no address'} where its parameter has ${what}`, async (t) => {
    const { scenarios: [{ scenario }] } = await derive((app) => {
      app.post('/signup', { config, schema: { body } }, never)
      app.put(home, { config, schema: { body, ...created201, ...(properties && { params: { type: 'object', properties } }) } }, never)
    }, { home })
    t.same(scenario.upsert, url && { url, payload: { name: 'ann' } })
  })
}

t.test('what is missing is told, of a route without a line too', async (t) => {
  const declare = (app: FastifyInstance) => { app.post('/things', { config }, never) }
  t.match(await derive(declare), { scenarios: [], missing: [/^POST \/things \(test\/cli\/derive\.test\.ts:\d+\) has no schema with an example of its body\./] })
  t.match(await derive(declare, { isForeign: true }), { scenarios: [], missing: [/^POST \/things has no schema with an example of its body\./] })
})
