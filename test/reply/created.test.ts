import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import { digest, resource, weak, type CreatedInit } from '../../src/index.js'
import { guarded, header, rawRequest, type Guarded } from '../support.js'

const user = { id: '42' }

/** An app whose POST /users answers `created(body, init)`, and GET /users/:id anything. */
async function users (t: Parameters<typeof guarded>[0], init: unknown, options = {}, body: unknown = user): Promise<Guarded> {
  const guardedApp = await guarded(t, options)
  guardedApp.app.get('/users/:id', async () => user)
  guardedApp.app.get('/users', async () => [])
  guardedApp.app.route({
    method: ['POST', 'PUT', 'PATCH'],
    url: '/users',
    handler: async (_request, reply) => reply.created(body, init as CreatedInit)
  })
  return guardedApp
}

t.test('created() answers 201 with the body, its address, and its entity-tag', async (t) => {
  const { app, rules } = await users(t, { location: '/users/42', etag: 7 })
  const answer = await rawRequest(app, 'POST /users HTTP/1.1', 'Content-Length: 0')
  t.equal(answer.status, 201)
  t.same(header(answer, 'location'), ['/users/42'])
  t.same(header(answer, 'etag'), ['"7"'])
  t.same(header(answer, 'last-modified'), [])
  t.same(JSON.parse(answer.body), user)
  t.same(rules(), [])
})

t.test('created() sends lastModified as an HTTP-date, one in the future as now', async (t) => {
  const past = await users(t, { location: '/users/42', etag: 7, lastModified: new Date('2020-02-03T04:05:06.789Z') })
  t.equal((await past.app.inject({ method: 'POST', url: '/users' })).headers['last-modified'], 'Mon, 03 Feb 2020 04:05:06 GMT')

  const future = await users(t, { location: '/users/42', etag: 7, lastModified: new Date('2999-01-01') })
  const { headers } = await future.app.inject({ method: 'POST', url: '/users' })
  t.ok(Date.parse(headers['last-modified'] as string) <= Date.parse(headers.date as string))
})

t.test('created() with a null or undefined body answers 201 with no body, not with null in JSON', async (t) => {
  for (const body of [null, undefined]) {
    const { app } = await guarded(t)
    app.get('/users/:id', async () => user)
    app.post('/users', async (_request, reply) => reply.created(body, { location: '/users/42', etag: 7 }))
    const answer = await app.inject({ method: 'POST', url: '/users' })
    t.equal(answer.statusCode, 201)
    t.equal(answer.body, '')
    t.equal(answer.headers['content-type'], undefined)
    t.equal(answer.headers.location, '/users/42')
  }
})

t.test('etag: null says that there is no validator, and is no violation in any profile', async (t) => {
  for (const profile of ['recommended', 'strict'] as const) {
    const { app, rules } = await users(t, { location: '/users/42', etag: null }, { profile })
    const answer = await app.inject({ method: 'POST', url: '/users' })
    t.equal(answer.statusCode, 201)
    t.equal(answer.headers.etag, undefined)
    t.same(rules(), [])
  }
})

const locations: Array<[says: string, location: unknown, options: object, expected: string]> = [
  ['a path goes out as it is', '/users/42', {}, '/users/42'],
  ['a query is part of an address', '/users/42?full=1', {}, '/users/42?full=1'],
  ['encoded segments stay encoded', '/users/a%2Fb%20%C3%BC', {}, '/users/a%2Fb%20%C3%BC'],
  ['basePath goes before a path', '/users/42', { basePath: '/api' }, '/api/users/42'],
  ['origin makes a path absolute', '/users/42', { origin: 'https://api.example.com' }, 'https://api.example.com/users/42'],
  ['origin and basePath go together', '/users/42', { origin: 'https://api.example.com', basePath: '/v1' }, 'https://api.example.com/v1/users/42'],
  ['an absolute string on the origin goes out as it is', 'https://api.example.com/users/42', { origin: 'https://api.example.com' }, 'https://api.example.com/users/42'],
  ['a URL does, too', new URL('https://api.example.com/users/42'), { origin: 'https://api.example.com' }, 'https://api.example.com/users/42'],
  ['a default port is the same origin', 'https://api.example.com:443/users/42', { origin: 'https://api.example.com' }, 'https://api.example.com:443/users/42'],
  ['an allowed origin is another server, whose paths are its own', 'https://cdn.example.com/x/y', { allowedOrigins: ['https://cdn.example.com'] }, 'https://cdn.example.com/x/y']
]

