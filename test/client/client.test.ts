import { readFileSync } from 'node:fs'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import created, { resource } from '../../src/index.js'
import { createOnly, HttpRefusal, ifMatch, readCreated, readOk, UnexpectedResponse, type Answer } from '../../src/client/index.js'

/** An answer as fetch would give it. */
function answer (status: number, headers: Record<string, string> = {}, text = '', url = 'http://a.example/users?x=1'): Answer {
  return { status, url, headers: new Headers(headers), text: async () => text }
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }
const PROBLEM_TYPE = { 'content-type': 'Application/Problem+JSON' }

async function refusal (t: Test, promise: Promise<unknown>): Promise<HttpRefusal> {
  const error = await promise.then(() => undefined, (error) => error as HttpRefusal)
  t.ok(error instanceof HttpRefusal)
  t.equal(error?.name, 'HttpRefusal')
  return error as HttpRefusal
}

t.test('with a real server', async (t) => {
  interface User { id: number, name: string, version: number }
  const users: User[] = []
  const user = resource<User>({ etag: (user) => user.version })
  const app = Fastify()
  await app.register(created, { problemDetails: true })
  app.get<{ Params: { id: number } }>('/users/:id', { config: { resource: user } }, async (request, reply) => reply.ok(users[request.params.id], { resource: user }))
  app.post<{ Body: { name: string } }>('/users', { config: { resource: user } }, async (request, reply) => {
    const ann = { id: users.length, name: request.body.name, version: 1 }
    users.push(ann)
    return reply.created(ann, { resource: user })
  })
  app.put<{ Params: { id: number }, Body: { name: string } }>('/users/:id', { config: { resource: user } }, async (request, reply) => {
    const { id } = request.params
    const before = users[id]
    request.assertPreconditions(before, { resource: user })
    users[id] = { id: Number(id), name: request.body.name, version: (before?.version ?? 0) + 1 }
    return reply.upserted(users[id], { created: before === undefined, resource: user })
  })
  app.delete('/nothing', async (_request, reply) => reply.noContent())
  t.teardown(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const send = (method: string, address: URL | string, name: string, headers: Record<string, string> = {}) =>
    fetch(new URL(address, url), { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ name }) })

  await t.test('what is created is read with its address, its version and its body, and can be updated once', async (t) => {
    const ann = await readCreated<User>(await send('POST', '/users', 'Ann'))
    t.match(ann, { location: new URL('/users/0', url), etag: '"1"', body: { name: 'Ann' } })
    t.same(await readOk(await fetch(ann.location)), { etag: '"1"', body: ann.body })
    const eve = await readOk<User>(await send('PUT', ann.location, 'Eve', ifMatch(ann.etag!)))
    t.match(eve, { etag: '"2"', body: { name: 'Eve' } })

    const error = await refusal(t, send('PUT', ann.location, 'Bob', ifMatch(ann.etag!)).then(readOk))
    t.match(error, { status: 412, etag: '"2"', problem: { status: 412, type: 'urn:problem-type:fastify-created:precondition-failed' } })
    t.equal(error.message, `412: ${error.problem!.detail}`)
    t.same(error.body, error.problem)
  })

  await t.test('a PUT with createOnly() creates, and never replaces', async (t) => {
    t.match(await readOk(await send('PUT', '/users/7', 'Ann', createOnly())), { body: { name: 'Ann' } })
    t.match(await refusal(t, send('PUT', '/users/7', 'Bob', createOnly()).then(readOk)), { status: 412, etag: '"1"' })
    t.match(await readOk(await fetch(`${url}/users/7`)), { body: { name: 'Ann' } })
  })

  await t.test('an answer without a body is read', async (t) => {
    t.same(await readOk(await fetch(`${url}/nothing`, { method: 'DELETE' })), { etag: null, body: undefined })
  })

  await t.test('what is not there is a refusal', async (t) => {
    t.match(await refusal(t, fetch(`${url}/users/99`).then(readCreated)), { status: 404, etag: null })
  })
})

t.test('Location is resolved against the URL that answered', async (t) => {
  for (const [location, url, expected] of [
    ['/users/1', 'http://a.example/users', 'http://a.example/users/1'],
    ['1', 'http://a.example/users/', 'http://a.example/users/1'],
    ['//b.example/1', 'https://a.example/users', 'https://b.example/1'],
    ['https://b.example/1', 'http://a.example/users', 'https://b.example/1'],
    ['https://b.example/1', '', 'https://b.example/1']
  ]) {
    const { location: found } = await readCreated(answer(201, { location }, '', url))
    t.equal(found.href, expected, `${location} of ${url}`)
  }
})

