/** The name of a built-in class that a value is of, in any realm: `URL`, `Response`. Objects without one: `Object`. */
export function tagOf (value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1)
}
