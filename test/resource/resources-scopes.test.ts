import { once } from 'node:events'
import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import Fastify, {
  type FastifyInstance, type FastifyPluginAsync, type FastifyServerOptions, type RouteHandlerMethod
} from 'fastify'
import t from 'tap'
import fastifyCreated, {
  resource, type CreatedInit, type FastifyCreatedOptions, type Violation
} from '../../src/index.js'
import { appWith } from '../support.js'

interface User { id: string, version: number }
const ann: User = { id: '1', version: 7 }
const userResource = resource<User>({ etag: ({ version }) => version })
const withUser = { config: { resource: userResource } }

const reads: RouteHandlerMethod = async (_request, reply) => reply.ok(ann)
const creates: RouteHandlerMethod = async (_request, reply) => reply.created(ann, undefined as unknown as CreatedInit)
const reader = (app: FastifyInstance, url = '/users/:id') => app.get(url, withUser, reads)
const creator = (app: FastifyInstance, url = '/users') => app.post(url, withUser, creates)
const both: FastifyPluginAsync = async (app) => {
  creator(app)
  reader(app)
}

async function create (app: FastifyInstance, url: string, headers: Record<string, string> = {}) {
  const response = await app.inject({ method: 'POST', url, headers })
  return { status: response.statusCode, location: response.headers.location, etag: response.headers.etag }
}

t.test('one plugin under two prefixes creates below its own, with the same resource', async (t) => {
  const { app, rules } = await appWith(t, { profile: 'strict' })
  app.register(both, { prefix: '/v1' })
  app.register(both, { prefix: '/v2' })
  for (const prefix of ['/v1', '/v2']) {
    t.same(await create(app, `${prefix}/users`), { status: 201, location: `${prefix}/users/1`, etag: '"7"' })
    t.equal((await app.inject(`${prefix}/users/1`)).headers.etag, '"7"')
  }
  t.same(rules(), [])
})

