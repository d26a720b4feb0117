import { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import etag from '@fastify/etag'
import Fastify, { type FastifyReply, type RouteHandlerMethod } from 'fastify'
import t from 'tap'
import fastifyCreated, {
  resource, type FastifyCreatedOptions, type RuleId, type Violation
} from '../../src/index.js'
import { appWith, header, rawRequest } from '../support.js'

const secret = { password: 'hunter2' }
const modified = 'Mon, 03 Feb 2020 04:05:05 GMT'
const page = { origin: 'https://page.example' }
const cors = { 'access-control-allow-origin': '*' }

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'
type Handler = (reply: FastifyReply) => unknown

interface Case {
  name: string
  method: Method
  handler: Handler
  broken: RuleId[]
  headers: Record<string, string>
  options: FastifyCreatedOptions
}
type More = Partial<Pick<Case, 'headers' | 'options'>>

const strict: FastifyCreatedOptions = { profile: 'strict' }
const only = (...rules: RuleId[]): FastifyCreatedOptions => ({
  rules: Object.fromEntries(rules.map((rule) => [rule, 'error']))
})
const right = (reply: FastifyReply) => reply.code(201).headers({ location: '/things/1', etag: '"1"' })
const withLocation = (location: unknown): Handler => (reply) => right(reply).header('location', location).send(secret)

const cases: Case[] = []
function test (name: string, method: Method, handler: Handler, broken: RuleId[] = [], more: More = {}): void {
  cases.push({ name, method, handler, broken, headers: {}, options: {}, ...more })
}

// Rules about 201

test('a correct 201', 'POST', (reply) => right(reply).send(secret), [], { options: strict })
test('a 201 without Location', 'POST', (reply) => reply.code(201).header('etag', '"1"').send(secret),
  ['created-location'])
for (const method of ['PUT', 'PATCH'] as const) {
  test(`a 201 without Location to ${method}`, method, (reply) => reply.code(201).send(secret), [], { options: strict })
}
test('a 201 without ETag', 'POST', (reply) => right(reply).removeHeader('etag').send(secret),
  ['created-etag'], { options: strict })
for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS'] as const) {
  test(`a 201 to ${method}`, method, (reply) => right(reply).send(secret), ['created-method'])
}
test('a 201 with problem details', 'POST', (reply) => right(reply).type('application/problem+json').send('{}'),
  ['created-failure'])
test('a 201 with an empty body', 'POST', (reply) => right(reply).send(),
  ['created-body'], { options: only('created-body') })
test('a 201 with an empty buffer', 'POST', (reply) => right(reply).send(Buffer.alloc(0)),
  ['created-body'], { options: only('created-body') })
test('a 201 with the empty body that the client prefers', 'POST', (reply) => right(reply).send(),
  [], { headers: { prefer: 'respond-async, return=minimal' }, options: only('created-body') })

// Rules about Location

test('a 201 with a relative Location', 'POST', withLocation('things/1'), ['location-syntax'])
test('a 201 whose Location is undefined', 'POST', withLocation(undefined), ['location-syntax'])
test('a 201 whose Location is null', 'POST', withLocation(null), ['location-syntax'])
test('a 201 with two Locations', 'POST', withLocation(['/things/1', '/things/2']), ['location-syntax'])
test('a 201 whose Location is a number', 'POST', withLocation(1), ['location-syntax'])
test('a 201 on another origin', 'POST', withLocation('https://evil.example/things/1'), ['location-origin'])
test('a 201 on one of the locationOrigins', 'POST', withLocation('https://good.example/x'),
  [], { options: { locationOrigins: ['https://good.example'] } })
test('a 201 on the origin', 'POST', withLocation('https://good.example/things/1'),
  [], { options: { origin: 'https://good.example' } })
test('a 201 on the origin that no route answers', 'POST', withLocation('https://good.example/x'),
  ['location-resolves'], { options: { origin: 'https://good.example' } })
test('a 201 whose Location no route answers', 'POST', withLocation('/nothing'), ['location-resolves'])
test('a 201 with the collection in Location', 'POST', withLocation('/test'), ['location-target'])
test('a 201 to PUT with another URL in Location', 'PUT', (reply) => right(reply).send(secret), ['location-target'])
test('a 201 to PUT with the target in Location', 'PUT', withLocation('/test'))
test('a 200 with Location', 'POST', (reply) => reply.header('location', '/things/1').send(secret),
  ['location-status'], { options: only('location-status') })
test('a 409 with Location', 'POST', (reply) => reply.code(409).header('location', '/things/1').send(secret),
  ['location-status'], { options: only('location-status') })
test('a redirect to another origin', 'GET', (reply) => reply.redirect('https://other.example/a?b#c'),
  [], { options: strict })
test('a redirect to two places', 'GET', (reply) => reply.code(302).header('location', ['/a', '/b']).send(),
  ['location-syntax'])
