import { readFileSync } from 'node:fs'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import {
  createOnly, HttpError, ifMatch, readCreated, readOk, UnexpectedResponse, type ResponseLike
} from '../../src/client/index.js'
import fastifyCreated, { resource } from '../../src/index.js'

/** A response as fetch returns it. */
function respond (
  status: number, headers: Record<string, string> = {}, text = '', url = 'http://a.example/users?x=1'
): ResponseLike {
  return { status, url, headers: new Headers(headers), text: async () => text }
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }
const PROBLEM_TYPE = { 'content-type': 'Application/Problem+JSON' }

async function httpError (t: Test, promise: Promise<unknown>): Promise<HttpError> {
  const error = await promise.then(() => undefined, (error) => error as HttpError)
  t.ok(error instanceof HttpError)
  t.equal(error?.name, 'HttpError')
  return error as HttpError
}

t.test('with a real server', async (t) => {
  interface User { id: number, name: string, version: number }
  const users: User[] = []
  const userResource = resource<User>({ etag: (user) => user.version })
  const config = { resource: userResource }
  const app = Fastify()
  await app.register(fastifyCreated, { problemDetails: true })
  app.get<{ Params: { id: number } }>('/users/:id', { config }, async (request, reply) => {
    return reply.ok(users[request.params.id], { resource: userResource })
  })
  app.post<{ Body: { name: string } }>('/users', { config }, async (request, reply) => {
    const user = { id: users.length, name: request.body.name, version: 1 }
    users.push(user)
    return reply.created(user, { resource: userResource })
  })
  app.put<{ Params: { id: number }, Body: { name: string } }>('/users/:id', { config }, async (request, reply) => {
    const { id } = request.params
    const current = users[id]
    request.assertPreconditions(current, { resource: userResource })
    users[id] = { id: Number(id), name: request.body.name, version: (current?.version ?? 0) + 1 }
    return reply.upserted(users[id], { created: current === undefined, resource: userResource })
  })
  app.delete('/nothing', async (_request, reply) => reply.noContent())
  t.teardown(() => app.close())
  const base = await app.listen({ host: '127.0.0.1', port: 0 })
  const send = (method: string, url: URL | string, name: string, headers: Record<string, string> = {}) =>
    fetch(new URL(url, base), {
      method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ name })
    })

  await t.test('readCreated() returns location, etag and body, and the ETag is good for one update', async (t) => {
    const ann = await readCreated<User>(await send('POST', '/users', 'Ann'))
    t.match(ann, { location: new URL('/users/0', base), etag: '"1"', body: { name: 'Ann' } })
    t.same(await readOk(await fetch(ann.location)), { etag: '"1"', body: ann.body })
    const eve = await readOk<User>(await send('PUT', ann.location, 'Eve', ifMatch(ann.etag!)))
    t.match(eve, { etag: '"2"', body: { name: 'Eve' } })

    const error = await httpError(t, send('PUT', ann.location, 'Bob', ifMatch(ann.etag!)).then(readOk))
    const type = 'urn:problem-type:fastify-created:precondition-failed'
    t.match(error, { status: 412, etag: '"2"', problem: { status: 412, type } })
    t.equal(error.message, `412: ${error.problem!.detail}`)
    t.same(error.body, error.problem)
  })

  await t.test('a PUT with createOnly() creates, and never replaces', async (t) => {
    t.match(await readOk(await send('PUT', '/users/7', 'Ann', createOnly())), { body: { name: 'Ann' } })
    const error = await httpError(t, send('PUT', '/users/7', 'Bob', createOnly()).then(readOk))
    t.match(error, { status: 412, etag: '"1"' })
    t.match(await readOk(await fetch(`${base}/users/7`)), { body: { name: 'Ann' } })
  })

  await t.test('readOk() reads a response without a body', async (t) => {
    t.same(await readOk(await fetch(`${base}/nothing`, { method: 'DELETE' })), { etag: null, body: undefined })
  })

  await t.test('a 404 is an HttpError', async (t) => {
    t.match(await httpError(t, fetch(`${base}/users/99`).then(readCreated)), { status: 404, etag: null })
  })
})

