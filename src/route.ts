import type { FastifyReply, FastifyRequest } from 'fastify'
import { isResumableUpload, type Exchange, type Surroundings } from './exchange.js'
import type { Settings } from './options.js'
import type { Reporter } from './report.js'
import type { Router } from './router.js'
import { RULES, type Rule, type RuleId } from './rules.js'

type CheckedRule = Rule & { id: RuleId, check: NonNullable<Rule['check']> }

/** What the helpers and the guard need of a route, worked out once. */
export class GuardedRoute {
  readonly settings: Settings
  readonly reporter: Reporter
  readonly isExempt: boolean
  readonly #router: Router
  readonly #rules: CheckedRule[]

  constructor (settings: Settings, reporter: Reporter, router: Router, isExempt = false) {
    this.settings = settings
    this.reporter = reporter
    this.isExempt = isExempt
    this.#router = router
    this.#rules = (RULES as readonly Rule[]).filter((rule): rule is CheckedRule => rule.check !== undefined && !reporter.isOff(rule.id as RuleId))
  }

  /** Checks the rules that `applies` picks. @returns the error to answer with, `undefined` where the response goes on. */
  judge (exchange: Exchange, request: FastifyRequest, reply: FastifyReply, applies: (rule: Rule) => boolean): Error | undefined {
    const surroundings = this.#surroundings(request)
    let refusal: Error | undefined
    for (const rule of this.#rules) {
      const finding = applies(rule) ? rule.check(exchange, surroundings) : undefined
      if (finding === undefined) continue
      if (isResumableUpload([...Object.keys(request.headers), ...Object.keys(reply.getHeaders())])) return undefined
      const error = this.reporter.report(rule.id, finding, request.method, request)
      refusal ??= error
    }
    return refusal
  }

  #surroundings (request: FastifyRequest): Surroundings {
    const { profile, enforcement, verbatim, server } = this.settings
    return { profile, enforcement, verbatim, server, refuseUnanswered: (path) => this.#router.refuseUnanswered(path, request) }
  }
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