for (const [says, location, options, expected] of locations) {
  t.test(`Location: ${says}`, async (t) => {
    const { app, rules } = await users(t, { location, etag: 7 }, options)
    const answer = await app.inject({ method: 'POST', url: '/users' })
    t.equal(answer.statusCode, 201, answer.body)
    t.equal(answer.headers.location, expected)
    t.same(rules(), [])
  })
}

const refused: Array<[says: string, init: unknown, rule: string, found: RegExp, options?: object]> = [
  ['no init', undefined, 'created-location', /no location \(only a body\), and the route has no resource/],
  ['misspelt options', { Location: '/users/42', eTag: 7 }, 'created-location', /no location \(only Location, eTag\)/],
  ['no location', { etag: 7 }, 'created-location', /no location/],
  ['a null location', { location: null, etag: 7 }, 'created-location', /it is null/],
  ['an empty location', { location: '', etag: 7 }, 'location-syntax', /is empty/],
  ['a number for a location', { location: 42, etag: 7 }, 'location-syntax', /42 is no address: it must be one string/],
  ['a list of locations', { location: ['/users/1', '/users/2'], etag: 7 }, 'location-syntax', /must be one string/],
  ['a path-relative location', { location: 'users/42', etag: 7 }, 'location-syntax', /begin it with "\/"/],
  ['a bare id', { location: '42', etag: 7 }, 'location-syntax', /begin it with "\/"/],
  ['a network-path reference', { location: '//evil.example/1', etag: 7 }, 'location-syntax', /taken for a host/],
  ['a fragment', { location: '/users/42#top', etag: 7 }, 'location-syntax', /fragment/],
  ['a user name in the authority', { location: 'https://me@api.example.com/1', etag: 7 }, 'location-syntax', /user name/],
  ['another scheme', { location: 'ftp://api.example.com/1', etag: 7 }, 'location-syntax', /no http or https URL/],
  ['CR and LF', { location: '/users/42\r\nx: y', etag: 7 }, 'location-syntax', /U\+000D/],
  ['raw non-ASCII', { location: '/users/ü', etag: 7 }, 'location-syntax', /U\+00FC/],
  ['a space', { location: '/users/a b', etag: 7 }, 'location-syntax', /a space/],
  ['a bare percent sign', { location: '/users/100%', etag: 7 }, 'location-syntax', /two hexadecimal digits/],
  ['a dot segment', { location: '/users/../admin', etag: 7 }, 'location-syntax', /"\.\."/],
  ['an encoded dot segment', { location: '/users/%2E%2e', etag: 7 }, 'location-syntax', /"\.\."/],
  ['an origin that is not the own one', { location: 'https://evil.example/users/42', etag: 7 }, 'location-origin', /https:\/\/evil\.example/, { origin: 'https://api.example.com' }],
  ['an origin where none is set', { location: 'https://evil.example/users/42', etag: 7 }, 'location-origin', /allow the origin/],
  ['a path that no GET route answers', { location: '/nobody/42', etag: 7 }, 'location-resolves', /answered by no GET route/],
  ['a path that the router cannot decode', { location: '/users/%FF', etag: 7 }, 'location-resolves', /answered by no GET route/],
  ['a parameter longer than the router takes', { location: `/users/${'x'.repeat(101)}`, etag: 7 }, 'location-resolves', /answered by no GET route/],
  ['an empty parameter', { location: '/users/', etag: 7 }, 'location-resolves', /parameter "id" of its GET route empty/],
  ['the pattern of the route', { location: '/users/:id', etag: 7 }, 'location-resolves', /placeholder :id/],
  ['an absolute path under the own origin but not below basePath', { location: 'https://api.example.com/users/42', etag: 7 }, 'location-resolves', /not below the basePath/, { origin: 'https://api.example.com', basePath: '/v1' }],
  ['the collection itself', { location: '/users', etag: 7 }, 'location-target', /which the request was sent to/],
  ['no etag', { location: '/users/42' }, 'created-etag', /null where there is none/],
  ['an undefined etag', { location: '/users/42', etag: undefined }, 'created-etag', /no etag/],
  ['an empty etag', { location: '/users/42', etag: '' }, 'etag-syntax', /empty string/],
  ['an etag that is not finite', { location: '/users/42', etag: NaN }, 'etag-syntax', /NaN/],
  ['an object for an etag', { location: '/users/42', etag: {} }, 'etag-syntax', /\{\}/],
  ['half an entity-tag', { location: '/users/42', etag: '"7' }, 'etag-syntax', /begins like an entity-tag/],
  ['an invalid lastModified', { location: '/users/42', etag: 7, lastModified: new Date(NaN) }, 'helper-argument', /lastModified is Invalid Date/],
  ['a string for lastModified', { location: '/users/42', etag: 7, lastModified: '2020-01-01' }, 'helper-argument', /lastModified is "2020-01-01"/]
]

