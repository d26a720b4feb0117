import { once } from 'node:events'
import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyPluginAsync, type FastifyServerOptions, type RouteHandlerMethod } from 'fastify'
import t from 'tap'
import created, { resource, type CreatedInit, type PluginOptions, type Violation } from '../../src/index.js'
import { guarded } from '../support.js'

interface User { id: string, version: number }
const ann: User = { id: '1', version: 7 }
const user = resource<User>({ etag: ({ version }) => version })
const carries = { config: { resource: user } }

const answers: RouteHandlerMethod = async (_request, reply) => reply.ok(ann)
const creates: RouteHandlerMethod = async (_request, reply) => reply.created(ann, undefined as unknown as CreatedInit)
const home = (app: FastifyInstance, url = '/users/:id') => app.get(url, carries, answers)
const creator = (app: FastifyInstance, url = '/users') => app.post(url, carries, creates)
const both: FastifyPluginAsync = async (app) => {
  creator(app)
  home(app)
}

async function create (app: FastifyInstance, url: string, headers: Record<string, string> = {}) {
  const answer = await app.inject({ method: 'POST', url, headers })
  return { status: answer.statusCode, location: answer.headers.location, etag: answer.headers.etag }
}

t.test('one plugin under two prefixes creates below its own, with the same resource', async (t) => {
  const { app, rules } = await guarded(t, { profile: 'strict' })
  app.register(both, { prefix: '/v1' })
  app.register(both, { prefix: '/v2' })
  for (const prefix of ['/v1', '/v2']) {
    t.same(await create(app, `${prefix}/users`), { status: 201, location: `${prefix}/users/1`, etag: '"7"' })
    t.equal((await app.inject(`${prefix}/users/1`)).headers.etag, '"7"')
  }
  t.same(rules(), [])
})

type Layout = [says: string, declare: (app: FastifyInstance) => unknown, sent: string, location: string | undefined]
const layouts: Layout[] = [
  ['a home in the same scope is nearer than one further in', (app) => { home(app, '/near/:id'); creator(app); app.register(async (scope) => { home(scope, '/in/:id') }) }, '/users', '/near/1'],
  ['a home in the same scope is nearer than one further out', (app) => { home(app, '/out/:id'); app.register(async (scope) => { home(scope, '/near/:id'); creator(scope) }) }, '/users', '/near/1'],
  ['a home one scope out is nearer than one two scopes out', (app) => {
    home(app, '/out/:id')
    app.register(async (middle) => { home(middle, '/near/:id'); middle.register(async (inner) => { creator(inner) }) })
  }, '/users', '/near/1'],
  ['a home one scope out is nearer than one in the scope beside', (app) => {
    home(app, '/near/:id')
    app.register(async (scope) => { creator(scope) })
    app.register(async (scope) => { home(scope, '/beside/:id') })
  }, '/users', '/near/1'],
  ['a home in the scope beside is found', (app) => { app.register(async (scope) => { creator(scope) }); app.register(async (scope) => { home(scope, '/beside/:id') }) }, '/users', '/beside/1'],
  ['a home two scopes further in is found from the root', (app) => { creator(app); app.register(async (scope) => { scope.register(async (inner) => { home(inner, '/in/:id') }) }) }, '/users', '/in/1'],
  ['the nearer of two homes further in', (app) => { creator(app); app.register(async (scope) => { home(scope, '/near/:id'); scope.register(async (inner) => { home(inner, '/in/:id') }) }) }, '/users', '/near/1'],
  ['a scope of fastify-plugin counts as the one around it', (app) => {
    const unscoped: FastifyPluginAsync = async (scope) => { home(scope, '/near/:id') }
    app.register(Object.assign(unscoped, { [Symbol.for('skip-override')]: true }))
    app.register(async (scope) => { home(scope, '/in/:id') })
    creator(app)
  }, '/users', '/near/1'],
  ['two homes that are equally near', (app) => { creator(app); app.register(async (scope) => { home(scope, '/a/:id') }); app.register(async (scope) => { home(scope, '/b/:id') }) }, '/users', undefined],
  ['two homes equally near, one further out and one further in', (app) => {
    home(app, '/out/:id')
    app.register(async (scope) => { creator(scope); scope.register(async (inner) => { home(inner, '/in/:id') }) })
  }, '/users', undefined],
  ['a parametric prefix, whose parameter is inherited', (app) => app.register(both, { prefix: '/orgs/:org' }), '/orgs/a%20b/users', '/orgs/a%20b/users/1'],
  ['parametric prefixes in one another', (app) => app.register(async (scope) => { scope.register(both, { prefix: '/teams/:team' }) }, { prefix: '/orgs/:org' }), '/orgs/acme/teams/blue/users', '/orgs/acme/teams/blue/users/1'],
  ['a prefix with a slash at its end', (app) => app.register(both, { prefix: '/v1/' }), '/v1/users', '/v1/users/1'],
  ['the route "/" below a prefix', (app) => app.register(async (scope) => { home(scope, '/:id'); creator(scope, '/') }, { prefix: '/users' }), '/users', '/users/1'],
  ['the same, sent with a slash at its end', (app) => app.register(async (scope) => { home(scope, '/:id'); creator(scope, '/') }, { prefix: '/users' }), '/users/', '/users/1'],
  ['the empty route below a prefix', (app) => app.register(async (scope) => { home(scope, '/:id'); creator(scope, '') }, { prefix: '/users' }), '/users', '/users/1'],
  ['a home at the route "/" below a parametric prefix', (app) => { app.register(async (scope) => { home(scope, '/') }, { prefix: '/users/:id' }); creator(app) }, '/users', '/users/1'],
  ['everything at the root', (app) => { home(app, '/:id'); creator(app, '/') }, '/', '/1']
]

