import {
  formatEntityTag, isWeak, parseEntityTags, strongMatch, weakMatch, type EntityTag, type EntityTagInput
} from './entity-tag.js'
import { versionInvalid } from '../errors.js'
import { isHttpDate, notInTheFuture, parseHttpDate } from './http-date.js'
import { isRead, needsTarget } from './methods.js'
import { requestField, type RequestFields } from './request-fields.js'
import { formatValue } from '../util/format-value.js'

/** The parts of a request that preconditions need. `Request` fits, and `request.raw` of Fastify. */
export interface ConditionalRequest extends RequestFields {
  /** In upper case. */
  method?: string | undefined
}

/** The validators of what exists at the target now (RFC 9110 section 8.8). */
export interface Validators {
  /** The version. `null` or absent: there is none. */
  etag?: EntityTagInput
  /** Compared in whole seconds, and one in the future as now: as it is sent. */
  lastModified?: Date | undefined
}

/** The request header that decided. */
export type PreconditionField = 'If-Match' | 'If-Unmodified-Since' | 'If-None-Match' | 'If-Modified-Since'

/** The result of {@link evaluatePreconditions}. */
export interface PreconditionResult {
  /**
   * - `proceed`: perform the method;
   * - `not-modified`: respond 304;
   * - `failed`: respond 412;
   * - `malformed`: If-Match or If-None-Match of an unsafe method cannot be parsed: respond 400.
   */
  outcome: 'proceed' | 'not-modified' | 'failed' | 'malformed'
  /** The header that decided, absent if the outcome is `proceed`. */
  field?: PreconditionField
  /** Whether the request has a precondition that applies. One that has to be ignored does not count. */
  conditional: boolean
}

type State = { etag: EntityTag | null, lastModified: number | undefined } | null

/** What a request asks for, before it is known whether that applies. */
export type Conditions = { readonly method: string } & { readonly [Field in PreconditionField]: string | undefined }

const ASTERISK = /^[ \t]*\*[ \t]*$/
// RFC 9110 section 13.2.1: these do not select a representation.
const UNCONDITIONAL_METHODS = new Set(['CONNECT', 'OPTIONS', 'TRACE'])

/**
 * Evaluates the preconditions of a request in the order of RFC 9110 section 13.2.2.
 *
 * @param request the method, in upper case, and the header fields. `rawHeaders` win over `headers`, which lose lines
 *   over HTTP/2 and when a schema validates them
 * @param current the validators of the current representation of the target, or `null` if there is none
 * @throws FST_CREATED_OPTION_INVALID if the request has no `headers`
 * @throws FST_CREATED_VERSION_INVALID if `current.etag` cannot become an entity-tag, or `current.lastModified` is not a
 *   valid Date
 * @example
 * ```ts
 * import { evaluatePreconditions } from 'fastify-created'
 *
 * evaluatePreconditions({ method: 'PUT', headers: { 'if-match': '"6"' } }, { etag: 7 })
 * // { outcome: 'failed', field: 'If-Match', conditional: true }
 * ```
 */
export function evaluatePreconditions (
  request: ConditionalRequest,
  current: Validators | null | undefined
): PreconditionResult {
  return evaluateConditions(conditionsOf(request), current)
}

export function conditionsOf (request: ConditionalRequest): Conditions {
  return {
    method: request.method ?? '',
    'If-Match': requestField(request, 'if-match'),
    'If-Unmodified-Since': requestField(request, 'if-unmodified-since'),
    'If-None-Match': requestField(request, 'if-none-match'),
    'If-Modified-Since': requestField(request, 'if-modified-since')
  }
}

