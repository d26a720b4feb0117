import { isRead } from '../http/methods.js'
import { hasApplicablePrecondition } from '../http/preconditions.js'
import { isSuccess, type Finding, type Rule } from './rule.js'
import type { Exchange } from './exchange.js'

/** Rules about preconditions. */

// Overwrite and If are WebDAV's (RFC 4918 section 10).
const CONDITION = /^(?:if|if-.+|overwrite)$/

export const preconditionEvaluated = {
  id: 'precondition-evaluated',
  stages: ['response'],
  recommended: 'error',
  strict: 'error',
  spec: 'RFC 9110 section 13.2.1',
  requires: 'an update that has, or needs, a precondition must be answered with 2xx ' +
    'only after request.assertPreconditions()',
  fix: 'request.assertPreconditions(current), before the write',
  appliesTo: (method, status, route) => isSuccess(status) && route.assertsPreconditions(method),
  check: (exchange, route) => {
    // An error handler may respond 200: nothing was written.
    if (exchange.isFromErrorHandler || exchange.hasAssertedPreconditions) return undefined
    if (route.requiresPrecondition(exchange.method)) {
      return { found: 'the route requires a precondition, and the handler has not called assertPreconditions()' }
    }
    return hasApplicablePrecondition(exchange.conditionalRequest, route.hasLastModified)
      ? { found: 'the request has a precondition, and the handler has not called assertPreconditions()' }
      : undefined
  }
} as const satisfies Rule

export const preconditionAnswered = {
  id: 'precondition-answered',
  stages: ['response'],
  recommended: 'error',
  strict: 'error',
  spec: 'RFC 9110 sections 13.1.1 and 15.5',
  requires: 'a request that this package rejects with 400, 404, 409, 412 or 428 must not be answered with 2xx or 5xx',
  fix: 'in the error handler: reply.code(error.statusCode ?? 500); ' +
    'after catch: if (error.statusCode < 500) throw error',
  // A 207 has the status of each part in its body.
  appliesTo: (_method, status) => (isSuccess(status) && status !== 207) || status >= 500,
  check: ({ status, rejection }) => rejection && {
    found: `${rejection.code} (${rejection.statusCode}) was thrown, and the response is ${status}`
  }
} as const satisfies Rule

export const preconditionStatus = {
  id: 'precondition-status',
  stages: ['response'],
  recommended: 'error',
  strict: 'error',
  spec: 'RFC 9110 sections 15.4.5 and 15.5.13',
  requires: 'a 304 may only answer a conditional GET or HEAD; ' +
    'with the profile strict, a 412 may only answer a conditional request',
  fix: 'respond 200: reply.ok(user)',
  appliesTo: (_method, status, { settings: { profile } }) => status === 304 || (status === 412 && profile === 'strict'),
  check: (exchange) => {
    if (exchange.status === 304) return notModifiedProblem(exchange)
    if (exchange.requestHeaderNames.some((name) => CONDITION.test(name))) return undefined
    return {
      found: 'the response is 412, and the request has no precondition',
      fix: 'respond 409: throw request.lostUpdate()',
      atMost: 'warn'
    }
  }
} as const satisfies Rule

export const putContentRange = {
  id: 'put-content-range',
  stages: ['request'],
  recommended: 'error',
  strict: 'error',
  spec: 'RFC 9110 section 14.5',
  requires: 'a PUT must replace the whole resource, ' +
    'so one with Content-Range is answered with 400 before the handler runs',
  fix: "if the route handles partial PUT, declare created: { rules: { 'put-content-range': 'off' } }"
} as const satisfies Rule

function notModifiedProblem (exchange: Exchange): Finding | undefined {
  if (!isRead(exchange.method)) {
    return {
      found: `the response to ${exchange.method} is 304`,
      fix: 'respond 412: request.assertPreconditions(current)'
    }
  }
  const hasHeader = (name: string) => exchange.requestHeader(name) !== undefined
  if (hasHeader('if-none-match') || hasHeader('if-modified-since')) return undefined
  return { found: 'the response is 304, and the request has neither If-None-Match nor If-Modified-Since' }
}
