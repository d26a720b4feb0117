import Fastify, { type FastifyInstance, type FastifySchema, type RouteHandlerMethod } from 'fastify'
import t, { type Test } from 'tap'
import fastifyCreated, {
  resource, type CreatedInit, type FastifyCreatedOptions, type Violation
} from '../../src/index.js'
import { appWith } from '../support.js'

const reads: RouteHandlerMethod = async (_request, reply) => reply.ok({ id: '1', version: 7 })
const creates: RouteHandlerMethod = async (_request, reply) =>
  reply.created({ id: '1', version: 7 }, undefined as unknown as CreatedInit)
const newResource = (params?: Record<string, string>) => resource<any>({ etag: ({ version }) => version, params })

/** Route options with a schema of the 201. A type is a name, or a schema. */
function properties (required: string[], types: Record<string, unknown>): FastifySchema {
  const schemas = Object.entries(types).map(([name, type]) => [name, typeof type === 'string' ? { type } : type])
  return { response: { 201: { type: 'object', required, properties: Object.fromEntries(schemas) } } }
}

type BootError = Error & { code: string, rule: string, route: { method: string, url: string } }
interface Booted { error: BootError | undefined, violations: Violation[], app: FastifyInstance }

/** The error that `ready()` rejects with, `undefined` if it resolves. */
async function boot (
  t: Test, declare: (app: FastifyInstance) => unknown, options: FastifyCreatedOptions = {}
): Promise<Booted> {
  const { app, violations } = await appWith(t, options)
  try {
    await declare(app)
    await app.ready()
    return { app, violations, error: undefined }
  } catch (error) {
    return { app, violations, error: error as BootError }
  }
}

const withName = (required: string[]) => ({ type: 'object', required, properties: { name: { type: 'string' } } })
const userResource = newResource()
const withUser = { config: { resource: userResource } }
const notCanonical = { config: { resource: userResource, created: { canonical: false } } }

const NONE = 'no GET route has the same resource'
const UNKNOWN = `${NONE} (routes declared before the plugin was loaded, or outside its scope, are not known)`
const ONCE = 'call resource() once, and give both routes the same value, because each call makes another resource'
const declared = (url: string, name = 'user') => `app.get('${url}', { config: { resource: ${name}Resource } }, handler)`
const params = (code: string) => `resource({ params: { ${code} }, … })`
const asText = (name: string) =>
  `the response schema has ${name}, but not as a required string or number`

