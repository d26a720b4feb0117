import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionError } from 'fastify'
import { toBody } from './errors.js'

// How long a client that went wrong may take to read why, in milliseconds.
const LINGER = 1000

const answered = new WeakSet<Socket>()

/** Where the bytes that came are no HTTP request, or one that is too large or too slow. */
export function handleClientError (error: ConnectionError, socket: Socket): void {
  // What it goes on sending is no request, either. It is read, because closing a connection with unread bytes resets it.
  if (answered.has(socket)) return
  // In the middle of another answer there is no place for this one.
  if (!socket.writable || socket.bytesWritten > 0) {
    socket.destroy()
    return
  }
  const [status, detail] = CLIENT_ERRORS[error.code] ?? [400, 'This is no HTTP request.']
  const body = JSON.stringify(toBody(status, detail))
  answered.add(socket)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/problem+json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`)
  setTimeout(() => socket.destroy(), LINGER).unref()
}

const CLIENT_ERRORS: Record<string, [status: number, detail: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive.']
}