export function evaluateConditions (
  conditions: Conditions,
  current: Validators | null | undefined
): PreconditionResult {
  const { method } = conditions
  if (isIgnored(method, current)) return { outcome: 'proceed', conditional: false }
  const state = stateOf(current)
  const reads = isRead(method)

  // Steps 1 and 2
  const ifMatch = evaluateTags(conditions, 'If-Match', (tags) =>
    tags === '*' ? state !== null : tags.some((tag) => matches(state, tag, strongMatch)))
  if (ifMatch === 'malformed') return decided('malformed', 'If-Match')
  if (ifMatch === false) return decided('failed', 'If-Match')
  const ifUnmodifiedSince = ifMatch === undefined ? evaluateDate(conditions, 'If-Unmodified-Since', state) : undefined
  if (ifUnmodifiedSince === 'changed') return decided('failed', 'If-Unmodified-Since')

  // Steps 3 and 4
  const ifNoneMatch = evaluateTags(conditions, 'If-None-Match', (tags) =>
    tags === '*' ? state === null : !tags.some((tag) => matches(state, tag, weakMatch)))
  if (ifNoneMatch === 'malformed') return decided('malformed', 'If-None-Match')
  if (ifNoneMatch === false) return decided(reads ? 'not-modified' : 'failed', 'If-None-Match')
  const ifModifiedSince = reads && ifNoneMatch === undefined
    ? evaluateDate(conditions, 'If-Modified-Since', state)
    : undefined
  if (ifModifiedSince === 'unchanged') return decided('not-modified', 'If-Modified-Since')

  const applicable = ifMatch ?? ifUnmodifiedSince ?? ifNoneMatch ?? ifModifiedSince
  return { outcome: 'proceed', conditional: applicable !== undefined }
}

/**
 * Whether the request has a precondition that would be evaluated.
 * @param hasDate whether the resource has a Last-Modified: without one, date preconditions are ignored
 */
export function hasApplicablePrecondition (request: ConditionalRequest, hasDate: boolean): boolean {
  return evaluatePreconditions(request, { lastModified: hasDate ? new Date(0) : undefined }).conditional
}

/** Whether an If-Match has the current entity-tag in its weak form, although the current one is strong. */
export function hasWeakenedTag (ifMatch: string | undefined, current: EntityTag | null | undefined): boolean {
  if (ifMatch === undefined || !current || isWeak(current)) return false
  return parseEntityTags(ifMatch)?.some((tag) => tag !== current && weakMatch(tag, current)) === true
}

function decided (outcome: PreconditionResult['outcome'], field: PreconditionField): PreconditionResult {
  return { outcome, field, conditional: true }
}

function isIgnored (method: string, current: Validators | null | undefined): boolean {
  // If nothing exists the response is 404, and preconditions are ignored (section 13.2.1).
  return UNCONDITIONAL_METHODS.has(method) || (!current && (isRead(method) || needsTarget(method)))
}

function stateOf (current: Validators | null | undefined): State {
  if (!current) return null
  return {
    etag: formatEntityTag(current.etag ?? null),
    lastModified: current.lastModified === undefined ? undefined : wholeSeconds(current.lastModified)
  }
}

/** The resolution of an HTTP-date, as it is sent. */
function wholeSeconds (date: Date): number {
  if (!isHttpDate(date)) {
    throw versionInvalid('A Last-Modified cannot be made', { found: formatValue(date), fix: 'give a valid Date' })
  }
  return Math.floor(notInTheFuture(date).getTime() / 1000) * 1000
}

function matches (state: State, tag: EntityTag, match: typeof strongMatch): boolean {
  return state !== null && state.etag !== null && match(state.etag, tag)
}

/** `undefined` if the field is absent. An empty value is an empty list (section 5.6.1.2). */
function evaluateTags (
  conditions: Conditions,
  field: 'If-Match' | 'If-None-Match',
  holds: (tags: EntityTag[] | '*') => boolean
): boolean | 'malformed' | undefined {
  const list = conditions[field]
  if (list === undefined) return undefined
  const tags = ASTERISK.test(list) ? '*' : parseEntityTags(list)
  if (tags !== undefined) return holds(tags)
  // The RFC leaves this open. If it were ignored, an update that asks for protection would have none; a read is safe.
  return isRead(conditions.method) ? holds([]) : 'malformed'
}

/** `undefined` if the field has to be ignored (sections 13.1.3 and 13.1.4), as if it has several dates. */
function evaluateDate (
  conditions: Conditions,
  field: 'If-Unmodified-Since' | 'If-Modified-Since',
  state: State
): 'changed' | 'unchanged' | undefined {
  const value = conditions[field]
  if (value === undefined || state?.lastModified === undefined) return undefined
  const date = parseHttpDate(value)
  if (date === undefined) return undefined
  return state.lastModified > date ? 'changed' : 'unchanged'
}
