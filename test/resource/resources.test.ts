import Fastify from 'fastify'
import t from 'tap'
import fastifyCreated, {
  resource, weak, type CreatedInit, type FastifyCreatedOptions, type Resource, type ResourceOptions
} from '../../src/index.js'
import { formatValue } from '../../src/util/format-value.js'
import { appWith, header, rawRequest } from '../support.js'
import { ann, create, creates, reads, users, version } from './support.js'

const HTTP_DATE = 'Mon, 03 Feb 2020 04:05:06 GMT'

// What the helpers take from the resource

t.test('created() takes Location, ETag and Last-Modified from the resource of its route', async (t) => {
  const { app, rules } = await users(t, { of: { etag: version, lastModified: (user) => user.changed } })
  const response = await rawRequest(app, 'POST /users HTTP/1.1', 'Content-Length: 0')
  t.equal(response.status, 201)
  t.same(header(response, 'location'), ['/users/1'])
  t.same(header(response, 'etag'), ['"7"'])
  t.same(header(response, 'last-modified'), [HTTP_DATE])
  t.same(header(response, 'content-location'), [])
  t.match(JSON.parse(response.body), { id: '1', name: 'Ann' })
  t.same(rules(), [])
})

t.test('a function in params gets only the value: it may have a second parameter of its own', async (t) => {
  const params = { id: (user: any, prefix = 'u') => `${prefix}${user.id}` }
  const { create } = await users(t, { of: { etag: version, params } })
  t.match(await create(), { status: 201, location: '/users/u1' })
})

t.test('ok() takes ETag and Last-Modified from the resource, on its canonical route and on others', async (t) => {
  const { app, rules } = await appWith(t)
  const userResource = resource<typeof ann>({ etag: version, lastModified: (user) => user.changed })
  app.get('/users/:id', { config: { resource: userResource } }, async (_request, reply) => reply.ok(ann))
  app.patch('/users/:id', { config: { resource: userResource } }, async (_request, reply) => reply.ok(ann))
  app.get('/me', { config: { resource: userResource, created: { canonical: false } } },
    async (_request, reply) => reply.ok(ann))
  app.get('/boss', async (_request, reply) => reply.ok(ann, { resource: userResource }))
  const requests = [
    ['GET', '/users/1'], ['HEAD', '/users/1'], ['PATCH', '/users/1'], ['GET', '/me'], ['GET', '/boss']
  ] as const
  const expected = { statusCode: 200, etag: '"7"', 'last-modified': HTTP_DATE, location: undefined }
  for (const [method, url] of requests) {
    const { statusCode, headers } = await app.inject({ method, url })
    t.match({ statusCode, ...headers }, expected, `${method} ${url}`)
  }
  for (const url of ['/users/1', '/me', '/boss']) {
    t.equal((await app.inject({ url, headers: { 'if-none-match': '"7"' } })).statusCode, 304, url)
  }
  t.same(rules(), [])
})

