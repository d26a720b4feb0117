import { once } from 'node:events'
import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import etag from '@fastify/etag'
import Fastify, {
  type FastifyInstance, type FastifyReply, type RouteHandlerMethod, type RouteShorthandOptions
} from 'fastify'
import t, { type Test } from 'tap'
import fastifyCreated, {
  FST_CREATED_VIOLATION, type FastifyCreatedOptions, type RuleId, type Violation
} from '../../src/index.js'
import { appWith, type AppWith } from '../support.js'

const secret = { password: 'hunter2' }
const noLocation: RouteHandlerMethod = async (_request, reply) => reply.code(201).header('etag', '"1"').send(secret)

// Log lines

t.test('each route and rule is logged once and then counted, and onViolation gets every one', async (t) => {
  const { app, violations, logs } = await appWith(t, { enforcement: 'log' })
  app.post('/a/:id', noLocation)
  app.post('/b', noLocation)
  for (const url of ['/a/1', '/a/2', '/a/3', '/b']) await app.inject({ method: 'POST', url })
  t.same(violations.map(({ url }) => url), ['/a/:id', '/a/:id', '/a/:id', '/b'])
  const lines = () => logs.filter(({ rule }) => rule !== undefined)
  t.match(lines(), [
    {
      level: 50,
      rule: 'created-location',
      spec: /RFC 9110/,
      route: { method: 'POST', url: '/a/:id' },
      msg: `fastify-created: ${violations[0].message}`
    },
    { level: 50, rule: 'created-location', route: { method: 'POST', url: '/b' } }
  ])
  t.match(violations[0].message, /^POST \/a\/:id broke the rule created-location\. Found: the 201 has no Location\. /)
  await app.close()
  t.match(lines().slice(2), [{
    level: 40,
    count: 3,
    rule: 'created-location',
    severity: 'error',
    route: { method: 'POST', url: '/a/:id' },
    msg: 'fastify-created: POST /a/:id broke the rule created-location 3 times'
  }])
  t.equal(lines().length, 3)
})

t.test('a violation that was thrown is not counted: the first one that is logged is', async (t) => {
  const { app, logs, rules } = await appWith(t)
  app.post('/params', { config: { created: { rules: { 'helper-argument': 'warn' } } } }, async (request, reply) => {
    if (request.headers.throws !== undefined) return request.urlFor(undefined as never, secret)
    return reply.ok(secret, 'no options' as never)
  })
  const send = async (headers = {}) => (await app.inject({ method: 'POST', url: '/params', headers })).statusCode
  t.same([await send({ throws: '1' }), await send(), await send()], [500, 200, 200])
  t.same(rules(), ['helper-argument', 'helper-argument', 'helper-argument'])
  const lines = () => logs.filter(({ level, rule }) => level === 40 && rule === 'helper-argument')
  t.equal(lines().length, 1)
  await app.close()
  t.match(lines().slice(1), [{ count: 2, severity: 'warn' }])
})

t.test('an error that was thrown by urlFor() does not hide the same one that is logged', async (t) => {
  const { app, logs } = await appWith(t, { enforcement: 'log' })
  app.post('/test', async (request, reply) => {
    if (request.headers.throws !== undefined) return request.urlFor(undefined as never, secret)
    return reply.ok(secret, 'no options' as never)
  })
  const send = async (headers = {}) => (await app.inject({ method: 'POST', url: '/test', headers })).statusCode
  t.same([await send({ throws: '1' }), await send(), await send()], [500, 200, 200])
  const found = logs.filter(({ msg }) => /^fastify-created: POST \/test broke the rule helper-argument\. /.test(msg))
  t.equal(found.filter(({ msg }) => /the last argument of ok\(\)/.test(msg)).length, 1)
  await app.close()
  t.match(logs.filter(({ count }) => count !== undefined), [{ count: 2, rule: 'helper-argument' }])
})

