import { Readable } from 'node:stream'
import type { FastifyError, FastifyReply } from 'fastify'
import t from 'tap'
import { resource, type OkInit } from '../../src/index.js'
import { appWith, header, rawRequest } from '../support.js'

const modified = new Date('2020-02-03T04:05:06.789Z')
const HTTP_DATE = 'Mon, 03 Feb 2020 04:05:06 GMT'

t.test('ok() responds 200 with the body and its validators', async (t) => {
  const { app } = await appWith(t)
  app.get('/', async (_request, reply) => reply.ok({ id: 1 }, { etag: 'v1', lastModified: modified }))
  const response = await rawRequest(app, 'GET / HTTP/1.1')
  t.equal(response.status, 200)
  t.same(header(response, 'etag'), ['"v1"'])
  t.same(header(response, 'last-modified'), [HTTP_DATE])
  t.equal(response.body, '{"id":1}')
})

t.test('ok() without validators is a plain 200', async (t) => {
  const { app, rules } = await appWith(t, { profile: 'strict' })
  app.get('/', async (_request, reply) => reply.ok({ id: 1 }))
  app.get('/null', async (_request, reply) => reply.ok({ id: 1 }, { etag: null }))
  for (const url of ['/', '/null']) {
    const { statusCode, headers } = await app.inject(url)
    t.equal(statusCode, 200)
    t.equal(headers.etag, undefined)
    t.equal(headers['last-modified'], undefined)
  }
  t.same(rules(), [])
})

t.test('over a socket, a 304 to GET and HEAD has only what RFC 9110 section 15.4.5 requires', async (t) => {
  const { app, rules } = await appWith(t)
  app.get('/', async (_request, reply) => {
    reply.headers({
      'cache-control': 'max-age=60',
      vary: 'accept',
      expires: HTTP_DATE,
      'content-location': '/1',
      'content-language': 'en',
      'content-encoding': 'identity'
    })
    return reply.type('application/json').ok({ id: 1 }, { etag: 7, lastModified: modified })
  })
  const kept = ['cache-control', 'connection', 'content-location', 'date', 'etag', 'expires', 'vary']
  for (const method of ['GET', 'HEAD']) {
    const response = await rawRequest(app, `${method} / HTTP/1.1`, 'If-None-Match: "6", W/"7"')
    t.equal(response.status, 304)
    t.same(response.headers.map((line) => line.split(':')[0]).sort(), kept, method)
    t.same(header(response, 'etag'), ['"7"'])
    t.equal(response.body, '')
  }
  t.same(rules(), [])
})

t.test('without an ETag, a 304 has Last-Modified', async (t) => {
  const { app } = await appWith(t)
  app.get('/', async (_request, reply) => reply.ok({ id: 1 }, { lastModified: modified }))
  const response = await rawRequest(app, 'GET / HTTP/1.1', `If-Modified-Since: ${HTTP_DATE}`)
  t.equal(response.status, 304)
  t.same(header(response, 'last-modified'), [HTTP_DATE])
})

