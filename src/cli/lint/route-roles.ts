import { isSafe, isUpdate, neverCreates } from '../../http/methods.js'
import type { DeclaredRoute } from '../../resource/declared-route.js'
import type { AnalyzedRoute } from './analyze-routes.js'
import type { LintedRoute, Role } from './lint-report.js'

export function toLintedRoute (analyzed: AnalyzedRoute): LintedRoute {
  const { observed: { position, packageName }, route: { declared: { methods, url } } } = analyzed
  const roles = rolesOf(analyzed)
  return { methods: [...methods], url, roles, details: detailsOf(analyzed, roles), position, packageName }
}

/** What its methods (RFC 9110 section 9), its resource and its response schemas say. */
function rolesOf ({ route }: AnalyzedRoute): Role[] {
  const { declared, isCanonical, settings } = route
  const { methods, resource } = declared
  const hasResource = resource !== undefined
  const isChecked = hasResource || settings.routePrecondition !== undefined
  const roles: Role[] = []
  if (isCanonical && methods.includes('GET')) roles.push('reads')
  const creates = hasResource
    ? methods.some((method) => !isSafe(method) && !isUpdate(method))
    : methods.some((method) => !neverCreates(method)) && declares201(declared)
  if (creates || (methods.includes('PUT') && declares201(declared))) roles.push('creates')
  if (isChecked && methods.some((method) => method === 'PUT' || method === 'PATCH')) roles.push('updates')
  if (isChecked && methods.includes('DELETE')) roles.push('deletes')
  return roles
}

export function declares201 ({ schema }: DeclaredRoute): boolean {
  return '201' in Object(schema?.response)
}

function detailsOf ({ route, isKnownToPlugin, isExempt }: AnalyzedRoute, roles: readonly Role[]): string[] {
  if (isExempt) return ['created: false']
  if (roles.length === 0) return []
  if (!isKnownToPlugin) return ['ignored by fastify-created']
  const { resource, methods } = route.declared
  const details: string[] = []
  if (roles.includes('creates')) details.push(resource === undefined ? 'no resource' : describeCanonicalRoute(route))
  if (roles.includes('updates') || roles.includes('deletes')) {
    details.push(`If-Match ${methods.some((method) => route.requiresPrecondition(method)) ? 'required' : 'optional'}`)
  }
  return details
}

function describeCanonicalRoute (route: AnalyzedRoute['route']): string {
  const canonicalRoute = route.urls.canonicalRoute(route.resource!)
  return 'rule' in canonicalRoute ? 'no canonical route' : `canonical route GET ${canonicalRoute.url}`
}
