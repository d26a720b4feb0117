import { Readable } from 'node:stream'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import t, { type Test } from 'tap'
import fastifyCreated from '../../src/index.js'

/** An app whose responses leave when `leave()` is called. */
async function slowApp (t: Test) {
  const lines: Array<Record<string, any>> = []
  const logger = { level: 'warn', stream: { write: (line: string) => { lines.push(JSON.parse(line)) } } }
  const app = Fastify({ logger }) as unknown as FastifyInstance
  t.teardown(() => app.close())
  await app.register(fastifyCreated, { enforcement: 'throw' })
  let leave = () => {}
  const left = new Promise<void>((resolve) => { leave = resolve })
  app.addHook('onSend', async () => await left)
  app.get('/things/:id', async () => ({}))
  return { app, leave, ignored: () => lines.map(({ msg }) => /fastify-created: (\w+)\(\) did nothing/.exec(msg)?.[1]) }
}

const helpers: Array<[name: string, call: (reply: FastifyReply) => FastifyReply]> = [
  ['created', (reply) => reply.created({ id: 2 }, { location: '/things/2', etag: 2 })],
  ['ok', (reply) => reply.ok({ id: 2 }, { etag: 2 })],
  ['upserted', (reply) => reply.upserted({ id: 2 }, { created: true, etag: 2 })],
  ['accepted', (reply) => reply.accepted({ id: 2 }, { location: '/things/2' })],
  ['noContent', (reply) => reply.noContent({ etag: 2 })],
  ['seeOther', (reply) => reply.seeOther('/things/2')]
]

for (const [name, call] of helpers) {
  t.test(`${name}() does nothing if the request is being answered, and says so`, async (t) => {
    const first: Array<[name: string, send: (reply: FastifyReply) => unknown]> = [
      ['a helper', (reply) => reply.created({ id: 1 }, { location: '/things/1', etag: 1 })],
      ['send()', (reply) => reply.code(202).send({ id: 1 })],
      ['an error', (reply) => reply.send(new Error('first'))]
    ]
    for (const [sender, send] of first) {
      const { app, leave, ignored } = await slowApp(t)
      app.put('/things/:id', async (_request, reply) => {
        send(reply)
        // The hooks of the first answer wait.
        await new Promise(setImmediate)
        t.equal(call(reply), reply)
        leave()
        return reply
      })
      const { statusCode, headers, body } = await app.inject({ method: 'PUT', url: '/things/1' })
      const expected = { 'a helper': 201, 'send()': 202, 'an error': 500 }[sender]
      t.equal(statusCode, expected, sender)
      t.equal(headers.location, sender === 'a helper' ? '/things/1' : undefined)
      t.equal(headers.etag, sender === 'a helper' ? '"1"' : undefined)
      t.notMatch(body, '"id":2')
      t.ok(ignored().includes(name))
    }
  })
}

t.test('a handler that goes on after handlerTimeout changes nothing, before and after it', async (t) => {
  for (const isLate of [false, true]) {
    const { app, leave, ignored } = await slowApp(t)
    let isDone = () => {}
    const done = new Promise<void>((resolve) => { isDone = resolve })
    app.post('/things', { handlerTimeout: 20 }, async (request, reply) => {
      await new Promise((resolve) => request.signal.addEventListener('abort', resolve))
      await new Promise(setImmediate)
      if (isLate) {
        leave()
        await reply
      }
      reply.created(Readable.from(['x']), { location: '/things/1', etag: 1 })
      leave()
      isDone()
    })
    const response = await app.inject({ method: 'POST', url: '/things' })
    await done
    t.equal(response.statusCode, 503)
    t.equal(response.headers.location, undefined)
    t.equal(response.headers.etag, undefined)
    t.ok(ignored().includes('created'))
  }
})

t.test('an error handler can answer with a helper, also after an error in a hook', async (t) => {
  for (const hook of ['preHandler', 'onSend'] as const) {
    const { app, leave, ignored } = await slowApp(t)
    leave()
    app.setErrorHandler((_error, _request, reply) => reply.ok({ handled: true }, { etag: 9 }))
    let hasThrown = false
    const fail = async () => {
      if (hasThrown) return
      hasThrown = true
      throw new Error('in a hook')
    }
    app.put('/things/:id', { [hook]: fail }, async (_request, reply) => reply.ok({ id: 1 }, { etag: 1 }))
    const response = await app.inject({ method: 'PUT', url: '/things/1' })
    t.equal(response.json().handled, true)
    t.equal(response.headers.etag, '"9"')
    t.same(ignored().filter((name) => name !== undefined), [])
  }
})
