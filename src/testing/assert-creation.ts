import { AssertionError } from 'node:assert'
import { bugReport } from './bug-report.js'
import { checkCreation, type Checked } from './check-creation.js'
import type { Scenario } from './scenario.js'
import type { Target } from './target.js'

/**
 * {@link checkCreation} for a test: throws where a check fails. The message says for each what was expected and found,
 * how to mend it, and what went over the wire. The values of headers that open doors, such as Authorization, are left out.
 * `error.checks` is what came of all checks.
 *
 * @returns what came of all checks
 * @throws AssertionError
 * @example
 * ```ts
 * import { test } from 'node:test'
 * import { assertCreation } from 'fastify-created/testing'
 *
 * test('users are created as they should be', () => assertCreation(buildApp(), {
 *   create: { url: '/users', payload: (n) => ({ name: `ann-${n}` }) }
 * }))
 * ```
 */
export async function assertCreation (target: Target, scenario: Scenario): Promise<Checked> {
  const checked = await checkCreation(target, scenario)
  if (checked.passed) return checked
  const error = new AssertionError({ message: bugReport(checked), stackStartFn: assertCreation })
  // Out of sight of test runners, which print what they can see: it has the headers as they were sent.
  throw Object.defineProperty(error, 'checks', { value: checked.checks })
}
