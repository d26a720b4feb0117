import { hash } from 'node:crypto'
import { isTypedArray } from 'node:util/types'
import { FST_CREATED_VALIDATOR_INVALID, withCause } from '../errors.js'
import { refuseNumber } from '../util/number.js'
import { show } from '../util/format-value.js'
import { skipWhitespace } from './whitespace.js'

/** A complete entity-tag as it stands in a header, quotes included: `"7"` or `W/"7"` (RFC 9110 section 8.8.3). */
export type EntityTag = `"${string}"` | `W/"${string}"`

/**
 * What says which version a representation is.
 *
 * - a number or a bigint: a revision, `7` becomes `"7"`. Beyond `Number.MAX_SAFE_INTEGER` it must be a bigint or a string,
 *   because there different revisions become one number;
 * - a string that begins with `"` or `W/"`: a complete entity-tag, sent as it is;
 * - any other non-empty string: an opaque value, gets its quotes; base64url-encoded first where it has characters
 *   that an entity-tag cannot carry, such as the space in a timestamp;
 * - `null`: there is no validator, said in so many words.
 */
export type EntityTagInput = number | bigint | string | null

// RFC 9110 section 8.8.3: etagc = %x21 / %x23-7E / obs-text. Commas and the empty tag are allowed.
const ENTITY_TAG = /^(?:W\/)?"[\x21\x23-\x7E\x80-\xFF]*"$/
const ENTITY_TAG_HERE = /(?:W\/)?"[\x21\x23-\x7E\x80-\xFF]*"/y
const CARRIED_AS_IT_IS = /^[\x21\x23-\x7E]+$/

export function isEntityTag (value: string): value is EntityTag {
  return ENTITY_TAG.test(value)
}

export function isWeak (tag: EntityTag): boolean {
  return tag.startsWith('W/')
}

/** Why `input` cannot become an entity-tag; `undefined` when it can. */
export function refuseEntityTag (input: unknown): string | undefined {
  if (typeof input === 'number') {
    const refusal = refuseNumber(input)
    return refusal && `etag is ${input}: ${refusal}`
  }
  if (typeof input === 'string') return refuseText(input)
  if (typeof input === 'bigint' || input === null) return undefined
  return `etag is ${show(input)}: it must be a number, a bigint, a non-empty string, or null where there is no version`
}

function refuseText (input: string): string | undefined {
  if (input === '') return 'etag is an empty string: give the version, or null where there is none'
  if (!(input.startsWith('"') || input.startsWith('W/"')) || isEntityTag(input)) return undefined
  return `etag is ${show(input)}, which begins like an entity-tag but is none: W/ is optional, then one pair of quotes, and no space, quote or control character between them`
}

/**
 * The entity-tag for a value, or `null` where there is none.
 * @throws FST_CREATED_VALIDATOR_INVALID for what {@link EntityTagInput} does not allow.
 */
export function formatEntityTag (input: EntityTagInput): EntityTag | null {
  const refusal = refuseEntityTag(input)
  if (refusal !== undefined) throw etagInvalid(refusal)
  return toEntityTag(input)
}

/** @param input what {@link refuseEntityTag} has nothing against */
export function toEntityTag (input: EntityTagInput): EntityTag | null {
  if (input === null) return null
  if (typeof input !== 'string') return `"${input}"`
  if (isEntityTag(input)) return input
  return CARRIED_AS_IT_IS.test(input) ? `"${input}"` : `"${Buffer.from(input).toString('base64url')}"`
}

/**
 * A weak entity-tag: says that two representations are equivalent, not that they are the same bytes.
 * If-Match never matches a weak tag, so it cannot guard an update (RFC 9110 section 13.1.1).
 *
 * @param value a version, or an entity-tag that is made weak
 * @throws FST_CREATED_VALIDATOR_INVALID where `value` is no version
 * @example
 * ```ts
 * import { weak } from 'fastify-created'
 *
 * weak(7) // W/"7"
 * ```
 */
