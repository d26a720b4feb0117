import etag from '@fastify/etag'
import type { FastifyReply } from 'fastify'
import t, { type Test } from 'tap'
import { resource, weak, type EntityTagInput, type PluginOptions, type Resource, type RouteDeclaration } from '../../src/index.js'
import { guarded, rawRequest, type Guarded } from '../support.js'

interface User { id: string, version: EntityTagInput }
const ann: User = { id: '1', version: 7 }
const newUser = () => resource<User>({ etag: ({ version }) => version })
const strict: PluginOptions = { profile: 'strict' }
const modified = 'Mon, 03 Feb 2020 04:05:06 GMT'

/** GET /users/:id is a home that answers by `handler`. */
async function home (t: Test, handler: (reply: FastifyReply, request: { method: string }) => unknown, options: PluginOptions = {}, declared: RouteDeclaration = {}): Promise<Guarded & { user: Resource<User> }> {
  const made = await guarded(t, options)
  const user = newUser()
  made.app.get('/users/:id', { config: { resource: user, created: declared } }, async (request, reply) => { await handler(reply, request); return reply })
  return { ...made, user }
}

// ok-etag

type Case = [says: string, handler: (reply: FastifyReply) => unknown, broken: string[]]
const byHand: Case[] = [
  ['an object by hand', (reply) => reply.send(ann), ['ok-etag']],
  ['a text by hand', (reply) => reply.send('text'), ['ok-etag']],
  ['a Buffer by hand', (reply) => reply.send(Buffer.from('bytes')), ['ok-etag']],
  ['a Response without ETag', (reply) => reply.send(new Response('text')), ['ok-etag']],
  ['a Response with an ETag', (reply) => reply.send(new Response('text', { headers: { etag: '"7"' } })), []],
  ['Last-Modified alone', (reply) => reply.header('last-modified', modified).send(ann), ['ok-etag']],
  ['an ETag by hand', (reply) => reply.header('etag', '"7"').send(ann), []],
  ['ok()', (reply) => reply.ok(ann), []],
  ['ok() with an etag of null', (reply) => reply.ok(ann, { etag: null }), []],
  ['ok() of a resource that gives null', (reply) => reply.ok({ id: '1', version: null }), []],
  ['a 404', (reply) => reply.code(404).send({}), []],
  ['a 206', (reply) => reply.code(206).send('te'), []],
  ['a redirect', (reply) => reply.redirect('/users/2'), []],
  ['a 204', (reply) => reply.code(204).send(), []]
]

for (const method of ['GET', 'HEAD'] as const) {
  for (const [says, handler, broken] of byHand) {
    // Fastify's own HEAD routes answer 500 to a Response.
    if (method === 'HEAD' && says.includes('Response')) continue
    t.test(`ok-etag: ${method} of a home, ${says}: ${broken.length === 0 ? 'is silent' : 'is broken'}`, async (t) => {
      for (const [options, severity] of [[{}, 'warn'], [strict, 'error']] as const) {
        const { app, violations } = await home(t, handler, options)
        const { statusCode, body, headers } = await app.inject({ method, url: '/users/1' })
        t.same(violations.map(({ rule, severity }) => [rule, severity]), broken.map((rule) => [rule, severity]))
        if (broken.length === 0) t.ok(statusCode < 500)
        if (broken.length === 0) continue
        t.equal(statusCode, severity === 'error' ? 500 : 200)
        if (severity === 'error') t.equal(headers['last-modified'], undefined)
        if (severity === 'error' && method === 'GET') t.match(JSON.parse(body), { code: 'FST_CREATED_VIOLATION', message: 'ok-etag' })
        t.match(violations[0], { message: /answer with reply\.ok\(value\), which takes it from the resource/, method, url: '/users/:id' })
      }
    })
  }
}

t.test('ok-etag: a hook that takes away the tag of ok() is found out', async (t) => {
  const { app, rules } = await guarded(t, strict)
  app.get('/users/:id', {
    config: { resource: newUser() },
    onSend: (_request, reply, payload, done) => { reply.removeHeader('etag'); done(null, payload) }
  }, async (_request, reply) => reply.ok(ann))
  t.equal((await app.inject('/users/1')).statusCode, 500)
  t.same(rules(), ['ok-etag'])
})

