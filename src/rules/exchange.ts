import type { MadeAddress, SureAddress } from '../resource/canonical-routes.js'
import { parseReference, pathInApp, withoutSlash, type Reference, type Server } from '../http/uri-reference.js'
import type { Finding } from './index.js'

/** A set of severities for all rules: `recommended` lets pass what works but could be better, `strict` does not. */
export type Profile = 'recommended' | 'strict'
/** What a broken rule of severity `error` does to an answer: 500 in its place, or a line in the log. */
export type Enforcement = 'throw' | 'log'
export type HeaderValue = number | string | string[] | undefined

/** A request and its answer, as the rules see them. */
export interface Exchange {
  method: string
  /** The request-target, as the client sent it and, where the app rewrites URLs, as it is routed. */
  targets: readonly [sent: string, routed: string]
  /** As the request says it was sent to, which its client writes. */
  host: string
  status: number
  location: HeaderValue
  /** Location as the address of a resource, `undefined` where it is none or its syntax is refused already. */
  address: Reference | undefined
  etag: HeaderValue
  requestHeaders: Record<string, string | string[] | undefined>
  rawHeaders: readonly string[]
  responseHeader (name: string): HeaderValue
  /** `undefined` where it cannot be known, as of a stream. */
  hasContent: boolean | undefined
  /** The answer comes out of an error handler. */
  failed: boolean
  /** `assertPreconditions()` was called. */
  evaluated: boolean
  /** The Location was given to a helper, which asks of it on any status what a 201 asks. */
  byHelper: boolean
  /** A helper was told that there is no validator, by `etag: null`. */
  waivesEtag: boolean
  /** What Location was made of, where that is the home of a resource. */
  made?: MadeAddress | SureAddress | undefined
}

/** What the rules know of the route and its server. */
export interface Surroundings {
  readonly settings: {
    readonly profile: Profile
    readonly enforcement: Enforcement
    /** The route stores what PUT sends byte for byte. */
    readonly verbatim: boolean
    readonly server: Server
  }
  readonly router: {
    /** Whether it reads two paths alike. */
    isSamePath: (a: string, b: string) => boolean
    /** Why GET on a path of this app is not answered; `undefined` when it is, or that cannot be told. */
    refuseUnanswered: (path: string, exchange: Exchange) => string | undefined
    /** Why it reads an address otherwise than it was made; `undefined` when it does not, or that cannot be told. */
    refuseMisread: (address: MadeAddress) => Finding | undefined
  }
  /** GET here answers for a resource. */
  readonly isHome: boolean
  /** An update of the route's resource that requires If-Match. */
  readonly strongTagsFor?: string
  /** Whether the resource of the route says when it was last changed. */
  readonly hasModificationDate: boolean
  /** Whether the method updates something here that has a version. */
  asksPreconditions: (method: string) => boolean
  requiresPrecondition: (method: string) => boolean
}

// Overwrite is WebDAV's (RFC 4918 section 10.6), and so is If.
const CONDITION = /^(?:if|if-.+|overwrite)$/
// RFC 9110 section 5.5
const UNWRITABLE = /[^\t\x20-\x7E\x80-\xFF]/

export function isSuccess (status: number): boolean {
  return status >= 200 && status <= 299
}

export function isRedirect (status: number): boolean {
  return status >= 300 && status <= 399
}

/** Whether Node refuses to write this as the value of a header. */
export function isUnwritable (value: HeaderValue): boolean {
  return Array.isArray(value) ? value.some((line) => UNWRITABLE.test(line)) : typeof value === 'string' && UNWRITABLE.test(value)
}

export function isConditional (requestHeaders: Exchange['requestHeaders']): boolean {
  return Object.keys(requestHeaders).some((name) => CONDITION.test(name))
}

/** Uploads that go on after their 201 (tus, resumable uploads over HTTP) have rules of their own. */
export function isResumableUpload (headerNames: readonly string[]): boolean {
  return headerNames.some((name) => name === 'tus-resumable' || name.startsWith('upload-'))
}

