export function isIdentifier (name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name)
}

/** The name of a property, as it is written in an object literal. */
export function quoted (name: string): string {
  return isIdentifier(name) ? name : `'${name}'`
}
