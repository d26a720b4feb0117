import { isPlainObject } from '../util/plain-object.js'
import { WILDCARD } from './url-pattern.js'

/**
 * The line of code that fills parameters which the value does not.
 * @param name what the code calls a value
 */
export function proposeParams (parameters: readonly string[], value: unknown, name: string): string {
  const envelope = envelopeOf(value, parameters)
  if (envelope !== undefined) return `return reply.created(${name}), not reply.created({ ${envelope}: ${name} })`
  const params = parameters.map((parameter) => `${quoted(parameter)}: ${fillerFor(parameter, value, name)}`)
  return `resource({ params: { ${params.join(', ')} }, … })`
}

/** The key of `{ data: user }`, which has the parameters one level below. */
function envelopeOf (value: unknown, parameters: readonly string[]): string | undefined {
  const entries = Object.entries(Object(value))
  const [key, inner] = entries.length === 1 ? entries[0] : []
  return isPlainObject(inner) && parameters.every((parameter) => alike(parameter, Object.keys(inner)) !== undefined) ? key : undefined
}

function fillerFor (parameter: string, value: unknown, name: string): string {
  const key = alike(parameter, Object.keys(Object(value)).slice(0, 1000))
  if (key === undefined) return `(${name}) => …`
  const isText = ['string', 'number', 'bigint', 'boolean'].includes(typeof Object(value)[key])
  return isText ? `'${key}'` : `(${name}) => String(${name}.${key})`
}

/** The property that a parameter most likely means: `user_id`, else `id`, for `userId`. */
export function alike (parameter: string, keys: readonly string[]): string | undefined {
  if (parameter === WILDCARD) return undefined
  const wanted = simplified(parameter)
  const endings = (test: (key: string) => boolean) => keys.find((key) => simplified(key) !== '' && test(simplified(key)))
  return endings((key) => key === wanted) ?? endings((key) => wanted.endsWith(key)) ?? endings((key) => key.endsWith(wanted))
}

/** Without case and separators. */
function simplified (name: string): string {
  return name.slice(0, 100).toLowerCase().replace(/[^a-z0-9]/g, '')
}

export function quoted (name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name}'`
}
