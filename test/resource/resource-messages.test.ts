import t, { type Test } from 'tap'
import { resource, type CreatedInit, type FastifyCreatedOptions, type ResourceOptions } from '../../src/index.js'
import { appWith, type AppWith } from '../support.js'

/** What the messages say at request time, when a value does not fit its resource. */

class ObjectId {
  toString (): string { return '507f1f77bcf86cd799439011' }
}

interface Case {
  name: string
  /** The canonical route. Default: GET /users/:id. */
  url?: string
  of?: Partial<Record<keyof ResourceOptions<any>, unknown>>
  value: unknown
  found: string
  fix: string
}

/** POST /users responds with `created(value)`, and GET /users/1 with `ok(value)`. */
async function appFor (t: Test, one: Case, options?: FastifyCreatedOptions): Promise<AppWith> {
  const { url = '/users/:id', of, value } = one
  const checked = await appWith(t, options)
  const userResource = resource<any>({ etag: (user) => user.version, ...of } as ResourceOptions<any>)
  checked.app.get(url, { config: { resource: userResource } }, async (_request, reply) => reply.ok(value))
  checked.app.post('/users', { config: { resource: userResource } }, async (_request, reply) =>
    reply.created(value, undefined as unknown as CreatedInit))
  checked.app.get('/link', async (request) => request.urlFor(userResource, value))
  return checked
}

function setNodeEnv (t: Test, value: string): void {
  const { NODE_ENV } = process.env
  t.teardown(() => {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = NODE_ENV
  })
  process.env.NODE_ENV = value
}

const params = (code: string) => `resource({ params: { ${code} }, … })`
const blanks = ' '.repeat(65_536)

const withoutParameter: Case[] = [
  {
    name: 'the id has another name',
    url: '/users/:userId',
    value: { id: 1, name: 'Ann', version: 7 },
    found: 'nothing fills :userId in /users/:userId. The value has id, name, version',
    fix: params("userId: 'id'")
  },
  {
    name: 'the id is in snake case',
    url: '/users/:userId',
    value: { user_id: 1, name: 'Ann', version: 7 },
    found: 'nothing fills :userId in /users/:userId. The value has user_id, name, version',
    fix: params("userId: 'user_id'")
  },
  {
    name: 'the parameters are nested',
    url: '/orgs/:orgId/users/:userId',
    value: { id: 1, org_id: 5, version: 7 },
    found: 'nothing fills :orgId in /orgs/:orgId/users/:userId, and nothing fills :userId in ' +
      '/orgs/:orgId/users/:userId. The value has id, org_id, version',
    fix: params("orgId: 'org_id', userId: 'id'")
  },
  {
    name: 'the parent is an object',
    url: '/orgs/:orgId/users/:id',
    value: { id: 1, org: { id: 5 }, version: 7 },
    found: 'nothing fills :orgId in /orgs/:orgId/users/:id. The value has id, org, version',
    fix: params('orgId: (user) => user.org.id')
  },
  {
    name: 'the parent is unknown',
    url: '/orgs/:orgId/users/:id',
    value: { id: 1, version: 7 },
    found: 'nothing fills :orgId in /orgs/:orgId/users/:id. The value has id, version',
    fix: params('orgId: (user) => …')
  },
  {
    name: 'the record is in an envelope',
    of: { etag: () => 1 },
    value: { data: { id: 1, version: 7 } },
    found: 'nothing fills :id in /users/:id. The value has data',
    fix: 'return reply.created(user), not reply.created({ data: user })'
  },
  {
    name: 'the record is in a list',
    of: { etag: () => 1 },
    value: [{ id: 1, version: 7 }],
    found: 'nothing fills :id in /users/:id. The value is [ { id: 1, version: 7 } ]',
    fix: 'give one user, not a list: const [user] = …'
  },
  {
    name: 'the id is an ObjectId',
    value: { _id: new ObjectId(), version: 7 },
    found: 'nothing fills :id in /users/:id. The value has _id, version',
    fix: params('id: (user) => String(user._id)')
  },
  {
    name: 'the id is an ObjectId with the name of the parameter',
    value: { id: new ObjectId(), version: 7 },
    found: ':id in /users/:id is ObjectId {}. The value has id, version',
    fix: params('id: (user) => String(user.id)')
  },
  {
    name: 'the database has not returned the id',
    value: { id: undefined, name: 'Ann', version: 7 },
    found: ':id in /users/:id is undefined. The value has id, name, version',
    fix: params('id: (user) => …')
  },
  {
    name: 'params names a property that does not exist',
    of: { params: { id: 'uuid' } },
    value: { id: 1, version: 7 },
    found: ':id in /users/:id is undefined. The value has id, version',
    fix: params("id: 'id'")
  },
  {
    name: 'only the id is given',
    of: { etag: () => 1 },
    value: '1',
    found: 'nothing fills :id in /users/:id. The value is "1"',
    fix: params('id: (user) => …')
  },
  {
    name: 'the value has a key of 64 KiB of blanks',
    value: { [blanks]: 1, version: 7 },
    found: 'nothing fills :id in /users/:id. The value has …, version',
    fix: params('id: (user) => …')
  },
  {
    name: 'the value has very many keys',
    value: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`key${i}`, i])),
    of: { etag: () => 1 },
    found: 'nothing fills :id in /users/:id. The value has key0, key1, key2, key3, key4, key5, key6, key7, key8, ' +
      'key9, key10, key11, …',
    fix: params('id: (user) => …')
  },
  {
    name: 'the resource is of another kind of record',
    url: '/blog-posts/:postId',
    value: { slug: 'a', version: 7 },
    found: 'nothing fills :postId in /blog-posts/:postId. The value has slug, version',
    fix: params('postId: (blogPost) => …')
  }
]

