import Fastify, { type FastifyReply, type RouteHandlerMethod } from 'fastify'
import t, { type Test } from 'tap'
import created, { resource, type CreatedInit, type PluginOptions, type Violation } from '../../src/index.js'

const wrong: RouteHandlerMethod = async (_request, reply: FastifyReply) => reply.code(201).header('etag', '"1"').send({ password: 'hunter2' })

function bare (t: Test) {
  const app = Fastify()
  t.teardown(() => app.close())
  const violations: Violation[] = []
  const options: PluginOptions = { enforcement: 'throw', onViolation: (violation) => { violations.push(violation) } }
  return { app, violations, options, rules: () => violations.map(({ rule, url }) => `${rule} ${url}`) }
}

t.test('a route declared before the plugin is covered by the net, and named once', async (t) => {
  const { app, violations, options, rules } = bare(t)
  app.post('/early/:id', wrong)
  app.get('/early', async () => 'fine')
  await app.register(created, options)
  app.post('/later', wrong)

  for (const url of ['/early/1', '/early/2', '/later']) t.equal((await app.inject({ method: 'POST', url })).statusCode, 500, url)
  for (const times of [1, 2]) t.equal((await app.inject('/early')).statusCode, 200, `${times}`)
  t.same(rules(), ['late-route /early/:id', 'created-location /early/:id', 'created-location /early/:id', 'created-location /later', 'late-route /early'])
  t.match(violations[0], { severity: 'warn', method: 'POST', message: /register fastify-created before them.+await app\.register\(created\)/ })
})

t.test('so is a route of the root on the line after a register that nobody waits for', async (t) => {
  const { app, options, rules } = bare(t)
  app.register(created, options)
  app.post('/early', wrong)
  t.equal((await app.inject({ method: 'POST', url: '/early' })).statusCode, 500)
  t.same(rules(), ['late-route /early', 'created-location /early'])
})

t.test('so is a route of a plugin that was registered before', async (t) => {
  const { app, options, rules } = bare(t)
  app.register(async (scope) => { scope.post('/early', wrong) })
  app.register(created, options)
  t.equal((await app.inject({ method: 'POST', url: '/early' })).statusCode, 500)
  t.same(rules(), ['late-route /early', 'created-location /early'])
})

t.test('the helpers work in a late route, by the options of the plugin', async (t) => {
  const { app, options, rules } = bare(t)
  app.register(created, { ...options, basePath: '/api', rules: { 'late-route': 'off' } })
  app.get('/things/:id', async (_request, reply) => reply.ok({}, { etag: 1 }))
  app.post('/things', async (_request, reply) => reply.created({}, { location: '/things/1', etag: 1 }))
  const answer = await app.inject({ method: 'POST', url: '/things' })
  t.equal(answer.headers.location, '/api/things/1')
  t.equal((await app.inject({ url: '/things/1', headers: { 'if-none-match': '"1"' } })).statusCode, 304)
  t.same(rules(), [])
})

t.test('a late route that relies on its resource is told that its config is not seen', async (t) => {
  const thing = resource<{ id: string }>({ etag: () => 1 })
  const carries = { config: { resource: thing } }
  const creates: RouteHandlerMethod = async (_request, reply) => reply.created({ id: '1' }, undefined as unknown as CreatedInit)
  for (const enforcement of ['throw', 'log'] as const) {
    const { app, options, violations } = bare(t)
    app.post('/early', carries, creates)
    await app.register(created, { ...options, enforcement, rules: { 'late-route': 'off' } })
    app.get('/things/:id', carries, async (_request, reply) => reply.ok({ id: '1' }))
    app.post('/later', creates)
    app.post('/things', carries, creates)
    t.match(await app.inject({ method: 'POST', url: '/early' }), { statusCode: enforcement === 'throw' ? 500 : 201, headers: { location: undefined } })
    t.match(violations.splice(0)[0], { rule: 'created-location', severity: 'error', message: /given no location.+not seen, because it was declared earlier than fastify-created was loaded: await app\.register\(created\) before it/ })
    t.equal((await app.inject({ method: 'POST', url: '/later' })).statusCode, enforcement === 'throw' ? 500 : 201)
    t.match(violations[0], { rule: 'created-location', message: /the route has no resource: give \{ location, etag \}, or declare config: \{ resource \}/ })
    t.notMatch(violations.splice(0)[0].message, /app\.register/)
    t.match(await app.inject({ method: 'POST', url: '/things' }), { statusCode: 201, headers: { location: '/things/1' } })
    t.same(violations, [])
  }
})

t.test('what a helper refuses in late routes is logged for each of them, by its URL', async (t) => {
  const { app, options, rules } = bare(t)
  app.register(created, options)
  const creates: RouteHandlerMethod = async (_request, reply) => reply.created({ id: '1' }, undefined as unknown as CreatedInit)
  for (const url of ['/a', '/b']) app.post(url, creates)
  for (const url of ['/a', '/b', '/b']) t.equal((await app.inject({ method: 'POST', url })).statusCode, 500)
  t.same(rules(), ['created-location /a', 'created-location /b', 'created-location /b'])
})

