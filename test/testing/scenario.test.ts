import Fastify from 'fastify'
import t from 'tap'
import { checkCreation, type Scenario, type Target } from '../../src/testing/index.js'
import { CREATE, newServer, resultOf, UPDATE } from './support.js'

t.test('an invalid scenario is rejected before anything is sent, and the message has the fix', async (t) => {
  const target: Target = { inject: () => t.fail('nothing is sent') } as never
  const [path, body] = ['a path, or a function that returns one', 'a body, or a function that returns one']
  const [createExample, user] = ["create: { url: '/users', payload: { name: 'Ann' } }", "{ name: 'Ann' }"]
  const unknown = (value: string) => `an unknown option (its value is ${value})`
  const updates = "{ method: 'PATCH', payload: { name: 'Eve {{n}}' } }"
  const table: Array<[scenario: unknown, option: string, found: string, required: string, fix: string]> = [
    [undefined, '', 'undefined', 'an object with create', createExample],
    [{}, 'create', 'undefined', 'an object with url and payload', createExample],
    [{ create: '/users' }, 'create', '"/users"', 'an object with url and payload', createExample],
    [{ create: { url: '/users' } }, 'create.payload', 'undefined', body, `create: { payload: ${user} }`],
    [{ create: { ...CREATE, url: 1 } }, 'create.url', '1', path, "create: { url: '/users' }"],
    [{ create: { ...CREATE, method: 'PATCH' } }, 'create.method', '"PATCH"', '"POST" or "PUT"',
      "create: { method: 'POST' }"],
    [{ create: { ...CREATE, body: {} } }, 'create.body', unknown('{}'), 'one of method, url, payload, headers', ''],
    [{ create: CREATE, updates: UPDATE }, 'updates', unknown(updates),
      'one of headers, create, update, upsert, remove, invalid, list, precondition, writers', ''],
    [{ create: CREATE, update: { payload: {} } }, 'update.method', 'undefined', '"PUT" or "PATCH"',
      "update: { method: 'PUT' }"],
    [{ create: CREATE, update: 'PUT' }, 'update', '"PUT"', 'an object with method and payload',
      "update: { method: 'PUT', payload: { name: 'Eve {{n}}' } }"],
    [{ create: CREATE, update: { ...UPDATE, url: '/users/1' } }, 'update.url', unknown('"/users/1"'),
      'one of method, payload, headers', ''],
    [{ create: CREATE, upsert: true }, 'upsert', 'true', 'an object with url and payload',
      "upsert: { url: '/users/{{uuid}}', payload: { name: 'Joe' } }"],
    [{ create: CREATE, remove: 'yes' }, 'remove', '"yes"', 'true or false', 'remove: true'],
    [{ create: CREATE, list: 1 }, 'list', '1', path, "list: '/users'"],
    [{ create: CREATE, precondition: true }, 'precondition', 'true', '"required" or "optional"',
      "precondition: 'required'"],
    [{ create: CREATE, writers: 1 }, 'writers', '1', 'an integer from 2 to 1000', 'writers: 20'],
    [{ create: CREATE, headers: 'x' }, 'headers', '"x"', 'an object of strings',
      "headers: { authorization: 'Bearer 1' }"],
    [{ create: CREATE, headers: { 'x-trace': 1 } }, 'headers.x-trace', '1', 'a string', "headers: { 'x-trace': '1' }"]
  ]
  for (const [scenario, option, found, required, example] of table) {
    const subject = option === '' ? 'The options' : `The option ${option}`
    const remove = `remove or rename ${option.split('.').at(-1)}`
    const fix = example === '' ? remove : `checkCreation(target, { ${example} })`
    const error = await checkCreation(target, scenario as Scenario).then(() => undefined, (error) => error)
    t.equal(error.code, 'FST_CREATED_OPTION_INVALID')
    t.equal(error.message, `${subject} of the scenario is invalid. Found: ${found}. Required: ${required}. Fix: ${fix}`)
  }
})

