import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, type RouteHandlerMethod } from 'fastify'
import t, { type Test } from 'tap'
import created, { resource, weak, type CreatedInit, type PluginOptions, type Resource, type ResourceOptions } from '../../src/index.js'
import { guarded, header, rawRequest, type Guarded } from '../support.js'

const ann = { id: '1', name: 'Ann', version: 7, changed: new Date('2020-02-03T04:05:06.789Z') }
const HTTP_DATE = 'Mon, 03 Feb 2020 04:05:06 GMT'
const version = (user: { version: number }) => user.version

const creates = (value: unknown, init?: object): RouteHandlerMethod => async (_request, reply) => reply.created(value, init as CreatedInit)
const answers = (value: unknown): RouteHandlerMethod => async (_request, reply) => reply.ok(value)

/** POST /users creates `value`, and GET /users/:id is its home. */
async function users (t: Test, { init, of = { etag: version }, config, options, home = '/users/:id', ...rest }: {
  value?: unknown
  init?: object
  of?: ResourceOptions<any>
  config?: object
  options?: PluginOptions
  home?: string
} = {}): Promise<Guarded & { user: Resource<any>, create: () => ReturnType<typeof create> }> {
  const made = await guarded(t, options)
  // undefined is a value, too
  const value = 'value' in rest ? rest.value : ann
  const user = resource<any>(of)
  made.app.get(home, { config: { resource: user } }, answers(value))
  made.app.post('/users', { config: { resource: user, ...config } }, creates(value, init))
  return { ...made, user, create: () => create(made.app) }
}

async function create (app: FastifyInstance, url = '/users') {
  const { statusCode: status, headers, body } = await app.inject({ method: 'POST', url })
  const { location, etag, 'content-location': contentLocation, 'last-modified': lastModified } = headers
  return { status, location, etag, contentLocation, lastModified, body }
}

// What the helpers take from the resource

t.test('created() takes Location, ETag and Last-Modified from the resource of its route', async (t) => {
  const { app, rules } = await users(t, { of: { etag: version, lastModified: (user) => user.changed } })
  const answer = await rawRequest(app, 'POST /users HTTP/1.1', 'Content-Length: 0')
  t.equal(answer.status, 201)
  t.same(header(answer, 'location'), ['/users/1'])
  t.same(header(answer, 'etag'), ['"7"'])
  t.same(header(answer, 'last-modified'), [HTTP_DATE])
  t.same(header(answer, 'content-location'), [])
  t.match(JSON.parse(answer.body), { id: '1', name: 'Ann' })
  t.same(rules(), [])
})

t.test('a function in params is given the value alone: it may have a second parameter of its own', async (t) => {
  const { create } = await users(t, { of: { etag: version, params: { id: (user, prefix = 'u') => `${prefix}${user.id}` } } })
  t.match(await create(), { status: 201, location: '/users/u1' })
})

t.test('ok() takes ETag and Last-Modified from the resource, on its home and on other routes', async (t) => {
  const { app, rules } = await guarded(t)
  const user = resource<typeof ann>({ etag: version, lastModified: (user) => user.changed })
  app.get('/users/:id', { config: { resource: user } }, async (_request, reply) => reply.ok(ann))
  app.patch('/users/:id', { config: { resource: user } }, async (_request, reply) => reply.ok(ann))
  app.get('/me', { config: { resource: user, created: { home: false } } }, async (_request, reply) => reply.ok(ann))
  app.get('/boss', async (_request, reply) => reply.ok(ann, { resource: user }))
  for (const [method, url] of [['GET', '/users/1'], ['HEAD', '/users/1'], ['PATCH', '/users/1'], ['GET', '/me'], ['GET', '/boss']] as const) {
    const { statusCode, headers } = await app.inject({ method, url })
    t.match({ statusCode, ...headers }, { statusCode: 200, etag: '"7"', 'last-modified': HTTP_DATE, location: undefined }, `${method} ${url}`)
  }
  for (const url of ['/users/1', '/me', '/boss']) t.equal((await app.inject({ url, headers: { 'if-none-match': '"7"' } })).statusCode, 304, url)
  t.same(rules(), [])
})

