import type { FastifyInstance, HTTPMethods } from 'fastify'
import t from 'tap'
import {
  canonicalRouteProblem, listProblem, paramNamesProblem, unfilledProblem
} from '../../src/resource/canonical-problems.js'
import type { CanonicalRoute, GetRoute } from '../../src/resource/canonical-routes.js'
import { DeclaredRoute } from '../../src/resource/declared-route.js'
import { resource, type Resource } from '../../src/resource/resource.js'
import { parsePattern } from '../../src/resource/url-pattern.js'
import { inheritedParameters, UrlTemplate, type UrlSource } from '../../src/resource/url-template.js'
import { appWith } from '../support.js'

type Params = Record<string, string | ((value: any) => any)>

const withParams = (params: Params = {}): Resource<unknown> => resource<any>({ etag: () => 1, params })
const userResource = withParams()
const byId = withParams({ userId: 'id' })
const inOrg = withParams({ org: 'orgId', slug: 'name' })
const fileResource = withParams({ '*': 'path' })

function canonicalRoute (url: string, of = userResource): CanonicalRoute {
  return { resource: of, scope: {}, url, pattern: parsePattern(url), isConstrained: false }
}

function route (methods: HTTPMethods[], url: string, of?: Resource<unknown>): DeclaredRoute {
  return new DeclaredRoute({} as FastifyInstance, methods, url, undefined, of)
}

function get (url: string, of?: Resource<unknown>, isCanonical = of !== undefined): GetRoute {
  return { url, resource: of, isCanonical }
}

const NONE = 'no GET route has the same resource'
const UNKNOWN = `${NONE} (routes declared before the plugin was loaded, or outside its scope, are not known)`
const ONCE = 'call resource() once, and give both routes the same value, because each call makes another resource'
const ELSEWHERE = `add config: { resource } to the GET route of it, and ${ONCE}`
const declare = (url: string, name = 'user') => `app.get('${url}', { config: { resource: ${name}Resource } }, handler)`
const add = (routes: string) => `add config: { resource: userResource } to ${routes}`