type Layout = [name: string, declare: (app: FastifyInstance) => unknown, sent: string, location: string | undefined]
const layouts: Layout[] = [
  ['a canonical route in the same scope is nearer than one in an inner scope',
    (app) => { reader(app, '/near/:id'); creator(app); app.register(async (scope) => { reader(scope, '/in/:id') }) },
    '/users', '/near/1'],
  ['a canonical route in the same scope is nearer than one in an outer scope',
    (app) => { reader(app, '/out/:id'); app.register(async (scope) => { reader(scope, '/near/:id'); creator(scope) }) },
    '/users', '/near/1'],
  ['a canonical route one scope out is nearer than one two scopes out', (app) => {
    reader(app, '/out/:id')
    app.register(async (middle) => {
      reader(middle, '/near/:id')
      middle.register(async (inner) => { creator(inner) })
    })
  }, '/users', '/near/1'],
  ['a canonical route one scope out is nearer than one in a sibling scope', (app) => {
    reader(app, '/near/:id')
    app.register(async (scope) => { creator(scope) })
    app.register(async (scope) => { reader(scope, '/beside/:id') })
  }, '/users', '/near/1'],
  ['a canonical route in a sibling scope is found',
    (app) => {
      app.register(async (scope) => { creator(scope) })
      app.register(async (scope) => { reader(scope, '/beside/:id') })
    }, '/users', '/beside/1'],
  ['a canonical route two scopes further in is found from the root',
    (app) => {
      creator(app)
      app.register(async (scope) => { scope.register(async (inner) => { reader(inner, '/in/:id') }) })
    }, '/users', '/in/1'],
  ['the nearer of two canonical routes in inner scopes is found',
    (app) => {
      creator(app)
      app.register(async (scope) => {
        reader(scope, '/near/:id')
        scope.register(async (inner) => { reader(inner, '/in/:id') })
      })
    }, '/users', '/near/1'],
  ['a scope of fastify-plugin counts as its outer scope', (app) => {
    const unscoped: FastifyPluginAsync = async (scope) => { reader(scope, '/near/:id') }
    app.register(Object.assign(unscoped, { [Symbol.for('skip-override')]: true }))
    app.register(async (scope) => { reader(scope, '/in/:id') })
    creator(app)
  }, '/users', '/near/1'],
  ['two canonical routes are equally near',
    (app) => {
      creator(app)
      app.register(async (scope) => { reader(scope, '/a/:id') })
      app.register(async (scope) => { reader(scope, '/b/:id') })
    }, '/users', undefined],
  ['two canonical routes are equally near, one in an outer and one in an inner scope', (app) => {
    reader(app, '/out/:id')
    app.register(async (scope) => { creator(scope); scope.register(async (inner) => { reader(inner, '/in/:id') }) })
  }, '/users', undefined],
  ['a parametric prefix, whose parameter is inherited', (app) => app.register(both, { prefix: '/orgs/:org' }),
    '/orgs/a%20b/users', '/orgs/a%20b/users/1'],
  ['parametric prefixes in one another',
    (app) => app.register(async (scope) => { scope.register(both, { prefix: '/teams/:team' }) },
      { prefix: '/orgs/:org' }), '/orgs/acme/teams/blue/users', '/orgs/acme/teams/blue/users/1'],
  ['a prefix with a slash at its end', (app) => app.register(both, { prefix: '/v1/' }), '/v1/users', '/v1/users/1'],
  ['the route "/" below a prefix',
    (app) => app.register(async (scope) => { reader(scope, '/:id'); creator(scope, '/') }, { prefix: '/users' }),
    '/users', '/users/1'],
  ['the same, sent with a slash at its end',
    (app) => app.register(async (scope) => { reader(scope, '/:id'); creator(scope, '/') }, { prefix: '/users' }),
    '/users/', '/users/1'],
  ['the empty route below a prefix',
    (app) => app.register(async (scope) => { reader(scope, '/:id'); creator(scope, '') }, { prefix: '/users' }),
    '/users', '/users/1'],
  ['a canonical route "/" below a parametric prefix',
    (app) => { app.register(async (scope) => { reader(scope, '/') }, { prefix: '/users/:id' }); creator(app) },
    '/users', '/users/1'],
  ['everything at the root', (app) => { reader(app, '/:id'); creator(app, '/') }, '/', '/1']
]

for (const [name, declare, sent, location] of layouts) {
  const outcome = location === undefined ? 'the app does not start' : 'the nearest canonical route counts'
  t.test(`${outcome}: ${name}`, async (t) => {
    const { app, rules } = await appWith(t)
    await declare(app)
    if (location === undefined) {
      await t.rejects(async () => { await app.ready() }, {
        code: 'FST_CREATED_VIOLATION',
        rule: 'resource-route',
        message: 'POST /users broke the rule resource-route. Found: 2 canonical routes of it are equally near: '
      })
    } else {
      t.same(await create(app, sent), { status: 201, location, etag: '"7"' })
      t.equal((await app.inject(location)).statusCode, 200, 'GET responds there')
      t.same(rules(), [])
    }
  })
}

t.test('PUT to the route "/" below a prefix creates at its target, with a slash at its end or without', async (t) => {
  const { app, rules } = await appWith(t)
  app.register(async (scope) => {
    scope.get('/', withUser, reads)
    scope.put('/', withUser, creates)
  }, { prefix: '/settings' })
  for (const url of ['/settings', '/settings/']) {
    const { statusCode, headers } = await app.inject({ method: 'PUT', url })
    t.same([statusCode, headers.location], [201, '/settings'], url)
  }
  t.same(rules(), [])
})

