import type { Readable } from 'node:stream'

/** What may be handed to `reply.send()`, and so reach an onSend hook: also streams and fetch's `Response`. */

export function isResponse (payload: unknown): payload is Response {
  return typeof payload === 'object' && Object.prototype.toString.call(payload) === '[object Response]'
}

/** Whether there is content; `undefined` where only reading it would tell. */
export function hasContent (payload: unknown): boolean | undefined {
  if (payload === undefined || payload === null) return false
  // Fastify makes this of `reply.send(null)`, the usual way to say that there is nothing to send.
  if (payload === 'null') return false
  if (typeof payload === 'string' || Buffer.isBuffer(payload)) return payload.length > 0
  return isResponse(payload) && payload.body === null ? false : undefined
}

/** Ends a stream that will not be sent, so that what it reads from is let go. */
export function discard (payload: unknown): void {
  if (typeof payload !== 'object' || payload === null) return
  const stream = isResponse(payload) ? payload.body : payload
  if (stream instanceof ReadableStream) {
    // A stream that somebody reads already cannot be cancelled from here.
    stream.cancel().catch(() => {})
  } else if (isNodeStream(stream)) {
    // What goes wrong in it now concerns nobody, and must not end the process.
    stream.on('error', () => {})
    stream.destroy()
  }
}

/** Not by destroy() alone: that of an ORM's record deletes its row. */
function isNodeStream (value: object | null): value is Readable {
  return value !== null && 'pipe' in value && typeof value.pipe === 'function' && 'destroy' in value && typeof value.destroy === 'function'
}
