import Fastify, { type FastifyInstance, type FastifySchema, type RouteHandlerMethod } from 'fastify'
import t, { type Test } from 'tap'
import created, { resource, type CreatedInit, type PluginOptions, type Violation } from '../../src/index.js'
import { guarded } from '../support.js'

const answers: RouteHandlerMethod = async (_request, reply) => reply.ok({ id: '1', version: 7 })
const creates: RouteHandlerMethod = async (_request, reply) => reply.created({ id: '1', version: 7 }, undefined as unknown as CreatedInit)
const newUser = (params?: Record<string, string>) => resource<any>({ etag: ({ version }) => version, params })
const properties = (required: string[], types: Record<string, unknown>): FastifySchema =>
  ({ response: { 201: { type: 'object', required, properties: Object.fromEntries(Object.entries(types).map(([name, type]) => [name, typeof type === 'string' ? { type } : type])) } } })

type Refusal = Error & { code: string, rule: string, route: { method: string, url: string } }

/** What `ready()` rejects with, `undefined` where it does not. */
async function boot (t: Test, declare: (app: FastifyInstance) => unknown, options: PluginOptions = {}): Promise<{ refusal: Refusal | undefined, violations: Violation[], app: FastifyInstance }> {
  const { app, violations } = await guarded(t, options)
  try {
    await declare(app)
    await app.ready()
    return { app, violations, refusal: undefined }
  } catch (refusal) {
    return { app, violations, refusal: refusal as Refusal }
  }
}

const user = newUser()
const carries = { config: { resource: user } }
const elsewhere = { config: { resource: user, created: { home: false } } }

