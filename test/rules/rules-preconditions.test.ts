import fc from 'fast-check'
import type { FastifyReply, FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import fastifyCreated, {
  resource, weak, type CreatedRouteOptions, type EntityTagInput, type FastifyCreatedOptions, type Resource, type RuleId
} from '../../src/index.js'
import { appWith, header, rawRequest, type AppWith } from '../support.js'

interface Thing { id: string, version: EntityTagInput }
const one: Thing = { id: '1', version: 7 }
/** For handlers declared apart from their routes, where TypeScript knows of no resource. */
const current: object = one
const plain = resource<Thing>({ etag: ({ version }) => version })
const dated = resource<Thing>({ etag: ({ version }) => version, lastModified: () => new Date('2020-02-03T04:05:06Z') })
const strict: FastifyCreatedOptions = { profile: 'strict' }
const T = 'Mon, 03 Feb 2020 04:05:06 GMT'
const UPDATES = ['PUT', 'PATCH', 'DELETE'] as const

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown

interface Things {
  handler: Handler
  resource?: Resource<Thing> | undefined
  created?: CreatedRouteOptions | false | undefined
  options?: FastifyCreatedOptions
}

/** A canonical route, and a route of every other method that `handler` answers. */
async function withThings (t: Test, { handler, resource, created, options }: Things): Promise<AppWith> {
  const made = await appWith(t, { precondition: 'optional', ...options })
  const config = { ...resource && { resource }, ...created !== undefined && { created } }
  const handle = async (request: FastifyRequest, reply: FastifyReply) => { await handler(request, reply); return reply }
  made.app.get('/things/:id', { config: resource === undefined ? {} : { resource } }, async (_request, reply) =>
    reply.ok(one, { etag: 7 }))
  made.app.route({ method: [...UPDATES], url: '/things/:id', config, handler: handle })
  made.app.post('/things', { config }, handle)
  return made
}

const ignores: Handler = (_request, reply) => reply.send(one)

/** `PUT /things/1`, on condition of the version 7. */
const put = { method: 'PUT', url: '/things/1', headers: { 'if-match': '"7"' } } as const

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

t.test('precondition-evaluated: a conditional update whose condition the handler ignores breaks it', async (t) => {
  for (const [name, resource] of Object.entries({ plain, dated })) {
    for (const enforcement of ['throw', 'log'] as const) {
      const { app, violations, logs } = await withThings(t, { handler: ignores, resource, options: { enforcement } })
      for (const method of [...UPDATES, 'POST'] as const) {
        for (const [headers, isCondition] of conditions) {
          const response = await app.inject({ method, url: method === 'POST' ? '/things' : '/things/1', headers })
          const isBroken = method !== 'POST' && isCondition[name as 'plain' | 'dated']
          const where = `${method} of a ${name} resource with ${JSON.stringify(headers)}, ${enforcement}`
          const broken = isBroken ? [['precondition-evaluated', 'error', method, '/things/:id']] : []
          t.same(violations.map(({ rule, severity, method, url }) => [rule, severity, method, url]), broken, where)
          if (isBroken) {
            t.match(violations.splice(0)[0], {
              found: 'the request has a precondition, and the handler has not called assertPreconditions()',
              fix: 'request.assertPreconditions(current), before the write'
            })
          }
          t.equal(response.statusCode, isBroken && enforcement === 'throw' ? 500 : 200, where)
          const message = `${method} /things/:id broke the rule precondition-evaluated. `
          if (response.statusCode === 500) t.match(response.json(), { code: 'FST_CREATED_VIOLATION', message })
          else t.same(response.json(), one)
        }
      }
      const lines = logs.filter(({ level }) => level === 50)
      const text = /Fix: request\.assertPreconditions\(current\), before the write\. See /
      if (enforcement === 'throw') {
        for (const line of lines) t.match(line, { err: { rule: 'precondition-evaluated' }, msg: text })
      } else {
        t.match(lines, UPDATES.map((method) => ({
          rule: 'precondition-evaluated', spec: /13\.2\.1/, route: { method, url: '/things/:id' }, msg: text
        })))
        t.equal(lines.length, UPDATES.length)
      }
    }
  }
})

t.test('precondition-evaluated: over a socket, a date that is repeated is none', async (t) => {
  const { app, rules } = await withThings(t, { handler: ignores, resource: dated })
  const status = async (...lines: string[]) =>
    (await rawRequest(app, 'PUT /things/1 HTTP/1.1', ...lines, 'Content-Length: 0')).status
  t.equal(await status(`If-Unmodified-Since: ${T}`, `If-Unmodified-Since: ${T}`), 200)
  t.same(rules(), [])
  t.equal(await status(`If-Unmodified-Since: ${T}`), 500)
  t.equal(await status('If-Match: "7"', 'If-Match: "8"'), 500)
  t.same(rules(), ['precondition-evaluated', 'precondition-evaluated'])
})

const successes: Array<[name: string, handler: Handler, status: number]> = [
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

t.test('precondition-evaluated: any 2xx breaks it, by hand or by a helper, and no other status', async (t) => {
  for (const [name, handler, status] of successes) {
    const { app, rules } = await withThings(t, { handler, resource: plain, created: { enforcement: 'log' } })
    t.equal((await app.inject(put)).statusCode, status, name)
    t.same(rules(), ['precondition-evaluated'], name)
  }
  for (const status of [300, 303, 400, 401, 403, 404, 409, 412, 422, 428, 500, 503]) {
    const handler: Handler = (_request, reply) => reply.code(status).send({})
    const { app, rules } = await withThings(t, { handler, resource: plain, created: {}, options: strict })
    t.equal((await app.inject(put)).statusCode, status)
    t.same(rules(), [], `${status}`)
  }
})

t.test('precondition-evaluated: a handler that asserts is fine, also if it ignores the result', async (t) => {
  const asserting: Array<[name: string, handler: Handler]> = [
    ['before the write', (request, reply) => { request.assertPreconditions(current); return reply.send(one) }],
    ['and catches the error', (request, reply) => {
      try { request.assertPreconditions(current) } catch { reply.code(409) }
      return reply.send(one)
    }]
  ]
  for (const [name, handler] of asserting) {
    const { app, rules } = await withThings(t, { handler, resource: dated })
    for (const method of UPDATES) {
      for (const [headers] of conditions) {
        t.ok((await app.inject({ method, url: '/things/1', headers })).statusCode < 500, name)
      }
    }
    t.same(rules(), [])
  }
})

t.test('precondition-evaluated: to assert something that has no version does not count', async (t) => {
  const handler: Handler = (request, reply) => {
    try { request.assertPreconditions({}) } catch {}
    return reply.send(one)
  }
  const { app, rules } = await withThings(t, { handler, resource: plain })
  t.equal((await app.inject(put)).statusCode, 500)
  t.same(rules(), ['precondition-evaluated'])
})

t.test('precondition-evaluated: lostUpdate() alone does not count', async (t) => {
  const handler: Handler = (request, reply) => { request.lostUpdate(); return reply.send(one) }
  const { app, rules } = await withThings(t, { handler, resource: plain })
  t.equal((await app.inject(put)).statusCode, 500)
  t.same(rules(), ['precondition-evaluated'])
})

const required = { precondition: 'required' } as const
const optional = { precondition: 'optional' } as const

t.test('precondition-evaluated: a route that requires a precondition has to assert it for every request', async (t) => {
  const rows: Array<[isRequired: boolean, things: Omit<Things, 'handler'>]> = [
    [true, { created: required, resource: plain }],
    [true, { created: required }],
    [true, { options: required, resource: plain }],
    [false, { options: required }],
    [true, { options: { profile: 'strict', ...required }, resource: plain }],
    [false, { created: optional, options: required, resource: plain }],
    [false, { created: optional }]
  ]
  for (const [isRequired, things] of rows) {
    const handler: Handler = (_request, reply) => reply.code(204).send()
    const { app, violations } = await withThings(t, { ...things, handler })
    for (const method of UPDATES) {
      t.equal((await app.inject({ method, url: '/things/1' })).statusCode, isRequired ? 500 : 204)
      t.match(violations, isRequired
        ? [{
            rule: 'precondition-evaluated',
            found: 'the route requires a precondition, and the handler has not called assertPreconditions()'
          }]
        : [])
      t.equal(violations.splice(0).length, isRequired ? 1 : 0)
    }
    t.equal((await app.inject({ method: 'POST', url: '/things' })).statusCode, 204, 'POST requires none')
  }
})

t.test('precondition-evaluated: it applies to a route without a resource that declares `precondition`', async (t) => {
  for (const [created, applies] of [
    [optional, true], [required, true], [{ prefer: true }, false], [undefined, false], [false, false]
  ] as const) {
    const { app, rules } = await withThings(t, { handler: ignores, created })
    t.equal((await app.inject(put)).statusCode, applies ? 500 : 200)
    t.same(rules(), applies ? ['precondition-evaluated'] : [])
  }
})

t.test('precondition-evaluated: off, warn, log, and exempt', async (t) => {
  const severity = (severity: 'off' | 'warn' | 'error') => ({ rules: { 'precondition-evaluated': severity } })
  for (const [options, created, broken, status] of [
    [severity('off'), undefined, [], 200],
    [severity('warn'), undefined, ['warn'], 200],
    [severity('off'), severity('error'), ['error'], 500],
    [{}, severity('off'), [], 200],
    [{}, { enforcement: 'log' }, ['error'], 200],
    [{}, false, [], 200],
    [strict, false, [], 200]
  ] as const) {
    const { app, violations } = await withThings(t, { handler: ignores, resource: plain, created, options })
    t.equal((await app.inject(put)).statusCode, status)
    t.same(violations.map(({ severity }) => severity), broken)
  }
})

t.test('precondition-evaluated: the 500 has nothing of the response that is not sent', async (t) => {
  const handler: Handler = (_request, reply) => reply
    .headers({ 'last-modified': T, 'cache-control': 'max-age=60', 'content-location': '/things/1' })
    .upserted({ ...one, id: 'hunter2' }, { created: true, etag: 8 })
  const { app } = await withThings(t, { handler, resource: plain })
  const response = await app.inject(put)
  t.equal(response.statusCode, 500)
  for (const name of ['etag', 'last-modified', 'cache-control', 'content-location', 'location']) {
    t.equal(response.headers[name], undefined, name)
  }
  t.notMatch(response.body, 'hunter2')
})

t.test('precondition-evaluated: an error that its handler answers 200 has written nothing', async (t) => {
  const { app, rules } = await appWith(t)
  app.setErrorHandler((_error, _request, reply) => { reply.code(200).send({ ok: false }) })
  app.put('/things/:id', {
    schema: { body: { type: 'object', required: ['name'] } }, config: { created: required }
  }, async () => 'written')
  const response = await app.inject({ ...put, payload: {} })
  t.match({ status: response.statusCode, body: response.json() }, { status: 200, body: { ok: false } })
  t.same(rules(), [])
})

t.test('precondition-evaluated: no header that a client can send switches it off', async (t) => {
  for (const header of ['tus-resumable', 'upload-offset', 'upload-anything']) {
    const { app, rules } = await appWith(t)
    app.put('/things/:id', { config: { created: optional } }, async () => 'written')
    const response = await app.inject({ ...put, headers: { ...put.headers, [header]: '1' } })
    t.equal(response.statusCode, 500)
    t.same(rules(), ['precondition-evaluated'])
  }
})

// All rules, whatever the client sends

const aHeader = fc.tuple(
  fc.constantFrom(
    'if-match', 'if-none-match', 'if-unmodified-since', 'if-modified-since', 'if-range', 'prefer', 'content-range',
    'overwrite', 'if', 'range', 'expect'
  ),
  fc.constantFrom(
    '*', '"7"', 'W/"7"', '"a,b", "7"', '', ',', '"', 'x', T, '2020-01-01', 'return=minimal',
    'return=representation, return=minimal', 'bytes 0-1/2', 'T', 'F'
  )
)
const aRequest = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'),
  // Node responds 417 to an Expect of which it knows nothing.
  headers: fc.array(aHeader, { maxLength: 5 })
    .map((pairs) => Object.fromEntries(pairs.filter(([name]) => name !== 'expect')))
})

