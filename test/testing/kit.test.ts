import { AssertionError } from 'node:assert'
import { spawn } from 'node:child_process'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mock } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { CHECKS } from '../../src/testing/check-creation.js'
import { assertCreation, checkCreation, type Checked, type CheckResult, type Scenario, type Target } from '../../src/testing/index.js'
import type { Exchange } from '../../src/testing/exchange.js'
import { referenceServer, type Fault, type Style } from './server.js'

const CREATE = { url: '/users', payload: { name: 'Ann {{n}}' } }
const UPDATE = { method: 'PATCH', payload: { name: 'Eve {{n}}' } } as const

function server (t: Test, style?: Style, fault?: Fault): FastifyInstance {
  const app = referenceServer(style, fault)
  t.teardown(() => app.close())
  return app
}

async function listening (t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  t.teardown(() => { server.close(); server.closeAllConnections() })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function result ({ checks }: Checked, id: string): CheckResult {
  return checks.find((check) => check.id === id)!
}

async function failure (target: Target, scenario: Scenario): Promise<AssertionError & { checks: CheckResult[] }> {
  return assertCreation(target, scenario).then(() => { throw new Error('nothing failed') }, (error) => error)
}

t.test('a wrong scenario is refused before anything is sent, and the message says what is allowed', async (t) => {
  const target: Target = { inject: () => t.fail('nothing is sent') } as never
  const A_BODY = 'a body such as { name: "Ann" }, or a function that gives one'
  const table: Array<[scenario: unknown, message: string]> = [
    [undefined, 'the option object is undefined. Allowed: an object such as { create: { url: "/users", payload: { name: "Ann" } } }.'],
    [{}, 'the option create is undefined. Allowed: an object such as { url: "/users", payload: { name: "Ann" } }.'],
    [{ create: '/users' }, 'the option create is "/users". Allowed: an object such as { url: "/users", payload: { name: "Ann" } }.'],
    [{ create: { url: '/users' } }, `the option create/payload is undefined. Allowed: ${A_BODY}.`],
    [{ create: { ...CREATE, url: 1 } }, 'the option create/url is 1. Allowed: a path such as "/users", or a function that gives one.'],
    [{ create: { ...CREATE, method: 'PATCH' } }, 'the option create/method is "PATCH". Allowed: "POST", "PUT".'],
    [{ create: { ...CREATE, body: {} } }, 'the option create/body is unknown (its value is {}). Allowed: below create: method, url, payload, headers.'],
    [{ create: CREATE, updates: UPDATE }, 'the option updates is unknown (its value is { method: \'PATCH\', payload: { name: \'Eve {{n}}\' } }). Allowed: headers, create, update, upsert, remove, invalid, list, precondition, writers.'],
    [{ create: CREATE, update: { payload: {} } }, 'the option update/method is undefined. Allowed: "PUT", "PATCH".'],
    [{ create: CREATE, update: 'PUT' }, 'the option update is "PUT". Allowed: an object such as { method: "PUT", payload: { name: "Eve" } }.'],
    [{ create: CREATE, update: { ...UPDATE, url: '/users/1' } }, 'the option update/url is unknown (its value is "/users/1"). Allowed: below update: method, payload, headers.'],
    [{ create: CREATE, upsert: true }, 'the option upsert is true. Allowed: an object such as { url: "/users/{{uuid}}", payload: { name: "Joe" } }.'],
    [{ create: CREATE, remove: 'yes' }, 'the option remove is "yes". Allowed: true or false.'],
    [{ create: CREATE, list: 1 }, 'the option list is 1. Allowed: a path such as "/users", or a function that gives one.'],
    [{ create: CREATE, precondition: true }, 'the option precondition is true. Allowed: "required", "optional".'],
    [{ create: CREATE, writers: 1 }, 'the option writers is 1. Allowed: a whole number from 2 to 1000.'],
    [{ create: CREATE, headers: 'x' }, 'the option headers is "x". Allowed: an object of strings such as { authorization: "Bearer x" }.'],
    [{ create: CREATE, headers: { 'x-trace': 1 } }, 'the option headers/x-trace is 1. Allowed: a string.']
  ]
  for (const [scenario, message] of table) {
    await t.rejects(checkCreation(target, scenario as Scenario), { code: 'FST_CREATED_OPTION_INVALID', message: `scenario: ${message}` })
  }
})

t.test('a target is an app or a base URL, and nothing else', async (t) => {
  for (const [target, shown] of [[undefined, 'undefined'], [null, 'null'], [1, '1'], [{}, '{}'], ['localhost:3000', '"localhost:3000"'], ['/users', '"/users"'], ['ftp://a.example', '"ftp://a.example"']]) {
    await t.rejects(checkCreation(target as never, { create: CREATE }),
      { name: 'TypeError', message: `The target must be a Fastify instance, or a base URL such as http://127.0.0.1:3000, instead got ${shown}` })
  }
})

t.test('a target that answers nothing', async (t) => {
  const base = await listening(t, (request) => request.socket.destroy())

  await t.test('is not there', async (t) => {
    const app = server(t)
    const gone = await app.listen({ host: '127.0.0.1', port: 0 })
    await app.close()
    await t.rejects(checkCreation(`${gone}/api`, { create: CREATE }), { message: `${gone} does not answer POST /api/users: ECONNREFUSED` })
  })

  await t.test('has a port that fetch refuses', (t) => t.rejects(checkCreation('http://127.0.0.1:1', { create: CREATE }), { message: 'http://127.0.0.1:1 does not answer POST /users: bad port' }))

  await t.test('breaks off', (t) => t.rejects(checkCreation(base, { create: CREATE }), { message: `${base} does not answer POST /users: UND_ERR_SOCKET` }))

  await t.test('is an app that does not boot', async (t) => {
    const app = Fastify()
    app.register(async () => { throw new Error('no database') })
    await t.rejects(checkCreation(app, { create: CREATE }), { message: 'no database' })
  })

  await t.test('cannot be sent a header', (t) => t.rejects(checkCreation(base, { headers: { 'x y': '1' }, create: CREATE }), { name: 'TypeError', message: /x y/ }))

  for (const via of ['inject', 'fetch']) {
    await t.test(`hangs: ${via}`, async (t) => {
      const arrived = new Promise<void>((resolve) => {
        const hangs = Fastify({ forceCloseConnections: true })
        hangs.post('/users', () => { resolve(); return new Promise(() => {}) })
        t.context.app = hangs
      })
      const { app }: { app: FastifyInstance } = t.context
      t.teardown(() => app.close())
      const target = via === 'inject' ? app : await app.listen({ host: '127.0.0.1', port: 0 })
      mock.timers.enable({ apis: ['setTimeout'] })
      t.teardown(() => mock.timers.reset())
      const rejected = t.rejects(checkCreation(target, { create: CREATE }), {
        message: `${via === 'inject' ? 'The app' : String(target)} does not answer POST /users: nothing came within 30 seconds`
      })
      await arrived
      mock.timers.tick(30_000)
      await rejected
    })
  }
})

t.test('a server that answers, and then breaks off, fails the check that it broke off in', async (t) => {
  const app = server(t)
  app.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'HEAD') return
    reply.hijack()
    request.raw.socket.destroy()
  })
  const base = await app.listen({ host: '127.0.0.1', port: 0 })
  const checked = await checkCreation(base, { create: CREATE })
  t.match(result(checked, 'head-like-get'), { outcome: 'failed', detail: `${base} does not answer HEAD /users/1: UND_ERR_SOCKET` })
  t.equal(checked.checks.filter(({ outcome }) => outcome === 'failed').length, 1)
})