t.test('accepted() and seeOther() take their URL from the resource, and noContent() has no ETag', async (t) => {
  const { app, rules } = await appWith(t)
  const job = resource<typeof ann>({ etag: version })
  app.get('/jobs/:id', { config: { resource: job } }, async (_request, reply) => reply.ok(ann))
  app.post('/jobs', { config: { resource: job } }, async (_request, reply) => reply.accepted(ann))
  app.post('/jobs/soon', { config: { resource: job } },
    async (_request, reply) => reply.accepted(ann, { retryAfter: 2 }))
  app.post('/jobs/elsewhere', { config: { resource: job } },
    async (_request, reply) => reply.accepted(ann, { location: '/jobs/9' }))
  app.post('/jobs/there', { config: { resource: job } }, async (_request, reply) => reply.seeOther(ann))
  app.post('/jobs/given', { config: { resource: job } }, async (_request, reply) => reply.seeOther('/jobs/9'))
  app.delete('/jobs/:id', { config: { resource: job } }, async (_request, reply) => reply.noContent())
  const expected: Array<[method: 'POST' | 'DELETE', url: string, statusCode: number, location: string | undefined,
    retryAfter?: string]> = [
      ['POST', '/jobs', 202, '/jobs/1'],
      ['POST', '/jobs/soon', 202, '/jobs/1', '2'],
      ['POST', '/jobs/elsewhere', 202, '/jobs/9'],
      ['POST', '/jobs/there', 303, '/jobs/1'],
      ['POST', '/jobs/given', 303, '/jobs/9'],
      ['DELETE', '/jobs/1', 204, undefined]
    ]
  for (const [method, url, status, location, retryAfter] of expected) {
    const { statusCode, headers } = await app.inject({ method, url })
    t.same([statusCode, headers.location, headers['retry-after'], headers.etag],
      [status, location, retryAfter, undefined], `${method} ${url}`)
  }
  t.same(rules(), [])
})

const other = resource<any>({ etag: () => 'other', params: { code: 'name' }, lastModified: (user) => user.changed })
const inits: Array<[init: object | undefined, location: string, etag: string | undefined, lastModified?: string]> = [
  [undefined, '/users/1', '"7"'],
  [{}, '/users/1', '"7"'],
  [{ location: undefined, etag: undefined }, '/users/1', '"7"'],
  [{ location: '/users/9' }, '/users/9', '"7"'],
  [{ etag: 9 }, '/users/1', '"9"'],
  [{ etag: null }, '/users/1', undefined],
  [{ etag: weak(9) }, '/users/1', 'W/"9"'],
  [{ lastModified: ann.changed }, '/users/1', '"7"', HTTP_DATE],
  [{ location: '/users/9', etag: 9 }, '/users/9', '"9"'],
  [{ resource: other }, '/others/Ann', '"other"', HTTP_DATE],
  [{ resource: other, etag: 9 }, '/others/Ann', '"9"', HTTP_DATE],
  [{ resource: other, location: '/users/9' }, '/users/9', '"other"', HTTP_DATE],
  [{ resource: undefined }, '/users/1', '"7"']
]

for (const [init, location, etag, lastModified] of inits) {
  const names = Object.keys(init ?? { nothing: 1 }).join(', ') || 'empty'
  t.test(`each option of created() wins over the resource: ${names}`, async (t) => {
    const { app, create, rules } = await users(t, { init, options: { profile: 'strict' } })
    app.get('/others/:code', { config: { resource: other } }, reads(ann))
    t.match(await create(), { status: 201, location, etag, lastModified })
    t.same(rules(), [])
  })
}

t.test('{ resource } can be given on routes without one, and on routes declared before the plugin', async (t) => {
  const userResource = resource<typeof ann>({ etag: version })
  const app = Fastify()
  t.teardown(() => app.close())
  app.post('/orgs/:org/early', async (_request, reply) => reply.created(ann, { resource: userResource }))
  await app.register(fastifyCreated, { enforcement: 'throw' })
  app.get('/orgs/:org/users/:id', { config: { resource: userResource } }, async (_request, reply) => reply.ok(ann))
  app.post('/orgs/:org/copies', async (_request, reply) => reply.created(ann, { resource: userResource }))
  app.post('/orgs/:org/jobs', async (_request, reply) => reply.accepted(ann, { resource: userResource }))
  t.match(await create(app, '/orgs/x/early'), { status: 201, location: '/orgs/x/users/1', etag: '"7"' })
  t.match(await create(app, '/orgs/x/copies'), { status: 201, location: '/orgs/x/users/1', etag: '"7"' })
  t.match(await create(app, '/orgs/x/jobs'), { status: 202, location: '/orgs/x/users/1', etag: undefined })
})

