import t from 'tap'
import { resource } from '../../src/index.js'
import { isResource } from '../../src/resource/resource.js'
import { appWith } from '../support.js'

interface User {
  id: number
  name: string
  email?: string
  isAdmin: boolean
  tags: string[]
  changed: Date
  version: number
}

const etag = (user: User) => user.version

t.test('a resource is a frozen object with the options', async (t) => {
  const byName = (user: User) => user.name
  const lastModified = (user: User) => user.changed
  const params = { id: 'id', name: byName } as const
  const userResource = resource<User>({ etag, params, lastModified })
  t.equal(userResource.etag, etag)
  t.equal(userResource.lastModified, lastModified)
  t.strictSame({ ...userResource.params }, { id: 'id', name: byName })
  t.ok(Object.isFrozen(userResource) && Object.isFrozen(userResource.params))
  t.throws(() => { (userResource as any).etag = () => 1 }, TypeError)
  t.throws(() => { (userResource.params as any).id = 'name' }, TypeError)
  t.ok(isResource(userResource))
})

t.test('options that are changed afterwards do not change the resource', async (t) => {
  const options = { etag, params: { id: 'id' as const } as Record<string, 'id' | 'name'> }
  const userResource = resource<User>(options)
  options.params.id = 'name'
  options.params.other = 'id'
  t.strictSame({ ...userResource.params }, { id: 'id' })
  t.notOk(Object.isFrozen(options) || Object.isFrozen(options.params))
})

t.test('etag alone is enough: no params and no lastModified', async (t) => {
  for (const options of [{ etag }, { etag, params: {} }, { etag, params: undefined, lastModified: undefined }]) {
    const userResource = resource<User>(options)
    t.same(Object.keys(userResource.params), [])
    t.equal(userResource.lastModified, undefined)
  }
})

t.test('two calls make two resources', async (t) => {
  t.not(resource<User>({ etag }), resource<User>({ etag }))
})

t.test('properties that all objects inherit are not in params', async (t) => {
  const userResource = resource<User>({ etag })
  for (const name of ['constructor', 'toString', '__proto__']) t.notOk(name in userResource.params, name)
  const params = { constructor: 'id' as const } as Record<string, 'id'>
  t.same(Object.entries(resource<User>({ etag, params }).params), [['constructor', 'id']], 'unless they are given')
})

const FUNCTION = 'a function of the value'
const FILLER = 'the name of a property, or a function of the value'
const PARAMS = 'an object with the parameters of the URL'
const OPTIONS = 'an object of options, with etag at least'
const NAMES = 'one of etag, params, lastModified'
const ETAG = 'resource({ etag: (user) => user.version })'
const LAST_MODIFIED = 'resource({ lastModified: (user) => user.updatedAt })'
const PARAMS_FIX = "resource({ params: { userId: 'id' } })"

type Wrong = [name: string, options: unknown, option: string, found: string, required: string, fix: string]
const wrong: Wrong[] = [
  ['no etag', {}, 'The option etag', 'undefined', FUNCTION, ETAG],
  ['an etag that is null', { etag: null }, 'The option etag', 'null', FUNCTION, ETAG],
  ['an etag that is the name of a property', { etag: 'version' }, 'The option etag', '"version"', FUNCTION, ETAG],
  ['an etag that is a version', { etag: 7 }, 'The option etag', '7', FUNCTION, ETAG],
  ['a lastModified that is the name of a property', { etag, lastModified: 'changed' },
    'The option lastModified', '"changed"', FUNCTION, LAST_MODIFIED],
  ['a lastModified that is a Date', { etag, lastModified: new Date(0) },
    'The option lastModified', '1970-01-01T00:00:00.000Z', FUNCTION, LAST_MODIFIED],
  ['params that are a name', { etag, params: 'id' }, 'The option params', '"id"', PARAMS, PARAMS_FIX],
  ['params that are a list', { etag, params: ['id'] }, 'The option params', "[ 'id' ]", PARAMS, PARAMS_FIX],
  ['params that are null', { etag, params: null }, 'The option params', 'null', PARAMS, PARAMS_FIX],
  ['params that are a function', { etag, params: () => 1 },
    'The option params', '[Function: params]', PARAMS, PARAMS_FIX],
  ['a parameter that is a number', { etag, params: { id: 7 } },
    'The option params.id', '7', FILLER, "resource({ params: { id: 'id' } })"],
  ['a parameter that is null', { etag, params: { id: null } },
    'The option params.id', 'null', FILLER, "resource({ params: { id: 'id' } })"],
  ['a parameter that is undefined', { etag, params: { id: undefined } },
    'The option params.id', 'undefined', FILLER, "resource({ params: { id: 'id' } })"],
  ['a parameter that is a list', { etag, params: { id: 'id', org: ['a', 'b'] } },
    'The option params.org', "[ 'a', 'b' ]", FILLER, "resource({ params: { org: 'id' } })"],
  ['a wildcard that is true', { etag, params: { '*': true } },
    'The option params.*', 'true', FILLER, "resource({ params: { '*': 'id' } })"],
  ['an unknown option', { etag, param: { id: 'id' } },
    'The option param', "an unknown option (its value is { id: 'id' })", NAMES, 'remove or rename param'],
  ['an option in another case', { etag, lastmodified: () => new Date() }, 'The option lastmodified',
    'an unknown option (its value is [Function: lastmodified])', NAMES, 'remove or rename lastmodified'],
  ['undefined', undefined, 'The options', 'undefined', OPTIONS, ETAG],
  ['null', null, 'The options', 'null', OPTIONS, ETAG],
  ['a name', 'user', 'The options', '"user"', OPTIONS, ETAG],
  ['a function', etag, 'The options', '[Function: etag]', OPTIONS, ETAG],
  ['a list', [etag], 'The options', '[ [Function: etag] ]', OPTIONS, ETAG]
]

