/** Where the optional whitespace that begins at `at` ends (RFC 9110 section 5.6.3). */
export function skipWhitespace (text: string, at: number): number {
  while (text[at] === ' ' || text[at] === '\t') at++
  return at
}
