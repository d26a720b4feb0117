/** An object as a literal makes it. */
export type PlainObject = Record<string, unknown>

/**
 * Whether a value is such an object, of any realm: Jest and `node:vm` have an `Object.prototype` of their own.
 * Schemas that are not JSON Schemas, such as Zod's, are instances of classes.
 */
export function isPlainObject (value: unknown): value is PlainObject {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
