import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { CHECKS } from '../../src/testing/check-creation.js'
import { checkCreation, type Exchange } from '../../src/testing/index.js'
import { CREATE, idsWith, newServer, resultOf, UPDATE } from './support.js'

t.test('the texts of a check are sentences without a full stop', async (t) => {
  for (const { id, section, expects, fix } of CHECKS) {
    t.match(section, /^RFC \d{4} section/, id)
    t.match(expects, /^\S.*[^.]$/, id)
    t.match(fix, /^[A-Z].*[^.]$/, id)
  }
})

t.test('a check needs only checks that run before it', async (t) => {
  const before = new Set<string>()
  for (const { id, needs = [] } of CHECKS) {
    t.ok(needs.every((need) => before.has(need)), id)
    before.add(id)
  }
})

t.test('checks that need a failed check are skipped, and name the first cause', async (t) => {
  const app = newServer(t, {}, 'location-bare-id')
  const { checks } = await checkCreation(app, { create: CREATE, update: UPDATE, remove: true })
  const detail = 'needs location-syntax, which failed'
  const skipped = checks.filter((check) => check.detail === detail).map(({ id }) => id)
  t.same(checks.slice(0, 3).map(({ outcome }) => outcome), ['passed', 'passed', 'failed'])
  t.same(skipped.slice(0, 3), ['location-answers-get', 'etag-same-on-get', 'body-same-on-get'])
  t.ok(skipped.includes('deleted-is-gone'))
})

t.test('a result has its requests and responses', async (t) => {
  const create = { ...CREATE, headers: { 'x-trace': '8' }, payload: { name: 'Ann' } }
  const report = await checkCreation(newServer(t), { headers: { 'X-Trace': '7' }, create })
  t.same(report.checks.map(({ id, section }) => [id, section]), CHECKS.map(({ id, section }) => [id, section]))
  const { exchanges } = resultOf(report, 'created-201')
  const headers = { 'x-trace': '8', 'content-type': 'application/json' }
  t.match(exchanges, [{
    request: { method: 'POST', url: '/users', headers, body: '{"name":"Ann"}' },
    response: { status: 201, headers: { location: '/users/1', etag: '"1"' }, body: '{"id":1,"name":"Ann"}' }
  }])
  const names = ['x-trace', 'content-type']
  t.same(Object.keys(exchanges![0].request.headers), names, 'a header in two spellings is sent once')
  const earlier = [{ request: { method: 'POST' } }, { request: { method: 'GET', headers: { 'x-trace': '7' } } }]
  t.match(resultOf(report, 'etag-same-on-get').exchanges, earlier, 'a check that sends nothing has the earlier ones')
  t.match(resultOf(report, 'not-modified-headers').exchanges, [{ response: { status: 304 } }])
})

t.test('a check that passes or fails has looked at a response', async (t) => {
  const wasSeen = (exchange: Exchange) => exchange.response.status > 0
  const upsert = { url: '/users/{{uuid}}', payload: {} }
  for (const fault of [undefined, '200-for-201', 'no-etag', 'if-match-ignored', 'star-race'] as const) {
    const scenario = { create: CREATE, update: UPDATE, upsert, remove: true, writers: 2 }
    const { checks } = await checkCreation(newServer(t, {}, fault), scenario)
    for (const { id, outcome, exchanges = [] } of checks) {
      t.ok(outcome === 'skipped' || exchanges.some(wasSeen), `${fault}: ${id}`)
    }
  }
})

