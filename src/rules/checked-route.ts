import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { Addresses } from '../resource/resource-urls.js'
import type { Declaration } from '../resource/declared-route.js'
import { isBuiltFromHost, isResumableUpload, type Exchange, type Surroundings } from './exchange.js'
import { FastifyExchange, type Answered } from './fastify-exchange.js'
import type { Homes } from '../resource/canonical-routes.js'
import { publicAddress } from '../http/uri-reference.js'
import { isRead, isSafe, isUpdate, neverCreates } from '../http/methods.js'
import type { Settings } from '../options.js'
import { disowned } from '../util/promise.js'
import type { Reporter } from './reporter.js'
import { isResource, type Resource } from '../resource/resource.js'
import type { Router } from '../resource/router.js'
import type { CheckedRule, Finding, Rule, RuleId } from './index.js'
import { RulesOfRoute, type RulesInForce } from './rules-in-force.js'
import { show } from '../util/format-value.js'

/** What the helpers and the guard need of a route, worked out once. */
export class GuardedRoute implements Surroundings {
  readonly declaration: Declaration
  readonly settings: Settings
  readonly reporter: Reporter
  readonly router: Router
  readonly isHome: boolean
  isExempt: boolean
  strongTagsFor?: string
  readonly #homes: Homes
  readonly #rules = new RulesOfRoute()
  #addresses?: Addresses

  constructor (declaration: Declaration, settings: Settings, reporter: Reporter, router: Router, homes: Homes, isExempt = false) {
    this.declaration = declaration
    this.settings = settings
    this.reporter = reporter
    this.router = router
    this.isHome = declaration.resource !== undefined && settings.home && declaration.methods.some(isRead)
    this.isExempt = isExempt
    this.#homes = homes
  }

  get addresses (): Addresses {
    this.#addresses ??= new Addresses(this.declaration, this.#homes, this.router.maxParamLength)
    return this.#addresses
  }

  /** Declared after the plugin was loaded, so that what it declares is known. */
  get isSeen (): boolean {
    return this.declaration.methods.length > 0
  }

  /** More than a read of what the plugin is told nothing of. */
  get isConcerned (): boolean {
    return this.declaration.resource !== undefined || !this.declaration.methods.every(isSafe)
  }

  /** What is declared to answer 201, and never can. */
  warnOfMethod (): void {
    const { methods, schema, url } = this.declaration
    // A HEAD route has the schema of its GET route, which is warned of already.
    const answers = methods.filter((method) => method !== 'HEAD')
    const declares201 = '201' in Object(schema?.response)
    if (!declares201 || answers.length === 0 || !answers.every(neverCreates)) return
    this.reporter.report('created-method', { found: `the response schemas of ${answers.join(', ')} ${url} have a 201: declare the status that it answers`, atMost: 'warn' }, answers[0])
  }

  /** Leaves the guard to another plugin instance, registered further in. */
  standDown (): void {
    this.isExempt = true
  }

  get hasModificationDate (): boolean {
    return this.declaration.resource?.lastModified !== undefined
  }

  asksPreconditions (method: string): boolean {
    return isUpdate(method) && (this.declaration.resource !== undefined || this.settings.ownPrecondition !== undefined)
  }

  requiresPrecondition (method: string): boolean {
    const { ownPrecondition, precondition } = this.settings
    // A read overwrites nothing, also where a route has it beside its updates.
    if (isSafe(method)) return false
    if (ownPrecondition !== undefined) return ownPrecondition === 'required'
    return precondition === 'required' && this.asksPreconditions(method)
  }

  /** RFC 9110 section 9.3.4 */
  mayCarryValidators (method: string): boolean {
    return method !== 'PUT' || this.settings.verbatim || this.reporter.isOff('put-validator')
  }

  rulesFor (method: string, status: number): RulesInForce {
    return this.#rules.of(method, status, this)
  }

  /** @returns the error to answer with, `undefined` where the response goes on. */
  judge (rules: readonly CheckedRule[], request: FastifyRequest, reply: FastifyReply, answered: Answered): Error | undefined {
    const exchange = new FastifyExchange(request, reply, answered)
    let refusal: Error | undefined
    for (const rule of rules) {
      const finding = rule.check(exchange, this)
      if (finding === undefined) continue
      const error = this.report(rule.id, this.#temper(rule, finding, exchange), request, reply)
      refusal ??= error
    }
    return refusal
  }

  /** @returns the error to answer with, `undefined` where the response goes on. */
  report (rule: RuleId, finding: Finding, request: FastifyRequest, reply: FastifyReply): Error | undefined {
    // A header that any client can send must not open a way around the check of what it overwrites.
    if (rule !== 'precondition-evaluated' && isResumableUpload([...Object.keys(request.headers), ...Object.keys(reply.getHeaders())])) return undefined
    return this.reporter.report(rule, finding, request.method, request)
  }

  /**
   * The address of a value, as Location would carry it.
   * @param given what the parameters are taken from that the value does not fill
   * @throws FST_CREATED_VIOLATION whatever the enforcement, where there is none
   */
  locate (resource: Resource<unknown>, value: unknown, given: unknown, method: string, request?: FastifyRequest): string {
    if (!isResource(resource)) throw this.reporter.refuse('helper-argument', `the first argument of locate() is ${show(resource)}: it must be what resource() returns`, method, request)
    const made = this.addresses.of(resource, disowned(value), given)
    if ('refusal' in made) throw this.reporter.refuse(made.rule, made.refusal, method, request)
    const misread = this.settings.enforcement === 'throw' && !made.isSure ? this.router.refuseMisread(made) : undefined
    const refusal = misread && this.reporter.report('location-resolves', misread, method, request)
    if (refusal !== undefined) throw refusal
    return publicAddress(made.path, this.settings.server)
  }

  /** Where no origin is set, what comes of the Host that a client sends is only warned of: it could break any rule at will. */
  #temper (rule: Rule, finding: Finding, exchange: Exchange): Finding {
    if (typeof finding !== 'string' || rule.proves !== 'location' || this.settings.server.origin !== undefined) return finding
    return isBuiltFromHost(exchange) ? { found: finding, atMost: 'warn' } : finding
  }
}

const kRoute = Symbol('fastify-created.route')
type Known = { [kRoute]?: GuardedRoute }

/** A copy: the user's object may belong to several routes. */
export function withRoute (config: object | undefined, route: GuardedRoute): object {
  return { ...config, [kRoute]: route } satisfies Known
}

/** The helpers that it calls know its route without `request.routeOptions`, which is made anew each time it is read. */
export function handlerOf (route: GuardedRoute, handler: RouteHandlerMethod): RouteHandlerMethod {
  return function (request, reply) {
    // One that stands down is called by the handler of the other, which has said so already.
    if (!route.isExempt) (request as Known)[kRoute] = route
    return handler.call(this, request, reply)
  }
}

/** What stands for a route that the plugin has not seen, and where none has matched. */
export type Unseen = (request: FastifyRequest) => GuardedRoute

/** A route that has left the answer to the not-found handler has not matched, either. */
export function routeOf (request: FastifyRequest, unseen: Unseen): GuardedRoute {
  if (request.is404) return unseen(request)
  return (request as Known)[kRoute] ?? routeIn(request.routeOptions.config) ?? unseen(request)
}

/** `undefined` for what was declared before the plugin, and where no route matched. */
export function routeIn (config: object): GuardedRoute | undefined {
  return (config as Known)[kRoute]
}