t.test('no request breaks a rule of correct routes without declarations, in strict and with prefer', async (t) => {
  const { app, rules } = await appWith(t, { ...strict, prefer: true })
  app.get('/plain', async (_request, reply) => reply.ok(one, { etag: 7, lastModified: new Date(T) }))
  app.route({
    method: [...UPDATES, 'POST'],
    url: '/plain',
    handler: async (request, reply) => request.method === 'POST' ? one : reply.noContent()
  })
  app.put('/upserted', async (_request, reply) => reply.upserted(one, { created: true }))
  app.post('/created', async (_request, reply) => reply.created(one, { location: '/plain', etag: 7 }))
  app.patch('/asserted', async (request, reply) => {
    request.assertPreconditions({ etag: 7 })
    return reply.ok(one, { etag: 8 })
  })
  const statuses = new Set<number>()
  const aUrl = fc.constantFrom('/plain', '/upserted', '/created', '/asserted')
  await fc.assert(fc.asyncProperty(aRequest, aUrl, async ({ method, headers }, url) => {
    const { statusCode } = await app.inject({ method: method as 'GET', url, headers })
    statuses.add(statusCode)
    return statusCode < 500 && rules().length === 0
  }), { numRuns: 3000 })
  for (const status of [200, 201, 204, 304, 400, 404, 412]) t.ok(statuses.has(status), `${status} is among them`)
})

