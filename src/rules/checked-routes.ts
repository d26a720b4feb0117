import type { FastifySchema, RouteOptions } from 'fastify'
import type { AddressTemplate } from '../resource/url-template.js'
import type { Declaration } from '../resource/declared-route.js'
import { togetherAtBoot } from '../errors.js'
import { Homes, type Home } from '../resource/canonical-routes.js'
import { isSafe, isUpdate } from '../http/methods.js'
import { documentRoute } from '../openapi/openapi-transform.js'
import { refuseList, refuseNames, refuseUnfilled } from '../resource/canonical-problems.js'
import type { Resource } from '../resource/resource.js'
import { partOf } from '../openapi/operation.js'
import type { GuardedRoute } from './checked-route.js'
import { WILDCARD } from '../resource/url-pattern.js'

/** The routes of an app that this plugin sees, in all scopes where it is registered. */
export class Routes {
  readonly homes: Homes
  arePaired = false
  readonly #routes: Array<{ declared: RouteOptions, route: GuardedRoute }> = []

  /** @param areAllSeen whether no route of the server is unknown here */
  constructor (areAllSeen = false) {
    this.homes = new Homes(areAllSeen)
  }

  /**
   * Where scopes register the plugin again, the innermost instance comes last, and counts.
   * @param isInner an instance further out has added this route already
   */
  add (declared: RouteOptions, route: GuardedRoute, isInner: boolean): void {
    if (isInner) this.#standDown(declared)
    this.#routes.push({ declared, route })
  }

  /** It is the last, but for what other hooks have declared in between. */
  #standDown (declared: RouteOptions): void {
    const at = this.#routes.findLastIndex((known) => known.declared === declared)
    if (at >= 0) this.#routes.splice(at, 1)[0].route.standDown()
  }

  /**
   * Pairs resources with their homes, when all routes are there.
   * @throws FST_CREATED_VIOLATION that names every route without an address
   */
  pair (): void {
    const errors = this.refusals()
    if (errors.length > 0) throw togetherAtBoot(errors)

    this.#requireStrongTags()
    for (const { declared, route } of this.#routes) document(declared, route)
  }

  /** Pairs them, and changes nothing of what was declared. @returns an error for each route without an address */
  refusals (): Error[] {
    for (const { declared, route } of this.#routes) this.#addGetRoute(declared, route)
    this.arePaired = true
    const errors: Error[] = []
    for (const { route } of this.#routes) {
      const error = refuseRoute(route)
      if (error !== undefined) errors.push(error)
    }
    return errors
  }

  #addGetRoute ({ constraints }: RouteOptions, { isHome, declaration }: GuardedRoute): void {
    const { scope, methods, url, schema, resource } = declaration
    if (!methods.includes('GET')) return
    const isConstrained = Object.keys(constraints ?? {}).length > 0
    this.homes.getRoutes.add({ url, resource, isHome }, isConstrained)
    if (!isHome) return
    this.homes.add({
      resource: resource!,
      scope,
      url,
      get pattern () { return declaration.pattern },
      isConstrained,
      operationId: operationIn(schema)
    })
  }

  /** Each route of a resource gives tags, and some ask for them. */
  #requireStrongTags (): void {
    const updates = new Map<Resource<unknown> | undefined, string>()
    for (const { route } of this.#routes) {
      const { resource, methods, name } = route.declaration
      if (resource !== undefined && methods.some((method) => isUpdate(method) && route.requiresPrecondition(method))) updates.set(resource, name)
    }
    if (updates.size === 0) return
    for (const { route } of this.#routes) route.strongTagsFor = updates.get(route.declaration.resource)
  }
}

/** The name of the operation, where @fastify/swagger does not hide it. */
function operationIn (schema: FastifySchema | undefined): string | undefined {
  const { operationId, hide, tags } = Object(schema)
  return hide === true || Object(tags).includes?.('X-HIDDEN') === true ? undefined : operationId
}

function document (declared: RouteOptions, route: GuardedRoute): void {
  if (!route.declaration.scope.hasPlugin('@fastify/swagger')) return
  if (!route.isExempt) documentRoute(declared, partOf(route))
}

function refuseRoute (route: GuardedRoute): Error | undefined {
  const { declaration, reporter } = route
  if (declaration.resource === undefined || (route.isExempt && !route.isHome)) return undefined
  const [rule, found] = refuseParameters(route, declaration.resource) ?? []
  return rule && reporter.reportAtBoot(rule, found!, declaration.methods[0])
}

function refuseParameters ({ declaration, addresses, isHome }: GuardedRoute, resource: Resource<unknown>): [rule: 'resource-home' | 'resource-params', found: string] | undefined {
  const { methods, url } = declaration
  const misnamed = isHome && methods.includes('GET') ? refuseNames(url, resource) : undefined
  if (misnamed !== undefined) return ['resource-params', misnamed]

  if (methods.every(isSafe)) return undefined
  const home = addresses.home(resource)
  if ('refusal' in home) return ['resource-home', home.refusal]
  const list = refuseList(declaration, home)
  if (list !== undefined) return ['resource-home', list]

  // The target of an update is its address: it gives no other.
  if (methods.every((method) => isUpdate(method) || isSafe(method)) || !isProvable(declaration, home)) return undefined
  const template = addresses.template(resource) as AddressTemplate
  const unfilled = refuseUnfilled(declaration.name, template, addresses.maker(resource))
  return unfilled === undefined ? undefined : ['resource-params', unfilled]
}

/** Without a response schema a parameter is taken on trust; but for a wildcard, which has no property of its name. */
function isProvable ({ schema }: Declaration, home: Home): boolean {
  return Object(schema).response !== undefined || home.url.includes(WILDCARD)
}
