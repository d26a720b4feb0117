import { EventEmitter } from 'node:events'
import { createReadStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { PassThrough, Readable } from 'node:stream'
import { setImmediate, setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { discard, hasContent, isResponse } from '../../src/util/payload.js'

/** A web stream, and whether it was cancelled. */
function webStream (): { stream: ReadableStream<Uint8Array>, cancelled: () => boolean } {
  let isCancelled = false
  const stream = new ReadableStream<Uint8Array>({
    pull (controller) { controller.enqueue(new Uint8Array([0x61])) },
    cancel () { isCancelled = true }
  })
  return { stream, cancelled: () => isCancelled }
}

/** An `error` event without a listener would end the process: here it fails the test instead. */
function watchErrors (t: Test, stream: Readable): void {
  const emit = stream.emit.bind(stream)
  stream.emit = (event: string | symbol, ...args: unknown[]) => {
    if (event !== 'error' || stream.listenerCount('error') > 0) return emit(event, ...args as [])
    t.fail(`an error event without a listener: ${String(args[0])}`)
    return true
  }
}

t.test('whether there is content is known without reading it, or undefined', async (t) => {
  const rows: Array<[name: string, payload: unknown, expected: boolean | undefined]> = [
    ['undefined', undefined, false],
    ['null', null, false],
    ['an empty string', '', false],
    ['the text that Fastify makes of null', 'null', false],
    ['text', 'a', true],
    ['a space', ' ', true],
    ['JSON text', '{}', true],
    ['the JSON of an empty string', '""', true],
    ['text that begins like null', 'nullable', true],
    ['bytes', Buffer.from('a'), true],
    ['the bytes of null', Buffer.from('null'), true],
    ['no bytes', Buffer.alloc(0), false],
    ['a stream', Readable.from(['a']), undefined],
    ['an empty stream', Readable.from([]), undefined],
    ['a web stream', webStream().stream, undefined],
    ['a Response without a body', new Response(null), false],
    ['a Response that may have none', new Response(null, { status: 204 }), false],
    ['a Response without an argument', new Response(), false],
    ['a Response with text', new Response('a'), undefined],
    ['a Response with empty text', new Response(''), undefined],
    ['a Response with a stream', new Response(webStream().stream), undefined],
    ['something else with no body', { body: null }, undefined]
  ]
  for (const [name, payload, expected] of rows) t.equal(hasContent(payload), expected, `${name}: ${expected}`)
})

t.test('a Response is told apart from objects that only resemble one', async (t) => {
  const rows: Array<[name: string, payload: unknown, expected: boolean]> = [
    ['a Response', new Response('a'), true],
    ['an empty Response', new Response(null), true],
    ['an error Response', Response.error(), true],
    ['a Request', new Request('http://a.example/'), false],
    ['an object with a body', { status: 200, headers: new Headers(), body: null }, false],
    ['a stream', new PassThrough(), false],
    ['a web stream', webStream().stream, false],
    ['text', '[object Response]', false],
    ['the class', Response, false],
    ['null', null, false],
    ['undefined', undefined, false]
  ]
  for (const [name, payload, expected] of rows) t.equal(isResponse(payload), expected, `${name}: ${expected}`)
})

t.test('a stream that is discarded is destroyed', async (t) => {
  const stream = new PassThrough()
  watchErrors(t, stream)
  stream.write('a')
  discard(stream)
  t.equal(stream.destroyed, true)
  await setImmediate()
  t.equal(stream.closed, true, 'and closes')
})

t.test('a stream that reads from a file closes it', async (t) => {
  const stream = createReadStream('package.json')
  watchErrors(t, stream)
  await new Promise((resolve) => stream.once('open', resolve))
  discard(stream)
  await finished(stream).catch(() => {})
  t.equal(stream.destroyed, true)
  t.equal(stream.closed, true)
})

t.test('a stream that is already destroyed can be discarded', async (t) => {
  const stream = new PassThrough()
  stream.destroy()
  watchErrors(t, stream)
  t.doesNotThrow(() => discard(stream))
  t.doesNotThrow(() => discard(stream), 'and once more')
  await setImmediate()
  t.equal(stream.destroyed, true)
})

t.test('a stream that fails while it is discarded does not end the process', async (t) => {
  const missing = createReadStream('no-such-file')
  watchErrors(t, missing)
  discard(missing)

  const failing = new Readable({ read () {}, destroy (_error, done) { done(new Error('cannot be closed')) } })
  watchErrors(t, failing)
  discard(failing)

  await setTimeout(50)
  t.equal(missing.destroyed, true)
  t.equal(failing.destroyed, true)
})

t.test('a web stream that is discarded is cancelled', async (t) => {
  const { stream, cancelled } = webStream()
  discard(stream)
  await setImmediate()
  t.equal(cancelled(), true)
})

t.test('a web stream that cannot be cancelled can be discarded', async (t) => {
  const failing = new ReadableStream({ cancel () { throw new Error('no') } })
  const failed = new ReadableStream({ start (controller) { controller.error(new Error('failed before')) } })
  const closed = new ReadableStream({ start (controller) { controller.close() } })
  for (const stream of [failing, failed, closed]) t.doesNotThrow(() => discard(stream))
  // An unhandled rejection would fail the test here.
  await setImmediate()
})

t.test('a web stream that is being read is left to its reader', async (t) => {
  const { stream, cancelled } = webStream()
  const reader = stream.getReader()
  t.doesNotThrow(() => discard(stream))
  await setImmediate()
  t.equal(cancelled(), false, 'it is not cancelled')
  t.same(await reader.read(), { done: false, value: new Uint8Array([0x61]) }, 'the reader continues')
  await reader.cancel()
})

t.test('the body of a Response that is discarded is cancelled', async (t) => {
  const { stream, cancelled } = webStream()
  discard(new Response(stream))
  await setImmediate()
  t.equal(cancelled(), true)
})

t.test('a Response whose body is being read is left to its reader', async (t) => {
  const response = new Response('text')
  const text = response.text()
  t.doesNotThrow(() => discard(response))
  t.equal(await text, 'text')
  t.doesNotThrow(() => discard(response), 'and can be discarded when it has been read')
  await setImmediate()
})

t.test('a value that keeps nothing open can be discarded', async (t) => {
  const payloads: Array<[name: string, payload: unknown]> = [
    ['undefined', undefined],
    ['null', null],
    ['text', 'a'],
    ['a number', 7],
    ['bytes', Buffer.from('a')],
    ['an object', {}],
    ['an object without a prototype', Object.create(null)],
    ['an object whose destroy is not a function', { destroy: true }],
    ['a frozen object', Object.freeze({})],
    ['an array', []],
    ['a legacy stream that cannot be destroyed', Object.assign(new EventEmitter(), { pipe () {} })],
    ['a legacy stream whose destroy is not a function',
      Object.assign(new EventEmitter(), { pipe () {}, destroy: true })],
    ['an object whose pipe and destroy are not functions', { pipe: true, destroy: true }],
    ['a Response without a body', new Response(null)]
  ]
  for (const [name, payload] of payloads) t.doesNotThrow(() => discard(payload), name)
})

t.test('a value that is not a stream is not destroyed, even if it has a method destroy()', async (t) => {
  const deleted: string[] = []
  class Row {
    id = 42
    async destroy (): Promise<void> { deleted.push('a row of the database') }
  }
  discard(new Row())
  discard({ destroy: () => { deleted.push('an object') } })
  discard({ pipe: 'a property', destroy: () => { deleted.push('an object with a pipe') } })
  discard(Object.assign(new EventEmitter(), { destroy: () => { deleted.push('an emitter') } }))
  t.same(deleted, [], 'destroy() deletes a row in Sequelize and the like')
})
