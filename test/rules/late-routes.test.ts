import cors from '@fastify/cors'
import fastifyStatic from '@fastify/static'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import Fastify, { type FastifyInstance, type FastifyReply, type RouteHandlerMethod } from 'fastify'
import t, { type Test } from 'tap'
import fastifyCreated, {
  resource, type CreatedInit, type FastifyCreatedOptions, type Violation
} from '../../src/index.js'

const wrong: RouteHandlerMethod = async (_request, reply: FastifyReply) =>
  reply.code(201).header('etag', '"1"').send({ password: 'hunter2' })
const nothing: RouteHandlerMethod = async () => ({})
const creates: RouteHandlerMethod = async (_request, reply) =>
  reply.created({ id: '1' }, undefined as unknown as CreatedInit)

function bare (t: Test, server = {}) {
  const app: FastifyInstance = Fastify(server)
  t.teardown(() => app.close())
  const violations: Violation[] = []
  const options: FastifyCreatedOptions = {
    enforcement: 'throw',
    onViolation: (violation) => { violations.push(violation) }
  }
  const rules = () => violations.map(({ rule, method, url }) => `${rule} ${method} ${url}`)
  return { app, violations, options, rules }
}

type Warning = Error & { code?: string }

/** The process warnings of this package from now on: Node emits them in a later tick. */
function processWarnings (t: Test): () => Promise<Warning[]> {
  const warnings: Warning[] = []
  const listener = (warning: Warning) => { if (warning.name === 'FastifyCreatedWarning') warnings.push(warning) }
  process.on('warning', listener)
  t.teardown(() => process.off('warning', listener))
  return async () => {
    await new Promise((resolve) => setImmediate(resolve))
    return warnings
  }
}

const REGISTER_FIRST = {
  found: /, and the config of the route is ignored, because it was declared before the plugin had loaded$/,
  fix: 'await app.register(fastifyCreated), before the first route'
}

// At boot

t.test('late routes are named at boot by a process warning, which shows without a logger', async (t) => {
  for (const profile of ['recommended', 'strict'] as const) {
    const warnings = processWarnings(t)
    const { app, options, violations } = bare(t)
    app.post('/early', wrong)
    await app.register(fastifyCreated, { ...options, profile, rules: { 'late-route': 'warn' } })
    await app.ready()
    const found = 'this route was declared before the plugin had loaded: POST /early'
    t.match(await warnings(), [{
      name: 'FastifyCreatedWarning',
      code: 'FST_CREATED_LATE_ROUTE',
      message: `fastify-created: ${found}. Its config.resource and config.created are ignored. ` +
        'Fix: await app.register(fastifyCreated), before the first route'
    }])
    t.match(violations, [{
      rule: 'late-route',
      severity: 'warn',
      found,
      fix: 'await app.register(fastifyCreated), before the first route'
    }])
    t.equal(violations.length, 1)
  }
})

t.test('late routes are named at boot in the log, once for all of them', async (t) => {
  const lines: Array<Record<string, unknown>> = []
  const warnings = processWarnings(t)
  const stream = { write: (line: string) => lines.push(JSON.parse(line)) }
  const { app, options, rules } = bare(t, { logger: { stream } })
  app.post('/a', nothing)
  app.delete('/b', nothing)
  await app.register(fastifyCreated, options)
  await app.ready()
  const found = 'these routes were declared before the plugin had loaded: DELETE /b, POST /a'
  t.match(lines.filter(({ rule }) => rule !== undefined), [{
    level: 40,
    rule: 'late-route',
    msg: /^fastify-created: .+ broke the rule late-route\. Found: .+ config\.resource and config\.created are ignored/
  }])
  for (const part of [`Found: ${found}. Required: `, `. Fix: ${REGISTER_FIRST.fix}. See `]) {
    t.match(lines.find(({ rule }) => rule !== undefined)!.msg, part)
  }
  const [{ message }] = await warnings()
  t.match(message, `${found}. Their config.resource and config.created are ignored.`)
  t.equal(rules().length, 1)
})

