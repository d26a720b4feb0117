import { formatKey } from '../util/format-value.js'
import { isIdentifier, quoted } from '../util/identifier.js'
import { isPlainObject, type PlainObject } from '../util/plain-object.js'
import { WILDCARD } from './url-pattern.js'

/** Code for messages: what can fill the parameters that a value does not fill. */

/**
 * @param own the parameter that tells one record from the next: for `userId` that may be its `id`
 * @param name what the code calls a record
 */
export function proposeParams (
  parameters: readonly string[],
  own: string | undefined,
  value: unknown,
  name: string
): string {
  if (Array.isArray(value)) return `give one ${name}, not a list: const [${name}] = …`
  const record: PlainObject = Object(value)
  const envelope = envelopeOf(record, parameters)
  if (envelope !== undefined) {
    return `return reply.created(${name}), not reply.created({ ${quoted(formatKey(envelope))}: ${name} })`
  }
  const params = parameters.map((parameter) =>
    `${quoted(parameter)}: ${fillerFor(parameter, parameter === own, record, name)}`)
  return `resource({ params: { ${params.join(', ')} }, … })`
}

/** The key of `{ data: user }`, which has the parameters one level below. */
function envelopeOf (record: PlainObject, parameters: readonly string[]): string | undefined {
  const entries = Object.entries(record)
  const [key, inner] = entries.length === 1 ? entries[0] : []
  if (!isPlainObject(inner)) return undefined
  const keys = Object.keys(inner)
  return parameters.every((parameter) => similarKey(parameter, keys, true) !== undefined) ? key : undefined
}

function fillerFor (parameter: string, isOwn: boolean, record: PlainObject, name: string): string {
  const keys = Object.keys(record).slice(0, 1000).filter((key) => record[key] !== undefined && record[key] !== null)
  const key = similarKey(parameter, keys, isOwn)
  if (key !== undefined && isText(record[key])) return `'${formatKey(key)}'`
  const path = pathTo(parameter, keys, record)
  if (path !== undefined) return `(${name}) => ${name}.${path}`
  // Such as the ObjectId of MongoDB.
  const hasText = key !== undefined && isIdentifier(key) && !isPlainObject(record[key])
  return hasText ? `(${name}) => String(${name}.${formatKey(key)})` : `(${name}) => …`
}

/** `org.id`, for `orgId` or `org`. */
function pathTo (parameter: string, keys: readonly string[], record: PlainObject): string | undefined {
  const wanted = simplified(parameter)
  for (const key of keys.filter((key) => isIdentifier(key) && wanted.startsWith(simplified(key)))) {
    const inner = record[key]
    if (!isPlainObject(inner)) continue
    const names = Object.keys(inner).filter((name) => isIdentifier(name) && isText(inner[name]))
    const found = names.find((name) => simplified(key + name) === wanted) ??
      names.find((name) => name === 'id' && simplified(key) === wanted)
    if (found !== undefined) return `${formatKey(key)}.${formatKey(found)}`
  }
  return undefined
}

function isText (value: unknown): boolean {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
}

/**
 * The property that a parameter most likely means: `user_id` for `userId`.
 * @param isOwn whether `id` may be meant as well
 */
export function similarKey (parameter: string, keys: readonly string[], isOwn: boolean): string | undefined {
  if (parameter === WILDCARD) return undefined
  const wanted = simplified(parameter)
  const named = keys.filter((key) => simplified(key) !== '')
  return named.find((key) => simplified(key) === wanted) ??
    named.find((key) => isOwn && wanted.endsWith(simplified(key))) ??
    named.find((key) => endsWithWord(key, parameter))
}

/** Without case and separators. */
function simplified (name: string): string {
  return name.slice(0, 100).toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** `user_id` and `userId` end with the word `id`, and `paid` does not. */
function endsWithWord (text: string, word: string): boolean {
  const start = text.length - word.length
  if (start <= 0 || text.slice(start).toLowerCase() !== word.toLowerCase()) return false
  return /[^A-Za-z0-9]/.test(text[start - 1]) || /[A-Z]/.test(text[start])
}
