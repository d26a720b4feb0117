import { bugReport } from '../../testing/bug-report.js'
import type { CheckResult } from '../../testing/index.js'
import { relativePath } from '../app/source-position.js'
import type { LintedRoute, LintFinding, LintReport } from '../lint/lint-report.js'
import type { ProbedScenario, ProbeReport } from '../probe/probe-report.js'
import { declaringFile, findingText, formatRoute } from './finding-text.js'
import type { Report } from './report.js'
import { element, text } from './xml.js'

interface TestSuite { name: string, cases: TestCase[] }

interface TestCase { xml: string, failures: number, skipped: number }

/** A test case for each route of lint, and for each check of probe. */
export function formatJunit (report: Report): string {
  const suites = report.command === 'lint' ? [lintSuite(report)] : probeSuites(report)
  const all = suites.flatMap(({ cases }) => cases)
  const attributes = { name: `fastify-created ${report.command}`, ...totals(all) }
  const root = element('testsuites', attributes, ['\n', ...suites.map(suiteXml)])
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`
}

function suiteXml ({ name, cases }: TestSuite): string {
  return `${element('testsuite', { name, ...totals(cases) }, ['\n', ...cases.map(({ xml }) => `${xml}\n`)])}\n`
}

function totals (cases: readonly TestCase[]): Record<string, number> {
  const sum = (property: 'failures' | 'skipped') => cases.reduce((total, testCase) => total + testCase[property], 0)
  return { tests: cases.length, failures: sum('failures'), errors: 0, skipped: sum('skipped') }
}

function lintSuite ({ target, routes, findings }: LintReport): TestSuite {
  const cases = routes.map((route) => {
    const own = findings.filter((finding) => isSameRoute(finding.route, route))
    return testCase(formatRoute(route), declaringFile(route), own.map(findingXml), route.position?.line)
  })
  return { name: target, cases: [...cases, ...appCases(target, findings.filter(({ route }) => route === undefined))] }
}

function isSameRoute (a: LintedRoute | undefined, b: LintedRoute): boolean {
  return a?.url === b.url && a.methods.join() === b.methods.join() && a.position?.line === b.position?.line
}

function probeSuites ({ target, findings, scenarios }: ProbeReport): TestSuite[] {
  if (findings.length > 0) return [{ name: target, cases: appCases(target, findings) }]
  return scenarios.map((scenario) =>
    ({ name: scenario.name, cases: scenario.checks.map((check) => checkCase(check, scenario)) }))
}

/** One test case, if there are findings. */
function appCases (target: string, findings: readonly LintFinding[]): TestCase[] {
  return findings.length === 0 ? [] : [testCase('boot', target, findings.map(findingXml))]
}

function checkCase (check: CheckResult, { name, position }: ProbedScenario): TestCase {
  const { id, outcome, detail = '' } = check
  const file = position === undefined ? name : relativePath(position.file)
  if (outcome === 'passed') return testCase(id, file, [], position?.line)
  if (outcome === 'skipped') {
    return { ...testCase(id, file, [element('skipped', { message: detail })], position?.line), failures: 0, skipped: 1 }
  }
  const report = bugReport({ passed: false, checks: [check] })
  const failure = element('failure', { message: detail, type: id }, [text(report)])
  return testCase(id, file, [failure], position?.line)
}

function testCase (name: string, classname: string, children: string[], line?: number): TestCase {
  const attributes = { name, classname, ...(line !== undefined && { file: classname, line }), time: 0 }
  return { xml: element('testcase', attributes, children), failures: children.length > 0 ? 1 : 0, skipped: 0 }
}

function findingXml (finding: LintFinding): string {
  const { rule, severity } = finding
  return element('failure', { message: `${rule} (${severity})`, type: rule }, [text(findingText(finding))])
}