t.test('each method of a route is logged and counted by itself', async (t) => {
  const { app, logs } = await appWith(t, { enforcement: 'log' })
  app.get('/things/:id', async () => secret)
  app.route({
    method: ['POST', 'PUT'],
    url: '/test',
    handler: async (_request, reply) => reply.code(201).headers({ location: 'x', etag: '"1"' }).send(secret)
  })
  for (const method of ['PUT', 'POST', 'PUT', 'POST', 'POST'] as const) await app.inject({ method, url: '/test' })
  const lines = () => logs.filter(({ rule }) => rule === 'location-syntax')
  t.match(lines(), [{ route: { method: 'PUT' } }, { route: { method: 'POST' } }])
  await app.close()
  t.match(lines().slice(2), [
    { count: 2, route: { method: 'PUT', url: '/test' }, msg: /PUT \/test broke the rule location-syntax 2 times$/ },
    { count: 3, route: { method: 'POST', url: '/test' }, msg: /POST \/test broke the rule location-syntax 3 times$/ }
  ])
  t.equal(lines().length, 4)
})

t.test('methods that a client invents over HTTP/2 are counted as one', async (t) => {
  const lines: Array<Record<string, any>> = []
  const violations: Violation[] = []
  const app = Fastify({ http2: true, logger: { stream: { write: (line: string) => lines.push(JSON.parse(line)) } } })
  await app.register(fastifyCreated, { enforcement: 'log', onViolation: (violation) => { violations.push(violation) } })
  app.setErrorHandler((_error, _request, reply) => { reply.code(404).header('etag', 'unquoted').send() })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const client = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
  for (const method of ['INVENTED1', 'INVENTED2', 'INVENTED3']) {
    const stream = client.request({ ':path': '/nowhere', ':method': method }).end()
    const [headers] = await once(stream, 'response')
    t.equal(headers[':status'], 404)
    await once(stream.resume(), 'close')
  }
  client.close()
  t.same(violations.map(({ method }) => method), ['_OTHER', '_OTHER', '_OTHER'])
  await app.close()
  const ofRule = lines.filter(({ rule }) => rule === 'etag-syntax')
  t.match(ofRule, [{ route: { method: '_OTHER' } }, { count: 3 }])
  t.equal(ofRule.length, 2)
})

t.test('a warning is logged at its own level', async (t) => {
  const { app, logs } = await appWith(t)
  app.get('/things/:id', async () => secret)
  app.post('/test', async (_request, reply) => reply.code(201).header('location', '/things/1').send(secret))
  t.equal((await app.inject({ method: 'POST', url: '/test' })).statusCode, 201)
  t.match(logs.filter(({ rule }) => rule), [{ level: 40, rule: 'created-etag' }])
})

t.test('one line at boot says what a broken rule does, and one warns of @fastify/etag', async (t) => {
  for (const [enforcement, says] of [
    ['throw', /enforcement throw: a broken rule of severity error responds 500$/],
    ['log', /enforcement log: a broken rule of severity error is logged, and the response is sent$/]
  ] as const) {
    const { app, logs } = await appWith(t, { enforcement })
    await app.ready()
    t.equal(logs.filter(({ msg, level }) => says.test(msg) && level === 30).length, 1)
    t.equal(logs.filter(({ msg }) => /replyWith304/.test(msg)).length, 0)
  }
  const { app, logs } = await appWith(t)
  await app.register(etag)
  await app.ready()
  t.equal(logs.filter(({ msg }) => /replyWith304: false/.test(msg)).length, 1)
})

// One line for one fault

/** The lines that are logged at level `error`, as `[rule, whether it is Fastify's own line]`. */
function faults ({ logs }: AppWith): Array<[rule: string, isOfFastify: boolean]> {
  return logs.filter(({ level }) => level >= 50)
    .map(({ rule, err }) => [rule ?? err?.rule ?? err?.message, err !== undefined])
}

const kinds: Array<[kind: string, rule: RuleId, handler: RouteHandlerMethod]> = [
  ['by hand', 'created-location', noLocation],
  ['by a helper', 'location-syntax', async (_request, reply) => reply.created(secret, { location: 'x', etag: 1 })],
  ['by urlFor()', 'helper-argument', async (request) => request.urlFor({} as never, secret)]
]

