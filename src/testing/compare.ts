import { isDeepStrictEqual } from 'node:util'
import { isEntityTag, isWeak, type EntityTag } from '../entity-tag.js'
import { isPlain } from '../plain.js'
import { show } from '../show.js'
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

/** In which property one object says something else than another that has it, too. */
export function contradiction (said: Exchange, read: Exchange): string | undefined {
  const [a, b] = [jsonOf(said), jsonOf(read)]
  if (!isPlain(a) || !isPlain(b)) return undefined
  const name = Object.keys(a).find((name) => name in b && !isDeepStrictEqual(a[name], b[name]))
  return name && `${show(name)} is ${show(a[name])} in the answer to ${said.request.method}, and ${show(b[name])} in that to GET`
}

/** Whether two answers carry the same state, as far as a client can tell. */
export function isSameState (before: Exchange, after: Exchange): boolean {
  return before.response.status === after.response.status && header(before, 'etag') === header(after, 'etag') && isSameContent(before, after)
}

export function isSameContent (before: Exchange, after: Exchange): boolean {
  const [a, b] = [jsonOf(before), jsonOf(after)]
  return a === undefined && b === undefined ? before.response.body === after.response.body : isDeepStrictEqual(a, b)
}
