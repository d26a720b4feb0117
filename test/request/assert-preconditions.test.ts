import type { FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import { evaluatePreconditions, resource } from '../../src/index.js'
import { appWith } from '../support.js'

const thingResource = resource<any>({ etag: ({ version }) => version, lastModified: ({ modified }) => modified })
const config = { resource: thingResource }
const one = { id: '1', version: 7, modified: new Date(0) }

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown

async function withThings (t: Parameters<typeof appWith>[0], handler: Handler, current = one) {
  const made = await appWith(t)
  made.app.get('/things/:id', { config }, async (_request, reply) => reply.ok(current))
  made.app.route({
    method: ['PUT', 'PATCH', 'DELETE'],
    url: '/things/:id',
    config,
    handler: async (request, reply) => { await handler(request, reply); return reply }
  })
  return made
}

// Weakened entity-tags

t.test('an If-Match with the current tag in its weak form says so in the 412, and once in the log', async (t) => {
  const rows: Array<[version: unknown, ifMatch: string, isWeakened: boolean]> = [
    [7, 'W/"7"', true],
    [7, '"6", W/"7"', true],
    [7, 'W/"6"', false],
    [7, '"6"', false]
  ]
  for (const [version, ifMatch, isWeakened] of rows) {
    const current = { ...one, version: version as number }
    const { app, logs } = await withThings(t, (request) => request.assertPreconditions(current as never), current)
    const headers = { 'if-match': ifMatch }
    for (const method of ['PUT', 'PATCH', 'PUT', 'GET'] as const) {
      const response = await app.inject({ method, url: '/things/1', headers })
      t.equal(response.statusCode, 412)
      t.equal(response.headers.etag, '"7"')
      t.equal(/weak form/.test(response.json().message), isWeakened, `${method} ${ifMatch}`)
      t.equal(/the resource has changed/.test(response.json().message), !isWeakened)
    }
    const lines = logs.filter(({ level, msg }) => level === 40 && msg.includes('behind-a-proxy.md'))
    t.equal(lines.length, isWeakened ? 2 : 0, 'once for each route')
  }
})

t.test('a resource whose own tags are weak gets the usual message', async (t) => {
  const { app, logs } = await appWith(t)
  app.put('/things/:id', async (request) => request.assertPreconditions({ etag: 'W/"7"' }))
  const response = await app.inject({ method: 'PUT', url: '/things/1', headers: { 'if-match': 'W/"7"' } })
  t.equal(response.statusCode, 412)
  t.notMatch(response.json().message, /weak form/)
  t.same(logs.filter(({ msg }) => msg.includes('behind-a-proxy.md')), [])
})

// A PATCH that creates

t.test('with mayCreate, a PATCH of nothing is evaluated like PUT, and a DELETE is still 404', async (t) => {
  type Row = [method: 'PUT' | 'PATCH' | 'DELETE', mayCreate: boolean, headers: Record<string, string>, status: number]
  const rows: Row[] = [
    ['PATCH', true, {}, 201],
    ['PATCH', true, { 'if-none-match': '*' }, 201],
    ['PATCH', true, { 'if-match': '*' }, 412],
    ['PATCH', true, { 'if-match': '"7"' }, 412],
    ['PATCH', true, { 'if-match': 'x' }, 400],
    ['PATCH', false, {}, 404],
    ['PATCH', false, { 'if-none-match': '*' }, 404],
    ['PUT', false, {}, 201],
    ['DELETE', true, {}, 404]
  ]
  for (const [method, mayCreate, headers, status] of rows) {
    const { app, rules } = await withThings(t, (request, reply) => {
      request.assertPreconditions(null as never, { mayCreate })
      return reply.upserted(one, { created: true })
    })
    const { statusCode } = await app.inject({ method, url: '/things/1', headers })
    t.equal(statusCode, status, `${method} ${mayCreate} ${JSON.stringify(headers)}`)
    t.same(rules(), [])
  }
})

t.test('with mayCreate, a PATCH of what exists is guarded as before', async (t) => {
  const { app } = await withThings(t, (request, reply) => {
    request.assertPreconditions(one as never, { mayCreate: true })
    return reply.upserted(one, { created: false })
  })
  for (const [headers, status] of [
    [{ 'if-match': '"7"' }, 200], [{ 'if-match': '"6"' }, 412], [{ 'if-none-match': '*' }, 412]
  ] as const) {
    t.equal((await app.inject({ method: 'PATCH', url: '/things/1', headers })).statusCode, status)
  }
})

// A swap that was lost

t.test('ok() and upserted() of nothing after an assertion are a lost update', async (t) => {
  const rows: Array<[current: unknown, answer: Handler, headers: Record<string, string>, status: number]> = [
    [one, (_request, reply) => reply.ok(null), { 'if-match': '"7"' }, 412],
    [one, (_request, reply) => reply.ok(undefined), {}, 409],
    [one, (_request, reply) => reply.upserted(null, { created: false }), { 'if-match': '"7"' }, 412],
    [one, (_request, reply) => reply.upserted(undefined, { created: false }), {}, 409],
    [null, (_request, reply) => reply.upserted(undefined, { created: true }), { 'if-none-match': '*' }, 412],
    [null, (_request, reply) => reply.ok(null), {}, 404]
  ]
  for (const [current, answer, headers, status] of rows) {
    const { app, rules } = await withThings(t, (request, reply) => {
      request.assertPreconditions(current as never)
      return answer(request, reply.type('image/png'))
    })
    const response = await app.inject({ method: 'PUT', url: '/things/1', headers })
    t.equal(response.statusCode, status, JSON.stringify(headers))
    t.equal(response.json().statusCode, status)
    t.same(rules(), [])
  }
})

// A Last-Modified in the future

t.test('a Last-Modified in the future is compared as it is sent', async (t) => {
  const modified = new Date(Date.now() + 3_600_000)
  const { app } = await withThings(t, (request, reply) => {
    request.assertPreconditions({ ...one, modified } as never)
    return reply.ok(one)
  }, { ...one, modified })
  t.context.now = Date.now
  t.teardown(() => { Date.now = t.context.now })
  // The clock stands still, because a date has whole seconds.
  const now = Date.now()
  Date.now = () => now
  const { headers } = await app.inject('/things/1')
  const sent = headers['last-modified'] as string
  t.equal(sent, new Date(now).toUTCString())
  const conditional = (name: string, value: string) => ({ url: '/things/1', headers: { [name]: value } })
  t.equal((await app.inject({ method: 'PUT', ...conditional('if-unmodified-since', sent) })).statusCode, 200)
  t.equal((await app.inject(conditional('if-modified-since', sent))).statusCode, 304)
  const past = new Date(now - 10_000).toUTCString()
  t.equal((await app.inject({ method: 'PUT', ...conditional('if-unmodified-since', past) })).statusCode, 412)
  t.match(evaluatePreconditions(
    { method: 'PUT', headers: { 'if-unmodified-since': sent } }, { lastModified: modified }
  ), { outcome: 'proceed', conditional: true })
})
