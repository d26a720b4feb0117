import { setImmediate as nextTurn } from 'node:timers/promises'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type HTTPMethods } from 'fastify'
import t, { type Test } from 'tap'
import created, { resource, weak, type PluginOptions, type Resource, type RouteDeclaration, type Validators } from '../../src/index.js'
import { guarded, header, rawRequest } from '../support.js'

const T = 'Mon, 03 Feb 2020 04:05:06 GMT'
const BEFORE_T = 'Mon, 03 Feb 2020 04:05:05 GMT'
const AFTER_T = 'Mon, 03 Feb 2020 04:05:07 GMT'
const at = (milliseconds = 0) => new Date(+new Date(T) + milliseconds)

/** What exists at the target, `null` where nothing does. */
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
  500: 'FST_CREATED_VALIDATOR_INVALID'
}

const tagged = resource<Validators & { id?: string }>({ etag: ({ etag }) => etag!, params: { id: () => 1 } })
const modified = resource<Validators & { id?: string }>({ etag: ({ etag }) => etag!, lastModified: ({ lastModified }) => lastModified!, params: { id: () => 1 } })
const resourceFor = (state: State): Resource<any> => state?.lastModified === undefined ? tagged : modified

interface Store { state: State, writes: number }

/** Does what the method says, after the preconditions. `describe` gives what is said of what exists now. */
function performer (store: Store, describe = (state: State): any => state) {
  return async function (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { state } = store
    request.assertPreconditions(describe(state))
    const validators = { etag: state?.etag ?? null, lastModified: state?.lastModified }
    if (request.method === 'GET' || request.method === 'HEAD') return state === null ? reply.callNotFound() as unknown as FastifyReply : reply.ok({ id: '1' }, validators)
    if (request.method === 'OPTIONS') return reply.noContent()
    store.writes++
    if (request.method === 'PUT') return reply.upserted({ id: '1' }, { ...validators, created: state === null })
    if (request.method === 'POST') return reply.created({ id: '1' }, { location: '/things/2', etag: null })
    return request.method === 'DELETE' ? reply.noContent() : reply.ok({ id: '1' }, validators)
  }
}

const UPDATES: HTTPMethods[] = ['PUT', 'PATCH', 'DELETE', 'OPTIONS']

function declare (app: FastifyInstance, handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>, own?: Resource<any>): void {
  const config = own === undefined ? {} : { resource: own }
  app.get('/things/:id', { config }, handler)
  app.route({ method: UPDATES, url: '/things/:id', config, handler })
  app.post('/things', { config }, handler)
}

async function late (t: Test, store: Store): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  declare(app, performer(store))
  await app.register(created, { enforcement: 'throw' })
  return app
}

const kinds: Array<[says: string, make: (t: Test, store: Store) => Promise<FastifyInstance>]> = [
  ['with a resource', async (t, store) => {
    const { app } = await guarded(t)
    declare(app, performer(store), resourceFor(store.state))
    return app
  }],
  ['with a resource, enforcement log', async (t, store) => {
    const { app } = await guarded(t, { enforcement: 'log' })
    declare(app, performer(store), resourceFor(store.state))
    return app
  }],
  ['without a resource', async (t, store) => {
    const { app } = await guarded(t)
    declare(app, performer(store))
    return app
  }],
  ['declared before the plugin', late]
]

const shown = ({ etag, lastModified }: Validators) => `${etag ?? 'what has no tag'}${lastModified === undefined ? '' : `, changed at T+${+lastModified - +at()} ms`}`

