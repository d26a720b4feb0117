import { isSafe, isUpdate, neverCreates } from '../../http/methods.js'
import type { JudgedRoute } from './judge.js'
import type { LintedRoute, Part } from './lint-report.js'

/** What a route does, and what stands behind that. */
export function linted (judged: JudgedRoute): LintedRoute {
  const { observed: { place, packageName }, route: { declaration: { methods, url } } } = judged
  const parts = partsOf(judged)
  return { methods: [...methods], url, parts, behind: behind(judged, parts), place, packageName }
}

/** RFC 9110 section 9: what a method means, for what the route says that it is about. */
function partsOf ({ route }: JudgedRoute): Part[] {
  const { declaration: { methods, resource }, isHome, settings } = route
  const isAbout = resource !== undefined
  const isGuarded = isAbout || settings.ownPrecondition !== undefined
  const parts: Part[] = []
  if (isHome && methods.includes('GET')) parts.push('home')
  const creates = isAbout ? methods.some((method) => !isSafe(method) && !isUpdate(method)) : methods.some((method) => !neverCreates(method)) && declares201(route)
  if (creates || (methods.includes('PUT') && declares201(route))) parts.push('creates')
  if (isGuarded && methods.some((method) => method === 'PUT' || method === 'PATCH')) parts.push('updates')
  if (isGuarded && methods.includes('DELETE')) parts.push('deletes')
  return parts
}

export function declares201 ({ declaration: { schema } }: JudgedRoute['route']): boolean {
  return '201' in Object(schema?.response)
}

function behind ({ route, isSeen, isExempt }: JudgedRoute, parts: readonly Part[]): string[] {
  if (isExempt) return ['exempt']
  if (parts.length === 0) return []
  if (!isSeen) return ['not seen by fastify-created']
  const { resource, methods } = route.declaration
  const said: string[] = []
  if (parts.includes('creates')) said.push(resource === undefined ? 'no resource' : homeOf(route))
  if (parts.includes('updates') || parts.includes('deletes')) {
    said.push(`If-Match ${methods.some((method) => route.requiresPrecondition(method)) ? 'required' : 'optional'}`)
  }
  return said
}

function homeOf (route: JudgedRoute['route']): string {
  const home = route.addresses.home(route.declaration.resource!)
  return 'refusal' in home ? 'no home' : `at GET ${home.url}`
}
