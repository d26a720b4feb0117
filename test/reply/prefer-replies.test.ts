import { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import Fastify, { type FastifyReply } from 'fastify'
import t, { type Test } from 'tap'
import created, { resource, type PluginOptions, type RouteDeclaration } from '../../src/index.js'
import { guarded, header, rawRequest, type Guarded } from '../support.js'

interface Thing { id: string, version: number }
const one: Thing = { id: '1', version: 7 }
const thing = resource<Thing>({ etag: ({ version }) => version })
const T = 'Mon, 03 Feb 2020 04:05:06 GMT'

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
type Handler = (reply: FastifyReply) => unknown

/** A route for every method by `handler`, beside a home. */
async function answering (t: Test, handler: Handler, options: PluginOptions = { prefer: true }, declared: RouteDeclaration | false = {}): Promise<Guarded> {
  const made = await guarded(t, { precondition: 'optional', ...options })
  made.app.get('/things/:id', { config: { resource: thing } }, async (_request, reply) => reply.ok(one))
  made.app.route({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: '/test',
    config: { created: declared },
    handler: async (_request, reply) => { await handler(reply); return reply }
  })
  return made
}

const CONTENT = ['content-type', 'content-location', 'content-language', 'content-encoding', 'content-disposition']
const described: Record<string, string> = { 'content-language': 'en', 'content-encoding': 'identity', 'content-disposition': 'attachment', 'x-other': 'kept' }

type Write = [says: string, method: Method, handler: Handler, full: number, minimal: number, kept: Record<string, string>]
const writes: Write[] = [
  ['created()', 'POST', (reply) => reply.headers(described).created(one, { location: '/things/1', etag: 7, lastModified: new Date(T), representation: true }), 201, 201, { location: '/things/1', etag: '"7"', 'last-modified': T }],
  ['created() by a resource', 'POST', (reply) => reply.headers(described).created(one, { resource: thing, representation: true }), 201, 201, { location: '/things/1', etag: '"7"' }],
  ['upserted() that creates', 'PUT', (reply) => reply.headers(described).upserted(one, { created: true, etag: 7 }), 201, 201, { etag: '"7"' }],
  ['upserted() that replaces', 'PUT', (reply) => reply.headers(described).upserted(one, { created: false, etag: 7 }), 200, 204, { etag: '"7"' }],
  ['ok() on PUT', 'PUT', (reply) => reply.headers(described).ok(one, { etag: 7, lastModified: new Date(T) }), 200, 204, { etag: '"7"', 'last-modified': T }],
  ['ok() on PATCH', 'PATCH', (reply) => reply.headers(described).ok(one, { etag: 7 }), 200, 204, { etag: '"7"' }],
  ['ok() on DELETE', 'DELETE', (reply) => reply.headers(described).ok({ deleted: 1 }), 200, 204, {}],
  ['created() of nothing', 'POST', (reply) => reply.headers(described).created(null, { location: '/things/1', etag: 7 }), 201, 201, { location: '/things/1', etag: '"7"' }],
  ['noContent()', 'DELETE', (reply) => reply.headers(described).noContent({ etag: 7 }), 204, 204, { etag: '"7"' }],
  ['a stream', 'PUT', (reply) => reply.headers(described).ok(Readable.from(['content']), { etag: 7 }), 200, 204, { etag: '"7"' }],
  ['a text', 'PATCH', (reply) => reply.headers(described).type('text/plain').ok('text'), 200, 204, {}]
]

for (const [says, method, handler, full, minimal, kept] of writes) {
  t.test(`${says} with return=minimal is ${minimal} without content, and keeps its headers`, async (t) => {
    for (const enforcement of ['throw', 'log'] as const) {
      const { app, rules } = await answering(t, handler, { prefer: true, enforcement, profile: 'strict', rules: { 'put-validator': 'off' } })
      const answer = await app.inject({ method: method as 'PUT', url: '/test', headers: { prefer: 'return=minimal' } })
      t.equal(answer.statusCode, minimal)
      t.equal(answer.body, '')
      t.equal(answer.headers['preference-applied'], 'return=minimal')
      t.equal(answer.headers.vary, 'Prefer')
      t.equal(answer.headers['x-other'], 'kept')
      for (const [name, value] of Object.entries(kept)) t.equal(answer.headers[name], value, name)
      for (const name of ['location', 'etag', 'last-modified']) if (!(name in kept)) t.equal(answer.headers[name], undefined, name)
      for (const name of CONTENT) t.equal(answer.headers[name], undefined, name)
      t.same(rules(), [])
    }
  })

  t.test(`${says} with return=representation is ${full}, and says so where it has one`, async (t) => {
    const { app } = await answering(t, handler)
    const plain = await app.inject({ method: method as 'PUT', url: '/test' })
    const answer = await app.inject({ method: method as 'PUT', url: '/test', headers: { prefer: 'return=representation' } })
    const applied = ['noContent()', 'created() of nothing', 'ok() of null on POST'].includes(says) ? undefined : 'return=representation'
    t.equal(answer.statusCode, full)
    t.equal(answer.body, plain.body)
    t.same({ ...answer.headers, date: '' }, { ...plain.headers, ...applied && { 'preference-applied': applied }, date: '' })
    t.equal(answer.headers.vary, 'Prefer')
  })
}

const wishes: Array<[lines: string[], applied: 'minimal' | 'representation' | undefined]> = [
  [[], undefined],
  [['Prefer:'], undefined],
  [['Prefer: return=minimal'], 'minimal'],
  [['Prefer: return="minimal"'], 'minimal'],
  [['Prefer: RETURN=minimal'], 'minimal'],
  [['Prefer: return = minimal ; a=b'], 'minimal'],
  [['Prefer: return=Minimal'], undefined],
  [['Prefer: return=representation'], 'representation'],
  [['Prefer: return=minimal, return=representation'], undefined],
  [['Prefer: return=representation, return=minimal'], undefined],
  [['Prefer: return=minimal', 'Prefer: return=representation'], undefined],
  [['Prefer: respond-async', 'Prefer: return=minimal'], 'minimal'],
  [['Prefer: return=minimal', 'prefer: wait=10'], 'minimal'],
  [['Prefer: return=other, return=minimal'], undefined],
  [['Prefer: return=minimal, return=other'], 'minimal'],
  [['Prefer: return=minimal, return=minimal'], 'minimal'],
  [['Prefer: a="b, return=minimal"'], undefined],
  [['Prefer: handling=strict; return=minimal'], undefined],
  [['Prefer: unknown'], undefined],
  [['Prefer: ???, return=minimal'], undefined]
]

t.test('over a socket, the first mention wins, both at once are neither, and what is unknown is ignored', async (t) => {
  const { app, rules } = await answering(t, (reply) => reply.created(one, { location: '/things/1', etag: 7 }))
  for (const [lines, applied] of wishes) {
    const answer = await rawRequest(app, 'POST /test HTTP/1.1', ...lines, 'Content-Length: 0')
    const says = lines.join(', ')
    t.equal(answer.status, 201, says)
    t.equal(answer.body, applied === 'minimal' ? '' : JSON.stringify(one), says)
    t.same(header(answer, 'preference-applied'), applied === undefined ? [] : [`return=${applied}`], says)
    t.same(header(answer, 'vary'), ['Prefer'], says)
    t.same(header(answer, 'location'), ['/things/1'])
    t.same(header(answer, 'etag'), ['"7"'])
  }
  t.same(rules(), [])
})

t.test('over a socket, a 204 has neither content nor its length, and an empty 201 says 0', async (t) => {
  const { app } = await answering(t, (reply) => reply.ok(one, { etag: 7 }))
  const updated = await rawRequest(app, 'PUT /test HTTP/1.1', 'Prefer: return=minimal', 'Content-Length: 0')
  t.same(updated.headers.map((line) => line.split(':')[0]).sort(), ['connection', 'date', 'etag', 'preference-applied', 'vary'])

  const creating = await answering(t, (reply) => reply.created(one, { location: '/things/1', etag: 7 }))
  const made = await rawRequest(creating.app, 'POST /test HTTP/1.1', 'Prefer: return=minimal', 'Content-Length: 0')
  t.same(made.headers.map((line) => line.split(':')[0]).sort(), ['connection', 'content-length', 'date', 'etag', 'location', 'preference-applied', 'vary'])
  t.same(header(made, 'content-length'), ['0'])
})

const varies: Array<[given: string | string[] | undefined, expected: string | string[]]> = [
  [undefined, 'Prefer'],
  ['', 'Prefer'],
  ['Accept', 'Accept, Prefer'],
  ['Accept, Origin', 'Accept, Origin, Prefer'],
  [['Accept', 'Origin'], 'Accept, Origin, Prefer'],
  ['Prefer', 'Prefer'],
  ['prefer', 'prefer'],
  ['Accept,PREFER , Origin', 'Accept,PREFER , Origin'],
  ['X-Prefer', 'X-Prefer, Prefer'],
  ['*', '*'],
  ['Accept, *', 'Accept, *']
]

t.test('Vary names Prefer once, whether the request has it or not, beside what it named before', async (t) => {
  for (const [given, expected] of varies) {
    const { app } = await answering(t, (reply) => {
      if (given !== undefined) reply.header('vary', given)
      return reply.ok(one, { etag: 7 })
    })
    for (const prefer of [undefined, 'return=minimal', 'return=representation', 'unknown']) {
      const answer = await app.inject({ method: 'PUT', url: '/test', headers: prefer === undefined ? {} : { prefer } })
      t.same(answer.headers.vary, expected, `${String(given)} with Prefer: ${String(prefer)}`)
    }
  }
})

const untouched: Array<[says: string, method: Method, handler: Handler, status: number]> = [
  ['GET', 'GET', (reply) => reply.ok(one, { etag: 7 }), 200],
  ['HEAD', 'HEAD', (reply) => reply.ok(one, { etag: 7 }), 200],
  ['ok() on POST, which may be a search', 'POST', (reply) => reply.ok({ found: 1 }, { etag: null }), 200],
  ['accepted()', 'POST', (reply) => reply.accepted(one, { monitor: '/things/1' }), 202],
  ['seeOther()', 'POST', (reply) => reply.seeOther('/things/1'), 303],
  ['send()', 'PUT', (reply) => reply.send(one), 200],
  ['a 201 by hand', 'POST', (reply) => reply.code(201).headers({ location: '/things/1', etag: '"7"' }).send(one), 201],
  ['an error', 'POST', () => { throw Object.assign(new Error('no'), { statusCode: 409 }) }, 409],
  ['a helper that refuses', 'POST', (reply) => reply.created(one, { location: 'things', etag: 7 }), 500]
]

t.test('reads, answers by hand, and what is neither 200, 201 nor 204 stay as they are', async (t) => {
  for (const [says, method, handler, status] of untouched) {
    const { app } = await answering(t, handler)
    const plain = await app.inject({ method: method as 'PUT', url: '/test' })
    for (const prefer of ['return=minimal', 'return=representation']) {
      const answer = await app.inject({ method: method as 'PUT', url: '/test', headers: { prefer } })
      t.equal(answer.statusCode, status, says)
      t.equal(answer.body, plain.body)
      t.same({ ...answer.headers, date: '' }, { ...plain.headers, date: '' }, says)
      t.equal(answer.headers['preference-applied'], undefined)
      t.equal(answer.headers.vary, undefined)
    }
  }
})

t.test('a 304 of GET stays one', async (t) => {
  const { app } = await answering(t, (reply) => reply.ok(one, { etag: 7 }))
  const answer = await app.inject({ url: '/test', headers: { prefer: 'return=minimal', 'if-none-match': '"7"' } })
  t.equal(answer.statusCode, 304)
  t.equal(answer.headers['preference-applied'], undefined)
})

t.test('what refuses the precondition is not made minimal', async (t) => {
  const { app } = await guarded(t, { prefer: true })
  app.put('/test', async (request, reply) => {
    request.assertPreconditions({ etag: 7 })
    return reply.ok(one, { etag: 8 })
  })
  const answer = await app.inject({ method: 'PUT', url: '/test', headers: { prefer: 'return=minimal', 'if-match': '"6"' } })
  t.match({ status: answer.statusCode, etag: answer.headers.etag, code: answer.json().code }, { status: 412, etag: '"7"', code: 'FST_CREATED_PRECONDITION_FAILED' })
  t.equal(answer.headers['preference-applied'], undefined)
})

t.test('the option is off by itself, and a route has the last word', async (t) => {
  const options: Array<[plugin: PluginOptions, route: RouteDeclaration | false, heeds: boolean]> = [
    [{}, {}, false],
    [{ prefer: false }, {}, false],
    [{ profile: 'strict' }, {}, false],
    [{ prefer: true }, {}, true],
    [{ prefer: true }, { verbatim: true }, true],
    [{}, { prefer: true }, true],
    [{ prefer: true }, { prefer: false }, false],
    [{ prefer: false }, { prefer: true }, true]
  ]
  for (const [plugin, route, heeds] of options) {
    const { app, rules } = await answering(t, (reply) => reply.created(one, { location: '/things/1', etag: 7 }), plugin, route)
    const answer = await app.inject({ method: 'POST', url: '/test', headers: { prefer: 'return=minimal' } })
    t.equal(answer.statusCode, 201)
    t.equal(answer.body, heeds ? '' : JSON.stringify(one))
    t.equal(answer.headers['preference-applied'], heeds ? 'return=minimal' : undefined)
    t.equal(answer.headers.vary, heeds ? 'Prefer' : undefined)
    t.same(rules().filter((rule) => rule !== 'created-body'), [])
  }
})

t.test('a stream that is not sent is destroyed, and one that is sent arrives', async (t) => {
  const streams: Readable[] = []
  const cancelled: unknown[] = []
  const { app } = await answering(t, (reply) => {
    const stream = Readable.from(['content'])
    streams.push(stream)
    return reply.ok(stream, { etag: 7 })
  })
  t.equal((await app.inject({ method: 'PUT', url: '/test', headers: { prefer: 'return=minimal' } })).statusCode, 204)
  t.ok(streams[0].destroyed)
  t.equal(streams[0].readableDidRead, false)
  t.equal((await app.inject({ method: 'PUT', url: '/test', headers: { prefer: 'return=representation' } })).body, 'content')

  const web = await answering(t, (reply) => reply.created(new ReadableStream({ cancel: () => { cancelled.push(true) } }), { location: '/things/1', etag: 7 }))
  t.equal((await web.app.inject({ method: 'POST', url: '/test', headers: { prefer: 'return=minimal' } })).statusCode, 201)
  t.same(cancelled, [true])
})

t.test('what a handler has said of the content by hand is dropped with it', async (t) => {
  const { app } = await answering(t, (reply) => reply.headers({ 'content-location': '/things/1', 'content-type': 'application/json', 'content-length': '99' }).ok(one, { etag: 7 }))
  const answer = await app.inject({ method: 'PUT', url: '/test', headers: { prefer: 'return=minimal' } })
  t.equal(answer.statusCode, 204)
  for (const name of ['content-location', 'content-type', 'content-length']) t.equal(answer.headers[name], undefined, name)
})

t.test('a response schema is not asked for what is not sent', async (t) => {
  const { app } = await guarded(t, { prefer: true })
  const schema = { response: { 201: { type: 'object', required: ['id', 'name'], properties: { id: { type: 'string' }, name: { type: 'string' } } } } }
  app.get('/things/:id', async (_request, reply) => reply.ok(one, { etag: 7 }))
  app.post('/things', { schema }, async (_request, reply) => reply.created({ id: '1', name: 'x' }, { location: '/things/1', etag: 7 }))
  const answer = await app.inject({ method: 'POST', url: '/things', headers: { prefer: 'return=minimal' } })
  t.match([answer.statusCode, answer.body], [201, ''])
})

t.test('helpers of a route that was declared before the plugin heed what the plugin says', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.put('/late', async (_request, reply) => reply.ok(one, { etag: 7 }))
  await app.register(created, { enforcement: 'throw', prefer: true })
  const answer = await app.inject({ method: 'PUT', url: '/late', headers: { prefer: 'return=minimal' } })
  t.match([answer.statusCode, answer.headers['preference-applied']], [204, 'return=minimal'])
})
