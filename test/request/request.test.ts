import { setImmediate as nextTurn } from 'node:timers/promises'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type HTTPMethods } from 'fastify'
import t, { type Test } from 'tap'
import fastifyCreated, {
  resource,
  weak,
  type FastifyCreatedOptions,
  type Resource,
  type CreatedRouteOptions,
  type Validators
} from '../../src/index.js'
import { setNodeEnv } from '../node-env.js'
import { appWith, header, rawRequest } from '../support.js'

const T = 'Mon, 03 Feb 2020 04:05:06 GMT'
const BEFORE_T = 'Mon, 03 Feb 2020 04:05:05 GMT'
const AFTER_T = 'Mon, 03 Feb 2020 04:05:07 GMT'
const at = (milliseconds = 0) => new Date(+new Date(T) + milliseconds)

/** What exists at the target, `null` if nothing does. */
type State = (Validators & { id?: string }) | null
const none: State = null
const A: State = { etag: '"A"' }
const weakA: State = { etag: 'W/"A"' }
const untagged: State = { etag: null }
const C: State = { etag: '"C"' }
const atT: State = { etag: '"A"', lastModified: at() }
const dated: State = { etag: null, lastModified: at() }

type Row = [method: HTTPMethods, state: State, headers: Record<string, string>, status: number]

// RFC 9110 section 13
const rows: Row[] = [
  ['PUT', none, { 'if-none-match': '*' }, 201],
  ['PUT', A, { 'if-none-match': '*' }, 412],
  ['PUT', untagged, { 'if-none-match': '*' }, 412],
  ['PUT', A, { 'if-none-match': '"A"' }, 412],
  ['PUT', weakA, { 'if-none-match': '"A"' }, 412],
  ['PUT', A, { 'if-none-match': '"B"' }, 200],
  ['PUT', none, { 'if-none-match': '"A"' }, 201],
  ['PUT', none, { 'if-match': '*' }, 412],
  ['PUT', none, { 'if-match': '"A"' }, 412],
  ['PUT', A, { 'if-match': '*' }, 200],
  ['PUT', untagged, { 'if-match': '*' }, 200],
  ['PUT', untagged, { 'if-match': '"A"' }, 412],
  ['PUT', A, { 'if-match': '"A"' }, 200],
  ['PUT', A, { 'if-match': '"B", "A"' }, 200],
  ['PUT', A, { 'if-match': 'W/"A"' }, 412],
  ['PUT', weakA, { 'if-match': 'W/"A"' }, 412],
  ['PUT', { etag: '"a,b"' }, { 'if-match': '"a,b"' }, 200],
  ['PUT', { etag: '"a"' }, { 'if-match': '"a,b"' }, 412],
  ['PUT', { etag: '""' }, { 'if-match': '""' }, 200],
  ['PUT', A, { 'if-match': '' }, 412],
  ['PUT', A, { 'if-match': '"A", *' }, 400],
  ['PUT', A, { 'if-match': 'A' }, 400],
  ['PUT', A, { 'if-none-match': 'A' }, 400],
  ['PUT', none, { 'if-match': 'A' }, 400],
  ['PUT', A, { 'if-match': '"A"', 'if-none-match': '"A"' }, 412],
  ['PUT', atT, { 'if-match': '"A"', 'if-unmodified-since': BEFORE_T }, 200],
  ['PUT', atT, { 'if-unmodified-since': T }, 200],
  ['PUT', atT, { 'if-unmodified-since': BEFORE_T }, 412],
  ['PUT', { etag: '"A"', lastModified: at(400) }, { 'if-unmodified-since': T }, 200],
  ['PUT', A, { 'if-unmodified-since': T }, 200],
  ['PUT', atT, { 'if-unmodified-since': '2020-01-01' }, 200],
  ['PUT', atT, { 'if-modified-since': T }, 200],
  ['PUT', dated, { 'if-unmodified-since': AFTER_T }, 200],
  ['PUT', none, {}, 201],
  ['PUT', A, {}, 200],
  ['GET', A, { 'if-none-match': '"A"' }, 304],
  ['GET', A, { 'if-none-match': 'W/"A"' }, 304],
  ['GET', A, { 'if-none-match': '*' }, 304],
  ['GET', untagged, { 'if-none-match': '*' }, 304],
  ['GET', untagged, { 'if-none-match': '"A"' }, 200],
  ['GET', atT, { 'if-none-match': '"B"', 'if-modified-since': T }, 200],
  ['GET', dated, { 'if-modified-since': T }, 304],
  ['GET', dated, { 'if-modified-since': BEFORE_T }, 200],
  ['GET', A, { 'if-match': '"B"' }, 412],
  ['GET', A, { 'if-match': 'malformed' }, 412],
  ['GET', none, { 'if-match': '*' }, 404],
  ['GET', none, { 'if-none-match': '*' }, 404],
  ['DELETE', none, { 'if-match': '*' }, 404],
  ['DELETE', none, { 'if-match': 'malformed' }, 404],
  ['DELETE', none, {}, 404],
  ['DELETE', A, { 'if-match': '"B"' }, 412],
  ['DELETE', A, { 'if-match': '"A"' }, 204],
  ['DELETE', A, {}, 204],
  ['PATCH', none, { 'if-match': '"A"' }, 404],
  ['PATCH', none, { 'if-none-match': '*' }, 404],
  ['PATCH', none, {}, 404],
  ['PATCH', A, { 'if-match': '"A"' }, 200],
  ['PATCH', A, { 'if-match': '"B"' }, 412],
  ['PATCH', A, { 'if-match': '"A' }, 400],
  ['POST', C, { 'if-none-match': '*' }, 412],
  ['POST', C, { 'if-match': '"C"' }, 201],
  ['POST', C, { 'if-match': '"D"' }, 412],
  ['POST', C, { 'if-match': 'C' }, 400],
  ['POST', C, {}, 201],
  ['OPTIONS', A, { 'if-match': '"B"' }, 204],
  ['OPTIONS', A, { 'if-match': 'malformed', 'if-none-match': '*' }, 204],
  ['OPTIONS', none, { 'if-match': '*' }, 204]
]
const all = [...rows, ...rows.filter(([method]) => method === 'GET').map(([, ...rest]): Row => ['HEAD', ...rest])]