test('a redirect to a list of one place', 'GET', (reply) => reply.code(302).header('location', ['/a']).send())
test('a redirect that cannot be written', 'GET', (reply) => reply.code(302).header('location', '/日本').send(),
  ['location-syntax'])

// Rules about 202

test('a 202 with Location', 'POST', (reply) => reply.code(202).header('location', '/jobs/1').send(secret),
  [], { options: strict })
test('a 202 without a monitor', 'POST', (reply) => reply.code(202).send(secret),
  ['accepted-monitor'], { options: only('accepted-monitor') })
test('a 202 with a monitor in Link', 'POST',
  (reply) => reply.code(202).header('link', '</jobs/1>; rel="monitor"').send(secret),
  [], { options: only('accepted-monitor') })
test('a 202 with a monitor in Content-Location', 'POST',
  (reply) => reply.code(202).header('content-location', '/jobs/1').send(secret),
  [], { options: only('accepted-monitor') })

// Rules about ETag and preconditions

test('an ETag without quotes', 'GET', (reply) => reply.header('etag', 'abc').send(secret), ['etag-syntax'])
test('an ETag without quotes on an error', 'GET', (reply) => reply.code(404).header('etag', 'abc').send(secret),
  ['etag-syntax'])
test('two ETags', 'GET', (reply) => reply.header('etag', ['"a"', '"b"']).send(secret), ['etag-syntax'])
test('an ETag with obs-text', 'GET', (reply) => reply.header('etag', '"caf\u00E9"').send(secret), ['etag-syntax'])
test('an ETag in lower-case w/', 'GET', (reply) => reply.header('etag', 'w/"a"').send(secret), ['etag-syntax'])
test('a correct ETag', 'GET', (reply) => reply.header('etag', 'W/"a,b"').send(secret), [], { options: strict })
test('a 304 without a condition', 'GET', (reply) => reply.code(304).send(), ['precondition-status'])
test('a 304 to a condition of If-None-Match', 'GET', (reply) => reply.code(304).send(),
  [], { headers: { 'if-none-match': '"a"' } })
test('a 304 to a condition of If-Modified-Since', 'HEAD', (reply) => reply.code(304).send(),
  [], { headers: { 'if-modified-since': modified } })
test('a 304 to PUT', 'PUT', (reply) => reply.code(304).send(),
  ['precondition-status'], { headers: { 'if-none-match': '"a"' } })
test('a 412 without a condition', 'PUT', (reply) => reply.code(412).send(secret))
test('a 412 to WebDAV\'s Overwrite', 'PUT', (reply) => reply.code(412).send(secret),
  [], { headers: { overwrite: 'F' }, options: strict })
for (const [name, options] of [['recommended', {}], ['strict', strict]] as const) {
  test(`an ETag on PUT in ${name}`, 'PUT', (reply) => reply.header('etag', '"1"').send(secret), [], { options })
  test(`a Last-Modified on PUT in ${name}`, 'PUT', (reply) => reply.header('last-modified', modified).send(secret),
    [], { options })
}
test('an ETag on PUT with put-etag', 'PUT', (reply) => reply.header('etag', '"1"').send(secret),
  ['put-etag'], { options: only('put-etag') })
test('a Last-Modified on PUT with put-etag', 'PUT', (reply) => reply.header('last-modified', modified).send(secret),
  ['put-etag'], { options: only('put-etag') })
test('an ETag on a 412 to PUT with put-etag', 'PUT', (reply) => reply.code(412).header('etag', '"1"').send(secret),
  [], { headers: { 'if-match': '"0"' }, options: { ...strict, ...only('put-etag') } })

// Rules about content

test('a 204 with a body', 'POST', (reply) => reply.code(204).send(secret), ['content-forbidden'], { options: strict })
test('a 205 with a body', 'POST', (reply) => reply.code(205).send('text'), ['content-forbidden'], { options: strict })
test('a 304 with a body', 'GET', (reply) => reply.code(304).send('text'),
  ['content-forbidden'], { headers: { 'if-none-match': '*' }, options: strict })
test('a 204 of null', 'POST', (reply) => reply.code(204).send(null), [], { options: strict })
test('a 204 to HEAD', 'HEAD', (reply) => reply.code(204).send('text'), [], { options: strict })

// Rules about CORS

test('a cross-origin 201 that hides its headers', 'POST', (reply) => right(reply).headers(cors).send(secret),
  ['cors-expose'], { headers: page, options: strict })
test('a cross-origin 201 that exposes its headers', 'POST',
  (reply) => right(reply).headers({ ...cors, 'access-control-expose-headers': 'etag, LOCATION' }).send(secret),
  [], { headers: page, options: strict })
test('a cross-origin 201 that exposes all', 'POST',
  (reply) => right(reply).headers({ ...cors, 'access-control-expose-headers': '*' }).send(secret),
  [], { headers: page, options: strict })
