import fc from 'fast-check'
import type { FastifyInstance, HTTPMethods } from 'fastify'
import t from 'tap'
import { AddressTemplate, inheritedParameters, type AddressMaker, type Unaddressable } from '../../src/resource/url-template.js'
import { Declaration } from '../../src/resource/declared-route.js'
import type { GetRoute } from '../../src/resource/get-routes.js'
import { Homes, type Home, type Scope } from '../../src/resource/canonical-routes.js'
import { refuseHomes, refuseList, refuseNames, refuseUnfilled } from '../../src/resource/canonical-problems.js'
import { resource, type Resource } from '../../src/resource/resource.js'
import { parsePattern } from '../../src/resource/url-pattern.js'
import { guarded } from '../support.js'

type Params = Record<string, string | ((value: any) => any)>

const thing = (params: Params = {}): Resource<unknown> => resource<any>({ etag: () => 1, params })
const user = thing()

function home (url: string, scope: Scope = {}, of = user): Home {
  return { resource: of, scope, url, pattern: parsePattern(url), isConstrained: false }
}

/** Named by the way to it: `a1` is inside of `a`, and `a` inside of `root`. */
function scopes (): Record<string, Scope> {
  const root = {}
  const [a, b] = [Object.create(root), Object.create(root)]
  const [a1, a2, b1] = [Object.create(a), Object.create(a), Object.create(b)]
  return { root, a, b, a1, a2, b1, a1x: Object.create(a1) }
}

const paired: Array<[says: string, homes: Array<[url: string, scope: string]>, from: string, found: string[]]> = [
  ['none at all', [], 'root', []],
  ['one in the same scope', [['/users/:id', 'a']], 'a', ['/users/:id']],
  ['one in the scope around', [['/users/:id', 'root']], 'a', ['/users/:id']],
  ['one in the outermost scope', [['/users/:id', 'root']], 'a1x', ['/users/:id']],
  ['one in a scope inside', [['/users/:id', 'a1x']], 'root', ['/users/:id']],
  ['one in a sibling', [['/users/:id', 'b']], 'a', ['/users/:id']],
  ['one in a cousin', [['/users/:id', 'b1']], 'a1', ['/users/:id']],
  ['its own before that of the scope around', [['/users/:id', 'root'], ['/a/users/:id', 'a']], 'a', ['/a/users/:id']],
  ['its own before that of the scope around, declared first', [['/a/users/:id', 'a'], ['/users/:id', 'root']], 'a', ['/a/users/:id']],
  ['its own before that of a scope inside', [['/a1/users/:id', 'a1'], ['/users/:id', 'a']], 'a', ['/users/:id']],
  ['the scope around before a sibling', [['/b/users/:id', 'b'], ['/users/:id', 'root']], 'a', ['/users/:id']],
  ['a sibling before a cousin', [['/b1/users/:id', 'b1'], ['/a2/users/:id', 'a2']], 'a1', ['/a2/users/:id']],
  ['a sibling of the scope around before its child', [['/b1/users/:id', 'b1'], ['/b/users/:id', 'b']], 'a1', ['/b/users/:id']],
  ['a child before what is two hops out', [['/users/:id', 'root'], ['/a1x/users/:id', 'a1x']], 'a1', ['/a1x/users/:id']],
  ['each its own, where one plugin is mounted twice: v1', [['/v1/users/:id', 'a'], ['/v2/users/:id', 'b']], 'a', ['/v1/users/:id']],
  ['each its own, where one plugin is mounted twice: v2', [['/v1/users/:id', 'a'], ['/v2/users/:id', 'b']], 'b', ['/v2/users/:id']],
  ['each its own, where creating is in a scope inside', [['/v1/users/:id', 'a'], ['/v2/users/:id', 'b']], 'b1', ['/v2/users/:id']],
  ['both, seen from between two mounts', [['/v1/users/:id', 'a'], ['/v2/users/:id', 'b']], 'root', ['/v1/users/:id', '/v2/users/:id']],
  ['two in one scope', [['/users/:id', 'a'], ['/people/:id', 'a']], 'a', ['/users/:id', '/people/:id']],
  ['a sibling and a child of the same distance', [['/users/:id', 'a'], ['/people/:id', 'a1x']], 'a1', ['/users/:id', '/people/:id']],
  ['a scope two hops out and a sibling of the same distance', [['/users/:id', 'root'], ['/a2/users/:id', 'a2']], 'a1', ['/users/:id', '/a2/users/:id']],
  ['the same URL twice, once', [['/users/:id', 'a'], ['/users/:id', 'a']], 'a', ['/users/:id']],
  ['the same URL twice from different scopes, once', [['/users/:id', 'a'], ['/users/:id', 'b']], 'root', ['/users/:id']],
  ['the same URL twice beside another', [['/users/:id', 'a'], ['/people/:id', 'a'], ['/users/:id', 'a']], 'a', ['/users/:id', '/people/:id']]
]

