import responseValidation from '@fastify/response-validation'
import Fastify, {
  type FastifyError,
  type FastifyReply,
  type FastifyRequest,
  type HTTPMethods,
  type RouteOptions
} from 'fastify'
import t from 'tap'
import fastifyCreated, { resource, type FastifyCreatedOptions } from '../../src/index.js'
import { setNodeEnv } from '../node-env.js'
import { appWith, header, rawRequest, type AppWith } from '../support.js'

interface Thing { id: string, version: number, password?: string }
const one: Thing = { id: '1', version: 7, password: 'hunter2' }
const thing = resource<Thing>({ etag: ({ version }) => version })
const problems: FastifyCreatedOptions = { problemDetails: true }

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown
type Case = [
  code: string,
  status: number,
  title: string,
  method: HTTPMethods,
  requestHeaders: Record<string, string>,
  handler: Handler,
  headers?: Record<string, string>
]

const asserts = (current: any): Handler => (request, reply) => {
  request.assertPreconditions(current)
  return reply.send({ written: true })
}
/** What canonical routes send. */
const REVALIDATED = { 'cache-control': 'no-cache' }
const cases: Case[] = [
  ['FST_CREATED_NOT_FOUND', 404, 'Not Found', 'DELETE', {}, asserts(null)],
  ['FST_CREATED_NOT_FOUND', 404, 'Not Found', 'GET', {}, (_request, reply) => reply.ok(null), REVALIDATED],
  [
    'FST_CREATED_PRECONDITION_FAILED',
    412,
    'Precondition Failed',
    'PUT',
    { 'if-match': '"6"' },
    asserts(one),
    { etag: '"7"' }
  ],
  [
    'FST_CREATED_PRECONDITION_FAILED',
    412,
    'Precondition Failed',
    'GET',
    { 'if-match': '"6"' },
    (_request, reply) => reply.ok(one),
    { etag: '"7"', ...REVALIDATED }
  ],
  [
    'FST_CREATED_PRECONDITION_REQUIRED',
    428,
    'Precondition Required',
    'PATCH',
    {},
    asserts(one),
    { 'cache-control': 'no-store' }
  ],
  ['FST_CREATED_PRECONDITION_MALFORMED', 400, 'Bad Request', 'PUT', { 'if-match': '6' }, asserts(one)],
  ['FST_CREATED_CONTENT_RANGE', 400, 'Bad Request', 'PUT', { 'content-range': 'bytes 0-1/2' }, asserts(one)],
  [
    'FST_CREATED_LOST_UPDATE',
    409,
    'Conflict',
    'PATCH',
    {},
    (request) => {
      throw request.lostUpdate(one as object)
    },
    { etag: '"7"' }
  ],
  [
    'FST_CREATED_PRECONDITION_FAILED',
    412,
    'Precondition Failed',
    'PATCH',
    { 'if-match': '"7"' },
    (request) => {
      throw request.lostUpdate()
    }
  ],
  ['FST_CREATED_VERSION_INVALID', 500, 'Internal Server Error', 'PUT', {}, asserts({ password: 'hunter2' })],
  ['FST_CREATED_VIOLATION', 500, 'Internal Server Error', 'POST', {}, (_request, reply) => reply.code(201).send(one)],
  [
    'FST_CREATED_VIOLATION',
    500,
    'Internal Server Error',
    'POST',
    {},
    (_request, reply) => reply.created(one, { location: 'hunter2', etag: 7 })
  ],
  [
    'FST_CREATED_VIOLATION',
    500,
    'Internal Server Error',
    'PUT',
    { 'if-match': '"7"' },
    (_request, reply) => reply.send(one)
  ]
]