type Missing = [
  name: string, asking: DeclaredRoute, of: Resource<unknown>, getRoutes: GetRoute[], found: string, fix: string
]
const missing: Missing[] = [
  ['no GET route', route(['POST'], '/users', userResource), userResource, [], UNKNOWN, declare('/users/:id')],
  ['no GET route, and a trailing slash', route(['POST'], '/users/', userResource), userResource, [],
    UNKNOWN, declare('/users/:id')],
  ['no GET route, and the root', route(['POST'], '/', userResource), userResource, [],
    UNKNOWN, declare('/:id', 'record')],
  ['no GET route, and a prefix', route(['POST'], '/api/v1/blog-posts', userResource), userResource, [],
    UNKNOWN, declare('/api/v1/blog-posts/:id', 'blogPost')],
  ['no GET route, and a parameter that the resource names', route(['POST'], '/users', byId), byId, [],
    UNKNOWN, declare('/users/:userId')],
  ['no GET route, and parameters of which the route has one', route(['POST'], '/orgs/:org/users', inOrg), inOrg, [],
    UNKNOWN, declare('/orgs/:org/users/:slug')],
  ['no GET route, and a wildcard that the resource names', route(['POST'], '/files', fileResource), fileResource, [],
    UNKNOWN, declare('/files/*', 'file')],
  ['no GET route for an update', route(['PUT'], '/users/:id', userResource), userResource, [],
    UNKNOWN, declare('/users/:id')],
  ['no GET route for updates', route(['PUT', 'PATCH', 'DELETE'], '/users/:id', userResource), userResource, [],
    UNKNOWN, declare('/users/:id')],
  ['GET routes elsewhere', route(['POST'], '/users', userResource), userResource,
    [get('/users'), get('/posts/:id'), get('/users/:id/posts'), get('/users/me'), get('/')],
    UNKNOWN, declare('/users/:id')],
  ['a list, which cannot be canonical for what is created in it', route(['POST'], '/users', userResource), userResource,
    [get('/users')], UNKNOWN, declare('/users/:id')],
  ['a GET route of another resource elsewhere', route(['POST'], '/users', userResource), userResource,
    [get('/posts/:id', withParams())], UNKNOWN, declare('/users/:id')],

  ['a GET route below without a resource', route(['POST'], '/users', userResource), userResource,
    [get('/users'), get('/users/:id')], NONE, add('GET /users/:id')],
  ['several GET routes below', route(['POST'], '/users/', userResource), userResource,
    [get('/users/:id'), get('/users/:name(^[a-z]+$)/'), get('/users/*')],
    NONE, add('GET /users/:id or GET /users/:name(^[a-z]+$)/ or GET /users/*')],
  ['a GET route below the root', route(['POST'], '/', userResource), userResource,
    [get('/:id')], NONE, 'add config: { resource: recordResource } to GET /:id'],
  ['the GET route of an update', route(['PUT'], '/users/:id', userResource), userResource,
    [get('/users/:id'), get('/users/:id/:part')], NONE, add('GET /users/:id')],
  ['the GET routes of a route that creates and updates', route(['POST', 'PUT'], '/users', userResource), userResource,
    [get('/users'), get('/users/:id')], NONE, add('GET /users or GET /users/:id')],
  ['a GET route below, for a resource that is given by hand', route(['POST'], '/users'), userResource,
    [get('/users/:id')], NONE, add('GET /users/:id')],

  ['a GET route below with another resource', route(['POST'], '/users', userResource), userResource,
    [get('/users/:id', withParams())], 'GET /users/:id is the canonical route of another resource', ONCE],
  ['a GET route with another resource among those below', route(['POST'], '/users', userResource), userResource,
    [get('/users/:name'), get('/users/:id', withParams())],
    'GET /users/:id is the canonical route of another resource', ONCE],
  ['a GET route below with another resource and canonical: false', route(['POST'], '/users', userResource),
    userResource,
    [get('/users/:id', withParams(), false)], NONE, add('GET /users/:id')],
  ['the GET route of an update with another resource', route(['DELETE'], '/users/:id', userResource), userResource,
    [get('/users/:id', withParams())], 'GET /users/:id is the canonical route of another resource', ONCE],

  ['a GET route with canonical: false', route(['POST'], '/users', userResource), userResource,
    [get('/users/:id', withParams()), get('/people/:id', userResource, false)],
    'GET /people/:id has the same resource, but also created: { canonical: false }', 'remove canonical: false there'],

  ['the URL of another resource', route(['POST'], '/users', userResource), byId, [get('/users/:id', userResource)],
    NONE, ELSEWHERE],
  ['the URL of a resource on a route that has none', route(['GET'], '/search'), userResource,
    [get('/search'), get('/users/:id')], NONE, ELSEWHERE],
  ['the URL of a resource without a route', route([], '(no route)'), userResource, [], NONE, ELSEWHERE],
  ['the URL of another resource, whose GET route has canonical: false', route(['POST'], '/users', userResource), byId,
    [get('/people/:id', byId, false)],
    'GET /people/:id has the same resource, but also created: { canonical: false }', 'remove canonical: false there']
]

t.test('without a canonical route, the message says where it may be', async (t) => {
  for (const [name, asking, of, getRoutes, found, fix] of missing) {
    t.same(canonicalRouteProblem(asking, of, [], getRoutes), { found, fix }, name)
  }
})

t.test('with several canonical routes, the message names them, and says how to keep one', async (t) => {
  const [users, people] = [canonicalRoute('/users/:id'), canonicalRoute('/people/:id')]
  const keep = 'keep one, and write config: { resource: userResource, created: { canonical: false } } on the others; ' +
    'on a list, leave config.resource off'
  const twoNear = '2 canonical routes of it are equally near: GET /users/:id and GET /people/:id'
  t.same(canonicalRouteProblem(route(['POST'], '/users', userResource), userResource, [users, people], []), {
    found: twoNear,
    fix: `${keep}; or declare POST /users in the scope of the one that you mean`
  })
  const three = ['/v1/users/:id', '/v2/users/:id', '/c/:id'].map((url) => canonicalRoute(url))
  t.match(canonicalRouteProblem(route(['POST', 'PUT'], '/users', userResource), userResource, three, []), {
    found: '3 canonical routes of it are equally near: GET /v1/users/:id and GET /v2/users/:id and GET /c/:id',
    fix: `${keep}; or declare POST, PUT /users in the scope of the one that you mean`
  })
  for (const asking of [route(['POST'], '/users', byId), route(['GET'], '/search'), route([], '')]) {
    t.same(canonicalRouteProblem(asking, userResource, [users, people], []), {
      found: twoNear,
      fix: `${keep}; or call urlFor() in the scope of the one that you mean`
    }, `for the URL of another resource on ${asking.name}`)
  }
  const asking = route(['POST'], '/users', userResource)
  t.equal(canonicalRouteProblem(asking, userResource, [users], []), undefined, 'one is enough')
})