t.test('an address never leads to another server', async (t) => {
  for (const [location, path] of [['http://other.example/users/7', '/users/7'], ['http://other.example//other.example/users/7', '//other.example/users/7']]) {
    const app = server(t)
    app.addHook('onSend', async ({ method }, reply) => {
      if (method !== 'POST') return
      reply.raw.removeHeader('location')
      reply.header('location', location)
    })
    for (const target of [app, await app.listen({ host: '127.0.0.1', port: 0 })]) {
      t.match(result(await checkCreation(target, { create: CREATE }), 'location-answers-get'), { outcome: 'failed', detail: `GET ${path} was answered 404` })
    }
  }
})

t.test('what an app throws to inject is not hidden in a result', async (t) => {
  const app = server(t)
  const inject = async (options: { method: string }) => {
    if (options.method === 'HEAD') throw new Error('broken pipe')
    return app.inject(options as never)
  }
  await t.rejects(checkCreation({ inject } as never, { create: CREATE }), { message: 'broken pipe' })
})

t.test('each attempt is sent something new', async (t) => {
  const app = server(t)
  const sent: Array<{ url: string, body: any }> = []
  app.addHook('preHandler', async ({ url, body }) => { if (body) sent.push({ url, body }) })

  await t.test('by {{n}} and {{uuid}}, anywhere in what is JSON or text', async (t) => {
    await checkCreation(app, { create: { url: '/users?trace={{n}}', payload: { name: '{{n}}-{{n}}', tags: ['{{uuid}}', 1, null, { id: '{{uuid}}' }], 3: true } } })
    const [first, second] = sent.splice(0)
    t.not(first.body.name, second.body.name)
    for (const { url, body } of [first, second]) {
      const n = /trace=(\d+)$/.exec(url)![1]
      t.same(body, { name: `${n}-${n}`, tags: [body.tags[0], 1, null, { id: body.tags[0] }], 3: true }, 'is the same all over one attempt')
      t.match(body.tags[0], /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
    }
    t.not(first.body.tags[0], second.body.tags[0])
  })

  await t.test('by functions, which are given the same number for all of one attempt', async (t) => {
    await checkCreation(app, { create: { url: (n) => `/users?n=${n}`, payload: (n) => ({ name: `Ann ${n}` }) } })
    const numbers = sent.splice(0).map(({ url, body }) => [Number(/\d+$/.exec(url)![0]), Number(/\d+$/.exec(body.name)![0])])
    t.ok(numbers.every(([url, body]) => url === body))
    t.equal(numbers[1][0], numbers[0][0] + 1)
  })

  await t.test('where PUT creates, with what is in its URL', async (t) => {
    await checkCreation(app, { create: CREATE, upsert: { url: '/users/{{n}}', payload: { id: '{{n}}', name: 'Joe' } }, writers: 2 })
    const puts = sent.splice(0).filter(({ body }) => body.id)
    t.ok(puts.length >= 6)
    for (const { url, body } of puts) t.equal(url, `/users/${body.id}`)
  })
})

/** Refuses a name that it has already, as a unique constraint would. */
function unique (t: Test, style?: Style): FastifyInstance {
  const app = server(t, style)
  const names = new Set<string>()
  app.addHook('preHandler', async ({ method, body }, reply) => {
    const { name } = (body ?? {}) as { name?: string }
    if (name === undefined || method === 'PATCH') return
    if (names.has(name)) return reply.code(409).send({ message: 'there is one of that name' })
    names.add(name)
  })
  return app
}

t.test('what is refused with 409 the second time is skipped, and the reason says how to make it fresh', async (t) => {
  const app = unique(t)
  const table: Array<[payload: Scenario['create']['payload'], detail: string]> = [
    [{ name: 'Ann' }, 'the second was refused with 409: the payload is the same each time, so make it fresh, with {{n}} or a function'],
    [() => ({ name: 'Eve' }), 'the second was refused with 409']
  ]
  for (const [payload, detail] of table) {
    t.match(result(await checkCreation(app, { create: { url: '/users', payload } }), 'post-twice-two-addresses'), { outcome: 'skipped', detail })
  }

  await t.test('what is refused the first time fails', async (t) => {
    t.match(result(await checkCreation(app, { create: { url: '/users', payload: { name: 'Ann' } } }), 'created-201'), {
      outcome: 'failed', detail: 'POST was answered 409: what an earlier run has created may still be there, so make what is sent fresh, with {{n}} or {{uuid}}'
    })
  })

  const REFUSED = 'it was refused with 409: make the payload fresh, with {{n}} or a function'
  await t.test('by PUT', async (t) => {
    const checked = await checkCreation(unique(t), { create: CREATE, upsert: { url: '/users/{{uuid}}', payload: { name: 'Joe' } }, writers: 2 })
    t.match(result(checked, 'put-creates-201'), { outcome: 'passed' })
    t.match(result(checked, 'put-again-200'), { outcome: 'skipped', detail: REFUSED })
    t.match(result(checked, 'if-none-match-star-creates-once'), { outcome: 'skipped', detail: REFUSED })
    const again = await checkCreation(app, { create: CREATE, upsert: { url: '/users/{{uuid}}', payload: { name: 'Ann' } }, writers: 2 })
    t.match(result(again, 'put-creates-201'), { outcome: 'skipped', detail: REFUSED })
  })
})

t.test('what the scenario does not say is skipped, and each reason says what to add', async (t) => {
  const { passed, checks } = await checkCreation(server(t), { create: CREATE })
  t.equal(passed, true)
  const reasons = Object.fromEntries(checks.filter(({ outcome }) => outcome === 'skipped').map(({ id, detail }) => [id, detail]))
  const [update, upsert, remove] = ['the scenario has no update', 'the scenario has no upsert', 'the scenario does not say remove: true']
  t.same(reasons, {
    'invalid-creates-nothing': 'the scenario has no invalid payload',
    'update-with-tag': update,
    'update-changes-tag': update,
    'stale-tag-412': update,
    'stale-tag-changes-nothing': update,
    'missing-precondition-428': update,
    'weak-tag-never-matches': update,
    'tag-list-with-commas': update,
    'one-writer-wins': update,
    'put-creates-201': upsert,
    'put-again-200': upsert,
    'if-none-match-star-creates-once': upsert,
    'delete-with-stale-tag-412': remove,
    'deleted-is-gone': remove
  })
})

t.test('the reasons to skip what the scenario says', async (t) => {
  const full: Scenario = { create: CREATE, update: UPDATE, upsert: { url: '/users/{{uuid}}', payload: CREATE.payload }, remove: true, invalid: {}, list: '/users', writers: 2 }
  const NO_STRONG_TAG = 'it is answered 428, and GET has no entity-tag that If-Match could match'
  const table: Array<[style: Style, scenario: Partial<Scenario>, id: string, detail: string]> = [
    [{}, {}, 'missing-precondition-428', 'the scenario does not say whether a precondition is required'],
    [{}, { precondition: 'optional' }, 'missing-precondition-428', 'the scenario says that it is optional'],
    [{ created: 'nothing' }, {}, 'body-same-on-get', 'the body of the 201 is empty'],
    [{ listRestless: true }, {}, 'invalid-creates-nothing', 'the list /users changes by itself, so it cannot tell what is stored'],
    [{}, { list: '/people' }, 'invalid-creates-nothing', 'the list /people was answered 404, so it cannot tell what is stored'],
    [{ tag: 'hash' }, { update: { method: 'PATCH', payload: { name: 'Eve' } } }, 'one-writer-wins', 'several wrote the same: make its payload fresh, with {{n}} or a function'],
    [{ tag: 'hash' }, { update: { method: 'PATCH', payload: {} } }, 'update-changes-tag', 'the update has changed nothing: make its payload fresh, with {{n}} or a function'],
    [{ tag: 'weak' }, { update: undefined }, 'put-again-200', NO_STRONG_TAG],
    [{ tag: 'weak' }, { update: undefined }, 'deleted-is-gone', NO_STRONG_TAG],
    [{}, { create: { ...CREATE, method: 'PUT', url: '/users/{{uuid}}' } }, 'location-present', 'to PUT the target is the address'],
    [{}, { create: { ...CREATE, method: 'PUT', url: '/users/{{uuid}}' } }, 'location-syntax', 'there is none, and the target is the address'],
    [{}, { create: { ...CREATE, method: 'PUT', url: '/users/{{uuid}}' } }, 'post-twice-two-addresses', 'PUT is repeatable']
  ]
  for (const [style, scenario, id, detail] of table) {
    t.match(result(await checkCreation(server(t, style), { ...full, ...scenario }), id), { outcome: 'skipped', detail })
  }
})

t.test('what depends on a failed check is skipped, and names the first cause', async (t) => {
  const { checks } = await checkCreation(server(t, {}, 'location-bare-id'), { create: CREATE, update: UPDATE, remove: true })
  const because = (cause: string) => checks.filter(({ detail }) => detail === `needs ${cause}, which failed`).map(({ id }) => id)
  t.same(checks.slice(0, 3).map(({ outcome }) => outcome), ['passed', 'passed', 'failed'])
  t.same(because('location-syntax').slice(0, 3), ['location-answers-get', 'etag-same-on-get', 'body-same-on-get'])
  t.ok(because('location-syntax').includes('deleted-is-gone'))
})

t.test('a result has what was sent and answered', async (t) => {
  const checked = await checkCreation(server(t), { headers: { 'X-Trace': '7' }, create: { ...CREATE, headers: { 'x-trace': '8' }, payload: { name: 'Ann' } } })
  t.same(checked.checks.map(({ id, section }) => [id, section]), CHECKS.map(({ id, section }) => [id, section]))
  t.match(result(checked, 'created-201').exchanges, [{
    request: { method: 'POST', url: '/users', headers: { 'x-trace': '8', 'content-type': 'application/json' }, body: '{"name":"Ann"}' },
    response: { status: 201, headers: { location: '/users/1', etag: '"1"' }, body: '{"id":1,"name":"Ann"}' }
  }])
  t.same(Object.keys(result(checked, 'created-201').exchanges![0].request.headers), ['x-trace', 'content-type'], 'a header is sent once, however it is spelled')
  t.match(result(checked, 'etag-same-on-get').exchanges, [{ request: { method: 'POST' } }, { request: { method: 'GET', headers: { 'x-trace': '7' } } }], 'or what it looked at again')
  t.match(result(checked, 'not-modified-headers').exchanges, [{ response: { status: 304 } }])
})

t.test('a body that is no text is told by its length and its digest', async (t) => {
  const bytes = Buffer.from([0x89, 0x50, 0x4E, 0x47, 0xFF, 0x00])
  const app = Fastify()
  t.teardown(() => app.close())
  app.addContentTypeParser('image/png', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => body)
  app.post('/images', async (request, reply) => {
    return reply.code(201).header('location', '/images/1').header('content-location', '/images/1').header('etag', '"1"').type('image/png').send(request.body)
  })
  app.get('/images/:id', async (_request, reply) => reply.header('etag', '"1"').type('image/png').send(bytes))
  const image = async (payload: Uint8Array) => checkCreation(app, { create: { url: '/images', payload, headers: { 'content-type': 'image/png' } } })

  const same = result(await image(bytes), 'body-same-on-get')
  t.equal(same.outcome, 'passed')
  t.equal(same.exchanges![0].request.body, same.exchanges![0].response.body)
  t.match(same.exchanges![0].request.body, /^\(6 bytes, SHA-256 [\da-f]{16}\)$/)
  t.equal(result(await image(Buffer.from([0x89, 0x50, 0x4E, 0x47, 0xFE, 0x00])), 'body-same-on-get').outcome, 'failed')
})

t.test('a 201 that says nothing of what was created is not compared with GET', async (t) => {
  const table: Array<[what: string, type: string | undefined, body: string]> = [
    ['JSON that is cut off', 'application/json', '{"id":'],
    ['what has no type', undefined, '{"id":7}'],
    ['HTML', 'text/html', '<p>It was created'],
    ['a list', 'application/json', '[{"id":7}]'],
    ['a message', 'application/json', '{"message":"It was created"}']
  ]
  for (const [what, type, body] of table) {
    const app = server(t)
    app.addHook('onSend', async (request, reply, payload) => {
      if (request.method !== 'POST') return payload
      if (type === undefined) reply.removeHeader('content-type')
      else reply.type(type)
      reply.removeHeader('content-length')
      return body
    })
    const { outcome, detail } = result(await checkCreation(app, { create: CREATE }), 'body-same-on-get')
    t.same({ outcome, detail }, { outcome: 'skipped', detail: 'the body of the 201 is another document than what GET answers' }, what)
  }
})

t.test('what is created by a POST without content', async (t) => {
  let carts = 0
  const app = Fastify()
  t.teardown(() => app.close())
  app.post('/carts', async (request, reply) => {
    t.equal(request.headers['content-type'], undefined)
    if (++carts > 1) return reply.code(409).send()
    return reply.code(201).header('location', '/carts/1').header('etag', '"1"').send()
  })
  app.get('/carts/1', async (_request, reply) => reply.header('etag', '"1"').send({}))
  const checked = await checkCreation(app, { headers: { 'content-type': 'application/json' }, create: { url: '/carts', payload: undefined } })
  t.match(result(checked, 'created-201'), { outcome: 'passed', exchanges: [{ request: { body: '' } }] })
  t.match(result(checked, 'post-twice-two-addresses').detail, /the payload is the same each time/)
})

t.test('a 201 to PUT', async (t) => {
  const create = { ...CREATE, method: 'PUT', url: '/users/{{uuid}}' } as const
  const withHeader = (t: Test, name: string, value: (url: string) => string | undefined) => {
    const app = server(t)
    app.addHook('onSend', async (request, reply) => {
      const given = value(request.url)
      if (given === undefined) reply.removeHeader(name)
      else if (request.method === 'PUT') reply.header(name, given)
    })
    return app
  }
  await t.test('may name its target in Location, spelled in another way', async (t) => {
    const checked = await checkCreation(withHeader(t, 'location', (url) => url.replace('%40', '@')), { create: { ...create, url: '/users/ann%40{{n}}' } })
    t.match(result(checked, 'location-answers-get'), { outcome: 'passed' })
  })
  await t.test('may not name something else', async (t) => {
    const checked = await checkCreation(withHeader(t, 'location', () => '/users'), { create })
    t.match(result(checked, 'location-answers-get'), { outcome: 'failed', detail: 'Location is /users, which is not what the request was sent to' })
  })
  await t.test('may leave the ETag to GET, which then has to have one', async (t) => {
    const checked = await checkCreation(withHeader(t, 'etag', () => undefined), { create })
    t.match(result(checked, 'etag-present'), { outcome: 'failed', detail: 'neither the 201 nor GET has an entity-tag' })
  })
})

t.test('assertCreation', async (t) => {
  await t.test('gives the results where nothing fails', async (t) => {
    const { passed, checks } = await assertCreation(server(t), { create: CREATE, update: UPDATE, writers: 2 })
    t.equal(passed, true)
    t.equal(checks.length, CHECKS.length)
  })

  await t.test('throws what reads like a bug report', async (t) => {
    const error = await failure(server(t, {}, 'location-bare-id'), {
      headers: { Authorization: 'Bearer hunter2', Cookie: 'sid=hunter2', 'X-Api-Key': 'hunter2' }, create: { url: '/users', payload: { name: 'Ann' } }
    })
    t.ok(error instanceof AssertionError)
    t.equal(error.message.replace(/^ +(date|connection|content-type|content-length): .*\n/gm, ''), `1 of 25 checks failed, 3 passed, 21 were skipped

location-syntax (RFC 9110 section 10.2.2 and RFC 3986)
  Expected: Location is one path or http address that every client resolves alike.
  Found:    Location "1" is relative to the URL of the request: begin it with "/".
  Mend it:  Send one Location, a path that begins with one "/", or an absolute URL, with each segment encoded by encodeURIComponent(): /users/42, neither 42 nor users/42.

    POST /users
    authorization: (hidden)
    cookie: (hidden)
    x-api-key: (hidden)

    {"name":"Ann"}

    201 Created
    location: 1
    etag: "1"

    {"id":1,"name":"Ann"}
`)
    t.equal(error.checks.length, CHECKS.length)
    t.notOk(Object.keys(error).includes('checks'), 'test runners do not print what has the headers')
  })

  await t.test('shows of many exchanges one of each kind', async (t) => {
    const { message } = await failure(server(t, {}, 'check-then-write'), { create: CREATE, update: UPDATE })
    t.match(message, 'Found:    20 of 20 succeeded.')
    t.equal(message.match(/^ +PATCH /gm)?.length, 1)
    t.match(message, '\n    (and 39 more like these)')
  })

  await t.test('cuts what is long', async (t) => {
    const { message } = await failure(server(t, {}, '200-for-201'), { create: { url: '/users', payload: { name: 'x'.repeat(5000) } } })
    t.match(message, `{"name":"${'x'.repeat(991)}… (5011 characters)\n`)
  })

  await t.test('shows a status that has no name', async (t) => {
    const base = await listening(t, (_request, response) => response.writeHead(299).end())
    t.match(await failure(base, { create: CREATE }), { message: /\n {4}299\n/ })
  })

  await t.test('names every check that failed', async (t) => {
    const { message } = await failure(server(t, {}, 'update-removes'), { create: CREATE, update: UPDATE, remove: true, precondition: 'required' })
    t.match(message, /^3 of 25 checks failed/)
    t.same(message.match(/^[\w-]+ \(RFC .*\)$/gm), ['update-changes-tag (RFC 9110 sections 8.8.1 and 9.3.4)', 'missing-precondition-428 (RFC 6585 section 3)', 'delete-with-stale-tag-412 (RFC 9110 section 13.1.1)'])
  })
})

t.test('what is expected, and how to mend it, are sentences without their full stop', async (t) => {
  for (const { id, section, expects, mend } of CHECKS) {
    t.match(section, /^RFC \d{4} section/, id)
    t.match(expects, /^\S.*[^.]$/, id)
    t.match(mend, /^[A-Z].*[^.]$/, id)
  }
})

t.test('needs name checks that are made before', async (t) => {
  const before = new Set<string>()
  for (const { id, needs = [] } of CHECKS) {
    t.ok(needs.every((need) => before.has(need)), id)
    before.add(id)
  }
})

t.test('in node:test', async (t) => {
  const script = `
    import { test } from 'node:test'
    import { assertCreation } from '../../src/testing/index.ts'
    import { referenceServer } from './server.ts'
    const scenario = { headers: { authorization: 'Bearer hunter2' }, create: { url: '/users', payload: (n) => ({ name: 'Ann ' + n }) } }
    test('keeps it', () => assertCreation(referenceServer(), scenario))
    test('breaks it', () => assertCreation(referenceServer({}, 'no-location'), scenario))
  `
  // What another compiler made of src/ would be counted as covered in other places.
  const env = { ...process.env, _TAPJS_PROCESSINFO_COVERAGE_: '0' }
  const run = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'], env })
  const printed = (await run.stdout.toArray()).join('')
  t.match(printed, /^(ok 1 - |✔ )keeps it/m)
  t.match(printed, /^(not ok 2 - |✖ )breaks it/m)
  t.match(printed, 'Found:    there is no Location.')
  t.notMatch(printed, 'hunter2')
})

t.test('no check judges what it has not looked at', async (t) => {
  const seen = (exchange: Exchange) => exchange.response.status > 0
  for (const fault of [undefined, '200-for-201', 'no-etag', 'if-match-ignored', 'star-race'] as const) {
    const { checks } = await checkCreation(server(t, {}, fault), { create: CREATE, update: UPDATE, upsert: { url: '/users/{{uuid}}', payload: {} }, remove: true, writers: 2 })
    for (const { id, outcome, exchanges = [] } of checks) t.ok(outcome === 'skipped' || exchanges.some(seen), `${fault}: ${id}`)
  }
})

t.test('what a scenario gives is sent as it is meant', async (t) => {
  class User {
    constructor (readonly name: string) {}
  }
  const bodies: unknown[] = []
  const app = Fastify()
  app.post('/users', async (request, reply) => {
    bodies.push(request.body)
    return reply.code(400).send()
  })
  const send = (create: unknown, invalid?: unknown) => checkCreation(app, { create, invalid } as Scenario)

  await send({ url: '/users', payload: new User('Ann') })
  await send({ url: '/users', payload: async (n: number) => ({ name: typeof n }) })
  t.same(bodies, [{ name: 'Ann' }, { name: 'number' }])
  await t.rejects(send({ url: '/users', payload: () => () => {} }), { name: 'TypeError', message: /^A payload of the scenario is \[Function.*: it must be JSON, text, bytes or a form/ })
  await t.rejects(send({ url: () => 3, payload: {} }), { name: 'TypeError', message: 'A url of the scenario gave 3: it must give a path such as "/users"' })
})

t.test('what is invalid, and the list, may be fresh as well', async (t) => {
  const app = server(t)
  const urls: string[] = []
  app.addHook('onRequest', async (request) => { urls.push(request.url) })
  const asked: number[] = []
  const { checks } = await checkCreation(app, { create: CREATE, invalid: (n) => { asked.push(n); return { nom: 'Ann' } }, list: (n) => `/users?n=${n}` })
  t.match(checks.find(({ id }) => id === 'invalid-creates-nothing'), { outcome: 'passed' })
  t.equal(asked.length, 1)
  t.ok(urls.some((url) => /^\/users\?n=\d+$/.test(url)))
  const valid = await checkCreation(app, { create: CREATE, invalid: { name: 'Joe {{n}}' } })
  t.match(valid.checks.find(({ id }) => id === 'invalid-creates-nothing'), { outcome: 'failed', detail: 'POST was answered 201' })
})

t.test('whether an update is stored that is no JSON is not for the kit to say', async (t) => {
  const app = referenceServer({}, 'update-moves-version-alone')
  t.teardown(() => app.close())
  const update = { method: 'PATCH', payload: (n: number) => `Eve ${n}`, headers: { 'content-type': 'text/plain' } } as const
  const { checks } = await checkCreation(app, { create: CREATE, update })
  t.match(checks.find(({ id }) => id === 'update-changes-tag'), { outcome: 'passed' })
})