test('a cross-origin 201 with credentials, for which * is no wildcard', 'POST', (reply) => right(reply).headers({
  ...cors, 'access-control-expose-headers': '*', 'access-control-allow-credentials': 'true'
}).send(secret), ['cors-expose'], { headers: page, options: strict })
test('a cross-origin 201 without CORS', 'POST', (reply) => right(reply).send(secret),
  [], { headers: page, options: strict })
test('a same-origin 201', 'POST', (reply) => right(reply).headers(cors).send(secret),
  [], { headers: { origin: 'http://localhost' }, options: strict })
test('a 201 to an opaque origin', 'POST', (reply) => right(reply).headers(cors).send(secret),
  ['cors-expose'], { headers: { origin: 'null' }, options: strict })

for (const { name, method, handler, broken, headers, options } of cases) {
  t.test(`${name} ${broken.length === 0 ? 'breaks no rule' : `breaks ${broken.join()}`}`, async (t) => {
    const handle = async (_request: unknown, reply: FastifyReply) => { await handler(reply); return reply }
    const thrown = await appWith(t, options)
    thrown.app.get('/things/:id', async () => secret)
    if (method !== 'GET') thrown.app.get('/test', { exposeHeadRoute: false }, async () => [])
    thrown.app.route({ method, url: '/test', exposeHeadRoute: false, handler: handle })
    const response = await thrown.app.inject({ method, url: '/test', headers })
    t.same(thrown.rules(), broken)
    t.equal(response.statusCode === 500, broken.length > 0, `${response.statusCode}`)
    if (broken.length > 0) {
      t.equal(response.headers.location, undefined)
      t.equal(response.headers.etag, undefined)
      t.notMatch(response.body, 'hunter2')
      const parts = '\\. Found: .+\\. Required: .+ \\(.+\\)\\. Fix: .+\\. '
      const link = `See fastify-created/docs/reference/rules\\.md#${broken[0]}`
      const message = new RegExp(`^${method} /test broke the rule ${broken[0]}${parts}${link}$`)
      if (method !== 'HEAD') t.match(response.json(), { code: 'FST_CREATED_VIOLATION', message })
      t.match(thrown.violations[0], { method, url: '/test', severity: 'error', message })
    }

    const logged = await appWith(t, { ...options, enforcement: 'log' })
    logged.app.route({ method, url: '/test', exposeHeadRoute: false, handler: handle })
    const bare = await appWith(t, options)
    bare.app.route({ method, url: '/test', exposeHeadRoute: false, config: { created: false }, handler: handle })
    const passed = await logged.app.inject({ method, url: '/test', headers })
    const plain = await bare.app.inject({ method, url: '/test', headers })
    t.same(logged.rules(), broken.filter((rule) => rule !== 'location-resolves'), 'log checks what throw checks')
    t.same(bare.rules(), [], 'an exempt route is not checked')
    if (name.includes('cannot be written')) return
    const seen = ({ statusCode, body, headers }: typeof passed) => [statusCode, body, { ...headers, date: '' }]
    t.same(seen(passed), seen(plain), 'in log the client gets what it would have got')
  })
}

const forms: Array<[form: string, send: (reply: FastifyReply) => unknown]> = [
  ['an object', (reply) => reply.send(secret)],
  ['a string', (reply) => reply.send('hunter2')],
  ['a buffer', (reply) => reply.send(Buffer.from('hunter2'))],
  ['a typed array', (reply) => reply.send(new TextEncoder().encode('hunter2'))],
  ['a stream', (reply) => reply.send(Readable.from(['hunter2']))],
  ['a web stream', (reply) => reply.send(ReadableStream.from(['hunter2']))],
  ['a Response', (reply) => reply.send(new Response('hunter2', { status: 201 }))],
  ['nothing', (reply) => reply.send()],
  ['null', (reply) => reply.send(null)],
  ['a raw status', (reply) => { reply.raw.statusCode = 201; return reply.send(secret) }]
]

for (const [form, send] of forms) {
  t.test(`a 201 that is ${form} is checked`, async (t) => {
    const handler: RouteHandlerMethod = async (_request, reply) => {
      if (form !== 'a Response' && form !== 'a raw status') reply.code(201)
      await send(reply)
      return reply
    }
    const { app, rules } = await appWith(t)
    app.post('/test', handler)
    const response = await app.inject({ method: 'POST', url: '/test' })
    t.equal(response.statusCode, 500)
    t.notMatch(response.body, 'hunter2')
    t.same(rules(), ['created-location', 'created-etag'])

    const logged = await appWith(t, { enforcement: 'log' })
    logged.app.post('/test', handler)
    const passed = await logged.app.inject({ method: 'POST', url: '/test' })
    t.equal(passed.statusCode, 201)
    t.same(logged.rules(), ['created-location', 'created-etag'])
    if (form !== 'nothing' && form !== 'null') t.match(passed.body, 'hunter2')
  })
}

