import { isUnwritable, type HeaderValue } from '../http/header-fields.js'
import { pathInApp, referenceProblem, withoutTrailingSlash, type Reference } from '../http/uri-reference.js'
import { exampleName } from '../resource/example-name.js'
import type { MisreadProblem } from '../resource/router.js'
import { formatValue } from '../util/format-value.js'
import type { Exchange } from './exchange.js'
import { isRedirect, type Finding, type RouteInfo, type Rule } from './rule.js'
import { isBelowQuery, isOnThisServer, isOwnHost, namesTarget } from './target.js'

/** Rules about Location. */

export const locationSyntax = {
  id: 'location-syntax',
  stages: ['call', 'response'],
  recommended: 'error',
  strict: 'error',
  spec: 'RFC 9110 section 10.2.2',
  requires: 'Location must be a path that begins with "/", or an http(s) URL, percent-encoded and without a fragment',
  // eslint-disable-next-line no-template-curly-in-string -- code in a message
  fix: 'location: `/users/${encodeURIComponent(user.id)}`',
  checkedByHelper: 'location',
  check: ({ status, location, isLocationOfHelper, reference }) => {
    if (location === undefined || reference !== undefined) return undefined
    if (status === 201 || isLocationOfHelper) return ofLocation(referenceProblem(location))
    return isRedirect(status) ? ofLocation(fieldValueProblem(location)) : undefined
  }
} as const satisfies Rule

export const locationOrigin = {
  id: 'location-origin',
  stages: ['call', 'response'],
  recommended: 'error',
  strict: 'error',
  spec: 'RFC 9110 sections 7.2 and 17.1',
  requires: 'the Location of a 201, or given to a helper, must be on this server, or on one of the locationOrigins',
  fix: 'give a path of this app, ' +
    "or set the option: app.register(fastifyCreated, { locationOrigins: ['https://cdn.example.com'] })",
  checkedByHelper: 'location',
  check: (exchange, { settings: { server } }) => {
    const origin = exchange.reference?.origin
    if (origin === undefined || origin === server.origin || server.locationOrigins.includes(origin)) return undefined
    if (server.origin !== undefined || !isOwnHost(origin, exchange)) {
      return {
        found: `Location is on ${origin}`,
        fix: `give a path of this app, or set locationOrigins: ['${origin}']`
      }
    }
    return {
      found: `Location is on ${origin}, built from the Host of the request, which any client can set`,
      fix: `give a path of this app, or set origin: '${origin}'`,
      atMost: 'warn'
    }
  }
} as const satisfies Rule

export const locationResolves = {
  id: 'location-resolves',
  stages: ['call', 'response'],
  recommended: 'error',
  strict: 'error',
  spec: 'RFC 9110 section 15.3.2',
  requires: 'a GET route of this server must answer the Location of a 201, and any Location given to a helper',
  fix: "declare app.get('/users/:id', …), or correct the Location",
  checkedByHelper: 'location',
  // In production the record is already stored, and the log would be all that a look-up in the router could change.
  appliesTo: (_method, _status, { settings: { enforcement } }) => enforcement === 'throw',
  check: (exchange, route) => {
    const { resourceUrl, reference } = exchange
    if (resourceUrl !== undefined) {
      const problem = route.router.misreadProblem(resourceUrl)
      return problem && misreadFinding(problem)
    }
    if (reference === undefined || !isOnThisServer(reference, exchange, route.settings.server)) return undefined
    return unresolved(reference.path, exchange, route)
  }
} as const satisfies Rule

export const locationTarget = {
  id: 'location-target',
  stages: ['call', 'response'],
  recommended: 'error',
  strict: 'error',
  spec: 'RFC 9110 sections 9.3.4 and 15.3.2',
  requires: 'the Location of a 201 must name the new resource: ' +
    'to POST not the collection itself, to PUT nothing but the target',
  fix: 'give the URL of the new resource',
  checkedByHelper: 'location',
  appliesTo: (method, status) => status === 201 && (method === 'POST' || method === 'PUT'),
  check: (exchange, route) => {
    const { method, reference } = exchange
    if (reference === undefined) return undefined
    const { server } = route.settings
    if (method === 'POST' && isBelowQuery(reference, exchange)) return belowQuery(reference, route)
    const isTarget = isOnThisServer(reference, exchange, server) && namesTarget(reference, exchange, route)
    if (isTarget === (method === 'PUT')) return undefined
    return method === 'PUT' ? notTheTarget(reference, route) : theCollection(reference, route)
  }
} as const satisfies Rule

export const locationStatus = {
  id: 'location-status',
  stages: ['response'],
  recommended: 'warn',
  strict: 'warn',
  spec: 'RFC 9110 section 10.2.2',
  requires: 'Location has a meaning on 201, 202 and 3xx only',
  fix: "use Content-Location or Link instead: reply.header('content-location', url)",
  appliesTo: (_method, status) => status !== 201 && status !== 202 && !isRedirect(status),
  check: ({ status, location }) => location === undefined
    ? undefined
    : { found: `the ${status} has a Location, which clients ignore` }
} as const satisfies Rule

function theCollection ({ path }: Reference, { url }: RouteInfo): Finding {
  return {
    found: `Location is ${path}, the URL that the request was sent to`,
    fix: `location: \`${withoutTrailingSlash(path)}/\${${exampleName(url)}.id}\``
  }
}

function belowQuery ({ path, query }: Reference, { url }: RouteInfo): Finding {
  return {
    found: `Location is ${path}${query}, the URL of the request with its query, and then "/": GET ignores the query`,
    fix: `location: \`\${request.url.split('?')[0]}/\${${exampleName(url)}.id}\``
  }
}

function notTheTarget ({ origin = '', path }: Reference, { url }: RouteInfo): Finding {
  return {
    found: `a PUT creates the resource at its own URL, but Location is ${origin}${path}`,
    fix: `return reply.upserted(${exampleName(url)}, { created: true }), which needs no Location; ` +
      'or reply.seeOther() if it is elsewhere'
  }
}

function unresolved (path: string, exchange: Exchange, { router, settings }: RouteInfo): Finding | undefined {
  const { server } = settings
  const inApp = pathInApp(path, server)
  if (inApp === undefined) {
    return {
      found: `Location ${path} is not below the basePath ${server.basePath}`,
      fix: 'give reply.created() the path without the basePath'
    }
  }
  const [sent, routed] = exchange.targets
  // Only the app knows how it rewrites URLs.
  if (sent !== routed) return undefined
  const problem = router.unansweredProblem(inApp, exchange.constraints)
  if (problem === undefined) return undefined
  const isDoubled = server.basePath !== '' && pathInApp(inApp, server) !== undefined
  if (!isDoubled) return problem
  return {
    found: `${problem.found}, which has the basePath ${server.basePath} twice`,
    fix: 'give the path without the basePath'
  }
}

export function misreadFinding ({ found, fix, isFromRequest }: MisreadProblem): Finding {
  return { found, fix, ...isFromRequest && { atMost: 'warn' } }
}

function ofLocation (problem: Finding | undefined): Finding | undefined {
  return problem && { ...problem, found: `Location is ${problem.found}` }
}

function fieldValueProblem (value: HeaderValue): Finding | undefined {
  if (Array.isArray(value) && value.length !== 1) return { found: `a list of ${value.length} values`, fix: 'give one' }
  if (!isUnwritable(value)) return undefined
  return { found: `${formatValue(value)}, which has a character that no header can have` }
}