const CODES: Record<number, string | undefined> = {
  400: 'FST_CREATED_PRECONDITION_MALFORMED',
  404: 'FST_CREATED_NOT_FOUND',
  409: 'FST_CREATED_LOST_UPDATE',
  412: 'FST_CREATED_PRECONDITION_FAILED',
  428: 'FST_CREATED_PRECONDITION_REQUIRED',
  500: 'FST_CREATED_VERSION_INVALID'
}

const tagged = resource<Validators & { id?: string }>({ etag: ({ etag }) => etag!, params: { id: () => 1 } })
const modified = resource<Validators & { id?: string }>({
  etag: ({ etag }) => etag!,
  lastModified: ({ lastModified }) => lastModified!,
  params: { id: () => 1 }
})
const resourceFor = (state: State): Resource<any> => state?.lastModified === undefined ? tagged : modified

interface Store { state: State, writes: number }

/** A handler that asserts the preconditions, and then does what the method means. `describe` makes what it asserts. */
function performer (store: Store, describe = (state: State): any => state) {
  return async function (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { state } = store
    request.assertPreconditions(describe(state))
    const validators = { etag: state?.etag ?? null, lastModified: state?.lastModified }
    if (request.method === 'GET' || request.method === 'HEAD') {
      return state === null ? (reply.callNotFound() as unknown as FastifyReply) : reply.ok({ id: '1' }, validators)
    }
    if (request.method === 'OPTIONS') return reply.noContent()
    store.writes++
    if (request.method === 'PUT') return reply.upserted({ id: '1' }, { ...validators, created: state === null })
    if (request.method === 'POST') return reply.created({ id: '1' }, { location: '/things/2', etag: null })
    return request.method === 'DELETE' ? reply.noContent() : reply.ok({ id: '1' }, validators)
  }
}

const UPDATES: HTTPMethods[] = ['PUT', 'PATCH', 'DELETE', 'OPTIONS']

function declare (
  app: FastifyInstance,
  handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
  own?: Resource<any>
): void {
  const config = own === undefined ? {} : { resource: own }
  app.get('/things/:id', { config }, handler)
  app.route({ method: UPDATES, url: '/things/:id', config, handler })
  app.post('/things', { config }, handler)
}

async function late (t: Test, store: Store): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  declare(app, performer(store))
  await app.register(fastifyCreated, { enforcement: 'throw' })
  return app
}

const kinds: Array<[kind: string, make: (t: Test, store: Store) => Promise<FastifyInstance>]> = [
  ['with a resource', async (t, store) => {
    const { app } = await appWith(t)
    declare(app, performer(store), resourceFor(store.state))
    return app
  }],
  ['with a resource, enforcement log', async (t, store) => {
    const { app } = await appWith(t, { enforcement: 'log' })
    declare(app, performer(store), resourceFor(store.state))
    return app
  }],
  ['without a resource', async (t, store) => {
    const { app } = await appWith(t)
    declare(app, performer(store))
    return app
  }],
  ['declared before the plugin', late]
]

const shown = ({ etag, lastModified }: Validators) =>
  `${etag ?? 'something untagged'}${lastModified === undefined ? '' : `, changed at T+${+lastModified - +at()} ms`}`

for (const [kind, make] of kinds) {
  t.test(`on routes ${kind} the truth table of RFC 9110 section 13 holds over HTTP`, async (t) => {
    for (const [method, state, headers, status] of all) {
      const store = { state, writes: 0 }
      const app = await make(t, store)
      const response = await app.inject({
        method: method as 'GET',
        url: method === 'POST' ? '/things' : '/things/1',
        headers
      })
      const what = `${method} of ${state === null ? 'nothing' : shown(state)} with ${JSON.stringify(headers)}`
      const isWritten = status < 300 && ['PUT', 'PATCH', 'DELETE', 'POST'].includes(method)
      t.same([response.statusCode, store.writes], [status, isWritten ? 1 : 0], what)
      if (status === 412) t.equal(response.headers.etag, state?.etag ?? undefined, `${what}: the current ETag`)
      if (status >= 400) t.equal(response.headers.location, undefined)
      if (status >= 400 && method !== 'HEAD' && !(status === 404 && method === 'GET')) {
        t.equal(response.json().code, CODES[status], what)
      }
    }
  })
}

