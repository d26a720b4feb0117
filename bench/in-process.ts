import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'

export interface TestRequest { method: string, url: string, headers?: Record<string, string> }

class NullSocket extends Duplex {
  override _read () {}
  override _write (_chunk: unknown, _encoding: string, done: () => void) { done() }
}

/**
 * Calls the app's request handler directly and discards the response. Without sockets and without `inject()`, single
 * microseconds are measurable.
 * @returns the status, once the response is complete
 */
export function request (app: FastifyInstance, { method, url, headers }: TestRequest): Promise<number> {
  return new Promise((resolve) => {
    const socket = new NullSocket() as unknown as Socket
    const incoming = new IncomingMessage(socket)
    Object.assign(incoming, { method, url, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 })
    incoming.headers = { host: 'localhost', ...headers }
    incoming.push(null)
    const outgoing = new ServerResponse(incoming)
    outgoing.assignSocket(socket)
    outgoing.on('finish', () => resolve(outgoing.statusCode))
    app.routing(incoming, outgoing)
  })
}
