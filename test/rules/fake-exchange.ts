import type { FastifyReply, FastifyRequest } from 'fastify'
import { Exchange, type ResponseParts } from '../../src/rules/exchange.js'
import type { RouteInfo } from '../../src/rules/rule.js'

interface Fake extends Partial<ResponseParts> {
  method?: string
  /** The request-target as the client sent it and, if the app rewrites URLs, as it is routed. */
  targets?: [sent: string, routed: string]
  host?: string
  requestHeaders?: Record<string, string | string[]>
  responseHeaders?: Record<string, string>
}

/** An exchange without an app: by default a POST that is answered 201. */
export function fakeExchange (fake: Fake = {}): Exchange {
  const {
    method = 'POST', targets: [originalUrl, url] = ['/things', '/things'], host = 'localhost',
    requestHeaders: headers = {}, responseHeaders = {}, status = 201, location, ...parts
  } = fake
  const request = { method, originalUrl, url, host, headers, raw: { rawHeaders: [] } }
  const reply = { getHeader: (name: string) => responseHeaders[name] }
  return new Exchange(request as unknown as FastifyRequest, reply as FastifyReply, { status, location, ...parts })
}

/** A route without declarations, whose server has the basePath /api. */
export const fakeRoute: RouteInfo = {
  url: '/things',
  resource: undefined,
  settings: { profile: 'strict', enforcement: 'throw', server: { basePath: '/api', locationOrigins: [] } },
  router: { isSamePath: (a, b) => a === b, unansweredProblem: () => undefined, misreadProblem: () => undefined },
  responseStatuses: [],
  isCanonical: false,
  hasLastModified: false,
  assertsPreconditions: () => false,
  requiresPrecondition: () => false
}
