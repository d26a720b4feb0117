import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Declaration } from '../resource/declared-route.js'
import type { Resource } from '../resource/resource.js'
import { routeOf, type GuardedRoute, type Unseen } from '../rules/checked-route.js'
import type { Routes } from '../rules/checked-routes.js'

/** `request.locate()`; `unseen` serves the requests of routes that the plugin has not seen. */
export function locateInRequest (unseen: Unseen) {
  return function locate (this: FastifyRequest, resource: Resource<unknown>, value: unknown): string {
    return routeOf(this, unseen).locate(resource, value, this.params, this.method, this)
  }
}

/** `app.locate()`: the instance that it is called on stands for the route, and `params` for those of its URL. */
export function locateInApp (routeFor: (declaration: Declaration) => GuardedRoute, routes: Routes) {
  return function locate (this: FastifyInstance, resource: Resource<unknown>, value: unknown, params?: Record<string, unknown> | null): string {
    const route = routeFor(new Declaration(this, [], Object.keys(params ?? {}).map((name) => `/:${name}`).join('')))
    if (!routes.arePaired) throw route.reporter.refuse('resource-home', 'app.locate() was called before all routes are there: call it after app.ready()', 'GET')
    return route.locate(resource, value, params, 'GET')
  }
}
