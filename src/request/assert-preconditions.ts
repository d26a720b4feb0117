import type { FastifyRequest } from 'fastify'
import {
  FST_CREATED_NOT_FOUND, FST_CREATED_PRECONDITION_MALFORMED, FST_CREATED_PRECONDITION_REQUIRED,
  preconditionFailed, versionInvalid, withHeaders
} from '../errors.js'
import { isWeak } from '../http/entity-tag.js'
import { needsTarget } from '../http/methods.js'
import { conditionsOf, evaluateConditions, type Conditions } from '../http/preconditions.js'
import { routeOf, type FindFallbackRoute } from '../rules/checked-route.js'
import { conditionalRequest } from '../rules/exchange.js'
import { setEvaluation } from '../rules/request-state.js'
import { currentOf, type Current, type CurrentInit } from './current.js'

/** The decorator `request.assertPreconditions()`. */
export function assertPreconditionsWith (findFallbackRoute: FindFallbackRoute) {
  return function assertPreconditions (this: FastifyRequest, ...args: [value?: unknown, init?: CurrentInit]): void {
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
    const { outcome, field, conditional } = evaluateConditions(conditions, current)
    setEvaluation(this, { conditional })

    if (current === null && needsTarget(this.method)) throw new FST_CREATED_NOT_FOUND()
    if (outcome === 'malformed') throw new FST_CREATED_PRECONDITION_MALFORMED(field!)
    if (outcome === 'failed') throw preconditionFailed(field!, current?.etag)
    const isRequired = current !== null && route.requiresPrecondition(this.method)
    if (isRequired && !namesVersion(conditions, current)) throw preconditionRequired(current)
  }
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
