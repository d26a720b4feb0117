import type { HeaderValue } from './header-fields.js'

/** Cache-Control (RFC 9111 section 5.2), and its like for some caches only, such as CDN-Cache-Control (RFC 9213). */

const CACHE_CONTROL_FIELD = /^(?:.*-)?cache-control$|^surrogate-control$/
// Directives that let caches store what they otherwise would not, or use it for longer.
const PROLONGING = /^(?:public|immutable|stale-while-revalidate|stale-if-error|(?:max-age|s-maxage)(?!="?0+"?$))(?:=|$)/i
// A quoted string may have commas.
const DIRECTIVE = /(?:[^,"]|"[^"]*"?)+/g

export function isCacheControlField (name: string): boolean {
  return CACHE_CONTROL_FIELD.test(name)
}

/** The directives that restrict caches, without those that prolong; `undefined` if there are none. */
export function restrictingDirectives (value: HeaderValue): string | undefined {
  const directives = [value ?? []].flat().join(',').match(DIRECTIVE)?.map((directive) => directive.trim()) ?? []
  const restricting = directives.filter((directive) => directive !== '' && !PROLONGING.test(directive))
  return restricting.length === 0 ? undefined : restricting.join(', ')
}
