import { pluginSettings } from '../../options.js'
import { RULES, type Rule, type RuleId, type Severity } from '../../rules/index.js'
import type { Profile } from '../../rules/exchange.js'

/** What only one who looks at the whole app can tell. */
const OWN = [
  {
    id: 'route-unseen',
    stages: ['boot'],
    recommended: 'error',
    strict: 'error',
    spec: 'Fastify, encapsulation',
    says: 'what a route declares is seen only where fastify-created is registered in its scope, or around it'
  },
  {
    id: 'plugin-missing',
    stages: ['boot'],
    recommended: 'warn',
    strict: 'error',
    spec: 'RFC 9110 section 15.3.2',
    says: 'an app that creates is guarded by fastify-created'
  }
] as const satisfies readonly Rule[]

export type LintRuleId = RuleId | typeof OWN[number]['id']

export const LINT_RULES: readonly Rule[] = [...RULES.filter(({ stages }) => (stages as readonly string[]).includes('boot')), ...OWN]

/** Of the package's others, too: a helper may have been called at boot. */
export function lintRule (id: string): Rule {
  return LINT_RULES.find((rule) => rule.id === id) ?? RULES.find((rule) => rule.id === id)!
}

/** The severities of a profile, and where an app has said something else than its own profile does, that. */
export function severitiesFor (profile: Profile, app?: { profile: Profile, severities: Record<string, Severity> }): Record<RuleId, Severity> {
  const { severities } = pluginSettings({ profile })
  if (app === undefined) return severities
  const usual = pluginSettings({ profile: app.profile }).severities
  const said = Object.entries(app.severities).filter(([id, severity]) => usual[id as RuleId] !== severity)
  return { ...severities, ...Object.fromEntries(said) }
}