t.test('the status and the headers of a Response are checked', async (t) => {
  const { app, rules } = await appWith(t, { profile: 'strict' })
  const respond = (body: string | null, location: string, etag: string) => async () =>
    new Response(body, { status: 201, headers: { location, etag } })
  app.get('/things/:id', async () => secret)
  app.post('/right', respond('{}', '/things/1', '"1"'))
  app.post('/wrong', respond('{}', 'things/1', '1'))
  app.post('/empty', respond(null, '/things/1', '"1"'))
  t.equal((await app.inject({ method: 'POST', url: '/right' })).statusCode, 201)
  t.same(rules(), [])
  const response = await app.inject({ method: 'POST', url: '/wrong' })
  t.equal(response.statusCode, 500)
  t.equal(response.headers.location, undefined)
  t.same(rules(), ['location-syntax', 'etag-syntax'])
  t.equal((await app.inject({ method: 'POST', url: '/empty' })).statusCode, 201)
  t.same(rules().slice(2), ['created-body'])
})

t.test('headers set on reply.raw are checked, and removed', async (t) => {
  const { app, rules } = await appWith(t)
  app.post('/test', async (_request, reply) => {
    reply.raw.setHeader('location', 'https://evil.example/1')
    reply.raw.setHeader('etag', 'abc')
    return reply.code(201).send(secret)
  })
  const response = await rawRequest(app, 'POST /test HTTP/1.1', 'Content-Length: 0')
  t.equal(response.status, 500)
  t.same(header(response, 'location'), [])
  t.same(header(response, 'etag'), [])
  t.same(rules(), ['location-origin', 'etag-syntax'])
})

t.test('the stream of a response that is not sent is destroyed', async (t) => {
  const stream = new Readable({ read () {} })
  let cancelled = 0
  const web = () => new ReadableStream({ cancel () { cancelled++ } })
  const { app } = await appWith(t)
  app.post('/node', async (_request, reply) => reply.code(201).send(stream))
  app.post('/web', async (_request, reply) => reply.code(201).send(web()))
  app.post('/response', async () => new Response(web() as unknown as BodyInit, { status: 201 }))
  for (const url of ['/node', '/web', '/response']) {
    t.equal((await app.inject({ method: 'POST', url })).statusCode, 500)
  }
  t.equal(stream.destroyed, true)
  t.equal(cancelled, 2)
})

t.test('the 500 that is sent instead has no header about the response, and keeps all others', async (t) => {
  const { app } = await appWith(t)
  app.post('/test', async (_request, reply) => reply.code(201).headers({
    location: 'a',
    etag: '"1"',
    'last-modified': 'x',
    'content-location': '/a',
    'content-type': 'image/png',
    'content-encoding': 'gzip',
    'content-language': 'en',
    'content-range': 'x',
    'content-disposition': 'attachment',
    'cache-control': 'max-age=60',
    expires: 'x',
    'x-request-id': '7',
    'access-control-allow-origin': '*'
  }).send('hunter2'))
  const { headers } = await app.inject({ method: 'POST', url: '/test' })
  t.same(Object.keys(headers).sort(), [
    'access-control-allow-origin', 'connection', 'content-length', 'content-type', 'date', 'x-request-id'
  ])
})

// What a message tells to do

t.test('a 201 by hand on a route with a resource is told reply.created(user), and nothing to fill in', async (t) => {
  const userResource = resource<{ id: string }>({ etag: () => 1 })
  const config = { resource: userResource }
  for (const enforcement of ['throw', 'log'] as const) {
    const { app, violations } = await appWith(t, { enforcement, profile: 'strict' })
    app.get('/users/:id', { config }, async (_request, reply) => reply.ok({ id: '1' }))
    app.post('/users', { config }, async (_request, reply) => reply.code(201).send({ id: '1' }))
    const { statusCode, body } = await app.inject({ method: 'POST', url: '/users' })
    t.equal(statusCode, enforcement === 'throw' ? 500 : 201)
    t.match(violations, [
      { rule: 'created-location', found: 'the 201 has no Location', fix: 'return reply.created(user)' },
      { rule: 'created-etag', found: 'the 201 has no ETag', fix: 'return reply.created(user)' }
    ])
    for (const { fix, message } of violations) {
      t.equal(fix, 'return reply.created(user)')
      t.ok(message.includes(`Fix: ${fix}. See `), message)
    }
    if (enforcement === 'throw') t.match(body, 'Fix: return reply.created(user). See ')
  }
})

t.test('a 201 by hand on a route without a resource is told both ways: the options, and a resource', async (t) => {
  const { app, violations } = await appWith(t, { profile: 'strict' })
  app.post('/users', async (_request, reply) => reply.code(201).send({ id: '1' }))
  const { statusCode, body } = await app.inject({ method: 'POST', url: '/users' })
  t.equal(statusCode, 500)
  // eslint-disable-next-line no-template-curly-in-string
  const fix = 'return reply.created(user, { location: `/users/${user.id}`, etag: user.version }), ' +
    'or declare config: { resource: userResource } and return reply.created(user)'
  t.same(violations.map(({ rule, fix }) => [rule, fix]), [['created-location', fix], ['created-etag', fix]])
  t.ok(JSON.parse(body).message.includes(`Fix: ${fix}. See `))
})

