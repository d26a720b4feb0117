import type { RouteOptions } from 'fastify'
import { nameOf } from './addresses.js'
import { togetherAtBoot } from './errors.js'
import { Homes } from './homes.js'
import { documentRoute } from './openapi.js'
import { refuseNames, refuseUnfilled } from './pairing.js'
import type { Resource } from './resource.js'
import { partOf } from './route-part.js'
import type { GuardedRoute } from './route.js'
import { parsePattern } from './url-pattern.js'

const UPDATES = new Set(['PUT', 'PATCH', 'DELETE'])
const NEED_NO_HOME = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** The routes of an app that this plugin sees, in all scopes where it is registered. */
export class Routes {
  readonly homes = new Homes()
  arePaired = false
  readonly #routes = new Map<RouteOptions, GuardedRoute>()

  /** Where scopes register the plugin again, the innermost instance comes last, and counts. */
  add (declared: RouteOptions, route: GuardedRoute): void {
    this.#routes.get(declared)?.standDown()
    this.#routes.set(declared, route)
  }

  /**
   * Pairs resources with their homes, when all routes are there.
   * @throws FST_CREATED_VIOLATION that names every route without an address
   */
  pair (): void {
    for (const [declared, route] of this.#routes) this.#addGetRoute(declared, route)
    this.arePaired = true
    const errors = [...this.#routes.values()].flatMap(refuseRoute)
    if (errors.length > 0) throw togetherAtBoot(errors)

    this.#requireStrongTags()
    for (const [declared, route] of this.#routes) {
      route.part = partOf(route)
      if (route.part !== undefined) documentRoute(declared, route.part)
    }
  }

  #addGetRoute ({ constraints }: RouteOptions, { isHome, declaration }: GuardedRoute): void {
    const { scope, methods, url, schema, resource } = declaration
    if (!methods.includes('GET')) return
    this.homes.getRoutes.push({ url, resource, isHome })
    if (!isHome) return
    const { operationId, hide } = Object(schema)
    this.homes.add({
      resource: resource!,
      scope,
      pattern: parsePattern(url),
      isConstrained: Object.keys(constraints ?? {}).length > 0,
      operationId: hide === true ? undefined : operationId
    })
  }

  /** Each route of a resource gives tags, and some ask for them. */
  #requireStrongTags (): void {
    const updates = new Map<Resource<unknown> | undefined, string>()
    for (const { declaration, settings } of this.#routes.values()) {
      const { resource, methods } = declaration
      if (resource !== undefined && settings.precondition === 'required' && methods.some((method) => UPDATES.has(method))) updates.set(resource, nameOf(declaration))
    }
    for (const route of this.#routes.values()) route.requireStrongTags(updates.get(route.declaration.resource))
  }
}

function refuseRoute (route: GuardedRoute): Error[] {
  const { declaration, reporter } = route
  if (declaration.resource === undefined) return []
  const [rule, found] = refuseParameters(route, declaration.resource) ?? []
  const error = rule && reporter.reportAtBoot(rule, found!, declaration.methods[0])
  return error === undefined ? [] : [error]
}

function refuseParameters ({ declaration, addresses, isHome }: GuardedRoute, resource: Resource<unknown>): [rule: 'resource-home' | 'resource-params', found: string] | undefined {
  const { methods, url } = declaration
  const misnamed = isHome && methods.includes('GET') ? refuseNames(url, resource) : undefined
  if (misnamed !== undefined) return ['resource-params', misnamed]

  if (methods.every((method) => NEED_NO_HOME.has(method))) return undefined
  const template = addresses.template(resource)
  if ('refusal' in template) return ['resource-home', template.refusal]

  // The target of an update is its address: it gives no other.
  const isUpdate = template.home.pattern.url === url && methods.every((method) => UPDATES.has(method) || NEED_NO_HOME.has(method))
  const unfilled = isUpdate ? undefined : refuseUnfilled(nameOf(declaration), template, addresses.maker(resource))
  return unfilled === undefined ? undefined : ['resource-params', unfilled]
}