t.test('no request breaks a rule of correct routes with a resource, in strict and with prefer', async (t) => {
  const { app, rules } = await appWith(t, { ...strict, prefer: true })
  app.get('/things/:id', { config: { resource: dated } }, async (_request, reply) => reply.ok(one))
  app.post('/things', { config: { resource: dated } }, async (_request, reply) => reply.created(one))
  app.put('/things/:id', { config: { resource: dated } }, async (request, reply) => {
    request.assertPreconditions(one)
    return reply.upserted(one, { created: false })
  })
  app.route({
    method: ['PATCH', 'DELETE'],
    url: '/things/:id',
    config: { resource: dated, created: optional },
    handler: async (request, reply) => {
      request.assertPreconditions(one)
      return request.method === 'DELETE' ? reply.noContent() : reply.ok(one)
    }
  })
  const statuses = new Set<number>()
  await fc.assert(fc.asyncProperty(aRequest, async ({ method, headers }) => {
    const url = method === 'POST' ? '/things' : '/things/1'
    const { statusCode } = await app.inject({ method: method as 'GET', url, headers })
    statuses.add(statusCode)
    return statusCode < 500 && rules().length === 0
  }), { numRuns: 3000 })
  t.same([...statuses].sort(), [200, 201, 204, 304, 400, 412, 428])
})

