import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import { digest, resource, weak, type CreatedInit } from '../../src/index.js'
import { setNodeEnv } from '../node-env.js'
import { appWith, header, rawRequest, type AppWith } from '../support.js'

const user = { id: '42' }

/** An app whose POST /users calls `created(body, init)`, and whose GET /users/:id responds 200. */
async function users (
  t: Parameters<typeof appWith>[0], init: unknown, options = {}, body: unknown = user
): Promise<AppWith> {
  const guardedApp = await appWith(t, options)
  guardedApp.app.get('/users/:id', async () => user)
  guardedApp.app.get('/users', async () => [])
  guardedApp.app.route({
    method: ['POST', 'PUT', 'PATCH'],
    url: '/users',
    handler: async (_request, reply) => reply.created(body, init as CreatedInit)
  })
  return guardedApp
}

t.test('created() responds 201 with the body, its URL, and its entity-tag', async (t) => {
  const { app, rules } = await users(t, { location: '/users/42', etag: 7 })
  const response = await rawRequest(app, 'POST /users HTTP/1.1', 'Content-Length: 0')
  t.equal(response.status, 201)
  t.same(header(response, 'location'), ['/users/42'])
  t.same(header(response, 'etag'), ['"7"'])
  t.same(header(response, 'last-modified'), [])
  t.same(JSON.parse(response.body), user)
  t.same(rules(), [])
})

t.test('created() sends lastModified as an HTTP-date, one in the future as now', async (t) => {
  const past = await users(t, { location: '/users/42', etag: 7, lastModified: new Date('2020-02-03T04:05:06.789Z') })
  t.equal(
    (await past.app.inject({ method: 'POST', url: '/users' })).headers['last-modified'],
    'Mon, 03 Feb 2020 04:05:06 GMT'
  )

  const future = await users(t, { location: '/users/42', etag: 7, lastModified: new Date('2999-01-01') })
  const { headers } = await future.app.inject({ method: 'POST', url: '/users' })
  t.ok(Date.parse(headers['last-modified'] as string) <= Date.parse(headers.date as string))
})

t.test('created() with a body of null or undefined responds 201 without a body, not with null in JSON', async (t) => {
  for (const body of [null, undefined]) {
    const { app } = await appWith(t)
    app.get('/users/:id', async () => user)
    app.post('/users', async (_request, reply) => reply.created(body, { location: '/users/42', etag: 7 }))
    const response = await app.inject({ method: 'POST', url: '/users' })
    t.equal(response.statusCode, 201)
    t.equal(response.body, '')
    t.equal(response.headers['content-type'], undefined)
    t.equal(response.headers.location, '/users/42')
  }
})

t.test('etag: null says that there is no version, and breaks no rule in any profile', async (t) => {
  for (const profile of ['recommended', 'strict'] as const) {
    const { app, rules } = await users(t, { location: '/users/42', etag: null }, { profile })
    const response = await app.inject({ method: 'POST', url: '/users' })
    t.equal(response.statusCode, 201)
    t.equal(response.headers.etag, undefined)
    t.same(rules(), [])
  }
})

const locations: Array<[what: string, location: unknown, options: object, expected: string]> = [
  ['a path is sent as it is', '/users/42', {}, '/users/42'],
  ['a query is part of a URL', '/users/42?full=1', {}, '/users/42?full=1'],
  ['encoded segments stay encoded', '/users/a%2Fb%20%C3%BC', {}, '/users/a%2Fb%20%C3%BC'],
  ['basePath is put before a path', '/users/42', { basePath: '/api' }, '/api/users/42'],
  ['origin makes a path absolute', '/users/42', { origin: 'https://api.example.com' }, 'https://api.example.com/users/42'],
  ['origin and basePath go together', '/users/42', { origin: 'https://api.example.com', basePath: '/v1' }, 'https://api.example.com/v1/users/42'],
  ['an absolute URL on the origin is sent as it is', 'https://api.example.com/users/42', { origin: 'https://api.example.com' }, 'https://api.example.com/users/42'],
  ['so is a URL object', new URL('https://api.example.com/users/42'), { origin: 'https://api.example.com' }, 'https://api.example.com/users/42'],
  ['a default port is the same origin', 'https://api.example.com:443/users/42', { origin: 'https://api.example.com' }, 'https://api.example.com:443/users/42'],
  ['one of the locationOrigins is another server, whose paths this one does not know', 'https://cdn.example.com/x/y', { locationOrigins: ['https://cdn.example.com'] }, 'https://cdn.example.com/x/y']
]

for (const [what, location, options, expected] of locations) {
  t.test(`Location: ${what}`, async (t) => {
    const { app, rules } = await users(t, { location, etag: 7 }, options)
    const response = await app.inject({ method: 'POST', url: '/users' })
    t.equal(response.statusCode, 201, response.body)
    t.equal(response.headers.location, expected)
    t.same(rules(), [])
  })
}

type Init = Record<string, unknown> | undefined
interface Wrong { what: string, init: Init, rule: string, found: RegExp, fix: RegExp, options?: object }

const WITH_LOCATION_AND_ETAG = /^return reply\.created\(user, \{ location: `\/users\/\$\{user\.id\}`, etag: user\.version \}\)/
const A_PATH = /^use a path such as '\/users\/42'$/
const BEGIN_WITH_SLASH = /^begin it with "\/": '\//
const ENCODE = /^encode each segment with encodeURIComponent\(\)/
const A_VERSION = /^give a version such as user\.version, or null if there is none$/
const A_DATE = /^give a valid Date: user\.updatedAt, or new Date\(user\.updatedAt\)$/
const ANY_GET_ROUTE = /^declare app\.get\('\/\w+\/:id', …\), or correct the path$/
const AN_ID = /^insert the id of the record$/