/** How the error of a violation is handled, and who logs it. */
interface Handling {
  name: string
  options?: FastifyCreatedOptions
  route?: RouteShorthandOptions
  prepare?: (app: FastifyInstance) => void
  loggedBy: 'Fastify' | 'the package'
}
const own = { own: true }
const respond = (reply: FastifyReply) => { reply.code(500).send(own) }

const handlings: Handling[] = [
  { name: 'the default error handler', loggedBy: 'Fastify' },
  {
    name: 'the default error handler and a response schema of the 500',
    route: { schema: { response: { 500: { type: 'object', properties: { message: { type: 'string' } } } } } },
    loggedBy: 'Fastify'
  },
  { name: 'problemDetails', options: { problemDetails: true }, loggedBy: 'Fastify' },
  {
    name: 'problemDetails beside an error handler that does not log',
    options: { problemDetails: true },
    prepare: (app) => app.setErrorHandler((_error, _request, reply) => respond(reply)),
    loggedBy: 'Fastify'
  },
  {
    name: 'an error handler that does not log',
    prepare: (app) => app.setErrorHandler((_error, _request, reply) => respond(reply)),
    loggedBy: 'the package'
  },
  {
    name: 'an error handler of the route that does not log',
    route: { errorHandler: (_error, _request, reply) => respond(reply) },
    loggedBy: 'the package'
  },
  {
    name: 'an error handler that sends the error on',
    prepare: (app) => app.setErrorHandler((error, _request, reply) => reply.send(error)),
    loggedBy: 'Fastify'
  },
  {
    name: 'an error handler that throws the error again',
    prepare: (app) => app.setErrorHandler(async (error) => { throw error }),
    loggedBy: 'Fastify'
  },
  {
    name: 'an exempt route and the default error handler',
    route: { config: { created: false } },
    loggedBy: 'Fastify'
  },
  {
    name: 'an exempt route and an error handler that does not log',
    route: { config: { created: false } },
    prepare: (app) => app.setErrorHandler((_error, _request, reply) => respond(reply)),
    loggedBy: 'the package'
  }
]

for (const { name, options = {}, route = {}, prepare, loggedBy } of handlings) {
  t.test(`one fault, one line in the log: with ${name}, it is that of ${loggedBy}`, async (t) => {
    for (const [kind, rule, handler] of kinds) {
      // A response by hand of an exempt route is not checked.
      if (kind === 'by hand' && route.config?.created === false) continue
      const made = await appWith(t, options)
      prepare?.(made.app)
      made.app.post('/test', route, handler)
      const { statusCode, body } = await made.app.inject({ method: 'POST', url: '/test' })
      t.equal(statusCode, 500, kind)
      t.notMatch(body, 'hunter2')
      t.same(made.rules(), [rule])
      t.same(faults(made), [[rule, loggedBy === 'Fastify']], kind)
      t.match(made.logs.find(({ level }) => level === 50)?.msg, made.violations[0].message, 'with the full text')
    }
  })
}

t.test('one fault, one line in the log: without the log lines of requests, it is that of the package', async (t) => {
  const prepares: Array<Handling['prepare']> = [
    undefined,
    (app) => app.setErrorHandler((_error, _request, reply) => respond(reply)),
    (app) => app.setErrorHandler((error, _request, reply) => reply.send(error))
  ]
  for (const prepare of prepares) {
    for (const [kind, rule, handler] of kinds) {
      const made = await appWith(t, {}, { disableRequestLogging: true })
      prepare?.(made.app)
      made.app.post('/test', handler)
      t.equal((await made.app.inject({ method: 'POST', url: '/test' })).statusCode, 500)
      t.same(faults(made), [[rule, false]], kind)
    }
  }
})

t.test('one fault, one line in the log: a handler catches the violation and sends something else', async (t) => {
  const made = await appWith(t)
  made.app.post('/test', async (_request, reply) => {
    try {
      return reply.created(secret, { location: 'x', etag: 1 })
    } catch {
      return reply.code(409).send(own)
    }
  })
  const response = await made.app.inject({ method: 'POST', url: '/test' })
  t.match({ status: response.statusCode, body: response.json() }, { status: 409, body: own })
  t.same(made.rules(), ['location-syntax'])
  t.same(faults(made), [['location-syntax', false]])
})

