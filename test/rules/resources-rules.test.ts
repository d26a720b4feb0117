import etag from '@fastify/etag'
import type { FastifyReply } from 'fastify'
import t, { type Test } from 'tap'
import {
  resource, weak, type CreatedRouteOptions, type EntityTagInput, type FastifyCreatedOptions, type Resource
} from '../../src/index.js'
import { appWith, rawRequest, type AppWith } from '../support.js'

interface User { id: string, version: EntityTagInput }
const ann: User = { id: '1', version: 7 }
const newUserResource = () => resource<User>({ etag: ({ version }) => version })
const strict: FastifyCreatedOptions = { profile: 'strict' }
const modified = 'Mon, 03 Feb 2020 04:05:06 GMT'

type Handler = (reply: FastifyReply, request: { method: string }) => unknown
type WithUsers = AppWith & { userResource: Resource<User> }

/** GET /users/:id is a canonical route that answers by `handler`. */
async function withUsers (
  t: Test, handler: Handler, options: FastifyCreatedOptions = {}, created: CreatedRouteOptions = {}
): Promise<WithUsers> {
  const made = await appWith(t, options)
  const userResource = newUserResource()
  made.app.get('/users/:id', { config: { resource: userResource, created } }, async (request, reply) => {
    await handler(reply, request)
    return reply
  })
  return { ...made, userResource }
}

// resource-etag

const responses: Array<[name: string, handler: Handler, isBroken: boolean]> = [
  ['an object by hand', (reply) => reply.send(ann), true],
  ['a text by hand', (reply) => reply.send('text'), true],
  ['a Buffer by hand', (reply) => reply.send(Buffer.from('bytes')), true],
  ['a Response without ETag', (reply) => reply.send(new Response('text')), true],
  ['a Response with an ETag', (reply) => reply.send(new Response('text', { headers: { etag: '"7"' } })), false],
  ['Last-Modified alone', (reply) => reply.header('last-modified', modified).send(ann), true],
  ['an ETag by hand', (reply) => reply.header('etag', '"7"').send(ann), false],
  ['ok()', (reply) => reply.ok(ann), false],
  ['ok() with an etag of null', (reply) => reply.ok(ann, { etag: null }), false],
  ['ok() of a resource that gives null', (reply) => reply.ok({ id: '1', version: null }), false],
  ['a 404', (reply) => reply.code(404).send({}), false],
  ['a 206', (reply) => reply.code(206).send('te'), false],
  ['a redirect', (reply) => reply.redirect('/users/2'), false],
  ['a 204', (reply) => reply.code(204).send(), false]
]

for (const method of ['GET', 'HEAD'] as const) {
  for (const [name, handler, isBroken] of responses) {
    // Fastify's own HEAD routes respond 500 to a Response.
    if (method === 'HEAD' && name.includes('Response')) continue
    t.test(`resource-etag: ${method} of a canonical route, ${name} ${isBroken ? 'breaks it' : 'passes'}`, async (t) => {
      for (const [options, severity] of [[{}, 'warn'], [strict, 'error']] as const) {
        const { app, violations } = await withUsers(t, handler, options)
        const { statusCode, body, headers } = await app.inject({ method, url: '/users/1' })
        t.same(violations.map(({ rule, severity }) => [rule, severity]), isBroken ? [['resource-etag', severity]] : [])
        if (!isBroken) {
          t.ok(statusCode < 500)
          continue
        }
        t.equal(statusCode, severity === 'error' ? 500 : 200)
        if (severity === 'error') t.equal(headers['last-modified'], undefined)
        if (severity === 'error' && method === 'GET') {
          t.match(JSON.parse(body), { code: 'FST_CREATED_VIOLATION', message: violations[0].message })
        }
        t.match(violations[0], {
          found: 'the 200 has no ETag',
          fix: 'return reply.ok(user)',
          message: `${method} /users/:id broke the rule resource-etag. Found: the 200 has no ETag. Required: `,
          method,
          url: '/users/:id'
        })
      }
    })
  }
}