const conditions: Array<[init: OkInit, lines: string[], status: number]> = [
  [{ etag: 7 }, ['If-None-Match: "7"'], 304],
  [{ etag: 7 }, ['If-None-Match: *'], 304],
  [{ etag: 7 }, ['If-None-Match: "6"', 'If-None-Match: "7"'], 304],
  [{ etag: 7 }, ['If-None-Match: "6,7"'], 200],
  [{ etag: '"6,7"' }, ['If-None-Match: "a", "6,7"'], 304],
  [{ etag: 7 }, ['If-None-Match: 7'], 200],
  [{ etag: 7 }, ['If-Match: "7"'], 200],
  [{ etag: 7 }, ['If-Match: W/"7"'], 412],
  [{ etag: 7 }, ['If-Match: "6"'], 412],
  [{ etag: 7 }, ['If-Match: 7'], 412],
  [{ etag: 7 }, ['If-Match: "7"', 'If-None-Match: "7"'], 304],
  [{ etag: null }, ['If-None-Match: *'], 304],
  [{ etag: null }, ['If-Match: *'], 200],
  [{ etag: null }, ['If-Match: "7"'], 412],
  [{ lastModified: modified }, [`If-Modified-Since: ${HTTP_DATE}`], 304],
  [{ lastModified: modified }, ['If-Modified-Since: Mon, 03 Feb 2020 04:05:05 GMT'], 200],
  [{ lastModified: modified }, ['If-Modified-Since: 2020-02-03T04:05:06Z'], 200],
  [{ lastModified: modified }, [`If-Modified-Since: ${HTTP_DATE}`, `If-Modified-Since: ${HTTP_DATE}`], 200],
  [{ etag: 7, lastModified: modified }, ['If-None-Match: "6"', `If-Modified-Since: ${HTTP_DATE}`], 200],
  [{ lastModified: modified }, [`If-Unmodified-Since: ${HTTP_DATE}`], 200],
  [{ lastModified: modified }, ['If-Unmodified-Since: Mon, 03 Feb 2020 04:05:05 GMT'], 412],
  [
    { lastModified: modified },
    ['If-Unmodified-Since: Mon, 03 Feb 2020 04:05:05 GMT', 'If-Unmodified-Since: Mon, 03 Feb 2020 04:05:05 GMT'],
    200
  ]
]

t.test('over a socket, ok() evaluates the preconditions of GET and of HEAD', async (t) => {
  for (const [init, lines, status] of conditions) {
    const { app, rules } = await appWith(t)
    app.get('/', async (_request, reply) => reply.ok({ id: 1 }, init))
    for (const method of ['GET', 'HEAD']) {
      const response = await rawRequest(app, `${method} / HTTP/1.1`, ...lines)
      t.equal(response.status, status, `${method} ${lines.join(', ')}`)
    }
    t.same(rules(), [])
  }
})

t.test('a 412 of ok() has the current ETag, also if an error handler of the app sends it', async (t) => {
  for (const own of [false, true]) {
    const { app } = await appWith(t)
    // It forgets the status.
    if (own) app.setErrorHandler((_error, _request, reply) => reply.send({ own }))
    app.get('/', async (_request, reply) => reply.ok({ id: 1 }, { etag: 7 }))
    const response = await app.inject({ url: '/', headers: { 'if-match': '"6"' } })
    t.equal(response.statusCode, 412)
    t.equal(response.headers.etag, '"7"')
    t.match(response.json(), own ? { own } : { code: 'FST_CREATED_PRECONDITION_FAILED', message: /If-Match/ })
  }
})

t.test('a 412 has no header of the representation that is not sent, nor its Cache-Control', async (t) => {
  const { app } = await appWith(t)
  app.get('/', async (_request, reply) => reply.headers({
    'cache-control': 'public, max-age=31536000',
    'content-disposition': 'attachment',
    'content-encoding': 'gzip',
    'content-location': '/1',
    'content-type': 'image/png',
    'last-modified': HTTP_DATE,
    'x-request-id': '7'
  }).ok(Buffer.from('gzipped'), { etag: 7 }))
  const response = await app.inject({ url: '/', headers: { 'if-match': '"6"' } })
  t.equal(response.statusCode, 412)
  t.same(Object.keys(response.headers).sort(), [
    'connection',
    'content-length',
    'content-type',
    'date',
    'etag',
    'x-request-id'
  ])
  t.equal(response.json().statusCode, 412)
})

t.test('a 412 of something without an ETag has none', async (t) => {
  const { app } = await appWith(t)
  app.get('/', async (_request, reply) => reply.ok({ id: 1 }))
  const response = await app.inject({ url: '/', headers: { 'if-match': '"6"' } })
  t.equal(response.statusCode, 412)
  t.equal(response.headers.etag, undefined)
})

t.test('ok() on other methods ignores preconditions, and responds 200', async (t) => {
  const { app, rules } = await appWith(t)
  const methods = ['POST', 'PUT', 'PATCH', 'DELETE'] as const
  app.route({ method: [...methods], url: '/', handler: async (_request, reply) => reply.ok({ id: 1 }, { etag: 7 }) })
  for (const method of methods) {
    const response = await app.inject({ method, url: '/', headers: { 'if-none-match': '"7"' } })
    t.equal(response.statusCode, 200)
    t.equal(response.headers.etag, '"7"')
  }
  t.same(rules(), [])
})