const wrong: Wrong[] = [
  ...[
    { what: 'no options', init: undefined, found: /^created\(\) got no location, and the route has no resource$/ },
    { what: 'misspelt options', init: { Location: '/users/42', eTag: 7 }, found: /got no location \(only Location, eTag\), and/ },
    { what: 'no location', init: { etag: 7 }, found: /^created\(\) got no location \(only etag\), and/ },
    { what: 'a location of null', init: { location: null, etag: 7 }, found: /^created\(\) got the location null, and/ }
  ].map((row) => ({ ...row, rule: 'created-location', fix: WITH_LOCATION_AND_ETAG })),
  ...[
    { what: 'an empty location', location: '', found: /is "", which is empty/, fix: A_PATH },
    { what: 'a number as location', location: 42, found: /is 42, which is not a URL/, fix: A_PATH },
    { what: 'a list of locations', location: ['/users/1', '/users/2'], found: /'\/users\/2' \], which is not a URL/, fix: A_PATH },
    { what: 'a path-relative location', location: 'users/42', found: /relative to the URL of the request/, fix: BEGIN_WITH_SLASH },
    { what: 'a bare id', location: '42', found: /relative to the URL of the request/, fix: BEGIN_WITH_SLASH },
    { what: 'a network-path reference', location: '//evil.example/1', found: /take what follows for a host/, fix: A_PATH },
    { what: 'a fragment', location: '/users/42#top', found: /has a fragment/, fix: /^remove "#" and what follows it$/ },
    { what: 'a user name in the authority', location: 'https://me@api.example.com/1', found: /has a user name/, fix: /^remove it$/ },
    { what: 'another scheme', location: 'ftp://api.example.com/1', found: /is not an http or https URL/, fix: A_PATH },
    { what: 'CR and LF', location: '/users/42\r\nx: y', found: /U\+000D/, fix: ENCODE },
    { what: 'raw non-ASCII', location: '/users/ü', found: /U\+00FC/, fix: ENCODE },
    { what: 'a space', location: '/users/a b', found: /has a space/, fix: ENCODE },
    { what: 'a bare percent sign', location: '/users/100%', found: /two hexadecimal digits/, fix: ENCODE },
    { what: 'a dot segment', location: '/users/../admin', found: /"\.\."/, fix: /^use ids that are neither/ },
    { what: 'an encoded dot segment', location: '/users/%2E%2e', found: /"\.\."/, fix: /^use ids that are neither/ }
  ].map(({ location, ...row }) => ({ ...row, init: { location, etag: 7 }, rule: 'location-syntax' })),
  ...[
    { what: 'the origin of another server', options: { origin: 'https://api.example.com' } },
    { what: 'an origin if the server has none', options: {} }
  ].map((row) => ({
    ...row,
    init: { location: 'https://evil.example/users/42', etag: 7 },
    rule: 'location-origin',
    found: /^Location is on https:\/\/evil\.example$/,
    fix: /set locationOrigins: \['https:\/\/evil\.example'\]$/
  })),
  ...[
    { what: 'a path that no GET route answers', location: '/nobody/42', found: /^no GET route answers \/nobody\/42$/, fix: ANY_GET_ROUTE },
    { what: 'a path that the router cannot decode', location: '/users/%FF', found: /^no GET route answers/, fix: ANY_GET_ROUTE },
    { what: 'a parameter that is too long for the router', location: `/users/${'x'.repeat(101)}`, found: /^no GET route/, fix: ANY_GET_ROUTE },
    { what: 'an empty parameter', location: '/users/', found: /leaves the parameter :id of its GET route empty/, fix: AN_ID },
    { what: 'the pattern of the route', location: '/users/:id', found: /has the placeholder :id/, fix: AN_ID },
    {
      what: 'an absolute URL of this server that is not below its basePath',
      location: 'https://api.example.com/users/42',
      found: /is not below the basePath \/v1$/,
      fix: /the path without the basePath$/,
      options: { origin: 'https://api.example.com', basePath: '/v1' }
    }
  ].map(({ location, ...row }) => ({ ...row, init: { location, etag: 7 }, rule: 'location-resolves' })),
  {
    what: 'the collection itself',
    init: { location: '/users', etag: 7 },
    rule: 'location-target',
    found: /^Location is \/users, the URL that the request was sent to$/,
    fix: /^location: `\/users\/\$\{user\.id\}`$/
  },
  ...[
    { what: 'no etag', init: { location: '/users/42' } },
    { what: 'an undefined etag', init: { location: '/users/42', etag: undefined } }
  ].map((row) => ({ ...row, rule: 'created-etag', found: /^created\(\) got no etag$/, fix: /etag: null if there is no version$/ })),
  ...[
    { what: 'an empty etag', etag: '', found: /is an empty string$/, fix: A_VERSION },
    { what: 'an etag that is not finite', etag: NaN, found: /is the number NaN$/, fix: /^use a finite number$/ },
    { what: 'an object as etag', etag: {}, found: /is \{\}$/, fix: A_VERSION },
    { what: 'half an entity-tag', etag: '"7', found: /begins like an entity-tag/, fix: /^put one pair of quotes around it/ }
  ].map(({ etag, ...row }) => ({ ...row, init: { location: '/users/42', etag }, rule: 'etag-syntax' })),
  ...[
    { what: 'an invalid lastModified', lastModified: new Date(NaN), found: /lastModified of created\(\) is Invalid Date$/ },
    { what: 'a string as lastModified', lastModified: '2020-01-01', found: /lastModified of created\(\) is "2020-01-01"$/ }
  ].map(({ lastModified, ...row }) =>
    ({ ...row, init: { location: '/users/42', etag: 7, lastModified }, rule: 'helper-argument', fix: A_DATE }))
]