t.test('a value that is not a resource is rejected, as an option of a helper and as config.resource', async (t) => {
  for (const wrong of ['user', 1, {}, { etag: version }, { etag: version, params: null }]) {
    const { create, violations } = await users(t, { init: { resource: wrong } })
    t.match(await create(), { status: 500, location: undefined, etag: undefined })
    t.match(violations, [{
      rule: 'helper-argument',
      found: `the option resource of created() is ${formatValue(wrong)}`,
      fix: 'give what resource() returns: { resource: userResource }'
    }])

    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(fastifyCreated)
    const config = { resource: wrong as unknown as Resource<any> }
    t.throws(() => app.get('/users/:id', { config }, reads(ann)), {
      code: 'FST_CREATED_OPTION_INVALID',
      message: `The option config.resource of GET /users/:id is invalid. Found: ${formatValue(wrong)}. ` +
        'Required: what resource() returns.'
    })
  }
})

t.test('an etag of null means that there is none: no ETag, and no violation in any profile', async (t) => {
  for (const profile of ['recommended', 'strict'] as const) {
    const { app, create, rules } = await users(t, { of: { etag: () => null }, options: { profile } })
    t.match(await create(), { status: 201, location: '/users/1', etag: undefined })
    const { statusCode, headers } = await app.inject('/users/1')
    t.match({ statusCode, etag: headers.etag }, { statusCode: 200, etag: undefined })
    t.same(rules(), [])
  }
})

// Functions of the resource that fail

const boom = () => { throw new Error('boom') }
const KEYS = 'The value has id, name, version, changed'
const ETAG_FIX = 'resource({ etag: (user) => user.version }) with a version column, user.updatedAt.toISOString(), ' +
  'digest(user), or null if there is no version'
const DATE_FIX = 'give a valid Date: user.updatedAt, or new Date(user.updatedAt)'
const TEXT_FIX = 'fill it with a string, a number, a bigint or a boolean'
const ID_FIX = "resource({ params: { id: 'id' }, … })"
const NO_DOTS = 'use ids that are neither "." nor ".."'
const DOTS = 'has a segment "." or "..", which clients remove'