for (const [says, init, rule, found, options] of refused) {
  t.test(`created() refuses ${says} with ${rule}, before it touches the reply`, async (t) => {
    const { app, violations } = await guarded(t, options)
    app.get('/users/:id', async () => user)
    app.get('/users', async () => [])
    app.post('/users', async (_request, reply) => {
      try {
        return reply.created(user, init as CreatedInit)
      } catch (error) {
        t.equal(reply.statusCode, 200)
        t.same(reply.getHeaders(), {})
        t.match(error, { code: 'FST_CREATED_VIOLATION', statusCode: 500, rule, spec: String, route: { method: 'POST', url: '/users' }, cause: { message: found }, stack: /created\.test\.ts/ })
        throw error
      }
    })
    const answer = await app.inject({ method: 'POST', url: '/users' })
    t.equal(answer.statusCode, 500)
    t.match(answer.json(), { code: 'FST_CREATED_VIOLATION', message: rule })
    t.notMatch(answer.json().message, found, 'the client does not see what was found')
    t.equal(answer.headers.location, undefined)
    t.equal(answer.headers.etag, undefined)
    t.match(violations[0], { rule, severity: 'error', message: found, spec: String, method: 'POST', url: '/users' })
  })
}

t.test('where enforcement is log, created() logs what it would refuse, and the 201 goes out with its body', async (t) => {
  for (const [says, init, rule, found, options] of refused) {
    // These two are not looked up where nothing is thrown.
    if (rule === 'location-resolves') continue
    const { app, violations } = await users(t, init, { ...options, enforcement: 'log' })
    const answer = await app.inject({ method: 'POST', url: '/users' })
    t.equal(answer.statusCode, 201, says)
    t.same(answer.json(), user, says)
    t.equal(violations.filter((violation) => violation.rule === rule && found.test(violation.message)).length, 1, `${says} is reported, and once`)
  }
})

t.test('where enforcement is log, Location goes out as given where it can be written, and is dropped where not', async (t) => {
  const rows: Array<[unknown, string | undefined]> = [
    ['users/42', 'users/42'],
    ['//evil.example/1', '//evil.example/1'],
    ['/users/42\r\nx: y', undefined],
    ['/users/日本', undefined],
    [42, undefined]
  ]
  for (const [location, expected] of rows) {
    const { app } = await users(t, { location, etag: 7 }, { enforcement: 'log' })
    const answer = await rawRequest(app, 'POST /users HTTP/1.1', 'Content-Length: 0')
    t.equal(answer.status, 201)
    t.same(header(answer, 'location'), expected === undefined ? [] : [expected])
    t.same(header(answer, 'etag'), ['"7"'])
    t.same(JSON.parse(answer.body), user)
  }
})

t.test('where enforcement is log, the router is not asked', async (t) => {
  const { app, rules } = await users(t, { location: '/nobody/42', etag: 7 }, { enforcement: 'log' })
  t.equal((await app.inject({ method: 'POST', url: '/users' })).headers.location, '/nobody/42')
  t.same(rules(), [])
})

t.test('leaving the etag out is refused whatever the severity of created-etag', async (t) => {
  for (const severity of ['off', 'warn', 'error'] as const) {
    const { app, violations } = await users(t, { location: '/users/42' }, { rules: { 'created-etag': severity } })
    t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 500)
    t.match(violations, [{ rule: 'created-etag', severity: 'error' }])
  }
})