t.test('two apps in one process share a resource, and know nothing of each other', async (t) => {
  const [one, two, none] = [await appWith(t), await appWith(t, { basePath: '/two' }), await appWith(t)]
  reader(one.app, '/people/:id')
  creator(one.app)
  reader(two.app, '/accounts/:id')
  creator(two.app)
  creator(none.app)
  t.same(await create(two.app, '/users'), { status: 201, location: '/two/accounts/1', etag: '"7"' })
  t.same(await create(one.app, '/users'), { status: 201, location: '/people/1', etag: '"7"' })
  t.equal(one.app.urlFor(userResource, ann), '/people/1')
  t.equal(two.app.urlFor(userResource, ann), '/two/accounts/1')
  await t.rejects(async () => { await none.app.ready() }, { code: 'FST_CREATED_VIOLATION', rule: 'resource-route' })
})

// The scope that the plugin is registered in

const options: FastifyCreatedOptions = { enforcement: 'throw' }

t.test('registered only in a child scope, the plugin does not touch the rest of the app', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.register(async (scope) => {
    await scope.register(fastifyCreated, options)
    await both(scope, {})
  }, { prefix: '/in' })
  app.post('/out', { config: { resource: userResource } }, async () => 'done')
  t.same(await create(app, '/in/users'), { status: 201, location: '/in/users/1', etag: '"7"' })
  t.same(await create(app, '/out'), { status: 200, location: undefined, etag: undefined })
})

t.test('registered in two sibling scopes, each knows only its own canonical routes', async (t) => {
  for (const separate of [true, false]) {
    const app = Fastify()
    t.teardown(() => app.close())
    app.register(async (scope) => {
      await scope.register(fastifyCreated, options)
      reader(scope, '/a/:id')
      if (!separate) creator(scope)
    })
    app.register(async (scope) => {
      await scope.register(fastifyCreated, options)
      if (separate) creator(scope)
    })
    if (separate) {
      await t.rejects(async () => { await app.ready() },
        {
          code: 'FST_CREATED_VIOLATION',
          rule: 'resource-route',
          message: 'routes declared before the plugin was loaded, or outside its scope, are not known'
        })
    } else t.match(await create(app, '/users'), { status: 201, location: '/a/1' })
  }
})

const nested = [
  ['outer', 'inner', '/inner/users/1'],
  ['inner', 'outer', '/outer/users/1'],
  ['inner', 'inner', '/inner/users/1'],
  ['beside', 'inner', '/inner/users/1']
]
for (const [readerIn, creatorIn, location] of nested) {
  const routes = `GET ${readerIn}, POST ${creatorIn}`
  t.test(`registered again in an inner scope, its options count for the routes there: ${routes}`, async (t) => {
    const violations: Violation[] = []
    const onViolation = (violation: Violation) => { violations.push(violation) }
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(fastifyCreated, { ...options, basePath: '/outer', onViolation })
    const declare = (scope: FastifyInstance, here: string) => {
      if (readerIn === here) reader(scope)
      if (creatorIn === here) creator(scope)
      scope.post(`/wrong-${here}`, async (_request, reply) => reply.code(201).header('etag', '"1"').send({}))
    }
    declare(app, 'outer')
    app.register(async (scope) => {
      await scope.register(fastifyCreated, { ...options, basePath: '/inner', onViolation })
      declare(scope, 'inner')
    })
    app.register(async (scope) => declare(scope, 'beside'))
    t.same(await create(app, '/users'), { status: 201, location, etag: '"7"' })
    t.same(violations, [])
    for (const here of ['outer', 'inner', 'beside']) {
      t.match(await create(app, `/wrong-${here}`), { status: 500 })
      t.match(violations.splice(0), [{ rule: 'created-location', url: `/wrong-${here}` }], 'checked once')
    }
  })
}

t.test('registered again in an inner scope, a route is checked once at boot, with the severities there', async (t) => {
  const severities = [['off', 'error', true], ['error', 'off', false], ['error', 'error', true]] as const
  for (const [outer, inner, stops] of severities) {
    const violations: Violation[] = []
    const onViolation = (violation: Violation) => { violations.push(violation) }
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(fastifyCreated, { ...options, onViolation, rules: { 'resource-route': outer } })
    app.register(async (scope) => {
      await scope.register(fastifyCreated, { ...options, onViolation, rules: { 'resource-route': inner } })
      creator(scope)
    })
    const booted = await app.ready().then(() => true, () => false)
    t.equal(booted, !stops)
    t.equal(violations.length, stops ? 1 : 0)
  }
})

