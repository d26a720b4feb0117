import { createServer, type IncomingMessage, request as forward, type ServerResponse } from 'node:http'
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import created, { resource, type PluginOptions } from '../../src/index.js'
import { checkCreation, type Scenario, type Target } from '../../src/testing/index.js'
import { referenceServer, type Style } from './server.js'

/** All that can be declared. */
const WHOLE: Scenario = {
  create: { url: '/users', payload: (n) => ({ name: `Ann ${n}`, password: 'secret' }) },
  update: { method: 'PATCH', payload: (n) => ({ name: `Eve ${n}` }) },
  upsert: { url: '/users/{{uuid}}', payload: { name: 'Joe {{n}}' } },
  remove: true,
  invalid: { nom: 'Ann' },
  list: '/users',
  precondition: 'required',
  writers: 4
}

const form = (name: string) => {
  const form = new FormData()
  form.set('name', name)
  return form
}

const putsItself = { create: { method: 'PUT', url: '/users/{{uuid}}', payload: { name: 'Ann {{n}}' } } } as const

/** What a server is like, what of the scenario is different, and which checks have to be skipped. */
const STYLES: Array<[name: string, style: Style, scenario?: Partial<Scenario>, skipped?: string[]]> = [
  ['whose tags are numbers', {}],
  ['whose tags are hashes', { tag: 'hash' }],
  ['whose tags are timestamps', { tag: 'time' }],
  ['whose tags are weak, and that is never updated', { tag: 'weak' }, { update: undefined, upsert: undefined, remove: false },
    ['update-with-tag', 'update-changes-tag', 'stale-tag-412', 'stale-tag-changes-nothing', 'missing-precondition-428', 'weak-tag-never-matches', 'tag-list-with-commas', 'one-writer-wins',
      'put-creates-201', 'put-again-200', 'if-none-match-star-creates-once', 'delete-with-stale-tag-412', 'deleted-is-gone']],
  ['whose tags are weak, and that wants If-Match', { tag: 'weak' }, { update: undefined },
    ['update-with-tag', 'update-changes-tag', 'stale-tag-412', 'stale-tag-changes-nothing', 'missing-precondition-428', 'weak-tag-never-matches', 'tag-list-with-commas', 'one-writer-wins',
      'put-again-200', 'deleted-is-gone']],
  ['whose ids are UUIDs', { id: 'uuid' }],
  ['whose Location is absolute', { origin: 'http://localhost' }],
  ['whose Location is on its public origin', { origin: 'https://api.example.com:8443' }],
  ['below a prefix', { prefix: '/api/v1' }],
  ['whose 201 has no body', { created: 'nothing' }, {}, ['body-same-on-get']],
  ['whose 201 has only the id', { created: 'id' }],
  ['whose 201 has a message beside the id', { created: 'message' }],
  ['whose 201 has Content-Location', { contentLocation: true }],
  ['that answers updates with 204 and no tag', { updated: 'nothing' }],
  ['that answers updates with 204, and stores small letters', { updated: 'nothing', smallLetters: true }],
  ['that stores another form of what it is sent', { smallLetters: true }],
  ['that wants no preconditions', { precondition: 'optional' }, { precondition: 'optional' }, ['missing-precondition-428']],
  ['of which it is not said whether it wants preconditions', {}, { precondition: undefined }, ['missing-precondition-428']],
  ['whose store is slow', { slow: true }],
  ['whose HEAD leaves out what it does not know', { headBare: true }],
  ['where GET changes by itself', { restless: true, headBare: true }, {}, ['body-same-on-get', 'stale-tag-changes-nothing', 'missing-precondition-428']],
  ['where PUT has to say that it means to create', { putConditional: true }],
  ['whose list changes by itself', { listRestless: true }, {}, ['invalid-creates-nothing']],
  ['whose list is not there', {}, { list: '/people' }, ['invalid-creates-nothing']],
  ['that has no list', {}, { list: undefined }],
  ['that is not sent anything invalid', {}, { invalid: undefined }, ['invalid-creates-nothing']],
  ['that is sent null', {}, { invalid: null }],
  ['that is sent an array', {}, { invalid: ['Ann'] }],
  ['that creates by PUT', {}, putsItself, ['location-present', 'location-syntax', 'post-twice-two-addresses']],
  ['that is sent merge patches', {}, { update: { method: 'PATCH', payload: { name: 'Eve {{n}}' }, headers: { 'Content-Type': 'application/merge-patch+json' } } }],
  ['that is updated by PUT', {}, { update: { method: 'PUT', payload: { name: 'Eve {{n}}' } } }],
  ['that is updated by PUT and answers 204', { updated: 'nothing' }, { update: { method: 'PUT', payload: { name: 'Eve {{n}}' } } }],
  ['that is sent a form', {}, { create: { url: '/users', payload: (n) => form(`Ann ${n}`) }, update: { method: 'PATCH', payload: (n) => form(`Eve ${n}`) } }],
  ['that is sent text', { updated: 'nothing' }, { create: { url: '/users', payload: 'Ann {{n}}' }, update: { method: 'PATCH', payload: 'Eve {{n}}' } }],
  ['that is sent bytes', {}, { create: { url: '/users', payload: Buffer.from('Ann'), headers: { 'content-type': 'text/plain' } }, invalid: undefined }, ['invalid-creates-nothing']],
  ['that is sent headers with every request', {}, { headers: { 'Content-Type': 'application/json', authorization: 'Bearer x' } }],
  ['that is updated with the same each time', {}, { update: { method: 'PATCH', payload: { name: 'Eve' } } }],
  ['whose tags are hashes, and that is updated with the same each time', { tag: 'hash' }, { update: { method: 'PATCH', payload: { name: 'Eve' } } }, ['one-writer-wins']],
  ['whose tags are hashes, and whose update changes nothing', { tag: 'hash' }, { create: { url: '/users', payload: { name: 'Eve' } }, update: { method: 'PATCH', payload: { name: 'Eve' } } }, ['update-changes-tag', 'one-writer-wins']]
]