t.test('a rule that only warns lets the helper go on', async (t) => {
  const { app, violations } = await users(t, { location: 'users/42', etag: 7 }, { rules: { 'location-syntax': 'warn' } })
  const answer = await app.inject({ method: 'POST', url: '/users' })
  t.equal(answer.statusCode, 201)
  t.equal(answer.headers.location, 'users/42')
  t.match(violations, [{ rule: 'location-syntax', severity: 'warn' }])
  t.equal(violations.length, 1)
})

t.test('a rule that is off lets the helper go on in silence', async (t) => {
  const { app, rules } = await users(t, { location: '/users/42', etag: '"7' }, { rules: { 'etag-syntax': 'off' } })
  t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 201)
  t.same(rules(), [])
})

t.test('an address built from the Host of the request is only warned of', async (t) => {
  const { app, violations } = await users(t, { location: 'http://localhost:80/users/42', etag: 7 })
  t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 201)
  t.match(violations, [{ rule: 'location-origin', severity: 'warn', message: /Host/ }])
})

t.test('created() is refused on methods that create nothing', async (t) => {
  for (const method of ['GET', 'OPTIONS', 'TRACE', 'DELETE'] as const) {
    const { app, violations } = await guarded(t)
    app.get('/users/:id', async () => user)
    app.route({ method, url: '/users', exposeHeadRoute: false, handler: async (_request, reply) => reply.created(user, { location: '/users/42', etag: 7 }) })
    t.equal((await app.inject({ method: method as 'GET', url: '/users' })).statusCode, 500, method)
    t.match(violations, [{ rule: 'created-method', method, url: '/users' }])
  }
})

t.test('created() on PUT says nothing but the target', async (t) => {
  const rows: Array<[url: string, location: string, status: number]> = [
    ['/users/42', '/users/42', 201],
    ['/users/42?notify=1', '/users/42', 201],
    ['/users/%7Eann', '/users/~ann', 201],
    ['/users/42', '/users/43', 500],
    ['/users/42', '/users', 500]
  ]
  const { app } = await guarded(t)
  app.get('/users', async () => [])
  app.get('/users/:id', async () => user)
  app.put<{ Body: string }>('/users/:id', async (request, reply) => reply.created(user, { location: request.body, etag: 7 }))
  for (const [url, location, status] of rows) {
    const answer = await app.inject({ method: 'PUT', url, headers: { 'content-type': 'text/plain' }, payload: location })
    t.equal(answer.statusCode, status, `${url} ${location}`)
  }
})

t.test('behind a basePath the target of POST and PUT is compared as the client sees it', async (t) => {
  const { app } = await guarded(t, { basePath: '/api' })
  app.get('/users', async () => [])
  app.get('/users/:id', async () => user)
  app.post<{ Body: string }>('/users', async (request, reply) => reply.created(user, { location: request.body, etag: 7 }))
  app.put<{ Body: string }>('/users/:id', async (request, reply) => reply.created(user, { location: request.body, etag: 7 }))
  const send = async (method: 'POST' | 'PUT', url: string, payload: string) =>
    (await app.inject({ method, url, headers: { 'content-type': 'text/plain' }, payload })).statusCode
  t.equal(await send('POST', '/users', '/users/1'), 201)
  t.equal(await send('POST', '/users', '/users'), 500)
  t.equal(await send('PUT', '/users/1', '/users/1'), 201)
  t.equal(await send('PUT', '/users/1', '/users/2'), 500)
})

t.test('where the app rewrites URLs the router cannot be asked, and the target is known under both names', async (t) => {
  const { app, rules } = await guarded(t, {}, { rewriteUrl: (request) => request.url!.replace(/^\/public/, '') })
  app.get('/users/:id', async () => user)
  app.post<{ Body: string }>('/users', async (request, reply) => reply.created(user, { location: request.body, etag: 7 }))
  const send = async (payload: string) => (await app.inject({ method: 'POST', url: '/public/users', headers: { 'content-type': 'text/plain' }, payload })).statusCode
  t.equal(await send('/public/users/1'), 201)
  t.same(rules(), [])
  t.equal(await send('/public/users'), 500)
  t.same(rules(), ['location-target'])
})