interface Broken {
  name: string
  declare: (app: FastifyInstance) => unknown
  rule: 'resource-route' | 'resource-params'
  route: string
  found: string
  fix: string
}
const broken: Broken[] = [
  {
    name: 'POST without a canonical route',
    declare: (app) => app.post('/users', withUser, creates),
    rule: 'resource-route',
    route: 'POST /users',
    found: UNKNOWN,
    fix: declared('/users/:id')
  },
  {
    name: 'POST without a canonical route, whose parameter has another name',
    declare: (app) => app.post('/users', { config: { resource: newResource({ userId: 'id' }) } }, creates),
    rule: 'resource-route',
    route: 'POST /users',
    found: UNKNOWN,
    fix: declared('/users/:userId')
  },
  {
    name: 'POST to a collection with a slash at its end',
    declare: (app) => app.post('/users/', withUser, creates),
    rule: 'resource-route',
    route: 'POST /users/',
    found: UNKNOWN,
    fix: declared('/users/:id')
  },
  {
    name: 'PUT without a canonical route',
    declare: (app) => app.put('/users/:id', withUser, creates),
    rule: 'resource-route',
    route: 'PUT /users/:id',
    found: UNKNOWN,
    fix: declared('/users/:id')
  },
  {
    name: 'PATCH without a canonical route',
    declare: (app) => app.patch('/users/:key', withUser, creates),
    rule: 'resource-route',
    route: 'PATCH /users/:key',
    found: UNKNOWN,
    fix: declared('/users/:key')
  },
  {
    name: 'DELETE without a canonical route',
    declare: (app) => app.delete('/users/:id', withUser, creates),
    rule: 'resource-route',
    route: 'DELETE /users/:id',
    found: UNKNOWN,
    fix: declared('/users/:id')
  },
  {
    name: 'a method in lower case',
    declare: (app) => app.route({ method: 'post', url: '/users', ...withUser, handler: creates }),
    rule: 'resource-route',
    route: 'POST /users',
    found: UNKNOWN,
    fix: declared('/users/:id')
  },
  {
    name: 'a GET route that may be canonical',
    declare: (app) => {
      app.get('/users/:id', reads)
      app.post('/users', withUser, creates)
    },
    rule: 'resource-route',
    route: 'POST /users',
    found: NONE,
    fix: 'add config: { resource: userResource } to GET /users/:id'
  },
  {
    name: 'a wildcard that may be canonical',
    declare: (app) => {
      app.get('/files/*', reads)
      app.post('/files', withUser, creates)
    },
    rule: 'resource-route',
    route: 'POST /files',
    found: NONE,
    fix: 'add config: { resource: fileResource } to GET /files/*'
  },
  {
    name: 'a GET route of the same URL, for PUT',
    declare: (app) => {
      app.get('/settings', reads)
      app.put('/settings', withUser, creates)
    },
    rule: 'resource-route',
    route: 'PUT /settings',
    found: NONE,
    fix: 'add config: { resource: settingResource } to GET /settings'
  },
  {
    name: 'a list, which cannot be canonical',
    declare: (app) => {
      app.get('/users', reads)
      app.post('/users', withUser, creates)
    },
    rule: 'resource-route',
    route: 'POST /users',
    found: UNKNOWN,
    fix: declared('/users/:id')
  },
  {
    name: 'a GET route with canonical: false',
    declare: (app) => {
      app.get('/users/:id', notCanonical, reads)
      app.post('/users', withUser, creates)
    },
    rule: 'resource-route',
    route: 'POST /users',
    found: 'GET /users/:id has the same resource, but also created: { canonical: false }',
    fix: 'remove canonical: false there'
  },
  {
    name: 'a canonical route of another call of resource()',
    declare: (app) => {
      app.get('/users/:id', { config: { resource: newResource() } }, reads)
      app.post('/users', withUser, creates)
    },
    rule: 'resource-route',
    route: 'POST /users',
    found: 'GET /users/:id is the canonical route of another resource',
    fix: ONCE
  },
  {
    name: 'a HEAD route only',
    declare: (app) => {
      app.head('/users/:id', withUser, reads)
      app.post('/users', withUser, creates)
    },
    rule: 'resource-route',
    route: 'POST /users',
    found: UNKNOWN,
    fix: declared('/users/:id')
  },
  {
    name: 'a canonical route that is declared before the plugin',
    declare: async () => {
      const late = Fastify()
      late.get('/users/:id', withUser, reads)
      await late.register(fastifyCreated)
      late.post('/users', withUser, creates)
      try { await late.ready() } finally { await late.close() }
    },
    rule: 'resource-route',
    route: 'POST /users',
    found: UNKNOWN,
    fix: declared('/users/:id')
  },
  {
    name: 'two canonical routes in one scope',
    declare: (app) => {
      app.get('/users/:id', withUser, reads)
      app.get('/people/:id', withUser, reads)
      app.post('/users', withUser, creates)
    },
    rule: 'resource-route',
    route: 'POST /users',
    found: '2 canonical routes of it are equally near: GET /users/:id and GET /people/:id',
    fix: 'keep one, and write config: { resource: userResource, created: { canonical: false } } on the others; ' +
      'on a list, leave config.resource off; or declare POST /users in the scope of the one that you mean'
  },
  {
    name: 'a list with the resource of its members',
    declare: (app) => {
      app.get('/users/:id', withUser, reads)
      app.get('/users', withUser, reads)
      app.post('/users', withUser, creates)
    },
    rule: 'resource-route',
    route: 'POST /users',
    found: '2 canonical routes of it are equally near: GET /users/:id and GET /users',
    fix: 'keep one, and write config: { resource: userResource, created: { canonical: false } } on the others; ' +
      'on a list, leave config.resource off; or declare POST /users in the scope of the one that you mean'
  },
  {
    name: 'only a list has the resource of its members',
    declare: (app) => {
      app.get('/users', withUser, reads)
      app.post('/users', withUser, creates)
    },
    rule: 'resource-route',
    route: 'POST /users',
    found: 'GET /users, which is the collection, has the resource of its members',
    fix: 'remove config.resource from GET /users, and add it to the GET route of one user'
  },
  {
    name: 'a list with the resource of its members, nearer than the canonical route',
    declare: (app) => {
      app.get('/users/:id', withUser, reads)
      app.register(async (scope) => {
        scope.get('/users', withUser, reads)
        scope.post('/users', withUser, creates)
      })
    },
    rule: 'resource-route',
    route: 'POST /users',
    found: 'GET /users, which is the collection, has the resource of its members',
    fix: 'remove config.resource from GET /users, and add it to the GET route of one user'
  },
  {
    name: 'a route that both lists and creates',
    declare: (app) => app.route({ method: ['GET', 'POST'], url: '/users', ...withUser, handler: creates }),
    rule: 'resource-route',
    route: 'GET /users',
    found: 'GET /users, which is the collection, has the resource of its members',
    fix: 'remove config.resource from GET /users, and add it to the GET route of one user'
  },
  {
    name: 'two canonical routes in scopes that are equally far',
    declare: (app) => {
      for (const prefix of ['/v1', '/v2']) {
        app.register(async (scope) => { scope.get('/users/:id', withUser, reads) }, { prefix })
      }
      app.post('/users', withUser, creates)
    },
    rule: 'resource-route',
    route: 'POST /users',
    found: '2 canonical routes of it are equally near: GET /v1/users/:id and GET /v2/users/:id',
    fix: 'keep one, and write config: { resource: userResource, created: { canonical: false } } on the others; ' +
      'on a list, leave config.resource off; or declare POST /users in the scope of the one that you mean'
  },
  {
    name: 'a name in params that the URL does not have',
    declare: (app) => app.get('/users/:id', { config: { resource: newResource({ uid: 'id' }) } }, reads),
    rule: 'resource-params',
    route: 'GET /users/:id',
    found: 'resource({ params }) fills "uid", and GET /users/:id has only id',
    fix: params("id: 'id'")
  },
  {
    name: 'a name in params, and no parameter in the URL',
    declare: (app) => app.get('/settings', { config: { resource: newResource({ id: 'id' }) } }, reads),
    rule: 'resource-params',
    route: 'GET /settings',
    found: 'resource({ params }) fills "id", and GET /settings has no parameters',
    fix: 'remove "id" from params'
  },
  {
    name: 'a name in params that one of two canonical routes does not have',
    declare: (app) => {
      const shared = { config: { resource: newResource({ org: 'org' }) } }
      app.register(async (scope) => { scope.get('/orgs/:org/users/:id', shared, reads) })
      app.register(async (scope) => { scope.get('/users/:id', shared, reads) })
    },
    rule: 'resource-params',
    route: 'GET /users/:id',
    found: 'resource({ params }) fills "org", and GET /users/:id has only id',
    fix: params("id: 'org'")
  },
  {
    name: 'a wildcard that nothing fills',
    declare: (app) => {
      app.get('/files/*', withUser, reads)
      app.post('/files', withUser, creates)
    },
    rule: 'resource-params',
    route: 'POST /files',
    found: 'nothing fills * in /files/*',
    fix: params("'*': (file) => …")
  },
  {
    name: 'a property that the schema does not have',
    declare: (app) => {
      app.get('/users/:userId', withUser, reads)
      const schema = properties(['id', 'name'], { name: 'string', id: 'string' })
      app.post('/users', { ...withUser, schema }, creates)
    },
    rule: 'resource-params',
    route: 'POST /users',
    found: 'nothing fills :userId in /users/:userId: the response schema has name, id',
    fix: params("userId: 'id'")
  },
  {
    name: 'a property that is optional',
    declare: (app) => {
      app.get('/users/:id', withUser, reads)
      app.post('/users', { ...withUser, schema: properties([], { id: 'string' }) }, creates)
    },
    rule: 'resource-params',
    route: 'POST /users',
    found: `nothing fills :id in /users/:id: ${asText('id')}`,
    fix: `make id a required string or number in the response schema, or ${params('id: (user) => …')}`
  },
  {
    name: 'a property of a type that a URL cannot have',
    declare: (app) => {
      app.get('/users/:id', withUser, reads)
      app.post('/users', { ...withUser, schema: properties(['id'], { id: 'object' }) }, creates)
    },
    rule: 'resource-params',
    route: 'POST /users',
    found: `nothing fills :id in /users/:id: ${asText('id')}`,
    fix: `make id a required string or number in the response schema, or ${params('id: (user) => …')}`
  },
  {
    name: 'a parameter that its own request has, but as the last one',
    declare: (app) => {
      app.get('/users/:id', withUser, reads)
      app.post('/users/:id/clone', { ...withUser, schema: properties(['name'], { name: 'string' }) }, creates)
    },
    rule: 'resource-params',
    route: 'POST /users/:id/clone',
    found: 'nothing fills :id in /users/:id: the response schema has name',
    fix: params('id: (user) => …')
  }
]