t.test('the fix of a 201 by hand has a path that is valid, whatever the URL of the route is', async (t) => {
  const { app, violations } = await appWith(t)
  const handler: RouteHandlerMethod = async (_request, reply) => reply.code(201).send({ id: '1' })
  for (const url of ['/', '/users/', '/api/users']) app.post(url, handler)
  app.setNotFoundHandler(handler)
  const paths = [
    ['/', '/${record.id}'], // eslint-disable-line no-template-curly-in-string
    ['/users/', '/users/${user.id}'], // eslint-disable-line no-template-curly-in-string
    ['/api/users', '/api/users/${user.id}'], // eslint-disable-line no-template-curly-in-string
    ['/nowhere', '/path/${record.id}'] // eslint-disable-line no-template-curly-in-string
  ]
  for (const [url, path] of paths) {
    await app.inject({ method: 'POST', url })
    t.match(violations.splice(0)[0].fix, `, { location: \`${path}\`, etag: `, url)
  }
})

// Error handlers

t.test('an error handler that forgets the status has created nothing', async (t) => {
  const fails = async (_request: unknown, reply: FastifyReply): Promise<void> => {
    reply.code(201).headers({ location: '/things/1', etag: '"1"' })
    throw new Error('the database is gone')
  }
  for (const enforcement of ['throw', 'log'] as const) {
    const { app, rules } = await appWith(t, { enforcement })
    app.get('/things/:id', async () => secret)
    app.setErrorHandler((_error, _request, reply) => reply.send({ oops: true }))
    app.post('/test', fails)
    const response = await app.inject({ method: 'POST', url: '/test' })
    t.equal(response.statusCode, enforcement === 'throw' ? 500 : 201)
    t.same(rules(), ['created-failure'])
  }
})

t.test('a correct error handler breaks no rule, and handles violations in its own form', async (t) => {
  const { app, rules } = await appWith(t)
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) =>
    reply.code(error.statusCode ?? 500).send({ own: true }))
  app.post('/fails', async (_request, reply) => { reply.code(201); throw new Error('no') })
  app.post('/violates', async (_request, reply) => reply.code(201).send(secret))
  const failed = await app.inject({ method: 'POST', url: '/fails' })
  t.equal(failed.statusCode, 500)
  t.same(rules(), [])
  const violated = await app.inject({ method: 'POST', url: '/violates' })
  t.equal(violated.statusCode, 500)
  t.same(violated.json(), { own: true }, 'the violation goes through the error handler of the app')
  t.match(rules(), ['created-location'])
})

t.test('an error handler that always responds 201 does not start a loop', async (t) => {
  const { app } = await appWith(t)
  app.setErrorHandler((_error, _request, reply) => reply.code(201).send({ oops: true }))
  app.post('/test', async () => { throw new Error('no') })
  t.equal((await app.inject({ method: 'POST', url: '/test' })).statusCode, 500)
})

t.test('created() in an error handler has created nothing', async (t) => {
  for (const enforcement of ['throw', 'log'] as const) {
    const { app, rules } = await appWith(t, { enforcement })
    app.get('/things/:id', async () => secret)
    app.setErrorHandler((_error, _request, reply) =>
      reply.created({ oops: true }, { location: '/things/1', etag: 1 }))
    app.post('/test', async () => { throw new Error('no') })
    const { statusCode } = await app.inject({ method: 'POST', url: '/test' })
    t.equal(statusCode, enforcement === 'throw' ? 500 : 201)
    t.same(rules(), ['created-failure'])
  }
})

// Not-found handlers

t.test('the response of a not-found handler is checked', async (t) => {
  const { app, violations } = await appWith(t)
  app.setNotFoundHandler(async (_request, reply) => reply.code(201).send(secret))
  t.equal((await app.inject({ method: 'POST', url: '/nowhere' })).statusCode, 500)
  t.match(violations[0], { rule: 'created-location', method: 'POST', url: '(no route)' })
})

t.test('in log, the response of a not-found handler is checked as well, by hand or by a helper', async (t) => {
  const { app, violations } = await appWith(t, { enforcement: 'log' })
  app.setNotFoundHandler(async (request, reply) =>
    request.url === '/by-hand' ? reply.code(201).send(secret) : reply.created(secret, {} as never))
  for (const url of ['/by-hand', '/by-helper']) {
    t.equal((await app.inject({ method: 'POST', url })).statusCode, 201)
    t.match(violations.splice(0), [
      { rule: 'created-location', url: '(no route)' }, { rule: 'created-etag', url: '(no route)' }
    ], url)
  }
})

