import {
  areSpellings, pathInApp, referenceProblem, withoutTrailingSlash, type Reference, type Server
} from '../http/uri-reference.js'
import { isUpdate } from '../http/methods.js'
import type { Exchange } from './exchange.js'
import type { RouteInfo } from './rule.js'

/** How a Location relates to the server and to the target of the request. */

const ORIGIN = /^https?:\/\/[^/?#]*/i

export function isOnThisServer ({ origin }: Reference, exchange: Exchange, server: Server): boolean {
  if (origin === undefined || origin === server.origin) return true
  return server.origin === undefined && !server.locationOrigins.includes(origin) && isOwnHost(origin, exchange)
}

/** Whether an origin is the one that the request was sent to. */
export function isOwnHost (origin: string, { host }: Exchange): boolean {
  return [`http://${host}`, `https://${host}`].some((own) => parseUrl(own)?.origin === origin)
}

/** Whether Location was built from a host that the request names: what is wrong with it may be the client's doing. */
export function isBuiltFromHost ({ location, namedHosts }: Exchange): boolean {
  if (typeof location !== 'string') return false
  const hostname = parseUrl(location)?.hostname
  return namedHosts.some((host) => location.includes(`://${host}/`) ||
    (hostname !== undefined && parseUrl(`http://${host}`)?.hostname === hostname))
}

/** Whether Location was built from the path of the request, and that is no path of a resource already. */
export function isBuiltFromWrongPath ({ location, targets }: Exchange): boolean {
  if (typeof location !== 'string') return false
  const paths = targets.map((target) => splitTarget(target)[0])
  return paths.some((path) => location.includes(path) && (path.includes('//') || referenceProblem(path) !== undefined))
}

/** Whether a Location was made by appending a segment to a target that has a query. */
export function isBelowQuery ({ path, query }: Reference, { targets }: Exchange): boolean {
  return query !== '' && targets.map(splitTarget).some(([targetPath, targetQuery]) =>
    targetQuery !== '' && path.endsWith(targetPath) && query.startsWith(`${targetQuery}/`))
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
  if (!isUpdate(method)) return false
  // The client chooses how it spells the URL of what it creates or changes.
  const [created, target] = [decodeSlashes(candidate), decodeSlashes(path)]
  return router.isSamePath(created, target) || areSpellings(created, target)
}

/** Fastify answers a route "/" below a prefix with and without the slash, and a wildcard reads "/" and "%2F" alike. */
function decodeSlashes (path: string): string {
  return withoutTrailingSlash(path.replace(/%2f/gi, '/'))
}

/**
 * RFC 9112 section 3.2: a path, or an absolute URL, of which the router reads what follows the host as it came. The
 * router also accepts a fragment, which should not be there.
 */
function splitTarget (target: string): [path: string, query: string] {
  const local = target.replace(ORIGIN, '')
  const end = local.search(/[?#]/)
  const path = end === -1 ? local : local.slice(0, end)
  return [path || '/', local.slice(path.length)]
}

function parseUrl (text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}