type Broken = [says: string, declare: (app: FastifyInstance) => unknown, rule: 'resource-home' | 'resource-params', route: string, words: RegExp[]]
const broken: Broken[] = [
  ['POST without a home', (app) => app.post('/users', carries, creates),
    'resource-home', 'POST /users', [/POST \/users has a resource, and no GET route is its home/, /app\.get\('\/users\/:id', \{ config: \{ resource \} \}/]],
  ['POST without a home, whose parameter has another name', (app) => app.post('/users', { config: { resource: newUser({ userId: 'id' }) } }, creates),
    'resource-home', 'POST /users', [/app\.get\('\/users\/:userId'/]],
  ['POST to a collection with a slash at its end', (app) => app.post('/users/', carries, creates),
    'resource-home', 'POST /users/', [/app\.get\('\/users\/:id'/]],
  ['PUT without a home', (app) => app.put('/users/:id', carries, creates),
    'resource-home', 'PUT /users/:id', [/PUT \/users\/:id has a resource/, /app\.get\('\/users\/:id'/]],
  ['PATCH without a home', (app) => app.patch('/users/:key', carries, creates),
    'resource-home', 'PATCH /users/:key', [/app\.get\('\/users\/:key'/]],
  ['DELETE without a home', (app) => app.delete('/users/:id', carries, creates),
    'resource-home', 'DELETE /users/:id', [/app\.get\('\/users\/:id'/]],
  ['a method in lower case', (app) => app.route({ method: 'post', url: '/users', ...carries, handler: creates }),
    'resource-home', 'POST /users', [/POST \/users has a resource/]],
  ['a GET route that could be it', (app) => { app.get('/users/:id', answers); app.post('/users', carries, creates) },
    'resource-home', 'POST /users', [/Is it GET \/users\/:id\? Then add the same config: \{ resource \} there/]],
  ['a wildcard that could be it', (app) => { app.get('/files/*', answers); app.post('/files', carries, creates) },
    'resource-home', 'POST /files', [/Is it GET \/files\/\*\?/]],
  ['a GET route of the same URL, for PUT', (app) => { app.get('/settings', answers); app.put('/settings', carries, creates) },
    'resource-home', 'PUT /settings', [/Is it GET \/settings\?/]],
  ['a list, which is none', (app) => { app.get('/users', answers); app.post('/users', carries, creates) },
    'resource-home', 'POST /users', [/app\.get\('\/users\/:id'/]],
  ['a home that says it is none', (app) => { app.get('/users/:id', elsewhere, answers); app.post('/users', carries, creates) },
    'resource-home', 'POST /users', [/GET \/users\/:id has the same resource, but says created: \{ home: false \}: leave that out/]],
  ['a home of another call of resource()', (app) => { app.get('/users/:id', { config: { resource: newUser() } }, answers); app.post('/users', carries, creates) },
    'resource-home', 'POST /users', [/GET \/users\/:id is the home of another resource/, /call it once and give both routes the same/]],
  ['HEAD alone', (app) => { app.head('/users/:id', carries, answers); app.post('/users', carries, creates) },
    'resource-home', 'POST /users', [/no GET route is its home/]],
  ['a home that is declared before the plugin', async () => {
    const late = Fastify()
    late.get('/users/:id', carries, answers)
    await late.register(created)
    late.post('/users', carries, creates)
    try { await late.ready() } finally { await late.close() }
  }, 'resource-home', 'POST /users', [/declared before this plugin is loaded/]],
  ['two homes in one scope', (app) => { app.get('/users/:id', carries, answers); app.get('/people/:id', carries, answers); app.post('/users', carries, creates) },
    'resource-home', 'POST /users', [/POST \/users has a resource, and 2 homes of it are equally near/, /GET \/users\/:id and GET \/people\/:id/, /config: \{ created: \{ home: false \} \}/]],
  ['a list that carries the resource', (app) => { app.get('/users/:id', carries, answers); app.get('/users', carries, answers); app.post('/users', carries, creates) },
    'resource-home', 'POST /users', [/GET \/users\/:id and GET \/users\b/, /a list is no home: leave the resource off there/]],
  ['a list that carries the resource, and nothing else does', (app) => { app.get('/users', carries, answers); app.post('/users', carries, creates) },
    'resource-home', 'POST /users', [/GET \/users is the home of what POST \/users creates there, but a collection is no home of its members/, /leave config\.resource off a list, and put it on the GET route of one of them/]],
  ['a list that carries the resource, nearer than the home of one', (app) => {
    app.get('/users/:id', carries, answers)
    app.register(async (scope) => { scope.get('/users', carries, answers); scope.post('/users', carries, creates) })
  }, 'resource-home', 'POST /users', [/GET \/users is the home of what POST \/users creates there/]],
  ['a route that both lists and creates', (app) => app.route({ method: ['GET', 'POST'], url: '/users', ...carries, handler: creates }),
    'resource-home', 'GET /users', [/GET \/users is the home of what GET, POST \/users creates there/, /leave config\.resource off a list/]],
  ['two homes in scopes that are equally far', (app) => {
    for (const prefix of ['/v1', '/v2']) app.register(async (scope) => { scope.get('/users/:id', carries, answers) }, { prefix })
    app.post('/users', carries, creates)
  }, 'resource-home', 'POST /users', [/GET \/v1\/users\/:id and GET \/v2\/users\/:id/, /same scope/]],
  ['a name in params that the URL does not have', (app) => app.get('/users/:id', { config: { resource: newUser({ uid: 'id' }) } }, answers),
    'resource-params', 'GET /users/:id', [/fills "uid"/, /GET \/users\/:id, which is a home of it, has only "id"/, /name the parameter as the URL does/]],
  ['a name in params, and no parameter in the URL', (app) => app.get('/settings', { config: { resource: newUser({ id: 'id' }) } }, answers),
    'resource-params', 'GET /settings', [/fills "id"/, /has no parameters/]],
  ['a name in params that one of two homes does not have', (app) => {
    const shared = { config: { resource: newUser({ org: 'org' }) } }
    app.register(async (scope) => { scope.get('/orgs/:org/users/:id', shared, answers) })
    app.register(async (scope) => { scope.get('/users/:id', shared, answers) })
  }, 'resource-params', 'GET /users/:id', [/fills "org"/]],
  ['a wildcard that nothing fills', (app) => { app.get('/files/*', carries, answers); app.post('/files', carries, creates) },
    'resource-params', 'POST /files', [/POST \/files gives addresses of GET \/files\/\*/, /nothing fills the parameter "\*"/, /params: \{ '\*': /]],
  ['a property that the schema does not have', (app) => { app.get('/users/:userId', carries, answers); app.post('/users', { ...carries, schema: properties(['id', 'name'], { name: 'string', id: 'string' }) }, creates) },
    'resource-params', 'POST /users', [/GET \/users\/:userId/, /nothing fills the parameter "userId"/, /it has "name", "id"/, /params: \{ userId: 'id' \}/]],
  ['a property that is optional', (app) => { app.get('/users/:id', carries, answers); app.post('/users', { ...carries, schema: properties([], { id: 'string' }) }, creates) },
    'resource-params', 'POST /users', [/has "id", but not as a property that is required and a string or a number/]],
  ['a property of a type that no URL carries', (app) => { app.get('/users/:id', carries, answers); app.post('/users', { ...carries, schema: properties(['id'], { id: 'object' }) }, creates) },
    'resource-params', 'POST /users', [/has "id", but not as a property that is required and a string or a number/]],
  ['a parameter that its own request has, but as the last one', (app) => { app.get('/users/:id', carries, answers); app.post('/users/:id/clone', { ...carries, schema: properties(['name'], { name: 'string' }) }, creates) },
    'resource-params', 'POST /users/:id/clone', [/nothing fills the parameter "id"/]]
]

for (const [says, declare, rule, route, words] of broken) {
  t.test(`ready() rejects: ${says}`, async (t) => {
    const { refusal } = await boot(t, declare)
    t.match(refusal, { code: 'FST_CREATED_VIOLATION', rule, spec: /^RFC 9110/ })
    t.equal(`${refusal?.route.method} ${refusal?.route.url}`, route)
    for (const word of words) t.match(refusal?.message, word)
  })
}

const right: Array<[says: string, declare: (app: FastifyInstance) => unknown]> = [
  ['no resource at all', (app) => { app.get('/users', answers); app.post('/users', { schema: properties([], {}) }, creates) }],
  ['a home alone', (app) => app.get('/users/:id', carries, answers)],
  ['two homes, and nobody that asks', (app) => { app.get('/users/:id', carries, answers); app.get('/people/:id', carries, answers) }],
  ['two routes that are no homes, and nobody that asks', (app) => { app.get('/users/:id', elsewhere, answers); app.get('/people/:id', elsewhere, answers) }],
  ['a second GET route with home: false', (app) => { app.get('/users/:id', carries, answers); app.get('/users/by-name/:name', elsewhere, answers); app.post('/users', carries, creates) }],
  ['params on a second GET route whose URL has other names', (app) => {
    const named = newUser({ id: 'id' })
    app.get('/users/:id', { config: { resource: named } }, answers)
    app.get('/users/by-name/:name', { config: { resource: named, created: { home: false } } }, answers)
  }],
  ['the home is declared last', (app) => { app.post('/users', carries, creates); app.get('/users/:id', carries, answers) }],
  ['OPTIONS needs no home', (app) => app.options('/users', carries, answers)],
  ['no schema, so the property is taken on trust', (app) => { app.get('/users/:anything', carries, answers); app.post('/users', carries, creates) }],
  ['a 204 says nothing', (app) => { app.get('/users/:id', carries, answers); app.post('/users', { ...carries, schema: { response: { 204: { type: 'null' } } } }, creates) }],
  ['an update of the home needs no property, as its target is its address', (app) => { app.get('/users/:id', carries, answers); app.patch('/users/:id', { ...carries, schema: { response: { 200: { type: 'object', properties: { name: { type: 'string' } } } } } }, answers) }],
  ...(['PUT', 'PATCH', 'DELETE'] as const).map((method): typeof right[number] => [`${method} is not proved against its schema, at the URL of its home and elsewhere`, (app) => {
    const schema = { response: { 200: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } } }
    app.get('/users/:id', carries, answers)
    for (const url of ['/users/:id', '/users/:id/name', '/users/by-name/:name']) app.route({ method, url, ...carries, schema, handler: answers })
  }]),
  ['POST to an address that ends in a parameter, and is its own home', (app) => { app.get('/users/:id', carries, answers); app.post('/users/:id', carries, creates) }],
  ['PUT to a home without parameters', (app) => { app.get('/settings', carries, answers); app.put('/settings', carries, creates) }],
  ['a list that carries the resource is no home by home: false', (app) => { app.get('/users/:id', carries, answers); app.get('/users', elsewhere, answers); app.post('/users', carries, creates) }],
  ['a route of several methods is its own home', (app) => app.route({ method: ['GET', 'PUT', 'DELETE'], url: '/users/:id', ...carries, handler: answers })],
  ['a home of several methods', (app) => { app.route({ method: ['HEAD', 'GET'], url: '/users/:id', ...carries, handler: answers }); app.post('/users', carries, creates) }],
  ['HEAD routes do not make a second home', (app) => { app.get('/users/:id', { ...carries, exposeHeadRoute: false }, answers); app.head('/users/:id', carries, answers); app.head('/people/:id', carries, answers); app.post('/users', carries, creates) }],
  ['a wildcard that params fills', (app) => { const file = { config: { resource: newUser({ '*': 'path' }) } }; app.get('/files/*', file, answers); app.post('/files', file, creates) }],
  ['an optional parameter that nothing fills', (app) => { app.get('/users/:id/:rev?', carries, answers); app.post('/users', { ...carries, schema: properties(['id'], { id: 'string' }) }, creates) }],
  ['an inherited parameter that the schema does not have', (app) => { app.get('/orgs/:org/users/:id', carries, answers); app.post('/orgs/:org/users', { ...carries, schema: properties(['id'], { id: 'string' }) }, creates) }],
  ['what params names is not asked of the schema', (app) => { const named = { config: { resource: newUser({ id: 'key' }) } }; app.get('/users/:id', named, answers); app.post('/users', { ...named, schema: properties(['name'], { name: 'string' }) }, creates) }]
]

for (const [says, declare] of right) {
  t.test(`ready() resolves: ${says}`, async (t) => {
    const { refusal, violations } = await boot(t, declare, { profile: 'strict' })
    t.equal(refusal, undefined, refusal?.message ?? says)
    t.same(violations, [])
  })
}

t.test('the property is proved by the schema of the status that the route answers with', async (t) => {
  const fits = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } }
  const lacks = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }
  const cases: Array<[says: string, response: Record<string, unknown>, accepted: boolean]> = [
    ['201', { 201: fits }, true], ['201', { 201: lacks }, false],
    ['200', { 200: fits }, true], ['200', { 200: lacks }, false],
    ['2xx', { '2xx': fits }, true], ['2xx', { '2xx': lacks }, false],
    ['2XX', { '2XX': lacks }, false],
    ['202', { 202: lacks }, false],
    ['201 before 200', { 200: lacks, 201: fits }, true], ['201 before 200', { 200: fits, 201: lacks }, false],
    ['201 before 2xx', { '2xx': lacks, 201: fits }, true], ['201 before 2xx', { '2xx': fits, 201: lacks }, false],
    ['that of a content type', { 201: { content: { 'application/json': { schema: fits } } } }, true],
    ['that of a content type', { 201: { content: { 'application/json': { schema: lacks } } } }, false],
    ['an error, which says nothing', { 400: lacks }, true],
    ['an integer', { 201: { ...fits, properties: { id: { type: 'integer' } } } }, true],
    ['a number', { 201: { ...fits, properties: { id: { type: 'number' } } } }, true],
    ['a boolean', { 201: { ...fits, properties: { id: { type: 'boolean' } } } }, false],
    ['an array', { 201: { ...fits, properties: { id: { type: 'array', items: { type: 'string' } } } } }, false],
    ['a text or null', { 201: { ...fits, properties: { id: { type: ['string', 'null'] } } } }, false]
  ]
  for (const [says, response, accepted] of cases) {
    const { refusal } = await boot(t, (app) => { app.get('/users/:id', carries, answers); app.post('/users', { ...carries, schema: { response } }, creates) })
    t.equal(refusal?.rule, accepted ? undefined : 'resource-params', `${says}: ${JSON.stringify(response)}`)
  }
})

t.test('the schema may be shared by addSchema, in the same scope and in one around it', async (t) => {
  for (const where of ['same', 'outer'] as const) {
    for (const [required, accepted] of [[['id'], true], [[], false]] as Array<[string[], boolean]>) {
      const { refusal } = await boot(t, (app) => {
        const share = (scope: FastifyInstance) => scope.addSchema({ $id: 'User', type: 'object', required, properties: { id: { type: 'string' } } })
        app.get('/users/:id', carries, answers)
        if (where === 'outer') share(app)
        app.register(async (scope) => {
          if (where === 'same') share(scope)
          scope.post('/users', { ...carries, schema: { response: { 201: { $ref: 'User#' } } } }, creates)
        })
      })
      t.equal(refusal?.rule, accepted ? undefined : 'resource-params', `${where} scope, required: ${required}`)
      if (!accepted) t.match(refusal?.message, /"id".+required and a string or a number/)
    }
  }
})

t.test('an exempt route with a resource needs no home at boot: its helpers take the address from there, and refuse where there is none', async (t) => {
  const exempt = { config: { resource: user, created: false } } as const
  for (const enforcement of ['throw', 'log'] as const) {
    const homeless = await boot(t, (app) => app.post('/users', exempt, creates), { enforcement })
    t.equal(homeless.refusal, undefined)
    t.same(homeless.violations, [])
    const { statusCode, headers } = await homeless.app.inject({ method: 'POST', url: '/users' })
    t.match([statusCode, headers.location, headers.etag], enforcement === 'throw' ? [500, undefined, undefined] : [201, undefined, '"7"'])
    t.match(homeless.violations, [{ rule: 'resource-home', severity: 'error', method: 'POST', url: '/users', message: /POST \/users has a resource, and no GET route is its home/ }])
    t.equal(homeless.violations.length, 1)
  }

  const { app, refusal, violations } = await boot(t, (app) => { app.get('/users/:id', exempt, answers); app.post('/users', exempt, creates) })
  t.equal(refusal, undefined)
  const { statusCode, headers } = await app.inject({ method: 'POST', url: '/users' })
  t.match([statusCode, headers.location, headers.etag], [201, '/users/1', '"7"'])
  t.same(violations, [])
})

t.test('an exempt GET route with a resource is a home: of what is created, in a tie, and with names that have to fit', async (t) => {
  const exempt = { config: { resource: user, created: false } } as const
  const guardedPost = await boot(t, (app) => { app.get('/users/:id', exempt, answers); app.post('/users', carries, creates) })
  t.equal(guardedPost.refusal, undefined)
  t.equal((await guardedPost.app.inject({ method: 'POST', url: '/users' })).headers.location, '/users/1')
  const tie = await boot(t, (app) => { app.get('/users/:id', exempt, answers); app.get('/people/:id', carries, answers); app.post('/users', carries, creates) })
  t.match(tie.refusal, { rule: 'resource-home', message: /2 homes of it are equally near: GET \/users\/:id and GET \/people\/:id/ })
  const misnamed = await boot(t, (app) => app.get('/users/:id', { config: { resource: newUser({ uid: 'id' }), created: false } }, answers))
  t.match(misnamed.refusal, { rule: 'resource-params', message: /fills "uid"/ })
})

t.test('several broken routes are in one error, each with its own mend', async (t) => {
  const { refusal, violations } = await boot(t, (app) => {
    app.post('/a', carries, creates)
    app.get('/b/:id', { config: { resource: newUser({ wrong: 'id' }) } }, answers)
    app.put('/c/:id', { config: { resource: newUser() } }, creates)
    app.get('/fine/:id', { config: { resource: newUser() } }, answers)
  })
  t.match(refusal, { code: 'FST_CREATED_VIOLATION', rule: 'resource-home', route: { method: 'POST', url: '/a' } })
  t.match(refusal?.message, /POST \/a has a resource[^]+\n2 more:\n- resource-params:.+GET \/b\/:id[^]+\n- resource-home:.+PUT \/c\/:id/)
  t.notMatch(refusal?.message, /fine/)
  t.same(violations.map(({ rule, method, url }) => [rule, method, url]), [['resource-home', 'POST', '/a'], ['resource-params', 'GET', '/b/:id'], ['resource-home', 'PUT', '/c/:id']])
})

const severities: Array<[says: string, plugin: PluginOptions, route: object, stops: boolean, severity: 'warn' | 'error' | undefined]> = [
  ['by default', {}, {}, true, 'error'],
  ['in strict', { profile: 'strict' }, {}, true, 'error'],
  ['where enforcement is log', { enforcement: 'log' }, {}, true, 'error'],
  ['where enforcement of the route is log', {}, { enforcement: 'log' }, true, 'error'],
  ['warn by the plugin', { rules: { 'resource-home': 'warn', 'resource-params': 'warn' } }, {}, false, 'warn'],
  ['off by the plugin', { rules: { 'resource-home': 'off', 'resource-params': 'off' } }, {}, false, undefined],
  ['warn by the route', {}, { rules: { 'resource-home': 'warn', 'resource-params': 'warn' } }, false, 'warn'],
  ['off by the route', {}, { rules: { 'resource-home': 'off', 'resource-params': 'off' } }, false, undefined],
  ['error by the route over the plugin\'s off', { rules: { 'resource-home': 'off', 'resource-params': 'off' } }, { rules: { 'resource-home': 'error', 'resource-params': 'error' } }, true, 'error']
]

for (const [says, options, declared, stops, severity] of severities) {
  t.test(`a boot error ${stops ? 'stops the boot' : 'lets the app start'} ${says}`, async (t) => {
    const cases: Array<[rule: string, declare: (app: FastifyInstance) => unknown]> = [
      ['resource-home', (app) => app.post('/users', { config: { resource: user, created: declared } }, creates)],
      ['resource-params', (app) => { app.get('/files/*', carries, answers); app.post('/files', { config: { resource: user, created: declared } }, creates) }]
    ]
    for (const [rule, declare] of cases) {
      const { refusal, violations } = await boot(t, declare, options)
      t.equal(refusal?.rule, stops ? rule : undefined)
      t.same(violations.map(({ rule, severity }) => [rule, severity]), severity === undefined ? [] : [[rule, severity]])
    }
  })
}

t.test('a route that was let start without a home is refused when it creates', async (t) => {
  for (const enforcement of ['throw', 'log'] as const) {
    const { app, violations } = await boot(t, (app) => app.post('/users', carries, creates), { enforcement, rules: { 'resource-home': 'off' } })
    const { statusCode, headers } = await app.inject({ method: 'POST', url: '/users' })
    t.match([statusCode, headers.location, headers.etag], enforcement === 'throw' ? [500, undefined, undefined] : [201, undefined, '"7"'])
    t.match(violations, [{ rule: 'resource-home', severity: 'error', message: /POST \/users has a resource, and no GET route is its home/ }])
    t.equal(violations.length, 1)
  }
})

t.test('the refusal is logged too, with its rule and its route', async (t) => {
  const { app, logs } = await guarded(t)
  app.post('/users', carries, creates)
  await t.rejects(async () => { await app.ready() })
  t.match(logs.filter(({ level }) => level === 50), [{ rule: 'resource-home', route: { method: 'POST', url: '/users' }, msg: /no GET route is its home/ }])
})