t.test('the nearest home is found', async (t) => {
  for (const [says, declared, from, found] of paired) {
    const scope = scopes()
    const homes = new Homes()
    for (const [url, name] of declared) homes.add(home(url, scope[name]))
    t.same(homes.nearest(user, scope[from]).map(({ pattern }) => pattern.url).sort(), found.toSorted(), `${says}: ${found.join(' and ') || 'none'}`)
    t.same(homes.nearest(thing(), scope[from]), [], `${says}, and none of another resource`)
  }
})

t.test('of one URL under several constraints, the home without any is found: what answers there can be proved', async (t) => {
  const scope = {}
  const [free, ofHost, ofVersion] = [home('/users/:id', scope), { ...home('/users/:id', scope), isConstrained: true }, { ...home('/users/:id', scope), isConstrained: true }]
  for (const [says, declared] of [['first', [free, ofHost, ofVersion]], ['between', [ofHost, free, ofVersion]], ['last', [ofHost, ofVersion, free]]] as const) {
    const homes = new Homes()
    for (const home of declared) homes.add(home)
    const [found, ...others] = homes.nearest(user, scope)
    t.equal(found, free, `declared ${says}`)
    t.same(others, [])
  }
  const homes = new Homes()
  homes.add(ofHost)
  homes.add(ofVersion)
  t.equal(homes.nearest(user, scope).length, 1, 'one of them where all have constraints')
})

/** Each node but the first is inside of one before it. */
const aTree = fc.array(fc.nat(), { maxLength: 12 }).map((parents) => parents.map((parent, index) => parent % (index + 1)))

function grow (parents: number[]): { scopes: Scope[], around: (node: number) => number[] } {
  const scopes: Scope[] = [{}]
  for (const parent of parents) scopes.push(Object.create(scopes[parent]))
  const around = (node: number): number[] => node === 0 ? [0] : [node, ...around(parents[node - 1])]
  return { scopes, around }
}

t.test('in any tree, the nearest homes are those of the smallest number of hops, one for each URL', async (t) => {
  const declared = fc.array(fc.record({ node: fc.nat(), url: fc.nat({ max: 5 }), of: fc.nat({ max: 1 }) }), { maxLength: 15 })
  const count = { none: 0, one: 0, several: 0 }
  fc.assert(fc.property(aTree, declared, fc.nat(), (parents, declared, start) => {
    const { scopes, around } = grow(parents)
    const resources = [user, thing()]
    const from = start % scopes.length
    const homes = new Homes()
    const distances = declared.map(({ node, url, of }) => {
      const scope = node % scopes.length
      homes.add(home(`/${url}/:id`, scopes[scope], resources[of]))
      const [down, up] = [around(scope), around(from)]
      const common = up.find((ancestor) => down.includes(ancestor))!
      return { url: `/${url}/:id`, of, distance: up.indexOf(common) + down.indexOf(common) }
    })
    for (const [of, resource] of resources.entries()) {
      const own = distances.filter((home) => home.of === of)
      const smallest = Math.min(...own.map(({ distance }) => distance))
      const expected = [...new Set(own.filter(({ distance }) => distance === smallest).map(({ url }) => url))].sort()
      const found = homes.nearest(resource, scopes[from])
      if (found.some((home) => home.resource !== resource)) return false
      if (found.map(({ pattern }) => pattern.url).sort().join() !== expected.join()) return false
      count[expected.length === 0 ? 'none' : expected.length === 1 ? 'one' : 'several']++
    }
    return true
  }), { numRuns: 2000 })
  for (const [kind, times] of Object.entries(count)) t.ok(times > 100, `${kind}: ${times} times`)
})

function route (methods: HTTPMethods[], url: string, of?: Resource<unknown>): Declaration {
  return new Declaration({} as FastifyInstance, methods, url, undefined, of)
}

const get = (url: string, of?: Resource<unknown>, isHome = of !== undefined): GetRoute => ({ url, resource: of, isHome })
const unseen = 'A route that is declared before this plugin is loaded, or outside of the scope where it is registered, is not seen'
const asked = 'An address was asked for of a resource, and no GET route is its home.'
const byId = thing({ userId: 'id' })
const inOrg = thing({ org: 'orgId', slug: 'name' })
const file = thing({ '*': 'path' })