t.test('resource-etag: a hook that removes the tag of ok() breaks it', async (t) => {
  const { app, rules } = await appWith(t, strict)
  app.get('/users/:id', {
    config: { resource: newUserResource() },
    onSend: (_request, reply, payload, done) => { reply.removeHeader('etag'); done(null, payload) }
  }, async (_request, reply) => reply.ok(ann))
  t.equal((await app.inject('/users/1')).statusCode, 500)
  t.same(rules(), ['resource-etag'])
})

t.test('resource-etag: it applies to no other routes than canonical ones', async (t) => {
  const { app, rules, userResource } = await withUsers(t, (reply) => reply.ok(ann), strict)
  const handler = async () => ann
  const optional = { resource: userResource, created: { precondition: 'optional' } } as const
  app.get('/users', async () => [ann])
  app.get('/me', { config: { resource: userResource, created: { canonical: false } } }, handler)
  app.get('/exempt/:id', { config: { resource: newUserResource(), created: false } }, handler)
  app.post('/users/search', { config: { resource: userResource } }, handler)
  app.patch('/users/:id', { config: optional }, handler)
  const requests = [
    ['GET', '/users'], ['GET', '/me'], ['HEAD', '/me'], ['GET', '/exempt/1'], ['POST', '/users/search'],
    ['PATCH', '/users/1']
  ] as const
  for (const [method, url] of requests) {
    t.equal((await app.inject({ method, url })).statusCode, 200, `${method} ${url}`)
  }
  t.same(rules(), [])
})

