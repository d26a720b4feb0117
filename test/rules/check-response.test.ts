import { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import etag from '@fastify/etag'
import type { FastifyReply, RouteHandlerMethod } from 'fastify'
import t from 'tap'
import type { PluginOptions } from '../../src/index.js'
import { guarded, header, rawRequest } from '../support.js'

const secret = { password: 'hunter2' }

type Case = [
  says: string,
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS',
  handler: (reply: FastifyReply) => unknown,
  broken: string[],
  requestHeaders?: Record<string, string>,
  options?: PluginOptions
]
const strict: PluginOptions = { profile: 'strict' }
const only = (...rules: string[]): PluginOptions => ({ rules: Object.fromEntries(rules.map((rule) => [rule, 'error'])) })
const right = (reply: FastifyReply) => reply.code(201).headers({ location: '/things/1', etag: '"1"' })

const cases: Case[] = [
  ['a right 201', 'POST', (reply) => right(reply).send(secret), [], {}, strict],
  ['a 201 without Location', 'POST', (reply) => reply.code(201).header('etag', '"1"').send(secret), ['created-location']],
  ['a 201 without Location to PUT', 'PUT', (reply) => reply.code(201).send(secret), [], {}, strict],
  ['a 201 without Location to PATCH', 'PATCH', (reply) => reply.code(201).send(secret), [], {}, strict],
  ['a 201 without ETag', 'POST', (reply) => right(reply).removeHeader('etag').send(secret), ['created-etag'], {}, strict],
  ['a 201 to GET', 'GET', (reply) => right(reply).send(secret), ['created-method']],
  ['a 201 to HEAD', 'HEAD', (reply) => right(reply).send(secret), ['created-method']],
  ['a 201 to DELETE', 'DELETE', (reply) => right(reply).send(secret), ['created-method']],
  ['a 201 to OPTIONS', 'OPTIONS', (reply) => right(reply).send(secret), ['created-method']],
  ['a 201 with a problem', 'POST', (reply) => right(reply).type('application/problem+json').send('{}'), ['created-failure']],
  ['a 201 with an empty body', 'POST', (reply) => right(reply).send(), ['created-body'], {}, only('created-body')],
  ['a 201 with an empty buffer', 'POST', (reply) => right(reply).send(Buffer.alloc(0)), ['created-body'], {}, only('created-body')],
  ['a 201 with the empty body that the client prefers', 'POST', (reply) => right(reply).send(), [], { prefer: 'respond-async, return=minimal' }, only('created-body')],
  ['a 201 with a relative Location', 'POST', (reply) => right(reply).header('location', 'things/1').send(secret), ['location-syntax']],
  ['a 201 whose Location is undefined', 'POST', (reply) => right(reply).header('location', undefined).send(secret), ['location-syntax']],
  ['a 201 whose Location is null', 'POST', (reply) => right(reply).header('location', null).send(secret), ['location-syntax']],
  ['a 201 with two Locations', 'POST', (reply) => right(reply).header('location', ['/things/1', '/things/2']).send(secret), ['location-syntax']],
  ['a 201 whose Location is a number', 'POST', (reply) => right(reply).header('location', 1).send(secret), ['location-syntax']],
  ['a 201 on another origin', 'POST', (reply) => right(reply).header('location', 'https://evil.example/things/1').send(secret), ['location-origin']],
  ['a 201 on an allowed origin', 'POST', (reply) => right(reply).header('location', 'https://good.example/x').send(secret), [], {}, { allowedOrigins: ['https://good.example'] }],
  ['a 201 on the origin', 'POST', (reply) => right(reply).header('location', 'https://good.example/things/1').send(secret), [], {}, { origin: 'https://good.example' }],
  ['a 201 on the origin that nothing answers', 'POST', (reply) => right(reply).header('location', 'https://good.example/x').send(secret), ['location-resolves'], {}, { origin: 'https://good.example' }],
  ['a 201 whose Location nothing answers', 'POST', (reply) => right(reply).header('location', '/nothing').send(secret), ['location-resolves']],
  ['a 201 with the collection in Location', 'POST', (reply) => right(reply).header('location', '/test').send(secret), ['location-target']],
  ['a 201 to PUT with another address in Location', 'PUT', (reply) => right(reply).send(secret), ['location-target']],
  ['a 201 to PUT with the target in Location', 'PUT', (reply) => right(reply).header('location', '/test').send(secret), []],
  ['a 200 with Location', 'POST', (reply) => reply.header('location', '/things/1').send(secret), ['location-status'], {}, only('location-status')],
  ['a 409 with Location', 'POST', (reply) => reply.code(409).header('location', '/things/1').send(secret), ['location-status'], {}, only('location-status')],
  ['a 202 with Location', 'POST', (reply) => reply.code(202).header('location', '/jobs/1').send(secret), [], {}, strict],
  ['a 202 without a monitor', 'POST', (reply) => reply.code(202).send(secret), ['accepted-monitor'], {}, only('accepted-monitor')],
  ['a 202 with a monitor in Link', 'POST', (reply) => reply.code(202).header('link', '</jobs/1>; rel="monitor"').send(secret), [], {}, only('accepted-monitor')],
  ['a 202 with a monitor in Content-Location', 'POST', (reply) => reply.code(202).header('content-location', '/jobs/1').send(secret), [], {}, only('accepted-monitor')],
  ['a redirect to anywhere', 'GET', (reply) => reply.redirect('https://other.example/a?b#c'), [], {}, strict],
  ['a redirect to two places', 'GET', (reply) => reply.code(302).header('location', ['/a', '/b']).send(), ['location-syntax']],
  ['a redirect to a list of one place', 'GET', (reply) => reply.code(302).header('location', ['/a']).send(), []],
  ['a redirect that cannot be written', 'GET', (reply) => reply.code(302).header('location', '/日本').send(), ['location-syntax']],
  ['an ETag without quotes', 'GET', (reply) => reply.header('etag', 'abc').send(secret), ['etag-syntax']],
  ['an ETag without quotes on an error', 'GET', (reply) => reply.code(404).header('etag', 'abc').send(secret), ['etag-syntax']],
  ['two ETags', 'GET', (reply) => reply.header('etag', ['"a"', '"b"']).send(secret), ['etag-syntax']],
  ['an ETag in lower-case w/', 'GET', (reply) => reply.header('etag', 'w/"a"').send(secret), ['etag-syntax']],
  ['a right ETag', 'GET', (reply) => reply.header('etag', 'W/"a,b"').send(secret), [], {}, strict],
  ['a 304 without a condition', 'GET', (reply) => reply.code(304).send(), ['precondition-status']],
  ['a 304 to a condition of If-None-Match', 'GET', (reply) => reply.code(304).send(), [], { 'if-none-match': '"a"' }],
  ['a 304 to a condition of If-Modified-Since', 'HEAD', (reply) => reply.code(304).send(), [], { 'if-modified-since': 'Mon, 03 Feb 2020 04:05:05 GMT' }],
  ['a 304 to PUT', 'PUT', (reply) => reply.code(304).send(), ['precondition-status'], { 'if-none-match': '"a"' }],
  ['a 412 without a condition', 'PUT', (reply) => reply.code(412).send(secret), []],
  ['a 412 to WebDAV\'s Overwrite', 'PUT', (reply) => reply.code(412).send(secret), [], { overwrite: 'F' }, strict],
  ['an ETag on PUT', 'PUT', (reply) => reply.header('etag', '"1"').send(secret), [], {}],
  ['an ETag on PUT in strict', 'PUT', (reply) => reply.header('etag', '"1"').send(secret), ['put-validator'], {}, strict],
  ['a Last-Modified on PUT in strict', 'PUT', (reply) => reply.header('last-modified', 'Mon, 03 Feb 2020 04:05:05 GMT').send(secret), ['put-validator'], {}, strict],
  ['an ETag on a 412 to PUT in strict', 'PUT', (reply) => reply.code(412).header('etag', '"1"').send(secret), [], { 'if-match': '"0"' }, strict],
  ['a 204 with a body', 'POST', (reply) => reply.code(204).send(secret), ['content-forbidden'], {}, strict],
  ['a 205 with a body', 'POST', (reply) => reply.code(205).send('text'), ['content-forbidden'], {}, strict],
  ['a 304 with a body', 'GET', (reply) => reply.code(304).send('text'), ['content-forbidden'], { 'if-none-match': '*' }, strict],
  ['a 204 of null', 'POST', (reply) => reply.code(204).send(null), [], {}, strict],
  ['a 204 to HEAD', 'HEAD', (reply) => reply.code(204).send('text'), [], {}, strict],
  ['a cross-origin 201 that hides its headers', 'POST', (reply) => right(reply).header('access-control-allow-origin', '*').send(secret), ['cors-expose'], { origin: 'https://page.example' }, strict],
  ['a cross-origin 201 that exposes its headers', 'POST', (reply) => right(reply).headers({ 'access-control-allow-origin': '*', 'access-control-expose-headers': 'etag, LOCATION' }).send(secret), [], { origin: 'https://page.example' }, strict],
  ['a cross-origin 201 that exposes all', 'POST', (reply) => right(reply).headers({ 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' }).send(secret), [], { origin: 'https://page.example' }, strict],
  ['a cross-origin 201 with credentials, for which * is no wildcard', 'POST', (reply) => right(reply).headers({ 'access-control-allow-origin': '*', 'access-control-expose-headers': '*', 'access-control-allow-credentials': 'true' }).send(secret), ['cors-expose'], { origin: 'https://page.example' }, strict],
  ['a cross-origin 201 without CORS', 'POST', (reply) => right(reply).send(secret), [], { origin: 'https://page.example' }, strict],
  ['a same-origin 201', 'POST', (reply) => right(reply).header('access-control-allow-origin', '*').send(secret), [], { origin: 'http://localhost' }, strict],
  ['an opaque origin', 'POST', (reply) => right(reply).header('access-control-allow-origin', '*').send(secret), ['cors-expose'], { origin: 'null' }, strict]
]

for (const [says, method, handler, broken, headers, options] of cases) {
  t.test(`${says}: ${broken.length === 0 ? 'is silent' : `breaks ${broken.join()}`}`, async (t) => {
    const handle = async (_request: unknown, reply: FastifyReply) => { await handler(reply); return reply }
    const thrown = await guarded(t, options)
    thrown.app.get('/things/:id', async () => secret)
    if (method !== 'GET') thrown.app.get('/test', { exposeHeadRoute: false }, async () => [])
    thrown.app.route({ method, url: '/test', exposeHeadRoute: false, handler: handle })
    const answer = await thrown.app.inject({ method, url: '/test', headers })
    t.same(thrown.rules(), broken)
    t.equal(answer.statusCode === 500, broken.length > 0, `${answer.statusCode}`)
    if (broken.length > 0) {
      t.equal(answer.headers.location, undefined)
      t.equal(answer.headers.etag, undefined)
      t.notMatch(answer.body, 'hunter2')
      if (method !== 'HEAD') t.match(answer.json(), { code: 'FST_CREATED_VIOLATION', message: broken[0] })
    }

    const logged = await guarded(t, { ...options, enforcement: 'log', rules: { ...options?.rules, 'location-resolves': 'off' } })
    logged.app.route({ method, url: '/test', exposeHeadRoute: false, handler: handle })
    const bare = await guarded(t, options)
    bare.app.route({ method, url: '/test', exposeHeadRoute: false, config: { created: false }, handler: handle })
    const [passed, plain] = [await logged.app.inject({ method, url: '/test', headers }), await bare.app.inject({ method, url: '/test', headers })]
    t.same(bare.rules(), [], 'an exempt route is not judged')
    if (says.includes('cannot be written')) return
    t.same([passed.statusCode, passed.body, { ...passed.headers, date: '' }], [plain.statusCode, plain.body, { ...plain.headers, date: '' }], 'in log the client gets what it would have got')
  })
}

const forms: Array<[says: string, send: (reply: FastifyReply) => unknown]> = [
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

for (const [says, send] of forms) {
  t.test(`the guard sees a 201 that is ${says}`, async (t) => {
    const handler: RouteHandlerMethod = async (_request, reply) => {
      if (says !== 'a Response' && says !== 'a raw status') reply.code(201)
      await send(reply)
      return reply
    }
    const { app, rules } = await guarded(t)
    app.post('/test', handler)
    const answer = await app.inject({ method: 'POST', url: '/test' })
    t.equal(answer.statusCode, 500)
    t.notMatch(answer.body, 'hunter2')
    t.same(rules(), ['created-location', 'created-etag'])

    const logged = await guarded(t, { enforcement: 'log' })
    logged.app.post('/test', handler)
    const passed = await logged.app.inject({ method: 'POST', url: '/test' })
    t.equal(passed.statusCode, 201)
    t.same(logged.rules(), ['created-location', 'created-etag'])
    if (says !== 'nothing' && says !== 'null') t.match(passed.body, 'hunter2')
  })
}

t.test('the guard reads the status and the headers of a Response', async (t) => {
  const { app, rules } = await guarded(t, { profile: 'strict' })
  app.get('/things/:id', async () => secret)
  app.post('/right', async () => new Response('{}', { status: 201, headers: { location: '/things/1', etag: '"1"' } }))
  app.post('/wrong', async () => new Response('{}', { status: 201, headers: { location: 'things/1', etag: '1' } }))
  app.post('/empty', async () => new Response(null, { status: 201, headers: { location: '/things/1', etag: '"1"' } }))
  t.equal((await app.inject({ method: 'POST', url: '/right' })).statusCode, 201)
  t.same(rules(), [])
  const answer = await app.inject({ method: 'POST', url: '/wrong' })
  t.equal(answer.statusCode, 500)
  t.equal(answer.headers.location, undefined)
  t.same(rules(), ['location-syntax', 'etag-syntax'])
  t.equal((await app.inject({ method: 'POST', url: '/empty' })).statusCode, 201)
  t.same(rules().slice(2), ['created-body'])
})

t.test('headers set on reply.raw are seen, and taken back', async (t) => {
  const { app, rules } = await guarded(t)
  app.post('/test', async (_request, reply) => {
    reply.raw.setHeader('location', 'https://evil.example/1')
    reply.raw.setHeader('etag', 'abc')
    return reply.code(201).send(secret)
  })
  const answer = await rawRequest(app, 'POST /test HTTP/1.1', 'Content-Length: 0')
  t.equal(answer.status, 500)
  t.same(header(answer, 'location'), [])
  t.same(header(answer, 'etag'), [])
  t.same(rules(), ['location-origin', 'etag-syntax'])
})

t.test('a stream that the guard refuses is destroyed', async (t) => {
  const stream = new Readable({ read () {} })
  let cancelled = 0
  const web = () => new ReadableStream({ cancel () { cancelled++ } })
  const { app } = await guarded(t)
  app.post('/node', async (_request, reply) => reply.code(201).send(stream))
  app.post('/web', async (_request, reply) => reply.code(201).send(web()))
  app.post('/response', async () => new Response(web() as unknown as BodyInit, { status: 201 }))
  for (const url of ['/node', '/web', '/response']) t.equal((await app.inject({ method: 'POST', url })).statusCode, 500)
  t.equal(stream.destroyed, true)
  t.equal(cancelled, 2)
})

t.test('a refused answer takes what it said of itself along, and keeps what is not about it', async (t) => {
  const { app } = await guarded(t)
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
  t.same(Object.keys(headers).sort(), ['access-control-allow-origin', 'connection', 'content-length', 'content-type', 'date', 'x-request-id'])
})

t.test('an error handler that forgets the status is no creation', async (t) => {
  const fails = async (_request: unknown, reply: FastifyReply): Promise<void> => {
    reply.code(201).headers({ location: '/things/1', etag: '"1"' })
    throw new Error('the database is gone')
  }
  for (const enforcement of ['throw', 'log'] as const) {
    const { app, rules } = await guarded(t, { enforcement })
    app.get('/things/:id', async () => secret)
    app.setErrorHandler((_error, _request, reply) => reply.send({ oops: true }))
    app.post('/test', fails)
    const answer = await app.inject({ method: 'POST', url: '/test' })
    t.equal(answer.statusCode, enforcement === 'throw' ? 500 : 201)
    t.same(rules(), ['created-failure'])
  }
})

t.test('a right error handler is left alone, also where it answers in its own form', async (t) => {
  const { app, rules } = await guarded(t)
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) => reply.code(error.statusCode ?? 500).send({ own: true }))
  app.post('/fails', async (_request, reply) => { reply.code(201); throw new Error('no') })
  app.post('/violates', async (_request, reply) => reply.code(201).send(secret))
  const failed = await app.inject({ method: 'POST', url: '/fails' })
  t.equal(failed.statusCode, 500)
  t.same(rules(), [])
  const refused = await app.inject({ method: 'POST', url: '/violates' })
  t.equal(refused.statusCode, 500)
  t.same(refused.json(), { own: true }, 'the violation goes through the user\'s error handler')
  t.match(rules(), ['created-location'])
})

t.test('an error handler that insists on 201 does not make the guard go round in circles', async (t) => {
  const { app } = await guarded(t)
  app.setErrorHandler((_error, _request, reply) => reply.code(201).send({ oops: true }))
  app.post('/test', async () => { throw new Error('no') })
  t.equal((await app.inject({ method: 'POST', url: '/test' })).statusCode, 500)
})

t.test('the answer of a not-found handler is judged, too', async (t) => {
  const { app, violations } = await guarded(t)
  app.setNotFoundHandler(async (_request, reply) => reply.code(201).send(secret))
  t.equal((await app.inject({ method: 'POST', url: '/nowhere' })).statusCode, 500)
  t.match(violations[0], { rule: 'created-location', method: 'POST', url: '(no route)' })
})

t.test('in log, what a not-found handler answers by hand goes out unseen, and what it answers by a helper is proved', async (t) => {
  const { app, violations } = await guarded(t, { enforcement: 'log' })
  app.setNotFoundHandler(async (request, reply) => request.url === '/by-hand' ? reply.code(201).send(secret) : reply.created(secret, {} as never))
  t.equal((await app.inject({ method: 'POST', url: '/by-hand' })).statusCode, 201)
  t.same(violations, [])
  t.equal((await app.inject({ method: 'POST', url: '/by-helper' })).statusCode, 201)
  t.match(violations, [{ rule: 'created-location', url: '(no route)' }, { rule: 'created-etag', url: '(no route)' }])
})

t.test('a handler keeps its this, and what it returns', async (t) => {
  const { app } = await guarded(t)
  app.decorate('greeting', 'hello')
  app.post('/test', function (this: any, _request, reply) { reply.send({ greeting: this.greeting }) })
  app.post('/async', async function (this: any) { return { greeting: this.greeting } })
  for (const url of ['/test', '/async']) t.same((await app.inject({ method: 'POST', url })).json(), { greeting: 'hello' })
})

t.test('what an onSend hook of the route or the app adds is seen', async (t) => {
  const { app, rules } = await guarded(t, { profile: 'strict' })
  app.get('/things/:id', async () => secret)
  app.addHook('onSend', async (_request, reply) => { reply.header('etag', '"1"') })
  app.post('/test', { onSend: async (_request, reply) => { reply.header('location', '/things/1') } }, async (_request, reply) => reply.code(201).send(secret))
  app.post('/list', { onSend: [async (_request, reply) => { reply.header('location', '/things/1') }] }, async (_request, reply) => reply.code(201).send(secret))
  for (const url of ['/test', '/list']) t.equal((await app.inject({ method: 'POST', url })).statusCode, 201)
  t.same(rules(), [])
})

t.test('what changes after a helper has proved it is judged again, and only that', async (t) => {
  const { app, rules } = await guarded(t)
  app.get('/things/:id', async () => secret)
  app.addHook('onSend', async (request, reply) => { reply.header(request.headers['x-change'] as string ?? 'x-none', 'abc') })
  app.post('/test', async (_request, reply) => reply.created(secret, { location: '/things/1', etag: 1 }))
  app.post('/jobs', async (_request, reply) => reply.accepted(secret, { monitor: '/things/1' }))
  for (const [url, change] of [['/test', 'location'], ['/test', 'etag'], ['/jobs', 'location'], ['/jobs', 'etag']]) {
    t.equal((await app.inject({ method: 'POST', url, headers: { 'x-change': change } })).statusCode, 500)
  }
  t.same(rules(), ['location-syntax', 'etag-syntax', 'location-syntax', 'etag-syntax'])
})

t.test('in log, what only a stray header could break is judged in each of the first 100 answers of its kind, then in one of 16; in throw, and what a helper has made, in each', async (t) => {
  for (const [enforcement, judged] of [['log', 102], ['throw', 130]] as const) {
    const { app, violations } = await guarded(t, { enforcement })
    app.get('/things/:id', async () => secret)
    app.addHook('onSend', async (_request, reply) => { reply.header('etag', 'abc') })
    app.post('/by-helper', async (_request, reply) => reply.created(secret, { location: '/things/1', etag: 1 }))
    app.post('/by-hand', async (_request, reply) => right(reply).send(secret))
    const count = async (method: 'GET' | 'POST', url: string) => {
      const before = violations.length
      for (let n = 0; n < 130; n++) await app.inject({ method, url })
      return violations.length - before
    }
    t.equal(await count('POST', '/by-helper'), 130, `${enforcement}: a 201 by created()`)
    t.equal(await count('GET', '/things/1'), judged, `${enforcement}: a GET that declares nothing`)
    t.equal(await count('POST', '/by-hand'), 130, `${enforcement}: a 201 by hand`)
  }
})

t.test('in log, whether a script sees the headers that a helper has set is judged as often as a stray header', async (t) => {
  for (const [enforcement, judged] of [['log', 102], ['throw', 130]] as const) {
    const { app, rules } = await guarded(t, { enforcement })
    app.get('/things/:id', async () => secret)
    app.post('/test', async (_request, reply) => reply.header('access-control-allow-origin', '*').created(secret, { location: '/things/1', etag: 1 }))
    for (let n = 0; n < 130; n++) await app.inject({ method: 'POST', url: '/test', headers: { origin: 'https://page.example' } })
    t.same(rules(), Array.from({ length: judged }, () => 'cors-expose'), enforcement)
  }
})

t.test('in log, a header that another hook has made unwritable is dropped from each answer of a helper', async (t) => {
  const { app } = await guarded(t, { enforcement: 'log' })
  app.get('/things/:id', async () => secret)
  app.addHook('onSend', async (_request, reply) => { reply.headers({ location: '/things/1?by=日本', etag: '"日本"' }) })
  app.post('/test', async (_request, reply) => reply.created(secret, { location: '/things/1', etag: 1 }))
  for (let n = 0; n < 130; n++) {
    const { statusCode, headers } = await app.inject({ method: 'POST', url: '/test' })
    if (statusCode !== 201 || headers.location !== undefined || headers.etag !== undefined) t.fail(`answer ${n}: ${statusCode}`)
  }
})

t.test('in log, what a helper makes of an error is judged each time', async (t) => {
  const { app, rules } = await guarded(t, { enforcement: 'log' })
  app.setErrorHandler((_error, _request, reply) => reply.created(secret, { location: '/things/1', etag: 1 }))
  app.post('/fails', async () => { throw new Error('no') })
  for (let n = 0; n < 120; n++) await app.inject({ method: 'POST', url: '/fails' })
  t.same(rules(), Array.from({ length: 120 }, () => 'created-failure'))
})

t.test('in log, a header that cannot be written is dropped, and everything else arrives', async (t) => {
  const { app, rules } = await guarded(t, { enforcement: 'log' })
  app.post('/created', async (_request, reply) => reply.code(201).headers({ location: '/日本', etag: '"日本"', 'x-other': '1' }).send(secret))
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
    const { app, violations } = await guarded(t, options)
    app.put('/test', async (_request, reply) => reply.code(412).send(secret))
    t.equal((await app.inject({ method: 'PUT', url: '/test' })).statusCode, 412)
    t.same(violations.map(({ severity }) => severity), expected)
  }
})

t.test('severities and enforcement can be set for one route', async (t) => {
  const { app, violations } = await guarded(t)
  const handler: RouteHandlerMethod = async (_request, reply) => reply.code(201).header('etag', '"1"').send(secret)
  app.post('/error', handler)
  app.post('/warn', { config: { created: { rules: { 'created-location': 'warn' } } } }, handler)
  app.post('/off', { config: { created: { rules: { 'created-location': 'off' } } } }, handler)
  app.post('/log', { config: { created: { enforcement: 'log' } } }, handler)
  const statuses = []
  for (const url of ['/error', '/warn', '/off', '/log']) statuses.push((await app.inject({ method: 'POST', url })).statusCode)
  t.same(statuses, [500, 201, 201, 201])
  t.same(violations.map(({ severity, url }) => [severity, url]), [['error', '/error'], ['warn', '/warn'], ['error', '/log']])
})

t.test('each route and rule is logged once and then counted, and onViolation gets every one', async (t) => {
  const { app, violations, logs } = await guarded(t, { enforcement: 'log' })
  app.post('/a/:id', async (_request, reply) => reply.code(201).header('etag', '"1"').send(secret))
  app.post('/b', async (_request, reply) => reply.code(201).header('etag', '"1"').send(secret))
  for (const url of ['/a/1', '/a/2', '/a/3', '/b']) await app.inject({ method: 'POST', url })
  t.same(violations.map(({ url }) => url), ['/a/:id', '/a/:id', '/a/:id', '/b'])
  const lines = () => logs.filter(({ rule }) => rule !== undefined)
  t.match(lines(), [
    { level: 50, rule: 'created-location', spec: /RFC 9110/, route: { method: 'POST', url: '/a/:id' }, msg: /POST \/a\/:id: created-location: .+ Found: there is no Location/ },
    { level: 50, rule: 'created-location', route: { method: 'POST', url: '/b' } }
  ])
  await app.close()
  t.match(lines().slice(2), [{ level: 40, count: 3, rule: 'created-location', severity: 'error', route: { method: 'POST', url: '/a/:id' }, msg: /POST \/a\/:id: created-location \(error\) was broken 3 times/ }])
  t.equal(lines().length, 3)
})

t.test('a warning is logged at its own level', async (t) => {
  const { app, logs } = await guarded(t)
  app.get('/things/:id', async () => secret)
  app.post('/test', async (_request, reply) => right(reply).removeHeader('etag').send(secret))
  t.equal((await app.inject({ method: 'POST', url: '/test' })).statusCode, 201)
  t.match(logs.filter(({ rule }) => rule), [{ level: 40, rule: 'created-etag' }])
})

t.test('an onViolation that throws or rejects is logged and changes nothing', async (t) => {
  const failures = [() => { throw new Error('metrics are gone') }, async () => { throw new Error('metrics are gone') }]
  for (const onViolation of failures) {
    const { app, logs } = await guarded(t, { enforcement: 'log', onViolation })
    app.post('/test', async (_request, reply) => reply.code(201).header('etag', '"1"').send(secret))
    t.equal((await app.inject({ method: 'POST', url: '/test' })).statusCode, 201)
    t.match(logs.filter(({ msg }) => /onViolation failed/.test(msg)), [{ err: { message: 'metrics are gone' } }])
  }
})

t.test('onViolation gets the request', async (t) => {
  const ids: unknown[] = []
  const { app } = await guarded(t, { onViolation: (violation, request) => { ids.push(request?.headers['x-id'], Object.keys(violation)) } })
  app.post('/test', async (_request, reply) => reply.code(201).header('etag', '"1"').send(secret))
  await app.inject({ method: 'POST', url: '/test', headers: { 'x-id': '7' } })
  t.same(ids, ['7', ['rule', 'severity', 'message', 'spec', 'method', 'url']])
})

t.test('a 201 schema on a route that creates nothing is warned of at boot, once', async (t) => {
  const { app, violations } = await guarded(t, { profile: 'strict' })
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
})

t.test('one line at boot says what a broken rule does, and one warns of @fastify/etag', async (t) => {
  for (const [enforcement, says] of [['throw', /enforcement throw: .+ answers 500/], ['log', /enforcement log: .+ is logged/]] as const) {
    const { app, logs } = await guarded(t, { enforcement })
    await app.ready()
    t.equal(logs.filter(({ msg, level }) => says.test(msg) && level === 30).length, 1)
    t.equal(logs.filter(({ msg }) => /replyWith304/.test(msg)).length, 0)
  }
  const { app, logs } = await guarded(t)
  await app.register(etag)
  await app.ready()
  t.equal(logs.filter(({ msg }) => /replyWith304: false/.test(msg)).length, 1)
})

t.test('the guard sees the 304 that @fastify/etag makes of a PUT', async (t) => {
  const { app, rules } = await guarded(t)
  await app.register(etag)
  app.put('/test', async () => secret)
  const { headers } = await app.inject({ method: 'PUT', url: '/test' })
  const answer = await app.inject({ method: 'PUT', url: '/test', headers: { 'if-none-match': headers.etag as string } })
  t.equal(answer.statusCode, 500)
  t.same(rules(), ['precondition-status'])
})

t.test('a 500 of the guard or of a helper carries no ETag, though a later hook tags every answer', async (t) => {
  const { app } = await guarded(t)
  await app.register(etag)
  app.post('/guard', async (_request, reply) => reply.code(201).send(secret))
  app.post('/helper', async (_request, reply) => reply.created(secret, { location: 'things/1', etag: 1 }))
  for (const url of ['/guard', '/helper']) {
    const answer = await app.inject({ method: 'POST', url })
    t.equal(answer.statusCode, 500)
    t.equal(answer.headers.etag, undefined, url)
  }
})

t.test('hijacked and raw answers are not seen', async (t) => {
  const { app, rules } = await guarded(t, { profile: 'strict' })
  app.post('/hijack', (_request, reply) => { reply.hijack(); reply.raw.writeHead(201).end() })
  app.post('/raw', (_request, reply) => { reply.raw.writeHead(201).end() })
  for (const url of ['/hijack', '/raw']) t.equal((await app.inject({ method: 'POST', url })).statusCode, 201)
  t.same(rules(), [])
})

t.test('created() in an error handler is no creation', async (t) => {
  for (const enforcement of ['throw', 'log'] as const) {
    const { app, rules } = await guarded(t, { enforcement })
    app.get('/things/:id', async () => secret)
    app.setErrorHandler((_error, _request, reply) => reply.created({ oops: true }, { location: '/things/1', etag: 1 }))
    app.post('/test', async () => { throw new Error('no') })
    t.equal((await app.inject({ method: 'POST', url: '/test' })).statusCode, enforcement === 'throw' ? 500 : 201)
    t.same(rules(), ['created-failure'])
  }
})

t.test('an exchange of a resumable upload is exempt from all rules, those of the helpers too', async (t) => {
  const { app, rules } = await guarded(t, { profile: 'strict' })
  app.post('/test', async (_request, reply) => reply.created(null, { location: 'uploads/1', etag: 'W/"' }))
  const answer = await app.inject({ method: 'POST', url: '/test', headers: { 'upload-complete': '?0' } })
  t.equal(answer.statusCode, 201)
  t.equal(answer.headers.location, 'uploads/1')
  t.same(rules(), [])
})
