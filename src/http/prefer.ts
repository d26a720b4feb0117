import { skipWhitespace } from './whitespace.js'

/** The Prefer request header (RFC 7240). */

// RFC 7240 section 2: preference = token [ BWS "=" BWS word ] *( OWS ";" [ OWS parameter ] )
// An empty word counts as absent.
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"
const QUOTED = '"(?:[^"\\\\]|\\\\.)*"'
const ITEM = new RegExp(`(${TOKEN})(?:[ \\t]*=[ \\t]*(${QUOTED}|${TOKEN})?)?`, 'y')

/** What the client wants back from a successful write, `undefined` if it has no wish, or a contradictory one. */
export function preferredReturn (prefer: string | undefined): 'minimal' | 'representation' | undefined {
  if (prefer === undefined) return undefined
  const wishes = parsePreferences(prefer).filter(({ name }) => name === 'return').map(({ value }) => value)
  // Section 4.2: both at once count as neither.
  if (wishes.includes('minimal') && wishes.includes('representation')) return undefined
  const [first] = wishes
  return first === 'minimal' || first === 'representation' ? first : undefined
}

/** The preferences up to the first that cannot be parsed, without their parameters. Names in lower case. */
export function parsePreferences (prefer: string): Array<{ name: string, value: string }> {
  const preferences: Array<{ name: string, value: string }> = []
  let isParameter = false
  let at = skipWhitespace(prefer, 0)
  while (at < prefer.length) {
    ITEM.lastIndex = at
    const item = ITEM.exec(prefer)
    if (item !== null) {
      at = skipWhitespace(prefer, at + item[0].length)
      if (!isParameter) preferences.push({ name: item[1].toLowerCase(), value: unquote(item[2] ?? '') })
    }
    const separator = prefer[at]
    if (separator !== undefined && separator !== ',' && separator !== ';') {
      if (item !== null && !isParameter) preferences.pop()
      break
    }
    isParameter = separator === ';'
    at = skipWhitespace(prefer, at + 1)
  }
  return preferences
}

function unquote (word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word
}
