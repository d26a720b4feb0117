import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionError } from 'fastify'
import { toProblemDetails } from './errors.js'

// How long a client has to read the error before its connection is destroyed, in milliseconds.
const DESTROY_DELAY = 1000

const handledSockets = new WeakSet<Socket>()

/** Answers what Node cannot parse as an HTTP request, and requests that are too large or too slow. */
export function handleClientError (error: ConnectionError, socket: Socket): void {
  // Node reports everything else that arrives on the socket, too. It has to be read, because closing a socket with
  // unread bytes resets the connection, and the client may lose the response.
  if (handledSockets.has(socket)) return
  // A response has already started: a second one would end up in the middle of it.
  if (!socket.writable || socket.bytesWritten > 0) {
    socket.destroy()
    return
  }
  const [status, detail] = CLIENT_ERRORS[error.code] ?? [400, 'This is not a valid HTTP request.']
  const body = JSON.stringify(toProblemDetails(status, detail))
  handledSockets.add(socket)
  socket.end([
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${body.length}`,
    'Connection: close',
    '',
    body
  ].join('\r\n'))
  setTimeout(() => socket.destroy(), DESTROY_DELAY).unref()
}

const CLIENT_ERRORS: Record<string, [status: number, detail: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'The request headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive.']
}