for (const { name, declare, rule, route, found, fix } of broken) {
  t.test(`ready() rejects: ${name}`, async (t) => {
    const { error, violations } = await boot(t, declare)
    t.match(error, { code: 'FST_CREATED_VIOLATION', rule, spec: /^RFC 9110/ })
    t.equal(`${error?.route.method} ${error?.route.url}`, route)
    const message = error!.message
    t.ok(message.startsWith(`${route} broke the rule ${rule}. Found: ${found}. Required: `), message)
    t.ok(message.endsWith(`. Fix: ${fix}. See fastify-created/docs/reference/rules.md#${rule}`), message)
    // The app of one of them is its own.
    if (violations.length > 0) t.match(violations, [{ rule, severity: 'error', message, found, fix }])
  })
}

const right: Array<[name: string, declare: (app: FastifyInstance) => unknown]> = [
  ['no resource at all',
    (app) => { app.get('/users', reads); app.post('/users', { schema: properties([], {}) }, creates) }],
  ['only a canonical route', (app) => app.get('/users/:id', withUser, reads)],
  ['two canonical routes, and no route that needs one',
    (app) => { app.get('/users/:id', withUser, reads); app.get('/people/:id', withUser, reads) }],
  ['two routes with canonical: false, and no route that needs one',
    (app) => { app.get('/users/:id', notCanonical, reads); app.get('/people/:id', notCanonical, reads) }],
  ['a second GET route with canonical: false',
    (app) => {
      app.get('/users/:id', withUser, reads)
      app.get('/users/by-name/:name', notCanonical, reads)
      app.post('/users', withUser, creates)
    }],
  ['params on a second GET route whose URL has other names', (app) => {
    const named = newResource({ id: 'id' })
    app.get('/users/:id', { config: { resource: named } }, reads)
    app.get('/users/by-name/:name', { config: { resource: named, created: { canonical: false } } }, reads)
  }],
  ['the canonical route is declared last',
    (app) => { app.post('/users', withUser, creates); app.get('/users/:id', withUser, reads) }],
  ['OPTIONS needs no canonical route', (app) => app.options('/users', withUser, reads)],
  ['without a schema the property is checked on each request',
    (app) => { app.get('/users/:anything', withUser, reads); app.post('/users', withUser, creates) }],
  ['the schema of a 204 does not count',
    (app) => {
      app.get('/users/:id', withUser, reads)
      app.post('/users', { ...withUser, schema: { response: { 204: { type: 'null' } } } }, creates)
    }],
  ['an update needs no property, because its target has the URL',
    (app) => {
      app.get('/users/:id', withUser, reads)
      app.patch('/users/:id', { ...withUser, schema: { response: { 200: withName([]) } } }, reads)
    }],
  ...(['PUT', 'PATCH', 'DELETE'] as const).map((method): typeof right[number] => [
    `${method} is not checked against its schema, at its canonical URL and elsewhere`, (app) => {
      const schema = { response: { 200: withName(['name']) } }
      app.get('/users/:id', withUser, reads)
      for (const url of ['/users/:id', '/users/:id/name', '/users/by-name/:name']) {
        app.route({ method, url, ...withUser, schema, handler: reads })
      }
    }]),
  ['POST to a URL that ends in a parameter, and is canonical itself',
    (app) => { app.get('/users/:id', withUser, reads); app.post('/users/:id', withUser, creates) }],
  ['PUT to a canonical route without parameters',
    (app) => { app.get('/settings', withUser, reads); app.put('/settings', withUser, creates) }],
  ['a list with the resource and canonical: false',
    (app) => {
      app.get('/users/:id', withUser, reads)
      app.get('/users', notCanonical, reads)
      app.post('/users', withUser, creates)
    }],
  ['a route of several methods is its own canonical route',
    (app) => app.route({ method: ['GET', 'PUT', 'DELETE'], url: '/users/:id', ...withUser, handler: reads })],
  ['a canonical route of several methods',
    (app) => {
      app.route({ method: ['HEAD', 'GET'], url: '/users/:id', ...withUser, handler: reads })
      app.post('/users', withUser, creates)
    }],
  ['HEAD routes are not canonical',
    (app) => {
      app.get('/users/:id', { ...withUser, exposeHeadRoute: false }, reads)
      app.head('/users/:id', withUser, reads)
      app.head('/people/:id', withUser, reads)
      app.post('/users', withUser, creates)
    }],
  ['a wildcard that params fills',
    (app) => {
      const file = { config: { resource: newResource({ '*': 'path' }) } }
      app.get('/files/*', file, reads)
      app.post('/files', file, creates)
    }],
  ['an optional parameter that nothing fills',
    (app) => {
      app.get('/users/:id/:rev?', withUser, reads)
      app.post('/users', { ...withUser, schema: properties(['id'], { id: 'string' }) }, creates)
    }],
  ['an inherited parameter that the schema does not have',
    (app) => {
      app.get('/orgs/:org/users/:id', withUser, reads)
      app.post('/orgs/:org/users', { ...withUser, schema: properties(['id'], { id: 'string' }) }, creates)
    }],
  ['a name in params is not looked up in the schema',
    (app) => {
      const named = { config: { resource: newResource({ id: 'key' }) } }
      app.get('/users/:id', named, reads)
      app.post('/users', { ...named, schema: properties(['name'], { name: 'string' }) }, creates)
    }]
]