t.test('Location is resolved against the URL of the response', async (t) => {
  for (const [location, url, expected] of [
    ['/users/1', 'http://a.example/users', 'http://a.example/users/1'],
    ['1', 'http://a.example/users/', 'http://a.example/users/1'],
    ['//b.example/1', 'https://a.example/users', 'https://b.example/1'],
    ['https://b.example/1', 'http://a.example/users', 'https://b.example/1'],
    ['https://b.example/1', '', 'https://b.example/1']
  ]) {
    const { location: resolved } = await readCreated(respond(201, { location }, '', url))
    t.equal(resolved.href, expected, `${location} of ${url}`)
  }
})

t.test('readCreated() checks the status and Location before it reads the body', async (t) => {
  const text = () => { throw new Error('the body was read') }
  const status = (status: number) => `readCreated() cannot read this response. Found: status ${status}. Required: ` +
    'status 201. Fix: check response.status first, and read another 2xx with readOk(response)'
  const location = (found: string, fix: string) => 'readCreated() cannot read the Location of this 201. ' +
    `Found: ${found}. Required: the http(s) URL of the new resource. Fix: on the server, ${fix}`
  const missing = location('no Location header', 'return reply.created(user). ' +
    'To read it from another origin, also send Access-Control-Expose-Headers: Location, ETag')
  const fix = "send a path or an http(s) URL: reply.header('location', '/users/42')"
  const wrong = (found: string) => location(found, fix)
  const cases: Array<[ResponseLike, string]> = [
    [respond(201, JSON_TYPE, '{"id":1,"location":"/users/1"}'), missing],
    [respond(201, { location: '' }), missing],
    [respond(201, { location: 'http://[' }), wrong('http://[, which cannot be parsed')],
    [respond(201, { location: '/users/1' }, '', ''), wrong('/users/1, which cannot be parsed')],
    [respond(201, { location: 'javascript:alert(1)' }), wrong('javascript:alert(1), which is not an http(s) URL')],
    [respond(200, { location: '/users/1' }), status(200)],
    [respond(202, { location: '/jobs/1' }), status(202)],
    [respond(303, { location: '/users/1' }), status(303)]
  ]
  for (const [response, message] of cases) {
    const error = await readCreated({ ...response, text }).catch((error) => error)
    t.ok(error instanceof UnexpectedResponse)
    t.match(error, { name: 'UnexpectedResponse', status: response.status })
    t.equal(error.message, message)
  }
})

t.test('readOk() reads every 2xx, and nothing else', async (t) => {
  for (const status of [200, 201, 202, 203, 206, 299]) {
    t.same(await readOk(respond(status, { etag: '"1"' }, 'text')), { etag: '"1"', body: 'text' })
  }
  t.same(await readOk(respond(204)), { etag: null, body: undefined })
  for (const status of [0, 101, 300, 304, 399]) {
    const message = `readOk() cannot read this response. Found: status ${status}. ` +
      `Required: a status from 200 to 299. Fix: if (response.status !== ${status}) await readOk(response)`
    await t.rejects(readOk(respond(status)), { name: 'UnexpectedResponse', status, message })
  }
})

t.test('a body is parsed if it is JSON', async (t) => {
  const read = async (type: string | undefined, text: string) => {
    return (await readOk(respond(200, type === undefined ? {} : { 'content-type': type }, text))).body
  }
  t.same(await read('application/json', '{"a":1}'), { a: 1 })
  t.same(await read('application/vnd.api+json;charset=utf-8', '[1]'), [1])
  t.same(await read('APPLICATION/JSON', 'null'), null)
  t.same(await read('application/json', ''), undefined)
  t.same(await read('application/jsonp', '{"a":1}'), '{"a":1}')
  t.same(await read('text/plain', '1'), '1')
  t.same(await read(undefined, '1'), '1')
})

t.test('broken JSON is an error, and that of a 201 names the new resource', async (t) => {
  const message = (status: number) => `The body of this ${status} cannot be parsed. ` +
    'Found: invalid JSON with the content type application/json. Required: valid JSON. ' +
    'Fix: on the server, return reply.send(user).'
  await t.rejects(readOk(respond(200, JSON_TYPE, '{"a":')), { name: 'UnexpectedResponse', message: message(200) })
  await t.rejects(readCreated(respond(201, { ...JSON_TYPE, location: '/users/1' }, '<html>')), {
    name: 'UnexpectedResponse',
    status: 201,
    message: `${message(201)} The new resource is at http://a.example/users/1`
  })
})