const duplicates: Array<[method: string, state: State, lines: string[], status: number]> = [
  ['PUT', A, ['If-Match: "B"', 'If-Match: "A"'], 200],
  ['PUT', A, ['If-Match: "B"', 'if-match: "C"'], 412],
  ['PUT', A, ['If-Match: "A"', 'If-Match: *'], 400],
  ['PUT', A, ['If-Match: *', 'If-Match: *'], 400],
  ['PUT', A, ['If-Match: "A', 'If-Match: "'], 400],
  ['PUT', A, ['If-Match:', 'If-Match: "A"'], 200],
  ['PUT', A, ['If-Match:'], 412],
  ['PUT', { etag: '"a,b"' }, ['If-Match: "x,y"', 'If-Match: "a,b"'], 200],
  ['PUT', A, ['If-Match: "é", "A"'], 200],
  ['PUT', A, ['If-Match: "é"'], 412],
  ['PUT', A, ['If-None-Match: "B"', 'If-None-Match: "C"'], 200],
  ['PUT', A, ['If-None-Match: "B"', 'If-None-Match: W/"A"'], 412],
  ['PUT', A, ['If-None-Match: "B"', 'If-None-Match: *'], 400],
  ['PUT', none, ['If-None-Match: *'], 201],
  ['PUT', atT, [`If-Unmodified-Since: ${BEFORE_T}`], 412],
  ['PUT', atT, [`If-Unmodified-Since: ${BEFORE_T}`, `If-Unmodified-Since: ${BEFORE_T}`], 200],
  ['PUT', atT, [`If-Unmodified-Since: ${AFTER_T}`, `If-Unmodified-Since: ${BEFORE_T}`], 200],
  ['PUT', atT, [`If-Modified-Since: ${T}`, `If-Modified-Since: ${T}`], 200],
  ['DELETE', A, ['If-Match: "B"', 'If-Match: "A"'], 204],
  ['DELETE', A, ['If-Match: "B"', 'If-Match: W/"A"'], 412],
  ['DELETE', none, ['If-Match: "B"', 'If-Match: *'], 404],
  ['PATCH', A, ['If-Match: "B"', 'If-Match: "A"'], 200],
  ['PATCH', atT, [`If-Unmodified-Since: ${BEFORE_T}`, `if-unmodified-since: ${BEFORE_T}`], 200],
  ['GET', A, ['If-None-Match: "B"', 'If-None-Match: "A"'], 304],
  ['GET', dated, [`If-Modified-Since: ${T}`, `If-Modified-Since: ${T}`], 200],
  ['GET', dated, [`If-Modified-Since: ${T}`], 304],
  ['HEAD', A, ['If-None-Match: "B"', 'If-None-Match: "A"'], 304],
  ['HEAD', A, ['If-Match: "B"', 'If-Match: "C"'], 412],
  ['HEAD', A, ['If-Match: "B"', 'If-Match: "A"'], 200],
  ['HEAD', dated, [`If-Unmodified-Since: ${BEFORE_T}`, `If-Unmodified-Since: ${BEFORE_T}`], 200],
  ['HEAD', dated, [`If-Unmodified-Since: ${BEFORE_T}`], 412],
  ['HEAD', none, ['If-Match: *'], 404]
]

t.test('over a socket, repeated header lines are combined as in RFC 9110 section 5.3', async (t) => {
  for (const [kind, make] of kinds.filter(([kind]) => !kind.includes('log'))) {
    for (const [method, state, lines, status] of duplicates) {
      const store = { state, writes: 0 }
      const app = await make(t, store)
      const response = await rawRequest(app, `${method} /things/1 HTTP/1.1`, ...lines, 'Content-Length: 0')
      const what = `${method} with ${lines.join(', ')} on a route ${kind}`
      t.equal(response.status, status, what)
      t.equal(store.writes, status < 300 && method !== 'GET' && method !== 'HEAD' ? 1 : 0, what)
      if (method === 'HEAD' || status === 304) t.equal(response.body, '', what)
      if (status === 412) t.same(header(response, 'etag'), typeof state?.etag === 'string' ? [state.etag] : [], what)
    }
  }
})

t.test('a 412 has the current ETag, whatever the error handler of the app does', async (t) => {
  for (const scope of ['none', 'instance', 'route'] as const) {
    const { app } = await appWith(t)
    const sendsOnly = (_error: unknown, _request: FastifyRequest, reply: FastifyReply) => { reply.send({ own: scope }) }
    if (scope === 'instance') app.setErrorHandler(sendsOnly)
    app.put(
      '/things/:id',
      { errorHandler: scope === 'route' ? sendsOnly : undefined },
      performer({ state: A, writes: 0 })
    )
    const response = await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-match': '"B"' } })
    t.match({ status: response.statusCode, etag: response.headers.etag }, { status: 412, etag: '"A"' }, scope)
    t.match(response.json(), scope === 'none' ? { code: 'FST_CREATED_PRECONDITION_FAILED', message: /If-Match/ } : { own: scope })
  }
})