t.test('an address that is one of the collection of the route resolves, without the router being asked', async (t) => {
  for (const [url, member] of [['/users', '/users/42'], ['/orgs/:org/users', '/orgs/o/users/a-b_c~d']]) {
    const { app, rules } = await guarded(t, { profile: 'strict' })
    app.get(`${url}/:id`, async () => user)
    app.get(`${url}/new`, async () => user)
    app.route<{ Body: string }>({ method: ['POST', 'PUT'], url, config: { created: { precondition: 'optional' } }, handler: async (request, reply) => reply.created(user, { location: request.body, etag: 7 }) })
    const send = async (payload: string, method: 'POST' | 'PUT' = 'POST') => (await app.inject({ method, url: url.replace(':org', 'o'), headers: { 'content-type': 'text/plain' }, payload })).statusCode
    await app.ready()
    const findRoute = app.findRoute
    let asked = 0
    app.findRoute = (options) => { asked++; return findRoute.call(app, options) }
    t.equal(await send(member), 201)
    t.equal(await send(url.replace(':org', 'o') + '/new'), 201)
    t.same([asked, rules()], [0, []], `${url} is a collection`)
    t.equal(await send(`${member}${'x'.repeat(100)}`), 500, 'too long for the router')
    t.equal(await send(`${member}/files`), 500)
    t.same(rules(), ['location-resolves', 'location-resolves'])
    t.equal(await send(member, 'PUT'), 500, 'PUT creates at its target')
    t.match(rules(), ['location-resolves', 'location-resolves', 'location-target'])
  }
})

t.test('a handler that two routes share answers for each of them, and is called on the instance, as without the plugin', async (t) => {
  const { app, rules } = await guarded(t)
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

t.test('the helpers of a not-found handler know nothing of the route that was left for it', async (t) => {
  const { app, rules } = await guarded(t)
  app.get('/users/:id', { config: { resource: resource<object>({ etag: () => 7 }) } }, async (_request, reply) => reply.callNotFound())
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).ok({ nothing: true }))
  const { statusCode, headers } = await app.inject('/users/1')
  t.match([statusCode, headers.etag], [200, undefined])
  t.same(rules(), [])
})

t.test('what becomes a problem after created() is no creation', async (t) => {
  const { app, rules } = await users(t, { location: '/users/42', etag: 7 })
  app.addHook('preSerialization', async (_request, reply) => { reply.type('application/problem+json'); return { title: 'x' } })
  t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 500)
  t.same(rules(), ['created-failure'])
})

t.test('what becomes a Response with a problem after created() is no creation', async (t) => {
  const { app, rules } = await users(t, { location: '/users/42', etag: 7 })
  const problem = new Response('{}', { status: 201, headers: { 'content-type': 'application/problem+json' } })
  app.addHook('onSend', async (_request, reply, payload) => reply.statusCode === 201 ? problem : payload)
  t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 500)
  t.same(rules(), ['created-failure'])
})

t.test('an address that only a constrained GET route answers resolves', async (t) => {
  const { app, rules } = await guarded(t)
  app.get('/versioned/:id', { constraints: { version: '2.0.0' } }, async () => user)
  app.get('/hosted/:id', { constraints: { host: 'other.example.com' } }, async () => user)
  app.get('/matched/:id', { constraints: { host: /^.*\.example\.org$/ } }, async () => user)
  app.post<{ Body: string }>('/users', async (request, reply) => reply.created(user, { location: request.body, etag: 7 }))
  app.post('/users', { constraints: { version: '2.0.0' } }, async (_request, reply) => reply.created(user, { location: '/versioned/1', etag: 7 }))
  t.equal((await app.inject({ method: 'POST', url: '/users', headers: { 'accept-version': '2.x' } })).statusCode, 201)
  const send = async (payload: string, host = 'localhost') => (await app.inject({ method: 'POST', url: '/users', headers: { 'content-type': 'text/plain', host }, payload })).statusCode
  t.equal(await send('/versioned/1'), 201)
  t.equal(await send('/hosted/1'), 201)
  t.equal(await send('/matched/1', 'a.example.org'), 201)
  t.same(rules(), [])
})

t.test('a catch-all GET route answers every address', async (t) => {
  const { app, rules } = await guarded(t)
  app.get('/*', async () => 'page')
  app.post('/users', async (_request, reply) => reply.created(user, { location: '/anything/at/all', etag: 7 }))
  t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 201)
  t.same(rules(), [])
})

t.test('a stream that created() refuses to send is destroyed', async (t) => {
  const body = Readable.from(['never sent'])
  const { app } = await users(t, { location: 'users/42', etag: 7 }, {}, body)
  t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 500)
  t.equal(body.destroyed, true)
})

