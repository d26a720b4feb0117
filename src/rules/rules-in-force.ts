import type { Enforcement, Surroundings } from './exchange.js'
import { RULES, type CheckedRule, type Rule, type RuleId, type Severity } from './index.js'

const ALL_CHECKED = (RULES as readonly Rule[]).filter((rule): rule is CheckedRule => rule.check !== undefined)

// What spoils an answer that was right does so each time: it shows in the first ones, and later in a sample.
const ALL_OF_THE_FIRST = 100
const THEN_ONE_IN = 16

/** The rules that one kind of answer of a route can break. */
export class RulesInForce {
  readonly method: string
  readonly status: number
  readonly all: readonly CheckedRule[]
  /** What a helper proves where no address is to be asked of, and where one is. */
  readonly ofMethod: readonly CheckedRule[]
  readonly ofAddress: readonly CheckedRule[]
  /** What no helper proves. */
  readonly unproved: readonly CheckedRule[]
  /** The usual answer breaks none of them. */
  readonly unprovedSpareUsual: boolean
  /** It takes a Location or an ETag to break one of them. */
  readonly areOfHeaders: boolean
  readonly #isSampled: boolean
  #answers = 0

  constructor (method: string, status: number, all: readonly CheckedRule[], enforcement: Enforcement) {
    this.method = method
    this.status = status
    this.all = all
    this.ofMethod = all.filter(({ proves }) => proves === 'method')
    this.ofAddress = all.filter(({ proves }) => proves === 'method' || proves === 'location')
    this.unproved = all.filter(({ proves }) => proves === undefined)
    this.unprovedSpareUsual = this.unproved.every(({ sparesUsual }) => sparesUsual)
    this.areOfHeaders = all.every(({ header }) => header !== undefined)
    this.#isSampled = enforcement === 'log'
  }

  /** Whether the headers of one more answer are read that is most likely right: not of each, where it could not be taken back. */
  isTurn (): boolean {
    if (!this.#isSampled) return true
    const before = this.#answers++
    return before < ALL_OF_THE_FIRST || before % THEN_ONE_IN === 0
  }
}

type Route = Surroundings & { settings: { severities: Record<RuleId, Severity> } }

/** The rules of a route that are not off, by method and status: worked out once, when the first such answer comes. */
export class RulesOfRoute {
  readonly #known: RulesInForce[] = []

  of (method: string, status: number, route: Route): RulesInForce {
    // A route has few methods and statuses, and mostly the first is meant. An iterator would take longer than all else here.
    for (let at = 0; at < this.#known.length; at++) {
      const known = this.#known[at]
      if (known.status === status && known.method === method) return known
    }
    return this.#add(method, status, route)
  }

  #add (method: string, status: number, route: Route): RulesInForce {
    const { severities, enforcement } = route.settings
    const all = ALL_CHECKED.filter(({ id, concerns }) => severities[id] !== 'off' && concerns?.(method, status, route) !== false)
    const rules = new RulesInForce(method, status, all, enforcement)
    this.#known.push(rules)
    return rules
  }
}
