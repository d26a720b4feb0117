import type { Profile } from '../../rules/exchange.js'
import type { Place } from '../app/place.js'

/** What a route does with things that have addresses. */
export type Part = 'home' | 'creates' | 'updates' | 'deletes'

/** A route, as the report shows it. */
export interface LintedRoute {
  methods: string[]
  url: string
  /** Empty where the promise of a 201 does not concern it. */
  parts: Part[]
  /** What stands behind them: `at GET /users/:id`, `If-Match required`, `exempt`, … */
  behind: string[]
  place?: Place
  /** The package that declares it, where it is none of the app's own. */
  packageName?: string
}

/** A broken rule. */
export interface LintFinding {
  rule: string
  severity: 'warn' | 'error'
  /** What the rule asks. */
  expected: string
  /** What was found, and how to mend it. */
  found: string
  spec: string
  /** Of no route in particular where it is absent. */
  route?: LintedRoute
}

export interface LintReport {
  command: 'lint'
  target: string
  profile: Profile
  fastify: string
  /** What one has to know beside the findings. */
  notes: string[]
  routes: LintedRoute[]
  findings: LintFinding[]
}
