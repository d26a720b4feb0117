import t from 'tap'
import type { CanonicalRoute } from '../../src/resource/canonical-routes.js'
import { resource, type Resource } from '../../src/resource/resource.js'
import { parsePattern } from '../../src/resource/url-pattern.js'
import { inheritedParameters, UrlTemplate, type UrlSource, type UrlProblem } from '../../src/resource/url-template.js'

type Params = Record<string, string | ((value: any) => any)>

const withParams = (params: Params = {}): Resource<unknown> => resource<any>({ etag: () => 1, params })
const userResource = withParams()

function canonicalRoute (url: string, of = userResource): CanonicalRoute {
  return { resource: of, scope: {}, url, pattern: parsePattern(url), isConstrained: false }
}

const text = { type: 'string' }
const object = (properties: Record<string, unknown>, required = Object.keys(properties)) =>
  ({ type: 'object', properties, required })

function sourceFor (url: string, schema?: unknown): UrlSource {
  return { parameters: parsePattern(url).parameters, schema, sharedSchemas: () => undefined }
}

function template (url: string, params: Params = {}, making = sourceFor('/')): UrlTemplate {
  const at = canonicalRoute(url, withParams(params))
  return new UrlTemplate(at, inheritedParameters(at, making), 100)
}

const inOrg = template('/orgs/:org/users/:id', {}, sourceFor('/orgs/:org/users'))

t.test('a parameter is inherited if the URL of the route has it, and nothing else fills it', async (t) => {
  const inOrgs = '/orgs/:org/users/:id'
  type Row = [name: string, url: string, params: Params, from: string, schema: unknown, inherited: string[]]
  const rows: Row[] = [
    ['one of the same name', inOrgs, {}, '/orgs/:org/users', undefined, ['org']],
    ['several of the same names', '/a/:a/b/:b/c/:c', {}, '/a/:a/b/:b/c', undefined, ['a', 'b']],
    ['none of another name', inOrgs, {}, '/orgs/:organization/users', undefined, []],
    ['none if the route has no parameters', inOrgs, {}, '/users', undefined, []],
    ['never the last, which tells one record from the next', '/users/:id', {}, '/users/:id/clone', undefined, []],
    ['never the last, beside one before it', inOrgs, {}, '/orgs/:org/users/:id/clone', undefined, ['org']],
    ['never a wildcard at the end', '/:bucket/*', {}, '/:bucket/*', undefined, ['bucket']],
    ['never the last that is required', '/users/:id/:part?', {}, '/users/:id/:part', undefined, []],
    ['one before the last that is required', '/orgs/:org/users/:id/:part?', {}, '/orgs/:org/users/:id/clone', undefined,
      ['org']],
    ['never one if all are optional', '/:id?', {}, '/:id', undefined, []],
    ['one in the same segment', '/files/:name.:version', {}, '/files/:name', undefined, ['name']],
    ['none that params fills', inOrgs, { org: 'orgId' }, '/orgs/:org/users', undefined, []],
    ['one beside another that params fills', inOrgs, { id: 'uuid' }, '/orgs/:org/users', undefined, ['org']],
    ['one with a name that all objects inherit', '/:constructor/:id', {}, '/:constructor', undefined, ['constructor']],
    ['none that every response has', inOrgs, {}, '/orgs/:org/users', object({ org: text, id: text }), []],
    ['one that not every response has', inOrgs, {}, '/orgs/:org/users', object({ org: text, id: text }, ['id']),
      ['org']],
    ['one that is an object in the response', inOrgs, {}, '/orgs/:org/users', object({ org: object({}), id: text }),
      ['org']],
    ['one that no response has', inOrgs, {}, '/orgs/:org/users', object({ id: text }), ['org']],
    ['none if the canonical route has none', '/settings', {}, '/:a/settings', undefined, []]
  ]
  for (const [name, url, params, from, schema, inherited] of rows) {
    const found = inheritedParameters(canonicalRoute(url, withParams(params)), sourceFor(from, schema))
    t.same([...found], inherited, `${name}: ${inherited.join() || 'none'}`)
  }
})