for (const [name, declare] of right) {
  t.test(`ready() resolves: ${name}`, async (t) => {
    const { error, violations } = await boot(t, declare, { profile: 'strict' })
    t.equal(error, undefined, error?.message ?? name)
    t.same(violations, [])
  })
}

t.test('the property is looked up in the schema of the status that the route responds with', async (t) => {
  const fits = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } }
  const lacks = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } }
  const cases: Array<[name: string, response: Record<string, unknown>, isAccepted: boolean]> = [
    ['201', { 201: fits }, true], ['201', { 201: lacks }, false],
    ['200', { 200: fits }, true], ['200', { 200: lacks }, false],
    ['2xx', { '2xx': fits }, true], ['2xx', { '2xx': lacks }, false],
    ['2XX', { '2XX': lacks }, false],
    ['202', { 202: lacks }, false],
    ['201 before 200', { 200: lacks, 201: fits }, true], ['201 before 200', { 200: fits, 201: lacks }, false],
    ['201 before 2xx', { '2xx': lacks, 201: fits }, true], ['201 before 2xx', { '2xx': fits, 201: lacks }, false],
    ['that of a content type', { 201: { content: { 'application/json': { schema: fits } } } }, true],
    ['that of a content type', { 201: { content: { 'application/json': { schema: lacks } } } }, false],
    ['an error, which does not count', { 400: lacks }, true],
    ['an integer', { 201: { ...fits, properties: { id: { type: 'integer' } } } }, true],
    ['a number', { 201: { ...fits, properties: { id: { type: 'number' } } } }, true],
    ['a boolean', { 201: { ...fits, properties: { id: { type: 'boolean' } } } }, false],
    ['an array', { 201: { ...fits, properties: { id: { type: 'array', items: { type: 'string' } } } } }, false],
    ['a text or null', { 201: { ...fits, properties: { id: { type: ['string', 'null'] } } } }, false]
  ]
  for (const [name, response, isAccepted] of cases) {
    const { error } = await boot(t, (app) => {
      app.get('/users/:id', withUser, reads)
      app.post('/users', { ...withUser, schema: { response } }, creates)
    })
    t.equal(error?.rule, isAccepted ? undefined : 'resource-params', `${name}: ${JSON.stringify(response)}`)
  }
})

