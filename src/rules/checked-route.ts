import type { FastifyReply, FastifyRequest } from 'fastify'
import { isRead, isSafe, isUpdate, neverCreates } from '../http/methods.js'
import { publicUrl } from '../http/uri-reference.js'
import type { CanonicalRoutes } from '../resource/canonical-routes.js'
import type { DeclaredRoute } from '../resource/declared-route.js'
import { isResource, type Resource } from '../resource/resource.js'
import { ResourceUrls } from '../resource/resource-urls.js'
import type { Router } from '../resource/router.js'
import { formatValue } from '../util/format-value.js'
import { ignoreRejection } from '../util/promise.js'
import { Exchange, type ResponseParts } from './exchange.js'
import { RESPONSE_RULES, type ResponseRule, type RuleId } from './index.js'
import { misreadFinding } from './location.js'
import { isResumableUpload } from './reply-headers.js'
import { setUnloggedViolation } from './reply-state.js'
import type { Reporter } from './reporter.js'
import type { Finding, RouteInfo } from './rule.js'
import type { Settings } from './settings.js'
import { isBuiltFromHost, isBuiltFromWrongPath } from './target.js'

/** What a helper checks of a response before it sends it. */
export type DraftAspect = 'method' | 'location'

interface KnownRules {
  method: string
  status: number
  all: readonly ResponseRule[]
  ofAspect: Readonly<Record<DraftAspect, readonly ResponseRule[]>>
}

/** A route, with everything that the helpers and the response check need to know about it. */
export class CheckedRoute implements RouteInfo {
  readonly declared: DeclaredRoute
  readonly settings: Settings
  readonly reporter: Reporter
  readonly router: Router
  readonly isCanonical: boolean
  readonly urls: ResourceUrls
  /** Not checked, as `config.created: false` says, or because a nested registration of the plugin checks it. */
  isDisabled: boolean
  /** Whether it has an error handler of its own. */
  hasErrorHandler = false
  updateRequiringIfMatch?: string | undefined
  readonly #knownRules: KnownRules[] = []
  #hasWarnedOfWeakenedTag = false

  constructor (
    declared: DeclaredRoute,
    settings: Settings,
    reporter: Reporter,
    router: Router,
    canonicalRoutes: CanonicalRoutes,
    isDisabled = false
  ) {
    this.declared = declared
    this.settings = settings
    this.reporter = reporter
    this.router = router
    this.isCanonical = declared.resource !== undefined && settings.canonical && declared.methods.some(isRead)
    this.urls = new ResourceUrls(declared, canonicalRoutes, router.maxParamLength)
    this.isDisabled = isDisabled
  }

  get url (): string {
    return this.declared.url
  }

  get resource (): Resource<unknown> | undefined {
    return this.declared.resource
  }

  /** Only then its config is known. */
  get isDeclaredAfterPlugin (): boolean {
    return this.declared.methods.length > 0
  }

  get responseStatuses (): readonly string[] {
    return Object.keys(Object(this.declared.schema?.response))
  }

  get hasLastModified (): boolean {
    return this.resource?.lastModified !== undefined
  }

  assertsPreconditions (method: string): boolean {
    return isUpdate(method) && (this.resource !== undefined || this.settings.routePrecondition !== undefined)
  }

  requiresPrecondition (method: string): boolean {
    const { routePrecondition, precondition } = this.settings
    if (isSafe(method)) return false
    if (routePrecondition !== undefined) return routePrecondition === 'required'
    return precondition === 'required' && this.assertsPreconditions(method)
  }

  /** Warns of a 201 in the response schemas of a route that can never send it. */
  warnOfMethod (): void {
    const { methods, schema, url } = this.declared
    // A HEAD route has the schema of its GET route, which is reported already.
    const names = methods.filter((method) => method !== 'HEAD')
    if (!('201' in Object(schema?.response)) || names.length === 0 || !names.every(neverCreates)) return
    this.reporter.report('created-method', {
      found: `the response schemas of ${names.join(', ')} ${url} have a 201`,
      fix: 'declare the status that it sends: response: { 200: … }',
      atMost: 'warn'
    }, names[0])
  }

