import fc from 'fast-check'
import t from 'tap'
import { proposeParams, similarKey } from '../../src/resource/propose-params.js'

class ObjectId {
  toString (): string { return '507f1f77bcf86cd799439011' }
}

const params = (code: string) => `resource({ params: { ${code} }, … })`
const version = 1

t.test('the proposal is the line of code that fills the parameters', async (t) => {
  type Row = [name: string, parameters: string[], value: unknown, code: string]
  const rows: Row[] = [
    ['the id of the record', ['userId'], { id: 1, version }, params("userId: 'id'")],
    ['the same with an underscore', ['user_id'], { id: 1, version }, params("user_id: 'id'")],
    ['a name in snake case', ['userId'], { user_id: 1, version }, params("userId: 'user_id'")],
    ['a name in camel case', ['user_id'], { userId: 1, version }, params("user_id: 'userId'")],
    ['a name in another case', ['userid'], { userID: 1, version }, params("userid: 'userID'")],
    ['a name with an underscore in front', ['id'], { _id: 'a', version }, params("id: '_id'")],
    ['the full name before the id', ['userId'], { id: 1, user_id: 2, version }, params("userId: 'user_id'")],
    ['a longer name that ends with it', ['id'], { user_id: 1, version }, params("id: 'user_id'")],
    ['a longer name in camel case that ends with it', ['id'], { userId: 1, version }, params("id: 'userId'")],
    ['no word that only ends alike', ['id'], { paid: true, grid: 'a', version }, params('id: (user) => …')],
    ['no similar name', ['slug'], { id: 1, name: 'a', version }, params('slug: (user) => …')],
    ['no properties', ['id'], {}, params('id: (user) => …')],
    ['a bigint', ['userId'], { id: 1n, version }, params("userId: 'id'")],
    ['false', ['userId'], { id: false, version }, params("userId: 'id'")],
    ['a property that is undefined', ['userId'], { id: undefined, version }, params('userId: (user) => …')],
    ['a property that is null', ['userId'], { id: null, version }, params('userId: (user) => …')],

    ['an ObjectId', ['id'], { id: new ObjectId(), version }, params('id: (user) => String(user.id)')],
    ['an ObjectId of another name', ['id'], { _id: new ObjectId(), version }, params('id: (user) => String(user._id)')],
    ['an object', ['id'], { id: { a: 1 }, version }, params('id: (user) => …')],
    ['an ObjectId under a name that is not an identifier', ['user-id'], { 'user-id': new ObjectId(), version },
      params("'user-id': (user) => …")],

    ['a property of an object inside', ['orgId'], { name: 'a', org: { id: 1 }, version },
      params('orgId: (user) => user.org.id')],
    ['the id of an object inside', ['org'], { id: 1, org: { id: 1, name: 'a' }, version },
      params('org: (user) => user.org.id')],
    ['an object inside without an id', ['org'], { id: 1, org: { name: 'a' }, version }, params('org: (user) => …')],
    ['an object inside under a name that is not an identifier', ['the-org'], { 'the-org': { id: 1 }, version },
      params("'the-org': (user) => …")],

    ['several parameters', ['orgId', 'userId'], { id: 1, org_id: 2, version },
      params("orgId: 'org_id', userId: 'id'")],
    ['several parameters, of which one is inside', ['orgId', 'userId'], { id: 1, org: { id: 2 }, version },
      params("orgId: (user) => user.org.id, userId: 'id'")],
    ['only the last parameter from the id', ['orgId', 'userId'], { id: 1, version },
      params("orgId: (user) => …, userId: 'id'")],

    ['a wildcard', ['*'], { path: 'a/b', '*': 'a', version }, params("'*': (user) => …")],
    ['a name that is not an identifier', ['user-id'], { 'user-id': 1, version }, params("'user-id': 'user-id'")],
    ['a name that all objects inherit', ['constructor'], { id: 1, version }, params('constructor: (user) => …')],

    ['an envelope', ['id'], { data: { id: 1 } }, 'return reply.created(user), not reply.created({ data: user })'],
    ['an envelope of another name', ['orgId', 'userId'], { user: { id: 1, org_id: 2 } },
      'return reply.created(user), not reply.created({ user: user })'],
    ['an object with one object, which has none of the parameters', ['slug'], { data: { id: 1 } },
      params('slug: (user) => …')],
    ['an object with one instance of a class', ['id'], { data: new class { id = 1 }() }, params('id: (user) => …')],

    ['a key that moves the cursor', ['userId'], { 'user\u001Bid': 1 },
      params("userId: 'user\\u001bid'")],
    ['a long key', ['userId'], { [`user_id${'_'.repeat(65_536)}`]: 1 }, params(`userId: 'user_id${'_'.repeat(33)}…'`)],
    ['a long key of an ObjectId', ['userId'], { [`user_id${'_'.repeat(65_536)}`]: new ObjectId() },
      params(`userId: (user) => String(user.user_id${'_'.repeat(33)}…)`)],
    ['a long key of an object inside', ['org'], { [`org${'_'.repeat(65_536)}`]: { id: 1 }, version },
      params(`org: (user) => user.org${'_'.repeat(37)}….id`)],
    ['an envelope with a long key', ['id'], { [`\u009B${' '.repeat(65_536)}`]: { id: 1 } },
      `return reply.created(user), not reply.created({ '\\u009b${' '.repeat(39)}…': user })`],

    ['a list', ['id'], [{ id: 1 }], 'give one user, not a list: const [user] = …'],
    ['an empty list', ['id'], [], 'give one user, not a list: const [user] = …'],
    ['text', ['id'], 'a', params('id: (user) => …')],
    ['a number', ['id'], 42, params('id: (user) => …')]
  ]
  for (const [name, parameters, value, code] of rows) {
    t.equal(proposeParams(parameters, parameters.at(-1), value, 'user'), code, name)
  }
})

