import { bugReport, summary } from '../../testing/bug-report.js'
import { showPlace } from '../app/place.js'
import type { ProbedScenario, ProbeReport } from '../probe/probe-report.js'
import { checkRows } from './check-rows.js'
import { findingsText } from './lint-text.js'
import type { Painter } from './paint.js'
import { count, table, wrap } from './table.js'

const SIGNS = { passed: '✓', failed: '✗', skipped: '-' }

/** For each scenario the list of checks, and what bugReport() says of those that failed. */
export function probeText (report: ProbeReport, paint: Painter): string {
  const { target, scenarios, findings, notes } = report
  const blocks = [
    paint.bold(target),
    ...scenarios.map((scenario) => scenarioText(scenario, paint)),
    ...(findings.length > 0 ? ['The app does not boot, so nothing was tried.', ...findingsText(findings, paint)] : []),
    ...notes.map((note) => wrap(`Note: ${note}`, '')),
    totals(report, paint)
  ]
  return `${blocks.join('\n\n')}\n`
}

function scenarioText ({ name, place, checks }: ProbedScenario, paint: Painter): string {
  const colours = { passed: paint.green, failed: paint.red, skipped: paint.dim }
  const rows = checkRows(checks)
  const texts = table(rows.map(({ id, detail }) => [id, detail]))
  const lines = rows.map(({ outcome }, index) => `  ${colours[outcome](`${SIGNS[outcome]} ${texts[index]}`)}`)
  const passed = checks.every(({ outcome }) => outcome !== 'failed')
  const heading = `${paint.bold(name)}${place === undefined ? '' : `  ${paint.dim(showPlace(place))}`}`
  return [heading, ...lines, '', passed ? `${summary(checks)}.` : bugReport({ passed, checks }).trimEnd()].join('\n')
}

function totals ({ scenarios, findings }: ProbeReport, paint: Painter): string {
  const failed = scenarios.flatMap(({ checks }) => checks).filter(({ outcome }) => outcome === 'failed').length
  if (findings.length > 0) return paint.bold(`${count(findings.length, 'finding')}.`)
  const tried = count(scenarios.length, 'scenario')
  return failed === 0 ? paint.green(`${tried}, nothing failed.`) : paint.bold(`${tried}, ${count(failed, 'check')} failed.`)
}