t.test('errors of assertPreconditions() keep their status and headers if an error handler sets none', async (t) => {
  const requests: Array<
    [state: State, headers: Record<string, string>, method: 'PUT' | 'DELETE', status: number, own: object]
  > = [
    [A, { 'if-match': '"B"' }, 'PUT', 412, { etag: '"A"', 'cache-control': undefined }],
    [A, {}, 'PUT', 428, { etag: undefined, 'cache-control': 'no-store' }],
    [A, { 'if-match': 'B' }, 'PUT', 400, { etag: undefined }],
    [none, {}, 'DELETE', 404, { etag: undefined }]
  ]
  for (const [state, headers, method, status, own] of requests) {
    const { app, rules } = await appWith(t)
    app.setErrorHandler((_error, _request, reply) => { reply.send({ own: true }) })
    app.route({
      method,
      url: '/things/:id',
      config: { created: { precondition: 'required' } },
      handler: performer({ state, writes: 0 })
    })
    const response = await app.inject({ method, url: '/things/1', headers })
    t.equal(response.statusCode, status)
    for (const [name, value] of Object.entries(own)) t.equal(response.headers[name], value, `${status} with ${name}`)
    t.same(response.json(), { own: true })
    t.same(rules(), [])
  }
})

// 428

type Requiring = [
  what: string, plugin: FastifyCreatedOptions, route: CreatedRouteOptions | undefined,
  required: { withResource: boolean, without: boolean }
]
const both = { withResource: true, without: true }
const neither = { withResource: false, without: false }
const onlyResources = { withResource: true, without: false }
const REQUIRED = { precondition: 'required' } as const
const OPTIONAL = { precondition: 'optional' } as const
const requiring: Requiring[] = [
  ['with no option', {}, undefined, neither],
  ['with the option of the route', {}, REQUIRED, both],
  ['with the option of the plugin', REQUIRED, undefined, onlyResources],
  ['with the option of the plugin and another one of the route', REQUIRED, { contentLocation: false }, onlyResources],
  ['with strict', { profile: 'strict' }, undefined, onlyResources],
  ['with strict and optional in the plugin', { profile: 'strict', ...OPTIONAL }, undefined, neither],
  ['with required in the plugin and optional in the route', REQUIRED, OPTIONAL, neither],
  ['with strict and optional in the route', { profile: 'strict' }, OPTIONAL, neither],
  ['with optional in the plugin and required in the route', OPTIONAL, REQUIRED, both]
]

for (const [what, options, declaration, required] of requiring) {
  const where = required.without
    ? 'on every route'
    : required.withResource
      ? 'on routes with a resource'
      : 'on no route'
  t.test(`${what}, a precondition is required ${where}`, async (t) => {
    for (const withResource of [true, false]) {
      for (const method of ['PUT', 'PATCH', 'DELETE'] as const) {
        const { app, rules } = await appWith(t, options)
        const store: Store = { state: A, writes: 0 }
        const config = { ...withResource && { resource: tagged }, ...declaration && { created: declaration } }
        app.get('/things/:id', { config: withResource ? { resource: tagged } : {} }, performer(store))
        app.route({ method, url: '/things/:id', config, handler: performer(store) })
        const send = async (headers: Record<string, string>) => await app.inject({ method, url: '/things/1', headers })

        const isRequired = withResource ? required.withResource : required.without
        const response = await send({})
        t.equal(
          response.statusCode,
          isRequired ? 428 : method === 'DELETE' ? 204 : 200,
          `${method}, ${withResource ? 'with' : 'without'} a resource`
        )
        t.equal(store.writes, isRequired ? 0 : 1)
        if (isRequired) {
          t.match(response.json(), { code: 'FST_CREATED_PRECONDITION_REQUIRED', message: /^This update must say which version it changes\. Send If-Match with the ETag/ })
          t.equal(response.headers['cache-control'], 'no-store')
        }
        // Preconditions that must be ignored do not count.
        for (const headers of [
          { 'if-unmodified-since': T },
          { 'if-modified-since': T },
          { 'if-range': '"A"' },
          { 'if-unmodified-since': 'never' },
          { 'if-none-match': '"B"' }
        ] as Array<Record<string, string>>) {
          t.equal((await send(headers)).statusCode === 428, isRequired, JSON.stringify(headers))
        }
        for (const headers of [{ 'if-match': '"A"' }, { 'if-match': '*' }] as Array<Record<string, string>>) {
          t.ok((await send(headers)).statusCode < 300, JSON.stringify(headers))
        }
        t.equal((await send({ 'if-match': '"B"' })).statusCode, 412)
        t.equal((await send({ 'if-match': 'A' })).statusCode, 400)
        store.state = none
        t.equal((await send({})).statusCode, method === 'PUT' ? 201 : 404, 'nothing exists')
        t.same(rules(), [])
      }
    }
  })
}

