import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import fastifyCreated, { resource } from '../../src/index.js'
import { appWith, header, rawRequest } from '../support.js'

interface Thing { id: string, version: number }

const thingResource = resource<Thing>({ etag: (thing) => thing.version })
const current = { id: '1', version: 7 }
const config = { resource: thingResource }

/** Statuses of what was answered, and what was written. */
function addThings (app: FastifyInstance, schema: object = {}) {
  const seen = { statuses: [] as number[], writes: 0 }
  app.addHook('onResponse', async (_request, reply) => { seen.statuses.push(reply.statusCode) })
  app.get('/things/:id', { config, schema }, async (_request, reply) => reply.ok(current))
  const write = async (request: FastifyRequest, reply: FastifyReply) => {
    request.assertPreconditions(current, config)
    seen.writes++
    return reply.ok({ ...current, version: 8 })
  }
  app.put('/things/:id', { config, schema }, write)
  app.patch('/things/:id', { config: { resource: thingResource, created: { prefer: true } }, schema }, write)
  return seen
}

/** A frame of HTTP/2 (RFC 9113 section 4.1). */
function frame (type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** Literal fields without indexing (RFC 7541 section 6.2.2). */
function fieldBlock (fields: Array<[name: string, value: string]>): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value, 'latin1')])
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]))
}

/** Sends repeated lines over HTTP/2, which Node's client refuses to do. */
async function requestOverHttp2 (app: FastifyInstance, fields: Array<[name: string, value: string]>): Promise<void> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  const answered = new Promise((resolve) => app.addresses().length > 0 && socket.on('data', resolve))
  const [SETTINGS, HEADERS, END_STREAM_AND_HEADERS] = [4, 1, 5]
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')
  socket.write(frame(SETTINGS, 0, 0, Buffer.alloc(0)))
  socket.write(frame(HEADERS, END_STREAM_AND_HEADERS, 1, fieldBlock(fields)))
  await answered
  socket.end()
  await once(socket, 'close')
}

async function http2App (t: Test) {
  const app = Fastify({ http2: true }) as unknown as FastifyInstance
  t.teardown(() => app.close())
  await app.register(fastifyCreated)
  return { app, seen: addThings(app) }
}

const rows: Array<[name: string, lines: Array<[name: string, value: string]>, status: number]> = [
  ['If-None-Match with the current tag in its second line', [['if-none-match', '"6"'], ['if-none-match', '"7"']], 412],
  ['If-None-Match of other tags', [['if-none-match', '"5"'], ['if-none-match', '"6"']], 200],
  ['If-Match with the current tag in its second line', [['if-match', '"6"'], ['if-match', '"7"']], 200],
  ['If-Match of other tags', [['if-match', '"5"'], ['if-match', '"6"']], 412]
]

for (const [name, lines, status] of rows) {
  t.test(`${name} is ${status} over HTTP/1.1`, async (t) => {
    const { app } = await appWith(t)
    const seen = addThings(app)
    const sent = lines.map(([name, value]) => `${name}: ${value}`)
    const response = await rawRequest(app, 'PUT /things/1 HTTP/1.1', ...sent)
    t.equal(response.status, status)
    t.equal(seen.writes, status === 200 ? 1 : 0)
  })

  t.test(`${name} is ${status} over HTTP/2`, async (t) => {
    const { app, seen } = await http2App(t)
    const pseudo: Array<[string, string]> =
      [[':method', 'PUT'], [':scheme', 'http'], [':path', '/things/1'], [':authority', 'localhost']]
    const responded = new Promise<void>((resolve) => app.addHook('onResponse', async () => resolve()))
    await requestOverHttp2(app, [...pseudo, ...lines])
    await responded
    t.same(seen, { statuses: [status], writes: status === 200 ? 1 : 0 })
  })
}

const NARROW = {
  headers: { type: 'object', additionalProperties: false, properties: { 'x-tenant': { type: 'string' } } }
}

t.test('validation that removes header fields hides no condition', async (t) => {
  const { app, rules } = await appWith(t, { origin: 'https://api.example.com' })
  const seen = addThings(app, NARROW)
  const put = await rawRequest(app, 'PUT /things/1 HTTP/1.1', 'If-Match: "6"')
  t.equal(put.status, 412)
  const get = await rawRequest(app, 'GET /things/1 HTTP/1.1', 'If-None-Match: "7"')
  t.equal(get.status, 304)
  const part = await rawRequest(app, 'PUT /things/1 HTTP/1.1', 'Content-Range: bytes 0-1/2')
  t.equal(part.status, 400)
  t.equal(seen.writes, 0)
  const minimal = await rawRequest(app, 'PATCH /things/1 HTTP/1.1', 'If-Match: "7"', 'Prefer: return=minimal')
  t.equal(minimal.status, 204)
  t.same(header(minimal, 'preference-applied'), ['return=minimal'])
  t.same(rules(), [])
})

t.test('validation that removes header fields hides no handler that forgets the preconditions', async (t) => {
  const { app, rules } = await appWith(t)
  addThings(app)
  app.put('/others/:id', { config, schema: NARROW }, async () => ({ id: '1', version: 8 }))
  const response = await rawRequest(app, 'PUT /others/1 HTTP/1.1', 'If-Match: "6"')
  t.equal(response.status, 500)
  t.same(rules(), ['precondition-evaluated'])
})

t.test('validation that removes Origin does not hide a response that scripts cannot read', async (t) => {
  const { app, rules } = await appWith(t)
  app.get('/things/:id', { config, schema: NARROW }, async (_request, reply) => {
    return reply.header('access-control-allow-origin', '*').ok(current)
  })
  await rawRequest(app, 'GET /things/1 HTTP/1.1', 'Origin: https://app.example')
  t.same(rules(), ['cors-expose'])
})

t.test('a condition that a hook adds counts', async (t) => {
  const { app } = await appWith(t)
  app.addHook('onRequest', async (request) => { request.headers['if-match'] = '"6"' })
  const seen = addThings(app)
  t.equal((await rawRequest(app, 'PUT /things/1 HTTP/1.1')).status, 412)
  t.equal(seen.writes, 0)
})
