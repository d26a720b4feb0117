import { isSafe } from '../../http/methods.js'
import { ruleById } from '../../rules/index.js'
import type { Profile } from '../../rules/rule.js'
import type { BootViolation } from '../app/boot-violation.js'
import type { AnalyzedRoute } from './analyze-routes.js'
import type { LintedRoute, LintFinding } from './lint-report.js'
import { lintRule, type LintRuleId } from './lint-rules.js'
import { declares201 } from './route-roles.js'

/** What fastify-created reports at boot. */
export function violationFindings ({ violations }: AnalyzedRoute, route: LintedRoute): LintFinding[] {
  return violations.map(({ rule, severity, found, fix, spec }) =>
    ({ rule, severity, found, required: ruleById(rule).requires, fix, spec, route }))
}

/** Routes whose `config` fastify-created ignores, because it is registered elsewhere, too late, or not at all. */
export function pluginFindings (
  analyzed: AnalyzedRoute, route: LintedRoute, profile: Profile, isRegistered: boolean
): LintFinding[] {
  const { observed: { isAfterPlugin, position }, isKnownToPlugin, isExempt } = analyzed
  // Users cannot change the routes of a package.
  if (isKnownToPlugin || isExempt || isAfterPlugin || position === undefined) return []
  const problem = pluginProblem(analyzed, isRegistered)
  if (problem === undefined) return []
  const { rule, found } = problem
  const { requires, fix, spec, [profile]: severity } = lintRule(rule)
  // No profile turns one of these rules off.
  return [{ rule, severity: severity as LintFinding['severity'], found, required: requires, fix, spec, route }]
}

function pluginProblem (
  { observed: { scope }, route: { declared, resource } }: AnalyzedRoute, isRegistered: boolean
): { rule: LintRuleId, found: string } | undefined {
  const { methods } = declared
  const writes = !methods.every(isSafe)
  if (!isRegistered) {
    const mayCreate = methods.includes('POST') || methods.includes('PUT')
    return mayCreate ? { rule: 'plugin-missing', found: 'nothing checks the responses of this route' } : undefined
  }
  if (scope.hasPlugin('fastify-created')) {
    const found = 'the route was declared before the plugin had loaded'
    return writes || resource !== undefined ? { rule: 'late-route', found } : undefined
  }
  const found = 'fastify-created is registered neither in the scope of this route nor around it'
  const needsPlugin = resource !== undefined || (writes && declares201(declared))
  return needsPlugin ? { rule: 'plugin-scope', found } : undefined
}

/** Adds the violation that stopped the boot, unless it was found route by route. */
export function addBootViolation (
  violation: BootViolation, findings: readonly LintFinding[], routes: readonly LintedRoute[]
): LintFinding[] {
  const { rule, route: { url } } = violation
  const isSame = (finding: LintFinding) => finding.rule === rule && (url === '*' || finding.route?.url === url)
  if (!findings.some(isSame)) return [...findings, bootFinding(violation, routes)]
  // It is an error in the settings of the app, and may be a warning in the profile of lint.
  return findings.map((finding) => isSame(finding) ? { ...finding, severity: 'error' } : finding)
}

const MESSAGE = /^.*? Found: (?<found>.*?)\. Required: .*?\. Fix: (?<fix>.*?)\. See fastify-created\//s

export function bootFinding (violation: BootViolation, routes: readonly LintedRoute[]): LintFinding {
  const { rule, spec, message, route } = violation
  const { requires, fix: usualFix } = lintRule(rule)
  const { found = message, fix = usualFix } = MESSAGE.exec(message)?.groups ?? {}
  const declared = routes.find(({ url, methods }) => url === route.url && methods.includes(route.method))
  return { rule, severity: 'error', found, required: requires, fix, spec, route: declared }
}
