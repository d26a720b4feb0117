import type { Resource } from './resource.js'
import type { UrlPattern } from './url-pattern.js'

/** An instance of Fastify: a nested one has the outer one as its prototype. */
export type Scope = object

/** The GET route that a resource answers at. */
export interface CanonicalRoute {
  readonly resource: Resource<unknown>
  readonly scope: Scope
  readonly url: string
  readonly pattern: UrlPattern
  /** Whether it answers only under constraints, of host or version. */
  readonly isConstrained: boolean
  /** Its name in an OpenAPI document, unless it has none or is hidden there. */
  readonly operationId?: string
}

/** A GET route, as messages name it. */
export interface GetRoute {
  readonly url: string
  readonly resource: Resource<unknown> | undefined
  readonly isCanonical: boolean
}

/** The GET routes of an app: which of them is nearest to a scope, for each resource. */
export class CanonicalRoutes {
  readonly getRoutes: GetRoute[] = []
  readonly #byResource = new Map<Resource<unknown>, CanonicalRoute[]>()

  add (route: CanonicalRoute): void {
    const routes = this.#byResource.get(route.resource)
    if (routes === undefined) this.#byResource.set(route.resource, [route])
    else routes.push(route)
  }

  /** The routes at the smallest distance, one for each URL. */
  nearest (resource: Resource<unknown>, from: Scope): CanonicalRoute[] {
    const hopsUp = hopsToScopesAround(from)
    let smallest = Infinity
    const found = new Map<string, CanonicalRoute>()
    for (const route of this.#byResource.get(resource) ?? []) {
      const hops = distance(hopsUp, route.scope)
      if (hops > smallest) continue
      if (hops < smallest) found.clear()
      smallest = hops
      // If a URL has several constrained routes, prefer the unconstrained one: its URLs can be checked.
      if (!route.isConstrained || !found.has(route.url)) found.set(route.url, route)
    }
    return [...found.values()]
  }
}

/** The number of hops up to the nearest common scope, plus down to `to`. */
function distance (hopsUp: ReadonlyMap<Scope, number>, to: Scope): number {
  const scopes = [...scopesAround(to)]
  // The root is around all scopes.
  const down = scopes.findIndex((scope) => hopsUp.has(scope))
  return hopsUp.get(scopes[down])! + down
}

function hopsToScopesAround (scope: Scope): Map<Scope, number> {
  return new Map([...scopesAround(scope)].map((around, hops) => [around, hops]))
}

/** From the inside out, the scope itself first. */
function * scopesAround (from: Scope): Generator<Scope> {
  for (let scope = from; Object.getPrototypeOf(scope) !== null; scope = Object.getPrototypeOf(scope)) yield scope
}
