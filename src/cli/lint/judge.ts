import type { FastifyBaseLogger } from 'fastify'
import { Declaration } from '../../resource/declared-route.js'
import type { Profile } from '../../rules/exchange.js'
import { pluginSettings, type Settings, type Violation } from '../../options.js'
import { Reporter } from '../../rules/reporter.js'
import { isResource } from '../../resource/resource.js'
import { GuardedRoute } from '../../rules/checked-route.js'
import { Router } from '../../resource/router.js'
import { Routes } from '../../rules/checked-routes.js'
import { severitiesFor } from './lint-rules.js'
import type { ObservedApp, ObservedRoute } from '../app/observe.js'

/** What the package makes of a route, whether or not it guards it. */
export interface JudgedRoute {
  observed: ObservedRoute
  route: GuardedRoute
  /** The app's own fastify-created sees what it declares. */
  isSeen: boolean
  isExempt: boolean
  /** What the package's own rules say of it. */
  violations: Violation[]
}

const SILENT = { warn () {}, error () {} } as unknown as FastifyBaseLogger

/**
 * Pairs the routes of an app once more, beside its own plugin, with the severities of a profile. Nothing of the app changes.
 * @param isComplete whether all routes are there: homes are missed elsewhere
 */
export function judge ({ instance, routes: observed }: ObservedApp, profile: Profile, isComplete: boolean): JudgedRoute[] {
  const routes = new Routes()
  const router = new Router(instance)
  const judged = observed.map((observed) => judgeRoute(observed, profile, router, routes))
  for (const { observed, route, isSeen } of judged) {
    if (isSeen) routes.add(observed.declared, route, false)
  }
  for (const { route, isSeen, isExempt } of judged) {
    if (isSeen && !isExempt) route.warnOfMethod()
  }
  if (isComplete) routes.refusals()
  return judged
}

function judgeRoute (observed: ObservedRoute, profile: Profile, router: Router, routes: Routes): JudgedRoute {
  const { scope, declared: { method, url, schema, config } } = observed
  const own = guardedBy(config)
  const { resource, created } = Object(config)
  const declaration = new Declaration(scope, [method].flat(), url, schema, isResource(resource) ? resource : undefined)
  const violations: Violation[] = []
  const settings: Settings = {
    ...(own?.settings ?? settingsOf(profile, created)),
    severities: severitiesFor(profile, own?.settings),
    onViolation: (violation) => { violations.push(violation) }
  }
  const isExempt = created === false
  const route = new GuardedRoute(declaration, settings, new Reporter(settings, url, SILENT), router, routes.homes, isExempt)
  return { observed, route, isSeen: own !== undefined, isExempt, violations }
}

/** Of a route that no plugin has looked at. */
function settingsOf (profile: Profile, created: unknown): Settings {
  const { home, precondition } = Object(created)
  return { ...pluginSettings({ profile }), home: home !== false, ownPrecondition: precondition }
}

/** The app may use another copy of this package, whose symbols are others. */
function guardedBy (config: unknown): { settings: Settings } | undefined {
  const mark = Object.getOwnPropertySymbols(Object(config)).findLast(({ description }) => description === 'fastify-created.route')
  return mark && (config as Record<symbol, { settings: Settings }>)[mark]
}
