import { isDeepStrictEqual } from 'node:util'
import { isEntityTag, isWeak, type EntityTag } from '../http/entity-tag.js'
import { samePath } from '../http/uri-reference.js'
import { isPlain, type Plain } from '../util/plain-object.js'
import { show } from '../util/format-value.js'
import { header, jsonOf, type Exchange } from './exchange.js'

/** @returns `undefined` where there is none, and for what is none */
export function entityTag (exchange: Exchange): EntityTag | undefined {
  const tag = header(exchange, 'etag')
  return tag !== undefined && isEntityTag(tag) ? tag : undefined
}

/** One that If-Match can match. */
export function strongTag (exchange: Exchange): EntityTag | undefined {
  const tag = entityTag(exchange)
  return tag === undefined || isWeak(tag) ? undefined : tag
}

/** Whether two paths name the same, however they are spelled. */
export function isSameAddress (a: string | undefined, b: string): boolean {
  return a !== undefined && samePath(a, b, { caseSensitive: true, ignoreTrailingSlash: false, ignoreDuplicateSlashes: false, useSemicolonDelimiter: false })
}

/** In which property a 201 says something else than GET, which has it, too. */
export function contradiction (said: Plain, read: Plain): string | undefined {
  const name = Object.keys(said).find((name) => name in read && !isDeepStrictEqual(said[name], read[name]))
  return name && `${show(name)} is ${show(said[name])} in the 201, and ${show(read[name])} in the answer to GET`
}

/** What a 201 gives away that GET keeps back: of a full representation anything, else what was sent, such as a password. */
export function leak (said: Plain, read: Plain, sent: unknown): string | undefined {
  const isFull = Object.keys(read).every((name) => name in said)
  const name = Object.keys(said).find((name) => !(name in read) && (isFull || (isPlain(sent) && name in sent)))
  return name && `the 201 has ${show(name)}, and GET has it not`
}

/**
 * Whether what is stored is what another has written.
 *
 * A server may store another form of what it was sent, as in small letters, but not what it was sent by one whom it refused.
 */
export function lostWinner (winner: Exchange, losers: readonly Exchange[], read: Exchange): string | undefined {
  const [told, stored] = [header(winner, 'etag'), header(read, 'etag')]
  if (told !== undefined && stored !== undefined && told !== stored) return `the one that succeeded was told the ETag ${told}, and GET answers ${stored}`
  const name = losers.map((loser) => writtenBy(loser, winner, read)).find((name) => name !== undefined)
  return name && `one succeeded, and GET answers ${show(name)} as one of the others has sent it`
}

function writtenBy (loser: Exchange, winner: Exchange, read: Exchange): string | undefined {
  const [theirs, won, stored] = [jsonOf(loser.request), jsonOf(winner.request), jsonOf(read.response)]
  if (!isPlain(theirs) || !isPlain(won) || !isPlain(stored)) return undefined
  return Object.keys(theirs).find((name) => isDeepStrictEqual(stored[name], theirs[name]) && !isDeepStrictEqual(won[name], theirs[name]))
}

/** In which property GET still answers something else than what was sent to it, and stored as it seemed. */
export function dropped (sent: Exchange, read: Exchange): string | undefined {
  const [written, stored] = [jsonOf(sent.request), jsonOf(read.response)]
  if (!isPlain(written) || !isPlain(stored)) return undefined
  return Object.keys(written).find((name) => name in stored && !isDeepStrictEqual(stored[name], written[name]))
}

/** Whether two answers carry the same state, as far as a client can tell. */
export function isSameState (before: Exchange, after: Exchange): boolean {
  return before.response.status === after.response.status && header(before, 'etag') === header(after, 'etag') && isSameContent(before, after)
}

export function isSameContent (before: Exchange, after: Exchange): boolean {
  const [a, b] = [jsonOf(before.response), jsonOf(after.response)]
  return a === undefined && b === undefined ? before.response.body === after.response.body : isDeepStrictEqual(a, b)
}