for (const { what, init, rule, found, fix, options } of wrong) {
  t.test(`created() reports ${what} as ${rule}, before it touches the reply`, async (t) => {
    const { app, violations, logs } = await appWith(t, options)
    let message = ''
    app.get('/users/:id', async () => user)
    app.get('/users', async () => [])
    app.post('/users', async (_request, reply) => {
      try {
        return reply.created(user, init as never)
      } catch (error) {
        t.equal(reply.statusCode, 200)
        t.same(reply.getHeaders(), {})
        t.match(error, { code: 'FST_CREATED_VIOLATION', statusCode: 500, rule, spec: String, stack: /created\.test\.ts/ })
        t.same((error as { route?: object }).route, { method: 'POST', url: '/users' })
        message = (error as Error).message
        throw error
      }
    })
    const response = await app.inject({ method: 'POST', url: '/users' })
    t.equal(response.statusCode, 500)
    t.match(response.json(), { code: 'FST_CREATED_VIOLATION', message })
    t.equal(response.headers.location, undefined)
    t.equal(response.headers.etag, undefined)

    const [violation] = violations
    t.match(violation, { rule, severity: 'error', message, found, fix, spec: String, method: 'POST', url: '/users' })
    t.ok(message.startsWith(`POST /users broke the rule ${rule}. Found: ${violation.found}. Required: `), message)
    t.ok(message.includes(` (${violation.spec}). Fix: ${violation.fix}. `), message)
    t.ok(message.endsWith(` See fastify-created/docs/reference/rules.md#${rule}`), message)
    t.match(logs.filter(({ level }) => level >= 50), [{ err: { message } }])
    t.equal(logs.filter(({ level }) => level >= 50).length, 1, 'it is logged once')
  })
}

t.test('in production the client gets the short form of a violation, and the log has all of it, once', async (t) => {
  setNodeEnv(t, 'production')
  for (const { what, init, rule, found, options } of wrong) {
    const { app, violations, logs } = await appWith(t, options)
    app.get('/users/:id', async () => user)
    app.get('/users', async () => [])
    app.post('/users', async (_request, reply) => {
      try {
        return reply.created(user, init as never)
      } catch (error) {
        t.match((error as Error).cause, { message: violations[0].message }, what)
        throw error
      }
    })
    const response = await app.inject({ method: 'POST', url: '/users' })
    t.equal(response.statusCode, 500, what)
    const { spec } = violations[0]
    t.equal(
      response.json().message,
      `POST /users broke the rule ${rule} (${spec}). The log says what was found and how to fix it`
    )
    t.notMatch(response.body, found, 'the client does not see what was found')
    const errors = logs.filter(({ level }) => level >= 50)
    t.equal(errors.length, 1, what)
    t.ok(
      errors[0].err.message.includes(violations[0].message) || errors[0].err.stack.includes(violations[0].message),
      what
    )
  }
})

t.test('with enforcement log, created() logs what it would throw, and the 201 is sent with its body', async (t) => {
  for (const { what, init, rule, found, fix, options } of wrong) {
    // The router is not asked if nothing is thrown.
    if (rule === 'location-resolves') continue
    const { app, violations, logs } = await users(t, init, { ...options, enforcement: 'log' })
    const response = await app.inject({ method: 'POST', url: '/users' })
    t.equal(response.statusCode, 201, what)
    t.same(response.json(), user, what)
    const same = violations.filter((violation) => violation.rule === rule)
    t.match(same, [{ severity: 'error', found, fix }], what)
    t.equal(same.length, 1, `${what} is reported once`)
    t.equal(logs.filter(({ msg }) => msg === `fastify-created: ${same[0].message}`).length, 1, `${what} is logged once`)
  }
})

t.test('with enforcement log, Location is sent as given if it can be written, and is dropped if not', async (t) => {
  const rows: Array<[unknown, string | undefined]> = [
    ['users/42', 'users/42'],
    ['//evil.example/1', '//evil.example/1'],
    ['/users/42\r\nx: y', undefined],
    ['/users/日本', undefined],
    [42, undefined]
  ]
  for (const [location, expected] of rows) {
    const { app } = await users(t, { location, etag: 7 }, { enforcement: 'log' })
    const response = await rawRequest(app, 'POST /users HTTP/1.1', 'Content-Length: 0')
    t.equal(response.status, 201)
    t.same(header(response, 'location'), expected === undefined ? [] : [expected])
    t.same(header(response, 'etag'), ['"7"'])
    t.same(JSON.parse(response.body), user)
  }
})

t.test('with enforcement log, the router is not asked', async (t) => {
  const { app, rules } = await users(t, { location: '/nobody/42', etag: 7 }, { enforcement: 'log' })
  t.equal((await app.inject({ method: 'POST', url: '/users' })).headers.location, '/nobody/42')
  t.same(rules(), [])
})

t.test('created() without etag is rejected whatever the severity of created-etag', async (t) => {
  for (const severity of ['off', 'warn', 'error'] as const) {
    const { app, violations } = await users(t, { location: '/users/42' }, { rules: { 'created-etag': severity } })
    t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 500)
    t.match(violations, [{ rule: 'created-etag', severity: 'error' }])
  }
})