t.test('an error after created() takes back what it announced', async (t) => {
  const { app } = await guarded(t)
  app.get('/users/:id', async () => user)
  app.post('/users', { schema: { response: { 201: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } } } },
    async (_request, reply) => reply.created(user as never, { location: '/users/42', etag: 7, lastModified: new Date() }))
  const answer = await app.inject({ method: 'POST', url: '/users' })
  t.equal(answer.statusCode, 500, 'the body does not fit the schema, and cannot be serialised')
  for (const name of ['location', 'etag', 'last-modified']) t.equal(answer.headers[name], undefined, name)
})

t.test('in strict, helpers leave validators off an answer to PUT, unless the route stores bytes as they were sent', async (t) => {
  const { app, rules } = await guarded(t, { profile: 'strict' })
  const init = { location: '/files/1', etag: 7, lastModified: new Date(0) }
  app.get('/files/:id', async () => user)
  app.put('/files/1', async (_request, reply) => reply.created(user, init))
  app.put('/files/2', { config: { created: { verbatim: true } } }, async (_request, reply) => reply.created(user, { ...init, location: '/files/2' }))
  app.put('/files/3', async (_request, reply) => reply.ok(user, init))
  app.put('/files/4', async (_request, reply) => reply.noContent({ etag: 7 }))

  for (const [id, etag, lastModified] of [[1], [2, '"7"', 'Thu, 01 Jan 1970 00:00:00 GMT'], [3], [4]]) {
    const { headers, statusCode } = await app.inject({ method: 'PUT', url: `/files/${id}` })
    t.ok(statusCode < 300)
    t.equal(headers.etag, etag)
    t.equal(headers['last-modified'], lastModified)
  }
  t.same(rules(), [])
})

t.test('created() works, and proves what it is given, on a route that is exempt from the guard', async (t) => {
  const { app, rules } = await guarded(t)
  app.get('/users/:id', async () => user)
  app.post<{ Body: string }>('/users', { config: { created: false } }, async (request, reply) => reply.created(user, { location: request.body, etag: 7 }))
  const send = (payload: string) => app.inject({ method: 'POST', url: '/users', headers: { 'content-type': 'text/plain' }, payload })
  t.equal((await send('/users/42')).headers.location, '/users/42')
  t.equal((await send('users/42')).statusCode, 500)
  t.same(rules(), ['location-syntax'])
})

t.test('PUT is answered alike however the client spells the target', async (t) => {
  const { app, rules } = await guarded(t, {}, { routerOptions: { caseSensitive: false, ignoreTrailingSlash: true, ignoreDuplicateSlashes: true }, useSemicolonDelimiter: true })
  app.get('/users/:id', async () => user)
  app.put<{ Params: { id: string } }>('/users/:id', async (request, reply) =>
    reply.created(user, { location: `/users/${encodeURIComponent(request.params.id)}`, etag: 1 }))
  for (const target of ['/users/ann@example.com', '/users/a:b', '/users/a+b', '/users/a,b', '/users/a%21b', '/users/a|b', '/users/a^b', '/users/a[b]', '/users/:id', '/USERS/ann', '/users/ann/', '//users/ann', '/users/ann#top', '/users/ann;v=2', '/users/a%2Fb']) {
    t.equal((await rawRequest(app, `PUT ${target} HTTP/1.1`, 'Content-Length: 0')).status, 201, target)
  }
  t.same(rules(), [])
})

t.test('PUT to a wildcard is answered alike whether the client encodes the slashes or not', async (t) => {
  const { app, rules } = await guarded(t)
  app.get('/files/*', async () => user)
  app.put<{ Params: { '*': string } }>('/files/*', async (request, reply) => reply.created(user, { location: `/files/${request.params['*']}`, etag: 1 }))
  for (const target of ['/files/a/b', '/files/a%2Fb', '/files/a%2fb']) {
    t.equal((await rawRequest(app, `PUT ${target} HTTP/1.1`, 'Content-Length: 0')).status, 201, target)
  }
  t.same(rules(), [])
})

t.test('POST with the very query of the new address creates, too', async (t) => {
  const { app, rules } = await guarded(t)
  app.get('/items', async () => user)
  app.post('/items', async (_request, reply) => reply.created(user, { location: '/items?id=43', etag: 1 }))
  t.equal((await app.inject({ method: 'POST', url: '/items?id=43' })).statusCode, 201)
  t.same(rules(), [])
})

