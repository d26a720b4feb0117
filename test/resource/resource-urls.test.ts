import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import fastifyCreated, { resource, type FastifyCreatedOptions, type ResourceOptions } from '../../src/index.js'
import { appWith, header, rawRequest } from '../support.js'
import { ann, create, creates, reads, users, version } from './support.js'

const ids: Array<[url: string, id: unknown]> = [
  ...[
    'plain', 'with space', 'a/b', '100%', '%2F', '%', 'a+b', 'a;b', 'a?b#c', 'a&b=c', 'ü', '日本', '😀', 'e\u0301', ':id',
    '::', '*', '.hidden', '...', 'a.b', 'a..b',
    'a\\b', '"quoted"', '<b>', 'tab\there', 'line\nbreak', '\0', '[1]', '{1}', '|', '^', '`', '~', '\'', '(1)', '!',
    '@', '$', ',', '__proto__', 'constructor', 'undefined', 'null', 'false',
    'x'.repeat(100), 'ü'.repeat(100), 7, 0, -1, 1.5, 1e-7, 7n, 12345678901234567890n, true, false
  ].map((id): [string, unknown] => ['/things/:id', id]),
  ['/at/:year(^\\d{4}$)', '2024'],
  ['/at/:year(^\\d{4}$)/events', 2024],
  ['/named/:id.json', 'a b'],
  ['/named/:id-thing', 'a'],
  ['/files/*', 'a'],
  ['/files/*', 'a/b c/ü%.txt'],
  ['/files/*', '/rooted'],
  ['/files/*', 'slash/'],
  ['/files/*', 'a//b'],
  ['/long/*', 'x'.repeat(300)],
  ['/maybe/:id?', 'a b'],
  ['/caf\u00E9/:id', 'a'],
  ['/100%/:id', 'a'],
  ['/colon::/:id', 'a']
]