t.test('late routes are named by their methods and URLs, with prefixes, parameters and wildcards', async (t) => {
  const { app, options, violations } = bare(t)
  const names = new Set<string>()
  const declare = (scope: FastifyInstance, method: string, url: string, more = {}) => {
    names.add(`${method} ${scope.prefix}${url}`)
    scope.route({ method, url, handler: nothing, ...more })
  }
  app.addHttpMethod('MKCOL', { hasBody: true }).addHttpMethod('M-SEARCH', { hasBody: true })
  for (const url of ['/', '/users', '/users/:id/clone', '/userse', '/a-:x.:y', '/:id(^\\d+$)']) {
    declare(app, 'POST', url)
  }
  for (const method of ['PUT', 'PATCH', 'DELETE']) declare(app, method, '/users/:id')
  for (const url of ['/files/*', '/more-files/*']) declare(app, 'POST', url)
  for (const method of ['MKCOL', 'M-SEARCH']) declare(app, method, '/dav/*')
  for (const host of ['a.example', 'b.example']) declare(app, 'POST', '/hosted', { constraints: { host } })
  declare(app, 'POST', '*')
  // They create and change nothing.
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'TRACE']) {
    app.route({ method, url: '/reads', exposeHeadRoute: false, handler: nothing })
  }
  app.register(async (scope) => {
    declare(scope, 'POST', '/:org/users')
    scope.register(async (inner) => {
      declare(inner, 'PUT', '/orgs/:org/users/:id')
      declare(inner, 'POST', '/deep/*')
    }, { prefix: '/v2' })
  }, { prefix: '/api' })
  await app.register(fastifyCreated, options)
  const list = /had loaded: (.+)$/.exec(violations[0].found)![1].split(', ')
  t.same(list.sort(), [...names].sort())
  t.equal(new Set(list).size, list.length)
})

t.test('late routes are not named if the rule is off', async (t) => {
  const warnings = processWarnings(t)
  const { app, options, rules } = bare(t)
  app.post('/early', nothing)
  await app.register(fastifyCreated, { ...options, profile: 'strict', rules: { 'late-route': 'off' } })
  t.equal((await app.inject({ method: 'POST', url: '/early' })).statusCode, 200)
  t.same(await warnings(), [])
  t.same(rules(), [])
})

t.test('in strict, late routes stop the boot, whatever the enforcement', async (t) => {
  for (const enforcement of ['throw', 'log'] as const) {
    const warnings = processWarnings(t)
    const { app, options, violations } = bare(t)
    app.post('/early', wrong)
    app.register(fastifyCreated, { ...options, enforcement, profile: 'strict' })
    await t.rejects(async () => { await app.ready() }, {
      code: 'FST_CREATED_VIOLATION',
      rule: 'late-route',
      message: /Found: this route was .+: POST \/early\. Required: .+ Fix: await app\.register\(fastifyCreated\), before/
    })
    t.match(violations, [{ rule: 'late-route', severity: 'error' }])
    t.same(await warnings(), [], 'the error is enough')
  }
})

t.test('@fastify/cors, static and swagger-ui may be registered first: in strict, too, the app boots', async (t) => {
  const warnings = processWarnings(t)
  const { app, options, rules } = bare(t)
  await app.register(cors, { exposedHeaders: ['Location', 'ETag'] })
  await app.register(fastifyStatic, { root: t.testdir({ 'page.txt': 'text' }), prefix: '/static/' })
  await app.register(swagger)
  await app.register(swaggerUi)
  await app.register(fastifyCreated, { ...options, profile: 'strict' })
  await app.ready()
  for (const url of ['/static/page.txt', '/documentation', '/documentation/json']) {
    t.equal((await app.inject(url)).statusCode, 200, url)
  }
  const headers = { origin: 'https://page.example', 'access-control-request-method': 'POST' }
  t.equal((await app.inject({ method: 'OPTIONS', url: '/', headers })).statusCode, 204)
  t.same(await warnings(), [])
  t.same(rules(), [])
})