t.test('created() without a value needs an etag, also on a route with a resource', async (t) => {
  const userResource = resource<{ version: number }>({ etag: ({ version }) => version })
  const { app, violations } = await appWith(t)
  app.get('/users/:id', { config: { resource: userResource } }, async (_request, reply) => reply.ok({ version: 7 }))
  app.post('/users', { config: { resource: userResource } }, async (_request, reply) =>
    reply.created(null as never, { location: '/users/42' }))
  t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 500)
  const expected = { rule: 'created-etag', found: 'created() got no etag', fix: 'return reply.created(user)' }
  t.match(violations, [expected])
})

t.test('if a rule only warns, the helper sends its response', async (t) => {
  const { app, violations } = await users(
    t,
    { location: 'users/42', etag: 7 },
    { rules: { 'location-syntax': 'warn' } }
  )
  const response = await app.inject({ method: 'POST', url: '/users' })
  t.equal(response.statusCode, 201)
  t.equal(response.headers.location, 'users/42')
  t.match(violations, [{ rule: 'location-syntax', severity: 'warn' }])
  t.equal(violations.length, 1)
})

t.test('if a rule is off, the helper sends its response and reports nothing', async (t) => {
  const { app, rules } = await users(t, { location: '/users/42', etag: '"7' }, { rules: { 'etag-syntax': 'off' } })
  t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 201)
  t.same(rules(), [])
})

t.test('a Location built from the Host of the request is only a warning', async (t) => {
  const { app, violations } = await users(t, { location: 'http://localhost:80/users/42', etag: 7 })
  t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 201)
  t.match(violations, [{ rule: 'location-origin', severity: 'warn', found: /built from the Host of the request/ }])
})

t.test('created() is rejected on methods that never create', async (t) => {
  for (const method of ['GET', 'OPTIONS', 'TRACE', 'DELETE'] as const) {
    const { app, violations } = await appWith(t)
    app.get('/users/:id', async () => user)
    app.route({
      method,
      url: '/users',
      exposeHeadRoute: false,
      handler: async (_request, reply) => reply.created(user, { location: '/users/42', etag: 7 })
    })
    t.equal((await app.inject({ method: method as 'GET', url: '/users' })).statusCode, 500, method)
    t.match(violations, [{ rule: 'created-method', found: `the response to ${method} is 201`, method, url: '/users' }])
  }
})

t.test('created() on PUT accepts only the target as its location', async (t) => {
  const rows: Array<[url: string, location: string, status: number]> = [
    ['/users/42', '/users/42', 201],
    ['/users/42?notify=1', '/users/42', 201],
    ['/users/%7Eann', '/users/~ann', 201],
    ['/users/42', '/users/43', 500],
    ['/users/42', '/users', 500]
  ]
  const { app } = await appWith(t)
  app.get('/users', async () => [])
  app.get('/users/:id', async () => user)
  app.put<{ Body: string }>('/users/:id', async (request, reply) =>
    reply.created(user, { location: request.body, etag: 7 }))
  for (const [url, location, status] of rows) {
    const response = await app.inject({
      method: 'PUT',
      url,
      headers: { 'content-type': 'text/plain' },
      payload: location
    })
    t.equal(response.statusCode, status, `${url} ${location}`)
  }
})

t.test('behind a basePath the target of POST and PUT is compared as the client sees it', async (t) => {
  const { app } = await appWith(t, { basePath: '/api' })
  app.get('/users', async () => [])
  app.get('/users/:id', async () => user)
  app.post<{ Body: string }>('/users', async (request, reply) =>
    reply.created(user, { location: request.body, etag: 7 }))
  app.put<{ Body: string }>('/users/:id', async (request, reply) =>
    reply.created(user, { location: request.body, etag: 7 })
  )
  const send = async (method: 'POST' | 'PUT', url: string, payload: string) =>
    (await app.inject({ method, url, headers: { 'content-type': 'text/plain' }, payload })).statusCode
  t.equal(await send('POST', '/users', '/users/1'), 201)
  t.equal(await send('POST', '/users', '/users'), 500)
  t.equal(await send('PUT', '/users/1', '/users/1'), 201)
  t.equal(await send('PUT', '/users/1', '/users/2'), 500)
})

t.test('if the app rewrites URLs, the router is not asked, and the target may be named by either URL', async (t) => {
  const { app, rules } = await appWith(t, {}, { rewriteUrl: (request) => request.url!.replace(/^\/public/, '') })
  app.get('/users/:id', async () => user)
  app.post<{ Body: string }>('/users', async (request, reply) =>
    reply.created(user, { location: request.body, etag: 7 }))
  const send = async (payload: string) =>
    (await app.inject({ method: 'POST', url: '/public/users', headers: { 'content-type': 'text/plain' }, payload }))
      .statusCode
  t.equal(await send('/public/users/1'), 201)
  t.same(rules(), [])
  t.equal(await send('/public/users'), 500)
  t.same(rules(), ['location-target'])
})

t.test('a member of the collection resolves, and nothing below it does', async (t) => {
  for (const [url, member] of [['/users', '/users/42'], ['/orgs/:org/users', '/orgs/o/users/a-b_c~d']]) {
    const { app, rules } = await appWith(t, { profile: 'strict' })
    const collection = url.replace(':org', 'o')
    app.get(`${url}/:id`, async () => user)
    app.get(`${url}/new`, async () => user)
    app.route<{ Body: string }>({
      method: ['POST', 'PUT'],
      url,
      config: { created: { precondition: 'optional' } },
      handler: async (request, reply) => reply.created(user, { location: request.body, etag: 7 })
    })
    const send = async (payload: string, method: 'POST' | 'PUT' = 'POST') =>
      (await app.inject({ method, url: collection, headers: { 'content-type': 'text/plain' }, payload })).statusCode
    t.equal(await send(member), 201)
    t.equal(await send(`${collection}/new`), 201)
    t.same(rules(), [], `${url} is a collection`)
    t.equal(await send(`${member}${'x'.repeat(100)}`), 500, 'too long for the router')
    t.equal(await send(`${member}/files`), 500)
    t.same(rules(), ['location-resolves', 'location-resolves'])
    t.equal(await send(member, 'PUT'), 500, 'PUT creates at its target')
    t.same(rules(), ['location-resolves', 'location-resolves', 'location-target'])
  }
})

