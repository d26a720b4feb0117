import fc from 'fast-check'
import type { FastifyReply, FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import created, { resource, weak, type EntityTagInput, type PluginOptions, type Resource, type RouteDeclaration } from '../../src/index.js'
import { guarded, header, rawRequest, type Guarded } from '../support.js'

interface Thing { id: string, version: EntityTagInput }
const one: Thing = { id: '1', version: 7 }
/** For handlers declared apart from their routes, where TypeScript knows of no resource. */
const current: object = one
const plain = resource<Thing>({ etag: ({ version }) => version })
const dated = resource<Thing>({ etag: ({ version }) => version, lastModified: () => new Date('2020-02-03T04:05:06Z') })
const strict: PluginOptions = { profile: 'strict' }
const T = 'Mon, 03 Feb 2020 04:05:06 GMT'
const UPDATES = ['PUT', 'PATCH', 'DELETE'] as const

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown
type Declared = RouteDeclaration | false | undefined

/** A home, and every other method at its address by `handler`. */
async function updates (t: Test, handler: Handler, own: Resource<Thing> | undefined, declared?: Declared, options: PluginOptions = {}): Promise<Guarded> {
  const made = await guarded(t, { precondition: 'optional', ...options })
  const config = { ...own && { resource: own }, ...declared !== undefined && { created: declared } }
  const handle = async (request: FastifyRequest, reply: FastifyReply) => { await handler(request, reply); return reply }
  made.app.get('/things/:id', { config: own === undefined ? {} : { resource: own } }, async (_request, reply) => reply.ok(one, { etag: 7 }))
  made.app.route({ method: [...UPDATES], url: '/things/:id', config, handler: handle })
  made.app.post('/things', { config }, handle)
  return made
}

const ignores: Handler = (_request, reply) => reply.send(one)

// precondition-evaluated

type Condition = [headers: Record<string, string>, isCondition: { plain: boolean, dated: boolean }]
const always = { plain: true, dated: true }
const never = { plain: false, dated: false }
const conditions: Condition[] = [
  [{}, never],
  [{ 'if-match': '"7"' }, always],
  [{ 'if-match': '"6"' }, always],
  [{ 'if-match': '*' }, always],
  [{ 'if-match': '' }, always],
  [{ 'if-match': 'malformed' }, always],
  [{ 'if-none-match': '*' }, always],
  [{ 'if-none-match': '"7"' }, always],
  [{ 'if-none-match': 'malformed' }, always],
  [{ 'if-unmodified-since': T }, { plain: false, dated: true }],
  [{ 'if-unmodified-since': '2020-02-03' }, never],
  [{ 'if-unmodified-since': '' }, never],
  [{ 'if-modified-since': T }, never],
  [{ 'if-range': '"7"' }, never],
  [{ if: '(["7"])' }, never],
  [{ range: 'bytes=0-1' }, never]
]

t.test('precondition-evaluated: what a handler ignores of a conditional update does not pass', async (t) => {
  for (const [name, own] of Object.entries({ plain, dated })) {
    for (const enforcement of ['throw', 'log'] as const) {
      const { app, violations, logs } = await updates(t, ignores, own, undefined, { enforcement })
      for (const method of [...UPDATES, 'POST'] as const) {
        for (const [headers, isCondition] of conditions) {
          const answer = await app.inject({ method, url: method === 'POST' ? '/things' : '/things/1', headers })
          const isBroken = method !== 'POST' && isCondition[name as 'plain' | 'dated']
          const says = `${method} of a ${name} resource with ${JSON.stringify(headers)}, ${enforcement}`
          t.same(violations.splice(0).map(({ rule, severity, url }) => [rule, severity, url]), isBroken ? [['precondition-evaluated', 'error', '/things/:id']] : [], says)
          t.equal(answer.statusCode, isBroken && enforcement === 'throw' ? 500 : 200, says)
          if (answer.statusCode === 500) t.match(answer.json(), { code: 'FST_CREATED_VIOLATION', message: /precondition-evaluated/ })
          else t.same(answer.json(), one)
        }
      }
      t.match(logs.filter(({ rule }) => rule !== undefined), [{ level: 50, rule: 'precondition-evaluated', spec: /13\.2\.1/, route: { url: '/things/:id' }, msg: /call request\.assertPreconditions\(current\)/ }])
    }
  }
})

t.test('precondition-evaluated: over a socket, a date that is repeated is none', async (t) => {
  const { app, rules } = await updates(t, ignores, dated)
  const put = async (...lines: string[]) => await rawRequest(app, 'PUT /things/1 HTTP/1.1', ...lines, 'Content-Length: 0')
  t.equal((await put(`If-Unmodified-Since: ${T}`, `If-Unmodified-Since: ${T}`)).status, 200)
  t.same(rules(), [])
  t.equal((await put(`If-Unmodified-Since: ${T}`)).status, 500)
  t.equal((await put('If-Match: "7"', 'If-Match: "8"')).status, 500)
  t.same(rules(), ['precondition-evaluated', 'precondition-evaluated'])
})

const helpers: Array<[says: string, handler: Handler, status: number]> = [
  ['send()', ignores, 200],
  ['a 201 by hand', (_request, reply) => reply.code(201).send(one), 201],
  ['a 202', (_request, reply) => reply.code(202).send(one), 202],
  ['a 204', (_request, reply) => reply.code(204).send(), 204],
  ['a 299', (_request, reply) => reply.code(299).send(), 299],
  ['ok()', (_request, reply) => reply.ok(one, { etag: 8 }), 200],
  ['upserted()', (_request, reply) => reply.upserted(one, { created: false, etag: 8 }), 200],
  ['noContent()', (_request, reply) => reply.noContent(), 204],
  ['a Response', (_request, reply) => reply.send(new Response('text', { status: 200 })), 200]
]

t.test('precondition-evaluated: any 2xx counts, by hand or by a helper, and no other answer', async (t) => {
  for (const [says, handler, status] of helpers) {
    const { app, rules } = await updates(t, handler, plain, { enforcement: 'log' })
    t.equal((await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-match': '"7"' } })).statusCode, status, says)
    t.same(rules(), ['precondition-evaluated'], says)
  }
  for (const status of [300, 303, 400, 401, 403, 404, 409, 412, 422, 428, 500, 503]) {
    const { app, rules } = await updates(t, (_request, reply) => reply.code(status).send({}), plain, {}, strict)
    t.equal((await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-match': '"7"' } })).statusCode, status)
    t.same(rules(), [], `${status}`)
  }
})

t.test('precondition-evaluated: who looks is silent, also where the answer is not theirs', async (t) => {
  const looks: Array<[says: string, handler: Handler]> = [
    ['before', (request, reply) => { request.assertPreconditions(current); return reply.send(one) }],
    ['and catches the 412', (request, reply) => {
      try { request.assertPreconditions(current) } catch {}
      return reply.send(one)
    }]
  ]
  for (const [says, handler] of looks) {
    const { app, rules } = await updates(t, handler, dated)
    for (const method of UPDATES) {
      for (const [headers] of conditions) {
        t.ok((await app.inject({ method, url: '/things/1', headers })).statusCode < 500, says)
      }
    }
    t.same(rules(), [])
  }
})

t.test('precondition-evaluated: a look at something that has no version is none', async (t) => {
  const { app, rules } = await updates(t, (request, reply) => {
    try { request.assertPreconditions({}) } catch {}
    return reply.send(one)
  }, plain)
  t.equal((await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-match': '"7"' } })).statusCode, 500)
  t.same(rules(), ['precondition-evaluated'])
})

t.test('precondition-evaluated: lostUpdate() alone does not look', async (t) => {
  const { app, rules } = await updates(t, (request, reply) => { request.lostUpdate(); return reply.send(one) }, plain)
  t.equal((await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-match': '"7"' } })).statusCode, 500)
  t.same(rules(), ['precondition-evaluated'])
})

t.test('precondition-evaluated: a route that requires a precondition has to look at every request', async (t) => {
  const declarations: Array<[declared: Declared, options: PluginOptions, own: Resource<Thing> | undefined, isRequired: boolean]> = [
    [{ precondition: 'required' }, {}, plain, true],
    [{ precondition: 'required' }, {}, undefined, true],
    [undefined, { precondition: 'required' }, plain, true],
    [undefined, { precondition: 'required' }, undefined, false],
    [undefined, { profile: 'strict', precondition: 'required' }, plain, true],
    [{ precondition: 'optional' }, { precondition: 'required' }, plain, false],
    [{ precondition: 'optional' }, {}, undefined, false]
  ]
  for (const [declared, options, own, isRequired] of declarations) {
    const { app, violations } = await updates(t, (_request, reply) => reply.code(204).send(), own, declared, options)
    for (const method of UPDATES) {
      t.equal((await app.inject({ method, url: '/things/1' })).statusCode, isRequired ? 500 : 204)
      t.match(violations.splice(0), isRequired ? [{ rule: 'precondition-evaluated', message: /requires a precondition, and nobody has looked/ }] : [])
    }
    t.equal((await app.inject({ method: 'POST', url: '/things' })).statusCode, 204, 'POST is not asked')
  }
})

t.test('precondition-evaluated: a route without a resource is asked where it says `precondition`', async (t) => {
  for (const [declared, isAsked] of [[{ precondition: 'optional' }, true], [{ precondition: 'required' }, true], [{ verbatim: true }, false], [undefined, false], [false, false]] as const) {
    const { app, rules } = await updates(t, ignores, undefined, declared)
    t.equal((await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-match': '"7"' } })).statusCode, isAsked ? 500 : 200)
    t.same(rules(), isAsked ? ['precondition-evaluated'] : [])
  }
})

t.test('precondition-evaluated: off, warn, and exempt', async (t) => {
  for (const [options, declared, broken, status] of [
    [{ rules: { 'precondition-evaluated': 'off' } }, undefined, [], 200],
    [{ rules: { 'precondition-evaluated': 'warn' } }, undefined, ['warn'], 200],
    [{ rules: { 'precondition-evaluated': 'off' } }, { rules: { 'precondition-evaluated': 'error' } }, ['error'], 500],
    [{}, { rules: { 'precondition-evaluated': 'off' } }, [], 200],
    [{}, { enforcement: 'log' }, ['error'], 200],
    [{}, false, [], 200],
    [strict, false, [], 200]
  ] as const) {
    const { app, violations } = await updates(t, ignores, plain, declared, options)
    t.equal((await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-match': '"7"' } })).statusCode, status)
    t.same(violations.map(({ severity }) => severity), broken)
  }
})

t.test('precondition-evaluated: what is refused announces nothing', async (t) => {
  const { app } = await updates(t, (_request, reply) => reply.headers({ 'last-modified': T, 'cache-control': 'max-age=60', 'content-location': '/things/1' }).upserted({ ...one, id: 'hunter2' }, { created: true, etag: 8 }), plain)
  const answer = await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-match': '"7"' } })
  t.equal(answer.statusCode, 500)
  for (const name of ['etag', 'last-modified', 'cache-control', 'content-location', 'location']) t.equal(answer.headers[name], undefined, name)
  t.notMatch(answer.body, 'hunter2')
})

const aHeader = fc.tuple(
  fc.constantFrom('if-match', 'if-none-match', 'if-unmodified-since', 'if-modified-since', 'if-range', 'prefer', 'content-range', 'overwrite', 'if', 'range', 'expect'),
  fc.constantFrom('*', '"7"', 'W/"7"', '"a,b", "7"', '', ',', '"', 'x', T, '2020-01-01', 'return=minimal', 'return=representation, return=minimal', 'bytes 0-1/2', 'T', 'F')
)
const aRequest = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'),
  // Node answers 417 to an Expect of which it knows nothing.
  headers: fc.array(aHeader, { maxLength: 5 }).map((pairs) => Object.fromEntries(pairs.filter(([name]) => name !== 'expect')))
})

t.test('no request that a client can make breaks a rule of routes without declarations, in strict and with prefer', async (t) => {
  const { app, rules } = await guarded(t, { ...strict, prefer: true })
  app.get('/plain', async (_request, reply) => reply.ok(one, { etag: 7, lastModified: new Date(T) }))
  app.route({ method: [...UPDATES, 'POST'], url: '/plain', handler: async (request, reply) => request.method === 'POST' ? one : reply.noContent() })
  app.put('/upserted', async (_request, reply) => reply.upserted(one, { created: true }))
  app.post('/created', async (_request, reply) => reply.created(one, { location: '/plain', etag: 7 }))
  app.patch('/asserted', async (request, reply) => {
    request.assertPreconditions({ etag: 7 })
    return reply.ok(one, { etag: 8 })
  })
  const statuses = new Set<number>()
  await fc.assert(fc.asyncProperty(aRequest, fc.constantFrom('/plain', '/upserted', '/created', '/asserted'), async ({ method, headers }, url) => {
    const { statusCode } = await app.inject({ method: method as 'GET', url, headers })
    statuses.add(statusCode)
    return statusCode < 500 && rules().length === 0
  }), { numRuns: 3000 })
  for (const status of [200, 201, 204, 304, 400, 404, 412]) t.ok(statuses.has(status), `${status} is among the answers`)
})

t.test('no request that a client can make breaks a rule of routes with a resource that do as they should', async (t) => {
  const { app, rules } = await guarded(t, { ...strict, prefer: true })
  app.get('/things/:id', { config: { resource: dated } }, async (_request, reply) => reply.ok(one))
  app.post('/things', { config: { resource: dated } }, async (_request, reply) => reply.created(one))
  app.put('/things/:id', { config: { resource: dated } }, async (request, reply) => {
    request.assertPreconditions(one)
    return reply.upserted(one, { created: false })
  })
  app.route({
    method: ['PATCH', 'DELETE'],
    url: '/things/:id',
    config: { resource: dated, created: { precondition: 'optional' } },
    handler: async (request, reply) => {
      request.assertPreconditions(one)
      return request.method === 'DELETE' ? reply.noContent() : reply.ok(one)
    }
  })
  const statuses = new Set<number>()
  await fc.assert(fc.asyncProperty(aRequest, async ({ method, headers }) => {
    const { statusCode } = await app.inject({ method: method as 'GET', url: method === 'POST' ? '/things' : '/things/1', headers })
    statuses.add(statusCode)
    return statusCode < 500 && rules().length === 0
  }), { numRuns: 3000 })
  t.same([...statuses].sort(), [200, 201, 204, 304, 400, 412, 428])
})

// put-content-range

const RANGE = { 'content-range': 'bytes 0-1/2' }
type RangeCase = [says: string, method: 'PUT' | 'PATCH' | 'POST' | 'DELETE', headers: Record<string, string>, own: Resource<Thing> | undefined, declared: Declared, options: PluginOptions, status: number, broken: string[]]
const ranges: RangeCase[] = [
  ['of a resource', 'PUT', RANGE, plain, undefined, {}, 400, []],
  ['of a resource, in strict', 'PUT', RANGE, plain, undefined, strict, 400, []],
  ['of a resource, where enforcement is log', 'PUT', RANGE, plain, undefined, { enforcement: 'log' }, 400, []],
  ['with a range that says nothing', 'PUT', { 'content-range': '' }, plain, undefined, {}, 400, []],
  ['with a range of another unit', 'PUT', { 'content-range': 'lines */3' }, plain, undefined, {}, 400, []],
  ['where the rule is a warning', 'PUT', RANGE, plain, undefined, { rules: { 'put-content-range': 'warn' } }, 200, ['put-content-range']],
  ['where the rule is a warning of the route', 'PUT', RANGE, plain, { rules: { 'put-content-range': 'warn' } }, {}, 200, ['put-content-range']],
  ['where the rule is off', 'PUT', RANGE, plain, undefined, { rules: { 'put-content-range': 'off' } }, 200, []],
  ['where the route has it off', 'PUT', RANGE, plain, { rules: { 'put-content-range': 'off' } }, {}, 200, []],
  ['where the route has it on', 'PUT', RANGE, plain, { rules: { 'put-content-range': 'error' } }, { rules: { 'put-content-range': 'off' } }, 400, []],
  ['of an exempt route', 'PUT', RANGE, plain, false, {}, 200, []],
  ['of a route without a resource', 'PUT', RANGE, undefined, undefined, strict, 200, []],
  ['of a route without a resource that says `precondition`', 'PUT', RANGE, undefined, { precondition: 'optional' }, {}, 200, []],
  ['by PATCH', 'PATCH', RANGE, plain, undefined, {}, 200, []],
  ['by POST', 'POST', RANGE, plain, undefined, {}, 200, []],
  ['by DELETE', 'DELETE', RANGE, plain, undefined, {}, 200, []],
  ['with Range', 'PUT', { range: 'bytes=0-1' }, plain, undefined, {}, 200, []],
  ['without a range', 'PUT', {}, plain, undefined, {}, 200, []],
  // Uploads go on by PATCH: with a header that any client can send, PUT replaces the whole all the same.
  ['with a header of tus', 'PUT', { ...RANGE, 'tus-resumable': '1.0.0' }, plain, undefined, {}, 400, []],
  ['with a header of resumable uploads', 'PUT', { ...RANGE, 'upload-offset': '0' }, plain, undefined, {}, 400, []]
]

for (const [says, method, headers, own, declared, options, status, broken] of ranges) {
  t.test(`put-content-range: ${method} ${says} is ${status === 400 ? 'answered 400, and its handler does not run' : `let in${broken.length > 0 ? ', and logged' : ''}`}`, async (t) => {
    let runs = 0
    const { app, violations, logs } = await updates(t, (request, reply) => {
      runs++
      request.assertPreconditions(method === 'POST' || own === undefined ? { etag: 7 } : current)
      return reply.send({ ok: true })
    }, own, declared, { ...options, precondition: 'optional' })
    const url = method === 'POST' ? '/things' : '/things/1'
    for (const more of [{}, { 'if-match': '"6"' }]) {
      const answer = await app.inject({ method, url, headers: { ...headers, ...more } })
      const expected = status === 200 && 'if-match' in more ? 412 : status
      t.equal(answer.statusCode, expected)
      if (status === 400) t.match(answer.json(), { code: 'FST_CREATED_CONTENT_RANGE', message: /without Content-Range/ })
    }
    t.equal(runs, status === 400 ? 0 : 2)
    t.same(violations.map(({ rule, severity, url }) => [rule, severity, url]), [...broken, ...broken].map((rule) => [rule, 'warn', '/things/:id']))
    t.same(logs.filter(({ rule }) => rule !== undefined).map(({ level, rule }) => [level, rule]), broken.map((rule) => [40, rule]))
  })
}

t.test('put-content-range: who may not is answered 401, and what is malformed 400, before', async (t) => {
  const { app, rules } = await guarded(t)
  const forbids = (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    if (request.headers.authorization !== undefined) return done()
    reply.code(401).send({ code: 'NO' })
  }
  let runs = 0
  const handler = async () => { runs++; return one }
  app.get('/things/:id', { config: { resource: plain } }, async (_request, reply) => reply.ok(one))
  const schema = { body: { type: 'object', required: ['name'] } }
  app.put('/things/:id', { preHandler: forbids, schema, config: { resource: plain } }, handler)
  app.put('/listed/:id', { preHandler: [forbids], schema, config: { resource: plain } }, handler)
  app.register(async (scope) => {
    scope.put('/hooked/:id', { schema, config: { resource: plain } }, handler)
    scope.addHook('preHandler', forbids)
  })
  for (const url of ['/things/1', '/listed/1', '/hooked/1']) {
    const put = async (headers: Record<string, string>, payload: object) => (await app.inject({ method: 'PUT', url, headers: { ...RANGE, ...headers }, payload })).json().code
    t.equal(await put({}, { name: 'x' }), 'NO', url)
    t.equal(await put({ authorization: 'x' }, {}), 'FST_ERR_VALIDATION', url)
    t.equal(await put({ authorization: 'x' }, { name: 'x' }), 'FST_CREATED_CONTENT_RANGE', url)
  }
  t.equal(runs, 0)
  t.same(rules(), [])
})

t.test('put-content-range: of the methods of one route, PUT alone is asked, over a socket too', async (t) => {
  const { app } = await updates(t, (request, reply) => { request.assertPreconditions(current); return reply.send(one) }, plain)
  const answer = await rawRequest(app, 'PUT /things/1 HTTP/1.1', 'Content-Range: bytes 0-1/2', 'Content-Length: 0')
  t.equal(answer.status, 400)
  t.same(header(answer, 'etag'), [])
  t.equal((await rawRequest(app, 'PATCH /things/1 HTTP/1.1', 'Content-Range: bytes 0-1/2', 'Content-Length: 0')).status, 200)
})

t.test('put-content-range: where a scope registers the plugin again, that instance counts', async (t) => {
  for (const [outer, inner, status] of [['error', 'off', 200], ['off', 'error', 400], ['error', 'error', 400], ['off', 'off', 200]] as const) {
    const { app, rules } = await guarded(t, { rules: { 'put-content-range': outer } })
    app.register(async (scope) => {
      await scope.register(created, { enforcement: 'throw', rules: { 'put-content-range': inner } })
      scope.get('/things/:id', { config: { resource: plain } }, async (_request, reply) => reply.ok(one))
      scope.put('/things/:id', { config: { resource: plain } }, async (_request, reply) => reply.upserted(one, { created: false }))
    })
    t.equal((await app.inject({ method: 'PUT', url: '/things/1', headers: RANGE })).statusCode, status, `outside ${outer}, inside ${inner}`)
    t.same(rules(), [])
  }
})

// put-validator

type Validating = [says: string, handler: Handler, broken: boolean]
const validating: Validating[] = [
  ['an ETag by hand', (_request, reply) => reply.header('etag', '"8"').send(one), true],
  ['a Last-Modified by hand', (_request, reply) => reply.header('last-modified', T).send(one), true],
  ['an ETag on a 201', (_request, reply) => reply.code(201).header('etag', '"8"').send(one), true],
  ['an ETag on a 204', (_request, reply) => reply.code(204).header('etag', '"8"').send(), true],
  ['an ETag in a Response', (_request, reply) => reply.send(new Response('x', { headers: { etag: '"8"' } })), true],
  ['upserted(), which leaves it off', (_request, reply) => reply.upserted(one, { created: false, etag: 8, lastModified: new Date(T) }), false],
  ['upserted() that creates', (_request, reply) => reply.upserted(one, { created: true, etag: 8 }), false],
  ['ok(), which leaves it off', (_request, reply) => reply.ok(one, { etag: 8, lastModified: new Date(T) }), false],
  ['noContent(), which leaves it off', (_request, reply) => reply.noContent({ etag: 8 }), false],
  ['an ETag on a 409', (_request, reply) => reply.code(409).header('etag', '"8"').send({}), false],
  ['an ETag on a 303', (_request, reply) => reply.code(303).headers({ etag: '"8"', location: '/' }).send(), false]
]

for (const [says, handler, broken] of validating) {
  t.test(`put-validator: an answer to PUT with ${says} ${broken ? 'is broken' : 'is silent'}`, async (t) => {
    for (const method of ['PUT', 'PATCH'] as const) {
      for (const own of [plain, undefined]) {
        for (const [options, declared, severity] of [
          [{}, {}, 'off'],
          [strict, {}, 'error'],
          [{ rules: { 'put-validator': 'warn' } }, {}, 'warn'],
          [strict, { verbatim: true }, 'off'],
          [strict, { rules: { 'put-validator': 'off' } }, 'off'],
          [strict, false, 'off']
        ] as const) {
          const { app, violations } = await updates(t, handler, own, declared, options)
          const answer = await app.inject({ method, url: '/things/1', headers: {} })
          const isBroken = broken && method === 'PUT' && severity !== 'off'
          const where = `${method}, ${own === undefined ? 'without' : 'with'} a resource, ${severity}`
          t.same(violations.map(({ rule, severity }) => [rule, severity]), isBroken ? [['put-validator', severity]] : [], where)
          t.equal(answer.statusCode === 500, isBroken && severity === 'error', where)
          // What the helpers of an exempt route do is as the plugin says.
          const isLeftOff = method === 'PUT' && (severity !== 'off' || declared === false)
          if (says.includes('()')) t.equal(answer.headers.etag, isLeftOff ? undefined : '"8"', where)
        }
      }
    }
  })
}

// precondition-weak and precondition-status

t.test('precondition-weak: the answers to updates count as well as those of the home', async (t) => {
  for (const [declared, expected] of [[{ precondition: 'required' }, ['precondition-weak']], [{ precondition: 'optional' }, []]] as const) {
    const { app, rules } = await updates(t, (request, reply) => {
      const before: object = { id: '1', version: weak(7) }
      request.assertPreconditions(before)
      return reply.ok({ id: '1', version: weak(8) })
    }, plain, declared)
    t.equal((await app.inject({ method: 'PATCH', url: '/things/1', headers: { 'if-match': '*' } })).statusCode, 200)
    t.same(rules(), expected)
  }
})

t.test('precondition-status: a 412 of assertPreconditions() or lostUpdate() breaks no rule, and in strict one by hand without a condition is warned of', async (t) => {
  const handlers: Array<[handler: Handler, headers: Record<string, string>, broken: string[]]> = [
    [(request) => { request.assertPreconditions(current) }, { 'if-match': '"6"' }, []],
    [(request) => { request.assertPreconditions(current) }, { 'if-unmodified-since': 'Mon, 03 Feb 2020 04:05:05 GMT' }, []],
    [(request) => { throw request.lostUpdate(current) }, { 'if-match': '"7"' }, []],
    [(_request, reply) => reply.code(412).send({}), { 'if-match': '"7"' }, []],
    [(_request, reply) => reply.code(412).send({}), {}, ['precondition-status']]
  ]
  for (const [handler, headers, broken] of handlers) {
    const { app, violations } = await updates(t, handler, dated, {}, strict)
    t.equal((await app.inject({ method: 'PUT', url: '/things/1', headers })).statusCode, 412)
    t.same(violations.map(({ rule, severity }) => [rule, severity]), broken.map((rule) => [rule, 'warn']))
  }
})

t.test('precondition-status: a 409 of lostUpdate() and a 428 break no rule', async (t) => {
  for (const [handler, status] of [[(request: FastifyRequest) => { throw request.lostUpdate(current) }, 409], [(request: FastifyRequest) => { request.assertPreconditions(current) }, 428]] as const) {
    const { app, rules } = await updates(t, handler, plain, {}, { ...strict, precondition: 'required' })
    for (const method of UPDATES) t.equal((await app.inject({ method, url: '/things/1' })).statusCode, status)
    t.same(rules(), [])
  }
})

t.test('precondition-evaluated: an error that its handler answers with 200 has written nothing', async (t) => {
  const { app, rules } = await guarded(t)
  app.setErrorHandler((_error, _request, reply) => { reply.code(200).send({ ok: false }) })
  app.put('/things/:id', { schema: { body: { type: 'object', required: ['name'] } }, config: { created: { precondition: 'required' } } }, async () => 'written')
  const answer = await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-match': '"1"' }, payload: {} })
  t.match({ status: answer.statusCode, body: answer.json() }, { status: 200, body: { ok: false } })
  t.same(rules(), [])
})

t.test('precondition-evaluated: no header that any client can send opens a way around it', async (t) => {
  for (const header of ['tus-resumable', 'upload-offset', 'upload-anything']) {
    const { app, rules } = await guarded(t)
    app.put('/things/:id', { config: { created: { precondition: 'optional' } } }, async () => 'written')
    const answer = await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-match': '"1"', [header]: '1' } })
    t.equal(answer.statusCode, 500)
    t.same(rules(), ['precondition-evaluated'])
  }
})
