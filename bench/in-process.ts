import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'

export interface Requested { method: string, url: string, headers?: Record<string, string> }

class Nowhere extends Duplex {
  override _read () {}
  override _write (_chunk: unknown, _encoding: string, done: () => void) { done() }
}

/**
 * A request that arrives whole, straight in the app's handler, and its answer goes nowhere: without sockets and without
 * an injection layer, so that single microseconds show. @returns the status, when the answer is there
 */
export function request (app: FastifyInstance, { method, url, headers }: Requested): Promise<number> {
  return new Promise((resolve) => {
    const socket = new Nowhere() as unknown as Socket
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
