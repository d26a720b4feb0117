import { isNativeError } from 'node:util/types'

/** Whether a value is an Error, of any realm: Jest and `node:vm` have an `Error` of their own. */
export function isError (value: unknown): value is Error {
  return value instanceof Error || isNativeError(value)
}
