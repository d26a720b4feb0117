import type { Report } from '../app/task.js'

/** Neither a finding nor a failed check. */
export function isClean (report: Report): boolean {
  if (report.findings.length > 0) return false
  return report.command === 'lint' || report.scenarios.every(({ checks }) => checks.every(({ outcome }) => outcome !== 'failed'))
}