export function weak (value: number | bigint | string): EntityTag {
  const tag = formatEntityTag(value)
  if (tag === null) throw etagInvalid('weak(null) is no entity-tag: give a version')
  return `W/${opaqueTag(tag)}`
}

/**
 * A strong entity-tag for something that has no version: a SHA-256 hash. Strings and bytes are hashed as they are,
 * everything else as the JSON that represents it, with sorted keys, so that the order of properties does not matter.
 *
 * @param value any value that JSON can represent (bigints count as their digits), a string, or bytes
 * @throws FST_CREATED_VALIDATOR_INVALID for what JSON cannot represent: `undefined`, functions, Maps, Sets, Promises, circles
 * @example
 * ```ts
 * import { digest } from 'fastify-created'
 *
 * digest({ a: 1, b: 2 }) === digest({ b: 2, a: 1 }) // true
 * ```
 */
export function digest (value: unknown): EntityTag {
  return `"${hash('sha256', bytesOf(value) ?? canonicalJson(value), 'base64url')}"`
}

function bytesOf (value: unknown): string | Uint8Array | undefined {
  if (typeof value === 'string') return value
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined
}

function canonicalJson (value: unknown): string {
  const json = toJson(value)
  if (json === undefined) throw cannotDigest(value)
  return JSON.stringify(JSON.parse(json), (_key, part: unknown) => isRecord(part) ? sortKeys(part) : part)
}

function toJson (value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_key, part: unknown) => {
      if (typeof part === 'bigint') return String(part)
      if (isOpaque(part)) throw cannotDigest(part)
      return part
    })
  } catch (error) {
    throw error instanceof FST_CREATED_VALIDATOR_INVALID ? error : cannotDigest(value)
  }
}

/** JSON makes {} of every Map, Set, Promise and private field: different contents would get the same tag. */
function isOpaque (value: unknown): boolean {
  if (!isRecord(value) || isTypedArray(value) || Object.keys(value).length > 0) return false
  return ![Object.prototype, null].includes(Object.getPrototypeOf(value))
}

function isRecord (value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sortKeys (record: object): object {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => a < b ? -1 : 1))
}

function cannotDigest (value: unknown): Error {
  return etagInvalid(`digest() was given ${show(value)}, which JSON cannot represent: give it a string, bytes, or plain data`)
}

function etagInvalid (found: string): Error {
  return withCause(new FST_CREATED_VALIDATOR_INVALID(), found)
}

/**
 * The members of an If-Match or If-None-Match list, `undefined` where the value is no such list.
 * Empty members are allowed (RFC 9110 section 5.6.1.2), and a comma may be part of a tag.
 */
export function parseEntityTags (list: string): EntityTag[] | undefined {
  const tags: EntityTag[] = []
  let at = 0
  while (true) {
    at = skipWhitespace(list, at)
    ENTITY_TAG_HERE.lastIndex = at
    const tag = ENTITY_TAG_HERE.exec(list)?.[0]
    if (tag !== undefined) {
      tags.push(tag as EntityTag)
      at = skipWhitespace(list, at + tag.length)
    }
    if (at === list.length) return tags
    if (list[at] !== ',') return undefined
    at++
  }
}

/** RFC 9110 section 8.8.3.2: neither is weak, and the opaque-tags are the same, character by character. */
export function strongMatch (a: EntityTag, b: EntityTag): boolean {
  return a === b && !isWeak(a)
}

/** RFC 9110 section 8.8.3.2: the opaque-tags are the same, weak or not. */
export function weakMatch (a: EntityTag, b: EntityTag): boolean {
  return opaqueTag(a) === opaqueTag(b)
}

function opaqueTag (tag: EntityTag): `"${string}"` {
  return (isWeak(tag) ? tag.slice(2) : tag) as `"${string}"`
}
