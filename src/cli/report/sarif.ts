import { checkById } from '../../testing/bug-report.js'
import { CHECKS } from '../../testing/check-creation.js'
import type { CheckResult } from '../../testing/index.js'
import { relativePath, type SourcePosition } from '../app/source-position.js'
import type { LintFinding } from '../lint/lint-report.js'
import { LINT_RULES, lintRule } from '../lint/lint-rules.js'
import { packageVersion } from '../package-version.js'
import type { ProbedScenario } from '../probe/probe-report.js'
import { findingText, formatRoute } from './finding-text.js'
import type { Report } from './report.js'
import { specUri } from './spec-uri.js'

type Level = 'error' | 'warning' | 'note' | 'none'

interface Result { rule: string, level: Level, text: string, position?: SourcePosition, name: string }

/** SARIF 2.1.0, for code scanning. */
export function formatSarif (report: Report): string {
  const results = report.findings.map((finding) => findingResult(finding, report.target))
  if (report.command === 'probe') results.push(...report.scenarios.flatMap(failedChecks))
  const rules = rulesFor(report)
  const driver = { name: 'fastify-created', version: packageVersion(), rules }
  const run = {
    tool: { driver },
    columnKind: 'utf16CodeUnits',
    results: results.map((result) => resultJson(result, rules, report.target))
  }
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }
  return `${JSON.stringify(log, null, 2)}\n`
}

function findingResult (finding: LintFinding, target: string): Result {
  const { rule, severity, route } = finding
  const name = route === undefined ? target : formatRoute(route)
  return { rule, level: toLevel(severity), text: findingText(finding), position: route?.position, name }
}

function failedChecks ({ name, position, checks }: ProbedScenario): Result[] {
  const failed = checks.filter(({ outcome }) => outcome === 'failed')
  return failed.map((check) => ({ rule: check.id, level: 'error', text: checkText(check), position, name }))
}

function checkText ({ id, detail }: CheckResult): string {
  const { expects, fix } = checkById(id)
  return findingText({ found: String(detail), required: expects, fix })
}

type SarifRule = ReturnType<typeof ruleJson>

function rulesFor (report: Report): SarifRule[] {
  const { profile = 'recommended' } = report as { profile?: 'recommended' | 'strict' }
  const broken = report.findings.map(({ rule }) => lintRule(rule))
  const rules = [...new Set([...(report.command === 'lint' ? LINT_RULES : []), ...broken])]
    .map((rule) => ruleJson(rule.id, rule.requires, rule.spec, toLevel(rule[profile])))
  if (report.command === 'lint') return rules
  return [...rules, ...CHECKS.map(({ id, expects, section, fix }) => ruleJson(id, expects, section, 'error', fix))]
}

function ruleJson (id: string, requires: string, spec: string, level: Level, help?: string) {
  return {
    id,
    shortDescription: { text: `Required: ${requires}.` },
    ...(help !== undefined && { help: { text: help } }),
    helpUri: specUri(spec),
    defaultConfiguration: { level },
    properties: { specification: spec }
  }
}

function toLevel (severity: 'off' | 'warn' | 'error'): Level {
  return severity === 'warn' ? 'warning' : severity === 'off' ? 'none' : severity
}

function resultJson (result: Result, rules: readonly SarifRule[], target: string): object {
  const { rule, level, text, position, name } = result
  return {
    ruleId: rule,
    ruleIndex: rules.findIndex(({ id }) => id === rule),
    level,
    message: { text },
    locations: [{
      physicalLocation: physicalLocation(position, target),
      logicalLocations: [{ fullyQualifiedName: name, kind: 'member' }]
    }],
    // Without the line: a finding stays the same when lines above it are added or removed.
    partialFingerprints: { 'ruleAndRoute/v1': `${rule} ${name}` }
  }
}

function physicalLocation (position: SourcePosition | undefined, target: string): object {
  const { file, line, column } = position ?? { file: target, line: 1, column: 1 }
  const artifactLocation = { uri: encodeURI(relativePath(file)), uriBaseId: '%SRCROOT%' }
  return { artifactLocation, region: { startLine: line, startColumn: column } }
}