t.test('a URL is made of params, the request and the value', async (t) => {
  const everyHasOrg = sourceFor('/orgs/:org/users', object({ org: text, id: text }))
  const rows: Array<[name: string, template: UrlTemplate, value: unknown, requestParams: unknown, path: string]> = [
    ['a property of its name', template('/users/:id'), { id: 42 }, {}, '/users/42'],
    ['a property of another name', template('/users/:id', { id: 'uuid' }), { id: 42, uuid: 'a' }, {}, '/users/a'],
    ['a function', template('/users/:id', { id: (value) => `u${value.id}` }), { id: 42 }, {}, '/users/u42'],
    ['a getter', template('/users/:id'), { get id () { return 42 } }, {}, '/users/42'],
    ['a property of an instance', template('/users/:id'), new class { id = 42 }(), {}, '/users/42'],
    ['a function of a value that is not an object', template('/users/:id', { id: (value) => value }), 'ada', {},
      '/users/ada'],
    ['a function of 0', template('/users/:id', { id: (value) => value }), 0, {}, '/users/0'],
    ['the request', inOrg, { id: 42, org: { name: 'a' } }, { org: 'b' }, '/orgs/b/users/42'],
    ['the value, not the request, for the last', template('/users/:id', {}, sourceFor('/users/:id/clone')),
      { id: 43 }, { id: '42' }, '/users/43'],
    ['the value, not the request, if every response has it', template('/orgs/:org/users/:id', {}, everyHasOrg),
      { id: 42, org: 'a' }, { org: 'b' }, '/orgs/a/users/42'],
    ['nothing for an optional parameter', template('/users/:id/:part?'), { id: 42 }, {}, '/users/42'],
    ['a name that all objects inherit, if it is an own property', template('/users/:constructor'),
      { constructor: 'a' }, {}, '/users/a'],
    ['nothing', template('/settings'), {}, undefined, '/settings']
  ]
  for (const [name, template, value, requestParams, path] of rows) {
    const { canonicalRoute, inherited } = template
    t.match(template.fill(value, requestParams), { path, canonicalRoute, inherited }, `${name}: ${path}`)
  }
})

const TEXT = 'fill it with a string, a number, a bigint or a boolean'
const params = (code: string) => `resource({ params: { ${code} }, … })`

type Row = [name: string, template: UrlTemplate, value: unknown, requestParams: unknown, found: string, fix: string]

t.test('without a URL the message says which parameter is missing, what the value has, and the fix', async (t) => {
  const failing = template('/users/:id', { id: () => { throw new RangeError('no such user') } })
  const thrower = template('/users/:id', { id: () => { throw { code: 7 } } }) // eslint-disable-line no-throw-literal
  const EVERY = 'make each function in params return a string or a number for every record'
  const rows: Row[] = [
    ['undefined', template('/users/:id'), undefined, {}, 'the value is undefined', 'give the user itself'],
    ['null', template('/settings'), null, {}, 'the value is null', 'give the setting itself'],
    ['a resource', template('/users/:id'), userResource, {},
      'the value is what resource() returns', 'give the user itself'],
    ['a resource, if the URL has no parameters', template('/settings'), userResource, {},
      'the value is what resource() returns', 'give the setting itself'],
    ['a value without the property', template('/users/:id'), { name: 'ada' }, {},
      'nothing fills :id in /users/:id. The value has name', params('id: (user) => …')],
    ['a value with the property under another name', template('/users/:userId'), { id: 42, name: 'ada' }, {},
      'nothing fills :userId in /users/:userId. The value has id, name', params("userId: 'id'")],
    ['a value without the property that params names', template('/users/:id', { id: 'uuid' }), { id: 42 }, {},
      ':id in /users/:id is undefined. The value has id', params("id: 'id'")],
    ['a value whose property is undefined', template('/users/:id'), { id: undefined, name: 'ada' }, {},
      ':id in /users/:id is undefined. The value has id, name', params('id: (user) => …')],
    ['a function that returns undefined', template('/users/:id', { id: () => undefined }), { name: 'ada' }, {},
      ':id in /users/:id is undefined. The value has name', params('id: (user) => …')],
    ['a value that inherits the property', template('/users/:constructor'), {}, {},
      ':constructor in /users/:constructor is [Function: Object]. The value has no properties',
      params('constructor: (user) => …')],
    ['an object', template('/users/:id'), { id: { a: 1 }, version: 1 }, {},
      ':id in /users/:id is { a: 1 }. The value has id, version', params('id: (user) => …')],
    ['an object that becomes text', template('/users/:id'), { id: new URL('a:b'), version: 1 }, {},
      ':id in /users/:id is URL {', params('id: (user) => String(user.id)')],
    ['an async function', template('/users/:id', { id: async () => 42 }), {}, {},
      ':id in /users/:id is Promise {', params('id: (user) => …')],
    ['a symbol', template('/users/:id', { id: () => Symbol('a') }), {}, {},
      ':id in /users/:id is Symbol(a). The value has no properties', params('id: (user) => …')],
    ['an id instead of the record', template('/users/:id'), 42, {},
      'nothing fills :id in /users/:id. The value is 42', params('id: (user) => …')],
    ['a list of records', template('/users/:id'), [{ id: 42 }], {},
      'nothing fills :id in /users/:id. The value is [ { id: 42 } ]', 'give one user, not a list: const [user] = …'],
    ['an envelope', template('/users/:id'), { data: { id: 42 } }, {},
      'nothing fills :id in /users/:id. The value has data',
      'return reply.created(user), not reply.created({ data: user })'],
    ['a wildcard', template('/files/*'), { path: 'a/b' }, {},
      'nothing fills * in /files/*. The value has path', params("'*': (file) => …")],
    ['several parameters', template('/orgs/:orgId/users/:userId'), { id: 1, org_id: 2 }, {},
      'nothing fills :orgId in /orgs/:orgId/users/:userId, and nothing fills :userId in /orgs/:orgId/users/:userId. ' +
        'The value has id, org_id', params("orgId: 'org_id', userId: 'id'")],
    ['one of several parameters', template('/orgs/:orgId/users/:id'), { id: 1 }, {},
      'nothing fills :orgId in /orgs/:orgId/users/:id. The value has id', params('orgId: (user) => …')],

    ['null', template('/users/:id'), { id: null }, {}, 'the parameter :id of /users/:id is null', TEXT],
    ['an empty string', template('/users/:id'), { id: '' }, {},
      'the parameter :id of /users/:id is an empty string', 'fill it with an id that is not empty'],
    ['an empty wildcard', template('/files/*', { '*': 'path' }), { path: '' }, {},
      'the parameter * of /files/* is an empty string', 'fill it with an id that is not empty'],
    ['NaN', template('/users/:id'), { id: NaN }, {},
      'the parameter :id of /users/:id is the number NaN', 'use a finite number'],
    ['a long text', template('/users/:id'), { id: 'a'.repeat(101) }, {},
      'the parameter :id of /users/:id is 101 characters, and the router accepts 100',
      'Fastify({ routerOptions: { maxParamLength: 101 } })'],
    ['a function that throws', failing, {}, {},
      'a function in params of the resource threw "no such user"', EVERY],
    ['a function that throws a value that is not an error', thrower, {}, {},
      'a function in params of the resource threw { code: 7 }', EVERY],
    ['a request without the parameter', inOrg, { id: 42, org: 'a' }, {},
      'the parameter :org of /orgs/:org/users/:id is undefined', TEXT],
    ['no request', inOrg, { id: 42 }, undefined, 'the parameter :org of /orgs/:org/users/:id is undefined', TEXT]
  ]
  for (const [name, template, value, requestParams, found, fix] of rows) {
    const problem = template.fill(value, requestParams) as UrlProblem
    t.match(problem, { rule: 'resource-params', fix }, name)
    t.equal(problem.fix, fix, name)
    t.ok(found.endsWith('{') ? problem.found.startsWith(found) : problem.found === found, `${name}: ${problem.found}`)
    t.notOk(problem.isFromRequest, `${name}: the client did not cause it`)
    t.notOk('path' in problem, `${name}: no path`)
  }
})