const homeless: Array<[says: string, asking: Declaration, of: Resource<unknown>, getRoutes: GetRoute[], message: string]> = [
  ['no GET route', route(['POST'], '/users', user), user, [],
    `POST /users has a resource, and no GET route is its home. Declare one: app.get('/users/:id', { config: { resource } }, handler). ${unseen}`],
  ['no GET route, and a trailing slash', route(['POST'], '/users/', user), user, [], 'Declare one: app.get(\'/users/:id\', {'],
  ['no GET route, and the root', route(['POST'], '/', user), user, [], 'Declare one: app.get(\'/:id\', {'],
  ['no GET route, and a parameter that the resource names', route(['POST'], '/users', byId), byId, [], 'Declare one: app.get(\'/users/:userId\', {'],
  ['no GET route, and parameters of which the route has one', route(['POST'], '/orgs/:org/users', inOrg), inOrg, [], 'Declare one: app.get(\'/orgs/:org/users/:slug\', {'],
  ['no GET route, and a wildcard that the resource names', route(['POST'], '/files', file), file, [], 'Declare one: app.get(\'/files/*\', {'],
  ['no GET route for an update', route(['PUT'], '/users/:id', user), user, [],
    `PUT /users/:id has a resource, and no GET route is its home. Declare one: app.get('/users/:id', { config: { resource } }, handler). ${unseen}`],
  ['no GET route for updates', route(['PUT', 'PATCH', 'DELETE'], '/users/:id', user), user, [], 'PUT, PATCH, DELETE /users/:id has a resource, and no GET route is its home. Declare one: app.get(\'/users/:id\', {'],
  ['GET routes elsewhere', route(['POST'], '/users', user), user, [get('/users'), get('/posts/:id'), get('/users/:id/posts'), get('/users/me'), get('/')], 'Declare one: app.get(\'/users/:id\', {'],
  ['a list, which is no home for what is created in it', route(['POST'], '/users', user), user, [get('/users')], 'Declare one: app.get(\'/users/:id\', {'],
  ['a GET route of another resource elsewhere', route(['POST'], '/users', user), user, [get('/posts/:id', thing())], 'Declare one: app.get(\'/users/:id\', {'],

  ['a GET route below without a resource', route(['POST'], '/users', user), user, [get('/users'), get('/users/:id')],
    'POST /users has a resource, and no GET route is its home. Is it GET /users/:id? Then add the same config: { resource } there'],
  ['several GET routes below', route(['POST'], '/users/', user), user, [get('/users/:id'), get('/users/:name(^[a-z]+$)/'), get('/users/*')], 'Is it GET /users/:id or GET /users/:name(^[a-z]+$)/ or GET /users/*? Then add the same'],
  ['a GET route below the root', route(['POST'], '/', user), user, [get('/:id')], 'Is it GET /:id? Then'],
  ['the GET route of an update', route(['PUT'], '/users/:id', user), user, [get('/users/:id'), get('/users/:id/:part')], 'PUT /users/:id has a resource, and no GET route is its home. Is it GET /users/:id? Then'],
  ['the GET routes of a route that creates and updates', route(['POST', 'PUT'], '/users', user), user, [get('/users'), get('/users/:id')], 'Is it GET /users or GET /users/:id? Then'],
  ['a GET route below, for a resource that is given by hand', route(['POST'], '/users'), user, [get('/users/:id')], 'Is it GET /users/:id? Then'],

  ['a GET route below with another resource', route(['POST'], '/users', user), user, [get('/users/:id', thing())],
    'POST /users has a resource, and no GET route is its home. GET /users/:id is the home of another resource: each call of resource() makes a new one, so call it once and give both routes the same'],
  ['a GET route with another resource among those below', route(['POST'], '/users', user), user, [get('/users/:name'), get('/users/:id', thing())], 'GET /users/:id is the home of another resource:'],
  ['a GET route below with another resource that is no home', route(['POST'], '/users', user), user, [get('/users/:id', thing(), false)], 'Is it GET /users/:id? Then'],
  ['the GET route of an update with another resource', route(['DELETE'], '/users/:id', user), user, [get('/users/:id', thing())], 'GET /users/:id is the home of another resource:'],

  ['a GET route that is said to be no home', route(['POST'], '/users', user), user, [get('/users/:id', thing()), get('/people/:id', user, false)],
    'POST /users has a resource, and no GET route is its home. GET /people/:id has the same resource, but says created: { home: false }: leave that out'],

  ['the address of another resource', route(['POST'], '/users', user), byId, [get('/users/:id', user)],
    `${asked} Add config: { resource } to the GET route that answers for it, with the very same resource: each call of resource() makes a new one`],
  ['the address of a resource on a route that has none', route(['GET'], '/search'), user, [get('/search'), get('/users/:id')], `${asked} Add config: { resource } to the GET route that answers for it`],
  ['the address of a resource where there is no route', route([], '(no route)'), user, [], `${asked} Add config: { resource } to the GET route that answers for it`],
  ['the address of another resource, whose GET route is said to be no home', route(['POST'], '/users', user), byId, [get('/people/:id', byId, false)],
    `${asked} GET /people/:id has the same resource, but says created: { home: false }: leave that out`]
]

