import type { FastifyRequest } from 'fastify'
import { formatEntityTag, type EntityTag } from './entity-tag.js'
import {
  FST_CREATED_LOST_UPDATE, FST_CREATED_NOT_FOUND, FST_CREATED_PRECONDITION_MALFORMED, FST_CREATED_PRECONDITION_REQUIRED,
  FST_CREATED_VALIDATOR_INVALID, preconditionFailed, withCause, withHeaders
} from './errors.js'
import { needsTarget } from './methods.js'
import { evaluatePreconditions, type ConditionalRequest, type PreconditionField, type Validators } from './preconditions.js'
import { disowned, isThenable } from './promise.js'
import type { Resource } from './resource.js'
import { routeIn, type GuardedRoute } from './route.js'
import { show } from './show.js'

type Current = Validators & { etag: EntityTag | null }

/** `request.assertPreconditions()` and `request.lostUpdate()`; `fallback` serves routes that the plugin has not seen. */
export function preconditionHelpers (fallback: GuardedRoute) {
  const routeOf = (request: FastifyRequest) => routeIn(request.routeOptions.config) ?? fallback

  return {
    assertPreconditions (this: FastifyRequest, value: unknown): void {
      const route = routeOf(this)
      const current = validatorsOf(value, route, this.method)
      const { outcome, field, conditional } = evaluatePreconditions(conditionalRequest(this), current)
      markEvaluated(this, conditional)

      if (current === null && needsTarget(this.method)) throw new FST_CREATED_NOT_FOUND()
      if (outcome === 'malformed') throw new FST_CREATED_PRECONDITION_MALFORMED(field!)
      if (outcome === 'failed') throw preconditionFailed(field!, current?.etag)
      if (current !== null && !conditional && route.requiresPrecondition(this.method)) throw preconditionRequired(current)
    },

    lostUpdate (this: FastifyRequest, value?: unknown): Error {
      const route = routeOf(this)
      const current = validatorsOf(value, route, this.method)
      const field = (evaluationOf(this)?.conditional ?? hasPrecondition(this, route)) ? fieldOf(this) : undefined
      return field === undefined ? withHeaders(new FST_CREATED_LOST_UPDATE(), { etag: current?.etag }) : preconditionFailed(field, current?.etag)
    }
  }
}

/** @throws FST_CREATED_VALIDATOR_INVALID where a value has no version: to go on would leave the write unguarded */
function validatorsOf (value: unknown, { declaration: { resource } }: GuardedRoute, method: string): Current | null {
  if (value === undefined || value === null) return null
  // A resource that says the same of everything, or `?? null`, would take it for something that exists.
  if (isThenable(disowned(value))) throw withCause(new FST_CREATED_VALIDATOR_INVALID(), 'what exists now is given as a Promise: await it')
  // The target of POST is the collection, of which the resource knows nothing.
  const validators = resource === undefined || method === 'POST' ? givenValidators(value) : describedBy(resource, value)
  return { ...validators, etag: formatEntityTag(validators.etag) }
}

function givenValidators (value: unknown) {
  const { etag, lastModified } = Object(value) as Validators
  if (etag !== undefined || lastModified !== undefined) return { etag: etag ?? null, lastModified }
  throw withCause(new FST_CREATED_VALIDATOR_INVALID(), `what exists now is given as ${show(value)}: it must be { etag, lastModified }, or null where nothing exists`)
}

function describedBy (resource: Resource<unknown>, value: unknown) {
  return { etag: disowned(resource.etag(value)), lastModified: resource.lastModified?.(value) }
}

function preconditionRequired ({ etag, lastModified }: Current): Error {
  const error = etag === null && lastModified !== undefined
    ? new FST_CREATED_PRECONDITION_REQUIRED('If-Unmodified-Since', 'the Last-Modified')
    : new FST_CREATED_PRECONDITION_REQUIRED('If-Match', 'the ETag')
  // RFC 6585 section 3: no cache may keep it.
  return withHeaders(error, { 'cache-control': 'no-store' })
}

function conditionalRequest ({ method, headers, raw }: FastifyRequest): ConditionalRequest {
  return { method, headers, rawHeaders: raw.rawHeaders }
}

/** Whether a precondition is there that would count, whatever exists now. */
function hasPrecondition (request: FastifyRequest, { hasModificationDate }: GuardedRoute): boolean {
  const lastModified = hasModificationDate ? new Date(0) : undefined
  return evaluatePreconditions(conditionalRequest(request), { lastModified }).conditional
}

/** One that counts: entity-tags always do, a date may have to be ignored. */
function fieldOf ({ headers }: FastifyRequest): PreconditionField {
  if (headers['if-match'] !== undefined) return 'If-Match'
  return headers['if-none-match'] !== undefined ? 'If-None-Match' : 'If-Unmodified-Since'
}

const kEvaluation = Symbol('fastify-created.evaluation')
interface Evaluation { conditional: boolean }
type Marked = { [kEvaluation]?: Evaluation }

function markEvaluated (request: FastifyRequest, conditional: boolean): void {
  (request as Marked)[kEvaluation] = { conditional }
}

/** What `assertPreconditions()` has found; `undefined` where it was not called. */
export function evaluationOf (request: FastifyRequest): Evaluation | undefined {
  return (request as Marked)[kEvaluation]
}
