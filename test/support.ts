import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import type { Test } from 'tap'
import fastifyCreated, { type FastifyCreatedOptions, type Violation } from '../src/index.js'

export interface AppWith {
  app: FastifyInstance
  /** Every violation so far, as `onViolation` was told. */
  violations: Violation[]
  /** Their rules, in order. */
  rules: () => string[]
  /** Every line that was logged, parsed. */
  logs: Array<Record<string, any>>
}

/** An app with the plugin, enforcement `throw` unless said otherwise, closed at the end of the test. */
export async function appWith (
  t: Test, options: FastifyCreatedOptions = {}, server: FastifyServerOptions = {}
): Promise<AppWith> {
  const logs: AppWith['logs'] = []
  const violations: Violation[] = []
  const logger = { level: 'info', stream: { write: (line: string) => { logs.push(JSON.parse(line)) } } }
  const app = Fastify({ logger, ...server }) as unknown as FastifyInstance
  t.teardown(() => app.close())
  await app.register(fastifyCreated, {
    enforcement: 'throw',
    onViolation: (violation) => { violations.push(violation) },
    ...options
  })
  return { app, violations, rules: () => violations.map(({ rule }) => rule), logs }
}

interface RawResponse {
  status: number
  headers: string[]
  body: string
}

/** Sends the lines of a request as they are, which `inject` and `fetch` would change. */
export async function rawRequest (app: FastifyInstance, ...lines: string[]): Promise<RawResponse> {
  if (!app.server.listening) await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.setEncoding('latin1')
  let received = ''
  socket.on('data', (chunk) => { received += chunk })
  socket.write([...lines, 'Host: localhost', 'Connection: close', '', ''].join('\r\n'), 'latin1')
  await once(socket, 'close')
  const [head, body] = received.split('\r\n\r\n', 2)
  const [statusLine, ...headers] = head.split('\r\n')
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: headers.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase())),
    body
  }
}

export function header ({ headers }: { headers: string[] }, name: string): string[] {
  return headers
    .filter((line) => line.startsWith(`${name}: `) || line === `${name}:`)
    .map((line) => line.slice(name.length + 1).trim())
}