for (const [says, declare, sent, location] of layouts) {
  t.test(`${location === undefined ? 'the boot is refused' : 'the nearest home counts'}: ${says}`, async (t) => {
    const { app, rules } = await guarded(t)
    await declare(app)
    if (location === undefined) {
      await t.rejects(async () => { await app.ready() }, { code: 'FST_CREATED_VIOLATION', rule: 'resource-home', message: /POST \/users has a resource, and 2 homes of it are equally near/ })
    } else {
      t.same(await create(app, sent), { status: 201, location, etag: '"7"' })
      t.equal((await app.inject(location)).statusCode, 200, 'GET there answers')
      t.same(rules(), [])
    }
  })
}

t.test('PUT to the route "/" below a prefix creates at its target, sent with a slash at its end or without', async (t) => {
  const { app, rules } = await guarded(t)
  app.register(async (scope) => {
    scope.get('/', carries, answers)
    scope.put('/', carries, creates)
  }, { prefix: '/settings' })
  for (const url of ['/settings', '/settings/']) {
    const { statusCode, headers } = await app.inject({ method: 'PUT', url })
    t.same([statusCode, headers.location], [201, '/settings'], url)
  }
  t.same(rules(), [])
})

t.test('two apps in one process share a resource, and know nothing of each other', async (t) => {
  const [one, two, none] = [await guarded(t), await guarded(t, { basePath: '/two' }), await guarded(t)]
  home(one.app, '/people/:id')
  creator(one.app)
  home(two.app, '/accounts/:id')
  creator(two.app)
  creator(none.app)
  t.same(await create(two.app, '/users'), { status: 201, location: '/two/accounts/1', etag: '"7"' })
  t.same(await create(one.app, '/users'), { status: 201, location: '/people/1', etag: '"7"' })
  t.equal(one.app.locate(user, ann), '/people/1')
  t.equal(two.app.locate(user, ann), '/two/accounts/1')
  await t.rejects(async () => { await none.app.ready() }, { code: 'FST_CREATED_VIOLATION', rule: 'resource-home' })
})

// Where the plugin is registered

const options: PluginOptions = { enforcement: 'throw' }

t.test('registered in a child scope only, it pairs what is there, and the rest of the app is left alone', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.register(async (scope) => {
    await scope.register(created, options)
    await both(scope, {})
  }, { prefix: '/in' })
  app.post('/out', { config: { resource: user } }, async () => 'done')
  t.same(await create(app, '/in/users'), { status: 201, location: '/in/users/1', etag: '"7"' })
  t.same(await create(app, '/out'), { status: 200, location: undefined, etag: undefined })
})

t.test('registered in two scopes beside each other, each sees its own homes', async (t) => {
  for (const separate of [true, false]) {
    const app = Fastify()
    t.teardown(() => app.close())
    app.register(async (scope) => {
      await scope.register(created, options)
      home(scope, '/a/:id')
      if (!separate) creator(scope)
    })
    app.register(async (scope) => {
      await scope.register(created, options)
      if (separate) creator(scope)
    })
    if (separate) await t.rejects(async () => { await app.ready() }, { code: 'FST_CREATED_VIOLATION', rule: 'resource-home', message: /outside of the scope where it is registered/ })
    else t.match(await create(app, '/users'), { status: 201, location: '/a/1' })
  }
})

