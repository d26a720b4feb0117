import { pathInApp, withoutTrailingSlash, type Reference, type Server } from '../http/uri-reference.js'
import type { Exchange } from './exchange.js'
import type { RouteInfo } from './rule.js'

/** How a Location relates to the server and to the target of the request. */

export function isOnThisServer ({ origin }: Reference, exchange: Exchange, server: Server): boolean {
  if (origin === undefined || origin === server.origin) return true
  return server.origin === undefined && !server.locationOrigins.includes(origin) && isOwnHost(origin, exchange)
}

/** Whether an origin is the one that the request was sent to. */
export function isOwnHost (origin: string, { host }: Exchange): boolean {
  return [`http://${host}`, `https://${host}`].some((own) => parseUrl(own)?.origin === origin)
}

/** Whether Location was built from the Host of the request: what is wrong with it may be the client's doing. */
export function isBuiltFromHost ({ location, host }: Exchange): boolean {
  return typeof location === 'string' && location.includes(`://${host}/`)
}

/** Whether a Location is the URL that the request was sent to. */
export function namesTarget (reference: Reference, exchange: Exchange, route: RouteInfo): boolean {
  const { method, targets: [sent, routed] } = exchange
  return isTarget(reference, sent, method, route) || (routed !== sent && isTarget(reference, routed, method, route))
}

function isTarget (reference: Reference, target: string, method: string, { settings, router }: RouteInfo): boolean {
  const [path, query] = splitTarget(target)
  const inApp = pathInApp(reference.path, settings.server) ?? reference.path
  const isSame = isSamePath(reference.path, path, method, router) ||
    (inApp !== reference.path && isSamePath(inApp, path, method, router))
  if (!isSame) return false
  // A client may send to a collection the very query that identifies its members.
  return reference.query === '' || (method === 'PUT' && reference.query === query)
}

function isSamePath (candidate: string, path: string, method: string, router: RouteInfo['router']): boolean {
  if (router.isSamePath(candidate, path)) return true
  return method === 'PUT' && router.isSamePath(decodeSlashes(candidate), decodeSlashes(path))
}

/** Fastify answers a route "/" below a prefix with and without the slash, and a wildcard reads "/" and "%2F" alike. */
function decodeSlashes (path: string): string {
  return withoutTrailingSlash(path.replace(/%2f/gi, '/'))
}

/** RFC 9112 section 3.2: a path, or an absolute URL. The router also accepts a fragment, which should not be there. */
function splitTarget (target: string): [path: string, query: string] {
  const url = target.startsWith('/') ? undefined : parseUrl(target)
  if (url !== undefined) return [url.pathname, url.search]
  const end = target.search(/[?#]/)
  return end === -1 ? [target, ''] : [target.slice(0, end), target.slice(end)]
}

function parseUrl (text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}