export function fieldValue (value: string | string[] | undefined): string | undefined {
  return value?.toString()
}

/** The address of what was created, or is given to a helper. */
export function addressOf ({ status, location, byHelper }: Pick<Exchange, 'status' | 'location' | 'byHelper'>): Reference | undefined {
  const isAddress = (status === 201 || byHelper) && typeof location === 'string'
  return isAddress ? parseReference(location) : undefined
}

export function isOnThisServer ({ origin }: Reference, exchange: Exchange, server: Server): boolean {
  if (origin === undefined || origin === server.origin) return true
  return server.origin === undefined && !server.allowedOrigins.includes(origin) && isOwnHost(origin, exchange)
}

/** Whether an origin is the one that the request was sent to. */
export function isOwnHost (origin: string, { host }: Exchange): boolean {
  return [`http://${host}`, `https://${host}`].some((own) => parseUrl(own)?.origin === origin)
}

/** Whether Location was put together with the host of the request: what is wrong with it may be the client's doing, who also writes the scheme where a proxy is trusted. */
export function isBuiltFromHost ({ location, host }: Exchange): boolean {
  return typeof location === 'string' && location.includes(`://${host}/`)
}

/** Whether an address is the one that the request was sent to. */
export function namesTarget (address: Reference, { method, targets: [sent, routed] }: Exchange, surroundings: Surroundings): boolean {
  return isTarget(address, sent, method, surroundings) || (routed !== sent && isTarget(address, routed, method, surroundings))
}

function isTarget (address: Reference, target: string, method: string, { settings: { server }, router }: Surroundings): boolean {
  const [path, query] = splitTarget(target)
  const own = pathInApp(address.path, server)
  if (!isSamePath(address.path, path, method, router) && (own === undefined || !isSamePath(own, path, method, router))) return false
  // A client may send to a collection the very query that tells its members apart.
  return address.query === '' || (method === 'PUT' && address.query === query)
}

function isSamePath (candidate: string, path: string, method: string, router: Surroundings['router']): boolean {
  return router.isSamePath(candidate, path) || (method === 'PUT' && router.isSamePath(unspelled(candidate), unspelled(path)))
}

/** What a client is free to write in a target must not break a rule: Fastify declares the route "/" of a prefix twice, and a wildcard reads "/" and "%2F" alike. */
function unspelled (path: string): string {
  return withoutSlash(path.replace(/%2f/gi, '/'))
}

/** RFC 9112 section 3.2: mostly a path, but a client may send a whole URL, and the router takes a fragment that should not be there. */
function splitTarget (target: string): [path: string, query: string] {
  const url = target.startsWith('/') ? undefined : parseUrl(target)
  if (url !== undefined) return [url.pathname, url.search]
  const end = target.search(/[?#]/)
  return end === -1 ? [target, ''] : [target.slice(0, end), target.slice(end)]
}

/** Which of Location and ETag a script on another origin cannot read (Fetch standard). */
export function hiddenFromScripts (exchange: Exchange, server: Server): string[] {
  const origin = fieldValue(exchange.requestHeaders.origin)
  if (origin === undefined) return []
  const { location, etag } = exchange
  if (origin === server.origin || isOwnHost(origin, exchange) || exchange.responseHeader('access-control-allow-origin') === undefined) return []
  const exposed = String(exchange.responseHeader('access-control-expose-headers') ?? '').toLowerCase().split(',').map((name) => name.trim())
  // With credentials the asterisk is a name like any other.
  if (exposed.includes('*') && exchange.responseHeader('access-control-allow-credentials') !== 'true') return []
  const present = [...(location === undefined ? [] : ['Location']), ...(etag === undefined ? [] : ['ETag'])]
  return present.filter((name) => !exposed.includes(name.toLowerCase()))
}

function parseUrl (text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}
