import type { CheckResult } from '../../testing/index.js'

/** A line in the list of checks. */
interface CheckRow {
  outcome: CheckResult['outcome']
  id: string
  detail: string
}

const NEEDS_FAILED_CHECK = /^needs (.*, which failed)$/

/** Consecutive checks that were skipped because of the same failed check share one line. */
export function checkRows (checks: readonly CheckResult[]): CheckRow[] {
  const groups: CheckResult[][] = []
  for (const check of checks) {
    const group = groups.at(-1)
    const needsFailedCheck = NEEDS_FAILED_CHECK.test(String(check.detail))
    if (group !== undefined && needsFailedCheck && group[0].detail === check.detail) group.push(check)
    else groups.push([check])
  }
  return groups.map(toRow)
}

function toRow (group: readonly CheckResult[]): CheckRow {
  const [{ outcome, id, detail = '' }] = group
  if (group.length === 1) return { outcome, id, detail }
  return { outcome, id: `${group.length} more`, detail: detail.replace(NEEDS_FAILED_CHECK, 'need $1') }
}