async function follows (t: Test, target: Target, scenario: Scenario, skipped: string[] = []): Promise<void> {
  const { passed, checks } = await checkCreation(target, scenario)
  t.same(checks.filter(({ outcome }) => outcome === 'failed').map(({ id, detail }) => [id, detail]), [])
  t.same(checks.filter(({ outcome }) => outcome === 'skipped').map(({ id }) => id).sort(), [...skipped].sort())
  t.ok(checks.every(({ outcome, detail }) => outcome === 'passed' || detail), 'what is skipped says why')
  t.ok(checks.every(({ outcome, exchanges = [] }) => outcome === 'skipped' || exchanges.length > 0), 'what is not skipped has looked at something')
  t.equal(passed, true)
}

function below (prefix: string, scenario: Scenario): Scenario {
  const { create, upsert, list } = scenario
  return {
    ...scenario,
    create: { ...create, url: `${prefix}${create.url}` },
    upsert: upsert && { ...upsert, url: `${prefix}${upsert.url}` },
    list: list && `${prefix}${list}`
  }
}

for (const [name, style, scenario, skipped] of STYLES) {
  t.test(`a server ${name} keeps the promise, asked`, async (t) => {
    const whole = { ...WHOLE, ...scenario }
    const { prefix = '' } = style
    await t.test('in the process', async (t) => {
      const app = referenceServer(style)
      t.teardown(() => app.close())
      await follows(t, app, below(prefix, whole), skipped)
    })
    await t.test('over HTTP', async (t) => {
      const app = referenceServer(style)
      t.teardown(() => app.close())
      const base = await app.listen({ host: '127.0.0.1', port: 0 })
      await follows(t, `${base}${prefix}`, whole, skipped)
    })
  })
}

t.test('a base URL is text or a URL, with or without a slash at its end', async (t) => {
  const app = referenceServer({ prefix: '/api' })
  t.teardown(() => app.close())
  const base = await app.listen({ host: '127.0.0.1', port: 0 })
  for (const target of [`${base}/api`, `${base}/api/`, new URL(`${base}/api/`)]) await follows(t, target, WHOLE)
})

interface User { id: string, name: string, version: number }