for (const [name, options, option, found, required, fix] of wrong) {
  t.test(`resource() rejects ${name}: the message has the option, its value and the fix`, async (t) => {
    const message = `${option} of resource() is invalid. Found: ${found}. Required: ${required}. Fix: ${fix}`
    const expected = { code: 'FST_CREATED_OPTION_INVALID', name: 'FastifyError' }
    const error = t.throws(() => resource(options as never), expected) as Error
    t.ok(error instanceof TypeError)
    t.equal(error.message, message)
  })
}

const notResources: Array<[name: string, declared: unknown, found: string]> = [
  ['null', null, 'null'],
  ['a name', 'user', '"user"'],
  ['true', true, 'true'],
  ['an object', {}, '{}'],
  ['the options of resource()', { etag }, '{ etag: [Function: etag] }'],
  ['the options of resource() with params that are null', { etag, params: null },
    '{ etag: [Function: etag], params: null }'],
  ['params alone', { params: {} }, '{ params: {} }'],
  ['the function resource, which is not called', resource, '[Function: resource]'],
  ['a list of resources', [resource<User>({ etag })],
    '[ { etag: [Function: etag], params: [Object: null prototype] {} } ]']
]

/** The message for a `config.resource` that resource() has not returned. */
function messageFor (route: string, found: string): string {
  return `The option config.resource of ${route} is invalid. Found: ${found}. Required: what resource() returns. ` +
    'Fix: const userResource = resource({ etag: (user) => user.version }), then config: { resource: userResource }'
}

t.test('a config.resource that resource() has not returned is rejected when the route is declared', async (t) => {
  const { app } = await appWith(t)
  for (const [name, declared, found] of notResources) {
    t.notOk(isResource(declared), name)
    for (const method of ['GET', 'POST']) {
      const route = { method, url: '/users', config: { resource: declared as never }, handler: async () => '' }
      const error = t.throws(() => app.route(route), { code: 'FST_CREATED_OPTION_INVALID' }) as Error
      t.equal(error.message, messageFor(`${method} /users`, found), `${method} with ${name}`)
    }
  }
})

t.test('a resource is accepted as config.resource, and so is undefined', async (t) => {
  const { app } = await appWith(t)
  const userResource = resource<User>({ etag })
  app.get('/users/:id', { config: { resource: userResource } }, async () => '')
  const config = { resource: userResource }
  app.route({ method: ['PUT', 'PATCH'], url: '/users/:id', config, handler: async () => '' })
  app.get('/users', { config: { resource: undefined } }, async () => '')
  app.get('/', async () => '')
  await t.resolves(Promise.resolve(app.ready()))
})

t.test('a route of several methods is named with all of them', async (t) => {
  const { app } = await appWith(t)
  const config = { resource: {} as never }
  const route = { method: ['PUT', 'PATCH'], url: '/users/:id', config, handler: async () => '' }
  t.throws(() => app.route(route), { message: messageFor('PUT, PATCH /users/:id', '{}') })
})