// Responses

t.test('the responses of a late route are checked, and it is named at boot only', async (t) => {
  const { app, options, rules } = bare(t)
  app.post('/early/:id', wrong)
  app.get('/early', async () => 'fine')
  await app.register(fastifyCreated, options)
  app.post('/later', wrong)
  t.same(rules().splice(0), ['late-route * *'])

  for (const url of ['/early/1', '/early/2', '/later']) {
    t.equal((await app.inject({ method: 'POST', url })).statusCode, 500, url)
  }
  for (const times of [1, 2]) t.equal((await app.inject('/early')).statusCode, 200, `${times}`)
  t.same(rules().slice(1), [
    'created-location POST /early/:id', 'created-location POST /early/:id', 'created-location POST /later'
  ])
})

t.test('a route on the line after a register that is not awaited is a late route', async (t) => {
  const { app, options, rules, violations } = bare(t)
  app.register(fastifyCreated, options)
  app.post('/early', wrong)
  t.equal((await app.inject({ method: 'POST', url: '/early' })).statusCode, 500)
  t.same(rules(), ['late-route * *', 'created-location POST /early'])
  t.match(violations[0].found, 'POST /early')
})

t.test('a route of a plugin that was registered before is a late route', async (t) => {
  const { app, options, rules, violations } = bare(t)
  app.register(async (scope) => { scope.post('/early', wrong) })
  app.register(fastifyCreated, options)
  t.equal((await app.inject({ method: 'POST', url: '/early' })).statusCode, 500)
  t.same(rules(), ['late-route * *', 'created-location POST /early'])
  t.match(violations[0].found, 'POST /early')
})

t.test('in a late route the helpers work by the options of the plugin', async (t) => {
  const { app, options, rules } = bare(t)
  app.register(fastifyCreated, { ...options, basePath: '/api', rules: { 'late-route': 'off' } })
  app.get('/things/:id', async (_request, reply) => reply.ok({}, { etag: 1 }))
  app.post('/things', async (_request, reply) => reply.created({}, { location: '/things/1', etag: 1 }))
  const response = await app.inject({ method: 'POST', url: '/things' })
  t.equal(response.headers.location, '/api/things/1')
  t.equal((await app.inject({ url: '/things/1', headers: { 'if-none-match': '"1"' } })).statusCode, 304)
  t.same(rules(), [])
})

t.test('created() in a late route with a resource says that its config is ignored', async (t) => {
  const thingResource = resource<{ id: string }>({ etag: () => 1 })
  const withResource = { config: { resource: thingResource } }
  for (const enforcement of ['throw', 'log'] as const) {
    const { app, options, violations } = bare(t)
    const post = async (url: string) => await app.inject({ method: 'POST', url })
    app.post('/early', withResource, creates)
    await app.register(fastifyCreated, { ...options, enforcement, rules: { 'late-route': 'off' } })
    app.get('/things/:id', withResource, async (_request, reply) => reply.ok({ id: '1' }))
    app.post('/later', creates)
    app.post('/things', withResource, creates)
    const status = enforcement === 'throw' ? 500 : 201

    t.match(await post('/early'), { statusCode: status, headers: { location: undefined } })
    t.match(violations.splice(0)[0], {
      rule: 'created-location',
      severity: 'error',
      ...REGISTER_FIRST,
      message: /got no location.+before the plugin had loaded.+Fix: await app\.register\(fastifyCreated\), before/
    })

    t.equal((await post('/later')).statusCode, status)
    t.match(violations[0], {
      rule: 'created-location',
      found: 'created() got no location, and the route has no resource',
      fix: /^return reply\.created\(.+\{ location: .+, etag: .+ \}\), or declare config: \{ resource: \w+Resource \}/
    })
    t.notMatch(violations.splice(0)[0].message, /app\.register/)

    t.match(await post('/things'), { statusCode: 201, headers: { location: '/things/1' } })
    t.same(violations, [])
  }
})

