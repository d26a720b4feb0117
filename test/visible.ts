/** JSON in ASCII only, for names of tests: TAP does not like a line separator in one. */
export function visible (value: unknown): string {
  return String(JSON.stringify(value) ?? value).replace(/[^\x20-\x7E]/g, (character) =>
    `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
