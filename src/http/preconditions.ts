import {
  formatEntityTag, parseEntityTags, strongMatch, weakMatch, type EntityTag, type EntityTagInput
} from './entity-tag.js'
import { versionInvalid } from '../errors.js'
import { isHttpDate, parseHttpDate } from './http-date.js'
import { isRead, needsTarget } from './methods.js'
import { formatValue } from '../util/format-value.js'

/** The parts of a request that preconditions need. Node's `IncomingMessage` fits: `request.raw` of Fastify. */
export interface ConditionalRequest {
  /** In upper case. */
  method?: string | undefined
  /** By their names in lower case. */
  headers: Record<string, string | string[] | undefined>
  /** Names and values in turn. Node keeps only the first of duplicate date lines in `headers`; all of them are here. */
  rawHeaders?: readonly string[] | undefined
}

/** The validators of what exists at the target now (RFC 9110 section 8.8). */
export interface Validators {
  /** The version. `null` or absent: there is none. */
  etag?: EntityTagInput
  /** Compared in whole seconds, as HTTP-dates are. */
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

const FIELD_NAMES = {
  'If-Match': 'if-match',
  'If-Unmodified-Since': 'if-unmodified-since',
  'If-None-Match': 'if-none-match',
  'If-Modified-Since': 'if-modified-since'
} as const
const ASTERISK = /^[ \t]*\*[ \t]*$/
// RFC 9110 section 13.2.1: these do not select a representation.
const UNCONDITIONAL_METHODS = new Set(['CONNECT', 'OPTIONS', 'TRACE'])

/**
 * Evaluates the preconditions of a request in the order of RFC 9110 section 13.2.2.
 *
 * @param request the method, in upper case, and the header fields, with lower-case names
 * @param current the validators of the current representation of the target, or `null` if there is none
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
  const { method = '' } = request
  if (isIgnored(method, current)) return { outcome: 'proceed', conditional: false }
  const state = stateOf(current)
  const reads = isRead(method)

  // Steps 1 and 2
  const ifMatch = evaluateTags(request, 'If-Match', (tags) =>
    tags === '*' ? state !== null : tags.some((tag) => matches(state, tag, strongMatch)))
  if (ifMatch === 'malformed') return decided('malformed', 'If-Match')
  if (ifMatch === false) return decided('failed', 'If-Match')
  const ifUnmodifiedSince = ifMatch === undefined ? evaluateDate(request, 'If-Unmodified-Since', state) : undefined
  if (ifUnmodifiedSince === 'changed') return decided('failed', 'If-Unmodified-Since')

  // Steps 3 and 4
  const ifNoneMatch = evaluateTags(request, 'If-None-Match', (tags) =>
    tags === '*' ? state === null : !tags.some((tag) => matches(state, tag, weakMatch)))
  if (ifNoneMatch === 'malformed') return decided('malformed', 'If-None-Match')
  if (ifNoneMatch === false) return decided(reads ? 'not-modified' : 'failed', 'If-None-Match')
  const ifModifiedSince = reads && ifNoneMatch === undefined
    ? evaluateDate(request, 'If-Modified-Since', state)
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

/** The resolution of an HTTP-date. */
function wholeSeconds (date: Date): number {
  if (!isHttpDate(date)) {
    throw versionInvalid('A Last-Modified cannot be made', { found: formatValue(date), fix: 'give a valid Date' })
  }
  return Math.floor(date.getTime() / 1000) * 1000
}

function matches (state: State, tag: EntityTag, match: typeof strongMatch): boolean {
  return state !== null && state.etag !== null && match(state.etag, tag)
}

/** `undefined` if the field is absent. An empty value is an empty list (section 5.6.1.2). */
function evaluateTags (
  request: ConditionalRequest,
  field: 'If-Match' | 'If-None-Match',
  holds: (tags: EntityTag[] | '*') => boolean
): boolean | 'malformed' | undefined {
  const list = request.headers[FIELD_NAMES[field]]?.toString()
  if (list === undefined) return undefined
  const tags = ASTERISK.test(list) ? '*' : parseEntityTags(list)
  if (tags !== undefined) return holds(tags)
  // The RFC leaves this open. If it were ignored, an update that asks for protection would have none; a read is safe.
  return isRead(request.method ?? '') ? holds([]) : 'malformed'
}

/** `undefined` if the field has to be ignored (sections 13.1.3 and 13.1.4). */
function evaluateDate (
  request: ConditionalRequest,
  field: 'If-Unmodified-Since' | 'If-Modified-Since',
  state: State
): 'changed' | 'unchanged' | undefined {
  const name = FIELD_NAMES[field]
  const value = request.headers[name]?.toString()
  if (value === undefined || state?.lastModified === undefined || isRepeated(request.rawHeaders, name)) return undefined
  const date = parseHttpDate(value)
  if (date === undefined) return undefined
  return state.lastModified > date ? 'changed' : 'unchanged'
}

function isRepeated (rawHeaders: readonly string[] | undefined, name: string): boolean {
  let lines = 0
  for (let i = 0; i < (rawHeaders?.length ?? 0); i += 2) {
    if (rawHeaders![i].toLowerCase() === name) lines++
  }
  return lines > 1
}
