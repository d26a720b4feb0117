import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import { resource } from '../../src/index.js'
import { appWith, type AppWith } from '../support.js'

const thingResource = resource<any>({ etag: ({ version }) => version })
const config = { resource: thingResource }
const one = { id: '1', version: 7 }
const stale = { method: 'PUT', url: '/things/1', headers: { 'if-match': '"6"' } } as const

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown
type ErrorHandler = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => unknown

function addThings (app: AppWith['app'], handler: Handler): void {
  app.get('/things/:id', { config }, async (_request, reply) => reply.ok(one))
  app.put('/things/:id', { config }, async (request, reply) => { await handler(request, reply); return reply })
  const guarded = { ...config, created: { precondition: 'required' as const } }
  app.delete('/things/:id', { config: guarded }, async (request, reply) => {
    await handler(request, reply)
    return reply
  })
}

const asserts: Handler = (request, reply) => {
  request.assertPreconditions(one as never)
  return reply.ok(one)
}

/** What a handler does with a failed precondition. */
const catches = (answer: Handler): Handler => (request, reply) => {
  try { request.assertPreconditions(one as never) } catch { return answer(request, reply) }
}

t.test('precondition-answered: a rejection that leaves as 5xx or 2xx breaks it, by an error handler', async (t) => {
  const rows: Array<[name: string, errorHandler: ErrorHandler, isBroken: boolean]> = [
    ['500', (_error, _request, reply) => reply.code(500).send({ oops: true }), true],
    ['503', (_error, _request, reply) => reply.code(503).send(), true],
    ['200', (_error, _request, reply) => reply.code(200).send({ errors: [] }), true],
    ['its status', (error, _request, reply) => reply.code(error.statusCode ?? 500).send({}), false],
    ['unset', (_error, _request, reply) => reply.send({}), false],
    ['the error', (error, _request, reply) => reply.send(error), false],
    ['400', (_error, _request, reply) => reply.code(400).send(), false],
    ['403', (_error, _request, reply) => reply.code(403).send(), false],
    ['207', (_error, _request, reply) => reply.code(207).send(), false]
  ]
  const rejections: Array<[name: string, handler: Handler, request: object]> = [
    ['412', asserts, stale],
    ['428', asserts, { ...stale, method: 'DELETE', headers: {} }],
    ['400', asserts, { ...stale, headers: { 'if-match': 'x' } }],
    ['409', (request) => { throw request.lostUpdate() }, { ...stale, headers: {} }],
    ['409 of upserted()', (_request, reply) => reply.upserted(null, { created: false }), { ...stale, headers: {} }],
    ['404', (_request, reply) => reply.ok(null), { ...stale, headers: {} }],
    ['412 to GET', asserts, { ...stale, method: 'GET' }],
    ['Content-Range', asserts, { ...stale, headers: { 'content-range': 'bytes 0-1/2' } }]
  ]
  for (const [answer, errorHandler, isBroken] of rows) {
    for (const [rejection, handler, request] of rejections) {
      for (const enforcement of ['throw', 'log'] as const) {
        const { app, violations } = await appWith(t, { enforcement })
        app.setErrorHandler(errorHandler as never)
        addThings(app, handler)
        const response = await app.inject(request)
        const found = /^FST_CREATED_\w+ \(4\d\d\) was thrown, and the response is [25]\d\d$/
        t.match(violations, isBroken ? [{ rule: 'precondition-answered', severity: 'error', found }] : [])
        t.equal(violations.length, isBroken ? 1 : 0, `${rejection} answered ${answer}`)
        if (!isBroken) t.ok(response.statusCode < 500)
      }
    }
  }
})

t.test('precondition-answered: so does a handler that catches', async (t) => {
  const rows: Array<[name: string, answer: Handler, isBroken: boolean]> = [
    ['500', (_request, reply) => reply.code(500).send(), true],
    ['writes', (_request, reply) => reply.ok(one), true],
    ['204', (_request, reply) => reply.noContent(), true],
    ['throws another error', () => { throw new Error('unrelated') }, true],
    ['409', (_request, reply) => reply.code(409).send(), false],
    ['303', (_request, reply) => reply.seeOther('/things/1'), false],
    ['reads again', (request, reply) => {
      request.assertPreconditions({ ...one, version: 6 } as never)
      return reply.ok(one)
    }, false]
  ]
  for (const [name, answer, isBroken] of rows) {
    const { app, rules } = await appWith(t)
    addThings(app, catches(answer))
    const { statusCode } = await app.inject(stale)
    t.same(rules(), isBroken ? ['precondition-answered'] : [], name)
    t.equal(statusCode === 500, isBroken)
  }
})

t.test('precondition-answered: errors of the app are its own', async (t) => {
  const { app, rules } = await appWith(t)
  app.setErrorHandler((_error, _request, reply) => { reply.code(200).send({}) })
  addThings(app, () => { throw Object.assign(new Error('full'), { statusCode: 507 }) })
  t.equal((await app.inject({ ...stale, headers: {} })).statusCode, 200)
  t.same(rules(), [])
})

t.test('precondition-answered: an error that lostUpdate() made and nobody threw does not count', async (t) => {
  const { app, rules } = await appWith(t)
  addThings(app, (request, reply) => {
    request.assertPreconditions(one as never)
    request.lostUpdate()
    return reply.ok({ ...one, version: 8 })
  })
  t.equal((await app.inject({ ...stale, headers: { 'if-match': '"7"' } })).statusCode, 200)
  t.same(rules(), [])
})