t.test('a route without a home is told where it could be', async (t) => {
  for (const [says, asking, of, getRoutes, message] of homeless) {
    const refusal = refuseHomes(asking, of, [], getRoutes)
    t.match(refusal, message, says)
    const isAsked = message.startsWith(asked)
    const verb = asking.resource === of ? 'has' : 'was given'
    const subject = isAsked ? asked : `${asking.name} ${verb} a resource, and no GET route is its home.`
    t.ok(refusal!.startsWith(`${subject} `), `${says}: ${isAsked ? 'no route is blamed' : 'the route is named'}`)
  }
})

t.test('a route with several homes is told which they are, and what to say of them', async (t) => {
  t.equal(refuseHomes(route(['POST'], '/users', user), user, [home('/users/:id'), home('/people/:id')], []),
    'POST /users has a resource, and 2 homes of it are equally near: GET /users/:id and GET /people/:id. ' +
    'Keep one of them, and say config: { created: { home: false } } on the others (a list is no home: leave the resource off there); or declare POST /users in the same scope as its own home')
  t.match(refuseHomes(route(['POST', 'PUT'], '/users', user), user, [home('/a/:id'), home('/b/:id'), home('/c/:id')], []),
    'POST, PUT /users has a resource, and 3 homes of it are equally near: GET /a/:id and GET /b/:id and GET /c/:id.')
  for (const asking of [route(['POST'], '/users', byId), route(['GET'], '/search'), route([], '')]) {
    t.equal(refuseHomes(asking, user, [home('/users/:id'), home('/people/:id')], []),
      'An address was asked for of a resource, and 2 homes of it are equally near: GET /users/:id and GET /people/:id. ' +
      'Keep one of them, and say config: { created: { home: false } } on the others (a list is no home: leave the resource off there); or ask in the scope of the one that is meant',
      `where ${asking.name} is not what the resource is of`)
  }
  t.equal(refuseHomes(route(['POST'], '/users', user), user, [home('/users/:id')], []), undefined, 'one is enough')
})

t.test('a collection is no home of what POST creates there', async (t) => {
  const rows: Array<[says: string, asking: Declaration, home: string, message: string | undefined]> = [
    ['a list', route(['POST'], '/users', user), '/users', 'GET /users is the home of what POST /users creates there, but a collection is no home of its members: leave config.resource off a list, and put it on the GET route of one of them'],
    ['a list of the same route', route(['GET', 'POST'], '/users', user), '/users', 'GET /users is the home of what GET, POST /users creates there'],
    ['a list with a slash at its end', route(['POST'], '/users/', user), '/users/', 'GET /users/ is the home of what POST /users/ creates there'],
    ['a list below a parameter', route(['POST'], '/orgs/:org/users', user), '/orgs/:org/users', 'GET /orgs/:org/users is the home'],
    ['the root', route(['POST'], '/', user), '/', 'GET / is the home of what POST / creates there'],
    ['a member', route(['POST'], '/users', user), '/users/:id', undefined],
    ['its own URL, which ends in a parameter', route(['POST'], '/users/:id', user), '/users/:id', undefined],
    ['its own URL, which ends in a parameter and a slash', route(['POST'], '/users/:id/', user), '/users/:id/', undefined],
    ['its own URL, which ends in an optional parameter', route(['POST'], '/users/:id?', user), '/users/:id?', undefined],
    ['its own URL, which ends in a wildcard', route(['POST'], '/files/*', user), '/files/*', undefined],
    ['PUT of a singleton', route(['PUT', 'PATCH', 'DELETE'], '/settings', user), '/settings', undefined],
    ['GET and PUT of a singleton', route(['GET', 'PUT'], '/settings', user), '/settings', undefined]
  ]
  for (const [says, asking, url, message] of rows) {
    const refusal = refuseList(asking, home(url))
    if (message === undefined) t.equal(refusal, undefined, `${says} is let be`)
    else t.match(refusal, message, `${says} is refused`)
  }
})