t.test('resource-etag: a tag of another plugin is fine', async (t) => {
  const { app, rules } = await appWith(t, strict)
  await app.register(etag, { replyWith304: false })
  app.get('/users/:id', { config: { resource: newUserResource() } }, async () => ann)
  const { statusCode, headers } = await app.inject('/users/1')
  t.match({ statusCode, etag: headers.etag }, { statusCode: 200, etag: /^"/ })
  t.same(rules(), [])
})

t.test('resource-etag: its severity can be set for the plugin and for a route', async (t) => {
  for (const [plugin, route, broken, status] of [
    ['error', undefined, ['resource-etag'], 500],
    ['off', undefined, [], 200],
    ['error', 'off', [], 200],
    ['off', 'error', ['resource-etag'], 500],
    ['error', 'warn', ['resource-etag'], 200]
  ] as const) {
    const created = { rules: route && { 'resource-etag': route } }
    const options = { rules: { 'resource-etag': plugin } }
    const { app, rules } = await withUsers(t, (reply) => reply.send(ann), options, created)
    t.equal((await app.inject('/users/1')).statusCode, status)
    t.same(rules(), broken)
  }
})

t.test('resource-etag: if enforcement is log, the response is sent as it is', async (t) => {
  const { app, rules } = await withUsers(t, (reply) => reply.send(ann), { ...strict, enforcement: 'log' })
  const { statusCode, body } = await app.inject('/users/1')
  t.same([statusCode, JSON.parse(body)], [200, ann])
  t.same(rules(), ['resource-etag'])
})

// precondition-weak

interface Requiring {
  name: string
  options?: FastifyCreatedOptions
  /** `null`: there is no such route. */
  update?: CreatedRouteOptions | null
  method?: 'PUT' | 'PATCH' | 'DELETE' | 'POST'
  severity?: 'warn' | 'error'
}
const required = { precondition: 'required' } as const
const optional = { precondition: 'optional' } as const

const requiring: Requiring[] = [
  { name: 'nothing requires If-Match' },
  { name: 'the route requires it', update: required, severity: 'warn' },
  { name: 'a PATCH route requires it', update: required, method: 'PATCH', severity: 'warn' },
  { name: 'a DELETE route requires it', update: required, method: 'DELETE', severity: 'warn' },
  { name: 'a POST route declares it, which cannot require it', update: required, method: 'POST' },
  { name: 'the plugin requires it', options: required, severity: 'warn' },
  { name: 'the plugin requires it, the route does not', options: required, update: optional },
  { name: 'strict requires it', options: strict, severity: 'error' },
  { name: 'strict requires it, the plugin does not', options: { ...strict, ...optional } },
  { name: 'strict requires it, the route does not', options: strict, update: optional },
  { name: 'the rule is off', options: { ...strict, rules: { 'precondition-weak': 'off' } } },
  { name: 'there is no update', options: strict, update: null }
]

for (const { name, options = {}, update = {}, method = 'PUT', severity } of requiring) {
  t.test(`precondition-weak: a weak tag ${severity === undefined ? 'is fine' : 'breaks it'} if ${name}`, async (t) => {
    for (const [etag, expected] of [[weak(7), severity], [7, undefined], [null, undefined]] as const) {
      const user = { id: '1', version: etag }
      const { app, violations, userResource } = await withUsers(t, (reply) => reply.ok(user), options)
      app.post('/users', { config: { resource: userResource } }, async (_request, reply) => reply.created(user))
      if (update !== null) {
        const config = { resource: userResource, created: update }
        app.route({ method, url: '/users/:id', config, handler: async (_request, reply) => reply.noContent() })
      }
      const requests: Array<['GET' | 'HEAD' | 'POST', string, number]> = [
        ['GET', '/users/1', 200], ['HEAD', '/users/1', 200], ['POST', '/users', 201]
      ]
      for (const [method, url, status] of requests) {
        const { statusCode, headers } = await app.inject({ method, url })
        t.equal(statusCode, expected === 'error' ? 500 : status, `${method} with ${etag}`)
        const tag = etag === null ? undefined : etag === 7 ? '"7"' : 'W/"7"'
        t.equal(headers.etag, expected === 'error' ? undefined : tag)
      }
      const broken = expected === undefined ? [] : requests.map(() => ['precondition-weak', expected])
      t.same(violations.map(({ rule, severity }) => [rule, severity]), broken)
      if (expected !== undefined) {
        t.match(violations[0], {
          found: `the ETag is "W/\\"7\\"", and ${method} /users/:id requires If-Match, ` +
            'so updates can never succeed',
          fix: /created: \{ precondition: 'optional' \}/
        })
      }
    }
  })
}

t.test('precondition-weak: a tag that is set by hand counts, and that of a 304', async (t) => {
  const noContent = async (_request: unknown, reply: FastifyReply) => reply.noContent()
  const { app, rules, userResource } = await withUsers(t, (reply, { method }) =>
    method === 'GET' ? reply.header('etag', weak(7)).send(ann) : reply.ok(ann))
  app.put('/users/:id', { config: { resource: userResource, created: required } }, noContent)
  t.equal((await app.inject('/users/1')).statusCode, 200)
  t.same(rules(), ['precondition-weak'])

  const other = await withUsers(t, (reply) => reply.ok({ id: '1', version: weak(7) }))
  other.app.put('/users/:id', { config: { resource: other.userResource, created: required } }, noContent)
  const headers = { 'if-none-match': '"7"' }
  t.equal((await other.app.inject({ url: '/users/1', headers })).statusCode, 304)
  t.same(other.rules(), ['precondition-weak'])
})

t.test('precondition-weak: weak tags of other resources, and of routes without one, are fine', async (t) => {
  const { app, rules, userResource } = await withUsers(t, (reply) => reply.ok(ann), strict)
  const otherResource = resource<User>({ etag: () => weak(1) })
  app.put('/users/:id', { config: { resource: userResource } }, async (_request, reply) => reply.noContent())
  app.get('/others/:id', { config: { resource: otherResource } }, async (_request, reply) => reply.ok(ann))
  app.get('/plain', async (_request, reply) => reply.ok(ann, { etag: weak(1) }))
  for (const url of ['/users/1', '/others/1', '/plain']) t.equal((await app.inject(url)).statusCode, 200, url)
  t.same(rules(), [])
})

// cors-expose

interface Exposing {
  name: string
  request?: Record<string, string>
  response?: Record<string, string>
  isHidden: boolean
}
const exposing: Exposing[] = [
  { name: 'a request of another origin, and nothing exposed', isHidden: true },
  { name: 'Location alone exposed', response: { 'access-control-expose-headers': 'Location' }, isHidden: true },
  { name: 'ETag exposed', response: { 'access-control-expose-headers': 'x-other, etag' }, isHidden: false },
  { name: 'everything exposed', response: { 'access-control-expose-headers': '*' }, isHidden: false },
  {
    name: 'everything exposed, with credentials',
    response: { 'access-control-expose-headers': '*', 'access-control-allow-credentials': 'true' },
    isHidden: true
  },
  { name: 'a request of the same origin', request: { origin: 'http://localhost' }, isHidden: false },
  { name: 'a conditional request, answered 304', request: { 'if-none-match': '"7"' }, isHidden: true }
]

for (const { name, request = {}, response = {}, isHidden } of exposing) {
  t.test(`cors-expose: a canonical route ${isHidden ? 'hides its ETag' : 'breaks no rule'} with ${name}`, async (t) => {
    for (const method of ['GET', 'HEAD'] as const) {
      for (const [options, severity] of [[{}, 'warn'], [strict, 'error']] as const) {
        const { app, violations } = await withUsers(t, (reply) =>
          reply.headers({ 'access-control-allow-origin': '*', ...response }).ok(ann), options)
        const headers = { host: 'localhost', origin: 'https://page.example', ...request }
        const { statusCode } = await app.inject({ method, url: '/users/1', headers })
        const broken = isHidden ? [['cors-expose', severity]] : []
        t.same(violations.map(({ rule, severity }) => [rule, severity]), broken)
        t.equal(statusCode, isHidden && severity === 'error' ? 500 : 'if-none-match' in request ? 304 : 200)
        if (isHidden) {
          t.match(violations[0], {
            found: 'Access-Control-Expose-Headers does not have ETag',
            fix: "app.register(fastifyCors, { exposedHeaders: ['Location', 'ETag'] })"
          })
        }
      }
    }
  })
}

t.test('cors-expose: it applies to 201s and canonical routes, and to responses with CORS', async (t) => {
  const { app, rules } = await withUsers(t, (reply) => reply.ok(ann), strict)
  app.get('/plain', async (_request, reply) =>
    reply.header('access-control-allow-origin', '*').ok(ann, { etag: 7 }))
  const headers = { origin: 'https://page.example' }
  for (const url of ['/users/1', '/plain']) t.equal((await app.inject({ url, headers })).statusCode, 200, url)
  t.same(rules(), [])
})

// location-resolves

t.test('location-resolves: the URL of a resource is not checked again, unless it has changed', async (t) => {
  const { app, rules, userResource } = await withUsers(t, (reply) => reply.ok(ann))
  const config = { resource: userResource }
  app.post('/users', { config }, async (_request, reply) => reply.created(ann))
  app.post('/changed', {
    config,
    onSend: (_request, reply, payload, done) => { reply.header('location', '/nowhere'); done(null, payload) }
  }, async (_request, reply) => reply.created(ann))
  t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, 201)
  t.same(rules(), [])
  const { statusCode, headers } = await app.inject({ method: 'POST', url: '/changed' })
  t.same([statusCode, headers.location, headers.etag], [500, undefined, undefined])
  t.same(rules(), ['location-resolves'])
})

t.test('location-resolves: a URL under a catch-all that another route answers breaks it, in all helpers', async (t) => {
  const { app, violations } = await appWith(t)
  const pageResource = resource<{ path: string }>({ etag: () => 1, params: { '*': 'path' } })
  const config = { resource: pageResource }
  app.get('/*', { config }, async (_request, reply) => reply.ok({ path: 'x' }))
  app.get('/about', async () => 'another')
  const page = { path: 'about' }
  app.post('/created', { config }, async (_request, reply) => reply.created(page))
  app.post('/accepted', { config }, async (_request, reply) => reply.accepted(page))
  app.post('/seen', { config }, async (_request, reply) => reply.seeOther(page))
  for (const url of ['/created', '/accepted', '/seen']) {
    const response = await rawRequest(app, `POST ${url} HTTP/1.1`, 'Content-Length: 0')
    t.equal(response.status, 500, url)
    t.notOk(response.headers.some((line) => line.startsWith('location')))
    t.match(violations.splice(0), [{
      rule: 'location-resolves',
      found: /^\/about, made of .+ is answered by another GET route, which matches more of the path$/,
      fix: 'use ids that only this route matches, or change the URL of the other route',
      url
    }])
  }
})

t.test('location-resolves: a path that a route with constraints may answer breaks no rule', async (t) => {
  for (const urls of [['/a/*', '/b/*'], ['/b/*', '/a/*']]) {
    const { app, rules } = await appWith(t)
    for (const url of urls) {
      const constraints = url === '/b/*' ? { host: 'b.example' } : {}
      app.get(url, { constraints }, async () => ({}))
    }
    app.post('/b', async (_request, reply) => reply.created({}, { location: '/b/1', etag: 1 }))
    t.equal((await app.inject({ method: 'POST', url: '/b' })).statusCode, 201)
    t.same(rules(), [])
  }
})

// Routes without a resource

t.test('the rules about resources do not apply to routes without one', async (t) => {
  for (const options of [{}, strict]) {
    const { app, rules } = await appWith(t, options)
    const hidden = { 'access-control-allow-origin': '*' }
    app.get('/plain/:id', async (_request, reply) => reply.headers(hidden).send(ann))
    app.get('/weak/:id', async (_request, reply) => reply.headers({ ...hidden, etag: 'W/"7"' }).send(ann))
    app.get('/null', async (_request, reply) => reply.ok(null))
    app.patch('/weak/:id', { config: { created: required } }, async (request, reply) => {
      request.assertPreconditions({ etag: weak(7) })
      return reply.ok(ann, { etag: weak(8) })
    })
    const requests = [
      ['GET', '/plain/1'], ['HEAD', '/plain/1'], ['GET', '/weak/1'], ['GET', '/null'], ['PATCH', '/weak/1']
    ] as const
    for (const [method, url] of requests) {
      const headers = { origin: 'https://page.example', 'if-match': '*' }
      t.equal((await app.inject({ method, url, headers })).statusCode, 200, `${method} ${url}`)
    }
    t.same(rules(), [])
  }
})

t.test('location-target: created() on PUT breaks it, also if the resource has its URL elsewhere', async (t) => {
  const { app, violations } = await appWith(t)
  const userResource = newUserResource()
  app.get('/users/:id', { config: { resource: userResource } }, async (_request, reply) => reply.ok(ann))
  app.put('/drafts/:id', { config: { created: optional } }, async (_request, reply) =>
    reply.created(ann, { resource: userResource }))
  const response = await app.inject({ method: 'PUT', url: '/drafts/1' })
  t.equal(response.statusCode, 500)
  t.match(response.json(), { code: 'FST_CREATED_VIOLATION', message: / broke the rule location-target\. / })
  t.match(violations, [{
    rule: 'location-target',
    found: 'a PUT creates the resource at its own URL, but Location is /users/1',
    fix: /^return reply\.upserted\(draft, \{ created: true \}\)/
  }])
  t.equal(violations.length, 1)
})

t.test('created-method: what a helper has reported is not reported again if a hook changes the response', async (t) => {
  const { app, rules } = await appWith(t, { enforcement: 'log' })
  app.get('/users/:id', async () => ann)
  app.delete('/users/:id', {
    onSend: async (_request, reply) => { reply.header('etag', '"8"') }
  }, async (_request, reply) => reply.created(ann, { location: '/users/2', etag: 7 }))
  const response = await app.inject({ method: 'DELETE', url: '/users/1' })
  t.equal(response.statusCode, 201)
  t.equal(response.headers.etag, '"8"')
  t.same(rules(), ['created-method'])
})