// put-content-range

const RANGE = { 'content-range': 'bytes 0-1/2' }
interface RangeCase extends Omit<Things, 'handler'> {
  name: string
  method?: 'PUT' | 'PATCH' | 'POST' | 'DELETE'
  headers?: Record<string, string>
  status: number
  broken?: RuleId[]
}
const rangeRule = (severity: 'off' | 'warn' | 'error') => ({ rules: { 'put-content-range': severity } })
const broken: RuleId[] = ['put-content-range']

const ranges: RangeCase[] = [
  { name: 'to a resource', status: 400 },
  { name: 'to a resource, in strict', options: strict, status: 400 },
  { name: 'to a resource, if enforcement is log', options: { enforcement: 'log' }, status: 400 },
  { name: 'with a range that says nothing', headers: { 'content-range': '' }, status: 400 },
  { name: 'with a range of another unit', headers: { 'content-range': 'lines */3' }, status: 400 },
  { name: 'if the rule is a warning', options: rangeRule('warn'), status: 200, broken },
  { name: 'if the rule is a warning on the route', created: rangeRule('warn'), status: 200, broken },
  { name: 'if the rule is off', options: rangeRule('off'), status: 200 },
  { name: 'if the rule is off on the route', created: rangeRule('off'), status: 200 },
  { name: 'if the rule is on for the route', created: rangeRule('error'), options: rangeRule('off'), status: 400 },
  { name: 'to an exempt route', created: false, status: 200 },
  { name: 'to a route without a resource', resource: undefined, options: strict, status: 200 },
  {
    name: 'to a route without a resource that declares `precondition`',
    resource: undefined,
    created: optional,
    status: 200
  },
  { name: 'by PATCH', method: 'PATCH', status: 200 },
  { name: 'by POST', method: 'POST', status: 200 },
  { name: 'by DELETE', method: 'DELETE', status: 200 },
  { name: 'with Range', headers: { range: 'bytes=0-1' }, status: 200 },
  { name: 'without a range', headers: {}, status: 200 },
  // Uploads go on by PATCH: with a header that any client can send, PUT still replaces the whole.
  { name: 'with a header of tus', headers: { ...RANGE, 'tus-resumable': '1.0.0' }, status: 400 },
  { name: 'with a header of resumable uploads', headers: { ...RANGE, 'upload-offset': '0' }, status: 400 }
]