t.test('the message of an HttpError is what the body says', async (t) => {
  const noMessage = 'the server sent no error message'
  const cases: Array<[ResponseLike, Partial<HttpError>]> = [
    [respond(409, PROBLEM_TYPE, '{"title":"Conflict","detail":"The name is taken."}'), {
      message: '409: The name is taken.',
      problem: { title: 'Conflict', detail: 'The name is taken.' },
      body: { title: 'Conflict', detail: 'The name is taken.' }
    }],
    [respond(409, PROBLEM_TYPE, '{"title":"Conflict"}'), { message: '409: Conflict', problem: { title: 'Conflict' } }],
    [respond(409, PROBLEM_TYPE, '{"detail":{"a":1}}'), { message: `409: ${noMessage}` }],
    [respond(409, PROBLEM_TYPE, '["a"]'), { message: `409: ${noMessage}`, problem: undefined, body: ['a'] }],
    [respond(409, PROBLEM_TYPE, 'null'), { problem: undefined, body: null }],
    [respond(400, JSON_TYPE, '{"detail":"no problem+json"}'), {
      message: `400: ${noMessage}`, problem: undefined, body: { detail: 'no problem+json' }
    }],
    [respond(400, JSON_TYPE, '{"statusCode":400,"error":"Bad Request","message":"body must be object"}'), {
      message: '400: body must be object', problem: undefined
    }],
    [respond(400, JSON_TYPE, '{"message":1}'), { message: `400: ${noMessage}` }],
    [respond(502, JSON_TYPE, '<html>'), { problem: undefined, body: '<html>' }],
    [respond(500, { 'content-type': 'text/html' }, '<html>'), { body: '<html>' }],
    [respond(404), { message: `404: ${noMessage}`, body: undefined, problem: undefined }]
  ]
  for (const [response, expected] of cases) {
    const error = await httpError(t, readOk(response))
    t.equal(error.status, response.status)
    for (const [name, value] of Object.entries(expected)) t.same(error[name as keyof HttpError], value)
  }
})

t.test('an HttpError has the current ETag for a 412 only', async (t) => {
  t.equal((await httpError(t, readOk(respond(412, { etag: '"2"' })))).etag, '"2"')
  t.equal((await httpError(t, readCreated(respond(412)))).etag, null)
  t.equal((await httpError(t, readOk(respond(409, { etag: '"2"' })))).etag, null)
})

t.test('a Promise is rejected, because await was forgotten', async (t) => {
  for (const read of [readCreated, readOk]) {
    await t.rejects(read(Promise.resolve(respond(201)) as never), {
      name: 'TypeError',
      message: `${read.name}() cannot read this response. Found: a Promise. Required: the response itself. ` +
        `Fix: ${read.name}(await fetch(url))`
    })
  }
})

t.test('ifMatch() takes a strong entity-tag or *, and says why it rejects other values', (t) => {
  for (const etag of ['"1"', '""', '"a,b"', '"\xe9"', '*']) t.same(ifMatch(etag), { 'If-Match': etag })
  const message = (found: string, fix: string) => `ifMatch() needs the ETag of the resource. Found: ${found}. ` +
    `Required: a strong entity-tag, quotes included, or *. Fix: ${fix}`
  const invalid = ['1', '"1', '', '"a b"', '"a", "b"', '"1"\r\nX: y', 1, undefined, null]
  const shown = (etag: unknown) => typeof etag === 'string' ? `'${etag}'` : String(etag)
  for (const etag of invalid as string[]) {
    const fix = 'ifMatch(etag), with the etag that readCreated() or readOk() returned'
    t.throws(() => ifMatch(etag), { name: 'TypeError', message: message(shown(etag), fix) }, String(etag))
  }
  for (const etag of ['W/1', 'W/"1"']) {
    const fix = 'do not compress this response on its way: compression makes its ETag weak, ' +
      'and If-Match never matches a weak one'
    t.throws(() => ifMatch(etag), { name: 'TypeError', message: message(shown(etag), fix) })
  }
  t.end()
})

t.test('the client imports nothing', (t) => {
  t.notMatch(readFileSync('src/client/index.ts', 'utf8'), /^import\b|\bimport\(|\brequire\(/m)
  t.end()
})
