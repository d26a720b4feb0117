import type { FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import { resource } from '../../src/index.js'
import { appWith } from '../support.js'

const thingResource = resource<any>({ etag: ({ version }) => version, lastModified: () => new Date(0) })
const config = { resource: thingResource }
const one = { id: '1', version: 7 }
const stale = { 'if-match': '"6"' }

const PROLONGING = {
  'cache-control': 'public, max-age=60, immutable',
  'cdn-cache-control': 'max-age=60',
  'surrogate-control': 'max-age=60',
  expires: 'Fri, 01 Jan 2100 00:00:00 GMT'
}

type Case = [
  error: string,
  method: 'GET' | 'PUT' | 'PATCH' | 'POST',
  status: number,
  headers: Record<string, string>,
  handler: (request: FastifyRequest, reply: FastifyReply) => unknown
]
const cases: Case[] = [
  ['ok() of nothing', 'GET', 404, {}, (_request, reply) => reply.ok(null)],
  ['ok() and a false precondition', 'GET', 412, stale, (_request, reply) => reply.ok(one)],
  ['assertPreconditions()', 'PUT', 412, stale, (request) => request.assertPreconditions(one as never)],
  ['assertPreconditions() of nothing', 'PATCH', 404, stale, (request) => request.assertPreconditions(null as never)],
  ['lostUpdate()', 'PUT', 409, {}, (request) => { throw request.lostUpdate() }],
  ['a helper that refuses', 'POST', 500, {}, (_request, reply) => reply.created(one, { location: 'x', etag: 1 })],
  ['a refused response', 'POST', 500, {}, (_request, reply) => reply.code(201).send(one)]
]

for (const [error, method, status, headers, handler] of cases) {
  for (const problemDetails of [false, true]) {
    t.test(`${error}: the ${status} keeps what restricts caches, not what prolongs, ${problemDetails}`, async (t) => {
      for (const [set, expected] of [
        [{ 'cache-control': 'private, no-store' }, 'private, no-store'],
        [{ 'cache-control': 'private, max-age=60' }, 'private'],
        [PROLONGING, method === 'GET' ? 'no-cache' : undefined]
      ] as const) {
        const { app } = await appWith(t, { problemDetails })
        app.addHook('onRequest', async (_request, reply) => { reply.headers(set) })
        app.route({
          method, url: '/things/:id', config, handler: async (request, reply) => { await handler(request, reply) }
        })
        if (method !== 'GET') app.get('/things/:id', { config }, async () => one)
        const response = await app.inject({ method, url: '/things/1', headers })
        t.equal(response.statusCode, status)
        t.equal(response.headers['cache-control'], expected)
        for (const name of ['expires', 'cdn-cache-control', 'surrogate-control']) {
          t.equal(response.headers[name], undefined, name)
        }
      }
    })
  }
}

t.test('canonical routes send Cache-Control: no-cache where the app says nothing, on the 304 too', async (t) => {
  const { app } = await appWith(t)
  app.get('/things/:id', { config }, async (_request, reply) => reply.ok(one))
  app.get('/by-hand/:id', { config: { resource: resource<any>({ etag: () => 7 }) } }, async (_request, reply) =>
    reply.header('etag', '"7"').send(one))
  for (const method of ['GET', 'HEAD'] as const) {
    for (const url of ['/things/1', '/by-hand/1']) {
      t.equal((await app.inject({ method, url })).headers['cache-control'], 'no-cache', `${method} ${url}`)
    }
    const notModified = await app.inject({ method, url: '/things/1', headers: { 'if-none-match': '"7"' } })
    t.equal(notModified.statusCode, 304)
    t.equal(notModified.headers['cache-control'], 'no-cache')
  }
})

t.test('what the app says of caching stays as it is, wherever it says it', async (t) => {
  for (const set of [{ 'cache-control': 'max-age=60' }, { expires: PROLONGING.expires }]) {
    for (const hook of ['onRequest', 'onSend'] as const) {
      const { app } = await appWith(t)
      if (hook === 'onRequest') app.addHook('onRequest', async (_request, reply) => { reply.headers(set) })
      else app.addHook('onSend', async (_request, reply) => { reply.headers(set) })
      app.get('/things/:id', { config }, async (_request, reply) => reply.ok(one))
      const { headers } = await app.inject('/things/1')
      t.match(headers, set)
      t.equal(headers['cache-control'], 'cache-control' in set ? 'max-age=60' : undefined)
    }
  }
  const { app } = await appWith(t)
  app.get('/things/:id', { config }, async () =>
    new Response('{}', { headers: { 'cache-control': 'max-age=60', etag: '"1"' } }))
  t.equal((await app.inject('/things/1')).headers['cache-control'], 'max-age=60')
})

t.test('other routes and methods get no Cache-Control', async (t) => {
  const { app } = await appWith(t)
  app.get('/things/:id', { config }, async (_request, reply) => reply.ok(one))
  app.put('/things/:id', { config }, async (request, reply) => {
    request.assertPreconditions(null as never)
    return reply.upserted(one, { created: true })
  })
  app.get('/exempt/:id', { config: { resource: resource({ etag: () => 1 }), created: false } }, async () => one)
  app.get('/listed/:id', { config: { ...config, created: { canonical: false } } }, async (_request, reply) =>
    reply.ok(one))
  app.get('/plain', async (_request, reply) => reply.ok(one, { etag: 1 }))
  const requests = [
    { method: 'PUT', url: '/things/1' }, { url: '/exempt/1' }, { url: '/listed/1' }, { url: '/plain' }
  ] as const
  for (const request of requests) {
    const { statusCode, headers } = await app.inject(request)
    t.ok(statusCode < 300)
    t.equal(headers['cache-control'], undefined, request.url)
  }
})
