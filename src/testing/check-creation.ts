import { CheckContext } from './check-context.js'
import type { Check, ScenarioPart, Verdict } from './check.js'
import { INVALID_CREATES_NOTHING, POST_TWICE } from './checks/create-again.js'
import { CREATE_CHECKS } from './checks/create.js'
import { DELETE_CHECKS } from './checks/delete.js'
import { NOT_MODIFIED_CHECKS, READ_CHECKS } from './checks/read.js'
import { UPDATE_CHECKS } from './checks/update.js'
import { UPSERT_CHECKS } from './checks/upsert.js'
import type { Exchange } from './exchange.js'
import { NoResponseError } from './no-response.js'
import { checkScenario, type Caller, type Scenario } from './scenario.js'
import type { Target } from './target.js'

/** All checks, in the order in which they run. */
export const CHECKS: readonly Check[] = [
  ...CREATE_CHECKS,
  ...READ_CHECKS,
  POST_TWICE,
  ...NOT_MODIFIED_CHECKS,
  INVALID_CREATES_NOTHING,
  ...UPDATE_CHECKS,
  ...UPSERT_CHECKS,
  ...DELETE_CHECKS
]

const MISSING_PART: Record<ScenarioPart, string> = {
  update: 'the scenario has no update',
  upsert: 'the scenario has no upsert',
  remove: 'the scenario does not have remove: true',
  invalid: 'the scenario has no invalid payload'
}

/** The result of one check. */
export interface CheckResult {
  /** The name of the check, such as `location-present`. */
  id: string
  /** The section of the specification that requires it. */
  section: string
  /** `skipped` if the scenario leaves out what the check needs, or if a check that it needs has failed. */
  outcome: 'passed' | 'failed' | 'skipped'
  /** What was found if the check failed, or the reason if it was skipped. */
  detail?: string
  /** The requests of the check and their responses. */
  exchanges?: Exchange[]
}

/** The results of all checks. */
export interface CreationReport {
  /** Whether no check failed. */
  passed: boolean
  /** The results in the order in which the checks ran. */
  checks: CheckResult[]
}

/**
 * Checks over HTTP whether a server creates resources correctly: it creates one, follows Location, compares the
 * responses, updates with a current and with an outdated ETag, sends simultaneous updates, and deletes.
 *
 * It writes data to the server. Use a server whose data does not matter.
 *
 * @param target a Fastify instance, or the base URL of any server
 * @throws FST_CREATED_OPTION_INVALID if the scenario is invalid
 * @throws if the server does not respond to the first request
 * @example
 * ```ts
 * import { checkCreation } from 'fastify-created/testing'
 *
 * const { passed, checks } = await checkCreation('http://127.0.0.1:3000', {
 *   create: { url: '/users', payload: (n) => ({ name: `ann-${n}` }) },
 *   update: { method: 'PUT', payload: (n) => ({ name: `eve-${n}` }) }
 * })
 * for (const { id, outcome, detail = '' } of checks) console.log(outcome, id, detail)
 * ```
 */
export async function checkCreation (target: Target, scenario: Scenario): Promise<CreationReport> {
  return runChecks(target, scenario, 'checkCreation')
}

/** @param caller what messages propose to call */
export async function runChecks (target: Target, scenario: Scenario, caller: Caller): Promise<CreationReport> {
  checkScenario(scenario, caller)
  const context = new CheckContext(target, scenario, caller)
  const checks: CheckResult[] = []
  /** For each check that failed, or was skipped because of a failure: the id of the check that failed first. */
  const rootCauses = new Map<string, string>()
  for (const check of CHECKS) {
    const cause = check.needs?.map((id) => rootCauses.get(id)).find((cause) => cause !== undefined)
    if (cause !== undefined) {
      rootCauses.set(check.id, cause)
      checks.push(skippedResult(check, `needs ${cause}, which failed`))
      continue
    }
    const result = await runCheck(check, context)
    if (result.outcome === 'failed') rootCauses.set(check.id, check.id)
    checks.push(result)
  }
  return { passed: checks.every(({ outcome }) => outcome !== 'failed'), checks }
}

async function runCheck (check: Check, context: CheckContext): Promise<CheckResult> {
  const { id, section, part } = check
  if (part !== undefined && !hasPart(context.scenario, part)) return skippedResult(check, MISSING_PART[part])
  const verdict = await verdictOf(check, context)
  const sent = context.takeExchanges()
  // Some checks send nothing, and only look at earlier responses.
  const earlier = [context.creation, context.firstRead].filter((exchange) => exchange !== undefined)
  const exchanges = sent.length > 0 ? sent : earlier
  if (verdict === undefined) return { id, section, outcome: 'passed', exchanges }
  if (typeof verdict === 'string') return { id, section, outcome: 'failed', detail: verdict, exchanges }
  return skippedResult(check, verdict.reason)
}

async function verdictOf (check: Check, context: CheckContext): Promise<Verdict> {
  try {
    return await check.run(context)
  } catch (error) {
    // If even the first request got no response, there is no server to check.
    if (!(error instanceof NoResponseError) || context.creation === undefined) throw error
    return error.summary
  }
}

function skippedResult ({ id, section }: Check, detail: string): CheckResult {
  return { id, section, outcome: 'skipped', detail }
}

function hasPart (scenario: Scenario, part: ScenarioPart): boolean {
  return part === 'remove' ? scenario.remove === true : scenario[part] !== undefined
}