for (const one of withoutParameter) {
  const { name, found, fix } = one
  const start = 'POST /users broke the rule resource-params. Found: '

  t.test(`a parameter that nothing fills: ${name}`, async (t) => {
    const { app, violations, logs } = await appFor(t, one)
    const { statusCode, headers, body } = await app.inject({ method: 'POST', url: '/users' })
    t.match([statusCode, headers.location, headers.etag], [500, undefined, undefined])
    const [{ message, ...violation }, ...others] = violations
    t.match(violation, { rule: 'resource-params', severity: 'error', method: 'POST', url: '/users' })
    t.equal(violation.found, found)
    t.equal(violation.fix, fix)
    t.same(others, [])
    t.ok(message.startsWith(`${start}${found}. Required: `), message)
    t.ok(message.endsWith(`. Fix: ${fix}. See fastify-created/docs/reference/rules.md#resource-params`), message)
    t.match(JSON.parse(body), { statusCode: 500, code: 'FST_CREATED_VIOLATION', message })
    t.match(logs.filter(({ level }) => level >= 40), [{ level: 50, err: { message, rule: 'resource-params' } }])
    t.equal(logs.filter(({ level }) => level >= 40).length, 1, 'one line in the log')

    t.equal((await app.inject('/link')).json().message, message.replace('POST /users', 'GET /link'), 'urlFor() as well')
  })

  t.test(`a parameter that nothing fills, with enforcement log: ${name}`, async (t) => {
    const { app, logs } = await appFor(t, one, { enforcement: 'log' })
    const { statusCode, headers } = await app.inject({ method: 'POST', url: '/users' })
    t.match([statusCode, headers.location, headers.etag], [201, undefined, /^"/])
    const lines = logs.filter(({ level }) => level >= 40)
    t.match(lines, [{ level: 50, rule: 'resource-params', route: { method: 'POST', url: '/users' } }])
    t.ok(lines[0].msg.startsWith(`fastify-created: ${start}${found}. Required: `), lines[0].msg)
    t.ok(lines[0].msg.includes(`. Fix: ${fix}. See `), lines[0].msg)
    t.equal(lines.length, 1, 'one line in the log')
  })
}

const ETAG_FIX = 'resource({ etag: (user) => user.version }) with a version column, user.updatedAt.toISOString(), ' +
  'digest(user), or null if there is no version'
const updatedAt = new Date('2020-02-03T04:05:06.789Z')

const withoutVersion: Case[] = [
  {
    name: 'there is no version column',
    value: { id: 1, name: 'Ann', updatedAt },
    found: 'etag() of the resource returned undefined. The value has id, name, updatedAt',
    fix: ETAG_FIX
  },
  {
    name: 'the version is a Date',
    of: { etag: (user: any) => user.updatedAt },
    value: { id: 1, updatedAt },
    found: 'etag() of the resource returned 2020-02-03T04:05:06.789Z. The value has id, updatedAt',
    fix: ETAG_FIX
  },
  {
    name: 'the version is NaN',
    of: { etag: (user: any) => Number(user.version) },
    value: { id: 1, version: 'a' },
    found: 'etag() of the resource returned the number NaN. The value has id, version',
    fix: ETAG_FIX
  },
  {
    name: 'the version is beyond all safe numbers',
    value: { id: 1, version: 2 ** 53 },
    found: 'etag() of the resource returned the number 9007199254740992, beyond Number.MAX_SAFE_INTEGER, where ' +
      'different values become one number. The value has id, version',
    fix: ETAG_FIX
  },
  {
    name: 'the version is an object',
    value: { id: 1, version: { major: 1 } },
    found: 'etag() of the resource returned { major: 1 }. The value has id, version',
    fix: ETAG_FIX
  },
  {
    name: 'etag() fails because the value lacks something',
    of: { etag: (user: any) => user.meta.version },
    value: { id: 1, name: 'Ann' },
    found: 'etag() of the resource threw "Cannot read properties of undefined (reading \'version\')". ' +
      'The value has id, name',
    fix: ETAG_FIX
  },
  {
    name: 'the value has a key of 64 KiB of blanks',
    value: { id: 1, [blanks]: 1 },
    found: 'etag() of the resource returned undefined. The value has id, …',
    fix: ETAG_FIX
  }
]

for (const one of withoutVersion) {
  const { name, found, fix } = one

  t.test(`a value without a version: ${name}`, async (t) => {
    const { app, violations, logs } = await appFor(t, one)
    for (const [method, url, pattern] of [['POST', '/users', '/users'], ['GET', '/users/1', '/users/:id']] as const) {
      const { statusCode, headers, body } = await app.inject({ method, url })
      t.match([statusCode, headers.location, headers.etag], [500, undefined, undefined], method)
      const [{ message, ...violation }, ...others] = violations.splice(0)
      t.match(violation, { rule: 'resource-etag', severity: 'error', method, url: pattern })
      t.equal(violation.found, found)
      t.equal(violation.fix, fix)
      t.same(others, [])
      t.ok(message.startsWith(`${method} ${pattern} broke the rule resource-etag. Found: ${found}. Required: `),
        message)
      t.ok(message.endsWith(`. Fix: ${fix}. See fastify-created/docs/reference/rules.md#resource-etag`), message)
      t.match(JSON.parse(body), { statusCode: 500, code: 'FST_CREATED_VIOLATION', message })
      const lines = logs.splice(0).filter(({ level }) => level >= 40)
      t.match(lines, [{ level: 50, err: { message, rule: 'resource-etag' } }])
      t.equal(lines.length, 1, 'one line in the log')
    }
  })

  t.test(`a value without a version, with enforcement log: ${name}`, async (t) => {
    const { app, logs } = await appFor(t, one, { enforcement: 'log', rules: { 'resource-etag': 'off' } })
    for (const [method, url, status] of [['POST', '/users', 201], ['GET', '/users/1', 200]] as const) {
      const { statusCode, headers } = await app.inject({ method, url })
      t.match([statusCode, headers.etag], [status, undefined], method)
      const lines = logs.splice(0).filter(({ level }) => level >= 40)
      t.match(lines, [{ level: 50, rule: 'resource-etag' }], 'an error, whatever severity the rule has')
      t.ok(lines[0].msg.includes(`Found: ${found}. Required: `), lines[0].msg)
      t.ok(lines[0].msg.includes(`. Fix: ${fix}. See `), lines[0].msg)
      t.equal(lines.length, 1, 'one line in the log')
    }
  })
}

t.test('each of the four ways gives a value its version', async (t) => {
  const value = { id: 1, version: 7, updatedAt }
  const { digest } = await import('../../src/index.js')
  const ways: Array<[etag: (user: any) => any, expected: RegExp | undefined]> = [
    [(user) => user.version, /^"7"$/],
    [(user) => user.updatedAt.toISOString(), /^"2020-02-03T04:05:06\.789Z"$/],
    [(user) => digest(user), /^"[\w-]{43}"$/],
    [() => null, undefined]
  ]
  for (const [etag, expected] of ways) {
    const { app, rules } = await appFor(t, { name: '', of: { etag }, value, found: '', fix: '' }, { profile: 'strict' })
    const { statusCode, headers } = await app.inject({ method: 'POST', url: '/users' })
    t.match([statusCode, headers.location, headers.etag], [201, '/users/1', expected])
    t.same(rules(), [])
  }
})

t.test('in production the response has the short form, and the log has all of it', async (t) => {
  setNodeEnv(t, 'production')
  for (const [one, rule] of [[withoutParameter[0], 'resource-params'], [withoutVersion[0], 'resource-etag']] as const) {
    const { app, violations, logs } = await appFor(t, one, { enforcement: 'throw' })
    const { statusCode, body } = await app.inject({ method: 'POST', url: '/users' })
    t.equal(statusCode, 500)
    const { message } = JSON.parse(body)
    t.match(message,
      new RegExp(`^POST /users broke the rule ${rule} \\(RFC 9110 sections? [\\d. and]+\\)\\. The log says`))
    t.notMatch(body, /Found|Fix|name/)
    t.equal(violations[0].found, one.found)
    const lines = logs.filter(({ level }) => level >= 40)
    t.match(lines, [{ level: 50, err: { message } }])
    t.ok(lines[0].err.stack.includes(violations[0].message), 'as the cause of the error')
    t.equal(lines.length, 1, 'one line in the log')
  }
})

t.test('a 201 without the helper is told to use it, with a resource without location and etag', async (t) => {
  const { app, violations } = await appWith(t, { enforcement: 'log' })
  const userResource = resource<any>({ etag: () => 1 })
  app.get('/users/:id', { config: { resource: userResource } }, async (_request, reply) => reply.ok({ id: 1 }))
  app.post('/users', { config: { resource: userResource } }, async (_request, reply) => reply.code(201).send({ id: 1 }))
  app.post('/notes', async (_request, reply) => reply.code(201).send({ id: 1 }))
  await app.inject({ method: 'POST', url: '/users' })
  t.same(violations.splice(0).map(({ rule, found, fix }) => [rule, found, fix]), [
    ['created-location', 'the 201 has no Location', 'return reply.created(user)'],
    ['created-etag', 'the 201 has no ETag', 'return reply.created(user)']
  ])
  await app.inject({ method: 'POST', url: '/notes' })
  for (const { fix } of violations) {
    t.match(fix,
      /^return reply\.created\(note, \{ location: `\/notes\/\$\{note\.id\}`, etag: note\.version \}\), or declare/)
  }
  t.equal(violations.length, 2)
})