t.test('ok-etag: what is no home is left alone', async (t) => {
  const { app, rules, user } = await home(t, (reply) => reply.ok(ann), strict)
  app.get('/users', async () => [ann])
  app.get('/me', { config: { resource: user, created: { home: false } } }, async () => ann)
  app.get('/exempt/:id', { config: { resource: newUser(), created: false } }, async () => ann)
  app.post('/users/search', { config: { resource: user } }, async () => ann)
  app.patch('/users/:id', { config: { resource: user, created: { precondition: 'optional' } } }, async () => ann)
  for (const [method, url] of [['GET', '/users'], ['GET', '/me'], ['HEAD', '/me'], ['GET', '/exempt/1'], ['POST', '/users/search'], ['PATCH', '/users/1']] as const) {
    t.equal((await app.inject({ method, url })).statusCode, 200, `${method} ${url}`)
  }
  t.same(rules(), [])
})

t.test('ok-etag: a tag that another plugin gives will do', async (t) => {
  const { app, rules } = await guarded(t, strict)
  await app.register(etag, { replyWith304: false })
  app.get('/users/:id', { config: { resource: newUser() } }, async () => ann)
  const { statusCode, headers } = await app.inject('/users/1')
  t.match({ statusCode, etag: headers.etag }, { statusCode: 200, etag: /^"/ })
  t.same(rules(), [])
})

t.test('ok-etag: off and error by plugin and by route', async (t) => {
  for (const [plugin, route, broken, status] of [
    ['error', undefined, ['ok-etag'], 500], ['off', undefined, [], 200], ['error', 'off', [], 200], ['off', 'error', ['ok-etag'], 500], ['error', 'warn', ['ok-etag'], 200]
  ] as const) {
    const { app, rules } = await home(t, (reply) => reply.send(ann), { rules: { 'ok-etag': plugin } }, { rules: route && { 'ok-etag': route } })
    t.equal((await app.inject('/users/1')).statusCode, status)
    t.same(rules(), broken)
  }
})

t.test('ok-etag: where enforcement is log, the answer goes out as it is', async (t) => {
  const { app, rules } = await home(t, (reply) => reply.send(ann), { ...strict, enforcement: 'log' })
  const { statusCode, body } = await app.inject('/users/1')
  t.same([statusCode, JSON.parse(body)], [200, ann])
  t.same(rules(), ['ok-etag'])
})

// precondition-weak

const requiring: Array<[says: string, plugin: PluginOptions, update: RouteDeclaration | undefined | false, method: 'PUT' | 'PATCH' | 'DELETE' | 'POST', severity: 'warn' | 'error' | undefined]> = [
  ['nothing requires If-Match', {}, {}, 'PUT', undefined],
  ['the route requires it', {}, { precondition: 'required' }, 'PUT', 'warn'],
  ['a PATCH route requires it', {}, { precondition: 'required' }, 'PATCH', 'warn'],
  ['a DELETE route requires it', {}, { precondition: 'required' }, 'DELETE', 'warn'],
  ['a POST route cannot', {}, { precondition: 'required' }, 'POST', undefined],
  ['the plugin requires it', { precondition: 'required' }, {}, 'PUT', 'warn'],
  ['the plugin requires it, the route does not', { precondition: 'required' }, { precondition: 'optional' }, 'PUT', undefined],
  ['strict requires it', strict, {}, 'PUT', 'error'],
  ['strict requires it, the plugin does not', { ...strict, precondition: 'optional' }, {}, 'PUT', undefined],
  ['strict requires it, the route does not', strict, { precondition: 'optional' }, 'PUT', undefined],
  ['the rule is off', { ...strict, rules: { 'precondition-weak': 'off' } }, {}, 'PUT', undefined],
  ['there is no update', strict, undefined, 'PUT', undefined]
]

for (const [says, options, update, method, severity] of requiring) {
  t.test(`precondition-weak: a weak tag ${severity === undefined ? 'is silent' : 'is broken'} where ${says}`, async (t) => {
    for (const [etag, expected] of [[weak(7), severity], [7, undefined], [null, undefined]] as const) {
      const { app, violations, user } = await home(t, (reply) => reply.ok({ id: '1', version: etag }), options)
      app.post('/users', { config: { resource: user } }, async (_request, reply) => reply.created({ id: '1', version: etag }))
      if (update !== undefined) app.route({ method, url: '/users/:id', config: { resource: user, created: update }, handler: async (_request, reply) => reply.noContent() })
      const asked: Array<['GET' | 'HEAD' | 'POST', string, number]> = [['GET', '/users/1', 200], ['HEAD', '/users/1', 200], ['POST', '/users', 201]]
      for (const [method, url, status] of asked) {
        const { statusCode, headers } = await app.inject({ method, url })
        t.equal(statusCode, expected === 'error' ? 500 : status, `${method} with ${etag}`)
        t.equal(headers.etag, expected === 'error' || etag === null ? undefined : etag === 7 ? '"7"' : 'W/"7"')
      }
      t.same(violations.map(({ rule, severity }) => [rule, severity]), expected === undefined ? [] : asked.map(() => ['precondition-weak', expected]))
      if (expected !== undefined) t.match(violations[0].message, new RegExp(`the ETag is W/"7", and ${method} /users/:id requires If-Match.+precondition: 'optional'`))
    }
  })
}

t.test('precondition-weak: a tag given by hand counts, and that of a 304', async (t) => {
  const { app, rules, user } = await home(t, (reply, { method }) => method === 'GET' ? reply.header('etag', weak(7)).send(ann) : reply.ok(ann))
  app.put('/users/:id', { config: { resource: user, created: { precondition: 'required' } } }, async (_request, reply) => reply.noContent())
  t.equal((await app.inject('/users/1')).statusCode, 200)
  t.same(rules(), ['precondition-weak'])

  const by304 = await home(t, (reply) => reply.ok({ id: '1', version: weak(7) }))
  by304.app.put('/users/:id', { config: { resource: by304.user, created: { precondition: 'required' } } }, async (_request, reply) => reply.noContent())
  t.equal((await by304.app.inject({ url: '/users/1', headers: { 'if-none-match': '"7"' } })).statusCode, 304)
  t.same(by304.rules(), ['precondition-weak'])
})

t.test('precondition-weak: weak tags of other resources, and of routes without one, are left alone', async (t) => {
  const { app, rules, user } = await home(t, (reply) => reply.ok(ann), strict)
  app.put('/users/:id', { config: { resource: user } }, async (_request, reply) => reply.noContent())
  app.get('/others/:id', { config: { resource: resource<User>({ etag: () => weak(1) }) } }, async (_request, reply) => reply.ok(ann))
  app.get('/plain', async (_request, reply) => reply.ok(ann, { etag: weak(1) }))
  for (const url of ['/users/1', '/others/1', '/plain']) t.equal((await app.inject(url)).statusCode, 200, url)
  t.same(rules(), [])
})

// cors-expose

const exposed: Array<[says: string, request: Record<string, string>, answer: Record<string, string>, hidden: boolean]> = [
  ['a request of another origin, nothing exposed', {}, {}, true],
  ['Location alone exposed', {}, { 'access-control-expose-headers': 'Location' }, true],
  ['ETag exposed', {}, { 'access-control-expose-headers': 'x-other, etag' }, false],
  ['everything exposed', {}, { 'access-control-expose-headers': '*' }, false],
  ['everything exposed, with credentials', {}, { 'access-control-expose-headers': '*', 'access-control-allow-credentials': 'true' }, true],
  ['a request of the same origin', { origin: 'http://localhost' }, {}, false],
  ['a conditional request, answered 304', { 'if-none-match': '"7"' }, {}, true]
]

for (const [says, request, answer, hidden] of exposed) {
  t.test(`cors-expose: a home ${hidden ? 'hides its ETag' : 'is silent'} with ${says}`, async (t) => {
    for (const method of ['GET', 'HEAD'] as const) {
      for (const [options, severity] of [[{}, 'warn'], [strict, 'error']] as const) {
        const { app, violations } = await home(t, (reply) => reply.headers({ 'access-control-allow-origin': '*', ...answer }).ok(ann), options)
        const { statusCode } = await app.inject({ method, url: '/users/1', headers: { host: 'localhost', origin: 'https://page.example', ...request } })
        t.same(violations.map(({ rule, severity }) => [rule, severity]), hidden ? [['cors-expose', severity]] : [])
        t.equal(statusCode, hidden && severity === 'error' ? 500 : 'if-none-match' in request ? 304 : 200)
        if (hidden) t.match(violations[0].message, /does not name ETag: with @fastify\/cors, set exposedHeaders/)
      }
    }
  })
}

t.test('cors-expose: only 201s and homes are asked, and only where CORS is', async (t) => {
  const { app, rules } = await home(t, (reply) => reply.ok(ann), strict)
  app.get('/plain', async (_request, reply) => reply.header('access-control-allow-origin', '*').ok(ann, { etag: 7 }))
  for (const url of ['/users/1', '/plain']) t.equal((await app.inject({ url, headers: { origin: 'https://page.example' } })).statusCode, 200, url)
  t.same(rules(), [])
})

// location-resolves

t.test('location-resolves: what was made of a declaration is not judged again, unless it is changed', async (t) => {
  const { app, rules, user } = await home(t, (reply) => reply.ok(ann))
  app.post('/users', { config: { resource: user } }, async (_request, reply) => reply.created(ann))
  app.post('/changed', { config: { resource: user }, onSend: (_request, reply, payload, done) => { reply.header('location', '/nowhere'); done(null, payload) } }, async (_request, reply) => reply.created(ann))
  t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 201)
  t.same(rules(), [])
  const { statusCode, headers } = await app.inject({ method: 'POST', url: '/changed' })
  t.same([statusCode, headers.location, headers.etag], [500, undefined, undefined])
  t.same(rules(), ['location-resolves'])
})

t.test('location-resolves: an address under a catch-all that another route shadows is refused, also from accepted() and seeOther()', async (t) => {
  const { app, violations } = await guarded(t)
  const page = resource<{ path: string }>({ etag: () => 1, params: { '*': 'path' } })
  app.get('/*', { config: { resource: page } }, async (_request, reply) => reply.ok({ path: 'x' }))
  app.get('/about', async () => 'another')
  const value = { path: 'about' }
  app.post('/created', { config: { resource: page } }, async (_request, reply) => reply.created(value))
  app.post('/accepted', { config: { resource: page } }, async (_request, reply) => reply.accepted(value))
  app.post('/seen', { config: { resource: page } }, async (_request, reply) => reply.seeOther(value))
  for (const url of ['/created', '/accepted', '/seen']) {
    const answer = await rawRequest(app, `POST ${url} HTTP/1.1`, 'Content-Length: 0')
    t.equal(answer.status, 500, url)
    t.notOk(answer.headers.some((line) => line.startsWith('location')))
    t.match(violations.splice(0), [{ rule: 'location-resolves', message: /\/about, made of .+ is answered by another GET route, which has more of this path/, url }])
  }
})

// Routes without a resource

t.test('none of it concerns routes without a resource', async (t) => {
  for (const options of [{}, strict]) {
    const { app, rules } = await guarded(t, options)
    const hidden = { 'access-control-allow-origin': '*' }
    app.get('/plain/:id', async (_request, reply) => reply.headers(hidden).send(ann))
    app.get('/weak/:id', async (_request, reply) => reply.headers({ ...hidden, etag: 'W/"7"' }).send(ann))
    app.get('/null', async (_request, reply) => reply.ok(null))
    app.patch('/weak/:id', { config: { created: { precondition: 'required' } } }, async (request, reply) => {
      request.assertPreconditions({ etag: weak(7) })
      return reply.ok(ann, { etag: weak(8) })
    })
    for (const [method, url] of [['GET', '/plain/1'], ['HEAD', '/plain/1'], ['GET', '/weak/1'], ['GET', '/null'], ['PATCH', '/weak/1']] as const) {
      t.equal((await app.inject({ method, url, headers: { origin: 'https://page.example', 'if-match': '*' } })).statusCode, 200, `${method} ${url}`)
    }
    t.same(rules(), [])
  }
})

t.test('location-target: the answer to a PUT gives no other address, also where that is the only home', async (t) => {
  const { app, rules } = await guarded(t)
  const user = newUser()
  app.get('/users/:id', { config: { resource: user } }, async (_request, reply) => reply.ok(ann))
  app.put('/drafts/:id', { config: { created: { precondition: 'optional' } } }, async (_request, reply) => reply.created(ann, { resource: user }))
  const answer = await app.inject({ method: 'PUT', url: '/drafts/1' })
  t.equal(answer.statusCode, 500)
  t.match(answer.json(), { code: 'FST_CREATED_VIOLATION', message: /location-target/ })
  t.same(rules(), ['location-target'])
})

t.test('created-method: what a helper has reported is not reported again where a hook has changed the answer since', async (t) => {
  const { app, rules } = await guarded(t, { enforcement: 'log' })
  app.get('/users/:id', async () => ann)
  app.delete('/users/:id', { onSend: async (_request, reply) => { reply.header('etag', '"8"') } }, async (_request, reply) =>
    reply.created(ann, { location: '/users/2', etag: 7 }))
  const answer = await app.inject({ method: 'DELETE', url: '/users/1' })
  t.equal(answer.statusCode, 201)
  t.equal(answer.headers.etag, '"8"')
  t.same(rules(), ['created-method'])
})
