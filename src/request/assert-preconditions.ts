import type { FastifyRequest } from 'fastify'
import {
  FST_CREATED_NOT_FOUND, FST_CREATED_PRECONDITION_MALFORMED, FST_CREATED_PRECONDITION_REQUIRED,
  versionInvalid, withHeaders, type RequestError
} from '../errors.js'
import { isWeak } from '../http/entity-tag.js'
import { needsTarget } from '../http/methods.js'
import { conditionsOf, evaluateConditions, type Conditions } from '../http/preconditions.js'
import { routeOf, type CheckedRoute, type FindFallbackRoute } from '../rules/checked-route.js'
import { conditionalRequest } from '../rules/exchange.js'
import { failedPrecondition } from '../rules/failed-precondition.js'
import { setEvaluation } from '../rules/request-state.js'
import { currentOf, type Current, type CurrentInit } from './current.js'

/** Options of `request.assertPreconditions()`. */
export interface AssertPreconditionsInit extends CurrentInit {
  /** Whether this PATCH creates what does not exist (RFC 5789 section 2). Default: `false`, so that is a 404. */
  mayCreate?: boolean | undefined
}

/** The decorator `request.assertPreconditions()`. */
export function assertPreconditionsWith (findFallbackRoute: FindFallbackRoute) {
  return function assertPreconditions (
    this: FastifyRequest, ...args: [value?: unknown, init?: AssertPreconditionsInit]
  ): void {
    const [value, init] = args
    if (args.length === 0) {
      throw versionInvalid('Preconditions cannot be asserted', {
        found: 'assertPreconditions() was called without what exists now',
        fix: 'request.assertPreconditions(current), with null if nothing exists'
      })
    }
    const route = routeOf(this, findFallbackRoute)
    const current = currentOf(value, this, route, init)
    const conditions = conditionsOf(conditionalRequest(this))
    // What may create is evaluated like PUT.
    const method = this.method === 'PATCH' && init?.mayCreate === true ? 'PUT' : this.method
    const { error, conditional } = evaluate(route, this, { ...conditions, method }, current)
    setEvaluation(this, { conditional, exists: current !== null, error: error as RequestError | undefined })
    if (error !== undefined) throw error
  }
}

function evaluate (
  route: CheckedRoute, request: FastifyRequest, conditions: Conditions, current: Current | null
): { error: Error | undefined, conditional: boolean } {
  const { outcome, field, conditional } = evaluateConditions(conditions, current)
  const errorOf = (): Error | undefined => {
    if (current === null && needsTarget(conditions.method)) return new FST_CREATED_NOT_FOUND()
    if (outcome === 'malformed') return new FST_CREATED_PRECONDITION_MALFORMED(field!)
    if (outcome === 'failed') return failedPrecondition(route, request, field!, current?.etag)
    const isRequired = current !== null && route.requiresPrecondition(request.method)
    return isRequired && !namesVersion(conditions, current) ? preconditionRequired(current) : undefined
  }
  return { error: errorOf(), conditional }
}

/** Whether a true precondition names the current version. If-None-Match names only one that is not current. */
function namesVersion (conditions: Conditions, current: Current): boolean {
  return evaluateConditions({ ...conditions, 'If-None-Match': undefined }, current).conditional
}

/** RFC 6585 section 3: caches must not store it. */
function preconditionRequired (current: Current): Error {
  return withHeaders(new FST_CREATED_PRECONDITION_REQUIRED(preconditionFor(current)), { 'cache-control': 'no-store' })
}

/** If-Match never matches a weak entity-tag (RFC 9110 section 13.1.1). */
function preconditionFor ({ etag, lastModified }: Current): string {
  const hasDate = lastModified !== undefined
  if (etag !== null && (!isWeak(etag) || !hasDate)) return 'If-Match with the ETag of the version that you have read'
  return hasDate ? 'If-Unmodified-Since with the Last-Modified of the version that you have read' : 'If-Match: *'
}
