import { AssertionError } from 'node:assert'
import { bugReport } from './bug-report.js'
import { runChecks, type CreationReport } from './check-creation.js'
import type { Scenario } from './scenario.js'
import type { Target } from './target.js'

/**
 * Runs the checks of `checkCreation()` and throws if a check fails. For each failed check the message says what was
 * expected, what was found and how to fix it, and shows the requests and responses. Headers with credentials, such as
 * Authorization, are hidden. `error.checks` has the results of all checks.
 *
 * @returns the results of all checks
 * @throws AssertionError
 * @example
 * ```ts
 * import { test } from 'node:test'
 * import { assertCreation } from 'fastify-created/testing'
 *
 * test('POST /users creates users', () => assertCreation('http://127.0.0.1:3000', {
 *   create: { url: '/users', payload: (n) => ({ name: `ann-${n}` }) }
 * }))
 * ```
 */
export async function assertCreation (target: Target, scenario: Scenario): Promise<CreationReport> {
  const report = await runChecks(target, scenario, 'assertCreation')
  if (report.passed) return report
  const error = new AssertionError({ message: bugReport(report), stackStartFn: assertCreation })
  // Test runners print enumerable properties, and this one contains the headers that were sent.
  throw Object.defineProperty(error, 'checks', { value: report.checks })
}