t.test('one fault, one line in the log: a handler catches the violation and throws something else', async (t) => {
  const made = await appWith(t)
  made.app.post('/test', async (_request, reply) => {
    try {
      return reply.created(secret, { location: 'x', etag: 1 })
    } catch {
      throw new Error('something else')
    }
  })
  t.equal((await made.app.inject({ method: 'POST', url: '/test' })).statusCode, 500)
  t.same(made.rules(), ['location-syntax'])
  t.same(faults(made).sort(), [['location-syntax', false], ['something else', true]])
})

t.test('one fault, one line in the log: an error handler responds 201', async (t) => {
  const created = (reply: FastifyReply) => { reply.code(201).headers({ location: '/things/1', etag: '"1"' }).send(own) }
  const scopes: Array<[name: string, isOfFastify: boolean, prepare: (app: FastifyInstance) => void]> = [
    ['that is the only one', true, () => {}],
    ['below one that does not log', false, (app) => app.setErrorHandler((_error, _request, reply) => respond(reply))]
  ]
  for (const [name, isOfFastify, prepare] of scopes) {
    for (const disableRequestLogging of [false, true]) {
      const made = await appWith(t, {}, { disableRequestLogging })
      made.app.get('/things/:id', async () => secret)
      prepare(made.app)
      made.app.register(async (scope) => {
        scope.setErrorHandler((_error, _request, reply) => created(reply))
        scope.post('/fails', async () => { throw new Error('no') })
        scope.post('/violates', async (_request, reply) => reply.created(secret, { location: 'x', etag: 1 }))
      })
      const lastLine = ['created-failure', isOfFastify && !disableRequestLogging]
      t.equal((await made.app.inject({ method: 'POST', url: '/fails' })).statusCode, 500)
      t.same(made.rules(), ['created-failure'])
      t.same(faults(made), [lastLine], `${name}, ${disableRequestLogging}`)

      made.logs.splice(0)
      t.equal((await made.app.inject({ method: 'POST', url: '/violates' })).statusCode, 500)
      t.same(made.rules().slice(1), ['location-syntax', 'created-failure'])
      t.same(faults(made), [['location-syntax', false], lastLine], `${name}, ${disableRequestLogging}`)
    }
  }
})

t.test('a response that breaks two rules has a line for each', async (t) => {
  const silent = (app: FastifyInstance) => app.setErrorHandler((_error, _request, reply) => respond(reply))
  for (const prepare of [undefined, silent]) {
    const made = await appWith(t)
    prepare?.(made.app)
    made.app.post('/test', async (_request, reply) =>
      reply.code(201).headers({ location: 'x', etag: 'x' }).send(secret))
    t.equal((await made.app.inject({ method: 'POST', url: '/test' })).statusCode, 500)
    t.same(made.rules(), ['location-syntax', 'etag-syntax'])
    t.same(faults(made).map(([rule]) => rule).sort(), ['etag-syntax', 'location-syntax'])
  }
})

// In production

/** Runs with `NODE_ENV=production`. */
function inProduction (t: Test): void {
  const { NODE_ENV } = process.env
  process.env.NODE_ENV = 'production'
  t.teardown(() => {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = NODE_ENV
  })
}

