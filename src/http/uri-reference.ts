import { show } from '../util/format-value.js'

/**
 * Addresses that a server gives for its own resources: references by RFC 3986, narrower than what Location could
 * carry (RFC 9110 section 10.2.2), because a 201 has to name one thing that every client resolves alike.
 */

/** Where a server's addresses begin, as its clients see them. */
export interface Server {
  /** Scheme, host and port that addresses are made absolute with. */
  origin?: string
  /** What stands before the paths of this app, and a reverse proxy strips. */
  basePath: string
  /** Other origins that an address may be on. */
  allowedOrigins: readonly string[]
}

/** A reference that {@link refuseReference} has nothing against. */
export interface Reference {
  /** Absent where the reference is path-absolute. */
  origin?: string
  path: string
  /** With its question mark, or empty. */
  query: string
}

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/
const HTTP_REFERENCE = /^(?:https?:\/\/(?<authority>[^/?]+))?(?<path>[^?]*)(?<query>.*)$/i
// RFC 3986: pchar, "/" and "?", and the brackets of an IPv6 address.
const OUTSIDE_A_URI = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%[\]#]/u
const BARE_PERCENT = /%(?![0-9A-Fa-f]{2})/
const DOT_SEGMENT = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i

/** The source of a regular expression: letters, digits and the like, as most segments are. There is nothing in them to be wrong, or to be decoded. */
export const PLAIN_SEGMENT = '[\\w~-]+'
const PLAIN = new RegExp(`^${PLAIN_SEGMENT}$`)
const PLAIN_PATH = new RegExp(`^(?:/${PLAIN_SEGMENT})+$`)

export function isPlainSegment (text: string): boolean {
  return PLAIN.test(text)
}

/** Why `value` cannot be the address of a resource; `undefined` when it can. */
export function refuseReference (value: unknown): string | undefined {
  if (typeof value !== 'string') return `${show(value)} is no address: it must be one string, or a URL`
  if (PLAIN_PATH.test(value)) return undefined
  const refusal = refuseCharacters(value) ?? (SCHEME.test(value) ? refuseAbsolute(value) : refuseRelative(value))
  return refusal && `${show(value)} ${refusal}`
}

function refuseCharacters (text: string): string | undefined {
  if (text === '') return 'is empty: it names nothing'
  const character = OUTSIDE_A_URI.exec(text)?.[0]
  if (character !== undefined) return `has ${nameOf(character)}, which a URI cannot carry as it is: percent-encode each segment with encodeURIComponent()`
  if (BARE_PERCENT.test(text)) return 'has a % without two hexadecimal digits after it: percent-encode each segment with encodeURIComponent()'
  if (text.includes('#')) return 'has a fragment: the address of a resource is without one'
  return undefined
}

function nameOf (character: string): string {
  if (character === ' ') return 'a space'
  const code = character.codePointAt(0)!
  return code > 0x20 && code < 0x7F ? `the character ${character}` : `the character U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}

function refuseAbsolute (text: string): string | undefined {
  const { authority } = split(text)
  if (authority === undefined) return 'is no http or https URL: begin it with "https://" and a host, or with "/" for a path of this app'
  if (authority.includes('@')) return 'has a user name before its host, which no http address may have'
  if (!URL.canParse(text)) return 'is no valid URL: its host or port cannot be parsed'
  return refusePath(text)
}

function refuseRelative (text: string): string | undefined {
  if (text.startsWith('//')) return 'begins with "//", so that what follows is taken for a host: begin it with one "/"'
  if (!text.startsWith('/')) return 'is relative to the URL of the request: begin it with "/"'
  return refusePath(text)
}

function refusePath (text: string): string | undefined {
  const { path, query } = split(text)
  if (DOT_SEGMENT.test(path)) return 'has a segment "." or "..", which clients remove'
  if (/[[\]]/.test(path + query)) return 'has a bracket, which a path cannot carry as it is: percent-encode each segment with encodeURIComponent()'
  return undefined
}

function split (text: string): { authority?: string, path: string, query: string } {
  return HTTP_REFERENCE.exec(text)!.groups as { authority?: string, path: string, query: string }
}

/** @returns `undefined` for what {@link refuseReference} refuses */
export function parseReference (text: string): Reference | undefined {
  if (PLAIN_PATH.test(text)) return { origin: undefined, path: text, query: '' }
  if (refuseReference(text) !== undefined) return undefined
  const { authority, path, query } = split(text)
  return { origin: authority === undefined ? undefined : new URL(text).origin, path: path || '/', query }
}

/** A path of the app as its clients see it; an absolute URL is one already. */
export function publicAddress (reference: string, { origin, basePath }: Server): string {
  if ((origin === undefined && basePath === '') || !reference.startsWith('/')) return reference
  return `${origin ?? ''}${basePath}${reference}`
}

/** The path inside the app that a public path is served by, `undefined` where it is not below the base path. */
export function pathInApp (publicPath: string, { basePath }: Server): string | undefined {
  if (publicPath === basePath) return '/'
  return publicPath.startsWith(`${basePath}/`) ? publicPath.slice(basePath.length) : undefined
}

export function withoutSlash (path: string): string {
  return path.replace(/\/$/, '')
}

/** How a router reads paths, beyond what RFC 9110 section 4.2.3 makes equal. */
export interface PathOptions {
  caseSensitive: boolean
  ignoreTrailingSlash: boolean
  ignoreDuplicateSlashes: boolean
  useSemicolonDelimiter: boolean
}

/** Whether a server answers two paths alike: it decodes each segment, however its client has spelled it. */
export function samePath (a: string, b: string, options: PathOptions): boolean {
  if (a === b) return true
  const { caseSensitive, ignoreTrailingSlash, ignoreDuplicateSlashes, useSemicolonDelimiter } = options
  const isLiteral = caseSensitive && !ignoreTrailingSlash && !ignoreDuplicateSlashes && !useSemicolonDelimiter && !a.includes('%') && !b.includes('%')
  return !isLiteral && canonical(a, options) === canonical(b, options)
}

function canonical (path: string, { caseSensitive, ignoreTrailingSlash, ignoreDuplicateSlashes, useSemicolonDelimiter }: PathOptions): string {
  const routed = useSemicolonDelimiter ? path.replace(/;.*/, '') : path
  const single = ignoreDuplicateSlashes ? routed.replace(/\/+/g, '/') : routed
  const trimmed = ignoreTrailingSlash ? withoutSlash(single) : single
  const decoded = trimmed.split('/').map((segment) => encodeURIComponent(decode(segment))).join('/')
  return caseSensitive ? decoded : decoded.toLowerCase()
}

function decode (segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
