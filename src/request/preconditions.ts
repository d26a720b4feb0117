import type { FastifyRequest } from 'fastify'
import { formatEntityTag, isWeak, type EntityTag, type EntityTagInput } from '../http/entity-tag.js'
import {
  FST_CREATED_LOST_UPDATE, FST_CREATED_NOT_FOUND, FST_CREATED_PRECONDITION_MALFORMED, FST_CREATED_PRECONDITION_REQUIRED,
  FST_CREATED_VALIDATOR_INVALID, preconditionFailed, withCause, withHeaders
} from '../errors.js'
import { conditionalRequest } from '../rules/fastify-exchange.js'
import { needsTarget } from '../http/methods.js'
import { evaluatePreconditions, hasApplicablePrecondition, type PreconditionField, type Validators } from '../http/preconditions.js'
import { disowned, isThenable } from '../util/promise.js'
import { evaluationOf, markEvaluation } from '../rules/reply-state.js'
import { isResource, type Resource } from '../resource/resource.js'
import { routeOf, type GuardedRoute, type Unseen } from '../rules/checked-route.js'
import { show, showError } from '../util/format-value.js'

interface Current {
  etag: EntityTag | null
  lastModified: Date | undefined
}

interface Init {
  resource?: unknown
}

/** `request.assertPreconditions()` and `request.lostUpdate()`; `unseen` serves routes that the plugin has not seen. */
export function preconditionHelpers (unseen: Unseen) {
  return {
    assertPreconditions (this: FastifyRequest, ...args: [value?: unknown, init?: Init]): void {
      const [value, init] = args
      if (args.length === 0) throw invalid('assertPreconditions() was not told what exists now: give the value, or null where nothing does')
      const route = routeOf(this, unseen)
      const current = currentOf(value, resourceOf(this, route, init))
      const { outcome, field, conditional } = evaluatePreconditions(conditionalRequest(this), current)
      markEvaluation(this, { conditional })

      if (current === null && needsTarget(this.method)) throw new FST_CREATED_NOT_FOUND()
      if (outcome === 'malformed') throw new FST_CREATED_PRECONDITION_MALFORMED(field!)
      if (outcome === 'failed') throw preconditionFailed(field!, current?.etag)
      if (current !== null && route.requiresPrecondition(this.method) && !namesVersion(this, current)) throw preconditionRequired(current)
    },

    lostUpdate (this: FastifyRequest, value?: unknown, init?: Init): Error {
      const route = routeOf(this, unseen)
      const current = currentOf(value, resourceOf(this, route, init))
      const lost = withHeaders(new FST_CREATED_LOST_UPDATE(), { etag: current?.etag })
      const isConditional = evaluationOf(this)?.conditional ?? hasApplicablePrecondition(conditionalRequest(this), route.hasModificationDate)
      // When it was evaluated, the precondition may have been true.
      return isConditional ? Object.assign(preconditionFailed(fieldOf(this), current?.etag), { message: lost.message }) : lost
    }
  }
}

/** What describes the target. That of POST is the collection, of which the route's resource knows nothing. */
function resourceOf ({ method }: FastifyRequest, { declaration }: GuardedRoute, init: Init | undefined): Resource<unknown> | undefined {
  const given = init?.resource ?? (method === 'POST' ? undefined : declaration.resource)
  if (given === undefined || isResource(given)) return given
  throw invalid(`resource is ${show(given)}: it must be what resource() returns`)
}

/** @throws FST_CREATED_VALIDATOR_INVALID where a value has no version: to go on would leave the write unguarded */
function currentOf (value: unknown, resource: Resource<unknown> | undefined): Current | null {
  if (value === undefined || value === null) return null
  // A resource that says the same of everything would take it for something that exists.
  if (isThenable(disowned(value))) throw invalid('what exists now is given as a Promise: await it')
  const { etag, lastModified } = resource === undefined ? givenValidators(value) : describedBy(resource, value)
  return { etag: formatEntityTag(etag), lastModified: lastModified ?? undefined }
}

function givenValidators (value: unknown): Validators & { etag: EntityTagInput } {
  const { etag, lastModified } = Object(value) as Validators
  if (etag !== undefined || lastModified !== undefined) return { etag: disowned(etag) ?? null, lastModified: disowned(lastModified) }
  throw invalid(`what exists now is given as ${show(value)}: it must be { etag, lastModified }, or null where nothing exists`)
}

function describedBy (resource: Resource<unknown>, value: unknown): Validators & { etag: EntityTagInput } {
  try {
    return { etag: disowned(resource.etag(value)), lastModified: disowned(resource.lastModified?.(value)) }
  } catch (error) {
    throw invalid(`the resource, asked for the validators of what exists now, threw ${showError(error)}`)
  }
}

function invalid (found: string): Error {
  return withCause(new FST_CREATED_VALIDATOR_INVALID(), found)
}

/** Whether a true precondition names the version that is there. If-None-Match only names one that is not. */
function namesVersion (request: FastifyRequest, current: Current): boolean {
  const { headers, ...rest } = conditionalRequest(request)
  return evaluatePreconditions({ ...rest, headers: { ...headers, 'if-none-match': undefined } }, current).conditional
}

function preconditionRequired ({ etag, lastModified }: Current): Error {
  // RFC 6585 section 3: no cache may keep it.
  return withHeaders(new FST_CREATED_PRECONDITION_REQUIRED(preconditionFor(etag, lastModified)), { 'cache-control': 'no-store' })
}

/** If-Match never matches a weak tag (RFC 9110 section 13.1.1). */
function preconditionFor (etag: EntityTag | null, lastModified: Date | undefined): string {
  if (etag !== null && (!isWeak(etag) || lastModified === undefined)) return 'If-Match with the ETag of the version that you have read'
  return lastModified === undefined ? 'If-Match: *' : 'If-Unmodified-Since with the Last-Modified of the version that you have read'
}

/** One that counts: entity-tags always do, a date may have to be ignored. */
function fieldOf ({ headers }: FastifyRequest): PreconditionField {
  if (headers['if-match'] !== undefined) return 'If-Match'
  return headers['if-none-match'] !== undefined ? 'If-None-Match' : 'If-Unmodified-Since'
}