// A pattern that backtracks would take a minute.
const COLONS = ':'.repeat(500_000)

t.test('a list cannot be the canonical route of what POST creates in it', async (t) => {
  const rows: Array<[name: string, asking: DeclaredRoute, url: string, one?: string]> = [
    ['a list', route(['POST'], '/users', userResource), '/users', 'user'],
    ['a list of the same route', route(['GET', 'POST'], '/users', userResource), '/users', 'user'],
    ['a list with a slash at its end', route(['POST'], '/users/', userResource), '/users/', 'user'],
    ['a list below a parameter', route(['POST'], '/orgs/:org/users', userResource), '/orgs/:org/users', 'user'],
    ['the root', route(['POST'], '/', userResource), '/', 'record'],
    ['a list below many colons', route(['POST'], `/${COLONS}/users`, userResource), `/${COLONS}/users`, 'user'],
    ['a member', route(['POST'], '/users', userResource), '/users/:id'],
    ['its own URL, which ends in a parameter', route(['POST'], '/users/:id', userResource), '/users/:id'],
    ['its own URL, which ends in a parameter and a slash', route(['POST'], '/users/:id/', userResource), '/users/:id/'],
    ['its own URL, which ends in an optional parameter', route(['POST'], '/users/:id?', userResource), '/users/:id?'],
    ['its own URL, which ends in a wildcard', route(['POST'], '/files/*', userResource), '/files/*'],
    ['PUT of a singleton', route(['PUT', 'PATCH', 'DELETE'], '/settings', userResource), '/settings'],
    ['GET and PUT of a singleton', route(['GET', 'PUT'], '/settings', userResource), '/settings']
  ]
  for (const [name, asking, url, one] of rows) {
    const problem = listProblem(asking, canonicalRoute(url))
    t.same(problem, one === undefined
      ? undefined
      : {
          found: `GET ${url}, which is the collection, has the resource of its members`,
          fix: `remove config.resource from GET ${url}, and add it to the GET route of one ${one}`
        }, `${name} is ${one === undefined ? 'accepted' : 'rejected'}`)
  }
})

t.test('a name in params that the URL of the canonical route does not have is a problem', async (t) => {
  const fills = (name: string, url: string, has: string) => `resource({ params }) fills "${name}", and GET ${url} ` +
    `has ${has}`
  const rows: Array<[url: string, params: Params, found?: string, fix?: string]> = [
    ['/users/:id', {}],
    ['/users/:id', { id: 'uuid' }],
    ['/files/*', { '*': 'path' }],
    ['/files/:id?', { id: 'id' }],
    ['/orgs/:org/users/:id', { org: 'orgId' }],
    ['/users/:id', { userId: 'id' }, fills('userId', '/users/:id', 'only id'), "resource({ params: { id: 'id' }, … })"],
    ['/users/:id', { uid: () => 'a' },
      fills('uid', '/users/:id', 'only id'), 'resource({ params: { id: (user) => … }, … })'],
    ['/orgs/:org/users/:id', { userId: 'key' },
      fills('userId', '/orgs/:org/users/:id', 'only org, id'), "resource({ params: { id: 'key' }, … })"],
    ['/orgs/:org/users/:id', { uuid: 'key' },
      fills('uuid', '/orgs/:org/users/:id', 'only org, id'), "resource({ params: { id: 'key' }, … })"],
    ['/orgs/:org/users/:id', { id: 'id', organization: 'orgId' },
      fills('organization', '/orgs/:org/users/:id', 'only org, id'), "resource({ params: { org: 'orgId' }, … })"],
    ['/users/:user-id', { userId: 'id' },
      fills('userId', '/users/:user-id', 'only user'), "resource({ params: { user: 'id' }, … })"],
    ['/files/*', { path: 'path' },
      fills('path', '/files/*', 'only *'), "resource({ params: { '*': 'path' }, … })"],
    ['/users/:id', { id: 'id', org: 'org' },
      fills('org', '/users/:id', 'only id'), 'remove "org" from params'],
    ['/settings', { id: 'id' }, fills('id', '/settings', 'no parameters'), 'remove "id" from params'],
    ['/users::id', { id: 'id' }, fills('id', '/users::id', 'no parameters'), 'remove "id" from params']
  ]
  for (const [url, params, found, fix] of rows) {
    const problem = found === undefined ? undefined : { found, fix }
    t.same(paramNamesProblem(url, withParams(params)), problem,
      found ?? `${url} has ${Object.keys(params).join() || 'all'}`)
  }
})

