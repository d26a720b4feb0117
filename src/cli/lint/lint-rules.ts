import { pluginSettings } from '../../options.js'
import { RULES, type RuleId } from '../../rules/index.js'
import type { Profile, Rule, Severity } from '../../rules/rule.js'

/** Rules that only a look at the whole app can check. */
const APP_RULES = [
  {
    id: 'plugin-scope',
    stages: ['boot'],
    recommended: 'error',
    strict: 'error',
    spec: 'Fastify, encapsulation',
    requires: 'fastify-created must be registered in the scope of the route or around it; ' +
      'otherwise config.resource and config.created are ignored',
    fix: 'await app.register(fastifyCreated) on the outermost app, ' +
      'or config: { created: false } if this route should not be checked'
  },
  {
    id: 'plugin-missing',
    stages: ['boot'],
    recommended: 'warn',
    strict: 'error',
    spec: 'RFC 9110 section 15.3.2',
    requires: 'an app with POST or PUT routes must register fastify-created, which checks its responses',
    fix: 'await app.register(fastifyCreated) before the first route, ' +
      'or config: { created: false } if this route creates nothing'
  }
] as const satisfies readonly Rule[]

export type LintRuleId = RuleId | typeof APP_RULES[number]['id']

export const LINT_RULES: readonly Rule[] = [
  ...RULES.filter(({ stages }) => (stages as readonly string[]).includes('boot')),
  ...APP_RULES
]

/** Any rule: the app may call a helper while it boots, which breaks a rule of another stage. */
export function lintRule (id: string): Rule {
  return [...APP_RULES, ...RULES].find((rule) => rule.id === id)!
}

/** The severities of a profile, except for those that the app has changed with the option `rules`. */
export function severitiesFor (
  profile: Profile, app?: { profile: Profile, severities: Record<string, Severity> }
): Record<RuleId, Severity> {
  const { severities } = pluginSettings({ profile })
  if (app === undefined) return severities
  const defaults = pluginSettings({ profile: app.profile }).severities
  const changed = Object.entries(app.severities).filter(([id, severity]) => defaults[id as RuleId] !== severity)
  return { ...severities, ...Object.fromEntries(changed) }
}