t.test('a handler that two routes share creates for each of them, and its this is the instance', async (t) => {
  const { app, rules } = await appWith(t)
  const seen: unknown[] = []
  const handler = async function (this: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    seen.push(this)
    return reply.created({ id: 1 }, { resource: request.url === '/as' ? a : b })
  }
  const [a, b] = [resource<{ id: number }>({ etag: () => 'a' }), resource<{ id: number }>({ etag: () => 'b' })]
  app.get('/as/:id', { config: { resource: a } }, async () => null)
  app.get('/bs/:id', { config: { resource: b } }, async () => null)
  app.post('/as', { config: { resource: a } }, handler)
  app.post('/bs', { config: { resource: b } }, handler)
  for (const [url, etag] of [['/as', '"a"'], ['/bs', '"b"']]) {
    const { headers } = await app.inject({ method: 'POST', url })
    t.match(headers, { location: `${url}/1`, etag })
  }
  t.same(seen, [app, app])
  t.same(rules(), [])
})

t.test('in a not-found handler, the helpers ignore the resource of the route that called it', async (t) => {
  const { app, rules } = await appWith(t)
  app.get('/users/:id', { config: { resource: resource<object>({ etag: () => 7 }) } }, async (_request, reply) =>
    reply.callNotFound()
  )
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).ok({ nothing: true }))
  const { statusCode, headers } = await app.inject('/users/1')
  t.match([statusCode, headers.etag], [200, undefined])
  t.same(rules(), [])
})

t.test('on PUT, the fix for a missing location is upserted()', async (t) => {
  const { app, violations } = await appWith(t)
  app.put('/users/:id', async (_request, reply) => reply.created(user, {} as never))
  t.equal((await app.inject({ method: 'PUT', url: '/users/1' })).statusCode, 500)
  t.match(violations, [{
    rule: 'created-location',
    found: 'created() got no location, and the route has no resource',
    fix: 'return reply.upserted(user, { created: true })'
  }])
  t.equal(violations.length, 1)
})

t.test('in a not-found handler, a helper without a location is reported, with a URL to replace', async (t) => {
  const path = '`/path/${record.id}`' // eslint-disable-line no-template-curly-in-string
  const rows: Array<[send: (reply: FastifyReply) => FastifyReply, rule: string, found: string, fix: string]> = [
    [
      (reply) => reply.created(user, {} as never),
      'created-location',
      'created() got no location, and the route has no resource',
      `return reply.created(record, { location: ${path}, etag: record.version })`
    ],
    [
      (reply) => reply.accepted(user, {} as never),
      'helper-argument',
      'accepted() got the location undefined, and the route has no resource',
      `reply.accepted(record, { location: ${path} })`
    ],
    [
      (reply) => reply.seeOther(7 as never),
      'helper-argument',
      'seeOther() got 7, and the route has no resource',
      `reply.seeOther(${path})`
    ]
  ]
  for (const [send, rule, found, fix] of rows) {
    const { app, violations } = await appWith(t)
    app.setNotFoundHandler(async (_request, reply) => send(reply))
    t.equal((await app.inject({ method: 'POST', url: '/nowhere' })).statusCode, 500)
    t.match(violations, [{ rule, found }])
    t.ok(violations[0].fix.startsWith(fix), violations[0].fix)
  }
})

t.test('a hook that turns the response of created() into problem details breaks created-failure', async (t) => {
  const { app, rules } = await users(t, { location: '/users/42', etag: 7 })
  app.addHook('preSerialization', async (_request, reply) => {
    reply.type('application/problem+json')
    return { title: 'x' }
  })
  t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 500)
  t.same(rules(), ['created-failure'])
})

t.test('so does one that returns a Response with problem details', async (t) => {
  const { app, rules } = await users(t, { location: '/users/42', etag: 7 })
  const problem = new Response('{}', { status: 201, headers: { 'content-type': 'application/problem+json' } })
  app.addHook('onSend', async (_request, reply, payload) => reply.statusCode === 201 ? problem : payload)
  t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 500)
  t.same(rules(), ['created-failure'])
})

t.test('a URL that only a GET route with constraints answers resolves', async (t) => {
  const { app, rules } = await appWith(t)
  app.get('/versioned/:id', { constraints: { version: '2.0.0' } }, async () => user)
  app.get('/hosted/:id', { constraints: { host: 'other.example.com' } }, async () => user)
  app.get('/matched/:id', { constraints: { host: /^.*\.example\.org$/ } }, async () => user)
  app.post<{ Body: string }>('/users', async (request, reply) =>
    reply.created(user, { location: request.body, etag: 7 }))
  app.post('/users', { constraints: { version: '2.0.0' } }, async (_request, reply) =>
    reply.created(user, { location: '/versioned/1', etag: 7 })
  )
  t.equal((await app.inject({ method: 'POST', url: '/users', headers: { 'accept-version': '2.x' } })).statusCode, 201)
  const send = async (payload: string, host = 'localhost') =>
    (await app.inject({ method: 'POST', url: '/users', headers: { 'content-type': 'text/plain', host }, payload }))
      .statusCode
  t.equal(await send('/versioned/1'), 201)
  t.equal(await send('/hosted/1'), 201)
  t.equal(await send('/matched/1', 'a.example.org'), 201)
  t.same(rules(), [])
})

