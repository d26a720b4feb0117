import { bugReport } from '../../testing/bug-report.js'
import type { CheckResult } from '../../testing/index.js'
import type { LintFinding, LintReport } from '../lint/lint-report.js'
import { shortFile } from '../app/place.js'
import type { ProbedScenario, ProbeReport } from '../probe/probe-report.js'
import type { Report } from '../app/task.js'
import { fileOf, nameOf, sentence } from './names.js'
import { element, text } from './xml.js'

interface Suite { name: string, cases: Array<{ xml: string, failures: number, skipped: number }> }

/** A test case for each route, or for each check. */
export function asJunit (report: Report): string {
  const suites = report.command === 'lint' ? [lintSuite(report)] : probeSuites(report)
  const all = suites.flatMap(({ cases }) => cases)
  const root = element('testsuites', { name: `fastify-created ${report.command}`, ...totals(all) }, ['\n', ...suites.map(suiteXml)])
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`
}

function suiteXml ({ name, cases }: Suite): string {
  return `${element('testsuite', { name, ...totals(cases) }, ['\n', ...cases.map(({ xml }) => `${xml}\n`)])}\n`
}

function totals (cases: Suite['cases']): Record<string, number> {
  const sum = (of: 'failures' | 'skipped') => cases.reduce((total, one) => total + one[of], 0)
  return { tests: cases.length, failures: sum('failures'), errors: 0, skipped: sum('skipped') }
}

function lintSuite ({ target, routes, findings }: LintReport): Suite {
  const cases = routes.map((route) => {
    const own = findings.filter((finding) => finding.route?.url === route.url && finding.route.methods.join() === route.methods.join() && finding.route.place?.line === route.place?.line)
    return testCase(nameOf(route), fileOf(route), own.map(findingXml), route.place?.line)
  })
  return { name: target, cases: [...cases, ...appCases(target, findings)] }
}

function probeSuites ({ target, findings, scenarios }: ProbeReport): Suite[] {
  if (findings.length > 0) return [{ name: target, cases: findings.map((finding) => testCase('boot', target, [findingXml(finding)])) }]
  return scenarios.map((scenario) => ({ name: scenario.name, cases: scenario.checks.map((check) => checkCase(check, scenario)) }))
}

/** What belongs to no route. */
function appCases (target: string, findings: readonly LintFinding[]): Suite['cases'] {
  const own = findings.filter(({ route }) => route === undefined)
  return own.length === 0 ? [] : [testCase('boot', target, own.map(findingXml))]
}

function checkCase (check: CheckResult, { name, place }: ProbedScenario): Suite['cases'][number] {
  const { id, outcome, detail = '' } = check
  const file = place === undefined ? name : shortFile(place.file)
  if (outcome === 'skipped') return { ...testCase(id, file, [element('skipped', { message: detail })]), failures: 0, skipped: 1 }
  const failures = outcome === 'failed' ? [element('failure', { message: detail, type: id }, [text(bugReport({ passed: false, checks: [check] }))])] : []
  return testCase(id, file, failures, place?.line)
}

function testCase (name: string, classname: string, children: string[], line?: number): Suite['cases'][number] {
  return { xml: element('testcase', { name, classname, ...(line !== undefined && { file: classname, line }), time: 0 }, children), failures: children.length > 0 ? 1 : 0, skipped: 0 }
}

function findingXml (finding: LintFinding): string {
  const { rule, severity } = finding
  return element('failure', { message: `${rule} (${severity})`, type: rule }, [text(sentence(finding))])
}
