import type { FastifyInstance, FastifyRequest } from 'fastify'
import { DeclaredRoute } from '../resource/declared-route.js'
import type { Resource } from '../resource/resource.js'
import { routeOf, type CheckedRoute, type FindFallbackRoute } from '../rules/checked-route.js'
import type { CheckedRoutes } from '../rules/checked-routes.js'

/** The decorator `request.urlFor()`. */
export function requestUrlForWith (findFallbackRoute: FindFallbackRoute) {
  return function urlFor (this: FastifyRequest, resource: Resource<unknown>, value: unknown): string {
    return routeOf(this, findFallbackRoute).urlFor(resource, value, this.params, this.method, this)
  }
}

/** The decorator `app.urlFor()`: `params` fill the parameters that a request would. */
export function appUrlForWith (routeFor: (declared: DeclaredRoute) => CheckedRoute, routes: CheckedRoutes) {
  return function urlFor (
    this: FastifyInstance, resource: Resource<unknown>, value: unknown, params?: Record<string, unknown> | null
  ): string {
    const route = routeFor(new DeclaredRoute(this, [], Object.keys(params ?? {}).map((name) => `/:${name}`).join('')))
    if (!routes.arePaired) {
      throw route.reporter.error('resource-route', {
        found: 'app.urlFor() was called before all routes are declared',
        fix: 'await app.ready(), before app.urlFor(userResource, user)'
      }, 'GET')
    }
    return route.urlFor(resource, value, params, 'GET')
  }
}
