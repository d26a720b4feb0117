import type { Surroundings } from './exchange.js'
import { RULES, type CheckedRule, type Rule, type RuleId, type Severity } from './rules.js'

/** The rules that one kind of answer of a route can break. */
export interface RulesInForce {
  readonly method: string
  readonly status: number
  readonly all: readonly CheckedRule[]
  /** What a helper proves where no address is to be asked of, and where one is. */
  readonly ofMethod: readonly CheckedRule[]
  readonly ofAddress: readonly CheckedRule[]
  /** What no helper proves. */
  readonly unproved: readonly CheckedRule[]
  /** There are some, and the usual answer breaks none of them. */
  readonly unprovedSpareUsual: boolean
  /** It takes a Location or an ETag to break one of them. */
  readonly areOfHeaders: boolean
}

/** The rules of a route that are not off, by method and status: worked out once, when the first such answer comes. */
export class RulesOfRoute {
  readonly #known: RulesInForce[] = []

  of (method: string, status: number, route: Surroundings & { settings: { severities: Record<RuleId, Severity> } }): RulesInForce {
    // A route has few methods and statuses, and mostly the first is meant.
    for (const known of this.#known) if (known.status === status && known.method === method) return known
    const all = ALL_CHECKED.filter(({ id, concerns }) => route.settings.severities[id] !== 'off' && concerns?.(method, status, route) !== false)
    const rules = sort(method, status, all)
    this.#known.push(rules)
    return rules
  }
}

const ALL_CHECKED = (RULES as readonly Rule[]).filter((rule): rule is CheckedRule => rule.check !== undefined)

function sort (method: string, status: number, all: readonly CheckedRule[]): RulesInForce {
  const unproved = all.filter(({ proves }) => proves === undefined)
  return {
    method,
    status,
    all,
    ofMethod: all.filter(({ proves }) => proves === 'method'),
    ofAddress: all.filter(({ proves }) => proves === 'method' || proves === 'location'),
    unproved,
    unprovedSpareUsual: unproved.length > 0 && unproved.every(({ sparesUsual }) => sparesUsual),
    areOfHeaders: all.every(({ header }) => header !== undefined)
  }
}