t.test('with nested registrations, the innermost one checks the response of a not-found handler', async (t) => {
  const { app, violations } = await appWith(t, { enforcement: 'log' })
  const inner: Violation[] = []
  const notFound = async (_request: unknown, reply: FastifyReply) => reply.code(201).send(secret)
  app.setNotFoundHandler(notFound)
  app.register(async (scope) => {
    await scope.register(fastifyCreated, {
      enforcement: 'log', onViolation: (violation) => { inner.push(violation) }
    })
    scope.setNotFoundHandler(notFound)
    scope.register(async (deeper) => { deeper.setNotFoundHandler(notFound) }, { prefix: '/deeper' })
  }, { prefix: '/nested' })
  const send = async (url: string) => {
    t.equal((await app.inject({ method: 'POST', url })).statusCode, 201)
    return [violations, inner].map((found) => found.splice(0).map(({ rule }) => rule))
  }
  const both = ['created-location', 'created-etag']
  t.same(await send('/nowhere'), [both, []])
  t.same(await send('/nested/nowhere'), [[], both])
  t.same(await send('/nested/deeper/nowhere'), [[], both])
})

t.test('so is the response of the default not-found handler, and of a route that calls one', async (t) => {
  const { app, violations } = await appWith(t)
  const inner: Violation[] = []
  app.addHook('onRequest', async (_request, reply) => { reply.header('location', '/elsewhere') })
  app.register(async (scope) => {
    await scope.register(fastifyCreated, { onViolation: (violation) => { inner.push(violation) } })
    scope.post('/calls', async (_request, reply) => reply.callNotFound())
  }, { prefix: '/nested' })
  for (const url of ['/nowhere', '/nested/nowhere', '/nested/calls']) {
    t.equal((await app.inject({ method: 'POST', url })).statusCode, 404)
    t.same([...violations.splice(0), ...inner.splice(0)].map(({ rule }) => rule), ['location-status'], url)
  }
})

t.test('a route that calls a not-found handler outside of all registrations is checked itself', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  const found: Violation[] = []
  app.addHook('onRequest', async (_request, reply) => { reply.header('location', '/elsewhere') })
  app.register(async (scope) => {
    await scope.register(fastifyCreated, { onViolation: (violation) => { found.push(violation) } })
    scope.post('/calls', async (_request, reply) => reply.callNotFound())
  })
  t.equal((await app.inject({ method: 'POST', url: '/calls' })).statusCode, 404)
  t.match(found, [{ rule: 'location-status', url: '/calls' }])
  t.equal(found.length, 1)
})

// What is checked, and how often

t.test('a handler keeps its this, and what it returns', async (t) => {
  const { app } = await appWith(t)
  app.decorate('greeting', 'hello')
  app.post('/test', function (this: any, _request, reply) { reply.send({ greeting: this.greeting }) })
  app.post('/async', async function (this: any) { return { greeting: this.greeting } })
  for (const url of ['/test', '/async']) {
    t.same((await app.inject({ method: 'POST', url })).json(), { greeting: 'hello' })
  }
})

t.test('what an onSend hook of the route or the app adds is checked', async (t) => {
  const { app, rules } = await appWith(t, { profile: 'strict' })
  const addLocation = async (_request: unknown, reply: FastifyReply) => { reply.header('location', '/things/1') }
  const handler: RouteHandlerMethod = async (_request, reply) => reply.code(201).send(secret)
  app.get('/things/:id', async () => secret)
  app.addHook('onSend', async (_request, reply) => { reply.header('etag', '"1"') })
  app.post('/test', { onSend: addLocation }, handler)
  app.post('/list', { onSend: [addLocation] }, handler)
  for (const url of ['/test', '/list']) t.equal((await app.inject({ method: 'POST', url })).statusCode, 201)
  t.same(rules(), [])
})

t.test('what a helper has checked is checked again if it has changed since, and nothing else', async (t) => {
  const { app, rules } = await appWith(t)
  app.get('/things/:id', async () => secret)
  app.addHook('onSend', async (request, reply) => {
    reply.header(request.headers['x-change'] as string ?? 'x-none', 'abc')
  })
  app.post('/test', async (_request, reply) => reply.created(secret, { location: '/things/1', etag: 1 }))
  app.post('/jobs', async (_request, reply) => reply.accepted(secret, { location: '/things/1' }))
  for (const url of ['/test', '/jobs']) {
    for (const change of ['location', 'etag']) {
      const { statusCode } = await app.inject({ method: 'POST', url, headers: { 'x-change': change } })
      t.equal(statusCode, 500)
    }
  }
  t.same(rules(), ['location-syntax', 'etag-syntax', 'location-syntax', 'etag-syntax'])
})