t.test('a catch-all GET route answers every URL', async (t) => {
  const { app, rules } = await appWith(t)
  app.get('/*', async () => 'page')
  app.post('/users', async (_request, reply) => reply.created(user, { location: '/anything/at/all', etag: 7 }))
  t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 201)
  t.same(rules(), [])
})

t.test('a stream that created() does not send is destroyed', async (t) => {
  const body = Readable.from(['never sent'])
  const { app } = await users(t, { location: 'users/42', etag: 7 }, {}, body)
  t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 500)
  t.equal(body.destroyed, true)
})

t.test('an error after created() removes the headers that it has set', async (t) => {
  const { app } = await appWith(t)
  app.get('/users/:id', async () => user)
  app.post(
    '/users',
    {
      schema: { response: { 201: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } } }
    },
    async (_request, reply) =>
      reply.created(user as never, { location: '/users/42', etag: 7, lastModified: new Date() })
  )
  const response = await app.inject({ method: 'POST', url: '/users' })
  t.equal(response.statusCode, 500, 'the body does not match the schema, and cannot be serialized')
  for (const name of ['location', 'etag', 'last-modified']) t.equal(response.headers[name], undefined, name)
})

t.test('on PUT the helpers set the validators that they are given, and put-etag can report them', async (t) => {
  const init = { etag: 7, lastModified: new Date(0) }
  const helpers: Record<
    string,
    (reply: FastifyReply, given: { etag: number | null; lastModified?: Date }) => FastifyReply
  > = {
    created: (reply, given) => reply.created(user, { ...given, location: '/files/1' }),
    replaced: (reply, given) => reply.upserted(user, { ...given, created: false }),
    ok: (reply, given) => reply.ok(user, given),
    noContent: (reply, { etag }) => reply.noContent({ etag })
  }
  for (const [name, send] of Object.entries(helpers)) {
    const put = async (options: object, given: Parameters<typeof send>[1]) => {
      const { app, violations } = await appWith(t, { profile: 'strict', precondition: 'optional', ...options })
      app.get('/files/:id', async () => user)
      app.put('/files/:id', async (_request, reply) => send(reply, given))
      const { headers, statusCode } = await app.inject({ method: 'PUT', url: '/files/1' })
      return { statusCode, etag: headers.etag, lastModified: headers['last-modified'], violations }
    }
    const set = await put({}, init)
    t.ok(set.statusCode < 300, name)
    t.equal(set.etag, '"7"', name)
    t.equal(set.lastModified, name === 'noContent' ? undefined : 'Thu, 01 Jan 1970 00:00:00 GMT', name)
    t.same(set.violations, [])

    const rules = { 'put-etag': 'error' }
    const reported = await put({ rules }, init)
    t.match(reported, { statusCode: 500, etag: undefined, lastModified: undefined }, name)
    t.match(reported.violations, [{ rule: 'put-etag', found: 'the response has ETag', fix: /etag: null/ }], name)
    const fixed = await put({ rules }, { etag: null })
    t.ok(fixed.statusCode < 300, name)
    t.same([fixed.etag, fixed.lastModified, fixed.violations], [undefined, undefined, []], name)
  }
})

t.test('created() works on a route without response checks, and still checks its arguments', async (t) => {
  const { app, rules } = await appWith(t)
  app.get('/users/:id', async () => user)
  app.post<{ Body: string }>('/users', { config: { created: false } }, async (request, reply) =>
    reply.created(user, { location: request.body, etag: 7 })
  )
  const send = (payload: string) =>
    app.inject({ method: 'POST', url: '/users', headers: { 'content-type': 'text/plain' }, payload })
  t.equal((await send('/users/42')).headers.location, '/users/42')
  t.equal((await send('users/42')).statusCode, 500)
  t.same(rules(), ['location-syntax'])
})

t.test('PUT creates however the client spells the target', async (t) => {
  const { app, rules } = await appWith(
    t,
    {},
    {
      routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, ignoreDuplicateSlashes: true },
      useSemicolonDelimiter: true
    }
  )
  app.get('/users/:id', async () => user)
  app.put<{ Params: { id: string } }>('/users/:id', async (request, reply) =>
    reply.created(user, { location: `/users/${encodeURIComponent(request.params.id)}`, etag: 1 }))
  for (const target of [
    '/users/ann@example.com',
    '/users/a:b',
    '/users/a+b',
    '/users/a,b',
    '/users/a%21b',
    '/users/a|b',
    '/users/a^b',
    '/users/a[b]',
    '/users/:id',
    '/USERS/ann',
    '/users/ann/',
    '//users/ann',
    '/users/ann#top',
    '/users/ann;v=2',
    '/users/a%2Fb'
  ]) {
    t.equal((await rawRequest(app, `PUT ${target} HTTP/1.1`, 'Content-Length: 0')).status, 201, target)
  }
  t.same(rules(), [])
})

t.test('PUT to a wildcard creates whether or not the client encodes the slashes', async (t) => {
  const { app, rules } = await appWith(t)
  app.get('/files/*', async () => user)
  app.put<{ Params: { '*': string } }>('/files/*', async (request, reply) =>
    reply.created(user, { location: `/files/${request.params['*']}`, etag: 1 })
  )
  for (const target of ['/files/a/b', '/files/a%2Fb', '/files/a%2fb']) {
    t.equal((await rawRequest(app, `PUT ${target} HTTP/1.1`, 'Content-Length: 0')).status, 201, target)
  }
  t.same(rules(), [])
})