t.test('an answer that is no 201 with an address is an error of its own, whatever its body', async (t) => {
  const text = () => { throw new Error('the body was read') }
  for (const [response, message] of [
    [answer(201, JSON_TYPE, '{"id":1,"location":"/users/1"}'), /201 Created names no Location.*Access-Control-Expose-Headers: Location, ETag/],
    [answer(201, { location: '' }), /names no Location/],
    [answer(201, { location: 'http://[' }), /is no address: http:\/\/\[/],
    [answer(201, { location: '/users/1' }, '', ''), /is no address/],
    [answer(201, { location: 'javascript:alert(1)' }), /is no http address/],
    [answer(200, { location: '/users/1' }), /Expected 201 Created, instead got 200/],
    [answer(202, { location: '/jobs/1' }), /Expected 201 Created, instead got 202/],
    [answer(303, { location: '/users/1' }), /Expected 201 Created, instead got 303/]
  ] as Array<[Answer, RegExp]>) {
    const error = await readCreated({ ...response, text }).catch((error) => error)
    t.ok(error instanceof UnexpectedResponse)
    t.match(error, { name: 'UnexpectedResponse', status: response.status, message })
  }
})

t.test('every 2xx can be read, and nothing else', async (t) => {
  for (const status of [200, 201, 202, 203, 206, 299]) t.same(await readOk(answer(status, { etag: '"1"' }, 'text')), { etag: '"1"', body: 'text' })
  t.same(await readOk(answer(204)), { etag: null, body: undefined })
  for (const status of [0, 101, 300, 304, 399]) {
    await t.rejects(readOk(answer(status)), { name: 'UnexpectedResponse', status, message: `Expected a status from 200 to 299, instead got ${status}` })
  }
})

t.test('a body is parsed where it is JSON', async (t) => {
  const read = async (type: string | undefined, text: string) => (await readOk(answer(200, type === undefined ? {} : { 'content-type': type }, text))).body
  t.same(await read('application/json', '{"a":1}'), { a: 1 })
  t.same(await read('application/vnd.api+json;charset=utf-8', '[1]'), [1])
  t.same(await read('APPLICATION/JSON', 'null'), null)
  t.same(await read('application/json', ''), undefined)
  t.same(await read('application/jsonp', '{"a":1}'), '{"a":1}')
  t.same(await read('text/plain', '1'), '1')
  t.same(await read(undefined, '1'), '1')
})

t.test('a body that is called JSON and is none is an error, which does not hide what was created', async (t) => {
  await t.rejects(readOk(answer(200, JSON_TYPE, '{"a":')), { name: 'UnexpectedResponse', message: 'The body of the 200 is called JSON and is none' })
  await t.rejects(readCreated(answer(201, { ...JSON_TYPE, location: '/users/1' }, '<html>')),
    { name: 'UnexpectedResponse', status: 201, message: /What was created is at http:\/\/a\.example\/users\/1$/ })
})

t.test('a refusal says what the server said, in whatever form', async (t) => {
  const cases: Array<[Answer, Partial<HttpRefusal>]> = [
    [answer(409, PROBLEM_TYPE, '{"title":"Conflict","detail":"The name is taken."}'),
      { message: '409: The name is taken.', problem: { title: 'Conflict', detail: 'The name is taken.' }, body: { title: 'Conflict', detail: 'The name is taken.' } }],
    [answer(409, PROBLEM_TYPE, '{"title":"Conflict"}'), { message: '409: Conflict', problem: { title: 'Conflict' } }],
    [answer(409, PROBLEM_TYPE, '{"detail":{"a":1}}'), { message: '409: the server refused the request' }],
    [answer(409, PROBLEM_TYPE, '["a"]'), { message: '409: the server refused the request', problem: undefined, body: ['a'] }],
    [answer(409, PROBLEM_TYPE, 'null'), { problem: undefined, body: null }],
    [answer(400, JSON_TYPE, '{"detail":"no problem+json"}'), { problem: undefined, body: { detail: 'no problem+json' } }],
    [answer(502, JSON_TYPE, '<html>'), { problem: undefined, body: '<html>' }],
    [answer(500, { 'content-type': 'text/html' }, '<html>'), { body: '<html>' }],
    [answer(404), { message: '404: the server refused the request', body: undefined, problem: undefined }]
  ]
  for (const [response, expected] of cases) {
    const error = await refusal(t, readOk(response))
    t.equal(error.status, response.status)
    for (const [name, value] of Object.entries(expected)) t.same(error[name as keyof HttpRefusal], value)
  }
})

t.test('of a 412 alone the ETag is the current version of what was to be changed', async (t) => {
  t.equal((await refusal(t, readOk(answer(412, { etag: '"2"' })))).etag, '"2"')
  t.equal((await refusal(t, readCreated(answer(412)))).etag, null)
  t.equal((await refusal(t, readOk(answer(409, { etag: '"2"' })))).etag, null)
})

t.test('If-Match takes a strong entity-tag or *, and says why it does not take another', (t) => {
  for (const etag of ['"1"', '""', '"a,b"', '"\xe9"', '*']) t.same(ifMatch(etag), { 'If-Match': etag })
  for (const etag of ['1', '"1', '', 'W/1', '"a b"', '"a", "b"', '"1"\r\nX: y', undefined, null] as string[]) {
    t.throws(() => ifMatch(etag), { name: 'TypeError', message: /^If-Match needs the strong entity-tag .*quotes included/ }, String(etag))
  }
  t.throws(() => ifMatch('W/"1"'), { name: 'TypeError', message: /Instead got W\/"1", which is weak and never matches\. Did something on the way compress/ })
  t.end()
})

t.test('the client imports nothing', (t) => {
  t.notMatch(readFileSync('src/client/index.ts', 'utf8'), /^import\b|\bimport\(|\brequire\(/m)
  t.end()
})
