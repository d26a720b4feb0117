import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import processWarning from 'process-warning'
import { isSafe } from '../http/methods.js'
import { checkResponse, withhold } from './check-response.js'
import { routeIn, type CheckedRoute } from './checked-route.js'
import { errorOf } from './reply-state.js'
import { REGISTER_FIRST } from './setup.js'

const lateRouteWarning = processWarning.createWarning({
  name: 'FastifyCreatedWarning',
  code: 'FST_CREATED_LATE_ROUTE',
  message: '%s',
  unlimited: true
})

/** Routes declared before the plugin has loaded: their config is unknown, and no hook can be added to them. */
export class LateRoutes {
  /** Whether there may be some: below the root they may be those of other scopes. */
  readonly mayExist: boolean
  readonly #addRoute: (url: string) => CheckedRoute
  readonly #areNamed: boolean
  readonly #routes = new WeakMap<object, CheckedRoute>()
  readonly #reported = new WeakSet<CheckedRoute>()

  /** @throws FST_CREATED_VIOLATION if the rule `late-route` is an error and the app has such routes */
  constructor (app: FastifyInstance, addRoute: (url: string) => CheckedRoute) {
    this.#addRoute = addRoute
    this.mayExist = app.printRoutes() !== '(empty tree)'
    this.#areNamed = isRoot(app)
    if (!this.#areNamed) return
    const names = routesThatWrite(app)
    if (names.length > 0) this.#reportAtBoot(names)
  }

  #reportAtBoot (names: readonly string[]): void {
    const { reporter } = this.#addRoute('*')
    if (reporter.isOff('late-route')) return
    const [theyWere, their] = names.length === 1 ? ['this route was', 'Its'] : ['these routes were', 'Their']
    const found = `${theyWere} declared before the plugin had loaded: ${names.join(', ')}`
    const error = reporter.reportAtBoot('late-route', { found }, '*')
    if (error !== undefined) throw error
    lateRouteWarning(
      `fastify-created: ${found}. ${their} config.resource and config.created are ignored. ` +
        `Fix: ${REGISTER_FIRST}`
    )
  }

  /** @returns the error to send instead of the response of such a route */
  check (request: FastifyRequest, reply: FastifyReply, payload: unknown): Error | undefined {
    if (!this.mayExist || routeIn(request.routeOptions.config) !== undefined) return undefined
    const route = this.routeOf(request)
    const error = errorOf(reply)?.isViolation === true ? undefined : this.#report(route, request, reply)
    return error === undefined ? checkResponse(route, request, reply, payload) : withhold(reply, payload, error)
  }

  routeOf (request: FastifyRequest): CheckedRoute {
    const { config, url = '' } = request.routeOptions
    const route = this.#routes.get(config) ?? this.#addRoute(url)
    this.#routes.set(config, route)
    return route
  }

  /** Once for each route, or each time if it is an error. */
  #report (route: CheckedRoute, request: FastifyRequest, reply: FastifyReply): Error | undefined {
    if (this.#areNamed || isSafe(request.method)) return undefined
    if (this.#reported.has(route) && !route.reporter.isError('late-route')) return undefined
    this.#reported.add(route)
    return route.report('late-route', { found: 'the route was declared before the plugin had loaded' }, request, reply)
  }
}

/** The routes of the whole server that may create or change something, such as `POST /users`. */
function routesThatWrite (app: FastifyInstance): string[] {
  return app.supportedMethods.filter((method) => !isSafe(method)).flatMap((method) =>
    urlsIn(app.printRoutes({ method: method as 'POST' })).map((url) => `${method} ${url}`))
}

const EMPTY_ROOT = '(empty root node)'

/** Fastify prints its routes as a tree: four characters of indentation a level, and a part of the URL on each line. */
function urlsIn (tree: string): string[] {
  const parents: string[] = []
  return tree.split('\n').flatMap((line) => {
    const [, indentation, part, methods] = /^([│ ]*)[├└]── (.*?)( \([A-Z, -]+\).*)?$/.exec(line) ?? []
    if (part === undefined) return []
    const level = indentation.length / 4
    parents[level] = (parents[level - 1] ?? '') + (part === EMPTY_ROOT ? '' : part)
    return methods === undefined ? [] : [parents[level]]
  })
}

function isRoot (app: FastifyInstance): boolean {
  return Object.getPrototypeOf(Object.getPrototypeOf(app)) === null
}
