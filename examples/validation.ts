import AjvCompiler from '@fastify/ajv-compiler'
import { Type } from '@fastify/type-provider-typebox'
import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'

const newCompiler = AjvCompiler()
const withoutCoercion = newCompiler({}, { customOptions: { coerceTypes: false, removeAdditional: false } })
// Everything in a URL is a string: `limit=20` must become a number first. `strictNumbers: false` makes Ajv compare
// `limit=Infinity` with the maximum, like any other number.
const withCoercion = newCompiler({}, {
  customOptions: { coerceTypes: true, removeAdditional: false, useDefaults: true, strictNumbers: false }
})

/** Rejects bodies that do not match their schema. Fastify's default would convert types and remove unknown fields. */
export const compileValidator: FastifySchemaCompiler<object> = (route) =>
  route.httpPart === 'body' ? withoutCoercion(route) : withCoercion(route)

/** Says which field is wrong, and why. */
export function formatSchemaError ([error]: FastifySchemaValidationError[], part: string): Error {
  const { instancePath, keyword, message, params } = error
  const isUnknownField = keyword === 'additionalProperties'
  const reason = isUnknownField ? `must not have the unknown field '${params.additionalProperty}'` : message
  return new Error(`${part}${instancePath} ${reason}`)
}

// The format alone also accepts `urn:uuid:...`, which the database rejects.
export const IdSchema = Type.String({ format: 'uuid', pattern: '^[^:]*$' })

/** A `Date` in TypeScript, which the serializer writes as a string. */
export const TimestampSchema = Type.Unsafe<Date>({ type: 'string', format: 'date-time' })

/** Text that PostgreSQL can store: without NUL and without half of a surrogate pair. */
export function TextSchema (minLength: number, maxLength: number) {
  return Type.String({ minLength, maxLength, pattern: '^[^\\u0000\\ud800-\\udfff]*$' })
}