t.test('a GET route that answers other hosts or versions only is taken on trust, wherever it is declared', async (t) => {
  const { app, rules } = await guarded(t)
  app.get('/matched/:id', { constraints: { host: /^a\./ } }, async () => user)
  app.post('/users', async (_request, reply) => reply.created(user, { location: '/matched/1', etag: 7 }))
  for (const host of ['a.example', 'b.example', 'localhost']) t.equal((await app.inject({ method: 'POST', url: '/users', headers: { host } })).statusCode, 201, host)
  t.same(rules(), [])
})

t.test('an address built from the host of the request is warned of and no more, whatever Host the client sends', async (t) => {
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
    const { app, violations } = await guarded(t, {}, server)
    app.get('/users/:id', async () => user)
    app.post('/users', async (request, reply) => reply.created(user, { location: `${request.protocol}://${request.host}/users/1`, etag: 1 }))
    t.equal((await rawRequest(app, ...lines, 'Content-Length: 0')).status, 201, lines[1])
    t.ok(violations.length > 0)
    t.ok(violations.every(({ severity }) => severity === 'warn'), lines[1])
  }
})

t.test('what is no init is reported, and never a TypeError', async (t) => {
  const { app, rules } = await guarded(t, { enforcement: 'log' })
  app.get('/ok/:init', async (request, reply) => reply.ok(user, JSON.parse((request.params as { init: string }).init)))
  app.delete('/none/:init', async (request, reply) => reply.noContent(JSON.parse((request.params as { init: string }).init)))
  for (const init of ['null', '7', '"x"']) {
    t.equal((await app.inject(`/ok/${encodeURIComponent(init)}`)).statusCode, 200, init)
    t.equal((await app.inject({ method: 'DELETE', url: `/none/${encodeURIComponent(init)}` })).statusCode, 204, init)
  }
  t.same(rules(), ['helper-argument', 'helper-argument', 'helper-argument', 'helper-argument'])
})

t.test('a 500 of a helper is not labelled as the answer that was refused', async (t) => {
  const { app } = await guarded(t)
  app.post('/users', async (_request, reply) => reply.headers({ 'cache-control': 'public, max-age=3600', 'content-encoding': 'gzip', link: '</secret>; rel=self' })
    .created(user, { location: 'users/1', etag: 1 }))
  const { headers, statusCode } = await app.inject({ method: 'POST', url: '/users' })
  t.equal(statusCode, 500)
  t.same(Object.keys(headers).sort(), ['connection', 'content-length', 'content-type', 'date'])
})

