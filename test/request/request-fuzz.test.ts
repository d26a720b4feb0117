import { once } from 'node:events'
import { Agent, request as send, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import type { FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import { resource, type Validators } from '../../src/index.js'
import {
  aMethod,
  anExisting,
  conditions,
  oracle,
  renderTag,
  requestOf,
  type Existing
} from '../http/precondition-oracle.js'
import { appWith } from '../support.js'

const versioned = resource<Validators>({
  etag: ({ etag }) => etag!,
  lastModified: ({ lastModified }) => lastModified!,
  params: { id: () => 1 }
})
const WRITES: Record<string, number> = { PUT: 200, PATCH: 200, POST: 200, DELETE: 204, OPTIONS: 204 }

function validatorsOf (existing: Existing | null): Validators | null {
  return existing && {
    etag: existing.tag && renderTag(existing.tag),
    lastModified: existing.modified === null ? undefined : new Date(existing.modified)
  }
}

t.test('over HTTP, assertPreconditions() agrees with an oracle on 4,000 generated requests', async (t) => {
  let current: Validators | null = null
  let writes = 0
  // Some of the generated tags are weak, and some routes require If-Match.
  const { app, rules } = await appWith(t, { rules: { 'precondition-weak': 'off' } })
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    request.assertPreconditions(current)
    if (request.method === 'GET' || request.method === 'HEAD') {
      return current === null ? reply.code(404).send({}) : reply.ok({ id: 1 }, current)
    }
    if (request.method === 'OPTIONS') return reply.code(204).send()
    writes++
    return reply.code(WRITES[request.method]).send()
  }
  for (const precondition of ['optional', 'required'] as const) {
    for (const [kind, config] of [['plain', {}], ['versioned', { resource: versioned }]] as const) {
      const url = `/${kind}/${precondition}/:id`
      app.get(
        url,
        { config: { ...config, created: { canonical: precondition === 'optional', precondition } } },
        handler
      )
      app.route({
        method: ['PUT', 'PATCH', 'POST', 'DELETE', 'OPTIONS'],
        url,
        config: { ...config, created: { precondition } },
        handler
      })
    }
  }
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => { agent.destroy() })

  const seen = new Map<number, number>()
  await fc.assert(
    fc.asyncProperty(
      aMethod,
      conditions,
      anExisting,
      fc.constantFrom('/plain/optional/1', '/plain/required/1', '/versioned/optional/1', '/versioned/required/1'),
      async (method, given, existing, path) => {
        current = validatorsOf(existing)
        writes = 0
        const outgoing = send({
          port,
          host: '127.0.0.1',
          agent,
          method,
          path,
          headers: linesOf(requestOf(method, given).rawHeaders!)
        })
        outgoing.end()
        const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
        response.resume()
        await once(response, 'end')

        // If-None-Match names only a version that is not current.
        const namesVersion = oracle(method, { ...given, ifNoneMatch: { kind: 'absent' } }, existing).conditional
        const status = statusFor(
          method,
          path.includes('required') && !namesVersion,
          existing,
          oracle(method, given, existing).outcome
        )
        seen.set(status, (seen.get(status) ?? 0) + 1)
        const isWritten = status < 300 && !['GET', 'HEAD', 'OPTIONS'].includes(method)
        const tag = existing?.tag == null ? undefined : renderTag(existing.tag)
        const hasTag = status !== 412 || response.headers.etag === tag
        return response.statusCode === status && writes === Number(isWritten) && hasTag
      }
    ),
    { numRuns: 4000 }
  )

  t.same([...seen.keys()].sort(), [200, 204, 304, 400, 404, 412, 428], 'the requests lead to every status')
  t.same(rules(), [])
})

/** The status for what the oracle finds. */
function statusFor (
  method: string,
  isMissing: boolean,
  existing: Existing | null,
  outcome: ReturnType<typeof oracle>['outcome']
): number {
  const isRead = method === 'GET' || method === 'HEAD'
  if (existing === null && ['GET', 'HEAD', 'PATCH', 'DELETE'].includes(method)) return 404
  if (outcome === 'malformed') return 400
  if (outcome === 'failed') return 412
  if (outcome === 'not-modified') return 304
  if (isMissing && existing !== null && !isRead && method !== 'OPTIONS') return 428
  return isRead ? 200 : WRITES[method]
}

/** Two lines of one name become a list, which Node sends as two lines. */
function linesOf (rawHeaders: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string[]> = {}
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i].toLowerCase()
    headers[name] = [...headers[name] ?? [], rawHeaders[i + 1]]
  }
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [name, values.length === 1 ? values[0] : values])
  )
}