t.test('accepted() in a late route says that its config is ignored', async (t) => {
  const { app, violations, options } = bare(t)
  app.post('/early', async (_request, reply) => reply.accepted({}, undefined as never))
  await app.register(fastifyCreated, { ...options, rules: { 'late-route': 'off' } })
  t.equal((await app.inject({ method: 'POST', url: '/early' })).statusCode, 500)
  t.match(violations, [{ rule: 'helper-argument', ...REGISTER_FIRST }])
  t.match(violations[0].found, 'accepted() got the location undefined')
})

t.test('created() without a route says what to give, and not to register earlier', async (t) => {
  const { app, violations, options } = bare(t)
  await app.register(fastifyCreated, options)
  app.setNotFoundHandler(async (_request, reply) => reply.created({}, {} as never))
  t.equal((await app.inject({ method: 'POST', url: '/nowhere' })).statusCode, 500)
  t.match(violations, [{
    rule: 'created-location',
    found: 'created() got no location, and the route has no resource',
    fix: /^return reply\.created\(.+\{ location: .+, etag: .+ \}\)/
  }])
  t.notMatch(violations[0].message, /app\.register/)
})

t.test('what a helper reports of late routes is counted for each of them, by its URL', async (t) => {
  const { app, options, rules } = bare(t)
  app.register(fastifyCreated, { ...options, rules: { 'late-route': 'off' } })
  for (const url of ['/a', '/b']) app.post(url, creates)
  for (const url of ['/a', '/b', '/b']) t.equal((await app.inject({ method: 'POST', url })).statusCode, 500)
  t.same(rules(), ['created-location POST /a', 'created-location POST /b', 'created-location POST /b'])
})

t.test('preflights of a plugin that was registered before are not named', async (t) => {
  const { app, options, rules } = bare(t)
  app.options('*', async (_request, reply) => reply.code(204).send())
  await app.register(fastifyCreated, options)
  t.equal((await app.inject({ method: 'OPTIONS', url: '/x' })).statusCode, 204)
  t.same(rules(), [])
})

// Below the root, where Fastify does not tell which routes are of the same scope

t.test('below the root a late route is named by its first response that is not to a read', async (t) => {
  const warnings = processWarnings(t)
  const { app, options, rules, violations } = bare(t)
  app.register(async (scope) => {
    scope.route({ method: ['GET', 'POST'], url: '/early', handler: nothing })
    scope.get('/read', nothing)
    await scope.register(fastifyCreated, options)
  })
  const steps = [
    ['GET', '/read', 0], ['GET', '/early', 0], ['POST', '/early', 1], ['POST', '/early', 1], ['GET', '/early', 1]
  ] as const
  for (const [method, url, count] of steps) {
    t.equal((await app.inject({ method, url })).statusCode, 200)
    t.equal(violations.length, count, `${method} ${url}`)
  }
  t.same(rules(), ['late-route POST /early'])
  t.match(violations, [{
    severity: 'warn', found: 'the route was declared before the plugin had loaded', fix: REGISTER_FIRST.fix
  }])
  t.same(await warnings(), [])
})

t.test('in strict, a late route below the root responds 500 each time, because it is not known at boot', async (t) => {
  const { app, options, rules } = bare(t)
  app.post('/other', async () => 'not of this scope')
  app.register(async (scope) => {
    scope.post('/early', async () => 'secret')
    scope.get('/read', async () => 'fine')
    await scope.register(fastifyCreated, { ...options, profile: 'strict' })
    scope.post('/later', async () => 'fine')
  })
  t.equal((await app.inject({ method: 'POST', url: '/other' })).statusCode, 200)
  t.equal((await app.inject({ method: 'POST', url: '/later' })).statusCode, 200)
  t.equal((await app.inject('/read')).statusCode, 200)
  for (const times of [1, 2]) {
    const response = await app.inject({ method: 'POST', url: '/early' })
    t.equal(response.statusCode, 500, `${times}`)
    t.notMatch(response.body, 'secret')
  }
  t.same(rules(), ['late-route POST /early', 'late-route POST /early'])
})