t.test('accepted() and seeOther() take their address from the resource; noContent() has no value to take an ETag from', async (t) => {
  const { app, rules } = await guarded(t)
  const job = resource<typeof ann>({ etag: version })
  app.get('/jobs/:id', { config: { resource: job } }, async (_request, reply) => reply.ok(ann))
  app.post('/jobs', { config: { resource: job } }, async (_request, reply) => reply.accepted(ann))
  app.post('/jobs/soon', { config: { resource: job } }, async (_request, reply) => reply.accepted(ann, { retryAfter: 2 }))
  app.post('/jobs/elsewhere', { config: { resource: job } }, async (_request, reply) => reply.accepted(ann, { monitor: '/jobs/9' }))
  app.post('/jobs/there', { config: { resource: job } }, async (_request, reply) => reply.seeOther(ann))
  app.post('/jobs/given', { config: { resource: job } }, async (_request, reply) => reply.seeOther('/jobs/9'))
  app.delete('/jobs/:id', { config: { resource: job } }, async (_request, reply) => reply.noContent())
  const expected: Array<[method: 'POST' | 'DELETE', url: string, statusCode: number, location: string | undefined, retryAfter?: string]> = [
    ['POST', '/jobs', 202, '/jobs/1'],
    ['POST', '/jobs/soon', 202, '/jobs/1', '2'],
    ['POST', '/jobs/elsewhere', 202, '/jobs/9'],
    ['POST', '/jobs/there', 303, '/jobs/1'],
    ['POST', '/jobs/given', 303, '/jobs/9'],
    ['DELETE', '/jobs/1', 204, undefined]
  ]
  for (const [method, url, status, location, retryAfter] of expected) {
    const { statusCode, headers } = await app.inject({ method, url })
    t.same([statusCode, headers.location, headers['retry-after'], headers.etag], [status, location, retryAfter, undefined], `${method} ${url}`)
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
  t.test(`what the init of created() gives wins over the resource, piece by piece: ${Object.keys(init ?? { nothing: 1 }).join(', ') || 'empty'}`, async (t) => {
    const { app, create, rules } = await users(t, { init, options: { profile: 'strict' } })
    app.get('/others/:code', { config: { resource: other } }, answers(ann))
    t.match(await create(), { status: 201, location, etag, lastModified })
    t.same(rules(), [])
  })
}

t.test('{ resource } serves routes without one, and routes declared before the plugin', async (t) => {
  const user = resource<typeof ann>({ etag: version })
  const app = Fastify()
  t.teardown(() => app.close())
  app.post('/orgs/:org/early', async (_request, reply) => reply.created(ann, { resource: user }))
  await app.register(created, { enforcement: 'throw' })
  app.get('/orgs/:org/users/:id', { config: { resource: user } }, async (_request, reply) => reply.ok(ann))
  app.post('/orgs/:org/copies', async (_request, reply) => reply.created(ann, { resource: user }))
  app.post('/orgs/:org/jobs', async (_request, reply) => reply.accepted(ann, { resource: user }))
  t.match(await create(app, '/orgs/x/early'), { status: 201, location: '/orgs/x/users/1', etag: '"7"' })
  t.match(await create(app, '/orgs/x/copies'), { status: 201, location: '/orgs/x/users/1', etag: '"7"' })
  t.match(await create(app, '/orgs/x/jobs'), { status: 202, location: '/orgs/x/users/1', etag: undefined })
})

t.test('what is no resource is refused as one', async (t) => {
  for (const wrong of ['user', 1, {}, { etag: version }, { etag: version, params: null }]) {
    const { create, violations } = await users(t, { init: { resource: wrong } })
    t.match(await create(), { status: 500, location: undefined, etag: undefined })
    t.match(violations, [{ rule: 'helper-argument', message: /it must be what resource\(\) returns/ }])

    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(created)
    t.throws(() => app.get('/users/:id', { config: { resource: wrong as unknown as Resource<any> } }, answers(ann)), {
      code: 'FST_CREATED_OPTION_INVALID', message: /GET \/users\/:id: the option config\.resource .+ Allowed: what resource\(\) returns/
    })
  }
})

t.test('an etag of null waives it: no ETag, and no violation in any profile', async (t) => {
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
const failing: Array<[says: string, of: Partial<Record<keyof ResourceOptions<any>, unknown>>, rule: string, found: RegExp, left: { location?: string, etag?: string }, homeBreaks: boolean]> = [
  ['etag throws', { etag: boom }, 'etag-syntax', /etag of the resource threw "boom"\./, { location: '/users/1' }, true],
  ['etag gives undefined', { etag: () => undefined }, 'etag-syntax', /etag of the resource gives an etag that is wrong: .*etag is undefined/, { location: '/users/1' }, true],
  ['etag gives a Promise', { etag: async () => 1 }, 'etag-syntax', /etag of the resource gives an etag that is wrong: .*etag is Promise/, { location: '/users/1' }, true],
  ['etag gives what no tag can be', { etag: () => 'W/"a b"' }, 'etag-syntax', /etag of the resource gives an etag that is wrong: .+begins like an entity-tag/, { location: '/users/1' }, true],
  ['lastModified throws', { lastModified: boom }, 'helper-argument', /lastModified of the resource threw "boom"\./, { location: '/users/1', etag: '"7"' }, true],
  ['lastModified gives a text', { lastModified: () => '2020-01-01' }, 'helper-argument', /lastModified is "2020-01-01": it must be a valid Date/, { location: '/users/1', etag: '"7"' }, true],
  ['lastModified gives an invalid Date', { lastModified: () => new Date(NaN) }, 'helper-argument', /it must be a valid Date/, { location: '/users/1', etag: '"7"' }, true],
  ['a parameter throws', { params: { id: boom } }, 'location-syntax', /a function in params of the resource threw "boom"\./, { etag: '"7"' }, false],
  ['a parameter is undefined', { params: { id: () => undefined } }, 'location-syntax', /"id" of \/users\/:id is undefined/, { etag: '"7"' }, false],
  ['a parameter is null', { params: { id: () => null } }, 'location-syntax', /"id" of \/users\/:id is null/, { etag: '"7"' }, false],
  ['a parameter is empty', { params: { id: () => '' } }, 'location-syntax', /"id" of \/users\/:id is "": it must not be empty/, { etag: '"7"' }, false],
  ['a parameter is NaN', { params: { id: () => NaN } }, 'location-syntax', /"id" of \/users\/:id is NaN/, { etag: '"7"' }, false],
  ['a parameter is an object', { params: { id: () => ({}) } }, 'location-syntax', /"id" of \/users\/:id is \{\}/, { etag: '"7"' }, false],
  ['a parameter is a symbol', { params: { id: () => Symbol('id') } }, 'location-syntax', /"id" of \/users\/:id is Symbol\(id\)/, { etag: '"7"' }, false],
  ['a parameter is "."', { params: { id: () => '.' } }, 'location-syntax', /id: '\.'.+has a segment "\." or "\.\."/, { etag: '"7"' }, false],
  ['a parameter is ".."', { params: { id: () => '..' } }, 'location-syntax', /id: '\.\.'.+has a segment "\." or "\.\."/, { etag: '"7"' }, false],
  ['a parameter is half a surrogate pair', { params: { id: () => '\uD800' } }, 'location-syntax', /half a surrogate pair/, { etag: '"7"' }, false],
  ['a parameter is longer than the router takes', { params: { id: () => 'x'.repeat(101) } }, 'location-syntax', /101 characters, and the router takes 100/, { etag: '"7"' }, false],
  ['params names a property that is not there', { params: { id: 'nick' } }, 'location-syntax', /"id" of \/users\/:id is undefined/, { etag: '"7"' }, false]
]

for (const [says, of, rule, found, left, homeBreaks] of failing) {
  t.test(`${says}: refused where enforcement is throw, logged once and left off where it is log`, async (t) => {
    const thrown = await users(t, { of: { etag: version, ...of } as ResourceOptions<any> })
    const refused = await thrown.create()
    t.match(refused, { status: 500, location: undefined, etag: undefined, lastModified: undefined })
    t.match(JSON.parse(refused.body), { code: 'FST_CREATED_VIOLATION', message: `The rule ${rule} is broken: ` })
    t.notMatch(refused.body, /boom|Ann/)
    t.match(thrown.violations, [{ rule, severity: 'error', message: found, method: 'POST', url: '/users' }])
    t.equal(thrown.violations.length, 1)
    t.equal((await thrown.app.inject('/users/1')).statusCode, homeBreaks ? 500 : 200)

    const logged = await users(t, { of: { etag: version, ...of } as ResourceOptions<any>, options: { enforcement: 'log' } })
    for (const times of [1, 2]) {
      const passed = await logged.create()
      t.same({ status: passed.status, location: passed.location, etag: passed.etag, lastModified: passed.lastModified }, { status: 201, location: undefined, etag: undefined, lastModified: undefined, ...left }, `${times}`)
      t.match(JSON.parse(passed.body), { name: 'Ann' })
    }
    t.same(logged.rules(), [rule, rule], 'nothing else is broken')
    t.equal(logged.logs.filter(({ level }) => level >= 40).length, 1)
    t.match(logged.logs.find(({ rule: logged }) => logged === rule), { level: 50, msg: found })
    t.equal((await logged.app.inject('/users/1')).statusCode, 200)
    t.same(logged.rules(), [rule, rule, ...homeBreaks ? [rule] : []], 'the home breaks the same rule, and no other')
  })
}

t.test('a value that is not there has no address', async (t) => {
  for (const value of [null, undefined]) {
    const thrown = await users(t, { value, init: { etag: 1 } })
    t.match(await thrown.create(), { status: 500, location: undefined })
    t.match(thrown.violations, [{ rule: 'location-syntax', message: new RegExp(`the value is ${value}, so there is nothing to address`) }])
    const given = await users(t, { value, init: { location: '/users/1', etag: 1 } })
    t.match(await given.create(), { status: 201, location: '/users/1', etag: '"1"', body: '' })
  }
})

t.test('the resource itself, given instead of a value, is named as the mistake', async (t) => {
  const user = resource<any>({ etag: version })
  for (const enforcement of ['throw', 'log'] as const) {
    const { app, violations } = await guarded(t, { enforcement })
    app.get('/users/:id', { config: { resource: user } }, answers(ann))
    app.post('/users', { config: { resource: user } }, creates(user, { etag: 1 }))
    app.post('/jobs', { config: { resource: user } }, async (_request, reply) => reply.accepted(user))
    app.post('/seen', { config: { resource: user } }, async (_request, reply) => reply.seeOther(user))
    app.get('/located', async (request) => request.locate(user, user))
    for (const [method, url, status] of [['POST', '/users', 201], ['POST', '/jobs', 202], ['POST', '/seen', 303], ['GET', '/located', 500]] as const) {
      const { statusCode, headers } = await app.inject({ method, url })
      t.same([statusCode, headers.location], [enforcement === 'throw' ? 500 : status, undefined], `${method} ${url}`)
      t.match(violations, [{ rule: 'location-syntax', severity: 'error', message: /the value is what resource\(\) returns: give a value of it/, url }])
      t.equal(violations.splice(0).length, 1)
    }
  }
})

// Promises that nobody waits for

const rejecting = async (): Promise<never> => { throw new Error('boom') }
const unawaited: Array<[says: string, of: Partial<Record<keyof ResourceOptions<any>, unknown>>, value: () => unknown, rule: string, found: RegExp]> = [
  ['an etag function', { etag: rejecting }, () => ann, 'etag-syntax', /etag of the resource gives an etag that is wrong: .*etag is Promise/],
  ['a lastModified function', { lastModified: rejecting }, () => ann, 'helper-argument', /lastModified is Promise/],
  ['a params function', { params: { id: rejecting } }, () => ann, 'location-syntax', /"id" of \/users\/:id is Promise/],
  ['a body', {}, rejecting, 'helper-argument', /the body is a Promise: await it/]
]

for (const [says, of, value, rule, found] of unawaited) {
  t.test(`${says} that is a rejecting Promise is refused, and does not end the process`, async (t) => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown) => { unhandled.push(reason) }
    process.on('unhandledRejection', listener)
    t.teardown(() => process.off('unhandledRejection', listener))
    for (const enforcement of ['throw', 'log'] as const) {
      const { app, violations } = await guarded(t, { enforcement })
      const user = resource<any>({ etag: version, ...of } as ResourceOptions<any>)
      app.get('/users/:id', { config: { resource: user } }, answers(ann))
      app.post('/users', { config: { resource: user } }, async (_request, reply) => reply.created(value(), undefined as unknown as CreatedInit))
      const { status, location, etag, lastModified } = await create(app)
      if (enforcement === 'throw') t.same([status, location, etag, lastModified], [500, undefined, undefined, undefined])
      else t.same([status, lastModified], [201, undefined])
      t.match(violations[0], { rule, severity: 'error', message: found })
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    t.same(unhandled, [], 'every rejection is handled')
  })
}

// representation

const representations: Array<[says: string, declared: boolean | undefined, given: boolean | undefined, value: unknown, contentLocation: string | undefined, options?: PluginOptions]> = [
  ['nowhere', undefined, undefined, ann, undefined],
  ['on the route', true, undefined, ann, '/users/1'],
  ['in the init', undefined, true, ann, '/users/1'],
  ['in the init, which wins', true, false, ann, undefined],
  ['in the init, which wins over the route\'s false', false, true, ann, '/users/1'],
  ['with basePath and origin', true, undefined, ann, 'https://api.example.com/v1/users/1', { origin: 'https://api.example.com', basePath: '/v1' }],
  ['with an empty body', true, undefined, null, undefined]
]

for (const [says, declared, given, value, contentLocation, options] of representations) {
  t.test(`representation ${says}: Content-Location is ${contentLocation}`, async (t) => {
    const { create, rules } = await users(t, {
      value,
      options,
      init: { ...given !== undefined && { representation: given }, ...value === null && { location: '/users/1', etag: 7 } },
      config: { created: { representation: declared } }
    })
    const answer = await create()
    t.match(answer, { status: 201, etag: '"7"', contentLocation })
    if (contentLocation !== undefined) t.equal(answer.location, contentLocation)
    t.same(rules(), [])
  })
}

t.test('a 500 in place of a 201 has no Content-Location', async (t) => {
  const { app } = await guarded(t)
  const user = resource<any>({ etag: version })
  app.get('/users/:id', { config: { resource: user } }, answers(ann))
  app.post('/users', { config: { resource: user, created: { representation: true } }, onSend: (_request, _reply, _payload, done) => done(new Error('too late')) }, async (_request, reply) => reply.created(ann))
  t.match(await create(app), { status: 500, contentLocation: undefined, location: undefined, etag: undefined })
})

// Homes

t.test('ok() of nothing on a home is 404, with nothing said of a representation', async (t) => {
  for (const value of [null, undefined]) {
    const { app, rules } = await guarded(t, { profile: 'strict' })
    app.get('/users/:id', { config: { resource: resource<any>({ etag: version }) } }, async (_request, reply) =>
      reply.headers({ 'cache-control': 'max-age=60', 'content-type': 'image/png', 'content-disposition': 'attachment', etag: '"1"' }).ok(value))
    const got = await rawRequest(app, 'GET /users/1 HTTP/1.1', 'If-None-Match: *')
    t.equal(got.status, 404)
    t.match(JSON.parse(got.body), { code: 'FST_CREATED_NOT_FOUND', statusCode: 404 })
    t.same(header(got, 'content-type'), ['application/json; charset=utf-8'])
    for (const name of ['cache-control', 'content-disposition', 'etag']) t.same(header(got, name), [], name)

    const head = await rawRequest(app, 'HEAD /users/1 HTTP/1.1', 'If-Match: "1"')
    t.equal(head.status, 404, 'preconditions are ignored where the answer would be no 2xx (RFC 9110 section 13.2.1)')
    t.equal(head.body, '')
    const fields = (answer: typeof head) => answer.headers.filter((line) => !line.startsWith('date'))
    t.same(fields(head), fields(got), 'HEAD has the fields of GET')
    t.same(rules(), [])
  }
})

t.test('ok() of nothing is 404 on every route with a resource, whatever the method, and 200 on a route without one', async (t) => {
  for (const value of [null, undefined]) {
    const { app, rules } = await guarded(t)
    const user = resource<any>({ etag: version })
    app.route({ method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], url: '/users/:id', config: { resource: user }, handler: answers(value) })
    app.get('/me', { config: { resource: user, created: { home: false } } }, answers(value))
    app.get('/exempt', { config: { resource: resource<any>({ etag: version }), created: false } }, answers(value))
    app.get('/given', async (_request, reply) => reply.ok(value, { resource: user }))
    app.route({ method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], url: '/plain', handler: answers(value) })
    const missing = [...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [method, '/users/1']), ['GET', '/me'], ['HEAD', '/me'], ['GET', '/exempt'], ['GET', '/given']]
    for (const [method, url] of missing as Array<['GET', string]>) {
      const { statusCode, headers, body } = await app.inject({ method, url })
      t.same([statusCode, headers.etag], [404, undefined], `${method} ${url}`)
      if ((method as string) !== 'HEAD') t.match(JSON.parse(body), { code: 'FST_CREATED_NOT_FOUND' })
    }
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) t.equal((await app.inject({ method, url: '/plain' })).statusCode, 200, `${method} /plain`)
    t.same(rules(), [])
  }
})