t.test('over a socket, GET on the Location of a 201 responds with what was created', async (t) => {
  for (const [url, id] of ids) {
    const [name] = /\*|(?<=:)(?:id|year)/.exec(url)!
    const thing = resource<{ id: unknown }>({ etag: () => 1, params: { [name]: ({ id }) => id as string } })
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(fastifyCreated, { enforcement: 'throw' })
    app.get(url, { config: { resource: thing } },
      async (request, reply) => reply.ok({ id: (request.params as Record<string, string>)[name] }))
    app.post('/create', { config: { resource: thing } },
      async (_request, reply) => reply.serializer(() => 'created').created({ id }, { etag: null }))
    await app.listen({ port: 0, host: '127.0.0.1' })
    const base = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`

    const response = await fetch(`${base}/create`, { method: 'POST' })
    t.equal(response.status, 201, `${url} ${String(id)}`)
    const there = await fetch(new URL(response.headers.get('location')!, base))
    t.equal(there.status, 200, `${url} ${String(id)}`)
    t.same(await there.json(), { id: String(id) }, response.headers.get('location')!)
    await app.close()
  }
})

t.test('an optional parameter that is undefined is left out of the URL', async (t) => {
  const { create } = await users(t, { url: '/users/:id/:rev?' })
  t.match(await create(), { status: 201, location: '/users/1' })
  const both = await users(t, { url: '/users/:id/:rev?', value: { ...ann, rev: 'a b' } })
  t.match(await both.create(), { status: 201, location: '/users/1/a%20b' })
  for (const rev of [null, '', NaN]) {
    const rejected = await users(t, { url: '/users/:id/:rev?', value: { ...ann, rev } })
    t.match(await rejected.create(), { status: 500, location: undefined }, `only undefined is left out, not ${rev}`)
    t.match(rejected.violations, [{ rule: 'resource-params', found: 'the parameter :rev of /users/:id/:rev? is ' }])
  }
})

t.test('a URL that names the collection is rejected, for example if the only parameter is left out', async (t) => {
  const { create, rules } = await users(t, { url: '/users/:id?', value: { version: 1 } })
  t.match(await create(), { status: 500, location: undefined })
  t.same(rules(), ['location-target'])
})

const BY_ANOTHER = 'is answered by another GET route, which matches more of the path'
const OTHERWISE = 'another GET route has this URL, or it can be read in two ways'

interface Misread {
  name: string
  url: string
  value: object
  shadow?: string
  location: string
  found: string
}
const misread: Misread[] = [
  {
    name: 'a static route has this path',
    url: '/users/:id',
    value: { ...ann, id: 'new' },
    shadow: '/users/new',
    location: '/users/new',
    found: `/users/new, made of { id: 'new' } for GET /users/:id, ${BY_ANOTHER}`
  },
  {
    name: 'another parametric route matches it',
    url: '/users/:id',
    value: { ...ann, id: '42' },
    shadow: '/users/:number(^\\d+$)',
    location: '/users/42',
    found: `/users/42, made of { id: '42' } for GET /users/:id, is read by the router as { number: '42' }: ${OTHERWISE}`
  },
  {
    name: 'the regular expression does not match it',
    url: '/users/:id(^\\d+$)',
    value: { ...ann, id: 'ann' },
    location: '/users/ann',
    found: "/users/ann, made of { id: 'ann' } for GET /users/:id(^\\d+$), is not answered by any GET route: " +
      'the router does not accept these parameters'
  },
  {
    name: 'it can be read in two ways',
    url: '/users/:id-:version',
    value: { id: 'a', version: '1-2' },
    location: '/users/a-1-2',
    found: "/users/a-1-2, made of { id: 'a', version: '1-2' } for GET /users/:id-:version, " +
      `is read by the router as { id: 'a-1', version: '2' }: ${OTHERWISE}`
  }
]

for (const { name, url, value, shadow, location, found } of misread) {
  t.test(`a misread URL is rejected with enforcement throw, and sent with log: ${name}`, async (t) => {
    const appWith = async (options: FastifyCreatedOptions) => {
      const checked = await users(t, { url, value, options })
      if (shadow !== undefined) checked.app.get(shadow, async () => 'another')
      return checked
    }
    const thrown = await appWith({})
    t.match(await thrown.create(), { status: 500, location: undefined, etag: undefined })
    t.match(thrown.violations, [{ rule: 'location-resolves', found }])

    const logged = await appWith({ enforcement: 'log' })
    t.match(await logged.create(), { status: 201, location, etag: /./ })
    t.same(logged.rules(), [], 'the router is not asked')

    const off = await appWith({ rules: { 'location-resolves': 'off' } })
    t.match(await off.create(), { status: 201, location })
  })
}

t.test('PUT that responds with a value of another URL is rejected, and reported with enforcement log', async (t) => {
  for (const enforcement of ['throw', 'log'] as const) {
    const { app, userResource, violations } = await users(t, { options: { enforcement } })
    app.put('/users/:id', { config: { resource: userResource } },
      async (_request, reply) => reply.created({ id: 42, version: 1 }))
    const { statusCode, headers } = await app.inject({ method: 'PUT', url: '/users/7' })
    const expected = enforcement === 'throw' ? [500, undefined, undefined] : [201, '/users/42', '"1"']
    t.same([statusCode, headers.location, headers.etag], expected, enforcement)
    t.match(violations, [{
      rule: 'location-target',
      severity: 'error',
      found: 'a PUT creates the resource at its own URL, but Location is /users/42',
      fix: /^return reply\.upserted\(user, \{ created: true \}\)/,
      method: 'PUT',
      url: '/users/:id'
    }])
    t.equal(violations.splice(0).length, 1)
    const own = await app.inject({ method: 'PUT', url: '/users/42' })
    t.match(own, { statusCode: 201, headers: { location: '/users/42' } })
    t.same(violations, [])
  }
})

t.test('PUT creates at its target, however the client spells it', async (t) => {
  const { app, userResource, rules } = await users(t, { value: { id: 'a b', version: 7 } })
  app.put('/users/:id', { config: { resource: userResource } },
    async (request, reply) => reply.created({ id: (request.params as { id: string }).id, version: 1 }))
  const targets = [
    ['/users/a%20b', '/users/a%20b'], ['/users/%61', '/users/a'], ['/users/a?x=1', '/users/a'],
    ['/users/%C3%BC', '/users/%C3%BC']
  ]
  for (const [url, location] of targets) {
    const { statusCode, headers } = await app.inject({ method: 'PUT', url })
    t.same([statusCode, headers.location, headers.etag], [201, location, '"1"'], url)
  }
  t.same(rules(), [])
})

// Inherited parameters

type Inherited = [
  name: string, canonical: string, url: string, sent: string, value: object, location: string,
  of?: Partial<ResourceOptions<any>>, schema?: object
]
const inherited: Inherited[] = [
  ['from the request', '/orgs/:org/users/:id', '/orgs/:org/users', '/orgs/acme/users', ann, '/orgs/acme/users/1'],
  ['encoded again', '/orgs/:org/users/:id', '/orgs/:org/users', '/orgs/a%2Fb%20%C3%BC/users', ann,
    '/orgs/a%2Fb%20%C3%BC/users/1'],
  ['from a route of another shape', '/orgs/:org/users/:id', '/invite/:org', '/invite/acme', ann, '/orgs/acme/users/1'],
  ['but not if params names it', '/orgs/:org/users/:id', '/orgs/:org/users', '/orgs/acme/users',
    { ...ann, owner: 'own' }, '/orgs/own/users/1', { params: { org: 'owner' } }],
  ['but not if the schema has it as required', '/orgs/:org/users/:id', '/orgs/:org/users', '/orgs/acme/users',
    { ...ann, org: 'own' }, '/orgs/own/users/1', {}, {
      required: ['id', 'org'],
      properties: { id: { type: 'string' }, org: { type: 'string' } }
    }],
  ['if the schema has it as optional', '/orgs/:org/users/:id', '/orgs/:org/users', '/orgs/acme/users',
    { ...ann, org: 'own' }, '/orgs/acme/users/1', {}, {
      required: ['id'],
      properties: { id: { type: 'string' }, org: { type: 'string' } }
    }],
  ['but not if the request has none of that name', '/orgs/:org/users/:id', '/users/:team', '/users/blue',
    { ...ann, org: 'own' }, '/orgs/own/users/1'],
  ['but never the last one', '/users/:id', '/users/:id/clone', '/users/source/clone', ann, '/users/1'],
  ['but never the last one that is required', '/users/:id/:rev?', '/users/:id/:rev/clone', '/users/source/3/clone', ann,
    '/users/1'],
  ['but never a wildcard at the end', '/:org/files/*', '/:org/copy/*', '/acme/copy/source', { ...ann, path: 'x/y' },
    '/acme/files/x/y', { params: { '*': 'path' } }]
]

for (const [name, canonical, url, sent, value, location, of, schema] of inherited) {
  t.test(`a parameter of the canonical route is inherited ${name}`, async (t) => {
    const { app, rules } = await appWith(t)
    const userResource = resource<any>({ etag: version, ...of })
    app.get(canonical, { config: { resource: userResource } }, reads(value))
    app.post(url, {
      config: { resource: userResource },
      schema: schema && { response: { 201: { type: 'object', ...schema } } }
    }, creates(value))
    t.match(await create(app, sent), { status: 201, location, etag: '"7"' })
    t.same(rules(), [])
  })
}

t.test('over a socket, an inherited parameter that no URL can have leaves Location off, with a warning', async (t) => {
  const cases = [
    ['/orgs//users', ''], ['/orgs/%2e%2e/users', '..'], ['/orgs/%2E/users', '.'], ['/orgs/./users', '.'],
    ['/orgs/../users', '..']
  ]
  for (const enforcement of ['throw', 'log'] as const) {
    for (const [sent, org] of cases) {
      const { app, violations, logs } = await appWith(t, { enforcement, profile: 'strict' })
      const userResource = resource<any>({ etag: version })
      const seen: unknown[] = []
      app.get('/orgs/:org/users/:id', { config: { resource: userResource } }, reads(ann))
      app.post('/orgs/:org/users', { config: { resource: userResource } }, async (request, reply) => {
        seen.push(request.params)
        return reply.created(ann)
      })
      const response = await rawRequest(app, `POST ${sent} HTTP/1.1`, 'Content-Length: 0')
      t.equal(response.status, 201, `${enforcement}: ${sent}`)
      t.same(seen, [{ org }], 'as the router reads it')
      t.same([header(response, 'location'), header(response, 'etag')], [[], ['"7"']])
      const rule = org === '' ? 'resource-params' : 'location-syntax'
      t.match(violations, [{ rule, severity: 'warn', found: '/orgs/:org/users/:id' }])
      t.equal(violations.length, 1)
      t.same(logs.filter(({ level }) => level >= 40).map(({ level }) => level), [40])
    }
  }
})

t.test('a URL that no route answers because of an inherited parameter is sent with a warning', async (t) => {
  const { app, violations } = await appWith(t)
  const userResource = resource<{ id: number }>({ etag: () => 1 })
  app.get('/orgs/:org(^\\d+$)/users/:id', { config: { resource: userResource } },
    async (_request, reply) => reply.ok({ id: 1 }))
  app.post('/orgs/:org/users', { config: { resource: userResource } },
    async (_request, reply) => reply.created({ id: 1 }))
  for (const org of ['1', 'abc']) {
    t.equal((await app.inject({ method: 'POST', url: `/orgs/${org}/users` })).statusCode, 201, org)
  }
  t.match(violations, [{ rule: 'location-resolves', severity: 'warn', found: 'is not answered by any GET route' }])
})

t.test('a URL that is misread is rejected, and sent with a warning if an inherited parameter is why', async (t) => {
  const { app, violations } = await appWith(t)
  const userResource = resource<any>({ etag: version })
  app.get('/orgs/:org/users/:id', { config: { resource: userResource } }, reads(ann))
  app.get('/orgs/mine/users/:me', async () => 'another')
  app.post('/orgs/:org/users', { config: { resource: userResource } }, creates(ann))
  app.post('/users', { config: { resource: userResource } }, creates({ ...ann, org: 'mine' }))
  app.get('/orgs/:org/url', async (request) => request.urlFor(userResource, ann))
  t.match(await create(app, '/orgs/mine/users'), { status: 201, location: '/orgs/mine/users/1', etag: '"7"' })
  t.match(violations.splice(0), [{ rule: 'location-resolves', severity: 'warn', found: '/orgs/mine/users/1, made of' }])
  t.match(await app.inject('/orgs/mine/url'), { statusCode: 200, body: '/orgs/mine/users/1' })
  t.match(violations.splice(0), [{ rule: 'location-resolves', severity: 'warn' }])
  t.match(await create(app, '/users'), { status: 500, location: undefined, etag: undefined })
  t.match(violations.splice(0), [{ rule: 'location-resolves', severity: 'error' }])
  t.match(await create(app, '/orgs/acme/users'), { status: 201, location: '/orgs/acme/users/1' })
  t.same(violations, [])
})

t.test('urlFor() throws if a parameter of the request cannot be in a URL', async (t) => {
  const { app, violations } = await appWith(t)
  const userResource = resource<any>({ etag: version })
  app.get('/orgs/:org/users/:id', { config: { resource: userResource } }, reads(ann))
  app.get('/orgs/:org/url', async (request) => request.urlFor(userResource, ann))
  t.equal((await rawRequest(app, 'GET /orgs/%2e%2e/url HTTP/1.1')).status, 500)
  t.match(violations, [{ rule: 'location-syntax', severity: 'error' }])
})

t.test('a clone without an id of its own is rejected, and does not have the URL of its source', async (t) => {
  const { app, violations } = await appWith(t)
  const userResource = resource<any>({ etag: version })
  app.get('/users/:id', { config: { resource: userResource } }, reads(ann))
  app.post('/users/:id/clone', { config: { resource: userResource } }, creates({ version: 1 }))
  t.match(await create(app, '/users/source/clone'), { status: 500, location: undefined })
  t.match(violations, [{
    rule: 'resource-params',
    found: 'nothing fills :id in /users/:id. The value has version',
    fix: 'resource({ params: { id: (user) => … }, … })'
  }])
})

// urlFor()

t.test('request.urlFor() returns the URL as it is in Location', async (t) => {
  const cases = [
    [{}, ''],
    [{ basePath: '/api' }, '/api'],
    [{ origin: 'https://api.example.com', basePath: '/v1' }, 'https://api.example.com/v1']
  ] as const
  for (const [options, before] of cases) {
    const { app } = await appWith(t, options)
    const userResource = resource<any>({ etag: version })
    app.get('/orgs/:org/users/:id', { config: { resource: userResource } }, reads(ann))
    app.get('/orgs/:org/users', async (request) => [request.urlFor(userResource, { id: 'a/b' })])
    app.get('/users', async (request) => [request.urlFor(userResource, { id: 1, org: 'own' })])
    app.post('/orgs/:org/users', { config: { resource: userResource } },
      async (request, reply) => reply.header('link', request.urlFor(userResource, ann)).created(ann))
    app.setNotFoundHandler(async (request) => [request.urlFor(userResource, { id: 2, org: 'none' })])
    t.same((await app.inject('/orgs/a%20b/users')).json(), [`${before}/orgs/a%20b/users/a%2Fb`])
    t.same((await app.inject('/users')).json(), [`${before}/orgs/own/users/1`])
    t.same((await app.inject('/nowhere')).json(), [`${before}/orgs/none/users/2`],
      'if no route matched, the value fills all parameters')
    const { headers } = await app.inject({ method: 'POST', url: '/orgs/x/users' })
    t.equal(headers.location, `${before}/orgs/x/users/1`)
    t.equal(headers.link, headers.location)
  }
})

t.test('app.urlFor() returns the URL outside a request', async (t) => {
  const { app } = await appWith(t, { basePath: '/api' })
  const userResource = resource<any>({ etag: version })
  const mount = async (scope: FastifyInstance) => {
    scope.get('/users/:id', { config: { resource: userResource } }, reads(ann))
    scope.get('/', async () => scope.urlFor(userResource, { id: 1 }))
  }
  app.register(mount, { prefix: '/v1' })
  app.register(mount, { prefix: '/v2' })
  const org = resource<any>({ etag: version })
  app.get('/orgs/:org/:id', { config: { resource: org } }, reads(ann))
  await app.ready()
  t.equal((await app.inject('/v1/')).body, '/api/v1/users/1', 'a child uses its own scope')
  t.equal((await app.inject('/v2/')).body, '/api/v2/users/1')
  t.equal(app.urlFor(org, { id: 1, org: 'own' }), '/api/orgs/own/1')
  t.equal(app.urlFor(org, { id: 1 }, { org: 'a b' }), '/api/orgs/a%20b/1')
  t.equal(app.urlFor(org, { id: 1, org: 'own' }, { org: 7, more: 1 }), '/api/orgs/7/1')
  t.throws(() => app.urlFor(org, { org: 'own' }, { id: 9 }), {
    code: 'FST_CREATED_VIOLATION',
    rule: 'resource-params',
    message: 'nothing fills :id in /orgs/:org/:id. The value has org.'
  }, 'the last parameter always comes from the value')
  t.throws(() => app.urlFor(userResource, { id: 1 }), {
    code: 'FST_CREATED_VIOLATION',
    rule: 'resource-route',
    message: 'Found: 2 canonical routes of it are equally near: GET /v1/users/:id and GET /v2/users/:id. Required: '
  })
})

t.test('app.urlFor() throws before all routes are declared, even if the canonical route is there', async (t) => {
  const { app, userResource } = await users(t)
  t.throws(() => app.urlFor(userResource, ann), {
    code: 'FST_CREATED_VIOLATION',
    rule: 'resource-route',
    message: /Found: app\.urlFor\(\) was called before all routes are declared\. .+ Fix: await app\.ready\(\), before app\.url/
  })
  await app.ready()
  t.equal(app.urlFor(userResource, ann), '/users/1')
})

t.test('hooks that run when the app is ready can call urlFor()', async (t) => {
  const { app, userResource } = await users(t)
  let url = ''
  app.addHook('onReady', async () => { url = app.urlFor(userResource, ann) })
  await app.ready()
  t.equal(url, '/users/1')
})

const withoutUrl: Array<[name: string, value: unknown, rule: string, found: string, fix: string]> = [
  ['null', null, 'resource-params', 'the value is null', 'give the user itself'],
  ['a value without an id', {}, 'resource-params',
    'nothing fills :id in /users/:id. The value has no properties', 'resource({ params: { id: (user) => … }, … })'],
  ['an empty id', { id: '' }, 'resource-params',
    'the parameter :id of /users/:id is an empty string', 'fill it with an id that is not empty'],
  ['a dot segment', { id: '..' }, 'location-syntax',
    'the URL made of /users/:id is "/users/..", which has a segment "." or "..", which clients remove',
    'use ids that are neither "." nor ".."'],
  ['an object', { id: {} }, 'resource-params',
    ':id in /users/:id is {}. The value has id', 'resource({ params: { id: (user) => … }, … })']
]

for (const enforcement of ['throw', 'log'] as const) {
  t.test(`urlFor() throws for a value without a URL, with enforcement ${enforcement} as well`, async (t) => {
    const { app, userResource, violations } = await users(t, { options: { enforcement } })
    let value: unknown
    app.get('/url', async (request) => request.urlFor(userResource, value))
    await app.ready()
    for (const [name, wrong, rule, found, fix] of withoutUrl) {
      const message = `Found: ${found}. Required: `
      t.throws(() => app.urlFor(userResource, wrong), { code: 'FST_CREATED_VIOLATION', statusCode: 500, rule, message })
      value = wrong
      const { statusCode, body } = await app.inject('/url')
      t.same([statusCode, JSON.parse(body).code], [500, 'FST_CREATED_VIOLATION'], name)
      t.match(JSON.parse(body).message, message)
      const finding = { rule, severity: 'error', found, fix, method: 'GET' }
      t.match(violations.splice(0), [finding, { ...finding, url: '/url' }])
    }
    t.throws(() => app.urlFor(resource<any>({ etag: version }), ann), {
      code: 'FST_CREATED_VIOLATION',
      rule: 'resource-route',
      message: 'Found: no GET route has the same resource. Required: '
    })
    t.throws(() => app.urlFor('user' as never, ann), {
      code: 'FST_CREATED_VIOLATION',
      rule: 'helper-argument',
      message: /Found: the first argument of urlFor\(\) is "user"\. .+ Fix: request\.urlFor\(userResource, user\)\./
    })
  })
}

t.test('urlFor() asks the router as created() does: with enforcement throw, as severely as the rule is', async (t) => {
  for (const [options, throws, rules] of [
    [{}, true, ['location-resolves']],
    [{ enforcement: 'log' }, false, []],
    [{ rules: { 'location-resolves': 'off' } }, false, []],
    [{ rules: { 'location-resolves': 'warn' } }, false, ['location-resolves']]
  ] as Array<[FastifyCreatedOptions, boolean, string[]]>) {
    const { app, userResource, rules: broken } = await users(t, { options })
    app.get('/users/new', async () => 'a form')
    app.get('/url', async (request) => request.urlFor(userResource, { id: 'new' }))
    await app.ready()
    const urlFor = () => app.urlFor(userResource, { id: 'new' })
    if (throws) t.throws(urlFor, { rule: 'location-resolves', message: '/users/new' })
    else t.equal(urlFor(), '/users/new')
    t.same(broken(), rules)
    t.equal((await app.inject('/url')).statusCode, throws ? 500 : 200)
  }
})
