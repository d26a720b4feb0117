import { isDeepStrictEqual } from 'node:util'
import { isEntityTag, isWeak, type EntityTag } from '../http/entity-tag.js'
import { samePath } from '../http/uri-reference.js'
import { formatValue } from '../util/format-value.js'
import { isPlainObject, type PlainObject } from '../util/plain-object.js'
import { parseJson, responseHeader, type Exchange } from './exchange.js'

const EXACT_PATHS = {
  caseSensitive: true,
  ignoreTrailingSlash: false,
  ignoreDuplicateSlashes: false,
  useSemicolonDelimiter: false
}

/** @returns `undefined` if there is no ETag, or an invalid one */
export function validEtag (exchange: Exchange): EntityTag | undefined {
  const etag = responseHeader(exchange, 'etag')
  return etag !== undefined && isEntityTag(etag) ? etag : undefined
}

/** @returns `undefined` if there is no ETag that If-Match could match */
export function strongEtag (exchange: Exchange): EntityTag | undefined {
  const etag = validEtag(exchange)
  return etag === undefined || isWeak(etag) ? undefined : etag
}

/** Whether two paths are the same, even if one has characters percent-encoded. */
export function isSamePath (a: string | undefined, b: string): boolean {
  return a !== undefined && samePath(a, b, EXACT_PATHS)
}

/** A property that has one value in the 201 and another in the response to GET. */
export function mismatchProblem (created: PlainObject, read: PlainObject): string | undefined {
  const name = Object.keys(created).find((name) => name in read && !isDeepStrictEqual(created[name], read[name]))
  if (name === undefined) return undefined
  return `${formatValue(name)} is ${formatValue(created[name])} in the 201, but GET returned ${formatValue(read[name])}`
}

/**
 * A property that only the 201 has. If the 201 does not have all properties that GET returns, it may have others of its
 * own, but none that was sent, such as a password.
 */
export function leakProblem (created: PlainObject, read: PlainObject, sent: unknown): string | undefined {
  const isComplete = Object.keys(read).every((name) => name in created)
  const wasSent = (name: string) => isPlainObject(sent) && name in sent
  const name = Object.keys(created).find((name) => !(name in read) && (isComplete || wasSent(name)))
  return name && `the 201 has the property ${formatValue(name)}, but GET does not return it`
}

/**
 * A change of the request that succeeded which another request has overwritten.
 *
 * A server may store what it gets in another form, for example in lower case. It must not store what it rejected.
 */
export function lostUpdateProblem (winner: Exchange, losers: readonly Exchange[], read: Exchange): string | undefined {
  const [winnerEtag, readEtag] = [responseHeader(winner, 'etag'), responseHeader(read, 'etag')]
  if (winnerEtag !== undefined && readEtag !== undefined && winnerEtag !== readEtag) {
    return `the request that succeeded got the ETag ${winnerEtag}, but GET returned ${readEtag}`
  }
  const name = losers.map((loser) => overwrittenProperty(winner, loser, read)).find((name) => name !== undefined)
  return name && `one request succeeded, but GET returned ${formatValue(name)} from another one`
}

function overwrittenProperty (winner: Exchange, loser: Exchange, read: Exchange): string | undefined {
  const [won, lost, stored] = [parseJson(winner.request), parseJson(loser.request), parseJson(read.response)]
  if (!isPlainObject(won) || !isPlainObject(lost) || !isPlainObject(stored)) return undefined
  return Object.keys(lost).find((name) => {
    return isDeepStrictEqual(stored[name], lost[name]) && !isDeepStrictEqual(won[name], lost[name])
  })
}

/** A property that GET does not return with the value that was sent. */
export function unsavedProperty (update: Exchange, read: Exchange): string | undefined {
  const [sent, stored] = [parseJson(update.request), parseJson(read.response)]
  if (!isPlainObject(sent) || !isPlainObject(stored)) return undefined
  return Object.keys(sent).find((name) => name in stored && !isDeepStrictEqual(stored[name], sent[name]))
}

/** Whether nothing has changed between two GETs, as far as a client can see. */
export function isSameState (before: Exchange, after: Exchange): boolean {
  return before.response.status === after.response.status &&
    responseHeader(before, 'etag') === responseHeader(after, 'etag') && isSameBody(before, after)
}

export function isSameBody (before: Exchange, after: Exchange): boolean {
  const [a, b] = [parseJson(before.response), parseJson(after.response)]
  return a === undefined && b === undefined ? before.response.body === after.response.body : isDeepStrictEqual(a, b)
}