const text = { type: 'string' }
const object = (properties: Record<string, unknown>, required = Object.keys(properties)) =>
  ({ type: 'object', properties, required })

function sourceFor (url: string, schema?: unknown): UrlSource {
  return { parameters: parsePattern(url).parameters, schema, sharedSchemas: () => undefined }
}

function template (url: string, params: Params, making: UrlSource): UrlTemplate {
  const at = canonicalRoute(url, withParams(params))
  return new UrlTemplate(at, inheritedParameters(at, making), 100)
}

const withTextId = object({ id: text })
const paramsWith = (params: string) => `resource({ params: { ${params} }, … })`

type Unfilled = [name: string, url: string, params: Params, from: string, schema: unknown, found?: string, fix?: string]
const unfilled: Unfilled[] = [
  ['a property of its name', '/users/:id', {}, '/users', withTextId],
  ['no schema', '/users/:id', {}, '/users', undefined],
  ['a schema that says nothing', '/users/:id', {}, '/users', { $ref: 'Unknown' }],
  ['params', '/users/:slug', { slug: 'name' }, '/users', withTextId],
  ['a function in params', '/users/:slug', { slug: () => 'a' }, '/users', withTextId],
  ['params for a wildcard', '/files/*', { '*': 'path' }, '/files', undefined],
  ['the request', '/orgs/:org/users/:id', {}, '/orgs/:org/users', withTextId],
  ['nothing, because it is optional', '/users/:id/:part?', {}, '/users', withTextId],
  ['nothing, because there is none', '/settings', {}, '/settings', object({})],

  ['a property that is not required', '/users/:id', {}, '/users', object({ id: text }, []),
    'nothing fills :id in /users/:id: the response schema has id, but not as a required string or number',
    `make id a required string or number in the response schema, or ${paramsWith('id: (user) => …')}`],
  ['a property of another name', '/users/:userId', {}, '/users', object({ name: text, id: { type: 'integer' } }),
    'nothing fills :userId in /users/:userId: the response schema has name, id', paramsWith("userId: 'id'")],
  ['a property of another name in snake case', '/users/:userId', {}, '/users', object({ name: text, user_id: text }),
    'nothing fills :userId in /users/:userId: the response schema has name, user_id', paramsWith("userId: 'user_id'")],
  ['a property of another name in another case', '/users/:userUUID', {}, '/users', object({ name: text, uuid: text }),
    'nothing fills :userUUID in /users/:userUUID: the response schema has name, uuid', paramsWith("userUUID: 'uuid'")],
  ['properties of quite other names', '/users/:slug', {}, '/users',
    object({ tags: { type: 'array' }, name: text, id: text }),
    'nothing fills :slug in /users/:slug: the response schema has tags, name, id', paramsWith('slug: (user) => …')],
  ['a property whose name ends alike, but that is optional', '/users/:userId', {}, '/users',
    object({ id: text, name: text }, ['name']),
    'nothing fills :userId in /users/:userId: the response schema has id, name', paramsWith('userId: (user) => …')],
  ['a property whose name ends alike, but that is an object', '/users/:userId', {}, '/users',
    object({ id: object({}) }),
    'nothing fills :userId in /users/:userId: the response schema has id', paramsWith('userId: (user) => …')],
  ['no properties', '/users/:id', {}, '/users', { type: 'null' },
    'nothing fills :id in /users/:id: the response schema has no properties', paramsWith('id: (user) => …')],
  ['a name that is not an identifier', '/users/:user_id~', {}, '/users', object({ name: text }),
    'nothing fills :user_id~ in /users/:user_id~: the response schema has name', paramsWith("'user_id~': (user) => …")],
  ['a name that is not an identifier, and ends like a property', '/users/:~user_id', {}, '/users', withTextId,
    'nothing fills :~user_id in /users/:~user_id: the response schema has id', paramsWith("'~user_id': 'id'")],
  ['a name that all objects inherit', '/users/:constructor', {}, '/users', withTextId,
    'nothing fills :constructor in /users/:constructor: the response schema has id',
    paramsWith('constructor: (user) => …')],
  ['a parameter before the last, which the route does not have', '/orgs/:org/users/:id', {}, '/users', withTextId,
    'nothing fills :org in /orgs/:org/users/:id: the response schema has id', paramsWith('org: (user) => …')],
  ['a parameter before the last, which is not the id of the record', '/orgs/:orgId/users/:id', {}, '/users', withTextId,
    'nothing fills :orgId in /orgs/:orgId/users/:id: the response schema has id', paramsWith('orgId: (user) => …')],
  ['the last, which is never inherited', '/users/:id', {}, '/users/:id/clone', object({ name: text }),
    'nothing fills :id in /users/:id: the response schema has name', paramsWith('id: (user) => …')],
  ['a wildcard', '/files/*', {}, '/files', object({ path: text }),
    'nothing fills * in /files/*', paramsWith("'*': (file) => …")],
  ['a wildcard without a schema', '/files/*', {}, '/files', undefined,
    'nothing fills * in /files/*', paramsWith("'*': (file) => …")]
]