  /** Says once that something between server and client weakens entity-tags, so that no If-Match can be true. */
  warnOfWeakenedTag ({ method, log }: FastifyRequest): void {
    if (this.#hasWarnedOfWeakenedTag) return
    this.#hasWarnedOfWeakenedTag = true
    log.warn(
      `fastify-created: ${method} ${this.url} was answered with 412, because If-Match had the current entity-tag in ` +
        'its weak form, which never matches. A proxy that compresses weakens entity-tags: ' +
        'see fastify-created/docs/behind-a-proxy.md'
    )
  }

  /** The rules that a response with this method and status can break. */
  rulesFor (method: string, status: number): readonly ResponseRule[] {
    return this.#rulesFor(method, status).all
  }

  #rulesFor (method: string, status: number): KnownRules {
    const known = this.#knownRules.find((known) => known.status === status && known.method === method)
    if (known !== undefined) return known
    const { severities } = this.settings
    const all = RESPONSE_RULES.filter(({ id, appliesTo }) =>
      severities[id] !== 'off' && appliesTo?.(method, status, this) !== false)
    const ofAspect = { method: checkedByHelper(all, 'method'), location: checkedByHelper(all, 'location') }
    const rules = { method, status, all, ofAspect }
    // On an unknown route the client chooses the method, so a cache could grow without limit.
    if (this.declared.methods.includes(method)) this.#knownRules.push(rules)
    return rules
  }

  /** Checks an aspect of a response that a helper is preparing. @returns the error to throw */
  checkDraft (
    aspect: DraftAspect,
    request: FastifyRequest,
    reply: FastifyReply,
    response: ResponseParts
  ): Error | undefined {
    const rules = this.#rulesFor(request.method, response.status).ofAspect[aspect]
    if (rules.length === 0) return undefined
    const exchange = new Exchange(request, reply, response)
    for (const rule of rules) {
      const error = this.check(rule, exchange, request, reply)
      if (error !== undefined) return error
    }
    return undefined
  }

  /** @returns the error to send instead of the response, `undefined` if the response goes out */
  check (rule: ResponseRule, exchange: Exchange, request: FastifyRequest, reply: FastifyReply): Error | undefined {
    const finding = rule.check(exchange, this)
    if (finding === undefined) return undefined
    const reported: Finding = this.#mayBeCausedByClient(rule, exchange) ? { ...finding, atMost: 'warn' } : finding
    return this.report(rule.id, reported, request, reply, exchange.response)
  }

  /** @returns the error to send instead of the response, `undefined` if the response goes out */
  report (
    rule: RuleId, finding: Finding, request: FastifyRequest, reply: FastifyReply, response?: Response
  ): Error | undefined {
    if (isResumableUpload(reply, response)) return undefined
    const error = this.reporter.report(rule, finding, request.method, request)
    if (error !== undefined) setUnloggedViolation(reply, error)
    return error
  }

  /**
   * The URL of a value, as Location has it.
   * @param requestParams fill the parameters that are inherited
   * @throws FST_CREATED_VIOLATION if it has none, whatever the enforcement
   */
  urlFor (
    resource: Resource<unknown>,
    value: unknown,
    requestParams: unknown,
    method: string,
    request?: FastifyRequest
  ): string {
    if (!isResource(resource)) {
      throw this.reporter.error('helper-argument', {
        found: `the first argument of urlFor() is ${formatValue(resource)}`,
        fix: 'request.urlFor(userResource, user)'
      }, method, request)
    }
    const url = this.urls.of(resource, ignoreRejection(value), requestParams)
    if ('rule' in url) throw this.reporter.error(url.rule, url, method, request)
    const problem = this.settings.enforcement === 'throw' ? this.router.misreadProblem(url) : undefined
    const error = problem && this.reporter.report('location-resolves', misreadFinding(problem), method, request)
    if (error !== undefined) throw error
    return publicUrl(url.path, this.settings.server)
  }

  /** What is wrong with a Location may come from the request: from its path, or from Host, unless origin is set. */
  #mayBeCausedByClient ({ checkedByHelper }: ResponseRule, exchange: Exchange): boolean {
    if (checkedByHelper !== 'location') return false
    return isBuiltFromWrongPath(exchange) || (this.settings.server.origin === undefined && isBuiltFromHost(exchange))
  }
}

function checkedByHelper (rules: readonly ResponseRule[], aspect: DraftAspect): readonly ResponseRule[] {
  return rules.filter(({ checkedByHelper }) => checkedByHelper === aspect)
}

const kRoute = Symbol('fastify-created.route')
type RouteConfig = { [kRoute]?: CheckedRoute }

/** A copy, because several routes may share the user's object. */
export function withRoute (config: object | undefined, route: CheckedRoute): object {
  return { ...config, [kRoute]: route } satisfies RouteConfig
}

/** `undefined` for a route that was declared before the plugin, and if no route matched. */
export function routeIn (config: object): CheckedRoute | undefined {
  return (config as RouteConfig)[kRoute]
}

/** Gives the route of requests to routes that the plugin does not know, and to no route. */
export type FindFallbackRoute = (request: FastifyRequest) => CheckedRoute

/** The route of a request. A route that calls the not-found handler counts as no route. */
export function routeOf (request: FastifyRequest, findFallbackRoute: FindFallbackRoute): CheckedRoute {
  if (request.is404) return findFallbackRoute(request)
  return routeIn(request.routeOptions.config) ?? findFallbackRoute(request)
}