const TYPE: Record<string, string> = {
  FST_CREATED_NOT_FOUND: 'urn:problem-type:fastify-created:not-found',
  FST_CREATED_PRECONDITION_FAILED: 'urn:problem-type:fastify-created:precondition-failed',
  FST_CREATED_PRECONDITION_REQUIRED: 'urn:problem-type:fastify-created:precondition-required',
  FST_CREATED_PRECONDITION_MALFORMED: 'urn:problem-type:fastify-created:precondition-malformed',
  FST_CREATED_CONTENT_RANGE: 'urn:problem-type:fastify-created:content-range',
  FST_CREATED_LOST_UPDATE: 'urn:problem-type:fastify-created:lost-update',
  FST_CREATED_VERSION_INVALID: 'urn:problem-type:fastify-created:version-invalid',
  FST_CREATED_VIOLATION: 'urn:problem-type:fastify-created:violation'
}

/** Declares a route and its canonical route. PATCH requires a precondition. */
function declare (
  app: AppWith['app'],
  method: HTTPMethods,
  handler: Handler,
  options: Partial<RouteOptions> = {}
): void {
  const handle = async (request: FastifyRequest, reply: FastifyReply) => {
    await handler(request, reply)
    return reply
  }
  if (method !== 'GET') {
    app.get('/things/:id', { config: { resource: thing } }, async (_request, reply) => reply.ok(one))
  }
  const config = { resource: thing, ...(method === 'PATCH' && { created: { precondition: 'required' as const } }) }
  app.route({
    method,
    url: method === 'POST' ? '/things' : '/things/:id',
    config,
    handler: handle,
    ...options
  } as RouteOptions)
}

const urlFor = (method: HTTPMethods) => method === 'POST' ? '/things' : '/things/1'

for (const [code, status, title, method, requestHeaders, handler, headers = {}] of cases) {
  const ask = { method: method as 'GET', url: urlFor(method), headers: requestHeaders }

  t.test(`${code} to ${method} is sent as problem details, with ${status} and the headers of the error`, async (t) => {
    const { app } = await appWith(t, problems)
    declare(app, method, handler)
    const response = await app.inject(ask)
    t.equal(response.statusCode, status)
    t.equal(response.headers['content-type'], 'application/problem+json')
    const problem = response.json()
    t.match(problem, { type: TYPE[code], title, status })
    t.same(Object.keys(problem).sort(), ['detail', 'status', 'title', 'type'])
    t.match(problem.detail, status === 500 ? /^[A-Z].+ Found: .+ Required: .+ Fix: .+/ : /^[A-Z].{20,}/)
    if (status < 500) t.notMatch(response.body, /hunter2/)
    for (const name of ['etag', 'cache-control', 'location', 'last-modified']) {
      t.equal(response.headers[name], headers[name], name)
    }
    t.equal(response.headers['content-length'], String(Buffer.byteLength(response.body)))
  })

  t.test(`in production, ${code} to ${method} shows nothing of the app's data`, async (t) => {
    setNodeEnv(t, 'production')
    const { app, logs } = await appWith(t, problems)
    declare(app, method, handler)
    const response = await app.inject(ask)
    t.equal(response.statusCode, status)
    t.match(response.json(), { type: TYPE[code], title, status, detail: status === 500 ? /The log / : /^[A-Z].{20,}/ })
    t.notMatch(response.body, /hunter2|Found:/)
    const logged = logs.filter(({ err }) => err !== undefined)
    t.equal(logged.length, 1)
    if (status === 500) t.match(logged[0].err.stack, /Found: .+ Required: .+ Fix: .+/, 'the log has the details')
  })

  t.test(`${code} to ${method} is logged once, as Fastify logs errors`, async (t) => {
    const logged = await Promise.all([problems, {}].map(async (options) => {
      const { app, logs } = await appWith(t, options)
      declare(app, method, handler)
      await app.inject(ask)
      return logs
        .filter(({ err }) => err !== undefined)
        .map(({ level, msg, err: { code }, res, req }) => ({ level, msg, code, res, req: req && Object.keys(req) }))
    }))
    t.equal(logged[0].length, 1)
    t.equal(logged[0][0].code, code)
    t.same(logged[0], logged[1])
  })

  t.test(`${code} to ${method} goes to an error handler of the app only with problemDetails: false`, async (t) => {
    for (const where of ['instance', 'scope', 'route'] as const) {
      for (const problemDetails of [true, false]) {
        const seen: string[] = []
        const errorHandler = (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) => {
          seen.push(error.code)
          reply.send({ own: where })
        }
        const { app } = await appWith(t, { problemDetails })
        if (where === 'instance') app.setErrorHandler(errorHandler)
        app.register(async (scope) => {
          if (where === 'scope') scope.setErrorHandler(errorHandler)
          declare(
            scope as unknown as AppWith['app'],
            method,
            handler,
            where === 'route' ? { errorHandler: errorHandler as RouteOptions['errorHandler'] } : {}
          )
        })
        const response = await app.inject(ask)
        t.same(seen, problemDetails ? [] : [code], where)
        t.match(response.json(), problemDetails ? { type: TYPE[code] } : { own: where })
        if (status < 500) t.equal(response.statusCode, status)
        for (const [name, value] of Object.entries(headers)) t.equal(response.headers[name], value, name)
      }
    }
  })

  t.test(`${code} to ${method} calls onError hooks once`, async (t) => {
    const seen: string[] = []
    const { app } = await appWith(t, problems)
    app.addHook('onError', async (_request, _reply, error) => { seen.push(error.code) })
    declare(app, method, handler)
    await app.inject(ask)
    t.same(seen, [code])
  })

  t.test(`${code} to ${method} is not changed by the response schemas of the route`, async (t) => {
    const own = {
      type: 'object',
      required: ['mine'],
      additionalProperties: false,
      properties: { mine: { type: 'string' } }
    }
    const statusClass = String(status)[0]
    // A default applies to what the handler sends itself, too.
    const byDefault = { default: { ...own, required: [], additionalProperties: true } }
    const statuses = [status, `${statusClass}xx`, `${statusClass}XX`]
    for (const schemas of [...statuses.map((key) => ({ [key]: own })), byDefault]) {
      for (const validates of [false, true]) {
        const { app } = await appWith(t, problems)
        if (validates) await app.register(responseValidation)
        declare(app, method, handler, { schema: { response: schemas } })
        const response = await app.inject(ask)
        t.equal(response.statusCode, status, Object.keys(schemas).join())
        t.match(response.json(), { type: TYPE[code], status })
      }
    }
  })
}

