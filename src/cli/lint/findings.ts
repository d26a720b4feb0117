import type { Profile } from '../../rules/exchange.js'
import { isSafe } from '../../http/methods.js'
import { ruleById } from '../../rules/index.js'
import type { JudgedRoute } from './judge.js'
import { lintRule, type LintRuleId } from './lint-rules.js'
import type { LintedRoute, LintFinding } from './lint-report.js'
import { declares201 } from './parts.js'
import type { Refusal } from '../app/refusal.js'

/** What the package's own rules say, without what the finding has beside it. */
export function ruleFindings ({ violations }: JudgedRoute, route: LintedRoute): LintFinding[] {
  return violations.map(({ rule, severity, message, spec }) => {
    const { says } = ruleById(rule)
    return { rule, severity, expected: says, found: withoutRule(message, rule), spec, route }
  })
}

/** With what has stopped the boot. */
export function withRefusal (refusal: Refusal, findings: readonly LintFinding[], routes: readonly LintedRoute[]): LintFinding[] {
  const { rule, route } = refusal
  // The same, found route by route: only it is severe enough to stop the app.
  const isSame = (known: LintFinding) => known.rule === rule && (route.url === '*' || known.route?.url === route.url)
  if (findings.some(isSame)) return findings.map((known) => isSame(known) ? { ...known, severity: 'error' } : known)
  return [...findings, refusalFinding(refusal, routes)]
}

export function refusalFinding ({ rule, spec, message, route }: Refusal, routes: readonly LintedRoute[]): LintFinding {
  const at = routes.find(({ url, methods }) => url === route.url && methods.includes(route.method))
  return { rule, severity: 'error', expected: lintRule(rule).says, found: withoutRule(message, rule), spec, route: at }
}

function withoutRule (message: string, rule: string): string {
  const beginning = `${rule}: ${lintRule(rule).says}. Found: `
  return message.startsWith(beginning) ? message.slice(beginning.length) : message
}

/** What a route means to do, and fastify-created cannot know of. */
export function unseenFindings (judged: JudgedRoute, route: LintedRoute, profile: Profile, isRegistered: boolean): LintFinding[] {
  const { observed: { scope, isGuardedThen }, isSeen, isExempt } = judged
  // What a package declares, its users cannot mend.
  if (isSeen || isExempt || isGuardedThen || route.place === undefined) return []
  if (!isRegistered) return creates(judged) ? finding('plugin-missing', profile, route, 'it may answer 201, and nothing checks what. Before all routes: await app.register(created), where created is the default export of fastify-created. A route that creates nothing says config: { created: false }') : []
  if (!concerns(judged)) return []
  return scope.hasPlugin('fastify-created')
    ? finding('late-route', profile, route, 'it is declared before fastify-created is there, so what it declares is not seen. Register the plugin before it, and wait for that: await app.register(created)')
    : finding('route-unseen', profile, route, 'fastify-created is registered neither in its scope nor around it. Register it on the outermost app, await app.register(created), or in this scope too; a route that is not meant says config: { created: false }')
}

function creates ({ route: { declaration: { methods } } }: JudgedRoute): boolean {
  return methods.includes('POST') || methods.includes('PUT')
}

function concerns ({ route }: JudgedRoute): boolean {
  const { methods, resource } = route.declaration
  return resource !== undefined || (declares201(route) && !methods.every(isSafe))
}

function finding (rule: LintRuleId, profile: Profile, route: LintedRoute, found: string): LintFinding[] {
  const { says, spec, [profile]: severity } = lintRule(rule)
  // None of those that this file tells is off in any profile.
  return [{ rule, severity: severity as LintFinding['severity'], expected: says, found: `${found}.`, spec, route }]
}