t.test('every response is checked, in log as well as in throw: the 1,000th stray header is counted', async (t) => {
  for (const [enforcement, times] of [['log', 1000], ['throw', 130]] as const) {
    const counts = new Map<string, number>()
    const { app, logs } = await appWith(t, {
      enforcement,
      onViolation: ({ rule, url }) => counts.set(`${rule} ${url}`, (counts.get(`${rule} ${url}`) ?? 0) + 1)
    })
    app.addHook('onSend', async (_request, reply) => { reply.header('etag', 'abc') })
    app.get('/things/:id', async () => secret)
    app.post('/by-helper', async (_request, reply) => reply.created(secret, { location: '/things/1', etag: 1 }))
    app.post('/by-hand', async (_request, reply) => right(reply).send(secret))
    for (let n = 1; n <= times; n++) {
      await app.inject('/things/1')
      await app.inject({ method: 'POST', url: '/by-helper' })
      await app.inject({ method: 'POST', url: '/by-hand' })
    }
    t.same([...counts], [
      ['etag-syntax /things/:id', times], ['etag-syntax /by-helper', times], ['etag-syntax /by-hand', times]
    ], enforcement)
    await app.close()
    const urls = ['/things/:id', '/by-helper', '/by-hand']
    const isLogged = enforcement === 'log'
    // What is thrown is logged each time, by the error handler.
    t.equal(logs.filter(({ level }) => level === 50).length, isLogged ? urls.length : urls.length * times)
    t.same(logs.filter(({ count }) => count !== undefined).map(({ count, route }) => [count, route.url]),
      isLogged ? urls.map((url) => [times, url]) : [])
  }
})

t.test('whether a script sees the headers that a helper has set is checked each time', async (t) => {
  for (const enforcement of ['log', 'throw'] as const) {
    const { app, rules } = await appWith(t, { enforcement })
    app.get('/things/:id', async () => secret)
    app.post('/test', async (_request, reply) =>
      reply.headers(cors).created(secret, { location: '/things/1', etag: 1 }))
    for (let n = 0; n < 130; n++) await app.inject({ method: 'POST', url: '/test', headers: page })
    t.same(rules(), Array.from({ length: 130 }, () => 'cors-expose'), enforcement)
  }
})

t.test('in log, a header that a hook has made unwritable is removed from each response of a helper', async (t) => {
  const { app } = await appWith(t, { enforcement: 'log' })
  app.get('/things/:id', async () => secret)
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({ location: '/things/1?by=日本', etag: '"日本"' })
  })
  app.post('/test', async (_request, reply) => reply.created(secret, { location: '/things/1', etag: 1 }))
  const seen = new Set<string>()
  for (let n = 0; n < 130; n++) {
    const { statusCode, headers: { location, etag } } = await app.inject({ method: 'POST', url: '/test' })
    seen.add(JSON.stringify({ statusCode, location, etag }))
  }
  t.same([...seen], ['{"statusCode":201}'])
})

t.test('in log, a 201 that a helper makes of an error is checked each time', async (t) => {
  const { app, rules } = await appWith(t, { enforcement: 'log' })
  app.setErrorHandler((_error, _request, reply) => reply.created(secret, { location: '/things/1', etag: 1 }))
  app.post('/fails', async () => { throw new Error('no') })
  for (let n = 0; n < 120; n++) await app.inject({ method: 'POST', url: '/fails' })
  t.same(rules(), Array.from({ length: 120 }, () => 'created-failure'))
})

t.test('in log, a header that cannot be written is removed, and everything else arrives', async (t) => {
  const { app, rules } = await appWith(t, { enforcement: 'log' })
  app.post('/created', async (_request, reply) =>
    reply.code(201).headers({ location: '/日本', etag: '"日本"', 'x-other': '1' }).send(secret))
  app.get('/moved', async (_request, reply) => reply.code(302).header('location', '/a\r\nb').send('moved'))
  const creation = await rawRequest(app, 'POST /created HTTP/1.1', 'Content-Length: 0')
  t.equal(creation.status, 201)
  t.same(JSON.parse(creation.body), secret)
  t.same(header(creation, 'location'), [])
  t.same(header(creation, 'etag'), [])
  t.same(header(creation, 'x-other'), ['1'])
  const redirect = await rawRequest(app, 'GET /moved HTTP/1.1')
  t.equal(redirect.status, 302)
  t.equal(redirect.body, 'moved')
  t.same(rules(), ['location-syntax', 'etag-syntax', 'location-syntax'])
})

t.test('a 412 without a condition is warned of in strict only, whatever the severity', async (t) => {
  for (const [options, expected] of [[strict, ['warn']], [only('precondition-status'), []]] as const) {
    const { app, violations } = await appWith(t, options)
    app.put('/test', async (_request, reply) => reply.code(412).send(secret))
    t.equal((await app.inject({ method: 'PUT', url: '/test' })).statusCode, 412)
    t.same(violations.map(({ severity }) => severity), expected)
  }
})

t.test('severities and enforcement can be set for one route', async (t) => {
  const { app, violations } = await appWith(t)
  const handler: RouteHandlerMethod = async (_request, reply) => reply.code(201).header('etag', '"1"').send(secret)
  app.post('/error', handler)
  app.post('/warn', { config: { created: { rules: { 'created-location': 'warn' } } } }, handler)
  app.post('/off', { config: { created: { rules: { 'created-location': 'off' } } } }, handler)
  app.post('/log', { config: { created: { enforcement: 'log' } } }, handler)
  const statuses = []
  for (const url of ['/error', '/warn', '/off', '/log']) {
    statuses.push((await app.inject({ method: 'POST', url })).statusCode)
  }
  t.same(statuses, [500, 201, 201, 201])
  t.same(violations.map(({ severity, url }) => [severity, url]), [
    ['error', '/error'], ['warn', '/warn'], ['error', '/log']
  ])
})

