import type { LintReport } from '../lint/lint-report.js'
import type { ProbeReport } from '../probe/probe-report.js'

export type Report = LintReport | ProbeReport

/** Whether there is neither a finding nor a failed check. */
export function isClean (report: Report): boolean {
  if (report.findings.length > 0) return false
  if (report.command === 'lint') return true
  return report.scenarios.every(({ checks }) => checks.every(({ outcome }) => outcome !== 'failed'))
}
