import type { Readable } from 'node:stream'
import { tagOf } from './tag.js'

/** What an onSend hook may get: also streams, and a `Response`. */

type Tagged = { [Symbol.toStringTag]?: string }

export function isResponse (payload: unknown): payload is Response {
  return (payload as Tagged | null | undefined)?.[Symbol.toStringTag] === 'Response'
}

/** Whether there is content; `undefined` if only reading it would tell. */
export function hasContent (payload: unknown): boolean | undefined {
  if (payload === undefined || payload === null) return false
  // Fastify makes this of `reply.send(null)`, by which handlers send nothing.
  if (payload === 'null') return false
  if (typeof payload === 'string' || Buffer.isBuffer(payload)) return payload.length > 0
  return isResponse(payload) && payload.body === null ? false : undefined
}

/** Closes a stream that will not be sent. */
export function discard (payload: unknown): void {
  if (typeof payload !== 'object' || payload === null) return
  const stream = isResponse(payload) ? payload.body : payload
  if (isWebStream(stream)) {
    // A stream that is being read cannot be cancelled.
    stream.cancel().catch(() => {})
  } else if (isNodeStream(stream)) {
    // Without a listener, an error of the stream would end the process.
    stream.on('error', () => {})
    stream.destroy()
  }
}

function isWebStream (value: object | null): value is ReadableStream {
  return tagOf(value) === 'ReadableStream'
}

/** destroy() alone is not enough: on an ORM record it deletes the row. */
function isNodeStream (value: object | null): value is Readable {
  const stream = value as Partial<Readable> | null
  return typeof stream?.pipe === 'function' && typeof stream.destroy === 'function'
}