// Scopes

t.test('the plugin checks the scope that it is registered in, and no other', async (t) => {
  const { app, options, rules } = bare(t)
  app.register(async (scope) => {
    await scope.register(fastifyCreated, options)
    scope.post('/inside', wrong)
    scope.register(async (child) => { child.post('/below', wrong) })
  })
  app.register(async (scope) => { scope.post('/beside', wrong) })
  app.post('/outside', wrong)
  const statuses = []
  for (const url of ['/inside', '/below', '/beside', '/outside']) {
    statuses.push((await app.inject({ method: 'POST', url })).statusCode)
  }
  t.same(statuses, [500, 500, 201, 201])
  t.same(rules(), ['created-location POST /inside', 'created-location POST /below'])
})

t.test('registered again in a scope below, the plugin checks by the options of that scope, and once', async (t) => {
  const { app, options, rules } = bare(t)
  const inner: string[] = []
  await app.register(fastifyCreated, options)
  app.register(async (scope) => {
    await scope.register(fastifyCreated, { enforcement: 'log', onViolation: ({ rule }) => { inner.push(rule) } })
    scope.post('/inside', wrong)
  })
  app.post('/outside', wrong)
  t.equal((await app.inject({ method: 'POST', url: '/inside' })).statusCode, 201)
  t.same(inner, ['created-location'])
  t.same(rules(), [])
  t.equal((await app.inject({ method: 'POST', url: '/outside' })).statusCode, 500)
  t.same(rules(), ['created-location POST /outside'])
})

t.test('registering the plugin twice in one scope is an error that names it', async (t) => {
  const twice = {
    code: 'FST_CREATED_ALREADY_REGISTERED',
    message: /^fastify-created cannot be registered\. Found: it is registered in this scope already\. .+ Fix: remove one/
  }
  const { app, options } = bare(t)
  await app.register(fastifyCreated, options)
  await t.rejects(async () => { await app.register(fastifyCreated, options) }, twice)

  const below = bare(t)
  below.app.register(async (scope) => {
    await scope.register(fastifyCreated, below.options)
    await scope.register(fastifyCreated, below.options)
  })
  await t.rejects(async () => { await below.app.ready() }, twice)
})

t.test('two scopes may have options of their own, and two apps do not know each other', async (t) => {
  const one = bare(t)
  const two = bare(t)
  const right: RouteHandlerMethod = async (_request, reply) =>
    reply.created({}, { location: '/things/1', etag: 1 })
  for (const [app, prefix] of [[one.app, '/one'], [two.app, '/two']] as const) {
    app.get('/things/:id', async () => ({}))
    for (const version of ['v1', 'v2']) {
      app.register(async (scope) => {
        await scope.register(fastifyCreated, { basePath: `${prefix}/${version}` })
        scope.post('/things', right)
      }, { prefix: `/${version}` })
    }
  }
  const locationOf = async (app: FastifyInstance, url: string) =>
    (await app.inject({ method: 'POST', url })).headers.location
  t.equal(await locationOf(one.app, '/v1/things'), '/one/v1/things/1')
  t.equal(await locationOf(one.app, '/v2/things'), '/one/v2/things/1')
  t.equal(await locationOf(two.app, '/v1/things'), '/two/v1/things/1')
})

t.test('assertPreconditions() in a late route says that its config is ignored', async (t) => {
  const app = Fastify()
  app.put('/users/:id', { config: { resource: resource<any>({ etag: (user) => user.version }) } }, async (request) => {
    request.assertPreconditions({ id: 1, version: 1 } as never)
  })
  await app.register(fastifyCreated, { rules: { 'late-route': 'off' } })
  t.teardown(() => app.close())
  const { message } = (await app.inject({ method: 'PUT', url: '/users/1' })).json()
  t.match(message, 'on a route whose config is ignored, because it was declared before the plugin had loaded')
  t.match(message, 'Fix: await app.register(fastifyCreated), before the first route')
})
