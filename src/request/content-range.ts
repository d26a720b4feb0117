import type { FastifyRequest } from 'fastify'
import { FST_CREATED_CONTENT_RANGE } from '../errors.js'
import type { GuardedRoute } from '../rules/checked-route.js'

/** Whether a route replaces a resource, so that a part of one would overwrite the whole (RFC 9110 section 14.5). */
export function refusesRanges ({ declaration: { methods, resource }, isExempt, reporter }: GuardedRoute): boolean {
  return resource !== undefined && methods.includes('PUT') && !isExempt && !reporter.isOff('put-content-range')
}

/** @returns the error to answer with, `undefined` where the handler may run */
export function refuseRange ({ isExempt, reporter }: GuardedRoute, request: FastifyRequest): Error | undefined {
  const { method, headers } = request
  // It may have become exempt since: a scope further in that registers the plugin again takes the route over.
  if (isExempt || method !== 'PUT' || headers['content-range'] === undefined) return undefined
  // The fault is the client's: it is answered, and never a violation.
  if (reporter.isError('put-content-range')) return new FST_CREATED_CONTENT_RANGE()
  reporter.report('put-content-range', 'the request has Content-Range, and its handler runs all the same', method, request)
  return undefined
}