t.test('what weak() and digest() refuse is told to the developer, not to the client', async (t) => {
  const { app } = await guarded(t)
  app.setErrorHandler((error: Error, _request, reply) => reply.code(500).send({ ...error, message: error.message }))
  app.post('/digest', async () => digest({ password: new Map([['secret', 1]]) }))
  app.post('/weak', async () => weak('"secret'))
  for (const url of ['/digest', '/weak']) {
    const answer = await app.inject({ method: 'POST', url })
    t.match(answer.json(), { code: 'FST_CREATED_VALIDATOR_INVALID', message: /error\.cause/ })
    t.notMatch(answer.body, 'secret')
  }
  t.throws(() => weak('"secret'), { cause: { message: /"\\"secret"/ } } as object as Error)
})

t.test('a body that is a Promise is reported, as JSON makes {} of it', async (t) => {
  const { app, violations } = await guarded(t)
  app.get('/users/:id', async (_request, reply) => reply.ok(Promise.resolve(user), { etag: 1 }))
  app.post('/users', async (_request, reply) => reply.created(Promise.resolve(user), { location: '/users/42', etag: 1 }))
  app.post('/jobs', async (_request, reply) => reply.accepted(Promise.resolve(user), { monitor: '/users/42' }))
  t.equal((await app.inject('/users/42')).statusCode, 500)
  for (const url of ['/users', '/jobs']) t.equal((await app.inject({ method: 'POST', url })).statusCode, 500)
  t.match(violations, Array(3).fill({ rule: 'helper-argument', message: /await it/ }))
})

t.test('what comes of a Promise that is given as the body is in the log when it fails, each time', async (t) => {
  for (const enforcement of ['throw', 'log'] as const) {
    const { app, logs } = await guarded(t, { enforcement })
    app.post('/users', async (_request, reply) => reply.created(Promise.reject(new Error('duplicate key')), { location: '/users/42', etag: 1 }))
    for (let n = 0; n < 2; n++) await app.inject({ method: 'POST', url: '/users' })
    const failures = logs.filter(({ err }) => err?.message === 'duplicate key')
    t.match(failures, Array(2).fill({ msg: 'fastify-created: the Promise that created() was given as the body has failed: await it' }), enforcement)
  }
})

t.test('a query of a query builder that is given instead of what it gives is refused, and not run', async (t) => {
  let runs = 0
  const query = () => ({ then: (resolve: (value: unknown) => void) => { runs++; resolve(user) } })
  for (const enforcement of ['throw', 'log'] as const) {
    const { app, violations } = await guarded(t, { enforcement })
    app.post('/users', (_request, reply) => { reply.created(query(), { location: query(), etag: query() } as never) })
    t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, enforcement === 'throw' ? 500 : 201)
    t.match(violations[0], { rule: 'helper-argument', message: /the body is a Promise: await it/ })
  }
  t.equal(runs, 0)
})

t.test('a body that is a Response is refused, as it brings a status of its own', async (t) => {
  const { app, violations } = await guarded(t)
  app.get('/users/:id', async (_request, reply) => reply.ok(new Response('body', { status: 502 }), { etag: 1 }))
  app.post('/users', async (_request, reply) => reply.created(new Response('body'), { location: '/users/42', etag: 1 }))
  t.equal((await app.inject('/users/42')).statusCode, 500)
  const answer = await app.inject({ method: 'POST', url: '/users' })
  t.equal(answer.statusCode, 500)
  t.equal(answer.headers.location, undefined)
  t.match(violations, Array(2).fill({ rule: 'helper-argument', message: /a Response, which brings a status and headers of its own: give its body/ }))
})

t.test('etag: null takes away what a hook has put there before', async (t) => {
  const { app } = await guarded(t)
  app.addHook('onRequest', async (_request, reply) => { reply.header('etag', '"page-1"') })
  app.get('/users/:id', async (_request, reply) => reply.ok(user, { etag: null }))
  app.post('/users', async (_request, reply) => reply.created(user, { location: '/users/42', etag: null }))
  t.equal((await app.inject('/users/42')).headers.etag, undefined)
  t.equal((await app.inject({ method: 'POST', url: '/users' })).headers.etag, undefined)
})

t.test('an address that has the basePath already is told that it is put there anyway', async (t) => {
  const { app, violations } = await users(t, { location: '/api/users/42', etag: 7 }, { basePath: '/api' })
  t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 500)
  t.match(violations, [{ rule: 'location-resolves', message: /basePath \/api is put before it anyway/ }])
})

t.test('every refusal is logged with what was found, by the cause of its error', async (t) => {
  const { app, logs } = await guarded(t)
  app.post<{ Body: string }>('/users', async (request, reply) => reply.created(user, { location: request.body, etag: 7 }))
  for (const payload of ['users/1', 'users/2']) await app.inject({ method: 'POST', url: '/users', headers: { 'content-type': 'text/plain' }, payload })
  const errors = logs.filter(({ err }) => err?.code === 'FST_CREATED_VIOLATION')
  t.match(errors, [{ err: { message: /"users\/1"/ } }, { err: { message: /"users\/2"/ } }])
})

t.test('a location that is a rejecting Promise does not end the process, nor what is given beside one that is refused', async (t) => {
  const unhandled: unknown[] = []
  const listener = (reason: unknown) => { unhandled.push(reason) }
  process.on('unhandledRejection', listener)
  t.teardown(() => process.off('unhandledRejection', listener))
  for (const enforcement of ['throw', 'log'] as const) {
    for (const init of [() => ({ location: Promise.reject(new Error('boom')), etag: 1 }), () => ({ location: 'x y', etag: Promise.reject(new Error('boom')) })]) {
      const { app } = await guarded(t, { enforcement })
      app.post('/users', async (_request, reply) => reply.created({}, init() as never))
      t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, enforcement === 'throw' ? 500 : 201)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  t.same(unhandled, [])
})
