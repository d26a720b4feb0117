/** The index after the optional whitespace at `at` (RFC 9110 section 5.6.3). */
export function skipWhitespace (text: string, at: number): number {
  while (text[at] === ' ' || text[at] === '\t') at++
  return at
}