t.test('a name in params that the URL of the home does not have is refused', async (t) => {
  const rows: Array<[url: string, params: Params, message: string | undefined]> = [
    ['/users/:id', {}, undefined],
    ['/users/:id', { id: 'uuid' }, undefined],
    ['/files/*', { '*': 'path' }, undefined],
    ['/files/:id?', { id: 'id' }, undefined],
    ['/orgs/:org/users/:id', { org: 'orgId' }, undefined],
    ['/users/:id', { userId: 'id' }, 'resource({ params }) fills "userId", but GET /users/:id, which is a home of it, has only "id": name the parameter as the URL does'],
    ['/orgs/:org/users/:id', { id: 'id', organisation: 'org' }, 'resource({ params }) fills "organisation", but GET /orgs/:org/users/:id, which is a home of it, has only "org", "id": name the parameter as the URL does'],
    ['/files/*', { path: 'path' }, 'resource({ params }) fills "path", but GET /files/*, which is a home of it, has only "*": name the parameter as the URL does'],
    ['/settings', { id: 'id' }, 'resource({ params }) fills "id", but GET /settings, which is a home of it, has no parameters: name the parameter as the URL does'],
    ['/users::id', { id: 'id' }, 'has no parameters']
  ]
  for (const [url, params, message] of rows) {
    const refusal = refuseNames(url, thing(params))
    if (message === undefined) t.equal(refusal, undefined, `${url} has ${Object.keys(params).join() || 'all of none'}`)
    else t.match(refusal, message, message)
  }
})

const text = { type: 'string' }
const object = (properties: Record<string, unknown>, required = Object.keys(properties)) => ({ type: 'object', properties, required })

function maker (url: string, schema?: unknown): AddressMaker {
  return { parameters: parsePattern(url).parameters, schema, sharedSchemas: () => undefined }
}

function template (url: string, params: Params = {}, making = maker('/')): AddressTemplate {
  const at = home(url, {}, thing(params))
  return new AddressTemplate(at, inheritedParameters(at, making), 100)
}

t.test('a parameter is inherited from the request where the route has one of its name, and nothing else fills it', async (t) => {
  const rows: Array<[says: string, home: string, params: Params, from: string, schema: unknown, inherited: string[]]> = [
    ['one of the same name', '/orgs/:org/users/:id', {}, '/orgs/:org/users', undefined, ['org']],
    ['several of the same names', '/a/:a/b/:b/c/:c', {}, '/a/:a/b/:b/c', undefined, ['a', 'b']],
    ['none of another name', '/orgs/:org/users/:id', {}, '/orgs/:organisation/users', undefined, []],
    ['none where the route has no parameters', '/orgs/:org/users/:id', {}, '/users', undefined, []],
    ['never the last, which tells one from the next', '/users/:id', {}, '/users/:id/clone', undefined, []],
    ['never the last, beside one before it', '/orgs/:org/users/:id', {}, '/orgs/:org/users/:id/clone', undefined, ['org']],
    ['never a wildcard at the end', '/:bucket/*', {}, '/:bucket/*', undefined, ['bucket']],
    ['never the last that has to be there', '/users/:id/:part?', {}, '/users/:id/:part', undefined, []],
    ['one before the last that has to be there', '/orgs/:org/users/:id/:part?', {}, '/orgs/:org/users/:id/clone', undefined, ['org']],
    ['never where all are optional', '/:id?', {}, '/:id', undefined, []],
    ['one in the same segment', '/files/:name.:version', {}, '/files/:name', undefined, ['name']],
    ['none that params fills', '/orgs/:org/users/:id', { org: 'orgId' }, '/orgs/:org/users', undefined, []],
    ['one beside what params fills', '/orgs/:org/users/:id', { id: 'uuid' }, '/orgs/:org/users', undefined, ['org']],
    ['one that is called like what all objects inherit', '/:constructor/:id', {}, '/:constructor', undefined, ['constructor']],
    ['none that every answer has', '/orgs/:org/users/:id', {}, '/orgs/:org/users', object({ org: text, id: text }), []],
    ['one that not every answer has', '/orgs/:org/users/:id', {}, '/orgs/:org/users', object({ org: text, id: text }, ['id']), ['org']],
    ['one that is an object in the answer', '/orgs/:org/users/:id', {}, '/orgs/:org/users', object({ org: object({}), id: text }), ['org']],
    ['one that no answer has', '/orgs/:org/users/:id', {}, '/orgs/:org/users', object({ id: text }), ['org']],
    ['none where the home has none', '/settings', {}, '/:a/settings', undefined, []]
  ]
  for (const [says, url, params, from, schema, inherited] of rows) {
    t.same([...inheritedParameters(home(url, {}, thing(params)), maker(from, schema))], inherited, `${says}: ${inherited.join() || 'none'}`)
  }
})

