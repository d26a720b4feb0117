/** An object as a literal makes it. */
export type Plain = Record<string, unknown>

/** A schema of another kind, such as Zod's, is an instance of a class: nothing can be read in it, and what is added to a copy of it would go unseen. */
export function isPlain (value: unknown): value is Plain {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