t.test('preflights of an earlier plugin are not named', async (t) => {
  const { app, options, rules } = bare(t)
  app.options('*', async (_request, reply) => reply.code(204).send())
  await app.register(created, options)
  t.equal((await app.inject({ method: 'OPTIONS', url: '/x' })).statusCode, 204)
  t.same(rules(), [])
})

t.test('in strict, routes declared before the plugin stop the boot, whatever the enforcement', async (t) => {
  for (const enforcement of ['throw', 'log'] as const) {
    const { app, options, violations } = bare(t)
    app.post('/early', wrong)
    app.register(created, { ...options, enforcement, profile: 'strict' })
    await t.rejects(async () => { await app.ready() }, {
      code: 'FST_CREATED_VIOLATION',
      rule: 'late-route',
      message: /\/early \(POST\)[^]*await app\.register\(created\)/
    })
    t.match(violations, [{ rule: 'late-route', severity: 'error' }])
  }
})

t.test('in strict, a late route of another scope is refused each time, as it is not known at boot', async (t) => {
  const { app, options, rules } = bare(t)
  app.get('/other', async () => 'not of this scope')
  app.register(async (scope) => {
    scope.get('/early', async () => 'secret')
    await scope.register(created, { ...options, profile: 'strict' })
    scope.get('/later', async () => 'fine')
  })
  t.equal((await app.inject('/other')).statusCode, 200)
  t.equal((await app.inject('/later')).statusCode, 200)
  for (const times of [1, 2]) {
    const answer = await app.inject('/early')
    t.equal(answer.statusCode, 500, `${times}`)
    t.notMatch(answer.body, 'secret')
  }
  t.same(rules(), ['late-route /early', 'late-route /early'])
})

t.test('the plugin guards the scope that it is registered in, and no other', async (t) => {
  const { app, options, rules } = bare(t)
  app.register(async (scope) => {
    await scope.register(created, options)
    scope.post('/inside', wrong)
    scope.register(async (child) => { child.post('/below', wrong) })
  })
  app.register(async (scope) => { scope.post('/beside', wrong) })
  app.post('/outside', wrong)
  const statuses = []
  for (const url of ['/inside', '/below', '/beside', '/outside']) statuses.push((await app.inject({ method: 'POST', url })).statusCode)
  t.same(statuses, [500, 500, 201, 201])
  t.same(rules(), ['created-location /inside', 'created-location /below'])
})

t.test('registered again further in, the plugin judges by the options of that scope, and once', async (t) => {
  const { app, options, rules } = bare(t)
  const inner: string[] = []
  await app.register(created, options)
  app.register(async (scope) => {
    await scope.register(created, { enforcement: 'log', onViolation: ({ rule }) => { inner.push(rule) } })
    scope.post('/inside', wrong)
  })
  app.post('/outside', wrong)
  t.equal((await app.inject({ method: 'POST', url: '/inside' })).statusCode, 201)
  t.same(inner, ['created-location'])
  t.same(rules(), [])
  t.equal((await app.inject({ method: 'POST', url: '/outside' })).statusCode, 500)
  t.same(rules(), ['created-location /outside'])
})

t.test('two scopes may have options of their own, and two apps do not know each other', async (t) => {
  const one = bare(t)
  const two = bare(t)
  const rightHandler: RouteHandlerMethod = async (_request, reply) => reply.created({}, { location: '/things/1', etag: 1 })
  for (const [app, prefix] of [[one.app, '/one'], [two.app, '/two']] as const) {
    app.get('/things/:id', async () => ({}))
    for (const version of ['v1', 'v2']) {
      app.register(async (scope) => {
        await scope.register(created, { basePath: `${prefix}/${version}` })
        scope.post('/things', rightHandler)
      }, { prefix: `/${version}` })
    }
  }
  t.equal((await one.app.inject({ method: 'POST', url: '/v1/things' })).headers.location, '/one/v1/things/1')
  t.equal((await one.app.inject({ method: 'POST', url: '/v2/things' })).headers.location, '/one/v2/things/1')
  t.equal((await two.app.inject({ method: 'POST', url: '/v1/things' })).headers.location, '/two/v1/things/1')
})

t.test('accepted() without a monitor on a route that was declared earlier is told that its config is not seen', async (t) => {
  const { app, violations, options } = bare(t)
  app.post('/early', async (_request, reply) => reply.accepted({}, undefined as never))
  await app.register(created, options)
  t.equal((await app.inject({ method: 'POST', url: '/early' })).statusCode, 500)
  t.match(violations, [{ rule: 'helper-argument', message: /the monitor of accepted\(\) is undefined: it must be an address, or .+; .*await app\.register\(created\)/ }])
})

t.test('created() where no route matched is told what to give, and not to register earlier', async (t) => {
  const { app, violations, options } = bare(t)
  await app.register(created, options)
  app.setNotFoundHandler(async (_request, reply) => reply.created({}, {} as never))
  t.equal((await app.inject({ method: 'POST', url: '/nowhere' })).statusCode, 500)
  t.match(violations, [{ rule: 'created-location', message: /the route has no resource: give \{ location, etag \}/ }])
})