t.test('a 428 names the header that can be sent', async (t) => {
  const named: Array<[state: State, message: RegExp]> = [
    [A, /Send If-Match with the ETag/],
    [atT, /Send If-Match with the ETag/],
    [dated, /Send If-Unmodified-Since with the Last-Modified/],
    [{ etag: 'W/"A"', lastModified: at() }, /Send If-Unmodified-Since with the Last-Modified/],
    [weakA, /Send If-Match with the ETag/],
    [untagged, /Send If-Match: \*\./]
  ]
  for (const withResource of [true, false]) {
    for (const [state, message] of named) {
      const { app } = await appWith(t)
      const store = { state, writes: 0 }
      const own = resourceFor(state)
      app.get('/things/:id', { config: withResource ? { resource: own } : {} }, performer(store))
      app.put(
        '/things/:id',
        { config: { ...(withResource && { resource: own }), created: { precondition: 'required' } } },
        performer(store)
      )
      const response = await app.inject({ method: 'PUT', url: '/things/1' })
      t.equal(response.statusCode, 428)
      t.match(response.json().message, message)
      t.equal(response.headers['cache-control'], 'no-store')
      t.equal(store.writes, 0)
    }
  }
})

t.test('with Last-Modified only, a 428 names If-Unmodified-Since, and that is enough', async (t) => {
  const { app } = await appWith(t, { precondition: 'required' })
  const store = { state: dated, writes: 0 }
  declare(app, performer(store), modified)
  for (const [headers, status] of [
    [{}, 428],
    [{ 'if-unmodified-since': T }, 200],
    [{ 'if-unmodified-since': BEFORE_T }, 412]
  ] as const) {
    t.equal((await app.inject({ method: 'PUT', url: '/things/1', headers })).statusCode, status)
  }
  t.equal(store.writes, 1)
})

t.test('POST requires a precondition only by the option of its route, and a read never', async (t) => {
  for (const [options, declaration, status] of [
    [{}, { precondition: 'required' }, 428],
    [{ precondition: 'required' }, {}, 201],
    [{ profile: 'strict' }, {}, 201]
  ] as const) {
    const { app } = await appWith(t, { ...options, rules: { 'created-etag': 'off' } })
    const store = { state: C, writes: 0 }
    app.get('/things/:id', { config: { resource: tagged, created: declaration } }, performer(store))
    app.post('/things', { config: { resource: tagged, created: declaration } }, performer(store))
    t.equal((await app.inject({ method: 'POST', url: '/things' })).statusCode, status)
    t.equal(store.writes, status === 201 ? 1 : 0)
    for (const method of ['GET', 'HEAD'] as const) {
      t.equal((await app.inject({ method, url: '/things/1' })).statusCode, 200, method)
    }
  }
})

// What comes before preconditions

t.test('authorization and validation come before preconditions', async (t) => {
  const { app, rules } = await appWith(t, { profile: 'strict' })
  const store = { state: A, writes: 0 }
  app.addHook('preHandler', (request, reply, done) => {
    if (request.headers.authorization !== undefined) return done()
    reply.code(401).send({ code: 'NO' })
  })
  declare(app, performer(store), tagged)
  app.put(
    '/checked/:id',
    {
      schema: {
        params: { type: 'object', properties: { id: { type: 'integer' } } },
        body: { type: 'object', required: ['name'] }
      },
      config: { resource: tagged }
    },
    performer(store)
  )
  const authorization = 'Bearer 1'
  const requests: Array<
    [
      url: string,
      method: 'PUT' | 'PATCH' | 'DELETE',
      headers: Record<string, string>,
      payload: object,
      status: number,
      code: string | undefined
    ]
  > = [
    ['/things/1', 'PUT', { 'if-match': '"B"' }, {}, 401, 'NO'],
    ['/things/1', 'DELETE', {}, {}, 401, 'NO'],
    ['/things/1', 'PATCH', { 'if-match': 'malformed' }, {}, 401, 'NO'],
    ['/checked/1', 'PUT', { authorization, 'if-match': '"B"' }, {}, 400, 'FST_ERR_VALIDATION'],
    ['/checked/x', 'PUT', { authorization }, { name: 'x' }, 400, 'FST_ERR_VALIDATION'],
    [
      '/checked/1',
      'PUT',
      { authorization, 'if-match': '"B"', 'content-type': 'application/xml' },
      { name: 'x' },
      415,
      'FST_ERR_CTP_INVALID_MEDIA_TYPE'
    ],
    ['/checked/1', 'PUT', { authorization, 'if-match': '"B"' }, { name: 'x' }, 412, CODES[412]],
    ['/nowhere', 'PUT', { authorization, 'if-match': '"B"' }, {}, 404, undefined]
  ]
  for (const [url, method, headers, payload, status, code] of requests) {
    const response = await app.inject({ method, url, headers, payload })
    t.equal(response.statusCode, status, `${method} ${url}`)
    t.equal(response.json().code, code)
    t.equal(response.headers.etag, status === 412 ? '"A"' : undefined)
  }
  t.equal(store.writes, 0)
  t.same(rules(), [])
})

// The current state