t.test('routes that another onRoute hook declares meanwhile do not change that', async (t) => {
  const violations: Violation[] = []
  const onViolation = (violation: Violation) => { violations.push(violation) }
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(fastifyCreated, { ...options, onViolation })
  app.addHook('onRoute', function ({ method, url }) {
    if (method === 'POST') this.options(url, async () => '')
  })
  app.register(async (scope) => {
    await scope.register(fastifyCreated, { ...options, onViolation })
    creator(scope)
  })
  await t.rejects(async () => { await app.ready() }, { code: 'FST_CREATED_VIOLATION', rule: 'resource-route' })
  t.same(violations.map(({ rule, url }) => `${rule} ${url}`), ['resource-route /users'])
})

// HTTP/2

t.test('over HTTP/2 the Location of a 201 can be read', async (t) => {
  const app = Fastify({ http2: true })
  t.teardown(() => app.close())
  await app.register(fastifyCreated, { enforcement: 'throw' })
  const typed = app as unknown as FastifyInstance
  reader(typed)
  creator(typed)
  typed.get('/gone/:id', { config: { resource: resource<User>({ etag: () => 1 }) } },
    async (_request, reply) => reply.ok(null))
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
    const response = await send('POST', '/users')
    t.match(response, { ':status': 201, location: '/users/1', etag: '"7"' })
    t.match(await send('GET', response.location), { ':status': 200, etag: '"7"' })
    t.match(await send('GET', response.location, { 'if-none-match': '"7"' }), { ':status': 304, etag: '"7"' })
    for (const method of ['GET', 'HEAD']) t.match(await send(method, '/gone/1'), { ':status': 404 }, method)
  } finally {
    session.close()
  }
})

// Constraints

t.test('canonical routes of one URL under several versions count as one', async (t) => {
  const { app, rules } = await appWith(t)
  for (const version of ['1.0.0', '2.0.0']) {
    app.get('/users/:id', { ...withUser, constraints: { version } }, reads)
    app.post('/users', { ...withUser, constraints: { version } }, creates)
  }
  app.post('/unversioned', withUser, creates)
  for (const version of ['1.x', '2.x']) {
    t.same(await create(app, '/users', { 'accept-version': version }),
      { status: 201, location: '/users/1', etag: '"7"' })
  }
  t.same(await create(app, '/unversioned'), { status: 201, location: '/users/1', etag: '"7"' })
  t.same(rules(), [])
})

t.test('canonical routes of several URLs under several hosts do not', async (t) => {
  const { app } = await appWith(t)
  app.get('/a/:id', { ...withUser, constraints: { host: 'a.example' } }, reads)
  app.get('/b/:id', { ...withUser, constraints: { host: 'b.example' } }, reads)
  app.post('/users', { ...withUser, constraints: { host: 'a.example' } }, creates)
  await t.rejects(async () => { await app.ready() },
    { code: 'FST_CREATED_VIOLATION', rule: 'resource-route', message: /GET \/a\/:id and GET \/b\/:id/ })
})

t.test('canonical routes under a host constraint respond to what was created there', async (t) => {
  const { app, rules } = await appWith(t)
  for (const [host, prefix] of [['a.example', '/a'], ['b.example', '/b']]) {
    app.register(async (scope) => {
      scope.get('/users/:id', { ...withUser, constraints: { host } }, reads)
      scope.post('/users', { ...withUser, constraints: { host } }, creates)
    }, { prefix })
  }
  for (const [host, location] of [['a.example', '/a/users/1'], ['b.example', '/b/users/1']]) {
    t.same(await create(app, location.slice(0, -2), { host }), { status: 201, location, etag: '"7"' })
    t.equal((await app.inject({ url: location, headers: { host } })).statusCode, 200)
  }
  t.same(rules(), [])
})

