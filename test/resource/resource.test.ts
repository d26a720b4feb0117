import t from 'tap'
import { resource } from '../../src/index.js'
import { isResource } from '../../src/resource/resource.js'
import { guarded } from '../support.js'

interface User { id: number, name: string, email?: string, isAdmin: boolean, tags: string[], changed: Date, version: number }

const etag = (user: User) => user.version

t.test('a resource is a frozen value with what was given', async (t) => {
  const byName = (user: User) => user.name
  const lastModified = (user: User) => user.changed
  const params = { id: 'id', name: byName } as const
  const user = resource<User>({ etag, params, lastModified })
  t.equal(user.etag, etag)
  t.equal(user.lastModified, lastModified)
  t.strictSame({ ...user.params }, { id: 'id', name: byName })
  t.ok(Object.isFrozen(user) && Object.isFrozen(user.params))
  t.throws(() => { (user as any).etag = () => 1 }, TypeError)
  t.throws(() => { (user.params as any).id = 'name' }, TypeError)
  t.ok(isResource(user))
})

t.test('what was given can be changed afterwards, and the resource does not', async (t) => {
  const options = { etag, params: { id: 'id' as const } as Record<string, 'id' | 'name'> }
  const user = resource<User>(options)
  options.params.id = 'name'
  options.params.other = 'id'
  t.strictSame({ ...user.params }, { id: 'id' })
  t.notOk(Object.isFrozen(options) || Object.isFrozen(options.params))
})

t.test('etag alone is enough: no params and no lastModified', async (t) => {
  for (const options of [{ etag }, { etag, params: {} }, { etag, params: undefined, lastModified: undefined }]) {
    const user = resource<User>(options)
    t.same(Object.keys(user.params), [])
    t.equal(user.lastModified, undefined)
  }
})

t.test('two calls make two resources', async (t) => {
  t.not(resource<User>({ etag }), resource<User>({ etag }))
})

t.test('what all objects inherit is no name in params', async (t) => {
  const user = resource<User>({ etag })
  for (const name of ['constructor', 'toString', '__proto__']) t.notOk(name in user.params, name)
  t.same(Object.entries(resource<User>({ etag, params: { constructor: 'id' as const } as Record<string, 'id'> }).params), [['constructor', 'id']])
})

const forms = 'the name of a property, or a function of the value'

const wrong: Array<[says: string, options: unknown, message: string]> = [
  ['no etag', {}, 'resource(): the option etag is undefined. Allowed: a function of the value.'],
  ['an etag that is null', { etag: null }, 'resource(): the option etag is null. Allowed: a function of the value.'],
  ['an etag that is the name of a property', { etag: 'version' }, 'resource(): the option etag is "version". Allowed: a function of the value.'],
  ['an etag that is a version', { etag: 7 }, 'resource(): the option etag is 7. Allowed: a function of the value.'],
  ['a lastModified that is the name of a property', { etag, lastModified: 'changed' }, 'resource(): the option lastModified is "changed". Allowed: a function of the value.'],
  ['a lastModified that is a Date', { etag, lastModified: new Date(0) }, 'resource(): the option lastModified is 1970-01-01T00:00:00.000Z. Allowed: a function of the value.'],
  ['params that are a name', { etag, params: 'id' }, 'resource(): the option params is "id". Allowed: an object with the parameters of the URL.'],
  ['params that are a list', { etag, params: ['id'] }, 'resource(): the option params is [ \'id\' ]. Allowed: an object with the parameters of the URL.'],
  ['params that are null', { etag, params: null }, 'resource(): the option params is null. Allowed: an object with the parameters of the URL.'],
  ['params that are a function', { etag, params: () => 1 }, 'resource(): the option params is [Function: params]. Allowed: an object with the parameters of the URL.'],
  ['a parameter that is a number', { etag, params: { id: 7 } }, `resource(): the option params/id is 7. Allowed: ${forms}.`],
  ['a parameter that is null', { etag, params: { id: null } }, `resource(): the option params/id is null. Allowed: ${forms}.`],
  ['a parameter that is undefined', { etag, params: { id: undefined } }, `resource(): the option params/id is undefined. Allowed: ${forms}.`],
  ['a parameter that is a list', { etag, params: { id: 'id', org: ['a', 'b'] } }, `resource(): the option params/org is [ 'a', 'b' ]. Allowed: ${forms}.`],
  ['a wildcard that is true', { etag, params: { '*': true } }, `resource(): the option params/* is true. Allowed: ${forms}.`],
  ['an unknown name', { etag, param: { id: 'id' } }, 'resource(): the option param is unknown (its value is { id: \'id\' }). Allowed: etag, params, lastModified.'],
  ['a name in another case', { etag, lastmodified: () => new Date() }, 'resource(): the option lastmodified is unknown (its value is [Function: lastmodified]). Allowed: etag, params, lastModified.'],
  ['undefined', undefined, 'resource(): the option object is undefined. Allowed: an object of options, with etag at least.'],
  ['null', null, 'resource(): the option object is null. Allowed: an object of options, with etag at least.'],
  ['a name', 'user', 'resource(): the option object is "user". Allowed: an object of options, with etag at least.'],
  ['a function', etag, 'Allowed: an object of options, with etag at least.'],
  ['a list', [etag], 'Allowed: an object of options, with etag at least.']
]

