import type { FastifyReply, FastifyRequest } from 'fastify'
import { addressOf, isBuiltFromHost, isResumableUpload, type Exchange, type HeaderValue, type Surroundings } from './exchange.js'
import type { Settings } from './options.js'
import type { Reporter } from './report.js'
import type { Router } from './router.js'
import { RULES, type Finding, type Rule, type RuleId } from './rules.js'

type CheckedRule = Rule & { id: RuleId, check: NonNullable<Rule['check']> }

/** What the helpers and the guard need of a route, worked out once. */
export class GuardedRoute {
  readonly settings: Settings
  readonly reporter: Reporter
  isExempt: boolean
  readonly #surroundings: Surroundings
  readonly #rules: CheckedRule[]

  constructor (settings: Settings, reporter: Reporter, router: Router, isExempt = false) {
    this.settings = settings
    this.reporter = reporter
    this.isExempt = isExempt
    const { profile, enforcement, verbatim, server } = settings
    this.#surroundings = {
      profile,
      enforcement,
      verbatim,
      server,
      isSamePath: (a, b) => router.isSamePath(a, b),
      refuseUnanswered: (path, exchange) => router.refuseUnanswered(path, exchange)
    }
    this.#rules = (RULES as readonly Rule[]).filter((rule): rule is CheckedRule => rule.check !== undefined && !reporter.isOff(rule.id as RuleId))
  }

  /** Leaves the guard to another plugin instance, registered further in. */
  standDown (): void {
    this.isExempt = true
  }

  /** Checks the rules that `applies` picks. @returns the error to answer with, `undefined` where the response goes on. */
  judge (exchange: Exchange, request: FastifyRequest, reply: FastifyReply, applies: (rule: Rule) => boolean): Error | undefined {
    let refusal: Error | undefined
    for (const rule of this.#rules) {
      const finding = applies(rule) ? rule.check(exchange, this.#surroundings) : undefined
      if (finding === undefined) continue
      const error = this.report(rule.id, this.#temper(rule, finding, exchange), request, reply)
      refusal ??= error
    }
    return refusal
  }

  /** @returns the error to answer with, `undefined` where the response goes on. */
  report (rule: RuleId, finding: Finding, request: FastifyRequest, reply: FastifyReply): Error | undefined {
    if (isResumableUpload([...Object.keys(request.headers), ...Object.keys(reply.getHeaders())])) return undefined
    return this.reporter.report(rule, finding, request.method, request)
  }

  /** Where no origin is set, what comes of the Host that a client sends is only warned of: it could break any rule at will. */
  #temper (rule: Rule, finding: Finding, exchange: Exchange): Finding {
    if (typeof finding !== 'string' || rule.proves !== 'location' || this.settings.server.origin !== undefined) return finding
    return isBuiltFromHost(exchange) ? { found: finding, atMost: 'warn' } : finding
  }
}

/** What the request and its reply say themselves, completed by what is known of the answer. */
export function exchangeOf (request: FastifyRequest, reply: FastifyReply, answer: Partial<Exchange> & { status: number }, response?: Response): Exchange {
  const { status, location, byHelper = false } = answer
  return {
    method: request.method,
    targets: [request.originalUrl, request.url],
    host: request.host,
    requestHeaders: request.headers,
    responseHeader: (name) => headerOf(reply, response, name),
    location,
    address: addressOf({ status, location, byHelper }),
    etag: undefined,
    hasContent: undefined,
    failed: false,
    byHelper,
    waivesEtag: false,
    ...answer
  }
}

/** Fastify copies the headers of a Response only after the hooks. */
export function headerOf (reply: FastifyReply, response: Response | undefined, name: string): HeaderValue {
  return response?.headers.get(name) ?? reply.getHeader(name)
}

const kRoute = Symbol('fastify-created.route')
type Config = { [kRoute]?: GuardedRoute }

/** A copy: the user's object may belong to several routes. */
export function withRoute (config: object | undefined, route: GuardedRoute): object {
  return { ...config, [kRoute]: route } satisfies Config
}

/** `undefined` for what was declared before the plugin, and where no route matched. */
export function routeIn (config: object): GuardedRoute | undefined {
  return (config as Config)[kRoute]
}