t.test('a body that is not text is described by its length and its digest', async (t) => {
  const bytes = Buffer.from([0x89, 0x50, 0x4E, 0x47, 0xFF, 0x00])
  const app = Fastify()
  t.teardown(() => app.close())
  app.addContentTypeParser('image/png', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => body)
  app.post('/images', async (request, reply) => {
    const headers = { location: '/images/1', 'content-location': '/images/1', etag: '"1"' }
    return reply.code(201).headers(headers).type('image/png').send(request.body)
  })
  app.get('/images/:id', async (_request, reply) => reply.header('etag', '"1"').type('image/png').send(bytes))
  const checkBody = async (payload: Uint8Array) => {
    const create = { url: '/images', payload, headers: { 'content-type': 'image/png' } }
    return resultOf(await checkCreation(app, { create }), 'body-same-on-get')
  }

  const same = await checkBody(bytes)
  t.equal(same.outcome, 'passed')
  t.equal(same.exchanges![0].request.body, same.exchanges![0].response.body)
  t.match(same.exchanges![0].request.body, /^\(6 bytes, SHA-256 [\da-f]{16}\)$/)
  const { outcome, detail } = await checkBody(Buffer.from([0x89, 0x50, 0x4E, 0x47, 0xFE, 0x00]))
  t.same({ outcome, detail }, {
    outcome: 'failed', detail: 'Content-Location says that the body is what GET returns, but it is not'
  })
})

t.test('the body of a 201 that is not the resource is not compared with GET', async (t) => {
  const table: Array<[name: string, type: string | undefined, body: string]> = [
    ['truncated JSON', 'application/json', '{"id":'],
    ['no content type', undefined, '{"id":7}'],
    ['HTML', 'text/html', '<p>It was created'],
    ['a list', 'application/json', '[{"id":7}]'],
    ['a message', 'application/json', '{"message":"It was created"}']
  ]
  for (const [name, type, body] of table) {
    const app = newServer(t)
    app.addHook('onSend', async (request, reply, payload) => {
      if (request.method !== 'POST') return payload
      if (type === undefined) reply.removeHeader('content-type')
      else reply.type(type)
      reply.removeHeader('content-length')
      return body
    })
    const { outcome, detail } = resultOf(await checkCreation(app, { create: CREATE }), 'body-same-on-get')
    const expected = 'the body of the 201 is not the resource that GET returns'
    t.same({ outcome, detail }, { outcome: 'skipped', detail: expected }, name)
  }
})

t.test('a 201 to PUT', async (t) => {
  const create = { ...CREATE, method: 'PUT', url: '/users/{{uuid}}' } as const
  const serverWith = (t: Test, name: string, valueFor: (url: string) => string | undefined): FastifyInstance => {
    const app = newServer(t)
    app.addHook('onSend', async (request, reply) => {
      const value = valueFor(request.url)
      if (value === undefined) reply.removeHeader(name)
      else if (request.method === 'PUT') reply.header(name, value)
    })
    return app
  }
  await t.test('may have the URL of the request in Location, also with other percent-encoding', async (t) => {
    const app = serverWith(t, 'location', (url) => url.replace('%40', '@'))
    const report = await checkCreation(app, { create: { ...create, url: '/users/ann%40{{n}}' } })
    t.match(resultOf(report, 'location-answers-get'), { outcome: 'passed' })
  })
  await t.test('must not have another URL in Location', async (t) => {
    const report = await checkCreation(serverWith(t, 'location', () => '/users'), { create })
    const detail = 'Location is /users, which is not the URL of the request'
    t.match(resultOf(report, 'location-answers-get'), { outcome: 'failed', detail })
  })
  await t.test('may leave out the ETag only if GET returns one', async (t) => {
    const report = await checkCreation(serverWith(t, 'etag', () => undefined), { create })
    const detail = 'neither the 201 nor the response to GET has an ETag'
    t.match(resultOf(report, 'etag-present'), { outcome: 'failed', detail })
  })
})

t.test('update-changes-tag cannot tell whether an update is stored that is not JSON', async (t) => {
  const app = newServer(t, {}, 'update-changes-version-only')
  const headers = { 'content-type': 'text/plain' }
  const update = { method: 'PATCH', payload: (n: number) => `Eve ${n}`, headers } as const
  const report = await checkCreation(app, { create: CREATE, update })
  t.notOk(idsWith('failed', report).includes('update-changes-tag'))
  t.match(resultOf(report, 'update-changes-tag'), { outcome: 'passed' })
})
