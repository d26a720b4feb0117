import { checkById } from '../../testing/bug-report.js'
import { CHECKS } from '../../testing/check-creation.js'
import type { CheckResult } from '../../testing/index.js'
import { LINT_RULES, lintRule } from '../lint/lint-rules.js'
import type { LintFinding } from '../lint/lint-report.js'
import { shortFile, type Place } from '../app/place.js'
import type { ProbedScenario } from '../probe/probe-report.js'
import type { Report } from '../app/task.js'
import { ownVersion } from '../version.js'
import { capitalised, nameOf, sentence } from './names.js'
import { specUri } from './spec-uri.js'

type Level = 'error' | 'warning' | 'note' | 'none'

interface Result { rule: string, level: Level, text: string, place?: Place, name: string }

/** SARIF 2.1.0, as code scanning reads it. */
export function asSarif (report: Report): string {
  const results = report.findings.map((finding) => resultOf(finding, report.target))
  if (report.command === 'probe') results.push(...report.scenarios.flatMap(failuresOf))
  const rules = rulesFor(report)
  const driver = { name: 'fastify-created', version: ownVersion(), rules }
  const run = { tool: { driver }, columnKind: 'utf16CodeUnits', results: results.map((result) => resultShape(result, rules, report.target)) }
  return `${JSON.stringify({ $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }, null, 2)}\n`
}

function resultOf (finding: LintFinding, target: string): Result {
  const { rule, severity, route } = finding
  return { rule, level: levelOf(severity), text: sentence(finding), place: route?.place, name: route === undefined ? target : nameOf(route) }
}

function failuresOf ({ name, place, checks }: ProbedScenario): Result[] {
  return checks.filter(({ outcome }) => outcome === 'failed').map(({ id, detail }) => ({ rule: id, level: 'error', text: failureText(id, detail), place, name }))
}

function failureText (id: string, detail: CheckResult['detail']): string {
  const { expects, mend } = checkById(id)
  return `${sentence({ expected: expects, found: `${detail}.` })} ${mend}.`
}

type SarifRule = ReturnType<typeof ruleShape>

function rulesFor (report: Report): SarifRule[] {
  const { profile = 'recommended' } = report as { profile?: 'recommended' | 'strict' }
  const broken = report.findings.map(({ rule }) => lintRule(rule))
  const rules = [...new Set([...(report.command === 'lint' ? LINT_RULES : []), ...broken])]
    .map((rule) => ruleShape(rule.id, rule.says, rule.spec, levelOf(rule[profile])))
  return report.command === 'lint' ? rules : [...rules, ...CHECKS.map(({ id, expects, section, mend }) => ruleShape(id, expects, section, 'error', `${mend}.`))]
}

function ruleShape (id: string, says: string, spec: string, level: Level, help?: string) {
  return {
    id,
    shortDescription: { text: `${capitalised(says)}.` },
    ...(help !== undefined && { help: { text: help } }),
    helpUri: specUri(spec),
    defaultConfiguration: { level },
    properties: { specification: spec }
  }
}

function levelOf (severity: 'off' | 'warn' | 'error'): Level {
  return severity === 'warn' ? 'warning' : severity === 'off' ? 'none' : severity
}

function resultShape ({ rule, level, text, place, name }: Result, rules: readonly SarifRule[], target: string): object {
  return {
    ruleId: rule,
    ruleIndex: rules.findIndex(({ id }) => id === rule),
    level,
    message: { text },
    locations: [{ ...physical(place, target), logicalLocations: [{ fullyQualifiedName: name, kind: 'member' }] }],
    // A route keeps its finding when lines above it come and go.
    partialFingerprints: { 'ruleAndRoute/v1': `${rule} ${name}` }
  }
}

function physical (place: Place | undefined, target: string): object {
  const { file, line, column } = place ?? { file: target, line: 1, column: 1 }
  return { physicalLocation: { artifactLocation: { uri: encodeURI(shortFile(file)), uriBaseId: '%SRCROOT%' }, region: { startLine: line, startColumn: column } } }
}
