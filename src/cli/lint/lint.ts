import type { Profile } from '../../rules/rule.js'
import type { BootViolation } from '../app/boot-violation.js'
import { withApp, type LoadedApp } from '../app/with-app.js'
import { analyzeRoutes } from './analyze-routes.js'
import { addBootViolation, pluginFindings, violationFindings } from './findings.js'
import type { LintReport } from './lint-report.js'
import { toLintedRoute } from './route-roles.js'

export interface LintTask {
  command: 'lint'
  file: string
  profile: Profile
  /** Seconds for loading the app, and for closing it. */
  timeout: number
}

/** Boots an app, and checks how its routes are declared. @throws CommandError */
export async function lint ({ file, profile, timeout }: LintTask): Promise<LintReport> {
  const { result, notes } = await withApp({ file, timeout, logLevel: 'silent' }, async (loaded) => {
    return { fastify: loaded.app.instance.version, ...lintRoutes(loaded, profile) }
  })
  return { command: 'lint', target: file, profile, ...result, notes: [...notes, ...result.notes] }
}

/** The routes of an app, and what is wrong with their declarations. */
export function lintRoutes (
  { app, bootViolation }: LoadedApp, profile: Profile
): Pick<LintReport, 'notes' | 'routes' | 'findings'> {
  const hasAllRoutes = bootViolation === undefined || isCheckedLast(bootViolation)
  const analyzed = analyzeRoutes(app, profile, hasAllRoutes)
  const routes = analyzed.map(toLintedRoute)
  const isRegistered = bootViolation !== undefined ||
    analyzed.some(({ isKnownToPlugin, observed }) => isKnownToPlugin || observed.scope.hasPlugin('fastify-created'))
  const found = analyzed.flatMap((route, index) => [
    ...violationFindings(route, routes[index]),
    ...pluginFindings(route, routes[index], profile, isRegistered)
  ])
  const findings = bootViolation === undefined ? found : addBootViolation(bootViolation, found, routes)
  return { notes: routeNotes(hasAllRoutes, routes.length), routes, findings }
}

/** The plugin checks resources when all routes are declared. */
function isCheckedLast ({ rule }: BootViolation): boolean {
  return rule === 'resource-route' || rule === 'resource-params'
}

function routeNotes (hasAllRoutes: boolean, count: number): string[] {
  if (!hasAllRoutes) {
    return ['The app stopped booting before all routes were declared. Fix this first, then run lint again.']
  }
  return count === 0 ? ['The app has no routes.'] : []
}
