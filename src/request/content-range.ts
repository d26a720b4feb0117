import type { FastifyRequest } from 'fastify'
import { FST_CREATED_CONTENT_RANGE } from '../errors.js'
import type { CheckedRoute } from '../rules/checked-route.js'
import { requestHeader } from '../rules/exchange.js'

/** Whether a route replaces a resource, so a part of one would overwrite the whole (RFC 9110 section 14.5). */
export function rejectsRanges ({ declared: { methods, resource }, isDisabled, reporter }: CheckedRoute): boolean {
  return resource !== undefined && methods.includes('PUT') && !isDisabled && !reporter.isOff('put-content-range')
}

/** @returns the error to send, `undefined` if the handler may run */
export function contentRangeError ({ isDisabled, reporter }: CheckedRoute, request: FastifyRequest): Error | undefined {
  const { method } = request
  // A nested registration of the plugin may have disabled the route since it was declared.
  if (isDisabled || method !== 'PUT' || requestHeader(request, 'content-range') === undefined) return undefined
  // The client is at fault, so it is never a violation.
  if (reporter.isError('put-content-range')) return new FST_CREATED_CONTENT_RANGE()
  const found = 'the request has Content-Range, and the handler runs'
  reporter.report('put-content-range', { found }, method, request)
  return undefined
}
