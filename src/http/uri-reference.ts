import { cut, formatValue } from '../util/format-value.js'
import type { Problem } from '../util/problem.js'

/**
 * URLs of a server's own resources: URI references (RFC 3986), with less freedom than Location has (RFC 9110 section
 * 10.2.2), because the Location of a 201 has to name one resource that every client resolves alike.
 */

/** How the clients of a server see its URLs. */
export interface Server {
  /** Scheme, host and port. Without it URLs are paths. */
  origin?: string
  /** What a reverse proxy strips from the path. */
  basePath: string
  /** Other origins that a Location may have. */
  locationOrigins: readonly string[]
}

/** A reference without a {@link referenceProblem}. */
export interface Reference {
  /** Absent if the reference is a path. */
  origin?: string
  path: string
  /** With its question mark, or empty. */
  query: string
}

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/
const HTTP_REFERENCE = /^(?:https?:\/\/(?<authority>[^/?]+))?(?<path>[^?]*)(?<query>.*)$/i
// RFC 3986: pchar, "/" and "?", and the brackets of an IPv6 address.
const OUTSIDE_A_URI = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%[\]#]/u
// The same without brackets and "#" (sections 3.3 and 3.4).
const OUTSIDE_A_PATH = /[^\w\-.~!$&'()*+,;=:@/?%]/
const BARE_PERCENT = /%(?![0-9A-Fa-f]{2})/
const DOT_SEGMENT = /(?:^|\/)(?:\.|%2e){1,2}(?:[/?]|$)/i
// eslint-disable-next-line no-template-curly-in-string -- code in a message
const ENCODE = 'encode each segment with encodeURIComponent(), as in `/files/${encodeURIComponent(name)}`'
const EXAMPLE = "use a path such as '/users/42'"

/** Why a value cannot be the URL of a resource. */
export function referenceProblem (value: unknown): Problem | undefined {
  if (typeof value !== 'string') return { found: `${formatValue(value)}, which is not a URL`, fix: EXAMPLE }
  if (isPathReference(value)) return undefined
  const problem = characterProblem(value) ?? (SCHEME.test(value) ? absoluteProblem(value) : relativeProblem(value))
  return problem && { ...problem, found: `${formatValue(value)}, which ${problem.found}` }
}

function isPathReference (text: string): boolean {
  return text.startsWith('/') && !text.startsWith('//') &&
    !OUTSIDE_A_PATH.test(text) && !BARE_PERCENT.test(text) && !DOT_SEGMENT.test(text)
}

function characterProblem (text: string): Problem | undefined {
  if (text === '') return { found: 'is empty', fix: EXAMPLE }
  const character = OUTSIDE_A_URI.exec(text)?.[0]
  if (character !== undefined) return { found: `has ${nameOf(character)}`, fix: ENCODE }
  if (BARE_PERCENT.test(text)) return { found: 'has a % without two hexadecimal digits after it', fix: ENCODE }
  if (text.includes('#')) return { found: 'has a fragment', fix: 'remove "#" and what follows it' }
  return undefined
}

function nameOf (character: string): string {
  if (character === ' ') return 'a space'
  const code = character.codePointAt(0)!
  const isVisible = code > 0x20 && code < 0x7F
  return `the character ${isVisible ? character : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`}`
}

function absoluteProblem (text: string): Problem | undefined {
  const { authority } = split(text)
  if (authority === undefined) return { found: 'is not an http or https URL', fix: EXAMPLE }
  if (authority.includes('@')) return { found: 'has a user name before its host', fix: 'remove it' }
  if (!URL.canParse(text)) return { found: 'has a host or a port that cannot be parsed', fix: EXAMPLE }
  return pathProblem(text)
}

function relativeProblem (text: string): Problem | undefined {
  if (text.startsWith('//')) {
    return { found: 'begins with "//", so clients take what follows for a host', fix: EXAMPLE }
  }
  if (!text.startsWith('/')) {
    return { found: 'is relative to the URL of the request', fix: `begin it with "/": '/${cut(text)}'` }
  }
  return pathProblem(text)
}

function pathProblem (text: string): Problem | undefined {
  const { path, query } = split(text)
  if (DOT_SEGMENT.test(path)) {
    return { found: 'has a segment "." or "..", which clients remove', fix: 'use ids that are neither "." nor ".."' }
  }
  if (/[[\]]/.test(path + query)) return { found: 'has a bracket', fix: ENCODE }
  return undefined
}

function split (text: string): { authority?: string, path: string, query: string } {
  return HTTP_REFERENCE.exec(text)!.groups as { authority?: string, path: string, query: string }
}

/** @returns `undefined` for what has a {@link referenceProblem} */
export function parseReference (text: string): Reference | undefined {
  if (isPathReference(text)) {
    const end = text.includes('?') ? text.indexOf('?') : text.length
    return { origin: undefined, path: text.slice(0, end), query: text.slice(end) }
  }
  if (referenceProblem(text) !== undefined) return undefined
  const { authority, path, query } = split(text)
  return { origin: authority === undefined ? undefined : new URL(text).origin, path: path || '/', query }
}

/** A path of the app as its clients see it. An absolute URL, and one that begins with "//", is returned as it is. */
export function publicUrl (reference: string, { origin, basePath }: Server): string {
  const isPath = reference.startsWith('/') && !reference.startsWith('//')
  return isPath ? `${origin ?? ''}${basePath}${reference}` : reference
}

/** The path inside the app that serves a public path, `undefined` if it is not below the base path. */
export function pathInApp (publicPath: string, { basePath }: Server): string | undefined {
  if (basePath === '') return publicPath
  if (publicPath === basePath) return '/'
  return publicPath.startsWith(`${basePath}/`) ? publicPath.slice(basePath.length) : undefined
}

export function withoutTrailingSlash (path: string): string {
  return path.replace(/\/$/, '')
}

/** How a router reads paths, beyond what RFC 9110 section 4.2.3 makes equal. */
export interface PathOptions {
  caseSensitive: boolean
  ignoreTrailingSlash: boolean
  ignoreDuplicateSlashes: boolean
  useSemicolonDelimiter: boolean
}

/** Whether a server reads two paths alike: it decodes each segment. */
export function samePath (a: string, b: string, options: PathOptions): boolean {
  if (a === b) return true
  const { caseSensitive, ignoreTrailingSlash, ignoreDuplicateSlashes, useSemicolonDelimiter } = options
  const isExact = caseSensitive && !ignoreTrailingSlash && !ignoreDuplicateSlashes && !useSemicolonDelimiter
  if (isExact && !a.includes('%') && !b.includes('%')) return false
  return normalized(a, options) === normalized(b, options)
}

function normalized (path: string, options: PathOptions): string {
  const { caseSensitive, ignoreTrailingSlash, ignoreDuplicateSlashes, useSemicolonDelimiter } = options
  const routed = useSemicolonDelimiter ? path.replace(/;.*/, '') : path
  const single = ignoreDuplicateSlashes ? routed.replace(/\/+/g, '/') : routed
  const trimmed = ignoreTrailingSlash ? withoutTrailingSlash(single) : single
  const decoded = trimmed.split('/').map((segment) => encodeURIComponent(decode(segment))).join('/')
  return caseSensitive ? decoded : decoded.toLowerCase()
}

/**
 * Whether two paths differ at most in spelling, which an app may correct: upper case in a UUID, `007` where the
 * parameter is an integer.
 */
export function areSpellings (a: string, b: string): boolean {
  return inOneSpelling(a) === inOneSpelling(b)
}

function inOneSpelling (path: string): string {
  return path.split('/').map((segment) => {
    const text = decode(segment).normalize('NFKC').trim().toLowerCase()
    return text === '' || Number.isNaN(Number(text)) ? text : String(Number(text))
  }).join('/')
}

function decode (segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