type WrongOptions = Partial<Record<keyof ResourceOptions<any>, unknown>>
interface Left { location?: string, etag?: string }
type Failing = [
  name: string, of: WrongOptions, rule: string, found: string | RegExp, fix: string, left: Left
]
const failing: Failing[] = [
  ['etag() throws', { etag: boom }, 'resource-etag',
    `etag() of the resource threw "boom". ${KEYS}`, ETAG_FIX, { location: '/users/1' }],
  ['etag() returns undefined', { etag: () => undefined }, 'resource-etag',
    `etag() of the resource returned undefined. ${KEYS}`, ETAG_FIX, { location: '/users/1' }],
  ['etag() returns an empty string', { etag: () => '' }, 'resource-etag',
    `etag() of the resource returned an empty string. ${KEYS}`, ETAG_FIX, { location: '/users/1' }],
  ['etag() returns a Date', { etag: () => new Date(0) }, 'resource-etag',
    `etag() of the resource returned 1970-01-01T00:00:00.000Z. ${KEYS}`, ETAG_FIX, { location: '/users/1' }],
  ['etag() returns a Promise', { etag: async () => 1 }, 'resource-etag',
    /etag\(\) of the resource returned Promise \{.+\. The value has id, /, ETAG_FIX, { location: '/users/1' }],
  ['etag() returns what only resembles an entity-tag', { etag: () => 'W/"a b"' }, 'resource-etag',
    `etag() of the resource returned "W/\\"a b\\"", which begins like an entity-tag and is not one. ${KEYS}`, ETAG_FIX,
    { location: '/users/1' }],
  ['lastModified() throws', { lastModified: boom }, 'helper-argument',
    'lastModified() of the resource threw "boom"', DATE_FIX, { location: '/users/1', etag: '"7"' }],
  ['lastModified() returns text', { lastModified: () => '2020-01-01' }, 'helper-argument',
    'lastModified() of the resource is "2020-01-01"', DATE_FIX, { location: '/users/1', etag: '"7"' }],
  ['lastModified() returns an invalid Date', { lastModified: () => new Date(NaN) }, 'helper-argument',
    'lastModified() of the resource is Invalid Date', DATE_FIX, { location: '/users/1', etag: '"7"' }],
  ['a parameter throws', { params: { id: boom } }, 'resource-params',
    'a function in params of the resource threw "boom"',
    'make each function in params return a string or a number for every record', { etag: '"7"' }],
  ['a parameter is undefined', { params: { id: () => undefined } }, 'resource-params',
    `:id in /users/:id is undefined. ${KEYS}`, ID_FIX, { etag: '"7"' }],
  ['a parameter is null', { params: { id: () => null } }, 'resource-params',
    'the parameter :id of /users/:id is null', TEXT_FIX, { etag: '"7"' }],
  ['a parameter is empty', { params: { id: () => '' } }, 'resource-params',
    'the parameter :id of /users/:id is an empty string', 'fill it with an id that is not empty', { etag: '"7"' }],
  ['a parameter is NaN', { params: { id: () => NaN } }, 'resource-params',
    'the parameter :id of /users/:id is the number NaN', 'use a finite number', { etag: '"7"' }],
  ['a parameter is an object', { params: { id: () => ({}) } }, 'resource-params',
    `:id in /users/:id is {}. ${KEYS}`, ID_FIX, { etag: '"7"' }],
  ['a parameter is a symbol', { params: { id: () => Symbol('id') } }, 'resource-params',
    `:id in /users/:id is Symbol(id). ${KEYS}`, ID_FIX, { etag: '"7"' }],
  ['a parameter is "."', { params: { id: () => '.' } }, 'location-syntax',
    `the URL made of /users/:id is "/users/.", which ${DOTS}`, NO_DOTS, { etag: '"7"' }],
  ['a parameter is ".."', { params: { id: () => '..' } }, 'location-syntax',
    `the URL made of /users/:id is "/users/..", which ${DOTS}`, NO_DOTS, { etag: '"7"' }],
  ['a parameter has half a surrogate pair', { params: { id: () => '\uD800' } }, 'resource-params',
    'the parameter :id of /users/:id is "\\ud800", which has half a surrogate pair', 'use an id of whole characters',
    { etag: '"7"' }],
  ['a parameter is longer than the router accepts', { params: { id: () => 'x'.repeat(101) } }, 'resource-params',
    'the parameter :id of /users/:id is 101 characters, and the router accepts 100',
    'Fastify({ routerOptions: { maxParamLength: 101 } })', { etag: '"7"' }],
  ['params names a property that does not exist', { params: { id: 'nick' } }, 'resource-params',
    `:id in /users/:id is undefined. ${KEYS}`, ID_FIX, { etag: '"7"' }]
]

for (const [name, of, rule, found, fix, left] of failing) {
  const resourceOptions = { etag: version, ...of } as ResourceOptions<any>
  const isReadToo = rule !== 'resource-params' && rule !== 'location-syntax'
  const finding = { rule, severity: 'error', found, fix, method: 'POST', url: '/users' }

  t.test(`${name}: with enforcement throw the response is 500, and says how to fix it`, async (t) => {
    const { app, create, violations } = await users(t, { of: resourceOptions })
    const { body, ...response } = await create()
    t.match(response, { status: 500, location: undefined, etag: undefined, lastModified: undefined })
    t.match(violations, [finding])
    t.equal(violations.length, 1)
    const [violation] = violations
    if (typeof found === 'string') t.equal(violation.found, found)
    t.equal(violation.fix, fix)
    t.match(JSON.parse(body), { code: 'FST_CREATED_VIOLATION', message: violation.message })
    t.ok(violation.message.startsWith(`POST /users broke the rule ${rule}. Found: ${violation.found}. Required: `))
    t.ok(violation.message.includes(`. Fix: ${fix}. See fastify-created/docs/reference/rules.md#${rule}`))
    t.notMatch(body, /Ann/, 'the response has no values of the record')
    t.equal((await app.inject('/users/1')).statusCode, isReadToo ? 500 : 200)
  })

  t.test(`${name}: with enforcement log it is logged once, and left out`, async (t) => {
    const { app, create, rules, logs } = await users(t, { of: resourceOptions, options: { enforcement: 'log' } })
    const nothing = { location: undefined, etag: undefined, lastModified: undefined }
    for (const times of [1, 2]) {
      const { status, location, etag, lastModified, body } = await create()
      t.same({ status, location, etag, lastModified }, { status: 201, ...nothing, ...left }, `${times}`)
      t.match(JSON.parse(body), { name: 'Ann' })
    }
    t.same(rules(), [rule, rule], 'no other rule is broken')
    t.equal(logs.filter(({ level }) => level >= 40).length, 1)
    const logged = logs.find((line) => line.rule === rule)!
    t.equal(logged.level, 50)
    t.match(logged.msg, found)
    t.ok(logged.msg.includes(`Fix: ${fix}`))
    t.equal((await app.inject('/users/1')).statusCode, 200)
    t.same(rules(), [rule, rule, ...isReadToo ? [rule] : []], 'the canonical route breaks the same rule, and no other')
  })
}

t.test('a value that does not exist has no URL', async (t) => {
  for (const value of [null, undefined]) {
    const thrown = await users(t, { value, init: { etag: 1 } })
    t.match(await thrown.create(), { status: 500, location: undefined })
    const fix = 'give the user itself'
    t.match(thrown.violations, [{ rule: 'resource-params', found: `the value is ${value}`, fix }])
    const given = await users(t, { value, init: { location: '/users/1', etag: 1 } })
    t.match(await given.create(), { status: 201, location: '/users/1', etag: '"1"', body: '' })
  }
})

t.test('a resource that is given instead of a value is named as the mistake', async (t) => {
  const userResource = resource<any>({ etag: version })
  for (const enforcement of ['throw', 'log'] as const) {
    const { app, violations } = await appWith(t, { enforcement })
    app.get('/users/:id', { config: { resource: userResource } }, reads(ann))
    app.post('/users', { config: { resource: userResource } }, creates(userResource, { etag: 1 }))
    app.post('/jobs', { config: { resource: userResource } }, async (_request, reply) => reply.accepted(userResource))
    app.post('/seen', { config: { resource: userResource } }, async (_request, reply) => reply.seeOther(userResource))
    app.get('/url', async (request) => request.urlFor(userResource, userResource))
    const requests = [
      ['POST', '/users', 201], ['POST', '/jobs', 202], ['POST', '/seen', 303], ['GET', '/url', 500]
    ] as const
    for (const [method, url, status] of requests) {
      const { statusCode, headers } = await app.inject({ method, url })
      t.same([statusCode, headers.location], [enforcement === 'throw' ? 500 : status, undefined], `${method} ${url}`)
      t.match(violations, [{
        rule: 'resource-params',
        severity: 'error',
        found: 'the value is what resource() returns',
        fix: 'give the user itself',
        url
      }])
      t.equal(violations.splice(0).length, 1)
    }
  }
})

// Promises that nobody awaits

const rejecting = async (): Promise<never> => { throw new Error('boom') }
type Unawaited = [
  name: string, of: WrongOptions, value: () => unknown, rule: string, found: RegExp
]
const unawaited: Unawaited[] = [
  ['an etag function', { etag: rejecting }, () => ann, 'resource-etag',
    /^etag\(\) of the resource returned Promise \{/],
  ['a lastModified function', { lastModified: rejecting }, () => ann, 'helper-argument',
    /^lastModified\(\) of the resource is Promise \{/],
  ['a params function', { params: { id: rejecting } }, () => ann, 'resource-params',
    /^:id in \/users\/:id is Promise \{/],
  ['a body', {}, rejecting, 'helper-argument', /^created\(\) got a Promise as its body$/]
]

for (const [name, of, value, rule, found] of unawaited) {
  t.test(`${name} that returns a rejected Promise is rejected, and does not end the process`, async (t) => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown) => { unhandled.push(reason) }
    process.on('unhandledRejection', listener)
    t.teardown(() => process.off('unhandledRejection', listener))
    for (const enforcement of ['throw', 'log'] as const) {
      const { app, violations } = await appWith(t, { enforcement })
      const userResource = resource<any>({ etag: version, ...of } as ResourceOptions<any>)
      app.get('/users/:id', { config: { resource: userResource } }, reads(ann))
      app.post('/users', { config: { resource: userResource } }, async (_request, reply) =>
        reply.created(value(), undefined as unknown as CreatedInit))
      const { status, location, etag, lastModified } = await create(app)
      if (enforcement === 'throw') {
        t.same([status, location, etag, lastModified],
          [500, undefined, undefined, undefined])
      } else t.same([status, lastModified], [201, undefined])
      t.match(violations[0], { rule, severity: 'error', found })
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    t.same(unhandled, [], 'every rejection is handled')
  })
}

// contentLocation

type ContentLocation = [
  name: string, declared: boolean | undefined, given: boolean | undefined, value: unknown,
  contentLocation: string | undefined, options?: FastifyCreatedOptions
]
const contentLocations: ContentLocation[] = [
  ['nowhere', undefined, undefined, ann, undefined],
  ['on the route', true, undefined, ann, '/users/1'],
  ['for the helper', undefined, true, ann, '/users/1'],
  ['for the helper, which wins', true, false, ann, undefined],
  ['for the helper, which wins over false on the route', false, true, ann, '/users/1'],
  ['with basePath and origin', true, undefined, ann, 'https://api.example.com/v1/users/1',
    { origin: 'https://api.example.com', basePath: '/v1' }],
  ['with an empty body', true, undefined, null, undefined]
]

for (const [name, declared, given, value, contentLocation, options] of contentLocations) {
  t.test(`contentLocation ${name}: Content-Location is ${contentLocation}`, async (t) => {
    const { create, rules } = await users(t, {
      value,
      options,
      init: {
        ...given !== undefined && { contentLocation: given },
        ...value === null && { location: '/users/1', etag: 7 }
      },
      config: { created: { contentLocation: declared } }
    })
    const response = await create()
    t.match(response, { status: 201, etag: '"7"', contentLocation })
    if (contentLocation !== undefined) t.equal(response.location, contentLocation)
    t.same(rules(), [])
  })
}

t.test('a 500 instead of a 201 has no Content-Location', async (t) => {
  const { app } = await appWith(t)
  const userResource = resource<any>({ etag: version })
  app.get('/users/:id', { config: { resource: userResource } }, reads(ann))
  app.post('/users',
    {
      config: { resource: userResource, created: { contentLocation: true } },
      onSend: (_request, _reply, _payload, done) => done(new Error('too late'))
    }, async (_request, reply) => reply.created(ann))
  t.match(await create(app), { status: 500, contentLocation: undefined, location: undefined, etag: undefined })
})

// Canonical routes

t.test('ok() of nothing on a canonical route is 404, without the headers of a representation', async (t) => {
  for (const value of [null, undefined]) {
    const { app, rules } = await appWith(t, { profile: 'strict' })
    app.get('/users/:id', { config: { resource: resource<any>({ etag: version }) } }, async (_request, reply) =>
      reply.headers({
        'cache-control': 'max-age=60',
        'content-type': 'image/png',
        'content-disposition': 'attachment',
        etag: '"1"'
      }).ok(value))
    const got = await rawRequest(app, 'GET /users/1 HTTP/1.1', 'If-None-Match: *')
    t.equal(got.status, 404)
    t.match(JSON.parse(got.body), { code: 'FST_CREATED_NOT_FOUND', statusCode: 404 })
    t.same(header(got, 'content-type'), ['application/json; charset=utf-8'])
    for (const name of ['content-disposition', 'etag']) t.same(header(got, name), [], name)
    t.same(header(got, 'cache-control'), ['no-cache'])

    const head = await rawRequest(app, 'HEAD /users/1 HTTP/1.1', 'If-Match: "1"')
    t.equal(head.status, 404, 'preconditions are ignored if the response would not be 2xx (RFC 9110 section 13.2.1)')
    t.equal(head.body, '')
    const fields = ({ headers }: typeof head) => headers.filter((line) => !line.startsWith('date'))
    t.same(fields(head), fields(got), 'HEAD has the fields of GET')
    t.same(rules(), [])
  }
})

t.test('ok() of nothing is 404 on routes with a resource, with every method, and 200 on others', async (t) => {
  for (const value of [null, undefined]) {
    const { app, rules } = await appWith(t)
    const userResource = resource<any>({ etag: version })
    app.route({
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: '/users/:id',
      config: { resource: userResource },
      handler: reads(value)
    })
    app.get('/me', { config: { resource: userResource, created: { canonical: false } } }, reads(value))
    app.get('/exempt', { config: { resource: resource<any>({ etag: version }), created: false } }, reads(value))
    app.get('/given', async (_request, reply) => reply.ok(value, { resource: userResource }))
    app.route({ method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], url: '/plain', handler: reads(value) })
    const missing = [
      ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [method, '/users/1']),
      ['GET', '/me'], ['HEAD', '/me'], ['GET', '/exempt'], ['GET', '/given']
    ]
    for (const [method, url] of missing as Array<['GET', string]>) {
      const { statusCode, headers, body } = await app.inject({ method, url })
      t.same([statusCode, headers.etag], [404, undefined], `${method} ${url}`)
      if ((method as string) !== 'HEAD') t.match(JSON.parse(body), { code: 'FST_CREATED_NOT_FOUND' })
    }
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      t.equal((await app.inject({ method, url: '/plain' })).statusCode, 200, `${method} /plain`)
    }
    t.same(rules(), [])
  }
})