for (const [homeIn, creatorIn, location] of [['outer', 'inner', '/inner/users/1'], ['inner', 'outer', '/outer/users/1'], ['inner', 'inner', '/inner/users/1'], ['beside', 'inner', '/inner/users/1']]) {
  t.test(`registered again in an inner scope, the options there count for its routes: home ${homeIn}, creating route ${creatorIn}`, async (t) => {
    const violations: Violation[] = []
    const onViolation = (violation: Violation) => { violations.push(violation) }
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(created, { ...options, basePath: '/outer', onViolation })
    const declare = (scope: FastifyInstance, here: string) => {
      if (homeIn === here) home(scope)
      if (creatorIn === here) creator(scope)
      scope.post(`/wrong-${here}`, async (_request, reply) => reply.code(201).header('etag', '"1"').send({}))
    }
    declare(app, 'outer')
    app.register(async (scope) => {
      await scope.register(created, { ...options, basePath: '/inner', onViolation })
      declare(scope, 'inner')
    })
    app.register(async (scope) => declare(scope, 'beside'))
    t.same(await create(app, '/users'), { status: 201, location, etag: '"7"' })
    t.same(violations, [])
    for (const here of ['outer', 'inner', 'beside']) {
      t.match(await create(app, `/wrong-${here}`), { status: 500 })
      t.match(violations.splice(0), [{ rule: 'created-location', url: `/wrong-${here}` }], 'judged once')
    }
  })
}

t.test('registered again in an inner scope, a route is refused at boot once, by the severities there', async (t) => {
  for (const [outer, inner, stops] of [['off', 'error', true], ['error', 'off', false], ['error', 'error', true]] as const) {
    const violations: Violation[] = []
    const onViolation = (violation: Violation) => { violations.push(violation) }
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(created, { ...options, onViolation, rules: { 'resource-home': outer } })
    app.register(async (scope) => {
      await scope.register(created, { ...options, onViolation, rules: { 'resource-home': inner } })
      creator(scope)
    })
    const booted = await app.ready().then(() => true, () => false)
    t.equal(booted, !stops)
    t.equal(violations.length, stops ? 1 : 0)
  }
})

t.test('routes that another onRoute hook declares meanwhile change nothing of that', async (t) => {
  const violations: Violation[] = []
  const onViolation = (violation: Violation) => { violations.push(violation) }
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(created, { ...options, onViolation })
  app.addHook('onRoute', function ({ method, url }) {
    if (method === 'POST') this.options(url, async () => '')
  })
  app.register(async (scope) => {
    await scope.register(created, { ...options, onViolation })
    creator(scope)
  })
  await t.rejects(async () => { await app.ready() }, { code: 'FST_CREATED_VIOLATION', rule: 'resource-home' })
  t.same(violations.map(({ rule, url }) => `${rule} ${url}`), ['resource-home /users'])
})

// HTTP/2

t.test('over HTTP/2 a 201 says where what it created is, and that answers', async (t) => {
  const app = Fastify({ http2: true })
  t.teardown(() => app.close())
  await app.register(created, { enforcement: 'throw' })
  const typed = app as unknown as FastifyInstance
  home(typed)
  creator(typed)
  typed.get('/gone/:id', { config: { resource: resource<User>({ etag: () => 1 }) } }, async (_request, reply) => reply.ok(null))
  await app.listen({ port: 0, host: '127.0.0.1' })
  const session = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
  const send = async (method: string, path: string, headers = {}) => {
    const stream = session.request({ ':method': method, ':path': path, ...headers })
    stream.resume()
    const [received] = await once(stream, 'response')
    await once(stream, 'close')
    return received
  }
  try {
    const answer = await send('POST', '/users')
    t.match(answer, { ':status': 201, location: '/users/1', etag: '"7"' })
    t.match(await send('GET', answer.location), { ':status': 200, etag: '"7"' })
    t.match(await send('GET', answer.location, { 'if-none-match': '"7"' }), { ':status': 304, etag: '"7"' })
    for (const method of ['GET', 'HEAD']) t.match(await send(method, '/gone/1'), { ':status': 404 }, method)
  } finally {
    session.close()
  }
})

// Constraints

t.test('homes of one URL under several versions are one', async (t) => {
  const { app, rules } = await guarded(t)
  for (const version of ['1.0.0', '2.0.0']) {
    app.get('/users/:id', { ...carries, constraints: { version } }, answers)
    app.post('/users', { ...carries, constraints: { version } }, creates)
  }
  app.post('/unversioned', carries, creates)
  for (const version of ['1.x', '2.x']) t.same(await create(app, '/users', { 'accept-version': version }), { status: 201, location: '/users/1', etag: '"7"' })
  t.same(await create(app, '/unversioned'), { status: 201, location: '/users/1', etag: '"7"' })
  t.same(rules(), [])
})

t.test('homes of several URLs under several hosts are not', async (t) => {
  const { app } = await guarded(t)
  app.get('/a/:id', { ...carries, constraints: { host: 'a.example' } }, answers)
  app.get('/b/:id', { ...carries, constraints: { host: 'b.example' } }, answers)
  app.post('/users', { ...carries, constraints: { host: 'a.example' } }, creates)
  await t.rejects(async () => { await app.ready() }, { code: 'FST_CREATED_VIOLATION', rule: 'resource-home', message: /GET \/a\/:id and GET \/b\/:id/ })
})

