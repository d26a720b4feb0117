import { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import Fastify, { type FastifyReply } from 'fastify'
import t, { type Test } from 'tap'
import fastifyCreated, { resource, type FastifyCreatedOptions, type CreatedRouteOptions } from '../../src/index.js'
import { appWith, header, rawRequest, type AppWith } from '../support.js'

interface Thing { id: string, version: number }
const one: Thing = { id: '1', version: 7 }
const thing = resource<Thing>({ etag: ({ version }) => version })
const T = 'Mon, 03 Feb 2020 04:05:06 GMT'

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
type Handler = (reply: FastifyReply) => unknown

/** An app with a route for every method by `handler`, and a canonical route. */
async function responding (
  t: Test,
  handler: Handler,
  options: FastifyCreatedOptions = { prefer: true },
  declared: CreatedRouteOptions | false = {}
): Promise<AppWith> {
  const made = await appWith(t, { precondition: 'optional', ...options })
  made.app.get('/things/:id', { config: { resource: thing } }, async (_request, reply) => reply.ok(one))
  made.app.route({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: '/test',
    config: { created: declared },
    handler: async (_request, reply) => {
      await handler(reply)
      return reply
    }
  })
  return made
}

const CONTENT = ['content-type', 'content-location', 'content-language', 'content-encoding', 'content-disposition']
const described: Record<string, string> = {
  'content-language': 'en',
  'content-encoding': 'identity',
  'content-disposition': 'attachment',
  'x-other': 'kept'
}

type Write = [
  what: string,
  method: Method,
  handler: Handler,
  full: number,
  minimal: number,
  kept: Record<string, string>
]
const writes: Write[] = [
  [
    'created()',
    'POST',
    (reply) =>
      reply
        .headers(described)
        .created(one, { location: '/things/1', etag: 7, lastModified: new Date(T), contentLocation: true }),
    201,
    201,
    { location: '/things/1', etag: '"7"', 'last-modified': T }
  ],
  [
    'created() by a resource',
    'POST',
    (reply) => reply.headers(described).created(one, { resource: thing, contentLocation: true }),
    201,
    201,
    { location: '/things/1', etag: '"7"' }
  ],
  [
    'upserted() that creates',
    'PUT',
    (reply) => reply.headers(described).upserted(one, { created: true, etag: 7 }),
    201,
    201,
    { etag: '"7"' }
  ],
  [
    'upserted() that replaces',
    'PUT',
    (reply) => reply.headers(described).upserted(one, { created: false, etag: 7 }),
    200,
    204,
    { etag: '"7"' }
  ],
  [
    'ok() on PUT',
    'PUT',
    (reply) => reply.headers(described).ok(one, { etag: 7, lastModified: new Date(T) }),
    200,
    204,
    { etag: '"7"', 'last-modified': T }
  ],
  ['ok() on PATCH', 'PATCH', (reply) => reply.headers(described).ok(one, { etag: 7 }), 200, 204, { etag: '"7"' }],
  ['ok() on DELETE', 'DELETE', (reply) => reply.headers(described).ok({ deleted: 1 }), 200, 204, {}],
  [
    'created() of nothing',
    'POST',
    (reply) => reply.headers(described).created(null, { location: '/things/1', etag: 7 }),
    201,
    201,
    { location: '/things/1', etag: '"7"' }
  ],
  ['noContent()', 'DELETE', (reply) => reply.headers(described).noContent({ etag: 7 }), 204, 204, { etag: '"7"' }],
  [
    'a stream',
    'PUT',
    (reply) => reply.headers(described).ok(Readable.from(['content']), { etag: 7 }),
    200,
    204,
    { etag: '"7"' }
  ],
  ['a text', 'PATCH', (reply) => reply.headers(described).type('text/plain').ok('text'), 200, 204, {}]
]

for (const [what, method, handler, full, minimal, kept] of writes) {
  t.test(`${what} with return=minimal is ${minimal} without content, and keeps its headers`, async (t) => {
    for (const enforcement of ['throw', 'log'] as const) {
      const { app, rules } = await responding(t, handler, { prefer: true, enforcement, profile: 'strict' })
      const response = await app.inject({
        method: method as 'PUT',
        url: '/test',
        headers: { prefer: 'return=minimal' }
      })
      t.equal(response.statusCode, minimal)
      t.equal(response.body, '')
      t.equal(response.headers['preference-applied'], 'return=minimal')
      t.equal(response.headers.vary, 'Prefer')
      t.equal(response.headers['x-other'], 'kept')
      for (const [name, value] of Object.entries(kept)) t.equal(response.headers[name], value, name)
      for (const name of ['location', 'etag', 'last-modified']) {
        if (!(name in kept)) t.equal(response.headers[name], undefined, name)
      }
      for (const name of CONTENT) t.equal(response.headers[name], undefined, name)
      t.same(rules(), [])
    }
  })

  t.test(`${what} with return=representation is ${full}, with Preference-Applied if it has content`, async (t) => {
    const { app } = await responding(t, handler)
    const plain = await app.inject({ method: method as 'PUT', url: '/test' })
    const response = await app.inject({
      method: method as 'PUT',
      url: '/test',
      headers: { prefer: 'return=representation' }
    })
    const applied = ['noContent()', 'created() of nothing', 'ok() of null on POST'].includes(what)
      ? undefined
      : 'return=representation'
    t.equal(response.statusCode, full)
    t.equal(response.body, plain.body)
    t.same(
      { ...response.headers, date: '' },
      { ...plain.headers, ...(applied && { 'preference-applied': applied }), date: '' }
    )
    t.equal(response.headers.vary, 'Prefer')
  })
}

const preferences: Array<[lines: string[], applied: 'minimal' | 'representation' | undefined]> = [
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

t.test('over a socket, the first preference wins, two that differ are ignored, and so is an unknown one', async (t) => {
  const { app, rules } = await responding(t, (reply) => reply.created(one, { location: '/things/1', etag: 7 }))
  for (const [lines, applied] of preferences) {
    const response = await rawRequest(app, 'POST /test HTTP/1.1', ...lines, 'Content-Length: 0')
    const sent = lines.join(', ')
    t.equal(response.status, 201, sent)
    t.equal(response.body, applied === 'minimal' ? '' : JSON.stringify(one), sent)
    t.same(header(response, 'preference-applied'), applied === undefined ? [] : [`return=${applied}`], sent)
    t.same(header(response, 'vary'), ['Prefer'], sent)
    t.same(header(response, 'location'), ['/things/1'])
    t.same(header(response, 'etag'), ['"7"'])
  }
  t.same(rules(), [])
})

t.test('over a socket, a 204 has no content and no Content-Length, and an empty 201 has 0', async (t) => {
  const { app } = await responding(t, (reply) => reply.ok(one, { etag: 7 }))
  const updated = await rawRequest(app, 'PUT /test HTTP/1.1', 'Prefer: return=minimal', 'Content-Length: 0')
  t.same(updated.headers.map((line) => line.split(':')[0]).sort(), [
    'connection',
    'date',
    'etag',
    'preference-applied',
    'vary'
  ])

  const creating = await responding(t, (reply) => reply.created(one, { location: '/things/1', etag: 7 }))
  const made = await rawRequest(creating.app, 'POST /test HTTP/1.1', 'Prefer: return=minimal', 'Content-Length: 0')
  t.same(made.headers.map((line) => line.split(':')[0]).sort(), [
    'connection',
    'content-length',
    'date',
    'etag',
    'location',
    'preference-applied',
    'vary'
  ])
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

t.test('Vary has Prefer once, whether or not the request has it, and keeps what it had before', async (t) => {
  for (const [given, expected] of varies) {
    const { app } = await responding(t, (reply) => {
      if (given !== undefined) reply.header('vary', given)
      return reply.ok(one, { etag: 7 })
    })
    for (const prefer of [undefined, 'return=minimal', 'return=representation', 'unknown']) {
      const response = await app.inject({
        method: 'PUT',
        url: '/test',
        headers: prefer === undefined ? {} : { prefer }
      })
      t.same(response.headers.vary, expected, `${String(given)} with Prefer: ${String(prefer)}`)
    }
  }
})

const untouched: Array<[what: string, method: Method, handler: Handler, status: number]> = [
  ['GET', 'GET', (reply) => reply.ok(one, { etag: 7 }), 200],
  ['HEAD', 'HEAD', (reply) => reply.ok(one, { etag: 7 }), 200],
  ['ok() on POST, which may be a search', 'POST', (reply) => reply.ok({ found: 1 }, { etag: null }), 200],
  ['accepted()', 'POST', (reply) => reply.accepted(one, { location: '/things/1' }), 202],
  ['seeOther()', 'POST', (reply) => reply.seeOther('/things/1'), 303],
  ['send()', 'PUT', (reply) => reply.send(one), 200],
  ['a 201 by hand', 'POST', (reply) => reply.code(201).headers({ location: '/things/1', etag: '"7"' }).send(one), 201],
  ['an error', 'POST', () => { throw Object.assign(new Error('no'), { statusCode: 409 }) }, 409],
  ['a helper that throws', 'POST', (reply) => reply.created(one, { location: 'things', etag: 7 }), 500]
]

t.test('reads, responses sent by hand, and those that are neither 200, 201 nor 204 stay as they are', async (t) => {
  for (const [what, method, handler, status] of untouched) {
    const { app } = await responding(t, handler)
    const plain = await app.inject({ method: method as 'PUT', url: '/test' })
    for (const prefer of ['return=minimal', 'return=representation']) {
      const response = await app.inject({ method: method as 'PUT', url: '/test', headers: { prefer } })
      t.equal(response.statusCode, status, what)
      t.equal(response.body, plain.body)
      t.same({ ...response.headers, date: '' }, { ...plain.headers, date: '' }, what)
      t.equal(response.headers['preference-applied'], undefined)
      t.equal(response.headers.vary, undefined)
    }
  }
})

t.test('a 304 to GET stays a 304', async (t) => {
  const { app } = await responding(t, (reply) => reply.ok(one, { etag: 7 }))
  const response = await app.inject({ url: '/test', headers: { prefer: 'return=minimal', 'if-none-match': '"7"' } })
  t.equal(response.statusCode, 304)
  t.equal(response.headers['preference-applied'], undefined)
})

t.test('a 412 is not made minimal', async (t) => {
  const { app } = await appWith(t, { prefer: true })
  app.put('/test', async (request, reply) => {
    request.assertPreconditions({ etag: 7 })
    return reply.ok(one, { etag: 8 })
  })
  const response = await app.inject({
    method: 'PUT',
    url: '/test',
    headers: { prefer: 'return=minimal', 'if-match': '"6"' }
  })
  t.match(
    { status: response.statusCode, etag: response.headers.etag, code: response.json().code },
    { status: 412, etag: '"7"', code: 'FST_CREATED_PRECONDITION_FAILED' }
  )
  t.equal(response.headers['preference-applied'], undefined)
})

t.test('the option is off by default, and that of the route wins', async (t) => {
  const options: Array<[plugin: FastifyCreatedOptions, route: CreatedRouteOptions | false, isHonored: boolean]> = [
    [{}, {}, false],
    [{ prefer: false }, {}, false],
    [{ profile: 'strict' }, {}, false],
    [{ prefer: true }, {}, true],
    [{ prefer: true }, { contentLocation: true }, true],
    [{}, { prefer: true }, true],
    [{ prefer: true }, { prefer: false }, false],
    [{ prefer: false }, { prefer: true }, true]
  ]
  for (const [plugin, route, isHonored] of options) {
    const { app, rules } = await responding(
      t,
      (reply) => reply.created(one, { location: '/things/1', etag: 7 }),
      plugin,
      route
    )
    const response = await app.inject({ method: 'POST', url: '/test', headers: { prefer: 'return=minimal' } })
    t.equal(response.statusCode, 201)
    t.equal(response.body, isHonored ? '' : JSON.stringify(one))
    t.equal(response.headers['preference-applied'], isHonored ? 'return=minimal' : undefined)
    t.equal(response.headers.vary, isHonored ? 'Prefer' : undefined)
    t.same(rules().filter((rule) => rule !== 'created-body'), [])
  }
})

t.test('a stream that is not sent is destroyed, and one that is sent arrives', async (t) => {
  const streams: Readable[] = []
  const cancelled: unknown[] = []
  const { app } = await responding(t, (reply) => {
    const stream = Readable.from(['content'])
    streams.push(stream)
    return reply.ok(stream, { etag: 7 })
  })
  t.equal((await app.inject({ method: 'PUT', url: '/test', headers: { prefer: 'return=minimal' } })).statusCode, 204)
  t.ok(streams[0].destroyed)
  t.equal(streams[0].readableDidRead, false)
  t.equal(
    (await app.inject({ method: 'PUT', url: '/test', headers: { prefer: 'return=representation' } })).body,
    'content'
  )

  const web = await responding(t, (reply) =>
    reply.created(
      new ReadableStream({
        cancel: () => {
          cancelled.push(true)
        }
      }),
      { location: '/things/1', etag: 7 }
    )
  )
  t.equal(
    (await web.app.inject({ method: 'POST', url: '/test', headers: { prefer: 'return=minimal' } })).statusCode,
    201
  )
  t.same(cancelled, [true])
})

t.test('the headers of the content that a handler has set are removed with it', async (t) => {
  const { app } = await responding(t, (reply) =>
    reply
      .headers({ 'content-location': '/things/1', 'content-type': 'application/json', 'content-length': '99' })
      .ok(one, { etag: 7 })
  )
  const response = await app.inject({ method: 'PUT', url: '/test', headers: { prefer: 'return=minimal' } })
  t.equal(response.statusCode, 204)
  for (const name of ['content-location', 'content-type', 'content-length']) {
    t.equal(response.headers[name], undefined, name)
  }
})

t.test('a response schema does not apply to a body that is not sent', async (t) => {
  const { app } = await appWith(t, { prefer: true })
  const schema = {
    response: {
      201: {
        type: 'object',
        required: ['id', 'name'],
        properties: { id: { type: 'string' }, name: { type: 'string' } }
      }
    }
  }
  app.get('/things/:id', async (_request, reply) => reply.ok(one, { etag: 7 }))
  app.post('/things', { schema }, async (_request, reply) =>
    reply.created({ id: '1', name: 'x' }, { location: '/things/1', etag: 7 })
  )
  const response = await app.inject({ method: 'POST', url: '/things', headers: { prefer: 'return=minimal' } })
  t.match([response.statusCode, response.body], [201, ''])
})

t.test('on a route that was declared before the plugin, helpers honor the option of the plugin', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.put('/late', async (_request, reply) => reply.ok(one, { etag: 7 }))
  await app.register(fastifyCreated, { enforcement: 'throw', prefer: true })
  const response = await app.inject({ method: 'PUT', url: '/late', headers: { prefer: 'return=minimal' } })
  t.match([response.statusCode, response.headers['preference-applied']], [204, 'return=minimal'])
})