/** As the README shows it. */
async function withPlugin (options: PluginOptions): Promise<FastifyInstance> {
  const users = new Map<string, User>()
  const user = resource<User>({ etag: (user) => user.version })
  const schema = { body: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } }
  const app = Fastify({ forceCloseConnections: true })
  await app.register(created, options)
  const store = async (id: string, name: string, version?: number): Promise<User | undefined> => {
    await new Promise(setImmediate)
    if (users.get(id)?.version !== version) return undefined
    const saved = { id, name, version: (version ?? 0) + 1 }
    users.set(id, saved)
    return saved
  }

  app.get('/users', async () => [...users.values()])
  app.get<{ Params: { id: string } }>('/users/:id', { config: { resource: user } }, async (request, reply) => {
    reply.header('vary', 'authorization').header('cache-control', 'private')
    return reply.ok(users.get(request.params.id), { resource: user })
  })
  app.post<{ Body: User }>('/users', { schema, config: { resource: user } }, async (request, reply) => {
    return reply.created((await store(randomUUID(), request.body.name))!, { resource: user })
  })
  app.put<{ Params: { id: string }, Body: User }>('/users/:id', { schema, config: { resource: user } }, async (request, reply) => {
    const before = users.get(request.params.id)
    request.assertPreconditions(before, { resource: user })
    const saved = await store(request.params.id, request.body.name, before?.version)
    if (saved === undefined) throw request.lostUpdate()
    return reply.upserted(saved, { created: before === undefined, resource: user })
  })
  app.delete<{ Params: { id: string } }>('/users/:id', { config: { resource: user } }, async (request, reply) => {
    request.assertPreconditions(users.get(request.params.id), { resource: user })
    users.delete(request.params.id)
    return reply.noContent()
  })
  return app as unknown as FastifyInstance
}

const README: Scenario = { ...WHOLE, update: { method: 'PUT', payload: { name: 'Eve {{n}}' } } }

const PLUGIN: Array<[name: string, options: PluginOptions, scenario?: Partial<Scenario>]> = [
  ['recommended', { precondition: 'required' }],
  ['recommended, where a precondition may be left out', {}, { precondition: undefined }],
  ['strict', { profile: 'strict' }],
  ['problem details', { profile: 'strict', problemDetails: true }],
  ['an origin', { profile: 'strict', origin: 'https://api.example.com' }]
]

for (const [name, options, scenario = {}] of PLUGIN) {
  t.test(`a Fastify app with this plugin keeps the promise: ${name}`, async (t) => {
    const skipped = 'precondition' in scenario ? ['missing-precondition-428'] : []
    const app = await withPlugin(options)
    t.teardown(() => app.close())
    await follows(t, app, { ...README, ...scenario }, skipped)
    await follows(t, await app.listen({ host: '127.0.0.1', port: 0 }), { ...README, ...scenario }, skipped)
  })
}

t.test('creation by PUT in strict, where an answer to PUT has no ETag, passes what GET can tell', async (t) => {
  const app = await withPlugin({ profile: 'strict' })
  t.teardown(() => app.close())
  await follows(t, app, { ...README, ...putsItself }, ['location-present', 'location-syntax', 'etag-present', 'etag-same-on-get', 'post-twice-two-addresses'])
})

t.test('an app with a basePath', async (t) => {
  const options: PluginOptions = { profile: 'strict', basePath: '/api', origin: 'https://api.example.com' }

  await t.test('is asked through what strips it', async (t) => {
    const app = await withPlugin(options)
    t.teardown(() => app.close())
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as AddressInfo
    const proxy = createServer((request: IncomingMessage, response: ServerResponse) => {
      const { method, headers } = request
      const forwarded = forward({ port, path: request.url!.replace(/^\/api/, ''), method, headers }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(response)
      })
      request.pipe(forwarded)
    })
    t.teardown(() => proxy.closeAllConnections())
    t.teardown(() => proxy.close())
    await new Promise<void>((resolve) => { proxy.listen(0, '127.0.0.1', resolve) })
    await follows(t, `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/api`, README)
  })

  await t.test('does not answer there itself, and the report says how to ask', async (t) => {
    const app = await withPlugin(options)
    t.teardown(() => app.close())
    const { checks } = await checkCreation(app, README)
    t.match(checks.filter(({ outcome }) => outcome === 'failed'), [{ id: 'location-answers-get', detail: /^GET \/api\/users\/[\w-]+ was answered 404$/ }])
  })
})