t.test('problem details are not written by a serializer of the reply', async (t) => {
  const { app } = await appWith(t, problems)
  declare(app, 'PUT', (request, reply) => {
    reply.serializer((body: unknown) => `<${JSON.stringify(body)}>`)
    return asserts(one)(request, reply)
  })
  const response = await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-match': '"6"' } })
  t.equal(response.statusCode, 412)
  t.match(response.json(), { type: TYPE.FST_CREATED_PRECONDITION_FAILED })
})

t.test('problem details have none of the content headers that a handler has set', async (t) => {
  const { app } = await appWith(t, problems)
  declare(app, 'PUT', (request, reply) => {
    reply.type('image/png').header('content-length', '99')
    return asserts(one)(request, reply)
  })
  const response = await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-match': '"6"' } })
  t.equal(response.headers['content-type'], 'application/problem+json')
  t.equal(response.headers['content-length'], String(Buffer.byteLength(response.body)))
})

t.test('over a socket, HEAD gets the status and the headers of problem details, and no content', async (t) => {
  const { app } = await appWith(t, problems)
  app.get('/things/:id', { config: { resource: thing } }, async (request, reply) =>
    reply.ok((request.params as Thing).id === '1' ? one : null)
  )
  for (const [url, lines, status, etag] of [
    ['/things/1', ['If-Match: "6"'], 412, ['"7"']],
    ['/things/2', [], 404, []]
  ] as const) {
    const response = await rawRequest(app, `HEAD ${url} HTTP/1.1`, ...lines)
    t.equal(response.status, status)
    t.same(header(response, 'content-type'), ['application/problem+json'])
    t.same(header(response, 'etag'), etag)
    t.equal(response.body, '')
  }
})

