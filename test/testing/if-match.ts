import type { Fault } from './server.js'

/** Whether an If-Match header matches an ETag (RFC 9110 section 13.1.1). */
export function matchesIfMatch (ifMatch: string, etag: string): boolean {
  if (ifMatch === '*') return true
  const list: string[] = ifMatch.match(/(?:W\/)?"[^"]*"/g) ?? []
  return !etag.startsWith('W/') && list.includes(etag)
}

/** The same, with a fault. */
export function matchesWithFault (ifMatch: string, etag: string, fault?: Fault): boolean {
  const opaque = (text: string) => text.trim().replace(/^(W\/)?"?|"$/g, '')
  const quoted: string[] = ifMatch.match(/"[^"]*"/g) ?? []
  switch (fault) {
    case 'if-match-ignored': return true
    case 'if-match-without-quotes': return ifMatch === opaque(etag)
    case 'weak-comparison': return quoted.includes(etag)
    case 'list-split-at-commas': {
      return !ifMatch.startsWith('W/') && ifMatch.split(',').map(opaque).includes(opaque(etag))
    }
    case 'no-list': return ifMatch === etag
    case 'first-of-list': return ifMatch.split(', ')[0] === etag
    default: return matchesIfMatch(ifMatch, etag)
  }
}