const invalid: Array<[what: string, given: any, where: 'both' | 'resource']> = [
  ['a Promise of what exists', Promise.resolve({ etag: 1 }), 'both'],
  ['a Promise of nothing', Promise.resolve(undefined), 'both'],
  ['a string', '"A"', 'both'],
  ['an empty string', '', 'both'],
  ['a number', 7, 'both'],
  ['zero', 0, 'both'],
  ['true', true, 'both'],
  ['false', false, 'both'],
  ['an empty object', {}, 'both'],
  ['a list', [{ etag: 1 }], 'both'],
  ['an etag of undefined', { etag: undefined }, 'both'],
  ['an empty etag', { etag: '' }, 'both'],
  ['an etag of NaN', { etag: NaN }, 'both'],
  ['half an entity-tag', { etag: '"A' }, 'both'],
  ['an etag that is an object', { etag: { version: 1 } }, 'both'],
  ['an invalid date', { etag: 1, lastModified: new Date(NaN) }, 'both'],
  ['a date as a string', { etag: 1, lastModified: T }, 'both'],
  ['an invalid date alone', { lastModified: new Date(NaN) }, 'both'],
  ['a date alone, if the resource has an etag', { lastModified: at() }, 'resource']
]

t.test('a current state that is not one is a 500, whatever the enforcement, and nothing is written', async (t) => {
  for (const [what, given, where] of invalid) {
    for (const enforcement of ['throw', 'log'] as const) {
      for (const withResource of [true, false]) {
        if (where === 'resource' && !withResource) continue
        const { app, logs } = await appWith(t, { enforcement })
        const store: Store = { state: A, writes: 0 }
        declare(app, performer(store, () => given), withResource ? modified : undefined)
        const methods = withResource ? ['PUT', 'PATCH', 'DELETE'] as const : ['PUT', 'PATCH', 'DELETE', 'POST'] as const
        for (const method of methods) {
          for (const headers of [{}, { 'if-match': '*' }]) {
            const response = await app.inject({ method, url: method === 'POST' ? '/things' : '/things/1', headers })
            t.match(
              { status: response.statusCode, ...response.json() },
              { status: 500, code: 'FST_CREATED_VERSION_INVALID', message: /^[A-Z].+\. Found: .+\. Required: .+\. Fix: .+$/ },
              `${what}, ${enforcement}, ${method}, ${withResource ? 'with' : 'without'} a resource`
            )
            t.equal(response.headers.etag, undefined)
          }
        }
        t.equal(store.writes, 0, what)
        const errors = logs.filter(({ level }) => level === 50)
        t.equal(errors.length, methods.length * 2, 'each is logged once')
        t.ok(errors.every(({ err }) => err.code === 'FST_CREATED_VERSION_INVALID'))
      }
    }
  }
})

