import { Type, type TSchema } from '@sinclair/typebox'
import { Value, ValueErrorType } from '@sinclair/typebox/value'
import { FST_CREATED_OPTION_INVALID } from '../errors.js'
import { formatKey, formatValue } from './format-value.js'
import { quoted } from './identifier.js'

/** What has options. */
export interface Configured {
  /** In messages: `fastify-created`, `POST /users`. */
  name: string
  /** Where the options are in it, such as `config.created`. */
  path?: string
  /** The line of code that sets an option, which is given as `name: value`. */
  code: (option: string) => string
}

/** A schema for one of several strings. */
export function oneOf<const T extends string> (...values: T[]) {
  return Type.Unsafe<T>(Type.Union(values.map((value) => Type.Literal(value))))
}

/**
 * Checks options by their schema. Its annotation `allowed` says in words what a value may be, `example` is one.
 * @throws FST_CREATED_OPTION_INVALID for the first that is wrong
 */
export function checkOptions (configured: Configured, schema: TSchema, value: unknown): void {
  const error = Value.Errors(schema, value).First()
  if (error === undefined) return
  const names = error.path.split('/').slice(1).map(decodePointer)
  if (error.type !== ValueErrorType.ObjectAdditionalProperties) {
    throw optionInvalid(configured, names, {
      found: formatValue(error.value),
      required: allowedBy(error.schema),
      example: exampleOf(error.schema)
    })
  }
  const known = Object.keys(schemaAt(schema, names.slice(0, -1)).properties)
  throw optionInvalid(configured, names, {
    found: `an unknown option (its value is ${formatValue(error.value)})`,
    required: `one of ${known.join(', ')}`
  })
}

/** RFC 6901 section 3 */
function decodePointer (name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~')
}

interface InvalidOption {
  found: string
  required: string
  /** The code of a value that is allowed; without one the option is to be removed. */
  example?: string
}

export function optionInvalid (
  { name, path, code }: Configured,
  names: readonly string[],
  { found, required, example }: InvalidOption
): Error {
  const shown = names.map(formatKey)
  const option = [path, ...shown].filter((part) => part !== undefined).join('.')
  const subject = option === '' ? 'The options' : `The option ${option}`
  const fix = example === undefined ? `remove or rename ${shown.at(-1)}` : code(settingOf(shown, example))
  return new FST_CREATED_OPTION_INVALID(subject, name, found, required, fix)
}

function schemaAt (schema: TSchema, names: readonly string[]): TSchema {
  return names.reduce<TSchema>((inner, name) => inner.properties[name], schema)
}

function allowedBy ({ allowed, anyOf }: TSchema): string {
  if (typeof allowed === 'string') return allowed
  const values = anyOf.map((option: TSchema) => formatValue(option.const))
  return `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`
}

function exampleOf ({ example, anyOf }: TSchema): string {
  return example ?? `'${anyOf?.[0].const}'`
}

/** `rules: { 'created-etag': 'error' }`; of an item of a list, the whole list. */
function settingOf (names: readonly string[], example: string): string {
  const [name, ...inner] = names
  if (name === undefined) return example
  const key = quoted(name)
  if (inner.length === 0) return `${key}: ${example}`
  return /^\d+$/.test(inner[0]) ? `${key}: [${example}]` : `${key}: { ${settingOf(inner, example)} }`
}