for (const [says, options, message] of wrong) {
  t.test(`resource() refuses ${says}, naming the path, the value, and what is allowed`, async (t) => {
    const error = t.throws(() => resource(options as never), { code: 'FST_CREATED_OPTION_INVALID', name: 'FastifyError' }) as Error
    t.ok(error instanceof TypeError)
    t.match(error.message, message)
  })
}

const noResource: Array<[says: string, declared: unknown, shown: string]> = [
  ['null', null, 'null'],
  ['a name', 'user', '"user"'],
  ['true', true, 'true'],
  ['an object', {}, '{}'],
  ['the options of resource()', { etag }, '{ etag: [Function: etag] }'],
  ['the options of resource() with params that are null', { etag, params: null }, '{ etag: [Function: etag], params: null }'],
  ['params alone', { params: {} }, '{ params: {} }'],
  ['resource itself, which is not called', resource, '[Function: resource]'],
  ['a list of resources', [resource<User>({ etag })], '[ { etag: [Function: etag], params: [Object: null prototype] {} } ]']
]

t.test('what is no resource is refused where the route declares it', async (t) => {
  const { app } = await guarded(t)
  for (const [says, declared, shown] of noResource) {
    t.notOk(isResource(declared), says)
    for (const method of ['GET', 'POST']) {
      const error = t.throws(() => app.route({ method, url: '/users', config: { resource: declared as never }, handler: async () => '' }), { code: 'FST_CREATED_OPTION_INVALID' }) as Error
      t.equal(error.message, `${method} /users: the option config.resource is ${shown}. Allowed: what resource() returns.`, `${method} with ${says}`)
    }
  }
})

t.test('a resource is taken, and so is none', async (t) => {
  const { app } = await guarded(t)
  const user = resource<User>({ etag })
  app.get('/users/:id', { config: { resource: user } }, async () => '')
  app.route({ method: ['PUT', 'PATCH'], url: '/users/:id', config: { resource: user }, handler: async () => '' })
  app.get('/users', { config: { resource: undefined } }, async () => '')
  app.get('/', async () => '')
  await t.resolves(Promise.resolve(app.ready()))
})

t.test('a route of several methods is named with all of them', async (t) => {
  const { app } = await guarded(t)
  t.throws(() => app.route({ method: ['PUT', 'PATCH'], url: '/users/:id', config: { resource: {} as never }, handler: async () => '' }), {
    message: 'PUT, PATCH /users/:id: the option config.resource is {}. Allowed: what resource() returns.'
  })
})