t.test('POST with the query of the new URL creates, too', async (t) => {
  const { app, rules } = await appWith(t)
  app.get('/items', async () => user)
  app.post('/items', async (_request, reply) => reply.created(user, { location: '/items?id=43', etag: 1 }))
  t.equal((await app.inject({ method: 'POST', url: '/items?id=43' })).statusCode, 201)
  t.same(rules(), [])
})

t.test('a URL that a GET route may answer for other hosts or versions is accepted', async (t) => {
  const { app, rules } = await appWith(t)
  app.get('/matched/:id', { constraints: { host: /^a\./ } }, async () => user)
  app.post('/users', async (_request, reply) => reply.created(user, { location: '/matched/1', etag: 7 }))
  for (const host of ['a.example', 'b.example', 'localhost']) {
    t.equal((await app.inject({ method: 'POST', url: '/users', headers: { host } })).statusCode, 201, host)
  }
  t.same(rules(), [])
})

t.test('a Location built from the Host of the request is only a warning, whatever Host the client sends', async (t) => {
  const rows: Array<[server: object, lines: string[]]> = [
    [{}, ['POST /users HTTP/1.1', 'Host: x.example']],
    [{}, ['POST /users HTTP/1.1', 'Host: a b']],
    [{}, ['POST /users HTTP/1.1', 'Host: user@x']],
    [{}, ['POST /users HTTP/1.1', 'Host: x:99999']],
    [{}, ['POST /users HTTP/1.1', 'Host: x/y?']],
    [{}, ['POST /users HTTP/1.1', 'Host:']],
    [{ trustProxy: true }, ['POST /users HTTP/1.1', 'X-Forwarded-Host: public.example']],
    [{ trustProxy: true }, ['POST /users HTTP/1.1', 'X-Forwarded-Proto: ftp']],
    [{ trustProxy: true }, ['POST /users HTTP/1.1', 'X-Forwarded-Proto: a/b']]
  ]
  for (const [server, lines] of rows) {
    const { app, violations } = await appWith(t, {}, server)
    app.get('/users/:id', async () => user)
    app.post('/users', async (request, reply) => reply.created(user, { location: `${request.protocol}://${request.host}/users/1`, etag: 1 }))
    t.equal((await rawRequest(app, ...lines, 'Content-Length: 0')).status, 201, lines[1])
    t.ok(violations.length > 0)
    t.ok(violations.every(({ severity }) => severity === 'warn'), lines[1])
  }
})

t.test('a last argument that is not an object is reported, and never a TypeError', async (t) => {
  const { app, rules, violations } = await appWith(t, { enforcement: 'log' })
  const initOf = ({ params }: FastifyRequest) => JSON.parse((params as { init: string }).init)
  app.get('/ok/:init', async (request, reply) => reply.ok(user, initOf(request)))
  app.delete('/none/:init', async (request, reply) => reply.noContent(initOf(request)))
  for (const init of ['null', '7', '"x"']) {
    t.equal((await app.inject(`/ok/${encodeURIComponent(init)}`)).statusCode, 200, init)
    t.equal((await app.inject({ method: 'DELETE', url: `/none/${encodeURIComponent(init)}` })).statusCode, 204, init)
  }
  t.same(rules(), ['helper-argument', 'helper-argument', 'helper-argument', 'helper-argument'])
  t.match(violations, [
    { found: 'the last argument of ok() is 7, not an object of options' },
    { found: 'the last argument of noContent() is 7, not an object of options' },
    { found: 'the last argument of ok() is "x", not an object of options' },
    { found: 'the last argument of noContent() is "x", not an object of options' }
  ])
})

t.test('the 500 has no header of the response that was not sent', async (t) => {
  const { app } = await appWith(t)
  app.post('/users', async (_request, reply) =>
    reply
      .headers({ 'cache-control': 'public, max-age=3600', 'content-encoding': 'gzip', link: '</secret>; rel=self' })
      .created(user, { location: 'users/1', etag: 1 })
  )
  const { headers, statusCode } = await app.inject({ method: 'POST', url: '/users' })
  t.equal(statusCode, 500)
  t.same(Object.keys(headers).sort(), ['connection', 'content-length', 'content-type', 'date'])
})