// Options of the server

type Options = [
  name: string, server: FastifyServerOptions, plugin: FastifyCreatedOptions,
  declare: (app: FastifyInstance) => unknown, sent: string, location: string, follow?: string
]
const serverOptions: Options[] = [
  ['rewriteUrl and the basePath that it strips', { rewriteUrl: ({ url }) => url!.replace(/^\/api(?=\/)/, '') },
    { basePath: '/api' }, (app) => both(app, {}), '/api/users', '/api/users/1'],
  ['basePath, which a proxy strips', {}, { basePath: '/api' }, (app) => both(app, {}), '/users', '/api/users/1',
    '/users/1'],
  ['origin', {}, { origin: 'https://api.example.com' }, (app) => both(app, {}), '/users',
    'https://api.example.com/users/1', '/users/1'],
  ['origin and basePath', {}, { origin: 'https://api.example.com', basePath: '/v1' }, (app) => both(app, {}), '/users',
    'https://api.example.com/v1/users/1', '/users/1'],
  ...[(options: object) => options, (routerOptions: object) => ({ routerOptions })]
    .flatMap((place, index): Options[] => {
      const where = index === 0 ? 'at the top' : 'below routerOptions'
      const long = { id: 'x'.repeat(150), version: 7 }
      return [
        [`caseSensitive ${where}`, place({ caseSensitive: false }), {},
          (app) => { reader(app, '/Users/:id'); creator(app) }, '/USERS', '/Users/1'],
        [`ignoreTrailingSlash ${where}`, place({ ignoreTrailingSlash: true }), {},
          (app) => { reader(app, '/users/:id/'); creator(app, '/users/') }, '/users', '/users/1/'],
        [`ignoreDuplicateSlashes ${where}`, place({ ignoreDuplicateSlashes: true }), {}, (app) => both(app, {}),
          '//users', '/users/1'],
        [`maxParamLength ${where}`, place({ maxParamLength: 200 }), {},
          (app) => { reader(app); app.post('/users', withUser, async (_request, reply) => reply.created(long)) },
          '/users', `/users/${long.id}`],
        [`useSemicolonDelimiter ${where}`, place({ useSemicolonDelimiter: true }), {},
          (app) => {
            reader(app)
            app.post('/users', withUser, async (_request, reply) => reply.created({ id: 'a;b', version: 7 }))
          }, '/users', '/users/a%3Bb']
      ]
    })
]

for (const [name, server, plugin, declare, sent, location, follow = location] of serverOptions) {
  t.test(`a URL is correct with ${name}`, async (t) => {
    const { app, rules } = await appWith(t, plugin, server)
    await declare(app)
    t.same(await create(app, sent), { status: 201, location, etag: '"7"' })
    t.equal((await app.inject(follow)).statusCode, 200)
    t.same(rules(), [])
  })
}

t.test('an id that is too long for the router is rejected by the limit of this router', async (t) => {
  for (const server of [{ maxParamLength: 5 }, { routerOptions: { maxParamLength: 5 } }]) {
    const { app, violations } = await appWith(t, {}, server)
    reader(app)
    app.post('/users', withUser, async (_request, reply) => reply.created({ id: '123456', version: 7 }))
    t.same(await create(app, '/users'), { status: 500, location: undefined, etag: undefined })
    t.match(violations, [{
      rule: 'resource-params',
      found: 'the parameter :id of /users/:id is 6 characters, and the router accepts 5',
      fix: 'Fastify({ routerOptions: { maxParamLength: 6 } })'
    }])
  }
})

t.test('the origin is never taken from the request', async (t) => {
  const { app } = await appWith(t, {}, { trustProxy: true })
  await both(app, {})
  app.get('/url', async (request) => request.urlFor(userResource, ann))
  const headers = {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-prefix': '/evil'
  }
  t.equal((await create(app, '/users', headers)).location, '/users/1')
  t.equal((await app.inject({ url: '/url', headers })).body, '/users/1')
})