t.test('a stream that ok() does not send is destroyed', async (t) => {
  const bodies: Readable[] = []
  const { app } = await appWith(t)
  app.get('/', async (_request, reply) => {
    const body = Readable.from(['content'])
    bodies.push(body)
    return reply.ok(body, { etag: 7 })
  })
  t.equal((await app.inject({ url: '/', headers: { 'if-none-match': '"7"' } })).statusCode, 304)
  t.equal((await app.inject({ url: '/', headers: { 'if-match': '"6"' } })).statusCode, 412)
  t.equal((await app.inject('/')).body, 'content')
  t.same(bodies.map((body) => body.destroyed), [true, true, true])
})

t.test('a validator that is not one is rejected, and undefined does not count as none', async (t) => {
  const rows: Array<[init: OkInit, rule: string, found: string]> = [
    [{ etag: undefined as never }, 'etag-syntax', 'the option etag of ok() is undefined'],
    [{ etag: '' }, 'etag-syntax', 'the option etag of ok() is an empty string'],
    [{ etag: NaN }, 'etag-syntax', 'the option etag of ok() is the number NaN'],
    [{ lastModified: new Date(NaN) }, 'helper-argument', 'the option lastModified of ok() is Invalid Date']
  ]
  for (const [init, rule, found] of rows) {
    const { app, violations } = await appWith(t)
    app.get('/', async (_request, reply) => reply.ok({ id: 1 }, init))
    t.equal((await app.inject('/')).statusCode, 500)
    t.match(violations, [{ rule, severity: 'error', found }])
    t.equal(violations.length, 1)
  }
})

t.test('with enforcement log, a validator that is not one is left out', async (t) => {
  const { app, rules } = await appWith(t, { enforcement: 'log' })
  app.get('/', async (_request, reply) => reply.ok({ id: 1 }, { etag: NaN, lastModified: new Date(NaN) }))
  const response = await app.inject('/')
  t.equal(response.statusCode, 200)
  t.same(response.json(), { id: 1 })
  t.equal(response.headers.etag, undefined)
  t.same(rules(), ['etag-syntax', 'helper-argument'])
})

t.test('ok() sends its 404 and 412 in handlers of every style', async (t) => {
  const styles: Array<[name: string, handler: (respond: () => FastifyReply, reply: FastifyReply) => unknown]> = [
    ['a callback', (respond) => { setImmediate(respond) }],
    ['an async function', async (respond) => respond()],
    ['an async function that awaits the reply', async (respond, reply) => { await respond(); return reply }],
    ['a plain function', (respond) => respond()],
    ['a plain function that returns nothing', (respond) => { respond() }]
  ]
  const thing = resource<{ version: number }>({ etag: ({ version }) => version })
  for (const [name, handler] of styles) {
    const { app } = await appWith(t)
    const seen: unknown[] = []
    app.setErrorHandler((error: FastifyError, _request, reply) => {
      seen.push(error.code)
      reply.code(error.statusCode!).send({ own: error.statusCode })
    })
    app.get<{ Params: { id: string } }>('/things/:id', { config: { resource: thing } }, (request, reply) =>
      handler(() => reply.ok(request.params.id === '1' ? { version: 7 } : null), reply) as FastifyReply)
    const missing = await app.inject('/things/2')
    t.same([missing.statusCode, missing.json()], [404, { own: 404 }], name)
    const stale = await app.inject({ url: '/things/1', headers: { 'if-match': '"6"' } })
    t.same([stale.statusCode, stale.json(), stale.headers.etag], [412, { own: 412 }, '"7"'], name)
    t.equal((await app.inject('/things/1')).statusCode, 200, name)
    t.same(seen, ['FST_CREATED_NOT_FOUND', 'FST_CREATED_PRECONDITION_FAILED'], name)
  }
})
