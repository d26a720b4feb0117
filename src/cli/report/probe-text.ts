import { bugReport, summary } from '../../testing/bug-report.js'
import { formatPosition } from '../app/source-position.js'
import type { ProbedScenario, ProbeReport } from '../probe/probe-report.js'
import { checkRows } from './check-rows.js'
import { formatFindings } from './lint-text.js'
import type { Style } from './style.js'
import { formatCount, formatTable, wrap } from './table.js'

const SYMBOLS = { passed: '✓', failed: '✗', skipped: '-' }
const COLORS = { passed: 'green', failed: 'red', skipped: 'dim' } as const

/** For each scenario the list of checks, and the bug report of those that failed. */
export function formatProbe (report: ProbeReport, style: Style): string {
  const { target, scenarios, findings, notes } = report
  const blocks = [
    style('bold', target),
    ...scenarios.map((scenario) => formatScenario(scenario, style)),
    ...(findings.length > 0 ? ['The app does not boot, so no request was sent.'] : []),
    ...formatFindings(findings, style),
    ...notes.map((note) => wrap(`Note: ${note}`)),
    totals(report, style)
  ]
  return `${blocks.join('\n\n')}\n`
}

function formatScenario ({ name, position, checks }: ProbedScenario, style: Style): string {
  const rows = checkRows(checks)
  const texts = formatTable(rows.map(({ id, detail }) => [id, detail]))
  const lines = rows.map(({ outcome }, index) => `  ${style(COLORS[outcome], `${SYMBOLS[outcome]} ${texts[index]}`)}`)
  const passed = checks.every(({ outcome }) => outcome !== 'failed')
  const heading = `${style('bold', name)}${position === undefined ? '' : `  ${style('dim', formatPosition(position))}`}`
  return [heading, ...lines, '', passed ? `${summary(checks)}.` : bugReport({ passed, checks }).trimEnd()].join('\n')
}

function totals ({ scenarios, findings }: ProbeReport, style: Style): string {
  const failed = scenarios.flatMap(({ checks }) => checks).filter(({ outcome }) => outcome === 'failed').length
  if (findings.length > 0) return style('bold', `${formatCount(findings.length, 'finding')}.`)
  const count = formatCount(scenarios.length, 'scenario')
  if (failed === 0) return style('green', `${count}, no check failed.`)
  return style('bold', `${count}, ${formatCount(failed, 'check')} failed.`)
}
