import type { FastifyBaseLogger } from 'fastify'
import { pluginSettings } from '../../options.js'
import { DeclaredRoute } from '../../resource/declared-route.js'
import { isResource } from '../../resource/resource.js'
import { Router } from '../../resource/router.js'
import { CheckedRoute } from '../../rules/checked-route.js'
import { CheckedRoutes } from '../../rules/checked-routes.js'
import { Reporter } from '../../rules/reporter.js'
import type { Profile } from '../../rules/rule.js'
import type { Settings, Violation } from '../../rules/settings.js'
import type { ObservedApp, ObservedRoute } from '../app/fastify-observer.js'
import { severitiesFor } from './lint-rules.js'

/** A route, checked as fastify-created checks it at boot. */
export interface AnalyzedRoute {
  observed: ObservedRoute
  route: CheckedRoute
  /** Whether the app's own fastify-created knows the route, and so reads its `config`. */
  isKnownToPlugin: boolean
  /** Whether `config.created` is `false`. */
  isExempt: boolean
  violations: Violation[]
}

const ignore = () => {}
const NO_LOG = { warn: ignore, error: ignore } as unknown as FastifyBaseLogger

/**
 * Checks all routes, with the severities of a profile, and without changing the app.
 * @param hasAllRoutes whether the app has declared all routes: otherwise canonical routes may be missing
 */
export function analyzeRoutes (
  { instance, routes }: ObservedApp, profile: Profile, hasAllRoutes: boolean
): AnalyzedRoute[] {
  const checkedRoutes = new CheckedRoutes()
  const router = new Router(instance)
  const analyzed = routes.map((observed) => analyzeRoute(observed, profile, router, checkedRoutes))
  for (const { observed, route, isKnownToPlugin, isExempt } of analyzed) {
    if (!isKnownToPlugin) continue
    checkedRoutes.add(observed.options, route, false)
    if (!isExempt) route.warnOfMethod()
  }
  if (hasAllRoutes) {
    checkedRoutes.addGetRoutes()
    checkedRoutes.findErrors()
  }
  return analyzed
}

function analyzeRoute (
  observed: ObservedRoute, profile: Profile, router: Router, { canonicalRoutes }: CheckedRoutes
): AnalyzedRoute {
  const { scope, options: { method, url, schema, config } } = observed
  const known = routeOfPlugin(config)
  const { resource, created } = Object(config)
  const declared = new DeclaredRoute(scope, [method].flat(), url, schema, isResource(resource) ? resource : undefined)
  const violations: Violation[] = []
  const settings: Settings = {
    ...(known?.settings ?? assumedSettings(profile, created)),
    severities: severitiesFor(profile, known?.settings),
    onViolation: (violation) => { violations.push(violation) }
  }
  const reporter = new Reporter(settings, url, NO_LOG)
  const isExempt = created === false
  const route = new CheckedRoute(declared, settings, reporter, router, canonicalRoutes, isExempt)
  return { observed, route, isKnownToPlugin: known !== undefined, isExempt, violations }
}

/** For a route that the app's own fastify-created does not know. */
function assumedSettings (profile: Profile, created: unknown): Settings {
  const { canonical, precondition } = Object(created)
  return { ...pluginSettings({ profile }), canonical: canonical !== false, routePrecondition: precondition }
}

/** The app may use another copy of this package, which has a symbol of its own. */
function routeOfPlugin (config: unknown): { settings: Settings } | undefined {
  const symbols = Object.getOwnPropertySymbols(Object(config))
  const symbol = symbols.findLast(({ description }) => description === 'fastify-created.route')
  return symbol && (config as Record<symbol, { settings: Settings }>)[symbol]
}