t.test('the schema may be shared with addSchema, in the same scope and in an outer one', async (t) => {
  for (const where of ['same', 'outer'] as const) {
    for (const [required, isAccepted] of [[['id'], true], [[], false]] as Array<[string[], boolean]>) {
      const share = (scope: FastifyInstance) =>
        scope.addSchema({ $id: 'User', type: 'object', required, properties: { id: { type: 'string' } } })
      const { error } = await boot(t, (app) => {
        app.get('/users/:id', withUser, reads)
        if (where === 'outer') share(app)
        app.register(async (scope) => {
          if (where === 'same') share(scope)
          scope.post('/users', { ...withUser, schema: { response: { 201: { $ref: 'User#' } } } }, creates)
        })
      })
      t.equal(error?.rule, isAccepted ? undefined : 'resource-params', `${where} scope, required: ${required}`)
      if (!isAccepted) t.match(error?.message, `nothing fills :id in /users/:id: ${asText('id')}`)
    }
  }
})

t.test('a route with created: false is not checked at boot, but its helpers need a URL', async (t) => {
  const exempt = { config: { resource: userResource, created: false } } as const
  for (const enforcement of ['throw', 'log'] as const) {
    const { app, error, violations } = await boot(t, (app) => app.post('/users', exempt, creates), { enforcement })
    t.equal(error, undefined)
    t.same(violations, [])
    const { statusCode, headers } = await app.inject({ method: 'POST', url: '/users' })
    const expected = enforcement === 'throw' ? [500, undefined, undefined] : [201, undefined, '"7"']
    t.match([statusCode, headers.location, headers.etag], expected)
    t.match(violations, [{
      rule: 'resource-route',
      severity: 'error',
      method: 'POST',
      url: '/users',
      found: UNKNOWN,
      fix: declared('/users/:id')
    }])
    t.equal(violations.length, 1)
  }

  const { app, error, violations } = await boot(t, (app) => {
    app.get('/users/:id', exempt, reads)
    app.post('/users', exempt, creates)
  })
  t.equal(error, undefined)
  const { statusCode, headers } = await app.inject({ method: 'POST', url: '/users' })
  t.match([statusCode, headers.location, headers.etag], [201, '/users/1', '"7"'])
  t.same(violations, [])
})