t.test('what weak() and digest() reject is in the message of their error, but not in production', async (t) => {
  const send = async (url: string) => {
    const { app } = await appWith(t)
    app.setErrorHandler((error: Error, _request, reply) => reply.code(500).send({ ...error, message: error.message }))
    app.post('/digest', async () => digest({ password: new Map([['secret', 1]]) }))
    app.post('/weak', async () => weak('"secret'))
    return await app.inject({ method: 'POST', url })
  }
  const failed: Record<string, string> = { '/digest': 'A digest cannot be made', '/weak': 'An ETag cannot be made' }
  for (const url of Object.keys(failed)) {
    const { code, message } = (await send(url)).json()
    t.equal(code, 'FST_CREATED_VERSION_INVALID')
    t.match(message, new RegExp(`^${failed[url]}\\. Found: .*secret.*\\. Required: .+\\. Fix: .+$`))
  }
  setNodeEnv(t, 'production')
  for (const url of Object.keys(failed)) {
    const response = await send(url)
    t.match(response.json(), {
      code: 'FST_CREATED_VERSION_INVALID',
      message: `${failed[url]}. The log has the details`
    })
    t.notMatch(response.body, 'secret')
  }
  t.throws(() => weak('"secret'), { cause: { message: /^An ETag cannot be made\. Found: "\\"secret"/ } } as object as Error)
})

t.test('a body that is a Promise is rejected, because its JSON is {}', async (t) => {
  const { app, violations } = await appWith(t)
  app.get('/users/:id', async (_request, reply) => reply.ok(Promise.resolve(user), { etag: 1 }))
  app.post('/users', async (_request, reply) =>
    reply.created(Promise.resolve(user), { location: '/users/42', etag: 1 })
  )
  app.post('/jobs', async (_request, reply) => reply.accepted(Promise.resolve(user), { location: '/users/42' }))
  t.equal((await app.inject('/users/42')).statusCode, 500)
  for (const url of ['/users', '/jobs']) t.equal((await app.inject({ method: 'POST', url })).statusCode, 500)
  t.match(violations, ['ok', 'created', 'accepted'].map((helper, at) => ({
    rule: 'helper-argument',
    found: `${helper}() got a Promise as its body`,
    fix: `return reply.${helper}(await ${at === 2 ? 'job' : 'user'})`
  })))
})

t.test('if a Promise that is given as the body rejects, the reason is logged each time', async (t) => {
  for (const enforcement of ['throw', 'log'] as const) {
    const { app, logs } = await appWith(t, { enforcement })
    app.post('/users', async (_request, reply) =>
      reply.created(Promise.reject(new Error('duplicate key')), { location: '/users/42', etag: 1 })
    )
    for (let n = 0; n < 2; n++) await app.inject({ method: 'POST', url: '/users' })
    const failures = logs.filter(({ err }) => err?.message === 'duplicate key')
    t.match(
      failures,
      Array(2).fill({ msg: 'fastify-created: created() got a Promise as its body, which was rejected: await it' }),
      enforcement
    )
  }
})

t.test('a query of a query builder is rejected as a body, and is not run', async (t) => {
  let runs = 0
  const query = () => ({ then: (resolve: (value: unknown) => void) => { runs++; resolve(user) } })
  for (const enforcement of ['throw', 'log'] as const) {
    const { app, violations } = await appWith(t, { enforcement })
    app.post('/users', (_request, reply) => { reply.created(query(), { location: query(), etag: query() } as never) })
    t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, enforcement === 'throw' ? 500 : 201)
    t.match(violations[0], { rule: 'helper-argument', found: /got a Promise as its body/, fix: /await user/ })
  }
  t.equal(runs, 0)
})

t.test('a body that is a Response is rejected, because it has a status of its own', async (t) => {
  const { app, violations } = await appWith(t)
  app.get('/users/:id', async (_request, reply) => reply.ok(new Response('body', { status: 502 }), { etag: 1 }))
  app.post('/users', async (_request, reply) => reply.created(new Response('body'), { location: '/users/42', etag: 1 }))
  t.equal((await app.inject('/users/42')).statusCode, 500)
  const response = await app.inject({ method: 'POST', url: '/users' })
  t.equal(response.statusCode, 500)
  t.equal(response.headers.location, undefined)
  t.match(violations, ['ok', 'created'].map((helper) => ({
    rule: 'helper-argument',
    found: `${helper}() got a Response as its body, which has a status and headers of its own`,
    fix: `return reply.${helper}(response.body, …)`
  })))
})

t.test('etag: null removes an ETag that a hook has set', async (t) => {
  const { app } = await appWith(t)
  app.addHook('onRequest', async (_request, reply) => { reply.header('etag', '"page-1"') })
  app.get('/users/:id', async (_request, reply) => reply.ok(user, { etag: null }))
  app.post('/users', async (_request, reply) => reply.created(user, { location: '/users/42', etag: null }))
  t.equal((await app.inject('/users/42')).headers.etag, undefined)
  t.equal((await app.inject({ method: 'POST', url: '/users' })).headers.etag, undefined)
})

t.test('a location that has the basePath already is reported, because it would have it twice', async (t) => {
  const { app, violations } = await users(t, { location: '/api/users/42', etag: 7 }, { basePath: '/api' })
  t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 500)
  t.match(violations, [{ rule: 'location-resolves', found: /has the basePath \/api twice$/, fix: /path without the basePath/ }])
})

t.test('every thrown violation is logged, with what was found', async (t) => {
  const { app, logs } = await appWith(t)
  app.post<{ Body: string }>('/users', async (request, reply) =>
    reply.created(user, { location: request.body, etag: 7 })
  )
  for (const payload of ['users/1', 'users/2']) {
    await app.inject({ method: 'POST', url: '/users', headers: { 'content-type': 'text/plain' }, payload })
  }
  const errors = logs.filter(({ err }) => err?.code === 'FST_CREATED_VIOLATION')
  t.match(errors, [{ err: { message: /Found: Location is "users\/1"/ } }, { err: { message: /Found: Location is "users\/2"/ } }])
  t.equal(errors.length, 2)
})

t.test('a rejected Promise among the options does not end the process', async (t) => {
  const unhandled: unknown[] = []
  const listener = (reason: unknown) => { unhandled.push(reason) }
  process.on('unhandledRejection', listener)
  t.teardown(() => process.off('unhandledRejection', listener))
  for (const enforcement of ['throw', 'log'] as const) {
    for (const init of [
      () => ({ location: Promise.reject(new Error('boom')), etag: 1 }),
      () => ({ location: 'x y', etag: Promise.reject(new Error('boom')) })
    ]) {
      const { app } = await appWith(t, { enforcement })
      app.post('/users', async (_request, reply) => reply.created({}, init() as never))
      t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, enforcement === 'throw' ? 500 : 201)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  t.same(unhandled, [])
})