t.test('the id of the record is not proposed for a parameter before the last one', async (t) => {
  t.equal(proposeParams(['orgId'], 'id', { id: 1, version }, 'user'), params('orgId: (user) => …'))
  t.equal(proposeParams(['orgId'], undefined, { id: 1, version }, 'user'), params('orgId: (user) => …'))
  t.equal(proposeParams(['orgId'], 'orgId', { id: 1, version }, 'org'), params("orgId: 'id'"))
})

t.test('the code has the name of a record', async (t) => {
  t.equal(proposeParams(['id'], 'id', { version }, 'blogPost'), params('id: (blogPost) => …'))
  t.equal(proposeParams(['id'], 'id', { id: new ObjectId(), version }, 'file'), params('id: (file) => String(file.id)'))
})

t.test('a key is similar if it has the name of the parameter, or ends as it does', async (t) => {
  type Row = [parameter: string, keys: string[], isOwn: boolean, found: string | undefined]
  const rows: Row[] = [
    ['id', ['name', 'id'], true, 'id'],
    ['id', ['uuid', '_id'], true, '_id'],
    ['userId', ['id', 'userId'], true, 'userId'],
    ['userId', ['id', 'user-id'], true, 'user-id'],
    ['userId', ['id', 'name'], true, 'id'],
    ['userId', ['id', 'name'], false, undefined],
    ['userId', ['user_id', 'name'], false, 'user_id'],
    ['id', ['userId'], false, 'userId'],
    ['id', ['paid'], true, undefined],
    ['*', ['*'], true, undefined],
    ['id', ['_', '$', ''], true, undefined],
    ['id', [], true, undefined]
  ]
  for (const [parameter, keys, isOwn, found] of rows) {
    t.equal(similarKey(parameter, keys, isOwn), found, `${parameter} in ${keys.join(', ')}: ${found}`)
  }
})

t.test('no value makes it throw, and any number of long keys is read', async () => {
  const aParameter = fc.constantFrom('id', 'userId', 'org_id', '*', 'constructor', '~')
  const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true })
  const aRecord = fc.oneof(anything,
    fc.dictionary(fc.constantFrom('id', 'org', 'data', 'user_id', '_', '__proto__'), anything))
  fc.assert(fc.property(fc.array(aParameter, { minLength: 1, maxLength: 3 }), aRecord, (parameters, value) =>
    proposeParams(parameters, parameters.at(-1), value, 'user').length > 0), { numRuns: 1000 })

  const keys = Array.from({ length: 2000 }, (_, i) => `${' '.repeat(1000)}${i}`)
  proposeParams(['userId'], 'userId', Object.fromEntries(keys.map((key) => [key, { [key]: 1 }])), 'user')
  proposeParams(['id'], 'id', { [' '.repeat(65_536)]: 1, ['a'.repeat(65_536)]: { ['_'.repeat(65_536)]: 1 } }, 'user')
})