for (const [kind, make] of kinds) {
  t.test(`on routes ${kind} the truth table of RFC 9110 section 13 holds over HTTP`, async (t) => {
    for (const [method, state, headers, status] of all) {
      const store = { state, writes: 0 }
      const app = await make(t, store)
      const answer = await app.inject({ method: method as 'GET', url: method === 'POST' ? '/things' : '/things/1', headers })
      const says = `${method} of ${state === null ? 'nothing' : shown(state)} with ${JSON.stringify(headers)}`
      const isWritten = status < 300 && ['PUT', 'PATCH', 'DELETE', 'POST'].includes(method)
      t.same([answer.statusCode, store.writes], [status, isWritten ? 1 : 0], says)
      if (status === 412) t.equal(answer.headers.etag, state?.etag ?? undefined, `${says}: the current ETag`)
      if (status >= 400) t.equal(answer.headers.location, undefined)
      if (status >= 400 && method !== 'HEAD' && !(status === 404 && method === 'GET')) t.equal(answer.json().code, CODES[status], says)
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
  ['PUT', { etag: '"é"' }, ['If-Match: "é"'], 200],
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

t.test('over a socket, header lines that are repeated count as RFC 9110 section 5.3 wants', async (t) => {
  for (const [kind, make] of kinds.filter(([kind]) => !kind.includes('log'))) {
    for (const [method, state, lines, status] of duplicates) {
      const store = { state, writes: 0 }
      const app = await make(t, store)
      const answer = await rawRequest(app, `${method} /things/1 HTTP/1.1`, ...lines, 'Content-Length: 0')
      const says = `${method} with ${lines.join(', ')} on a route ${kind}`
      t.equal(answer.status, status, says)
      t.equal(store.writes, status < 300 && method !== 'GET' && method !== 'HEAD' ? 1 : 0, says)
      if (method === 'HEAD' || status === 304) t.equal(answer.body, '', says)
      if (status === 412) t.same(header(answer, 'etag'), typeof state?.etag === 'string' ? [state.etag] : [], says)
    }
  }
})

t.test('a 412 carries the current ETag, whatever the error handler of the user does', async (t) => {
  for (const scope of ['none', 'instance', 'route'] as const) {
    const { app } = await guarded(t)
    const forgets = (_error: unknown, _request: FastifyRequest, reply: FastifyReply) => { reply.send({ own: scope }) }
    if (scope === 'instance') app.setErrorHandler(forgets)
    app.put('/things/:id', { errorHandler: scope === 'route' ? forgets : undefined }, performer({ state: A, writes: 0 }))
    const answer = await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-match': '"B"' } })
    t.match({ status: answer.statusCode, etag: answer.headers.etag }, { status: 412, etag: '"A"' }, scope)
    t.match(answer.json(), scope === 'none' ? { code: 'FST_CREATED_PRECONDITION_FAILED', message: /If-Match/ } : { own: scope })
  }
})

t.test('every answer of assertPreconditions() keeps its status and headers through an error handler that forgets both', async (t) => {
  const requests: Array<[state: State, headers: Record<string, string>, method: 'PUT' | 'DELETE', status: number, own: object]> = [
    [A, { 'if-match': '"B"' }, 'PUT', 412, { etag: '"A"', 'cache-control': undefined }],
    [A, {}, 'PUT', 428, { etag: undefined, 'cache-control': 'no-store' }],
    [A, { 'if-match': 'B' }, 'PUT', 400, { etag: undefined }],
    [none, {}, 'DELETE', 404, { etag: undefined }]
  ]
  for (const [state, headers, method, status, own] of requests) {
    const { app, rules } = await guarded(t)
    app.setErrorHandler((_error, _request, reply) => { reply.send({ own: true }) })
    app.route({ method, url: '/things/:id', config: { created: { precondition: 'required' } }, handler: performer({ state, writes: 0 }) })
    const answer = await app.inject({ method, url: '/things/1', headers })
    t.equal(answer.statusCode, status)
    for (const [name, value] of Object.entries(own)) t.equal(answer.headers[name], value, `${status} with ${name}`)
    t.same(answer.json(), { own: true })
    t.same(rules(), [])
  }
})

// 428

type Requiring = [says: string, plugin: PluginOptions, route: RouteDeclaration | undefined, required: { withResource: boolean, without: boolean }]
const both = { withResource: true, without: true }
const neither = { withResource: false, without: false }
const onlyResources = { withResource: true, without: false }
const requiring: Requiring[] = [
  ['nothing says so', {}, undefined, neither],
  ['the route says so', {}, { precondition: 'required' }, both],
  ['the plugin says so', { precondition: 'required' }, undefined, onlyResources],
  ['the plugin says so, and the route something else', { precondition: 'required' }, { verbatim: false }, onlyResources],
  ['strict says so', { profile: 'strict' }, undefined, onlyResources],
  ['strict says so, the plugin does not', { profile: 'strict', precondition: 'optional' }, undefined, neither],
  ['the plugin says so, the route does not', { precondition: 'required' }, { precondition: 'optional' }, neither],
  ['strict says so, the route does not', { profile: 'strict' }, { precondition: 'optional' }, neither],
  ['the plugin does not say so, the route does', { precondition: 'optional' }, { precondition: 'required' }, both]
]

for (const [says, options, declaration, required] of requiring) {
  t.test(`where ${says}, a precondition is required ${required.withResource ? '' : 'nowhere'}${required.withResource && !required.without ? 'of routes with a resource' : ''}`, async (t) => {
    for (const withResource of [true, false]) {
      for (const method of ['PUT', 'PATCH', 'DELETE'] as const) {
        const { app, rules } = await guarded(t, options)
        const store: Store = { state: A, writes: 0 }
        const config = { ...withResource && { resource: tagged }, ...declaration && { created: declaration } }
        app.get('/things/:id', { config: withResource ? { resource: tagged } : {} }, performer(store))
        app.route({ method, url: '/things/:id', config, handler: performer(store) })
        const ask = async (headers: Record<string, string>) => await app.inject({ method, url: '/things/1', headers })

        const refused = withResource ? required.withResource : required.without
        const answer = await ask({})
        t.equal(answer.statusCode, refused ? 428 : method === 'DELETE' ? 204 : 200, `${method}, ${withResource ? 'with' : 'without'} a resource`)
        t.equal(store.writes, refused ? 0 : 1)
        if (refused) {
          t.match(answer.json(), { code: 'FST_CREATED_PRECONDITION_REQUIRED', message: /send If-Match with the ETag/ })
          t.equal(answer.headers['cache-control'], 'no-store')
        }
        // Preconditions that have to be ignored are none.
        for (const headers of [{ 'if-unmodified-since': T }, { 'if-modified-since': T }, { 'if-range': '"A"' }, { 'if-unmodified-since': 'never' }, { 'if-none-match': '"B"' }] as Array<Record<string, string>>) {
          t.equal((await ask(headers)).statusCode === 428, refused, JSON.stringify(headers))
        }
        for (const headers of [{ 'if-match': '"A"' }, { 'if-match': '*' }] as Array<Record<string, string>>) {
          t.ok((await ask(headers)).statusCode < 300, JSON.stringify(headers))
        }
        t.equal((await ask({ 'if-match': '"B"' })).statusCode, 412)
        t.equal((await ask({ 'if-match': 'A' })).statusCode, 400)
        store.state = none
        t.equal((await ask({})).statusCode, method === 'PUT' ? 201 : 404, 'nothing exists')
        t.same(rules(), [])
      }
    }
  })
}

t.test('a 428 names the header that can be sent', async (t) => {
  const named: Array<[state: State, message: RegExp]> = [
    [A, /send If-Match with the ETag/],
    [atT, /send If-Match with the ETag/],
    [dated, /send If-Unmodified-Since with the Last-Modified/],
    [{ etag: 'W/"A"', lastModified: at() }, /send If-Unmodified-Since with the Last-Modified/],
    [weakA, /send If-Match with the ETag/],
    [untagged, /send If-Match: \*\./]
  ]
  for (const withResource of [true, false]) {
    for (const [state, message] of named) {
      const { app } = await guarded(t)
      const store = { state, writes: 0 }
      const own = resourceFor(state)
      app.get('/things/:id', { config: withResource ? { resource: own } : {} }, performer(store))
      app.put('/things/:id', { config: { ...withResource && { resource: own }, created: { precondition: 'required' } } }, performer(store))
      const answer = await app.inject({ method: 'PUT', url: '/things/1' })
      t.equal(answer.statusCode, 428)
      t.match(answer.json().message, message)
      t.equal(answer.headers['cache-control'], 'no-store')
      t.equal(store.writes, 0)
    }
  }
})

t.test('where only a date is there, If-Unmodified-Since is what a 428 asks for, and it is enough', async (t) => {
  const { app } = await guarded(t, { precondition: 'required' })
  const store = { state: dated, writes: 0 }
  declare(app, performer(store), modified)
  for (const [headers, status] of [[{}, 428], [{ 'if-unmodified-since': T }, 200], [{ 'if-unmodified-since': BEFORE_T }, 412]] as const) {
    t.equal((await app.inject({ method: 'PUT', url: '/things/1', headers })).statusCode, status)
  }
  t.equal(store.writes, 1)
})

t.test('POST is required to say a precondition by its own route only, and a read never', async (t) => {
  for (const [options, declaration, status] of [[{}, { precondition: 'required' }, 428], [{ precondition: 'required' }, {}, 201], [{ profile: 'strict' }, {}, 201]] as const) {
    const { app } = await guarded(t, { ...options, rules: { 'created-etag': 'off' } })
    const store = { state: C, writes: 0 }
    app.get('/things/:id', { config: { resource: tagged, created: declaration } }, performer(store))
    app.post('/things', { config: { resource: tagged, created: declaration } }, performer(store))
    t.equal((await app.inject({ method: 'POST', url: '/things' })).statusCode, status)
    t.equal(store.writes, status === 201 ? 1 : 0)
    for (const method of ['GET', 'HEAD'] as const) t.equal((await app.inject({ method, url: '/things/1' })).statusCode, 200, method)
  }
})

// The order of answers

t.test('who may not, and what is malformed, is answered before any precondition', async (t) => {
  const { app, rules } = await guarded(t, { profile: 'strict' })
  const store = { state: A, writes: 0 }
  app.addHook('preHandler', (request, reply, done) => {
    if (request.headers.authorization !== undefined) return done()
    reply.code(401).send({ code: 'NO' })
  })
  declare(app, performer(store), tagged)
  app.put('/checked/:id', {
    schema: { params: { type: 'object', properties: { id: { type: 'integer' } } }, body: { type: 'object', required: ['name'] } },
    config: { resource: tagged }
  }, performer(store))
  const authorization = 'Bearer 1'
  const requests: Array<[url: string, method: 'PUT' | 'PATCH' | 'DELETE', headers: Record<string, string>, payload: object, status: number, code: string | undefined]> = [
    ['/things/1', 'PUT', { 'if-match': '"B"' }, {}, 401, 'NO'],
    ['/things/1', 'DELETE', {}, {}, 401, 'NO'],
    ['/things/1', 'PATCH', { 'if-match': 'malformed' }, {}, 401, 'NO'],
    ['/checked/1', 'PUT', { authorization, 'if-match': '"B"' }, {}, 400, 'FST_ERR_VALIDATION'],
    ['/checked/x', 'PUT', { authorization }, { name: 'x' }, 400, 'FST_ERR_VALIDATION'],
    ['/checked/1', 'PUT', { authorization, 'if-match': '"B"', 'content-type': 'application/xml' }, { name: 'x' }, 415, 'FST_ERR_CTP_INVALID_MEDIA_TYPE'],
    ['/checked/1', 'PUT', { authorization, 'if-match': '"B"' }, { name: 'x' }, 412, CODES[412]],
    ['/nowhere', 'PUT', { authorization, 'if-match': '"B"' }, {}, 404, undefined]
  ]
  for (const [url, method, headers, payload, status, code] of requests) {
    const answer = await app.inject({ method, url, headers, payload })
    t.equal(answer.statusCode, status, `${method} ${url}`)
    t.equal(answer.json().code, code)
    t.equal(answer.headers.etag, status === 412 ? '"A"' : undefined)
  }
  t.equal(store.writes, 0)
  t.same(rules(), [])
})

// What is given

const unfit: Array<[says: string, given: any, where: 'both' | 'resource' | 'other']> = [
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
  ['a date as a text', { etag: 1, lastModified: T }, 'both'],
  ['an invalid date alone', { lastModified: new Date(NaN) }, 'both'],
  ['a date alone, where a resource has an etag', { lastModified: at() }, 'resource']
]

t.test('what is given as the current state and is none is a 500, whatever the enforcement, and nothing is written', async (t) => {
  for (const [says, given, where] of unfit) {
    for (const enforcement of ['throw', 'log'] as const) {
      for (const withResource of [true, false]) {
        if (where === 'resource' && !withResource) continue
        const { app, logs } = await guarded(t, { enforcement })
        const store: Store = { state: A, writes: 0 }
        declare(app, performer(store, () => given), withResource ? modified : undefined)
        const asked = withResource ? ['PUT', 'PATCH', 'DELETE'] as const : ['PUT', 'PATCH', 'DELETE', 'POST'] as const
        for (const method of asked) {
          for (const headers of [{}, { 'if-match': '*' }]) {
            const answer = await app.inject({ method, url: method === 'POST' ? '/things' : '/things/1', headers })
            t.match({ status: answer.statusCode, code: answer.json().code }, { status: 500, code: 'FST_CREATED_VALIDATOR_INVALID' }, `${says}, ${enforcement}, ${method}, ${withResource ? 'with' : 'without'} a resource`)
            t.equal(answer.headers.etag, undefined)
          }
        }
        t.equal(store.writes, 0, says)
        t.match(logs.filter(({ level }) => level === 50)[0], { err: { code: 'FST_CREATED_VALIDATOR_INVALID' } })
      }
    }
  }
})

t.test('a Promise is refused also by a resource that says the same of everything', async (t) => {
  for (const etag of [() => 1, () => null, (value: any) => value.version ?? null]) {
    const { app } = await guarded(t)
    const store: Store = { state: A, writes: 0 }
    declare(app, performer(store, () => Promise.resolve(undefined)), resource<any>({ etag, params: { id: () => 1 } }))
    for (const method of ['PUT', 'DELETE'] as const) {
      const answer = await app.inject({ method, url: '/things/1' })
      t.match({ status: answer.statusCode, code: answer.json().code }, { status: 500, code: 'FST_CREATED_VALIDATOR_INVALID' }, method)
    }
    t.equal(store.writes, 0)
  }
})

t.test('a Promise that is refused does not end the process when it fails', async (t) => {
  const unhandled: unknown[] = []
  const note = (reason: unknown) => { unhandled.push(reason) }
  process.on('unhandledRejection', note)
  t.teardown(() => { process.off('unhandledRejection', note) })
  for (const withResource of [true, false]) {
    const { app } = await guarded(t)
    declare(app, performer({ state: A, writes: 0 }, () => Promise.reject(new Error('the database is gone'))), withResource ? tagged : undefined)
    t.equal((await app.inject({ method: 'PUT', url: '/things/1' })).json().code, 'FST_CREATED_VALIDATOR_INVALID')
  }
  // Node looks for unhandled rejections between two turns of its loop.
  await new Promise((resolve) => { setImmediate(resolve) })
  t.same(unhandled, [])
})

t.test('POST takes the validators of the collection, not those of its resource', async (t) => {
  const { app } = await guarded(t)
  const store: Store = { state: { id: '1' }, writes: 0 }
  declare(app, performer(store), tagged)
  t.match((await app.inject({ method: 'POST', url: '/things' })).json(), { statusCode: 500, code: 'FST_CREATED_VALIDATOR_INVALID' })
  t.equal(store.writes, 0)
  store.state = { lastModified: at() }
  for (const [date, status] of [[BEFORE_T, 412], [T, 201]] as const) {
    t.equal((await app.inject({ method: 'POST', url: '/things', headers: { 'if-unmodified-since': date } })).statusCode, status)
  }
})

// lostUpdate()

const conflicts: Array<[headers: Record<string, string>, status: number, says: RegExp]> = [
  [{}, 409, /Somebody else/],
  [{ 'if-match': '"A"' }, 412, /somebody else has changed/i],
  [{ 'if-match': '*' }, 412, /somebody else has changed/i],
  [{ 'if-none-match': '"B"' }, 412, /somebody else has changed/i],
  [{ 'if-unmodified-since': T }, 412, /somebody else has changed/i],
  [{ 'if-unmodified-since': 'never' }, 409, /Somebody else/],
  [{ 'if-modified-since': T }, 409, /Somebody else/],
  [{ 'if-none-match': '"B"', 'if-unmodified-since': 'never' }, 412, /somebody else has changed/i],
  [{ 'if-match': '"A"', 'if-none-match': '"B"', 'if-unmodified-since': T }, 412, /somebody else has changed/i]
]

t.test('lostUpdate() is 412 for a conditional request, else 409, with the ETag of what it is given', async (t) => {
  for (const asserts of [true, false]) {
    for (const withResource of [true, false]) {
      for (const current of [undefined, null, { etag: '"Z"', lastModified: at() }]) {
        for (const [headers, status, says] of conflicts) {
          // Without a resource that has a date, and before the state is known, no date counts.
          if (!asserts && !withResource && 'if-unmodified-since' in headers) continue
          const { app, rules } = await guarded(t)
          const config = { ...withResource && { resource: modified } }
          app.get('/things/:id', { config }, async (_request, reply) => reply.ok(atT))
          app.put('/things/:id', { config }, async (request) => {
            if (asserts) request.assertPreconditions(atT)
            throw request.lostUpdate(current)
          })
          const answer = await app.inject({ method: 'PUT', url: '/things/1', headers })
          t.match({ status: answer.statusCode, ...answer.json() }, { status, code: CODES[status], message: says }, `${JSON.stringify(headers)}, ${asserts ? 'after' : 'without'} assertPreconditions()`)
          t.equal(answer.headers.etag, current?.etag)
          t.same(rules(), [])
        }
      }
    }
  }
})

t.test('lostUpdate() takes a date for a precondition only where the resource has one', async (t) => {
  for (const [own, status] of [[tagged, 409], [modified, 412]] as const) {
    for (const asserts of [true, false]) {
      const { app } = await guarded(t)
      app.get('/things/:id', { config: { resource: own } }, async (_request, reply) => reply.ok(atT))
      app.put('/things/:id', { config: { resource: own } }, async (request) => {
        if (asserts) request.assertPreconditions(atT)
        throw request.lostUpdate()
      })
      t.equal((await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-unmodified-since': T } })).statusCode, status, `${status}, ${asserts}`)
    }
  }
})

t.test('lostUpdate() works on routes that the plugin has not seen, and keeps its status through an error handler that forgets it', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.setErrorHandler((_error, _request, reply) => { reply.send({}) })
  app.patch('/late/:id', async (request) => { throw request.lostUpdate({ etag: 8 }) })
  await app.register(created, { enforcement: 'throw' })
  for (const [headers, status] of [[{}, 409], [{ 'if-match': '"7"' }, 412]] as const) {
    const answer = await app.inject({ method: 'PATCH', url: '/late/1', headers })
    t.match([answer.statusCode, answer.headers.etag], [status, '"8"'])
  }
})

t.test('what lostUpdate() is given must be a state, too', async (t) => {
  for (const [says, given] of unfit.filter(([says]) => !says.includes('date'))) {
    const { app } = await guarded(t, { enforcement: 'log' })
    app.put('/things/:id', async (request) => { throw request.lostUpdate(given) })
    const answer = await app.inject({ method: 'PUT', url: '/things/1' })
    t.match([answer.statusCode, answer.json().code], [500, 'FST_CREATED_VALIDATOR_INVALID'], says)
  }
})

t.test('a resource with a weak tag is never matched, and If-Match: * matches it', async (t) => {
  const { app } = await guarded(t)
  const store: Store = { state: { etag: weak(7) }, writes: 0 }
  declare(app, performer(store), tagged)
  for (const [tag, status] of [['W/"7"', 412], ['"7"', 412], ['*', 200]] as const) {
    const answer = await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-match': tag } })
    t.equal(answer.statusCode, status, tag)
    t.equal(answer.headers.etag, 'W/"7"')
  }
})

t.test('a required precondition has to name the version that is there: If-None-Match alone does not', async (t) => {
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
    const { app } = await guarded(t)
    const store = { state: atT, writes: 0 }
    app.put('/things/:id', { config: { created: { precondition: 'required' } } }, performer(store))
    t.equal((await app.inject({ method: 'PUT', url: '/things/1', headers })).statusCode, status, JSON.stringify(headers))
    t.equal(store.writes, status === 200 ? 1 : 0)
  }
})

t.test('a resource that is given describes what exists, also where the route has none, and for a POST', async (t) => {
  const { app } = await guarded(t)
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
    t.match(await app.inject({ method, url, headers: { 'if-match': '"6"' } }), { statusCode: 412, headers: { etag: '"7"' } })
  }
  t.match(await app.inject({ method: 'PUT', url: '/lost' }), { statusCode: 409, headers: { etag: '"7"' } })
})

t.test('a resource that throws, or is none, is a fault of the server that quotes nothing', async (t) => {
  const throws = () => { throw new Error('secret') }
  for (const failing of [resource<object>({ etag: throws }), resource<object>({ etag: () => 1, lastModified: throws }), 'users' as never]) {
    const { app, logs } = await guarded(t)
    app.put('/', async (request) => request.assertPreconditions({ id: 1 }, { resource: failing }))
    const answer = await app.inject({ method: 'PUT', url: '/' })
    t.match(answer.json(), { statusCode: 500, code: 'FST_CREATED_VALIDATOR_INVALID' })
    t.notMatch(answer.body, 'secret')
    t.match(JSON.stringify(logs), typeof failing === 'string' ? 'it must be what resource() returns' : 'secret')
  }
})

t.test('a resource whose lastModified gives null has no date', async (t) => {
  const { app } = await guarded(t)
  const undated = resource<object>({ etag: () => null, lastModified: () => null as never })
  app.put('/things/:id', async (request) => request.assertPreconditions({}, { resource: undated }))
  t.equal((await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-unmodified-since': BEFORE_T } })).statusCode, 200)
})

t.test('assertPreconditions() without an argument is refused, and undefined is nothing there', async (t) => {
  const { app, logs } = await guarded(t)
  app.put('/untold', async (request) => (request.assertPreconditions as () => void)())
  app.put('/nothing', async (request) => request.assertPreconditions(undefined))
  t.match((await app.inject({ method: 'PUT', url: '/untold' })).json(), { statusCode: 500, code: 'FST_CREATED_VALIDATOR_INVALID' })
  t.match(JSON.stringify(logs), 'was not told what exists now')
  t.equal((await app.inject({ method: 'PUT', url: '/nothing' })).statusCode, 200)
})

t.test('validators that are rejecting Promises are refused, and do not end the process', async (t) => {
  const rejected: unknown[] = []
  const onRejection = (reason: unknown) => { rejected.push(reason) }
  process.on('unhandledRejection', onRejection)
  t.teardown(() => process.off('unhandledRejection', onRejection))
  const { app } = await guarded(t)
  const fails = () => Promise.reject(new Error('gone')) as never
  const late = resource<object>({ etag: () => 1, lastModified: fails })
  app.put('/etag', async (request) => request.assertPreconditions({ etag: fails() }))
  app.put('/date', async (request) => request.assertPreconditions({ lastModified: fails() }))
  app.put('/resource', async (request) => request.assertPreconditions({}, { resource: late }))
  for (const url of ['/etag', '/date', '/resource']) {
    t.match((await app.inject({ method: 'PUT', url })).json(), { statusCode: 500, code: 'FST_CREATED_VALIDATOR_INVALID' }, url)
  }
  await nextTurn()
  t.same(rejected, [])
})