for (const { name, method = 'PUT', headers = RANGE, status, broken = [], ...things } of ranges) {
  const happens = status === 400
    ? 'is answered 400, and its handler does not run'
    : `reaches the handler${broken.length > 0 ? ', and is logged' : ''}`
  t.test(`put-content-range: ${method} ${name} ${happens}`, async (t) => {
    let runs = 0
    const all: Things = {
      resource: plain,
      ...things,
      options: { ...things.options, ...optional },
      handler: (request, reply) => {
        runs++
        request.assertPreconditions(method === 'POST' || all.resource === undefined ? { etag: 7 } : current)
        return reply.send({ ok: true })
      }
    }
    const { app, violations, logs } = await withThings(t, all)
    const url = method === 'POST' ? '/things' : '/things/1'
    for (const more of [{}, { 'if-match': '"6"' }]) {
      const response = await app.inject({ method, url, headers: { ...headers, ...more } })
      t.equal(response.statusCode, status === 200 && 'if-match' in more ? 412 : status)
      if (status === 400) {
        t.match(response.json(), { code: 'FST_CREATED_CONTENT_RANGE', message: /without Content-Range/ })
      }
    }
    t.equal(runs, status === 400 ? 0 : 2)
    t.same(
      violations.map(({ rule, severity, url, found }) => [rule, severity, url, found]),
      [...broken, ...broken].map((rule) =>
        [rule, 'warn', '/things/:id', 'the request has Content-Range, and the handler runs'])
    )
    const lines = logs.filter(({ rule }) => rule !== undefined)
    t.same(lines.map(({ level, rule }) => [level, rule]), broken.map((rule) => [40, rule]))
  })
}

t.test('put-content-range: authentication and validation come first', async (t) => {
  const { app, rules } = await appWith(t)
  const authenticate = (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    if (request.headers.authorization !== undefined) return done()
    reply.code(401).send({ code: 'NO' })
  }
  let runs = 0
  const handler = async () => { runs++; return one }
  const options = { schema: { body: { type: 'object', required: ['name'] } }, config: { resource: plain } }
  app.get('/things/:id', { config: { resource: plain } }, async (_request, reply) => reply.ok(one))
  app.put('/things/:id', { ...options, preHandler: authenticate }, handler)
  app.put('/listed/:id', { ...options, preHandler: [authenticate] }, handler)
  app.register(async (scope) => {
    scope.put('/hooked/:id', options, handler)
    scope.addHook('preHandler', authenticate)
  })
  for (const url of ['/things/1', '/listed/1', '/hooked/1']) {
    const codeOf = async (headers: Record<string, string>, payload: object) =>
      (await app.inject({ method: 'PUT', url, headers: { ...RANGE, ...headers }, payload })).json().code
    t.equal(await codeOf({}, { name: 'x' }), 'NO', url)
    t.equal(await codeOf({ authorization: 'x' }, {}), 'FST_ERR_VALIDATION', url)
    t.equal(await codeOf({ authorization: 'x' }, { name: 'x' }), 'FST_CREATED_CONTENT_RANGE', url)
  }
  t.equal(runs, 0)
  t.same(rules(), [])
})