const anAnswer = object({ id: text })
const unfilled: Array<[says: string, home: string, params: Params, from: string, schema: unknown, message: string | undefined]> = [
  ['a property of its name', '/users/:id', {}, '/users', anAnswer, undefined],
  ['no schema', '/users/:id', {}, '/users', undefined, undefined],
  ['a schema that says nothing', '/users/:id', {}, '/users', { $ref: 'Unknown' }, undefined],
  ['params', '/users/:slug', { slug: 'name' }, '/users', anAnswer, undefined],
  ['a function in params', '/users/:slug', { slug: () => 'a' }, '/users', anAnswer, undefined],
  ['params for a wildcard', '/files/*', { '*': 'path' }, '/files', undefined, undefined],
  ['the request', '/orgs/:org/users/:id', {}, '/orgs/:org/users', anAnswer, undefined],
  ['an optional parameter that nothing fills', '/users/:id/:part?', {}, '/users', anAnswer, undefined],
  ['no parameters', '/settings', {}, '/settings', object({}), undefined],

  ['a property that is not required', '/users/:id', {}, '/users', object({ id: text }, []),
    'POST /users gives addresses of GET /users/:id, but nothing fills the parameter "id": resource({ params }) does not name it, ' +
    'and its response schema has "id", but not as a property that is required and a string or a number. ' +
    'Make it so; or say what fills it: resource({ params: { id: (value) => … }, … })'],
  ['a property of another name', '/users/:userId', {}, '/users', object({ name: text, id: { type: 'integer' } }),
    'POST /users gives addresses of GET /users/:userId, but nothing fills the parameter "userId": resource({ params }) does not name it, ' +
    'and its response schema has no property "userId" (it has "name", "id"). ' +
    'Say what fills it: resource({ params: { userId: \'id\' }, … }); or leave the resource off a route that answers with something else'],
  ['a property of another name in another case', '/users/:userUUID', {}, '/users', object({ name: text, uuid: text }), 'resource({ params: { userUUID: \'uuid\' }, … })'],
  ['properties of quite other names', '/users/:slug', {}, '/users', object({ tags: { type: 'array' }, name: text, id: text }), '(it has "tags", "name", "id"). Say what fills it: resource({ params: { slug: (value) => … }, … }); or leave the resource off'],
  ['a property whose name ends alike, but that is optional', '/users/:userId', {}, '/users', object({ id: text, name: text }, ['name']), '(it has "id", "name"). Say what fills it: resource({ params: { userId: (value) => … }, … })'],
  ['a property whose name ends alike, but that is no text', '/users/:userId', {}, '/users', object({ id: object({}) }), '(it has "id"). Say what fills it: resource({ params: { userId: (value) => … }, … })'],
  ['no properties', '/users/:id', {}, '/users', { type: 'null' }, '(it has none). Say what fills it: resource({ params: { id: (value) => … }, … })'],
  ['a name that is no identifier', '/users/:user_id~', {}, '/users', anAnswer, 'nothing fills the parameter "user_id~": resource({ params }) does not name it, and its response schema has no property "user_id~" (it has "id"). Say what fills it: resource({ params: { \'user_id~\': (value) => … }, … })'],
  ['a name that is no identifier, and ends like a property', '/users/:~user_id', {}, '/users', anAnswer, 'Say what fills it: resource({ params: { \'~user_id\': \'id\' }, … })'],
  ['a name that all objects inherit', '/users/:constructor', {}, '/users', anAnswer, 'nothing fills the parameter "constructor"'],
  ['a parameter before the last, which the route does not have', '/orgs/:org/users/:id', {}, '/users', anAnswer, 'nothing fills the parameter "org": resource({ params }) does not name it, and its response schema has no property "org"'],
  ['the last, which is never inherited', '/users/:id', {}, '/users/:id/clone', object({ name: text }), 'nothing fills the parameter "id"'],
  ['a wildcard', '/files/*', {}, '/files', object({ path: text }),
    'POST /files gives addresses of GET /files/*, but nothing fills the parameter "*": resource({ params }) does not name it, and a wildcard has no property of its name. ' +
    'Say what fills it: resource({ params: { \'*\': (value) => … }, … })'],
  ['a wildcard without a schema', '/files/*', {}, '/files', undefined, 'Say what fills it: resource({ params: { \'*\': (value) => … }, … })']
]

