import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { guard, refuse } from './check-response.js'
import { failureOf } from './reply-state.js'
import { routeIn, type GuardedRoute } from './checked-route.js'

const MEND = 'register fastify-created before them, and wait for it: await app.register(created)'

/** Routes declared before the plugin: no hook of theirs can be added to, and what they declare is not seen. */
export class LateRoutes {
  readonly #addRoute: (url: string) => GuardedRoute
  readonly areThere: boolean
  readonly #routes = new WeakMap<object, GuardedRoute>()
  readonly #named = new WeakSet<GuardedRoute>()

  /**
   * @param declaredBefore what {@link routesBefore} returns
   * @throws FST_CREATED_VIOLATION where it is known already that the rule `late-route` is broken as an error
   */
  constructor (app: FastifyInstance, declaredBefore: string | undefined, addRoute: (url: string) => GuardedRoute) {
    this.#addRoute = addRoute
    this.areThere = declaredBefore !== undefined
    // Below the root they may be those of other scopes, which the plugin is not asked to guard.
    if (!this.areThere || !isRoot(app)) return
    const { reporter } = addRoute('*')
    if (reporter.isError('late-route')) throw reporter.reportAtBoot('late-route', `these are there already:\n${declaredBefore}\nTo mend it, ${MEND}`, '*')
  }

  guard (request: FastifyRequest, reply: FastifyReply, payload: unknown): Error | undefined {
    if (!this.areThere) return undefined
    if (routeIn(request.routeOptions.config) !== undefined || failureOf(reply)?.refused === true) return undefined
    const route = this.routeOf(request)
    const refusal = this.#report(route, request, reply)
    return refusal === undefined ? guard(route, request, reply, payload) : refuse(reply, payload, refusal)
  }

  /** What stands for the route of a request. */
  routeOf (request: FastifyRequest): GuardedRoute {
    const { config, url = '' } = request.routeOptions
    const route = this.#routes.get(config) ?? this.#addRoute(url)
    this.#routes.set(config, route)
    return route
  }

  /** Once for each route, or each time where that is what refuses the answer. */
  #report (route: GuardedRoute, request: FastifyRequest, reply: FastifyReply): Error | undefined {
    // Plugins declare OPTIONS for preflights, which create nothing.
    const isNews = !this.#named.has(route) || route.reporter.isError('late-route')
    this.#named.add(route)
    if (!isNews || request.method === 'OPTIONS') return undefined
    return route.report('late-route', `it was declared earlier: ${MEND}`, request, reply)
  }
}

/** The tree of the routes that are there already, of the whole server. */
export function routesBefore (app: FastifyInstance): string | undefined {
  const tree = app.printRoutes({ commonPrefix: false })
  return tree === '(empty tree)' ? undefined : tree
}

export function isRoot (app: FastifyInstance): boolean {
  return Object.getPrototypeOf(app) === Object.prototype
}