t.test('homes under a host constraint answer for what is created there, and from outside', async (t) => {
  const { app, rules } = await guarded(t)
  for (const [host, prefix] of [['a.example', '/a'], ['b.example', '/b']]) {
    app.register(async (scope) => {
      scope.get('/users/:id', { ...carries, constraints: { host } }, answers)
      scope.post('/users', { ...carries, constraints: { host } }, creates)
    }, { prefix })
  }
  for (const [host, location] of [['a.example', '/a/users/1'], ['b.example', '/b/users/1']]) {
    t.same(await create(app, location.slice(0, -2), { host }), { status: 201, location, etag: '"7"' })
    t.equal((await app.inject({ url: location, headers: { host } })).statusCode, 200)
  }
  t.same(rules(), [])
})

// Options of the server

const reads: Array<[says: string, server: FastifyServerOptions, plugin: PluginOptions, declare: (app: FastifyInstance) => unknown, sent: string, location: string, follow?: string]> = [
  ['rewriteUrl and the basePath that it strips', { rewriteUrl: ({ url }) => url!.replace(/^\/api(?=\/)/, '') }, { basePath: '/api' }, (app) => both(app, {}), '/api/users', '/api/users/1'],
  ['basePath, which a proxy strips', {}, { basePath: '/api' }, (app) => both(app, {}), '/users', '/api/users/1', '/users/1'],
  ['origin', {}, { origin: 'https://api.example.com' }, (app) => both(app, {}), '/users', 'https://api.example.com/users/1', '/users/1'],
  ['origin and basePath', {}, { origin: 'https://api.example.com', basePath: '/v1' }, (app) => both(app, {}), '/users', 'https://api.example.com/v1/users/1', '/users/1'],
  ...[(options: object) => options, (routerOptions: object) => ({ routerOptions })].flatMap((place, index): typeof reads => {
    const where = index === 0 ? 'at the top' : 'below routerOptions'
    const long = { id: 'x'.repeat(150), version: 7 }
    return [
      [`caseSensitive ${where}`, place({ caseSensitive: false }), {}, (app) => { home(app, '/Users/:id'); creator(app) }, '/USERS', '/Users/1'],
      [`ignoreTrailingSlash ${where}`, place({ ignoreTrailingSlash: true }), {}, (app) => { home(app, '/users/:id/'); creator(app, '/users/') }, '/users', '/users/1/'],
      [`ignoreDuplicateSlashes ${where}`, place({ ignoreDuplicateSlashes: true }), {}, (app) => both(app, {}), '//users', '/users/1'],
      [`maxParamLength ${where}`, place({ maxParamLength: 200 }), {}, (app) => { home(app); app.post('/users', carries, async (_request, reply) => reply.created(long)) }, '/users', `/users/${long.id}`],
      [`useSemicolonDelimiter ${where}`, place({ useSemicolonDelimiter: true }), {}, (app) => { home(app); app.post('/users', carries, async (_request, reply) => reply.created({ id: 'a;b', version: 7 })) }, '/users', '/users/a%3Bb']
    ]
  })
]

for (const [says, server, plugin, declare, sent, location, follow = location] of reads) {
  t.test(`an address is right under ${says}`, async (t) => {
    const { app, rules } = await guarded(t, plugin, server)
    await declare(app)
    t.same(await create(app, sent), { status: 201, location, etag: '"7"' })
    t.equal((await app.inject(follow)).statusCode, 200)
    t.same(rules(), [])
  })
}

t.test('an id that is too long for the router is refused by its own limit', async (t) => {
  for (const place of [(maxParamLength: number) => ({ maxParamLength }), (maxParamLength: number) => ({ routerOptions: { maxParamLength } })]) {
    const { app, violations } = await guarded(t, {}, place(5))
    home(app)
    app.post('/users', carries, async (_request, reply) => reply.created({ id: '123456', version: 7 }))
    t.same(await create(app, '/users'), { status: 500, location: undefined, etag: undefined })
    t.match(violations, [{ rule: 'location-syntax', message: /6 characters, and the router takes 5/ }])
  }
})

t.test('an origin is never taken from the request', async (t) => {
  const { app } = await guarded(t, {}, { trustProxy: true })
  await both(app, {})
  app.get('/located', async (request) => request.locate(user, ann))
  const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', 'x-forwarded-prefix': '/evil' }
  t.equal((await create(app, '/users', headers)).location, '/users/1')
  t.equal((await app.inject({ url: '/located', headers })).body, '/users/1')
})