t.test('in production with enforcement throw, the response is short and the log has the full text', async (t) => {
  inProduction(t)
  const prepares: Array<Handling['prepare']> = [
    undefined,
    (app) => app.setErrorHandler((error: Error, _request, reply) => {
      reply.code(500).send({ message: error.message })
    }),
    (app) => app.setErrorHandler((error, _request, reply) => reply.send(error))
  ]
  for (const [index, prepare] of prepares.entries()) {
    for (const disableRequestLogging of [false, true]) {
      const made = await appWith(t, {}, { disableRequestLogging })
      prepare?.(made.app)
      made.app.post('/test', async (_request, reply) =>
        reply.created(secret, { location: 'https://hunter2.example/1', etag: 1 }))
      const { statusCode, body } = await made.app.inject({ method: 'POST', url: '/test' })
      t.equal(statusCode, 500)
      t.equal(JSON.parse(body).message, 'POST /test broke the rule location-origin (RFC 9110 sections 7.2 and 17.1). ' +
        'The log says what was found and how to fix it')
      t.notMatch(body, 'hunter2')

      const [{ message }] = made.violations
      t.match(message, /Found: Location is on https:\/\/hunter2\.example\. Required: .+ Fix: .+locationOrigins/)
      const isOfFastify = index !== 1 && !disableRequestLogging
      t.same(faults(made), [['location-origin', isOfFastify]])
      const line = made.logs.find(({ level }) => level === 50)!
      if (isOfFastify) t.match(line.err.stack, `caused by: ${message}`)
      else t.equal(line.msg, `fastify-created: ${message}`)
    }
  }
})

t.test('in production the thrown error is short, and its cause has the full text', async (t) => {
  inProduction(t)
  const { app, violations } = await appWith(t)
  let thrown: unknown
  app.post('/test', async (_request, reply) => {
    try {
      return reply.created(secret, { location: 'https://hunter2.example/1', etag: 1 })
    } catch (error) {
      thrown = error
      throw error
    }
  })
  await app.inject({ method: 'POST', url: '/test' })
  t.type(thrown, FST_CREATED_VIOLATION)
  const { message, cause } = thrown as Error
  t.notMatch(message, 'hunter2')
  t.equal((cause as Error).message, violations[0].message)
  t.notMatch(JSON.stringify(thrown), 'hunter2')
})

t.test('outside of production the error, the log and the response have the full text', async (t) => {
  const made = await appWith(t)
  made.app.post('/test', noLocation)
  const { message } = (await made.app.inject({ method: 'POST', url: '/test' })).json()
  t.equal(message, made.violations[0].message)
  t.equal(message.replace(/return reply\.created\(.+\)\. See/, 'return reply.created(…). See'),
    'POST /test broke the rule created-location. Found: the 201 has no Location. ' +
    'Required: a 201 to POST must name the new resource in Location (RFC 9110 sections 9.3.3 and 15.3.2). ' +
    'Fix: return reply.created(…). See fastify-created/docs/reference/rules.md#created-location')
  t.match(made.logs.filter(({ level }) => level === 50), [{ msg: message, err: { message, rule: 'created-location' } }])
})

// onViolation

t.test('an onViolation that throws or rejects is logged and changes nothing', async (t) => {
  const failures = [
    () => { throw new Error('metrics are gone') },
    async () => { throw new Error('metrics are gone') }
  ]
  for (const onViolation of failures) {
    const { app, logs } = await appWith(t, { enforcement: 'log', onViolation })
    app.post('/test', noLocation)
    t.equal((await app.inject({ method: 'POST', url: '/test' })).statusCode, 201)
    t.match(logs.filter(({ msg }) => /onViolation failed/.test(msg)), [{ err: { message: 'metrics are gone' } }])
  }
})

t.test('onViolation gets the violation and the request', async (t) => {
  const calls: unknown[] = []
  const { app } = await appWith(t, {
    onViolation: (violation, request) => { calls.push([request?.headers['x-id'], violation]) }
  })
  app.post('/test', noLocation)
  await app.inject({ method: 'POST', url: '/test', headers: { 'x-id': '7' } })
  t.match(calls, [['7', {
    rule: 'created-location',
    severity: 'error',
    message: String,
    found: 'the 201 has no Location',
    fix: /^return reply\.created\(/,
    spec: 'RFC 9110 sections 9.3.3 and 15.3.2',
    method: 'POST',
    url: '/test'
  }]])
  const [[, violation]] = calls as [[string, object]]
  t.same(Object.keys(violation), ['rule', 'severity', 'message', 'found', 'fix', 'spec', 'method', 'url'])
})