t.test('an error handler of the app gets the 404 of a canonical route', async (t) => {
  const { app } = await users(t, { value: null, init: { location: '/users/1', etag: 1 } })
  app.setErrorHandler((error: { code: string }, _request, reply) => reply.send({ mine: error.code }))
  const { statusCode, body } = await app.inject('/users/1')
  t.same([statusCode, JSON.parse(body)], [404, { mine: 'FST_CREATED_NOT_FOUND' }])
})

t.test('a canonical route evaluates preconditions with the tag of its resource', async (t) => {
  const { app, rules } = await users(t, { of: { etag: version, lastModified: (user) => user.changed } })
  const cases: Array<[line: string, status: number]> = [
    ['If-None-Match: "7"', 304],
    ['If-None-Match: "6", W/"7"', 304],
    ['If-None-Match: "6"', 200],
    ['If-Match: "7"', 200],
    ['If-Match: "6"', 412],
    [`If-Modified-Since: ${HTTP_DATE}`, 304],
    ['If-Unmodified-Since: Mon, 03 Feb 2020 04:05:05 GMT', 412]
  ]
  for (const method of ['GET', 'HEAD']) {
    for (const [line, status] of cases) {
      const response = await rawRequest(app, `${method} /users/1 HTTP/1.1`, line)
      t.equal(response.status, status, `${method}, ${line}`)
      t.same(header(response, 'etag'), ['"7"'], `${method}, ${line}`)
      if (status === 304 || method === 'HEAD') t.equal(response.body, '')
    }
  }
  t.same(rules(), [])
})
