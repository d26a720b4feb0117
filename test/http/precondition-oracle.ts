import fc from 'fast-check'
import type { ConditionalRequest, PreconditionField, PreconditionResult } from '../../src/http/preconditions.js'

export const SECOND = 1000
export const T = new Date('2026-07-31T10:00:00Z')
export const AT_T = 'Fri, 31 Jul 2026 10:00:00 GMT'

export const UNCONDITIONAL: PreconditionResult = { outcome: 'proceed', conditional: false }
type ResultOf = (field: PreconditionField) => PreconditionResult
export const failed: ResultOf = (field) => ({ outcome: 'failed', field, conditional: true })
export const notModified: ResultOf = (field) => ({ outcome: 'not-modified', field, conditional: true })
export const malformed: ResultOf = (field) => ({ outcome: 'malformed', field, conditional: true })

/*
 * An oracle: the numbered steps of RFC 9110 section 13.2.2, for generated values. Nothing here parses a string, so it
 * cannot share a mistake with the code under test.
 */

interface Tag { weak: boolean, opaque: string }
type TagField =
  { kind: 'absent' } | { kind: 'any' } |
  { kind: 'list', tags: Tag[], text: string } | { kind: 'malformed', text: string }
type DateField =
  { kind: 'absent' } | { kind: 'date', second: number, text: string } | { kind: 'invalid' | 'repeated', text: string }
export interface Existing { tag: Tag | null, modified: number | null }
export interface Conditions {
  ifMatch: TagField
  ifUnmodifiedSince: DateField
  ifNoneMatch: TagField
  ifModifiedSince: DateField
}

export function oracle (method: string, conditions: Conditions, existing: Existing | null): PreconditionResult {
  const { ifMatch, ifUnmodifiedSince, ifNoneMatch, ifModifiedSince } = conditions
  const isRead = ['GET', 'HEAD'].includes(method)
  const isNotFound = existing === null && !['PUT', 'POST'].includes(method)
  if (['OPTIONS', 'TRACE', 'CONNECT'].includes(method) || isNotFound) return UNCONDITIONAL

  let conditional = false
  let step = 1
  while (true) {
    switch (step) {
      case 1:
        if (ifMatch.kind === 'absent') { step = 2; break }
        conditional = true
        if (ifMatch.kind === 'malformed' && !isRead) return malformed('If-Match')
        if (ifMatch.kind === 'any' && existing === null) return failed('If-Match')
        if (ifMatch.kind === 'list' || ifMatch.kind === 'malformed') {
          const strong = ifMatch.kind === 'list' ? ifMatch.tags.filter(({ weak }) => !weak) : []
          const listed = strong.map(({ opaque }) => opaque)
          const tag = existing?.tag
          if (tag == null || tag.weak || !listed.includes(tag.opaque)) return failed('If-Match')
        }
        step = 3
        break
      case 2:
        if (ifUnmodifiedSince.kind === 'date' && existing != null && existing.modified !== null) {
          conditional = true
          if (Math.floor(existing.modified / SECOND) > ifUnmodifiedSince.second) return failed('If-Unmodified-Since')
        }
        step = 3
        break
      case 3: {
        if (ifNoneMatch.kind === 'absent') { step = 4; break }
        conditional = true
        if (ifNoneMatch.kind === 'malformed' && !isRead) return malformed('If-None-Match')
        const isListed = ifNoneMatch.kind === 'list' && existing?.tag != null &&
          ifNoneMatch.tags.map(({ opaque }) => opaque).includes(existing.tag.opaque)
        if (isListed || (ifNoneMatch.kind === 'any' && existing !== null)) {
          return isRead ? notModified('If-None-Match') : failed('If-None-Match')
        }
        step = 5
        break
      }
      case 4:
        if (isRead && ifModifiedSince.kind === 'date' && existing != null && existing.modified !== null) {
          conditional = true
          if (Math.floor(existing.modified / SECOND) <= ifModifiedSince.second) return notModified('If-Modified-Since')
        }
        step = 5
        break
      default:
        return { outcome: 'proceed', conditional }
    }
  }
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function renderDate (second: number, form: 'imf' | 'rfc850' | 'asctime'): string {
  const date = new Date(second * SECOND)
  const day = DAYS[date.getUTCDay()]
  const month = MONTHS[date.getUTCMonth()]
  const number = date.getUTCDate()
  const year = date.getUTCFullYear()
  const time = date.toISOString().slice(11, 19)
  const padded = String(number).padStart(2, '0')
  if (form === 'imf') return `${day.slice(0, 3)}, ${padded} ${month} ${year} ${time} GMT`
  if (form === 'rfc850') return `${day}, ${padded}-${month}-${String(year).slice(2)} ${time} GMT`
  return `${day.slice(0, 3)} ${month} ${String(number).padStart(2, ' ')} ${time} ${year}`
}

export function renderTag ({ weak, opaque }: Tag): string {
  return `${weak ? 'W/' : ''}"${opaque}"`
}

const aWhitespace = fc.constantFrom('', ' ', '\t', '  ')
const aTag: fc.Arbitrary<Tag> = fc.record({
  weak: fc.boolean(),
  opaque: fc.constantFrom('', '1', '2', '1,2', ',', 'é', 'W/', '*')
})
const aSeparator = fc.array(fc.constant(','), { minLength: 1, maxLength: 3 }).chain((commas) =>
  fc.tuple(aWhitespace, aWhitespace).map(([before, after]) => before + commas.join(after) + after))
const aList = fc.tuple(fc.array(fc.tuple(aTag, aSeparator), { maxLength: 4 }), aWhitespace, fc.boolean())
  .map(([members, whitespace, opens]) => ({
    kind: 'list' as const,
    tags: members.map(([tag]) => tag),
    text: whitespace + (opens ? ',' : '') + members.map(([tag, separator], i) =>
      renderTag(tag) + (i < members.length - 1 ? separator : whitespace)).join('')
  }))
const aTagField: fc.Arbitrary<TagField> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'absent' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'any' as const }) },
  { weight: 6, arbitrary: aList },
  {
    weight: 1,
    arbitrary: fc.constantFrom('1', '"1', '"1" "2"', '*, "1"', '"1", *', 'w/"1"', '"1 2"', '\u00A0*')
      .map((text) => ({ kind: 'malformed' as const, text }))
  }
)

