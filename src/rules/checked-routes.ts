import type { FastifySchema, RouteOptions } from 'fastify'
import { togetherAtBoot } from '../errors.js'
import { isSafe, isUpdate } from '../http/methods.js'
import { CanonicalRoutes, type CanonicalRoute } from '../resource/canonical-routes.js'
import { listProblem, paramNamesProblem, unfilledProblem } from '../resource/canonical-problems.js'
import type { DeclaredRoute } from '../resource/declared-route.js'
import type { Resource } from '../resource/resource.js'
import { WILDCARD } from '../resource/url-pattern.js'
import type { UrlProblem, UrlTemplate } from '../resource/url-template.js'
import type { CheckedRoute } from './checked-route.js'

/** The routes of an app that this plugin knows, in all scopes that it is registered in. */
export class CheckedRoutes {
  readonly canonicalRoutes = new CanonicalRoutes()
  readonly #routes: Array<{ options: RouteOptions, route: CheckedRoute }> = []
  #arePaired = false

  get arePaired (): boolean {
    return this.#arePaired
  }

  /**
   * A nested registration of the plugin comes after the outer one, and replaces its route.
   * @param isNested whether there is an outer registration, which has added this route already
   */
  add (options: RouteOptions, route: CheckedRoute, isNested: boolean): void {
    if (isNested) this.#disableOuter(options)
    this.#routes.push({ options, route })
  }

  #disableOuter (options: RouteOptions): void {
    const at = this.#routes.findLastIndex((known) => known.options === options)
    if (at >= 0) this.#routes.splice(at, 1)[0].route.isDisabled = true
  }

  /**
   * Pairs resources with their canonical routes when all routes are declared.
   * @returns the routes
   * @throws FST_CREATED_VIOLATION that names every problem
   */
  pair (): ReadonlyArray<{ options: RouteOptions, route: CheckedRoute }> {
    this.addGetRoutes()
    const errors = this.findErrors()
    if (errors.length > 0) throw togetherAtBoot(errors)
    this.#findUpdatesRequiringIfMatch()
    return this.#routes
  }

  /** Makes the canonical routes known, when all routes are declared. */
  addGetRoutes (): void {
    for (const { options, route } of this.#routes) this.#addGetRoute(options, route)
    this.#arePaired = true
  }

  /** @returns an error for each route whose resource has no URL */
  findErrors (): Error[] {
    return this.#routes.map(({ route }) => routeError(route)).filter((error) => error !== undefined)
  }

  #addGetRoute ({ constraints }: RouteOptions, { isCanonical, declared }: CheckedRoute): void {
    const { scope, methods, url, schema, resource } = declared
    if (!methods.includes('GET')) return
    this.canonicalRoutes.getRoutes.push({ url, resource, isCanonical })
    if (!isCanonical) return
    this.canonicalRoutes.add({
      resource: resource!,
      scope,
      url,
      pattern: declared.pattern,
      isConstrained: Object.keys(constraints ?? {}).length > 0,
      operationId: operationIdIn(schema)
    })
  }

  /** Tells each route of a resource whether an update of it requires If-Match. */
  #findUpdatesRequiringIfMatch (): void {
    const updates = new Map<Resource<unknown> | undefined, string>()
    for (const { route } of this.#routes) {
      const { resource, methods, name } = route.declared
      const isRequired = methods.some((method) => isUpdate(method) && route.requiresPrecondition(method))
      if (resource !== undefined && isRequired) updates.set(resource, name)
    }
    for (const { route } of this.#routes) route.updateRequiringIfMatch = updates.get(route.resource)
  }
}

/** The name of the operation, unless @fastify/swagger hides it. */
function operationIdIn (schema: FastifySchema | undefined): string | undefined {
  const { operationId, hide, tags } = Object(schema)
  return hide === true || Object(tags).includes?.('X-HIDDEN') === true ? undefined : operationId
}

function routeError (route: CheckedRoute): Error | undefined {
  const { declared, resource, reporter, isDisabled, isCanonical } = route
  if (resource === undefined || (isDisabled && !isCanonical)) return undefined
  const problem = resourceProblem(route, resource)
  return problem && reporter.reportAtBoot(problem.rule, problem, declared.methods[0])
}

function resourceProblem (
  { declared, urls, isCanonical }: CheckedRoute,
  resource: Resource<unknown>
): UrlProblem | undefined {
  const { methods, url } = declared
  const misnamed = isCanonical && methods.includes('GET') ? paramNamesProblem(url, resource) : undefined
  if (misnamed !== undefined) return { ...misnamed, rule: 'resource-params' }

  if (methods.every(isSafe)) return undefined
  const canonicalRoute = urls.canonicalRoute(resource)
  if ('rule' in canonicalRoute) return canonicalRoute
  const list = listProblem(declared, canonicalRoute)
  if (list !== undefined) return { ...list, rule: 'resource-route' }

  // An update has its URL already, and makes no other.
  const createsNothing = methods.every((method) => isUpdate(method) || isSafe(method))
  if (createsNothing || !isProvable(declared, canonicalRoute)) return undefined
  const unfilled = unfilledProblem(urls.template(resource) as UrlTemplate, urls.sourceFor(resource))
  return unfilled && { ...unfilled, rule: 'resource-params' }
}

/** Without a response schema a parameter is checked at the call; but nothing fills a wildcard by itself. */
function isProvable ({ schema }: DeclaredRoute, { url }: CanonicalRoute): boolean {
  return Object(schema).response !== undefined || url.includes(WILDCARD)
}
