import { mock } from 'node:test'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { checkCreation } from '../../src/testing/index.js'
import { CREATE, idsWith, listen, newServer, resultOf } from './support.js'

/** The message for a base URL that does not respond. */
function noResponse (base: string, path: string, found: string): string {
  return `POST ${path} got no response from ${base}. Found: ${found}. ` +
    `Required: a response within 30 seconds. Fix: make sure that the server is running: curl -i ${base}`
}

t.test('a target is a Fastify instance or a base URL, and nothing else', async (t) => {
  for (const [target, found] of [
    [undefined, 'undefined'],
    [null, 'null'],
    [1, '1'],
    [{}, '{}'],
    ['localhost:3000', '"localhost:3000"'],
    ['/users', '"/users"'],
    ['ftp://a.example', '"ftp://a.example"']
  ]) {
    await t.rejects(checkCreation(target as never, { create: CREATE }), {
      name: 'TypeError',
      message: `The target cannot be checked. Found: ${found}. Required: a Fastify instance, or a base URL. ` +
        "Fix: checkCreation('http://127.0.0.1:3000', scenario)"
    })
  }
})

t.test('a target that does not respond to the first request is an error:', async (t) => {
  const base = await listen(t, (request) => request.socket.destroy())

  await t.test('nothing listens there', async (t) => {
    const app = newServer(t)
    const closed = await app.listen({ host: '127.0.0.1', port: 0 })
    await app.close()
    await t.rejects(checkCreation(`${closed}/api`, { create: CREATE }), {
      name: 'NoResponseError',
      message: noResponse(closed, '/api/users', 'ECONNREFUSED'),
      cause: { code: 'ECONNREFUSED' }
    })
  })

  await t.test('fetch blocks its port', async (t) => {
    const message = noResponse('http://127.0.0.1:1', '/users', 'bad port')
    await t.rejects(checkCreation('http://127.0.0.1:1', { create: CREATE }), { message })
  })

  await t.test('it closes the connection', async (t) => {
    await t.rejects(checkCreation(base, { create: CREATE }), { message: noResponse(base, '/users', 'UND_ERR_SOCKET') })
  })

  await t.test('the app does not boot', async (t) => {
    const app = Fastify()
    app.register(async () => { throw new Error('no database') })
    await t.rejects(checkCreation(app, { create: CREATE }), { message: 'no database' })
  })

  await t.test('a header cannot be sent', async (t) => {
    const scenario = { headers: { 'x y': '1' }, create: CREATE }
    await t.rejects(checkCreation(base, scenario), { name: 'TypeError', message: /x y/ })
  })

  for (const via of ['inject', 'fetch']) {
    await t.test(`it takes too long, via ${via}`, async (t) => {
      const app: FastifyInstance = Fastify({ forceCloseConnections: true })
      const arrived = new Promise<void>((resolve) => {
        app.post('/users', () => { resolve(); return new Promise(() => {}) })
      })
      t.teardown(() => app.close())
      const target = via === 'inject' ? app : await app.listen({ host: '127.0.0.1', port: 0 })
      mock.timers.enable({ apis: ['setTimeout'] })
      t.teardown(() => mock.timers.reset())
      const found = 'nothing within 30 seconds'
      const message = typeof target === 'string'
        ? noResponse(target, '/users', found)
        : `POST /users got no response from the app. Found: ${found}. Required: a response within 30 seconds. ` +
          'Fix: send a response in its handler: return reply.send(body)'
      const rejected = t.rejects(checkCreation(target, { create: CREATE }), { message })
      await arrived
      mock.timers.tick(30_000)
      await rejected
    })
  }
})

t.test('a server that responds at first, and later closes the connection, fails the check', async (t) => {
  const app = newServer(t)
  app.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'HEAD') return
    reply.hijack()
    request.raw.socket.destroy()
  })
  const base = await app.listen({ host: '127.0.0.1', port: 0 })
  const report = await checkCreation(base, { create: CREATE })
  const { outcome, detail } = resultOf(report, 'head-like-get')
  const expected = `HEAD /users/1 got no response from ${base}: UND_ERR_SOCKET`
  t.same({ outcome, detail }, { outcome: 'failed', detail: expected })
  t.same(idsWith('failed', report), ['head-like-get'])
})

t.test('a Location on another origin is followed on the target', async (t) => {
  for (const [location, path] of [
    ['http://other.example/users/7', '/users/7'],
    ['http://other.example//other.example/users/7', '//other.example/users/7']
  ]) {
    const app = newServer(t)
    app.addHook('onSend', async ({ method }, reply) => {
      if (method !== 'POST') return
      reply.raw.removeHeader('location')
      reply.header('location', location)
    })
    for (const target of [app, await app.listen({ host: '127.0.0.1', port: 0 })]) {
      const report = await checkCreation(target, { create: CREATE })
      t.match(resultOf(report, 'location-answers-get'), { outcome: 'failed', detail: `GET ${path} returned 404` })
    }
  }
})

t.test('an error that inject() throws at once leaves no timer', async (t) => {
  const clear = t.capture(globalThis, 'clearTimeout', clearTimeout)
  const inject = () => { throw new Error('closed') }
  await t.rejects(checkCreation({ inject } as never, { create: CREATE }), { message: 'closed' })
  t.equal(clear().length, 1)
})

t.test('an error of inject() is thrown, not reported as a failed check', async (t) => {
  const app = newServer(t)
  const inject = async (options: { method: string }) => {
    if (options.method === 'HEAD') throw new Error('broken pipe')
    return app.inject(options as never)
  }
  await t.rejects(checkCreation({ inject } as never, { create: CREATE }), { message: 'broken pipe' })
})
