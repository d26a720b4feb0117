import { isDate } from 'node:util/types'
import { versionInvalid } from '../errors.js'
import { formatValue } from '../util/format-value.js'
import { numberProblem } from '../util/number.js'
import type { Problem } from '../util/problem.js'
import { skipWhitespace } from './whitespace.js'

/** A complete entity-tag as it stands in a header, quotes included: `"7"` or `W/"7"` (RFC 9110 section 8.8.3). */
export type EntityTag = `"${string}"` | `W/"${string}"`

/**
 * The version of a representation.
 *
 * - a number or a bigint: a revision, `7` becomes `"7"`. Beyond `Number.MAX_SAFE_INTEGER` it must be a bigint or a
 *   string, because different revisions would become one number;
 * - a string that begins with `"` or `W/"`: a complete entity-tag, in ASCII, sent as it is;
 * - any other string: gets its quotes, and is base64url-encoded first if it has characters that an entity-tag cannot
 *   have, such as the space in a timestamp, or that are not ASCII. It must not be empty;
 * - `null`: there is no version.
 */
export type EntityTagInput = number | bigint | string | null

// RFC 9110 section 8.8.3: etagc = %x21 / %x23-7E / obs-text. Commas and the empty tag are allowed.
const ENTITY_TAG = /^(?:W\/)?"[\x21\x23-\x7E\x80-\xFF]*"$/
const NEXT_ENTITY_TAG = /(?:W\/)?"[\x21\x23-\x7E\x80-\xFF]*"/y
const SENDABLE_TAG = /^(?:W\/)?"[\x21\x23-\x7E]*"$/
const TAG_OUTSIDE_ASCII = /^(?:W\/)?"[\x21\x23-\x7E\x80-\uFFFF]*"$/
const NEEDS_NO_ENCODING = /^[\x21\x23-\x7E]+$/
const GIVE_A_VERSION = 'give a version such as user.version, or null if there is none'

export function isEntityTag (value: string): value is EntityTag {
  return ENTITY_TAG.test(value)
}

/** Node writes obs-text in the encoding of the body and reads it as Latin-1: the tag may come back as another one. */
export function isSendableTag (value: string): value is EntityTag {
  return SENDABLE_TAG.test(value)
}

export function isWeak (tag: EntityTag): boolean {
  return tag.startsWith('W/')
}

/** Why a value cannot become an entity-tag. */
export function entityTagProblem (input: unknown): Problem | undefined {
  if (typeof input === 'number') return numberProblem(input)
  if (typeof input === 'string') return textProblem(input)
  if (typeof input === 'bigint' || input === null) return undefined
  if (isDate(input)) return { found: formatValue(input), fix: 'pass its toISOString()' }
  return { found: formatValue(input), fix: GIVE_A_VERSION }
}

function textProblem (input: string): Problem | undefined {
  if (input === '') return { found: 'an empty string', fix: GIVE_A_VERSION }
  if (!input.isWellFormed()) {
    // UTF-8 has one character for all of them.
    return { found: `${formatValue(input)}, which has half a surrogate pair`, fix: 'hash it: digest([version])' }
  }
  if (!(input.startsWith('"') || input.startsWith('W/"')) || isSendableTag(input)) return undefined
  if (TAG_OUTSIDE_ASCII.test(input)) {
    return {
      found: `${formatValue(input)}, an entity-tag with a character outside ASCII`,
      fix: isWeak(input as EntityTag)
        ? 'give weak() the text between the quotes, so that it is encoded'
        : 'pass the text between the quotes, so that it is encoded'
    }
  }
  return {
    found: `${formatValue(input)}, which begins like an entity-tag and is not one`,
    fix: 'put one pair of quotes around it, as in \'"7"\', without spaces, quotes or control characters inside'
  }
}

/**
 * The entity-tag for a version, or `null` if there is none.
 * @throws FST_CREATED_VERSION_INVALID for what {@link EntityTagInput} does not allow.
 */
export function formatEntityTag (input: EntityTagInput): EntityTag | null {
  const problem = entityTagProblem(input)
  if (problem !== undefined) throw versionInvalid('An ETag cannot be made', problem)
  return toEntityTag(input)
}

/** @param input what has no {@link entityTagProblem} */
export function toEntityTag (input: EntityTagInput): EntityTag | null {
  if (input === null) return null
  if (typeof input !== 'string') return `"${input}"`
  if (isSendableTag(input)) return input
  return NEEDS_NO_ENCODING.test(input) ? `"${input}"` : `"${Buffer.from(input).toString('base64url')}"`
}

/**
 * A weak entity-tag: two representations with it are equivalent, but may differ in their bytes.
 * If-Match never matches a weak tag, so it cannot protect an update (RFC 9110 section 13.1.1).
 *
 * @param value a version, or an entity-tag to make weak
 * @throws FST_CREATED_VERSION_INVALID if `value` is not a version
 * @example
 * ```ts
 * import { weak } from 'fastify-created'
 *
 * weak(7) // W/"7"
 * ```
 */
export function weak (value: number | bigint | string): EntityTag {
  const tag = formatEntityTag(value)
  if (tag === null) throw versionInvalid('An ETag cannot be made', { found: 'null', fix: 'give weak() a version' })
  return `W/${opaqueTag(tag)}`
}

/**
 * The members of an If-Match or If-None-Match list, `undefined` if the value is not such a list.
 * Empty members are allowed (RFC 9110 section 5.6.1.2), and a comma may be part of a tag.
 */
export function parseEntityTags (list: string): EntityTag[] | undefined {
  const tags: EntityTag[] = []
  let at = 0
  while (true) {
    at = skipWhitespace(list, at)
    NEXT_ENTITY_TAG.lastIndex = at
    const tag = NEXT_ENTITY_TAG.exec(list)?.[0]
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