t.test('a path that clients would not resolve alike is a problem of its own', async (t) => {
  const rows: Array<[template: UrlTemplate, value: object, path: string]> = [
    [template('/users/:id'), { id: '..' }, '/users/..'],
    [template('/users/:id/posts'), { id: '.' }, '/users/./posts'],
    [template('/files/*', { '*': 'path' }), { path: 'a/../b' }, '/files/a/../b']
  ]
  for (const [template, value, path] of rows) {
    t.same(template.fill(value, {}), {
      rule: 'location-syntax',
      found: `the URL made of ${template.canonicalRoute.url} is "${path}", which has a segment "." or "..", ` +
        'which clients remove',
      fix: 'use ids that are neither "." nor ".."',
      isFromRequest: false
    })
  }
})

t.test('a problem that a client can cause is told apart from one that only the app can', async (t) => {
  const clone = template('/users/:id', {}, sourceFor('/users/:id/clone'))
  for (const org of ['', '.', '..']) {
    const rule = org === '' ? 'resource-params' : 'location-syntax'
    const name = `"${org}"`
    const byRequest = { found: '/orgs/:org/users/:id', rule, isFromRequest: true }
    t.match(inOrg.fill({ id: 42 }, { org }), byRequest, `${name} in the request`)
    t.match(template('/orgs/:org/users/:id').fill({ id: 42, org }, { org }), { rule, isFromRequest: false },
      `${name} in the value`)
    t.match(clone.fill({ id: org }, { id: org }), { found: '/users/:id', rule, isFromRequest: false },
      `${name} in the value, for the last parameter`)
  }
  t.match(inOrg.fill({ id: 42 }, { org: '\uD800' }), { found: 'half a surrogate pair', isFromRequest: false },
    'no client can send half a surrogate pair')
  t.match(inOrg.fill({ id: '' }, { org: 'a' }), { found: 'the parameter :id', isFromRequest: false })
  t.match(inOrg.fill({ id: 42 }, { org: 'a' }), { path: '/orgs/a/users/42', inherited: new Set(['org']) },
    'a part of the URL is from the request')
  t.match(template('/users/:id').fill({ id: 42 }, { id: 'a' }), { path: '/users/42', inherited: new Set() },
    'no part of the URL is from the request')
})
