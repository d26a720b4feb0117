import {
  fieldValue, hiddenFromScripts, isConditional, isOnThisServer, isOwnHost, isRedirect, isSuccess, isUnwritable, namesTarget, type Exchange, type HeaderValue, type Surroundings
} from './exchange.js'
import { isEntityTag } from '../http/entity-tag.js'
import { pathInApp, refuseReference } from '../http/uri-reference.js'
import { isRead, neverCreates } from '../http/methods.js'
import { hasApplicablePrecondition } from '../http/preconditions.js'
import { preferredReturn } from '../http/prefer.js'
import { show } from '../util/format-value.js'

/** `off`: not checked; `warn`: logged; `error`: stops the boot, and does to answers what the option `enforcement` says. */
export type Severity = 'off' | 'warn' | 'error'

/** What breaks a rule, and where it is not the rule's own severity that counts, which one does. */
export type Finding = string | { found: string, atMost: 'warn' } | { found: string, always: 'error' }

/** One rule: when it is checked, how severe it is, where it is written, and what it asks. */
export interface Rule {
  readonly id: string
  /** When it can be known, earliest first. */
  readonly stages: ReadonlyArray<'boot' | 'request' | 'call' | 'response'>
  readonly recommended: Severity
  readonly strict: Severity
  /** The section that the rule comes from. */
  readonly spec: string
  /** What the rule asks, as a sentence that goes on from its id. */
  readonly says: string
  /** What a helper proves when it is called. The guard leaves it alone unless it has changed since. */
  readonly proves?: 'method' | 'location' | 'etag'
  /** The header without which an answer cannot break it. */
  readonly header?: 'location' | 'etag'
  /** Whether the usual answer cannot break it: {@link JSON_TYPE}, that no error handler made, to a request without Origin. Default: any. */
  readonly sparesUsual?: true
  /** Whether an answer of a route can break it at all. Default: any. */
  readonly concerns?: (method: string, status: number, route: Surroundings) => boolean
  /** What breaks it in an answer that it concerns. */
  readonly check?: (exchange: Exchange, route: Surroundings) => Finding | undefined
}

/** A rule that an exchange can be checked against. */
export type CheckedRule = Rule & { id: RuleId, check: NonNullable<Rule['check']> }

const PROBLEM = /^application\/problem\+json/i
/** What Fastify gives to JSON, and so most answers have: told apart at once. */
export const JSON_TYPE = 'application/json; charset=utf-8'