t.test('a GET route with created: false and a resource is canonical, and params must fit it', async (t) => {
  const exempt = { config: { resource: userResource, created: false } } as const
  const { app, error } = await boot(t, (app) => {
    app.get('/users/:id', exempt, reads)
    app.post('/users', withUser, creates)
  })
  t.equal(error, undefined)
  t.equal((await app.inject({ method: 'POST', url: '/users' })).headers.location, '/users/1')
  const tie = await boot(t, (app) => {
    app.get('/users/:id', exempt, reads)
    app.get('/people/:id', withUser, reads)
    app.post('/users', withUser, creates)
  })
  t.match(tie.error, {
    rule: 'resource-route',
    message: 'Found: 2 canonical routes of it are equally near: GET /users/:id and GET /people/:id. Required: '
  })
  const config = { resource: newResource({ uid: 'id' }), created: false } as const
  const misnamed = await boot(t, (app) => app.get('/users/:id', { config }, reads))
  t.match(misnamed.error, {
    rule: 'resource-params',
    message: 'Found: resource({ params }) fills "uid", and GET /users/:id has only id. Required: '
  })
})

t.test('several problems are in one error, each with its own fix', async (t) => {
  const { error, violations } = await boot(t, (app) => {
    app.post('/a', withUser, creates)
    app.get('/b/:id', { config: { resource: newResource({ wrong: 'id' }) } }, reads)
    app.put('/c/:id', { config: { resource: newResource() } }, creates)
    app.get('/fine/:id', { config: { resource: newResource() } }, reads)
  })
  t.match(error, { code: 'FST_CREATED_VIOLATION', rule: 'resource-route', route: { method: 'POST', url: '/a' } })
  const messages = violations.map(({ message }) => message)
  t.equal(error!.message, `${messages[0]}\n2 more:\n- ${messages[1]}\n- ${messages[2]}`)
  t.notMatch(error!.message, /fine/)
  t.same(violations.map(({ rule, method, url, fix }) => [rule, method, url, fix]), [
    ['resource-route', 'POST', '/a', declared('/a/:id', 'a')],
    ['resource-params', 'GET', '/b/:id', params("id: 'id'")],
    ['resource-route', 'PUT', '/c/:id', declared('/c/:id', 'c')]
  ])
})