t.test('a thrown value that is no Error goes to the handler that it would go to without problemDetails', async (t) => {
  for (const thrown of [{ statusCode: 401, message: 'who are you' }, 'no', null, undefined]) {
    for (const where of ['nowhere', 'instance', 'scope', 'route'] as const) {
      const outcomes = await Promise.all([problems, {}].map(async (options) => {
        const { app } = await appWith(t, { ...options, enforcement: 'log' })
        const errorHandler = (error: any, _request: FastifyRequest, reply: FastifyReply) =>
          reply.code(error?.statusCode ?? 500).send({ own: where })
        if (where === 'instance') app.setErrorHandler(errorHandler)
        app.register(async (scope) => {
          if (where === 'scope') scope.setErrorHandler(errorHandler)
          const own = where === 'route' ? { errorHandler } : {}
          scope.delete('/in-hook', { ...own, preHandler: async () => { throw thrown } }, async () => 'deleted')
          scope.post('/things', own, async (_request, reply) => {
            reply.code(201).header('location', '/things/1')
            throw thrown
          })
        })
        const inHook = await app.inject({ method: 'DELETE', url: '/in-hook' })
        const inHandler = await app.inject({ method: 'POST', url: '/things' })
        return [inHook, inHandler].map(({ statusCode, body }) => ({ statusCode, body }))
      }))
      t.same(outcomes[0], outcomes[1], `${JSON.stringify(thrown)}, ${where}`)
    }
  }
})

const others: Array<[what: string, code: string | undefined, status: number, handler: Handler, payload?: object]> = [
  [
    'an Error',
    undefined,
    500,
    () => {
      throw new Error('no')
    }
  ],
  [
    'an error with a status',
    undefined,
    418,
    () => {
      throw Object.assign(new Error('no'), { statusCode: 418 })
    }
  ],
  [
    'an error with a code that looks like ours',
    'FST_CREATED_OTHER',
    500,
    () => {
      throw Object.assign(new Error('no'), { code: 'FST_CREATED_OTHER' })
    }
  ],
  ['an error of validation', 'FST_ERR_VALIDATION', 400, () => {}, {}],
  ['an error that is sent', undefined, 500, (_request, reply) => reply.send(new Error('no'))]
]

t.test('every other error goes once to the handler that it would go to without problemDetails', async (t) => {
  const schema = { body: { type: 'object', required: ['name'] } }
  for (const [what, code, status, handler, payload = { name: 'x' }] of others) {
    for (const where of ['instance', 'scope', 'route', 'route, async', 'route, rethrows'] as const) {
      const seen: Array<[where: string, code: string | undefined]> = []
      const hooked: unknown[] = []
      const { app, logs } = await appWith(t, problems)
      app.addHook('onError', async (_request, _reply, error) => { hooked.push(error.code) })
      app.setErrorHandler<FastifyError>((error, _request, reply) => {
        seen.push(['instance', error.code])
        reply.code(error.statusCode ?? 500).send({ own: 'instance' })
      })
      const sendOwn = (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) => {
        seen.push([where, error.code])
        reply.code(error.statusCode ?? 500).send({ own: where })
      }
      const handlers: Record<string, RouteOptions['errorHandler']> = {
        route: sendOwn,
        'route, async': async (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) => {
          seen.push([where, error.code])
          reply.code(error.statusCode ?? 500)
          return { own: where }
        },
        'route, rethrows': (error: FastifyError) => {
          seen.push([where, error.code])
          throw error
        }
      }
      app.register(async (scope) => {
        if (where === 'scope') scope.setErrorHandler(sendOwn)
        scope.post('/things', { schema, errorHandler: handlers[where] }, async (request, reply) => {
          await handler(request, reply)
          return reply
        })
      })
      const response = await app.inject({ method: 'POST', url: '/things', payload })
      const rethrows = where === 'route, rethrows'
      t.same(seen, rethrows ? [[where, code], ['instance', code]] : [[where, code]], `${what}: ${where}`)
      t.same([response.statusCode, response.json()], [status, { own: rethrows ? 'instance' : where }])
      t.same(hooked, [code])
      t.same(logs.filter(({ level }) => level >= 50), [], 'nobody but the handler logs it')
    }
  }
})

