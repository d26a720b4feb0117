import type { Check, Part, Verdict } from './check.js'
import { CREATING } from './checks/creating.js'
import { DELETING } from './checks/deleting.js'
import { UPDATING } from './checks/updating.js'
import { UPSERTING } from './checks/upserting.js'
import type { Exchange } from './exchange.js'
import { checkScenario, type Scenario } from './scenario.js'
import { Session } from './session.js'
import type { Target } from './target.js'
import { Unanswered } from './unanswered.js'

/** All of them, in the order in which they are made. */
export const CHECKS: readonly Check[] = [...CREATING, ...UPDATING, ...UPSERTING, ...DELETING]

const LEFT_OUT: Record<Part, string> = {
  update: 'the scenario has no update',
  upsert: 'the scenario has no upsert',
  remove: 'the scenario does not say remove: true',
  invalid: 'the scenario has no invalid payload'
}

/** What came of one check. */
export interface CheckResult {
  /** Its name, such as `location-present`. */
  id: string
  /** Where it is written what is checked. */
  section: string
  /** `skipped` where the scenario leaves it out, or what it needs has failed. */
  outcome: 'passed' | 'failed' | 'skipped'
  /** What was found that should not be, or why it could not be checked. */
  detail?: string
  /** What was sent and answered for it. */
  exchanges?: Exchange[]
}

/** What came of all of them. */
export interface Checked {
  /** Whether none failed. */
  passed: boolean
  /** In the order in which they were made. */
  checks: CheckResult[]
}

/**
 * Follows the promise of a 201 over HTTP: creates, follows Location, compares, updates with a current and a stale
 * entity-tag, lets several write at once, and deletes. It finds what was stored, not what was meant.
 *
 * It writes to the server: give it one whose data may be spoiled.
 *
 * @param target a Fastify instance, or the base URL of any server
 * @throws FST_CREATED_OPTION_INVALID where the scenario is wrong
 * @throws where the server does not answer the first request
 * @example
 * ```ts
 * import { checkCreation } from 'fastify-created/testing'
 *
 * const { passed, checks } = await checkCreation(app, {
 *   create: { url: '/users', payload: (n) => ({ name: `ann-${n}` }) },
 *   update: { method: 'PUT', payload: (n) => ({ name: `eve-${n}` }) }
 * })
 * ```
 */
export async function checkCreation (target: Target, scenario: Scenario): Promise<Checked> {
  checkScenario(scenario)
  const session = new Session(target, scenario)
  const checks: CheckResult[] = []
  /** What has failed, and what was not tried for that reason, with the first cause. */
  const causes = new Map<string, string>()
  for (const check of CHECKS) {
    const cause = check.needs?.map((id) => causes.get(id)).find((cause) => cause !== undefined)
    const result = cause === undefined ? await make(check, session) : skipped(check, `needs ${cause}, which failed`)
    if (cause !== undefined || result.outcome === 'failed') causes.set(check.id, cause ?? check.id)
    checks.push(result)
  }
  return { passed: checks.every(({ outcome }) => outcome !== 'failed'), checks }
}

async function make (check: Check, session: Session): Promise<CheckResult> {
  const { id, section, part } = check
  if (part !== undefined && !declares(session.scenario, part)) return skipped(check, LEFT_OUT[part])
  const verdict = await verdictOf(check, session)
  const made = session.takeExchanges()
  // Some look once more at what was answered before.
  const exchanges = made.length > 0 ? made : [session.creation, session.representation].filter((exchange) => exchange !== undefined)
  if (verdict === undefined) return { id, section, outcome: 'passed', exchanges }
  return typeof verdict === 'string' ? { id, section, outcome: 'failed', detail: verdict, exchanges } : skipped(check, verdict.because)
}

async function verdictOf (check: Check, session: Session): Promise<Verdict> {
  try {
    return await check.run(session)
  } catch (error) {
    // One that has never answered is no server to judge. One that has, and then hangs or breaks off, is at fault.
    if (!(error instanceof Unanswered) || session.creation === undefined) throw error
    return error.message
  }
}

function skipped ({ id, section }: Check, detail: string): CheckResult {
  return { id, section, outcome: 'skipped', detail }
}

function declares (scenario: Scenario, part: Part): boolean {
  return part === 'remove' ? scenario.remove === true : scenario[part] !== undefined
}