type Case = [
  name: string, plugin: FastifyCreatedOptions, route: object, stops: boolean, severity: 'warn' | 'error' | undefined
]
const OFF = { 'resource-route': 'off', 'resource-params': 'off' } as const
const WARN = { 'resource-route': 'warn', 'resource-params': 'warn' } as const
const ERROR = { 'resource-route': 'error', 'resource-params': 'error' } as const
const severities: Case[] = [
  ['by default', {}, {}, true, 'error'],
  ['with the profile strict', { profile: 'strict' }, {}, true, 'error'],
  ['with enforcement log', { enforcement: 'log' }, {}, true, 'error'],
  ['with enforcement log on the route', {}, { enforcement: 'log' }, true, 'error'],
  ['with warn for the plugin', { rules: WARN }, {}, false, 'warn'],
  ['with off for the plugin', { rules: OFF }, {}, false, undefined],
  ['with warn for the route', {}, { rules: WARN }, false, 'warn'],
  ['with off for the route', {}, { rules: OFF }, false, undefined],
  ['with error for the route, and off for the plugin', { rules: OFF }, { rules: ERROR }, true, 'error']
]

for (const [name, options, created, stops, severity] of severities) {
  t.test(`a problem ${stops ? 'stops the boot' : 'lets the app start'} ${name}`, async (t) => {
    const cases: Array<[rule: string, declare: (app: FastifyInstance) => unknown]> = [
      ['resource-route', (app) => app.post('/users', { config: { resource: userResource, created } }, creates)],
      ['resource-params', (app) => {
        app.get('/files/*', withUser, reads)
        app.post('/files', { config: { resource: userResource, created } }, creates)
      }]
    ]
    for (const [rule, declare] of cases) {
      const { error, violations } = await boot(t, declare, options)
      t.equal(error?.rule, stops ? rule : undefined)
      t.same(violations.map(({ rule, severity }) => [rule, severity]), severity === undefined ? [] : [[rule, severity]])
    }
  })
}

t.test('a route that could start without a canonical route breaks the rule when it creates', async (t) => {
  for (const enforcement of ['throw', 'log'] as const) {
    const options: FastifyCreatedOptions = { enforcement, rules: { 'resource-route': 'off' } }
    const { app, violations } = await boot(t, (app) => app.post('/users', withUser, creates), options)
    const { statusCode, headers } = await app.inject({ method: 'POST', url: '/users' })
    const expected = enforcement === 'throw' ? [500, undefined, undefined] : [201, undefined, '"7"']
    t.match([statusCode, headers.location, headers.etag], expected)
    t.match(violations, [{ rule: 'resource-route', severity: 'error', found: UNKNOWN, fix: declared('/users/:id') }])
    t.equal(violations.length, 1)
  }
})

t.test('an error that stops the boot is not logged, and a warning is, with its rule and its route', async (t) => {
  const { app, logs } = await appWith(t)
  app.post('/users', withUser, creates)
  await t.rejects(async () => { await app.ready() })
  t.same(logs.filter(({ level }) => level >= 40), [], 'the app logs what ready() rejects with')

  const warned = await appWith(t, { rules: { 'resource-route': 'warn' } })
  warned.app.post('/users', withUser, creates)
  await warned.app.ready()
  t.match(warned.logs.filter(({ level }) => level >= 40), [{
    level: 40,
    rule: 'resource-route',
    spec: 'RFC 9110 section 15.3.2',
    route: { method: 'POST', url: '/users' },
    msg: `fastify-created: POST /users broke the rule resource-route. Found: ${UNKNOWN}. Required: `
  }])
  t.equal(warned.logs.filter(({ level }) => level >= 40).length, 1)
})