t.test('without an error handler of the app, every other error is sent as Fastify sends it', async (t) => {
  for (const [what, , status, handler] of others.filter(([,,,, payload]) => payload === undefined)) {
    const bodies = await Promise.all([problems, {}].map(async (options) => {
      const { app, logs } = await appWith(t, options)
      app.post('/things', async (request, reply) => { await handler(request, reply); return reply })
      const { statusCode, body, headers } = await app.inject({ method: 'POST', url: '/things' })
      t.equal(statusCode, status, what)
      return [
        statusCode,
        body,
        headers['content-type'],
        logs.filter(({ err }) => err !== undefined).map(({ level, msg }) => [level, msg])
      ]
    }))
    t.same(bodies[0], bodies[1], what)
  }
})

t.test('the app may set its error handler after the routes, and it is not replaced', async (t) => {
  const app = Fastify({ allowErrorHandlerOverride: false })
  t.teardown(() => app.close())
  await app.register(fastifyCreated, { enforcement: 'throw', problemDetails: true })
  app.put('/things/:id', async (request) => {
    request.assertPreconditions({ etag: 7 })
    throw new Error('no')
  })
  app.setErrorHandler((_error, _request, reply) => { reply.code(500).send({ own: true }) })
  t.same((await app.inject({ method: 'PUT', url: '/things/1' })).json(), { own: true })
  t.match((await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-match': '"6"' } })).json(), {
    type: TYPE.FST_CREATED_PRECONDITION_FAILED
  })
})

t.test('a route without response checks sends problem details, too, and a late route does not', async (t) => {
  const unchecked = await appWith(t, problems)
  unchecked.app.put('/things/:id', { config: { created: false } }, async (request) => {
    request.assertPreconditions({ etag: 7 })
  })
  const response = await unchecked.app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-match': '"6"' } })
  t.match([response.statusCode, response.json().type], [412, TYPE.FST_CREATED_PRECONDITION_FAILED])

  const app = Fastify()
  t.teardown(() => app.close())
  app.put('/late', async (request) => { request.assertPreconditions({ etag: 7 }) })
  await app.register(fastifyCreated, { enforcement: 'throw', problemDetails: true })
  const late = await app.inject({ method: 'PUT', url: '/late', headers: { 'if-match': '"6"' } })
  t.match([late.statusCode, late.headers.etag, late.json().code], [412, '"7"', 'FST_CREATED_PRECONDITION_FAILED'])
})

t.test('if a scope registers the plugin again, its options decide about problem details', async (t) => {
  for (const [outer, inner] of [[true, false], [false, true], [true, true], [false, false]]) {
    const { app } = await appWith(t, { problemDetails: outer })
    app.register(async (scope) => {
      await scope.register(fastifyCreated, { enforcement: 'throw', problemDetails: inner })
      scope.put('/inner', async (request) => { request.assertPreconditions({ etag: 7 }) })
    })
    app.put('/outer', async (request) => { request.assertPreconditions({ etag: 7 }) })
    for (const [url, isProblem] of [['/inner', inner], ['/outer', outer]] as const) {
      const response = await app.inject({ method: 'PUT', url, headers: { 'if-match': '"6"' } })
      t.equal(response.statusCode, 412)
      t.equal('type' in response.json(), isProblem, `${url} with ${outer} outside, ${inner} inside`)
    }
  }
})

t.test('a violation in the response of an error handler is a 500 without what the handler sent', async (t) => {
  const { app, rules } = await appWith(t, problems)
  app.post('/things', {
    errorHandler: (_error, _request, reply) => { reply.code(201).header('location', 'hunter2').send(one) }
  }, async () => { throw new Error('no') })
  const response = await app.inject({ method: 'POST', url: '/things' })
  t.equal(response.statusCode, 500)
  t.match(response.json(), { code: 'FST_CREATED_VIOLATION' })
  t.notMatch(response.body, 'hunter2')
  t.equal(response.headers.location, undefined)
  t.ok(rules().includes('created-failure'))
})