t.test('a 201 schema on a route that creates nothing is warned of at boot, once', async (t) => {
  const { app, violations } = await appWith(t, { profile: 'strict' })
  const schema = { response: { 201: { type: 'object' } } }
  app.get('/get', { schema }, async () => secret)
  app.delete('/delete', { schema }, async () => secret)
  app.route({ method: ['GET', 'POST'], url: '/both', schema, handler: async () => secret })
  app.get('/off', { schema, config: { created: { rules: { 'created-method': 'off' } } } }, async () => secret)
  await app.ready()
  t.same(violations.map(({ rule, severity, method, url }) => [rule, severity, method, url]), [
    ['created-method', 'warn', 'GET', '/get'],
    ['created-method', 'warn', 'DELETE', '/delete']
  ])
  t.match(violations[0], { found: 'the response schemas of GET /get have a 201', fix: /response: \{ 200: … \}/ })
})

// Beside other plugins

t.test('the 304 that @fastify/etag makes of a PUT is checked', async (t) => {
  const { app, rules } = await appWith(t)
  await app.register(etag)
  app.put('/test', async () => secret)
  const { headers } = await app.inject({ method: 'PUT', url: '/test' })
  const response = await app.inject({
    method: 'PUT', url: '/test', headers: { 'if-none-match': headers.etag as string }
  })
  t.equal(response.statusCode, 500)
  t.same(rules(), ['precondition-status'])
})

t.test('the 500 of a violation has no ETag, though a later hook sets one on every response', async (t) => {
  const { app } = await appWith(t)
  await app.register(etag)
  app.post('/by-hand', async (_request, reply) => reply.code(201).send(secret))
  app.post('/by-helper', async (_request, reply) => reply.created(secret, { location: 'things/1', etag: 1 }))
  for (const url of ['/by-hand', '/by-helper']) {
    const response = await app.inject({ method: 'POST', url })
    t.equal(response.statusCode, 500)
    t.equal(response.headers.etag, undefined, url)
  }
})

t.test('hijacked and raw responses are not checked', async (t) => {
  const { app, rules } = await appWith(t, { profile: 'strict' })
  app.post('/hijack', (_request, reply) => { reply.hijack(); reply.raw.writeHead(201).end() })
  app.post('/raw', (_request, reply) => { reply.raw.writeHead(201).end() })
  for (const url of ['/hijack', '/raw']) t.equal((await app.inject({ method: 'POST', url })).statusCode, 201)
  t.same(rules(), [])
})

t.test('an exchange of a resumable upload is exempt from all rules, those of the helpers too', async (t) => {
  const { app, rules } = await appWith(t, { profile: 'strict' })
  app.post('/by-helper', async (request, reply) => {
    reply.header(String(request.headers.name), '1')
    return reply.created(null, { location: 'uploads/1', etag: 'W/"' })
  })
  app.post('/by-hand', async (request, reply) =>
    reply.code(201).headers({ location: 'uploads/1', [String(request.headers.name)]: '1' }).send())
  const send = async (url: string, headers = {}) => await app.inject({ method: 'POST', url, headers })
  app.post('/response', async (request) => new Response(null, {
    status: 201, headers: { location: 'uploads/1', [String(request.headers.name)]: '1' }
  }))
  for (const name of ['tus-resumable', 'upload-complete', 'upload-offset']) {
    for (const url of ['/by-helper', '/by-hand', '/response']) {
      const response = await send(url, { name })
      t.equal(response.statusCode, 201, `${name} ${url}`)
      t.equal(response.headers.location, 'uploads/1')
    }
  }
  t.same(rules(), [])
  for (const name of ['upload', 'x-upload-id']) t.equal((await send('/by-helper', { name })).statusCode, 500)
  t.same(rules(), ['location-syntax', 'location-syntax'])
})

t.test('no header that a client can send switches the rules off', async (t) => {
  const { app, rules } = await appWith(t, { origin: 'https://api.example' })
  app.post('/things', async (request, reply) =>
    reply.code(201).headers({ location: `https://${request.host}/things/1`, etag: '"1"' }).send())
  const names = ['tus-resumable', 'upload-offset', 'upload-complete', 'upload-draft-interop-version', 'upload-x']
  for (const name of names) {
    const headers = { host: 'evil.example', [name]: '1' }
    const response = await app.inject({ method: 'POST', url: '/things', headers })
    t.equal(response.statusCode, 500, name)
    t.equal(response.headers.location, undefined)
  }
  t.same(rules(), names.map(() => 'location-origin'))
})