const EPOCH = +T / SECOND
const aSecond = fc.integer({ min: EPOCH - 3, max: EPOCH + 3 })
const aDateText = aSecond.chain((second) => fc.constantFrom('imf' as const, 'rfc850' as const, 'asctime' as const)
  .map((form) => ({ second, text: renderDate(second, form) })))
const aDateField: fc.Arbitrary<DateField> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'absent' as const }) },
  { weight: 6, arbitrary: aDateText.map(({ second, text }) => ({ kind: 'date' as const, second, text })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '2026-07-31T10:00:00Z', 'Fri, 31 Jul 2026 25:00:00 GMT', `${AT_T}, ${AT_T}`,
      String(+T)).map((text) => ({ kind: 'invalid' as const, text }))
  },
  { weight: 1, arbitrary: aDateText.map(({ text }) => ({ kind: 'repeated' as const, text })) }
)
export const anExisting: fc.Arbitrary<Existing | null> = fc.option(fc.record({
  // An app cannot send obs-text.
  tag: fc.option(aTag.filter(({ opaque }) => opaque !== 'é'), { freq: 5 }),
  modified: fc.option(fc.integer({ min: +T - 3 * SECOND, max: +T + 3 * SECOND }), { freq: 4 })
}), { freq: 5 })
export const conditions: fc.Arbitrary<Conditions> = fc.record({
  ifMatch: aTagField,
  ifUnmodifiedSince: aDateField,
  ifNoneMatch: aTagField,
  ifModifiedSince: aDateField
})
export const aMethod = fc.constantFrom('GET', 'HEAD', 'GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS')

export function requestOf (method: string, conditions: Conditions): ConditionalRequest {
  const { ifMatch, ifUnmodifiedSince, ifNoneMatch, ifModifiedSince } = conditions
  const headers: Record<string, string> = {}
  const rawHeaders: string[] = ['Host', 'a.example']
  const fields: Array<[string, TagField | DateField]> = [
    ['If-Modified-Since', ifModifiedSince], ['If-None-Match', ifNoneMatch],
    ['If-Unmodified-Since', ifUnmodifiedSince], ['If-Match', ifMatch]
  ]
  for (const [name, field] of fields) {
    if (field.kind === 'absent') continue
    const text = field.kind === 'any' ? '*' : field.text
    headers[name.toLowerCase()] = text
    rawHeaders.push(name, text)
    if (field.kind === 'repeated') rawHeaders.push(name.toUpperCase(), text)
  }
  return { method, headers, rawHeaders }
}
