import type { CheckResult } from '../../testing/index.js'

/** A line of the list of checks. */
export interface CheckRow {
  outcome: CheckResult['outcome']
  id: string
  detail: string
}

const FOLLOWS = /^needs (.*, which failed)$/

/** What was skipped in a row for the same reason is said once. */
export function checkRows (checks: readonly CheckResult[]): CheckRow[] {
  const groups: CheckResult[][] = []
  for (const check of checks) {
    const group = groups.at(-1)
    if (group !== undefined && FOLLOWS.test(String(check.detail)) && group[0].detail === check.detail) group.push(check)
    else groups.push([check])
  }
  return groups.map(rowOf)
}

function rowOf (group: readonly CheckResult[]): CheckRow {
  const [{ outcome, id, detail = '' }] = group
  return group.length === 1 ? { outcome, id, detail } : { outcome, id: `${group.length} more`, detail: detail.replace(FOLLOWS, 'need $1') }
}