t.test('a Promise is rejected, too, if the resource has the same version for every value', async (t) => {
  for (const etag of [() => 1, () => null, (value: any) => value.version ?? null]) {
    const { app } = await appWith(t)
    const store: Store = { state: A, writes: 0 }
    declare(app, performer(store, () => Promise.resolve(undefined)), resource<any>({ etag, params: { id: () => 1 } }))
    for (const method of ['PUT', 'DELETE'] as const) {
      const response = await app.inject({ method, url: '/things/1' })
      const message = /Found: a Promise\..+Fix: request\.assertPreconditions\(await /
      t.match(response.json(), { statusCode: 500, code: 'FST_CREATED_VERSION_INVALID', message }, method)
      t.equal(response.statusCode, 500)
    }
    t.equal(store.writes, 0)
  }
})

t.test('a rejected Promise as the current state does not end the process', async (t) => {
  const unhandled: unknown[] = []
  const listener = (reason: unknown) => { unhandled.push(reason) }
  process.on('unhandledRejection', listener)
  t.teardown(() => { process.off('unhandledRejection', listener) })
  for (const withResource of [true, false]) {
    const { app } = await appWith(t)
    declare(
      app,
      performer({ state: A, writes: 0 }, () => Promise.reject(new Error('the database is gone'))),
      withResource ? tagged : undefined
    )
    t.equal((await app.inject({ method: 'PUT', url: '/things/1' })).json().code, 'FST_CREATED_VERSION_INVALID')
  }
  // Node reports unhandled rejections between two turns of its loop.
  await new Promise((resolve) => { setImmediate(resolve) })
  t.same(unhandled, [])
})

t.test('POST has the validators of the collection, not those of its resource', async (t) => {
  const { app } = await appWith(t)
  const store: Store = { state: { id: '1' }, writes: 0 }
  declare(app, performer(store), tagged)
  t.match((await app.inject({ method: 'POST', url: '/things' })).json(), {
    statusCode: 500,
    code: 'FST_CREATED_VERSION_INVALID'
  })
  t.equal(store.writes, 0)
  store.state = { lastModified: at() }
  for (const [date, status] of [[BEFORE_T, 412], [T, 201]] as const) {
    t.equal(
      (await app.inject({ method: 'POST', url: '/things', headers: { 'if-unmodified-since': date } })).statusCode,
      status
    )
  }
})

// lostUpdate()

const CHANGED = 'The resource has changed during this request. Fetch it again before updating.'
const conflicts: Array<[headers: Record<string, string>, status: number]> = [
  [{}, 409],
  [{ 'if-match': '"A"' }, 412],
  [{ 'if-match': '*' }, 412],
  [{ 'if-none-match': '"B"' }, 412],
  [{ 'if-unmodified-since': T }, 412],
  [{ 'if-unmodified-since': 'never' }, 409],
  [{ 'if-modified-since': T }, 409],
  [{ 'if-none-match': '"B"', 'if-unmodified-since': 'never' }, 412],
  [{ 'if-match': '"A"', 'if-none-match': '"B"', 'if-unmodified-since': T }, 412]
]

t.test('lostUpdate() is 412 for a conditional request, else 409, with the ETag of what it is given', async (t) => {
  for (const asserts of [true, false]) {
    for (const withResource of [true, false]) {
      for (const current of [undefined, null, { etag: '"Z"', lastModified: at() }]) {
        for (const [headers, status] of conflicts) {
          // Without a resource that has a date, and before the state is known, dates are ignored.
          if (!asserts && !withResource && 'if-unmodified-since' in headers) continue
          const { app, rules } = await appWith(t)
          const config = { ...withResource && { resource: modified } }
          app.get('/things/:id', { config }, async (_request, reply) => reply.ok(atT))
          app.put('/things/:id', { config }, async (request) => {
            if (asserts) request.assertPreconditions(atT)
            throw request.lostUpdate(current)
          })
          const response = await app.inject({ method: 'PUT', url: '/things/1', headers })
          t.match(
            { status: response.statusCode, ...response.json() },
            { status, code: CODES[status], message: CHANGED },
            `${JSON.stringify(headers)}, ${asserts ? 'after' : 'without'} assertPreconditions()`
          )
          t.equal(response.headers.etag, current?.etag)
          t.same(rules(), [])
        }
      }
    }
  }
})

t.test('lostUpdate() counts a date as a precondition only if the resource has one', async (t) => {
  for (const [own, status] of [[tagged, 409], [modified, 412]] as const) {
    for (const asserts of [true, false]) {
      const { app } = await appWith(t)
      app.get('/things/:id', { config: { resource: own } }, async (_request, reply) => reply.ok(atT))
      app.put('/things/:id', { config: { resource: own } }, async (request) => {
        if (asserts) request.assertPreconditions(atT)
        throw request.lostUpdate()
      })
      t.equal(
        (await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-unmodified-since': T } })).statusCode,
        status,
        `${status}, ${asserts}`
      )
    }
  }
})

t.test('lostUpdate() works on late routes, and keeps its status if an error handler sets none', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.setErrorHandler((_error, _request, reply) => { reply.send({}) })
  app.patch('/late/:id', async (request) => { throw request.lostUpdate({ etag: 8 }) })
  await app.register(fastifyCreated, { enforcement: 'throw' })
  for (const [headers, status] of [[{}, 409], [{ 'if-match': '"7"' }, 412]] as const) {
    const response = await app.inject({ method: 'PATCH', url: '/late/1', headers })
    t.match([response.statusCode, response.headers.etag], [status, '"8"'])
  }
})

t.test('lostUpdate() rejects a state that is not one, too', async (t) => {
  for (const [what, given] of invalid.filter(([what]) => !what.includes('date'))) {
    const { app } = await appWith(t, { enforcement: 'log' })
    app.put('/things/:id', async (request) => { throw request.lostUpdate(given) })
    const response = await app.inject({ method: 'PUT', url: '/things/1' })
    t.match([response.statusCode, response.json().code], [500, 'FST_CREATED_VERSION_INVALID'], what)
  }
})

t.test('If-Match never matches a weak tag, and If-Match: * matches it', async (t) => {
  const { app } = await appWith(t)
  const store: Store = { state: { etag: weak(7) }, writes: 0 }
  declare(app, performer(store), tagged)
  for (const [tag, status] of [['W/"7"', 412], ['"7"', 412], ['*', 200]] as const) {
    const response = await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-match': tag } })
    t.equal(response.statusCode, status, tag)
    t.equal(response.headers.etag, 'W/"7"')
  }
})

t.test('a required precondition must name the current version, which If-None-Match alone does not', async (t) => {
  const rows: Array<[headers: Record<string, string>, status: number]> = [
    [{ 'if-none-match': '"other"' }, 428],
    [{ 'if-none-match': 'W/"other"' }, 428],
    [{ 'if-none-match': '"other"', 'if-unmodified-since': 'not a date' }, 428],
    [{ 'if-none-match': '"other"', 'if-match': '"A"' }, 200],
    [{ 'if-none-match': '"other"', 'if-unmodified-since': T }, 200],
    [{ 'if-none-match': '"A"' }, 412],
    [{ 'if-none-match': '*' }, 412]
  ]
  for (const [headers, status] of rows) {
    const { app } = await appWith(t)
    const store = { state: atT, writes: 0 }
    app.put('/things/:id', { config: { created: { precondition: 'required' } } }, performer(store))
    t.equal(
      (await app.inject({ method: 'PUT', url: '/things/1', headers })).statusCode,
      status,
      JSON.stringify(headers)
    )
    t.equal(store.writes, status === 200 ? 1 : 0)
  }
})

t.test('the option resource describes what exists on a route without a resource, and on POST', async (t) => {
  const { app } = await appWith(t)
  const thing = resource<{ version: number }>({ etag: ({ version }) => version })
  const current = { version: 7 }
  const assert = async (request: FastifyRequest) => {
    request.assertPreconditions(current, { resource: thing })
    return 'written'
  }
  app.put('/things/:id', assert)
  app.post('/things', assert)
  app.put('/lost', async (request) => { throw request.lostUpdate(current, { resource: thing }) })
  for (const [method, url] of [['PUT', '/things/1'], ['POST', '/things']] as const) {
    t.equal((await app.inject({ method, url, headers: { 'if-match': '"7"' } })).statusCode, 200)
    t.match(await app.inject({ method, url, headers: { 'if-match': '"6"' } }), {
      statusCode: 412,
      headers: { etag: '"7"' }
    })
  }
  t.match(await app.inject({ method: 'PUT', url: '/lost' }), { statusCode: 409, headers: { etag: '"7"' } })
})

const throwSecret = () => { throw new Error('secret') }
const WAYS_TO_VERSION = 'resource({ etag: (record) => record.version }) with a version column, ' +
  'record.updatedAt.toISOString(), digest(record), or null if there is no version'
const failing: Array<[resource: Resource<object>, found: string, fix: string]> = [
  [
    resource<any>({ etag: (user) => user.version }),
    'etag() of the resource returned undefined. The value has id',
    WAYS_TO_VERSION
  ],
  [
    resource<object>({ etag: throwSecret }),
    'the resource threw "secret". The value has id',
    'give the record itself, or correct the resource'
  ],
  [
    resource<object>({ etag: () => 1, lastModified: throwSecret }),
    'the resource threw "secret". The value has id',
    'give the record itself'
  ],
  ['secret' as never, 'the resource "secret"', 'give what resource() returns: { resource: userResource }']
]

for (const environment of ['development', 'production']) {
  t.test(`in ${environment}, a resource that throws, or is none, is an error of the server`, async (t) => {
    setNodeEnv(t, environment)
    for (const [given, found, fix] of failing) {
      const { app, logs } = await appWith(t)
      app.put('/', async (request) => request.assertPreconditions({ id: 1 }, { resource: given }))
      const response = await app.inject({ method: 'PUT', url: '/' })
      const { statusCode, code, message } = response.json()
      t.same([statusCode, code], [500, 'FST_CREATED_VERSION_INVALID'])
      const errors = logs.filter(({ level }) => level === 50)
      t.equal(errors.length, 1)
      // The stack has that of the cause.
      const details: string[] = environment === 'production' ? [errors[0].err.stack] : [errors[0].err.stack, message]
      for (const text of details) {
        t.match(text, `The current version cannot be read. Found: ${found}. Required: `)
        t.ok(text.split('. Fix: ')[1].startsWith(fix), text)
      }
      if (environment === 'production') {
        t.equal(message, 'The current version cannot be read. The log has the details')
        t.notMatch(response.body, 'secret')
      }
    }
  })
}

t.test('a resource whose lastModified() returns null has no date', async (t) => {
  const { app } = await appWith(t)
  const undated = resource<object>({ etag: () => null, lastModified: () => null as never })
  app.put('/things/:id', async (request) => request.assertPreconditions({}, { resource: undated }))
  t.equal(
    (await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-unmodified-since': BEFORE_T } })).statusCode,
    200
  )
})

t.test('assertPreconditions() without an argument is rejected, and undefined means that nothing exists', async (t) => {
  const { app, logs } = await appWith(t)
  app.put('/missing', async (request) => (request.assertPreconditions as () => void)())
  app.put('/nothing', async (request) => request.assertPreconditions(undefined))
  const { statusCode, code, message } = (await app.inject({ method: 'PUT', url: '/missing' })).json()
  t.same([statusCode, code], [500, 'FST_CREATED_VERSION_INVALID'])
  t.match(message, 'Found: assertPreconditions() was called without what exists now. Required: ')
  t.match(message, 'Fix: request.assertPreconditions(current), with null if nothing exists')
  t.match(logs.find(({ level }) => level === 50), { err: { message } })
  t.equal((await app.inject({ method: 'PUT', url: '/nothing' })).statusCode, 200)
})

t.test('validators that are rejected Promises are errors, and do not end the process', async (t) => {
  const rejected: unknown[] = []
  const onRejection = (reason: unknown) => { rejected.push(reason) }
  process.on('unhandledRejection', onRejection)
  t.teardown(() => process.off('unhandledRejection', onRejection))
  const { app } = await appWith(t)
  const fails = () => Promise.reject(new Error('gone')) as never
  const late = resource<object>({ etag: () => 1, lastModified: fails })
  app.put('/etag', async (request) => request.assertPreconditions({ etag: fails() }))
  app.put('/date', async (request) => request.assertPreconditions({ lastModified: fails() }))
  app.put('/resource', async (request) => request.assertPreconditions({}, { resource: late }))
  for (const url of ['/etag', '/date', '/resource']) {
    t.match(
      (await app.inject({ method: 'PUT', url })).json(),
      { statusCode: 500, code: 'FST_CREATED_VERSION_INVALID' },
      url
    )
  }
  await nextTurn()
  t.same(rejected, [])
})
