import AjvCompiler from '@fastify/ajv-compiler'
import { Type } from '@fastify/type-provider-typebox'
import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'

const newCompiler = AjvCompiler()
const strict = newCompiler({}, { customOptions: { coerceTypes: false, removeAdditional: false } })
// In a URL everything is a string: `limit=20` has to become a number first. `limit=Infinity` becomes one, too, and has to be compared.
const coercing = newCompiler({}, { customOptions: { coerceTypes: true, removeAdditional: false, useDefaults: true, strictNumbers: false } })

/** A body is taken as it is: what does not fit is refused, not converted and not cut to size. */
export const compileValidator: FastifySchemaCompiler<object> = (route) =>
  route.httpPart === 'body' ? strict(route) : coercing(route)

/** Says which field is wrong, and why. */
export function describeInvalid ([error]: FastifySchemaValidationError[], part: string): Error {
  const { instancePath, keyword, message, params } = error
  const why = keyword === 'additionalProperties' ? `must not have the unknown field '${params.additionalProperty}'` : message
  return new Error(`${part}${instancePath} ${why}`)
}

// The format alone lets `urn:uuid:...` pass, which the database refuses.
export const IdSchema = Type.String({ format: 'uuid', pattern: '^[^:]*$' })

/** A date in our code, a string in JSON: the serializer writes it. */
export const TimestampSchema = Type.Unsafe<Date>({ type: 'string', format: 'date-time' })

/** Text that PostgreSQL keeps as it is: it takes neither NUL, nor the half of a surrogate pair. */
export function TextSchema (minLength: number, maxLength: number) {
  return Type.String({ minLength, maxLength, pattern: '^[^\\u0000\\ud800-\\udfff]*$' })
}