t.test('a parameter of the canonical route that nothing fills is a problem, and the fix is code', async (t) => {
  for (const [name, url, params, from, schema, found, fix] of unfilled) {
    const making = sourceFor(from, schema)
    const problem = unfilledProblem(template(url, params, making), making)
    if (found === undefined) t.equal(problem, undefined, `filled by ${name}`)
    else t.same(problem, { found, fix }, `not filled by ${name}`)
  }
})

t.test('in an app, all problems are in one error, which stops the boot', async (t) => {
  const { app } = await appWith(t)
  const [postResource, tagResource] = [withParams(), withParams({ slug: 'name' })]
  app.post('/users', { config: { resource: userResource } }, async () => '')
  app.put('/users/:id', { config: { resource: userResource } }, async () => '')
  app.get('/posts/:id', { config: { resource: postResource, created: { canonical: false } } }, async () => '')
  app.delete('/posts/:id', { config: { resource: postResource } }, async () => '')
  app.get('/tags/:id', { config: { resource: tagResource } }, async () => '')
  const error = await app.ready().then(() => undefined, (error: Error) => error)
  t.match(error, { code: 'FST_CREATED_VIOLATION' })
  const [first, more, ...others] = error!.message.split('\n')
  const messages: Array<[message: string, name: string, found: string, fix: string]> = [
    [first, 'POST /users broke the rule resource-route', UNKNOWN, declare('/users/:id')],
    [others[0], '- PUT /users/:id broke the rule resource-route', UNKNOWN, declare('/users/:id')],
    [others[1], '- DELETE /posts/:id broke the rule resource-route',
      'GET /posts/:id has the same resource, but also created: { canonical: false }', 'remove canonical: false there'],
    [others[2], '- GET /tags/:id broke the rule resource-params',
      'resource({ params }) fills "slug", and GET /tags/:id has only id', "resource({ params: { id: 'name' }, … })"]
  ]
  t.equal(more, '3 more:')
  t.equal(others.length, 3)
  for (const [message, name, found, fix] of messages) {
    t.ok(message.startsWith(`${name}. Found: ${found}. Required: `), message)
    t.ok(message.includes(`. Fix: ${fix}. See fastify-created/docs/reference/rules.md#resource-`), message)
  }
})

t.test('in an app, a plugin mounted twice makes its own URLs, and urlFor() outside is told about both', async (t) => {
  const { app } = await appWith(t)
  const otherResource = withParams()
  for (const prefix of ['/v1', '/v2']) {
    app.register(async (scope) => {
      scope.get('/users/:id', { config: { resource: userResource } }, async () => '')
      scope.post('/users', async (request) => request.urlFor(userResource, { id: 42 }))
      scope.post('/others', async (request) => request.urlFor(otherResource, { id: 42 }))
    }, { prefix })
  }
  for (const prefix of ['/v1', '/v2']) {
    t.equal((await app.inject({ method: 'POST', url: `${prefix}/users` })).body, `${prefix}/users/42`)
    const { statusCode, body } = await app.inject({ method: 'POST', url: `${prefix}/others` })
    t.equal(statusCode, 500)
    const { message } = JSON.parse(body)
    t.match(message, `POST ${prefix}/others broke the rule resource-route. Found: ${UNKNOWN}. Required: `)
    t.match(message, `. Fix: ${declare(`${prefix}/others/:id`, 'other')}. See `)
  }
  t.throws(() => app.urlFor(userResource, { id: 42 }), {
    rule: 'resource-route',
    message: /2 canonical routes of it are equally near: GET \/v1\/users\/:id and GET \/v2\/users\/:id\..+call urlFor\(\) in/
  })
  t.throws(() => app.urlFor(otherResource, { id: 42 }), {
    rule: 'resource-route',
    message: /Found: no GET route has the same resource\..+Fix: add config: \{ resource \} to the GET route of it, and call/
  })
})