t.test('put-content-range: of the methods of one route it applies to PUT alone, over a socket too', async (t) => {
  const handler: Handler = (request, reply) => { request.assertPreconditions(current); return reply.send(one) }
  const { app } = await withThings(t, { handler, resource: plain })
  const lines = ['Content-Range: bytes 0-1/2', 'Content-Length: 0']
  const response = await rawRequest(app, 'PUT /things/1 HTTP/1.1', ...lines)
  t.equal(response.status, 400)
  t.same(header(response, 'etag'), [])
  t.equal((await rawRequest(app, 'PATCH /things/1 HTTP/1.1', ...lines)).status, 200)
})

t.test('put-content-range: in a scope that registers the plugin again, the inner options count', async (t) => {
  for (const [outer, inner, status] of [
    ['error', 'off', 200], ['off', 'error', 400], ['error', 'error', 400], ['off', 'off', 200]
  ] as const) {
    const { app, rules } = await appWith(t, rangeRule(outer))
    app.register(async (scope) => {
      await scope.register(fastifyCreated, { enforcement: 'throw', ...rangeRule(inner) })
      const config = { resource: plain }
      scope.get('/things/:id', { config }, async (_request, reply) => reply.ok(one))
      scope.put('/things/:id', { config }, async (_request, reply) => reply.upserted(one, { created: false }))
    })
    const { statusCode } = await app.inject({ method: 'PUT', url: '/things/1', headers: RANGE })
    t.equal(statusCode, status, `outside ${outer}, inside ${inner}`)
    t.same(rules(), [])
  }
})

// put-etag

const tagging: Array<[name: string, handler: Handler, found?: string]> = [
  ['an ETag by hand', (_request, reply) => reply.header('etag', '"8"').send(one), 'the response has ETag'],
  ['a Last-Modified by hand', (_request, reply) => reply.header('last-modified', T).send(one),
    'the response has Last-Modified'],
  ['an ETag on a 201', (_request, reply) => reply.code(201).header('etag', '"8"').send(one), 'the response has ETag'],
  ['an ETag on a 204', (_request, reply) => reply.code(204).header('etag', '"8"').send(), 'the response has ETag'],
  ['an ETag in a Response', (_request, reply) => reply.send(new Response('x', { headers: { etag: '"8"' } })),
    'the response has ETag'],
  ['upserted()', (_request, reply) => reply.upserted(one, { created: false, etag: 8, lastModified: new Date(T) }),
    'the response has ETag'],
  ['upserted() that creates', (_request, reply) => reply.upserted(one, { created: true, etag: 8 }),
    'the response has ETag'],
  ['ok()', (_request, reply) => reply.ok(one, { etag: 8, lastModified: new Date(T) }), 'the response has ETag'],
  ['noContent()', (_request, reply) => reply.noContent({ etag: 8 }), 'the response has ETag'],
  ['upserted() with an etag of null', (_request, reply) => reply.upserted(one, { created: false, etag: null })],
  ['ok() with an etag of null', (_request, reply) => reply.ok(one, { etag: null })],
  ['noContent() without an etag', (_request, reply) => reply.noContent()],
  ['an ETag on a 409', (_request, reply) => reply.code(409).header('etag', '"8"').send({})],
  ['an ETag on a 303', (_request, reply) => reply.code(303).headers({ etag: '"8"', location: '/' }).send()]
]
const tagRule = (severity: 'off' | 'warn' | 'error') => ({ rules: { 'put-etag': severity } })

for (const [name, handler, found] of tagging) {
  t.test(`put-etag: a response to PUT with ${name} ${found === undefined ? 'is fine' : 'breaks it'}`, async (t) => {
    for (const method of ['PUT', 'PATCH'] as const) {
      for (const resource of [plain, undefined]) {
        for (const [options, created, severity] of [
          [{}, {}, 'off'],
          [strict, {}, 'off'],
          [tagRule('error'), {}, 'error'],
          [tagRule('warn'), {}, 'warn'],
          [strict, tagRule('error'), 'error'],
          [tagRule('error'), tagRule('off'), 'off'],
          [tagRule('error'), false, 'off']
        ] as const) {
          const { app, violations } = await withThings(t, { handler, resource, created, options })
          const response = await app.inject({ method, url: '/things/1' })
          const isBroken = found !== undefined && method === 'PUT' && severity !== 'off'
          const where = `${method}, ${resource === undefined ? 'without' : 'with'} a resource, ${severity}`
          const expected = isBroken ? [['put-etag', severity, found]] : []
          t.same(violations.map(({ rule, severity, found }) => [rule, severity, found]), expected, where)
          const isThrown = isBroken && severity === 'error'
          t.equal(response.statusCode === 500, isThrown, where)
          if (isBroken) t.equal(violations[0].fix.includes('etag: null'), true)
          // The helpers set what they are given, whatever the rule says.
          const etag = found === 'the response has ETag' && !isThrown ? '"8"' : undefined
          if (name.includes('()')) t.equal(response.headers.etag, etag, where)
        }
      }
    }
  })
}