t.test('an error handler of the app gets the 404 of a home', async (t) => {
  const { app } = await users(t, { value: null, init: { location: '/users/1', etag: 1 } })
  app.setErrorHandler((error: { code: string }, _request, reply) => reply.send({ mine: error.code }))
  const { statusCode, body } = await app.inject('/users/1')
  t.same([statusCode, JSON.parse(body)], [404, { mine: 'FST_CREATED_NOT_FOUND' }])
})

t.test('a home answers preconditions by the tag of its resource', async (t) => {
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
      const answer = await rawRequest(app, `${method} /users/1 HTTP/1.1`, line)
      t.equal(answer.status, status, `${method}, ${line}`)
      t.same(header(answer, 'etag'), ['"7"'], `${method}, ${line}`)
      if (status === 304 || method === 'HEAD') t.equal(answer.body, '')
    }
  }
  t.same(rules(), [])
})

// Addresses of any value

const ids: Array<[home: string, id: unknown]> = [
  ...[
    'plain', 'with space', 'a/b', '100%', '%2F', '%', 'a+b', 'a;b', 'a?b#c', 'a&b=c', 'ü', '日本', '😀', 'e\u0301', ':id', '::', '*', '.hidden', '...', 'a.b', 'a..b',
    'a\\b', '"quoted"', '<b>', 'tab\there', 'line\nbreak', '\0', '[1]', '{1}', '|', '^', '`', '~', '\'', '(1)', '!', '@', '$', ',', '__proto__', 'constructor', 'undefined', 'null', 'false',
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

t.test('over a socket, GET on the Location of whatever was created gives it back', async (t) => {
  for (const [home, id] of ids) {
    const [name] = /\*|(?<=:)(?:id|year)/.exec(home)!
    const thing = resource<{ id: unknown }>({ etag: () => 1, params: { [name]: ({ id }) => id as string } })
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(created, { enforcement: 'throw' })
    app.get(home, { config: { resource: thing } }, async (request, reply) => reply.ok({ id: (request.params as Record<string, string>)[name] }))
    app.post('/create', { config: { resource: thing } }, async (_request, reply) => reply.serializer(() => 'created').created({ id }, { etag: null }))
    await app.listen({ port: 0, host: '127.0.0.1' })
    const base = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`

    const answer = await fetch(`${base}/create`, { method: 'POST' })
    t.equal(answer.status, 201, `${home} ${String(id)}`)
    const there = await fetch(new URL(answer.headers.get('location')!, base))
    t.equal(there.status, 200, `${home} ${String(id)}`)
    t.same(await there.json(), { id: String(id) }, answer.headers.get('location')!)
    await app.close()
  }
})

t.test('an optional parameter that is undefined is left out, and the rest of the home is the address', async (t) => {
  const { create } = await users(t, { home: '/users/:id/:rev?' })
  t.match(await create(), { status: 201, location: '/users/1' })
  const both = await users(t, { home: '/users/:id/:rev?', value: { ...ann, rev: 'a b' } })
  t.match(await both.create(), { status: 201, location: '/users/1/a%20b' })
  for (const rev of [null, '', NaN]) {
    const refused = await users(t, { home: '/users/:id/:rev?', value: { ...ann, rev } })
    t.match(await refused.create(), { status: 500, location: undefined }, `only undefined is left out, not ${rev}`)
    t.match(refused.violations, [{ rule: 'location-syntax', message: /the parameter "rev" of \/users\/:id\/:rev\?/ }])
  }
})

t.test('an address that names the collection is refused, as where the only parameter is left out', async (t) => {
  const { create, rules } = await users(t, { home: '/users/:id?', value: { version: 1 } })
  t.match(await create(), { status: 500, location: undefined })
  t.same(rules(), ['location-target'])
})

const misread: Array<[says: string, home: string, value: object, shadow: string | undefined, location: string, of?: ResourceOptions<any>]> = [
  ['a static route shadows it', '/users/:id', { ...ann, id: 'new' }, '/users/new', '/users/new'],
  ['another parametric route shadows it', '/users/:id', { ...ann, id: '42' }, '/users/:number(^\\d+$)', '/users/42'],
  ['it does not fit the regular expression', '/users/:id(^\\d+$)', { ...ann, id: 'ann' }, undefined, '/users/ann'],
  ['it can be read in two ways', '/users/:id-:version', { id: 'a', version: '1-2' }, undefined, '/users/a-1-2']
]

for (const [says, home, value, shadow, location, of] of misread) {
  t.test(`an address is refused where enforcement is throw, and let go where it is log: ${says}`, async (t) => {
    const thrown = await users(t, { home, value, of })
    if (shadow !== undefined) thrown.app.get(shadow, async () => 'another')
    t.match(await thrown.create(), { status: 500, location: undefined, etag: undefined })
    t.match(thrown.violations, [{ rule: 'location-resolves', message: location }])

    const logged = await users(t, { home, value, of, options: { enforcement: 'log' } })
    if (shadow !== undefined) logged.app.get(shadow, async () => 'another')
    t.match(await logged.create(), { status: 201, location, etag: /./ })
    t.same(logged.rules(), [], 'nothing is proved again for each request')

    const off = await users(t, { home, value, of, options: { rules: { 'location-resolves': 'off' } } })
    if (shadow !== undefined) off.app.get(shadow, async () => 'another')
    t.match(await off.create(), { status: 201, location })
  })
}

t.test('PUT that answers with a value of another address is refused where enforcement is throw, and reported where it is log', async (t) => {
  for (const enforcement of ['throw', 'log'] as const) {
    const { app, user, violations } = await users(t, { options: { enforcement } })
    app.put('/users/:id', { config: { resource: user } }, async (_request, reply) => reply.created({ id: 42, version: 1 }))
    const { statusCode, headers } = await app.inject({ method: 'PUT', url: '/users/7' })
    t.same([statusCode, headers.location, headers.etag], enforcement === 'throw' ? [500, undefined, undefined] : [201, '/users/42', '"1"'], enforcement)
    t.match(violations, [{ rule: 'location-target', severity: 'error', message: /PUT creates at its target, but Location is \/users\/42/, method: 'PUT', url: '/users/:id' }])
    t.equal(violations.splice(0).length, 1)
    t.match(await app.inject({ method: 'PUT', url: '/users/42' }), { statusCode: 201, headers: { location: '/users/42' } })
    t.same(violations, [])
  }
})

t.test('PUT to a home creates at its target, however the client spells that', async (t) => {
  const { app, user, rules } = await users(t, { value: { id: 'a b', version: 7 } })
  app.put('/users/:id', { config: { resource: user } }, async (request, reply) => reply.created({ id: (request.params as { id: string }).id, version: 1 }))
  for (const [url, location] of [['/users/a%20b', '/users/a%20b'], ['/users/%61', '/users/a'], ['/users/a?x=1', '/users/a'], ['/users/%C3%BC', '/users/%C3%BC']]) {
    const { statusCode, headers } = await app.inject({ method: 'PUT', url })
    t.same([statusCode, headers.location, headers.etag], [201, location, '"1"'], url)
  }
  t.same(rules(), [])
})

// Inherited parameters

const inherited: Array<[says: string, home: string, url: string, sent: string, value: object, location: string, of?: Partial<ResourceOptions<any>>, schema?: object]> = [
  ['from the request', '/orgs/:org/users/:id', '/orgs/:org/users', '/orgs/acme/users', ann, '/orgs/acme/users/1'],
  ['encoded again', '/orgs/:org/users/:id', '/orgs/:org/users', '/orgs/a%2Fb%20%C3%BC/users', ann, '/orgs/a%2Fb%20%C3%BC/users/1'],
  ['from a route of another shape', '/orgs/:org/users/:id', '/invite/:org', '/invite/acme', ann, '/orgs/acme/users/1'],
  ['but not where params names it', '/orgs/:org/users/:id', '/orgs/:org/users', '/orgs/acme/users', { ...ann, owner: 'own' }, '/orgs/own/users/1', { params: { org: 'owner' } }],
  ['but not where the schema has it as required', '/orgs/:org/users/:id', '/orgs/:org/users', '/orgs/acme/users', { ...ann, org: 'own' }, '/orgs/own/users/1', {}, { required: ['id', 'org'], properties: { id: { type: 'string' }, org: { type: 'string' } } }],
  ['where the schema has it as optional', '/orgs/:org/users/:id', '/orgs/:org/users', '/orgs/acme/users', { ...ann, org: 'own' }, '/orgs/acme/users/1', {}, { required: ['id'], properties: { id: { type: 'string' }, org: { type: 'string' } } }],
  ['but not where the request has none of that name', '/orgs/:org/users/:id', '/users/:team', '/users/blue', { ...ann, org: 'own' }, '/orgs/own/users/1'],
  ['but never the last one', '/users/:id', '/users/:id/clone', '/users/source/clone', ann, '/users/1'],
  ['but never the last one that is required', '/users/:id/:rev?', '/users/:id/:rev/clone', '/users/source/3/clone', ann, '/users/1'],
  ['but never a wildcard at the end', '/:org/files/*', '/:org/copy/*', '/acme/copy/source', { ...ann, path: 'x/y' }, '/acme/files/x/y', { params: { '*': 'path' } }]
]

for (const [says, home, url, sent, value, location, of, schema] of inherited) {
  t.test(`a parameter of the home is inherited ${says}`, async (t) => {
    const { app, rules } = await guarded(t)
    const user = resource<any>({ etag: version, ...of })
    app.get(home, { config: { resource: user } }, answers(value))
    app.post(url, { config: { resource: user }, schema: schema && { response: { 201: { type: 'object', ...schema } } } }, creates(value))
    t.match(await create(app, sent), { status: 201, location, etag: '"7"' })
    t.same(rules(), [])
  })
}

t.test('over a socket, an inherited parameter that no address can have leaves Location off, and is only warned of', async (t) => {
  for (const enforcement of ['throw', 'log'] as const) {
    for (const [sent, org] of [['/orgs//users', ''], ['/orgs/%2e%2e/users', '..'], ['/orgs/%2E/users', '.'], ['/orgs/./users', '.'], ['/orgs/../users', '..']]) {
      const { app, violations, logs } = await guarded(t, { enforcement, profile: 'strict' })
      const user = resource<any>({ etag: version })
      const seen: unknown[] = []
      app.get('/orgs/:org/users/:id', { config: { resource: user } }, answers(ann))
      app.post('/orgs/:org/users', { config: { resource: user } }, async (request, reply) => { seen.push(request.params); return reply.created(ann) })
      const answer = await rawRequest(app, `POST ${sent} HTTP/1.1`, 'Content-Length: 0')
      t.equal(answer.status, 201, `${enforcement}: ${sent}`)
      t.same(seen, [{ org }], 'as the router reads it')
      t.same([header(answer, 'location'), header(answer, 'etag')], [[], ['"7"']])
      t.match(violations, [{ rule: 'location-syntax', severity: 'warn', message: /\/orgs\/:org\/users\/:id/ }])
      t.equal(violations.length, 1)
      t.same(logs.filter(({ level }) => level >= 40).map(({ level }) => level), [40])
    }
  }
})

t.test('an address that no route answers for an inherited parameter goes out with a warning', async (t) => {
  const { app, violations } = await guarded(t)
  const user = resource<{ id: number }>({ etag: () => 1 })
  app.get('/orgs/:org(^\\d+$)/users/:id', { config: { resource: user } }, async (_request, reply) => reply.ok({ id: 1 }))
  app.post('/orgs/:org/users', { config: { resource: user } }, async (_request, reply) => reply.created({ id: 1 }))
  for (const org of ['1', 'abc']) t.equal((await app.inject({ method: 'POST', url: `/orgs/${org}/users` })).statusCode, 201, org)
  t.match(violations, [{ rule: 'location-resolves', severity: 'warn', message: /answered by no GET route/ }])
})

t.test('an address that is misread for an inherited parameter goes out with a warning, and for one of the value alone it is refused', async (t) => {
  const { app, violations } = await guarded(t)
  const user = resource<any>({ etag: version })
  app.get('/orgs/:org/users/:id', { config: { resource: user } }, answers(ann))
  app.get('/orgs/mine/users/:me', async () => 'another')
  app.post('/orgs/:org/users', { config: { resource: user } }, creates(ann))
  app.post('/users', { config: { resource: user } }, creates({ ...ann, org: 'mine' }))
  app.get('/orgs/:org/located', async (request) => request.locate(user, ann))
  t.match(await create(app, '/orgs/mine/users'), { status: 201, location: '/orgs/mine/users/1', etag: '"7"' })
  t.match(violations.splice(0), [{ rule: 'location-resolves', severity: 'warn', message: /\/orgs\/mine\/users\/1, made of/ }])
  t.match(await app.inject('/orgs/mine/located'), { statusCode: 200, body: '/orgs/mine/users/1' })
  t.match(violations.splice(0), [{ rule: 'location-resolves', severity: 'warn' }])
  t.match(await create(app, '/users'), { status: 500, location: undefined, etag: undefined })
  t.match(violations.splice(0), [{ rule: 'location-resolves', severity: 'error' }])
  t.match(await create(app, '/orgs/acme/users'), { status: 201, location: '/orgs/acme/users/1' })
  t.same(violations, [])
})

t.test('locate() has no address to give for what the request lacks, and refuses', async (t) => {
  const { app, violations } = await guarded(t)
  const user = resource<any>({ etag: version })
  app.get('/orgs/:org/users/:id', { config: { resource: user } }, answers(ann))
  app.get('/orgs/:org/located', async (request) => request.locate(user, ann))
  t.equal((await rawRequest(app, 'GET /orgs/%2e%2e/located HTTP/1.1')).status, 500)
  t.match(violations, [{ rule: 'location-syntax', severity: 'error' }])
})

t.test('a clone without an id of its own is refused, and does not announce its source', async (t) => {
  const { app, violations } = await guarded(t)
  const user = resource<any>({ etag: version })
  app.get('/users/:id', { config: { resource: user } }, answers(ann))
  app.post('/users/:id/clone', { config: { resource: user } }, creates({ version: 1 }))
  t.match(await create(app, '/users/source/clone'), { status: 500, location: undefined })
  t.match(violations, [{ rule: 'location-syntax', message: /the parameter "id" of \/users\/:id is undefined/ }])
})

// locate()

t.test('request.locate() gives the address as Location carries it', async (t) => {
  for (const [options, before] of [[{}, ''], [{ basePath: '/api' }, '/api'], [{ origin: 'https://api.example.com', basePath: '/v1' }, 'https://api.example.com/v1']] as const) {
    const { app } = await guarded(t, options)
    const user = resource<any>({ etag: version })
    app.get('/orgs/:org/users/:id', { config: { resource: user } }, answers(ann))
    app.get('/orgs/:org/users', async (request) => [request.locate(user, { id: 'a/b' })])
    app.get('/users', async (request) => [request.locate(user, { id: 1, org: 'own' })])
    app.post('/orgs/:org/users', { config: { resource: user } }, async (request, reply) => reply.header('link', request.locate(user, ann)).created(ann))
    app.setNotFoundHandler(async (request) => [request.locate(user, { id: 2, org: 'none' })])
    t.same((await app.inject('/orgs/a%20b/users')).json(), [`${before}/orgs/a%20b/users/a%2Fb`])
    t.same((await app.inject('/users')).json(), [`${before}/orgs/own/users/1`])
    t.same((await app.inject('/nowhere')).json(), [`${before}/orgs/none/users/2`], 'where no route matched, the value fills all')
    const { headers } = await app.inject({ method: 'POST', url: '/orgs/x/users' })
    t.equal(headers.location, `${before}/orgs/x/users/1`)
    t.equal(headers.link, headers.location)
  }
})

t.test('app.locate() gives the address outside of a request', async (t) => {
  const { app } = await guarded(t, { basePath: '/api' })
  const user = resource<any>({ etag: version })
  const mount = async (scope: FastifyInstance) => {
    scope.get('/users/:id', { config: { resource: user } }, answers(ann))
    scope.get('/', async () => scope.locate(user, { id: 1 }))
  }
  app.register(mount, { prefix: '/v1' })
  app.register(mount, { prefix: '/v2' })
  const org = resource<any>({ etag: version })
  app.get('/orgs/:org/:id', { config: { resource: org } }, answers(ann))
  await app.ready()
  t.equal((await app.inject('/v1/')).body, '/api/v1/users/1', 'a child stands for its own scope')
  t.equal((await app.inject('/v2/')).body, '/api/v2/users/1')
  t.equal(app.locate(org, { id: 1, org: 'own' }), '/api/orgs/own/1')
  t.equal(app.locate(org, { id: 1 }, { org: 'a b' }), '/api/orgs/a%20b/1')
  t.equal(app.locate(org, { id: 1, org: 'own' }, { org: 7, more: 1 }), '/api/orgs/7/1')
  t.throws(() => app.locate(org, { org: 'own' }, { id: 9 }), { code: 'FST_CREATED_VIOLATION', rule: 'location-syntax' }, 'the last parameter is the value\'s own')
  t.throws(() => app.locate(user, { id: 1 }), { code: 'FST_CREATED_VIOLATION', rule: 'resource-home', cause: /An address was asked for of a resource, and 2 homes of it are equally near: GET \/v1\/users\/:id and GET \/v2\/users\/:id/ })
})

t.test('app.locate() before all routes are there says so, also where a home is there already', async (t) => {
  const { app, user } = await users(t)
  t.throws(() => app.locate(user, ann), { code: 'FST_CREATED_VIOLATION', rule: 'resource-home', cause: /call it after app\.ready\(\)/ })
  await app.ready()
  t.equal(app.locate(user, ann), '/users/1')
})

t.test('hooks that run when the app is ready can ask for addresses', async (t) => {
  const { app, user } = await users(t)
  let located = ''
  app.addHook('onReady', async () => { located = app.locate(user, ann) })
  await app.ready()
  t.equal(located, '/users/1')
})

const unlocatable: Array<[says: string, value: unknown, rule: string, cause: RegExp]> = [
  ['null', null, 'location-syntax', /the value is null/],
  ['no id', {}, 'location-syntax', /"id" of \/users\/:id is undefined/],
  ['an empty id', { id: '' }, 'location-syntax', /must not be empty/],
  ['a dot segment', { id: '..' }, 'location-syntax', /"\." or "\.\."/],
  ['an object', { id: {} }, 'location-syntax', /"id" of \/users\/:id is \{\}/]
]

for (const enforcement of ['throw', 'log'] as const) {
  t.test(`locate() refuses what has no address, where enforcement is ${enforcement}`, async (t) => {
    const { app, user, violations } = await users(t, { options: { enforcement } })
    let value: unknown
    app.get('/located', async (request) => request.locate(user, value))
    await app.ready()
    for (const [says, refused, rule, cause] of unlocatable) {
      t.throws(() => app.locate(user, refused), { code: 'FST_CREATED_VIOLATION', statusCode: 500, rule, cause }, says)
      value = refused
      const { statusCode, body } = await app.inject('/located')
      t.same([statusCode, JSON.parse(body).code], [500, 'FST_CREATED_VIOLATION'], says)
      t.match(violations.splice(0), [{ rule, severity: 'error' }, { rule, severity: 'error', method: 'GET', url: '/located' }])
    }
    t.throws(() => app.locate(resource<any>({ etag: version }), ann), { code: 'FST_CREATED_VIOLATION', rule: 'resource-home', cause: /An address was asked for of a resource, and no GET route is its home\. Add config: \{ resource \}/ })
    t.throws(() => app.locate('user' as never, ann), { code: 'FST_CREATED_VIOLATION', rule: 'helper-argument', cause: /first argument of locate\(\) is "user"/ })
  })
}

t.test('locate() asks the router what created() asks it: where enforcement is throw, as severely as the rule is', async (t) => {
  for (const [options, throws, rules] of [
    [{}, true, ['location-resolves']],
    [{ enforcement: 'log' }, false, []],
    [{ rules: { 'location-resolves': 'off' } }, false, []],
    [{ rules: { 'location-resolves': 'warn' } }, false, ['location-resolves']]
  ] as Array<[PluginOptions, boolean, string[]]>) {
    const { app, user, ...made } = await users(t, { options })
    app.get('/users/new', async () => 'a form')
    app.get('/located', async (request) => request.locate(user, { id: 'new' }))
    await app.ready()
    if (throws) t.throws(() => app.locate(user, { id: 'new' }), { rule: 'location-resolves', cause: /\/users\/new/ })
    else t.equal(app.locate(user, { id: 'new' }), '/users/new')
    t.same(made.rules(), rules)
    t.equal((await app.inject('/located')).statusCode, throws ? 500 : 200)
  }
})