/** Every rule, in the order in which they are reported. */
export const RULES = [
  {
    id: 'resource-home',
    stages: ['boot'],
    recommended: 'error',
    strict: 'error',
    spec: 'RFC 9110 section 15.3.2',
    says: 'a route with a resource has exactly one nearest home, a GET route with the same resource'
  },
  {
    id: 'resource-params',
    stages: ['boot'],
    recommended: 'error',
    strict: 'error',
    spec: 'RFC 9110 section 15.3.2',
    says: 'every parameter of the URL of a home can be filled'
  },
  {
    id: 'created-method',
    stages: ['boot', 'call', 'response'],
    recommended: 'error',
    strict: 'error',
    spec: 'RFC 9110 sections 9.2.1 and 9.3.5',
    says: 'GET, HEAD, OPTIONS, TRACE and DELETE cannot answer 201',
    proves: 'method',
    concerns: (method, status) => status === 201 && neverCreates(method),
    check: ({ method }) => `${method} was answered 201: create with POST or PUT, or answer 200`
  },
  {
    id: 'created-failure',
    stages: ['response'],
    recommended: 'error',
    strict: 'error',
    spec: 'RFC 9110 section 15.3.2',
    says: 'an error is no creation, so it is not answered 201',
    sparesUsual: true,
    concerns: (_method, status) => status === 201,
    check: (exchange) => {
      if (exchange.failed) return 'an error handler answered 201: reply.statusCode is still the handler\'s, so set it with reply.code(error.statusCode ?? 500)'
      const type = exchange.responseHeader('content-type')
      return type !== JSON_TYPE && PROBLEM.test(String(type))
        ? `the content-type of a 201 is ${show(type)}: give the error its own status`
        : undefined
    }
  },
  {
    id: 'created-location',
    stages: ['call', 'response'],
    recommended: 'error',
    strict: 'error',
    spec: 'RFC 9110 sections 9.3.3 and 15.3.2',
    says: 'a 201 to POST says in Location where the new resource is',
    proves: 'location',
    concerns: answersPostWith201,
    check: ({ location }) => location === undefined
      ? 'there is no Location: answer with reply.created(body, { location, etag })'
      : undefined
  },
  {
    id: 'created-etag',
    stages: ['call', 'response'],
    recommended: 'warn',
    strict: 'error',
    spec: 'RFC 9110 sections 8.8 and 15.3.2',
    says: 'a 201 to POST carries the ETag of the new resource',
    proves: 'etag',
    concerns: answersPostWith201,
    check: ({ etag, waivesEtag }) => etag === undefined && !waivesEtag
      ? 'there is no ETag, so no update can be guarded with it: answer with reply.created(body, { location, etag }), with etag: null where there is no version'
      : undefined
  },
  {
    id: 'created-body',
    stages: ['response'],
    recommended: 'off',
    strict: 'warn',
    spec: 'RFC 9110 section 15.3.2',
    says: 'a 201 returns the resource, unless the client prefers otherwise',
    concerns: (_method, status) => status === 201,
    check: ({ hasContent, requestHeaders }) => hasContent === false && preferredReturn(fieldValue(requestHeaders.prefer)) !== 'minimal'
      ? 'the body is empty: send the representation of what was created'
      : undefined
  },
  {
    id: 'location-syntax',
    stages: ['call', 'response'],
    recommended: 'error',
    strict: 'error',
    spec: 'RFC 9110 section 10.2.2',
    says: 'Location is one address that every client reads alike',
    proves: 'location',
    header: 'location',
    check: ({ status, location, byHelper, address }) => {
      if (location === undefined || address !== undefined) return undefined
      if (status === 201 || byHelper) return describe('Location', refuseReference(location))
      return isRedirect(status) ? describe('Location', refuseFieldValue(location)) : undefined
    }
  },
  {
    id: 'location-origin',
    stages: ['call', 'response'],
    recommended: 'error',
    strict: 'error',
    spec: 'RFC 9110 sections 7.2 and 17.1',
    says: 'the Location of a 201, and any given to a helper, is on this server or on an allowed origin',
    proves: 'location',
    header: 'location',
    check: (exchange, { settings: { server } }) => {
      const { address } = exchange
      if (address?.origin === undefined || address.origin === server.origin || server.allowedOrigins.includes(address.origin)) return undefined
      if (server.origin !== undefined || !isOwnHost(address.origin, exchange)) {
        return `Location is on ${address.origin}, which is neither the option origin nor in allowedOrigins: give a path of this app, or allow the origin`
      }
      return { found: `Location is on ${address.origin}, as the request's Host says, which any client can set: give a path of this app, or set the option origin`, atMost: 'warn' }
    }
  },
  {
    id: 'location-resolves',
    stages: ['call', 'response'],
    recommended: 'error',
    strict: 'error',
    spec: 'RFC 9110 section 15.3.2',
    says: 'some GET route of this server answers at the Location of a 201, and at any given to a helper',
    proves: 'location',
    header: 'location',
    // Where what is stored already cannot be taken back, there is no time to lose on it.
    concerns: (_method, _status, { settings: { enforcement } }) => enforcement === 'throw',
    check: (exchange, { settings: { server }, router }) => {
      const { address, made } = exchange
      if (made !== undefined) return made.isSure ? undefined : router.refuseMisread(made)
      if (address === undefined || !isOnThisServer(address, exchange, server)) return undefined
      const path = pathInApp(address.path, server)
      if (path === undefined) return `Location ${address.path} is not below the basePath ${server.basePath}: begin it with that, or give reply.created() the path without it`
      const refusal = describe('Location', router.refuseUnanswered(path, exchange))
      const isDoubled = server.basePath !== '' && pathInApp(path, server) !== undefined
      return refusal && `${refusal}${isDoubled ? `; the basePath ${server.basePath} is put before it anyway, so give the path without it` : ''}`
    }
  },
  {
    id: 'location-target',
    stages: ['call', 'response'],
    recommended: 'error',
    strict: 'error',
    spec: 'RFC 9110 sections 9.3.4 and 15.3.2',
    says: 'the Location of a 201 to POST is not the collection it was sent to, and of a 201 to PUT nothing but the target',
    proves: 'location',
    header: 'location',
    concerns: (method, status) => status === 201 && (method === 'POST' || method === 'PUT'),
    check: (exchange, surroundings) => {
      const { method, address } = exchange
      if (address === undefined) return undefined
      const isTarget = isOnThisServer(address, exchange, surroundings.settings.server) && namesTarget(address, exchange, surroundings)
      if (method === 'POST') return isTarget ? `Location is ${address.path}, which the request was sent to: give the address of the new resource` : undefined
      return isTarget ? undefined : `PUT creates at its target, but Location is ${address.origin ?? ''}${address.path}: name the target, or answer 303 where the resource is elsewhere`
    }
  },
  {
    id: 'location-status',
    stages: ['response'],
    recommended: 'warn',
    strict: 'warn',
    spec: 'RFC 9110 section 10.2.2',
    says: 'Location means something on 201, 202 and 3xx only',
    header: 'location',
    concerns: (_method, status) => status !== 201 && status !== 202 && !isRedirect(status),
    check: ({ status, location }) => location === undefined
      ? undefined
      : `the answer is ${status} and has a Location, which clients ignore: use Content-Location or Link, or another status`
  },
  {
    id: 'etag-syntax',
    stages: ['call', 'response'],
    recommended: 'error',
    strict: 'error',
    spec: 'RFC 9110 section 8.8.3',
    says: 'ETag is one entity-tag, quotes included',
    proves: 'etag',
    header: 'etag',
    check: ({ etag }) => etag === undefined || (typeof etag === 'string' && isEntityTag(etag))
      ? undefined
      : `ETag is ${show(etag)}: write '"7"' or 'W/"7"', quotes included, or let reply.ok() and reply.created() do it`
  },
  {
    id: 'ok-etag',
    stages: ['response'],
    recommended: 'warn',
    strict: 'error',
    spec: 'RFC 9110 sections 8.8.3 and 15.3.1',
    says: 'a 200 from the home of a resource carries an ETag, unless the resource has none (null)',
    proves: 'etag',
    concerns: (method, status, { isHome }) => isHome && status === 200 && isRead(method),
    check: ({ etag, waivesEtag }) => etag === undefined && !waivesEtag
      ? 'there is no ETag: answer with reply.ok(value), which takes it from the resource'
      : undefined
  },
  {
    id: 'precondition-evaluated',
    stages: ['response'],
    recommended: 'error',
    strict: 'error',
    spec: 'RFC 9110 section 13.2.1',
    says: 'an update of a resource that has a precondition, or needs one, is answered 2xx only after assertPreconditions()',
    concerns: (method, status, route) => isSuccess(status) && route.asksPreconditions(method),
    check: (exchange, route) => {
      const { method, failed, evaluated, requestHeaders: headers, rawHeaders } = exchange
      // An error handler may answer 200: nothing was written.
      if (failed || evaluated) return undefined
      const isRequired = route.requiresPrecondition(method)
      if (!isRequired && !hasApplicablePrecondition({ method, headers, rawHeaders }, route.hasModificationDate)) return undefined
      return isRequired
        ? 'the route requires a precondition, and nobody has looked: call request.assertPreconditions(current) before the write'
        : 'the request has a precondition, and nobody has looked at it: call request.assertPreconditions(current) before the write'
    }
  },
  {
    id: 'precondition-weak',
    stages: ['response'],
    recommended: 'warn',
    strict: 'error',
    spec: 'RFC 9110 section 13.1.1',
    says: 'a resource whose updates require If-Match has strong tags: If-Match never matches a weak one',
    header: 'etag',
    concerns: (_method, _status, { strongTagsFor }) => strongTagsFor !== undefined,
    check: ({ etag }, { strongTagsFor }) => typeof etag === 'string' && etag.startsWith('W/')
      ? `the ETag is ${etag}, and ${strongTagsFor} requires If-Match, so it can never succeed: give a strong tag, or declare created: { precondition: 'optional' } there`
      : undefined
  },
  {
    id: 'precondition-status',
    stages: ['response'],
    recommended: 'error',
    strict: 'error',
    spec: 'RFC 9110 sections 15.4.5 and 15.5.13',
    says: '304 answers a conditional GET or HEAD only; in strict, 412 is for conditional requests',
    concerns: (_method, status, { settings: { profile } }) => status === 304 || (status === 412 && profile === 'strict'),
    check: ({ method, status, requestHeaders }) => {
      if (status === 304) return refuseNotModified(method, requestHeaders)
      if (isConditional(requestHeaders)) return undefined
      return { found: 'the request has no precondition, so none can have failed: answer 409 for a conflict', atMost: 'warn' }
    }
  },
  {
    id: 'put-content-range',
    stages: ['request'],
    recommended: 'error',
    strict: 'error',
    spec: 'RFC 9110 section 14.5',
    says: 'a PUT replaces a resource as a whole: one with Content-Range is answered 400, before the handler runs'
  },
  {
    id: 'put-validator',
    stages: ['response'],
    recommended: 'off',
    strict: 'error',
    spec: 'RFC 9110 section 9.3.4',
    says: 'an answer to PUT has no ETag or Last-Modified, unless the route stores the bytes as they were sent (verbatim: true)',
    concerns: (method, status, { settings: { verbatim } }) => method === 'PUT' && isSuccess(status) && !verbatim,
    check: (exchange) => {
      const validator = exchange.etag !== undefined ? 'ETag' : exchange.responseHeader('last-modified') !== undefined ? 'Last-Modified' : undefined
      return validator && `the answer has ${validator}: leave it off, or declare config: { created: { verbatim: true } }`
    }
  },
  {
    id: 'accepted-monitor',
    stages: ['response'],
    recommended: 'off',
    strict: 'warn',
    spec: 'RFC 9110 section 15.3.3',
    says: 'a 202 points at a status monitor',
    concerns: (_method, status) => status === 202,
    check: (exchange) => {
      if (exchange.location !== undefined || exchange.responseHeader('content-location') !== undefined) return undefined
      return /\brel=(?:"[^"]*\b(?:monitor|status)\b|(?:monitor|status)\b)/i.test(String(exchange.responseHeader('link')))
        ? undefined
        : 'there is neither a Location nor a link to a monitor: answer with reply.accepted(body, { monitor })'
    }
  },
  {
    id: 'content-forbidden',
    stages: ['response'],
    recommended: 'warn',
    strict: 'error',
    spec: 'RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5',
    says: '204, 205 and 304 have no content',
    concerns: (method, status) => method !== 'HEAD' && (status === 204 || status === 205 || status === 304),
    check: ({ status, hasContent }) => hasContent === true
      ? `the ${status} was given a body: send none, or answer 200`
      : undefined
  },
  {
    id: 'cors-expose',
    stages: ['response'],
    recommended: 'warn',
    strict: 'error',
    spec: 'Fetch standard, CORS-safelisted response-header name',
    says: 'a 201, and an answer of the home of a resource, exposes Location and ETag to the script on another origin that sent the request',
    sparesUsual: true,
    concerns: (_method, status, { isHome }) => status === 201 || (isHome && (status === 200 || status === 304)),
    check: (exchange, { settings: { server } }) => {
      const hidden = hiddenFromScripts(exchange, server)
      return hidden.length > 0
        ? `Access-Control-Expose-Headers does not name ${hidden.join(' and ')}: with @fastify/cors, set exposedHeaders: ['Location', 'ETag']`
        : undefined
    }
  },
  {
    id: 'helper-argument',
    stages: ['call'],
    recommended: 'error',
    strict: 'error',
    spec: 'RFC 9110 sections 8.8.2 and 10.2.3',
    says: 'what a helper is given has the right type: a body that is no Promise, an object of options, a valid Date for lastModified, whole seconds or a valid Date for retryAfter, an address'
  },
  {
    id: 'late-route',
    stages: ['boot', 'response'],
    recommended: 'warn',
    strict: 'error',
    spec: 'Fastify, lifecycle of plugins',
    says: 'routes are declared after this plugin is loaded, so that the guard sees all of them'
  }
] as const satisfies readonly Rule[]

/** The name of a rule, as `rules` of the options takes it, and logs and errors give it. */
export type RuleId = typeof RULES[number]['id']

export function ruleById (id: RuleId): Rule {
  return RULES.find((rule) => rule.id === id)!
}

function answersPostWith201 (method: string, status: number): boolean {
  return method === 'POST' && status === 201
}

function describe (field: string, refusal: string | undefined): string | undefined {
  return refusal && `${field} ${refusal}`
}

function refuseFieldValue (value: HeaderValue): string | undefined {
  if (Array.isArray(value) && value.length !== 1) return `has ${value.length} values: it must be one`
  return isUnwritable(value) ? `${show(value)} has a character that no header can carry: percent-encode it` : undefined
}

function refuseNotModified (method: string, requestHeaders: Exchange['requestHeaders']): string | undefined {
  if (!isRead(method)) return `${method} was answered 304: a failed precondition is 412 there`
  return requestHeaders['if-none-match'] === undefined && requestHeaders['if-modified-since'] === undefined
    ? 'the request has neither If-None-Match nor If-Modified-Since, so the client has nothing to reuse: answer 200'
    : undefined
}