t.test('a parameter of the home that nothing fills is refused, with what to write', async (t) => {
  for (const [says, url, params, from, schema, message] of unfilled) {
    const making = maker(from, schema)
    const refusal = refuseUnfilled(`POST ${from}`, template(url, params, making), making)
    if (message === undefined) t.equal(refusal, undefined, `filled by ${says}`)
    else t.match(refusal, message, `not filled by ${says}`)
  }
})

t.test('an address is filled from params, the request and the value', async (t) => {
  const rows: Array<[says: string, template: AddressTemplate, value: unknown, given: unknown, path: string]> = [
    ['a property of its name', template('/users/:id'), { id: 42 }, {}, '/users/42'],
    ['a property of another name', template('/users/:id', { id: 'uuid' }), { id: 42, uuid: 'a' }, {}, '/users/a'],
    ['a function', template('/users/:id', { id: (value) => `u${value.id}` }), { id: 42 }, {}, '/users/u42'],
    ['a getter', template('/users/:id'), { get id () { return 42 } }, {}, '/users/42'],
    ['a property of a class', template('/users/:id'), new class { id = 42 }(), {}, '/users/42'],
    ['a function of a value that is no object', template('/users/:id', { id: (value) => value }), 'ada', {}, '/users/ada'],
    ['a function of 0', template('/users/:id', { id: (value) => value }), 0, {}, '/users/0'],
    ['the request', template('/orgs/:org/users/:id', {}, maker('/orgs/:org/users')), { id: 42, org: { name: 'a' } }, { org: 'b' }, '/orgs/b/users/42'],
    ['the value, not the request, for the last', template('/users/:id', {}, maker('/users/:id/clone')), { id: 43 }, { id: '42' }, '/users/43'],
    ['the value, not the request, where every answer has it', template('/orgs/:org/users/:id', {}, maker('/orgs/:org/users', object({ org: text, id: text }))), { id: 42, org: 'a' }, { org: 'b' }, '/orgs/a/users/42'],
    ['nothing for an optional parameter', template('/users/:id/:part?'), { id: 42 }, {}, '/users/42'],
    ['what all objects inherit, where it is their own', template('/users/:constructor'), { constructor: 'a' }, {}, '/users/a'],
    ['nothing', template('/settings'), {}, undefined, '/settings']
  ]
  for (const [says, template, value, given, path] of rows) {
    t.match(template.fill(value, given), { path, home: template.home }, `${says}: ${path}`)
  }
})

t.test('what gives no address is refused, with the parameter', async (t) => {
  const failing = template('/users/:id', { id: () => { throw new RangeError('no such user') } })
  const thrower = template('/users/:id', { id: () => { throw { code: 7 } } }) // eslint-disable-line no-throw-literal
  const rows: Array<[says: string, template: AddressTemplate, value: unknown, given: unknown, refusal: string]> = [
    ['undefined', template('/users/:id'), undefined, {}, 'the value is undefined, so there is nothing to address'],
    ['null', template('/settings'), null, {}, 'the value is null, so there is nothing to address'],
    ['a value without the property', template('/users/:id'), { name: 'ada' }, {}, 'the parameter "id" of /users/:id is undefined: it must be'],
    ['a value without the property that params names', template('/users/:id', { id: 'uuid' }), { id: 42 }, {}, 'the parameter "id" of /users/:id is undefined: it must be'],
    ['a value that inherits the property from all objects', template('/users/:constructor'), {}, {}, 'the parameter "constructor" of /users/:constructor is [Function: Object]: it must be'],
    ['an async function', template('/users/:id', { id: async () => 42 }), {}, {}, 'the parameter "id" of /users/:id is Promise {'],
    ['a function that throws', failing, {}, {}, 'a function in params of the resource threw "no such user"'],
    ['a function that throws what is no error', thrower, {}, {}, 'a function in params of the resource threw { code: 7 }'],
    ['the resource itself', template('/users/:id'), user, {}, 'the value is what resource() returns: give a value of it'],
    ['a resource where no parameter tells', new AddressTemplate(home('/settings', {}, thing({})), new Set(), 100, () => true), user, {}, 'the value is what resource() returns: give a value of it'],
    ['another resource', template('/users/:id'), byId, {}, 'the value is what resource() returns: give a value of it'],
    ['a request without the parameter', template('/orgs/:org/users/:id', {}, maker('/orgs/:org/users')), { id: 42, org: 'a' }, {}, 'the parameter "org" of /orgs/:org/users/:id is undefined: it must be'],
    ['no request', template('/orgs/:org/users/:id', {}, maker('/orgs/:org/users')), { id: 42 }, undefined, 'the parameter "org" of /orgs/:org/users/:id is undefined: it must be']
  ]
  for (const [says, template, value, given, refusal] of rows) {
    const filled = template.fill(value, given)
    t.match(filled, { refusal, rule: 'location-syntax' }, says)
    t.notOk((filled as Unaddressable).isOfRequest, `${says}: the request is not to blame`)
    t.notOk('path' in filled, `${says}: no path`)
  }
})