// precondition-weak and precondition-status

t.test('precondition-weak: responses to updates count as well as those of the canonical route', async (t) => {
  const handler: Handler = (request, reply) => {
    const before: object = { id: '1', version: weak(7) }
    request.assertPreconditions(before)
    return reply.ok({ id: '1', version: weak(8) })
  }
  for (const [created, expected] of [[required, ['precondition-weak']], [optional, []]] as const) {
    const { app, rules } = await withThings(t, { handler, resource: plain, created })
    const { statusCode } = await app.inject({ method: 'PATCH', url: '/things/1', headers: { 'if-match': '*' } })
    t.equal(statusCode, 200)
    t.same(rules(), expected)
  }
})

t.test('precondition-status: in strict, a 412 without a condition is warned of if it was sent by hand', async (t) => {
  const before = 'Mon, 03 Feb 2020 04:05:05 GMT'
  const handlers: Array<[handler: Handler, headers: Record<string, string>, broken: RuleId[]]> = [
    [(request) => { request.assertPreconditions(current) }, { 'if-match': '"6"' }, []],
    [(request) => { request.assertPreconditions(current) }, { 'if-unmodified-since': before }, []],
    [(request) => { throw request.lostUpdate(current) }, { 'if-match': '"7"' }, []],
    [(_request, reply) => reply.code(412).send({}), { 'if-match': '"7"' }, []],
    [(_request, reply) => reply.code(412).send({}), {}, ['precondition-status']]
  ]
  for (const [handler, headers, broken] of handlers) {
    const { app, violations } = await withThings(t, { handler, resource: dated, created: {}, options: strict })
    t.equal((await app.inject({ method: 'PUT', url: '/things/1', headers })).statusCode, 412)
    t.same(violations.map(({ rule, severity, found, fix }) => ({ rule, severity, found, fix })), broken.map((rule) => ({
      rule,
      severity: 'warn',
      found: 'the response is 412, and the request has no precondition',
      fix: 'respond 409: throw request.lostUpdate()'
    })))
  }
})

t.test('precondition-status: a condition is known by the name of its header, those of WebDAV too', async (t) => {
  const handler: Handler = (_request, reply) => reply.code(412).send({})
  const { app, rules } = await withThings(t, { handler, resource: dated, created: {}, options: strict })
  const names = [
    'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range', 'if', 'overwrite'
  ]
  const send = async (name: string) => await app.inject({ method: 'PUT', url: '/things/1', headers: { [name]: '' } })
  for (const name of names) {
    t.equal((await send(name)).statusCode, 412)
    t.same(rules(), [], name)
  }
  for (const name of ['iffy', 'x-if', 'if-']) await send(name)
  t.same(rules(), ['precondition-status', 'precondition-status', 'precondition-status'])
})

t.test('precondition-status: a 409 of lostUpdate() and a 428 break no rule', async (t) => {
  const handlers: Array<[handler: Handler, status: number]> = [
    [(request) => { throw request.lostUpdate(current) }, 409],
    [(request) => { request.assertPreconditions(current) }, 428]
  ]
  for (const [handler, status] of handlers) {
    const options = { ...strict, ...required }
    const { app, rules } = await withThings(t, { handler, resource: plain, created: {}, options })
    for (const method of UPDATES) t.equal((await app.inject({ method, url: '/things/1' })).statusCode, status)
    t.same(rules(), [])
  }
})