t.test('each attempt sends new values', async (t) => {
  const app = newServer(t)
  const sent: Array<{ url: string, body: any }> = []
  app.addHook('preHandler', async ({ url, body }) => { if (body) sent.push({ url, body }) })

  await t.test('for {{n}} and {{uuid}}, anywhere in JSON and in text', async (t) => {
    const payload = { name: '{{n}}-{{n}}', tags: ['{{uuid}}', 1, null, { id: '{{uuid}}' }], 3: true }
    await checkCreation(app, { create: { url: '/users?trace={{n}}', payload } })
    const [first, second] = sent.splice(0)
    t.not(first.body.name, second.body.name)
    for (const { url, body } of [first, second]) {
      const n = /trace=(\d+)$/.exec(url)![1]
      const tags = [body.tags[0], 1, null, { id: body.tags[0] }]
      t.same(body, { name: `${n}-${n}`, tags, 3: true }, 'which are the same within one attempt')
      t.match(body.tags[0], /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
    }
    t.not(first.body.tags[0], second.body.tags[0])
  })

  await t.test('from functions, which get the same number within one attempt', async (t) => {
    await checkCreation(app, { create: { url: (n) => `/users?n=${n}`, payload: (n) => ({ name: `Ann ${n}` }) } })
    const lastNumber = (text: string) => Number(/\d+$/.exec(text)![0])
    const numbers = sent.splice(0).map(({ url, body }) => [lastNumber(url), lastNumber(body.name)])
    t.ok(numbers.every(([url, body]) => url === body))
    t.equal(numbers[1][0], numbers[0][0] + 1)
  })

  await t.test('with the id of the URL in the payload of PUT', async (t) => {
    const upsert = { url: '/users/{{n}}', payload: { id: '{{n}}', name: 'Joe' } }
    await checkCreation(app, { create: CREATE, upsert, writers: 2 })
    const puts = sent.splice(0).filter(({ body }) => body.id)
    t.ok(puts.length >= 6)
    for (const { url, body } of puts) t.equal(url, `/users/${body.id}`)
  })

  await t.test('for the invalid payload and the URL of the list', async (t) => {
    const urls: string[] = []
    const numbers: number[] = []
    const app = newServer(t)
    app.addHook('onRequest', async (request) => { urls.push(request.url) })
    const invalid = (n: number) => { numbers.push(n); return { nom: 'Ann' } }
    const report = await checkCreation(app, { create: CREATE, invalid, list: (n) => `/users?n=${n}` })
    t.match(resultOf(report, 'invalid-creates-nothing'), { outcome: 'passed' })
    t.equal(numbers.length, 1)
    t.ok(urls.some((url) => /^\/users\?n=\d+$/.test(url)))
    const valid = await checkCreation(app, { create: CREATE, invalid: { name: 'Joe {{n}}' } })
    t.match(resultOf(valid, 'invalid-creates-nothing'), { outcome: 'failed', detail: 'POST returned 201' })
  })
})

t.test('a payload may be an object with a class, or a Promise', async (t) => {
  class User {
    constructor (readonly name: string) {}
  }
  const bodies: unknown[] = []
  const app = Fastify()
  t.teardown(() => app.close())
  app.post('/users', async (request, reply) => {
    bodies.push(request.body)
    return reply.code(400).send()
  })
  const send = (create: unknown) => checkCreation(app, { create } as Scenario)

  await send({ url: '/users', payload: new User('Ann') })
  await send({ url: '/users', payload: async (n: number) => ({ name: typeof n }) })
  t.same(bodies, [{ name: 'Ann' }, { name: 'number' }])
  await t.rejects(send({ url: '/users', payload: () => () => {} }), {
    name: 'TypeError',
    message: 'A payload of the scenario cannot be sent. Found: [Function (anonymous)]. ' +
      'Required: JSON, text, bytes, a form, or a function that returns one of these. ' +
      "Fix: create: { url: '/users', payload: { name: 'Ann' } }"
  })
  await t.rejects(send({ url: () => 3, payload: {} }), {
    name: 'TypeError',
    message: 'A url of the scenario is not a path. Found: 3. ' +
      "Required: a path, or a function that returns one. Fix: url: '/users'"
  })
})

t.test('a POST without content has no content type', async (t) => {
  let carts = 0
  const app = Fastify()
  t.teardown(() => app.close())
  app.post('/carts', async (request, reply) => {
    t.equal(request.headers['content-type'], undefined)
    if (++carts > 1) return reply.code(409).send()
    return reply.code(201).header('location', '/carts/1').header('etag', '"1"').send()
  })
  app.get('/carts/1', async (_request, reply) => reply.header('etag', '"1"').send({}))
  const headers = { 'content-type': 'application/json' }
  const report = await checkCreation(app, { headers, create: { url: '/carts', payload: undefined } })
  t.match(resultOf(report, 'created-201'), { outcome: 'passed', exchanges: [{ request: { body: '' } }] })
  t.match(resultOf(report, 'post-twice-two-addresses').detail, /the payload is the same/)
})