t.test('what the client sent is told from what the app has made of it', async (t) => {
  const inOrgs = template('/orgs/:org/users/:id', {}, maker('/orgs/:org/users'))
  for (const org of ['', '.', '..']) {
    t.match(inOrgs.fill({ id: 42 }, { org }), { refusal: '/orgs/:org/users/:id', rule: 'location-syntax', isOfRequest: true }, `refused for "${org}" in the request`)
    t.match(template('/orgs/:org/users/:id').fill({ id: 42, org }, { org }), { refusal: '/orgs/:org/users/:id', isOfRequest: false }, `refused for "${org}" in the value`)
    t.match(template('/users/:id', {}, maker('/users/:id/clone')).fill({ id: org }, { id: org }), { refusal: '/users/:id', isOfRequest: false }, `refused for "${org}" in the value, for the last parameter`)
  }
  t.match(inOrgs.fill({ id: 42 }, { org: '\uD800' }), { refusal: 'half a surrogate pair', isOfRequest: false }, 'no client can send half a surrogate pair')
  t.match(inOrgs.fill({ id: '' }, { org: 'a' }), { refusal: 'the parameter "id"', isOfRequest: false })
  t.match(inOrgs.fill({ id: 42 }, { org: 'a' }), { path: '/orgs/a/users/42', inherited: new Set(['org']) }, 'a part of the address is of the request')
  t.match(template('/users/:id').fill({ id: 42 }, { id: 'a' }), { path: '/users/42', inherited: new Set() }, 'none of the address is of the request')
})

t.test('in an app, the messages of all routes stop the boot together', async (t) => {
  const { app } = await guarded(t)
  const [post, tag] = [thing(), thing({ slug: 'name' })]
  app.post('/users', { config: { resource: user } }, async () => '')
  app.put('/users/:id', { config: { resource: user } }, async () => '')
  app.get('/posts/:id', { config: { resource: post, created: { home: false } } }, async () => '')
  app.delete('/posts/:id', { config: { resource: post } }, async () => '')
  app.get('/tags/:id', { config: { resource: tag } }, async () => '')
  const error = await app.ready().then(() => undefined, (error: Error) => error)
  t.match(error, { code: 'FST_CREATED_VIOLATION' })
  for (const says of [
    'POST /users has a resource, and no GET route is its home. Declare one: app.get(\'/users/:id\'',
    'PUT /users/:id has a resource, and no GET route is its home. Declare one: app.get(\'/users/:id\'',
    'DELETE /posts/:id has a resource, and no GET route is its home. GET /posts/:id has the same resource, but says created: { home: false }',
    'resource({ params }) fills "slug", but GET /tags/:id, which is a home of it, has only "id"'
  ]) t.match(error!.message, says)
})

t.test('in an app, one plugin mounted twice gives each its own addresses, and a request for another resource is told how to get one', async (t) => {
  const { app } = await guarded(t)
  const other = thing()
  for (const prefix of ['/v1', '/v2']) {
    app.register(async (scope) => {
      scope.get('/users/:id', { config: { resource: user } }, async () => '')
      scope.post('/users', async (request) => request.locate(user, { id: 42 }))
      scope.post('/others', async (request) => request.locate(other, { id: 42 }))
    }, { prefix })
  }
  for (const prefix of ['/v1', '/v2']) {
    t.equal((await app.inject({ method: 'POST', url: `${prefix}/users` })).body, `${prefix}/users/42`)
  }
  t.throws(() => app.locate(user, { id: 42 }), { rule: 'resource-home', cause: { message: /An address was asked for of a resource, and 2 homes of it are equally near: GET \/v1\/users\/:id and GET \/v2\/users\/:id.+or ask in the scope of the one that is meant/ } })
  t.throws(() => app.locate(other, { id: 42 }), { rule: 'resource-home', cause: { message: /An address was asked for of a resource, and no GET route is its home\. Add config: \{ resource \} to the GET route that answers for it/ } })
})
