import type {
  DoneFuncWithErrOrRes, FastifyInstance, FastifyPluginAsync, FastifyRequest, HookHandlerDoneFunction,
  onSendHookHandler, preHandlerHookHandler
} from 'fastify'
import fp from 'fastify-plugin'
import { FST_CREATED_ALREADY_REGISTERED } from './errors.js'
import { documentResponseHeaders } from './openapi/response-headers.js'
import { operationOf } from './openapi/operation.js'
import { pluginSettings, routeSettings, type FastifyCreatedOptions } from './options.js'
import { replyHelpers } from './reply/index.js'
import { problemDetailsHandler } from './reply/problem-details.js'
import { assertPreconditionsWith } from './request/assert-preconditions.js'
import { contentRangeError, rejectsRanges } from './request/content-range.js'
import { lostUpdateWith } from './request/lost-update.js'
import { appUrlForWith, requestUrlForWith } from './request/url-for.js'
import { DeclaredRoute } from './resource/declared-route.js'
import { Router } from './resource/router.js'
import { checkResponse, fixNotModifiedLength, prepareError } from './rules/check-response.js'
import { CheckedRoute, routeOf, withRoute, type FindFallbackRoute } from './rules/checked-route.js'
import { CheckedRoutes } from './rules/checked-routes.js'
import { LateRoutes } from './rules/late-routes.js'
import { setLeaving } from './rules/reply-state.js'
import { Reporter } from './rules/reporter.js'
import type { Settings } from './rules/settings.js'

const kRoutes = Symbol('fastify-created.routes')
const kNotFoundRoute = Symbol('fastify-created.notFoundRoute')

const plugin: FastifyPluginAsync<FastifyCreatedOptions> = async (app, options) => {
  if (Object.hasOwn(app, kRoutes)) throw new FST_CREATED_ALREADY_REGISTERED()
  const settings = pluginSettings(options)
  const reporters: Reporter[] = []
  // A nested registration shares the routes of the outer one: a resource may be created in one and read in the other.
  const isNested = app.hasDecorator(kRoutes)
  const routes = isNested ? app.getDecorator<CheckedRoutes>(kRoutes) : new CheckedRoutes()
  const router = new Router(app)

  const checkRoute = (declared: DeclaredRoute, own = settings, isDisabled = false): CheckedRoute => {
    const reporter = new Reporter(own, declared.url, app.log)
    reporters.push(reporter)
    return new CheckedRoute(declared, own, reporter, router, routes.canonicalRoutes, isDisabled)
  }
  const addFallback = (url: string) => checkRoute(new DeclaredRoute(app, [], url))
  const notFoundRoute = addFallback('(no route)')
  const lateRoutes = new LateRoutes(app, addFallback)
  const findFallbackRoute: FindFallbackRoute = (request) => request.is404 ? notFoundRoute : lateRoutes.routeOf(request)
  const { reporter: urlForReporter } = addFallback('app.urlFor()')
  const urlForRoute = (declared: DeclaredRoute) =>
    new CheckedRoute(declared, settings, urlForReporter, router, routes.canonicalRoutes)

  const { created, ok, upserted, accepted, noContent, seeOther } = replyHelpers(findFallbackRoute)
  app.decorateReply('created', created)
  app.decorateReply('ok', ok)
  app.decorateReply('upserted', upserted)
  app.decorateReply('accepted', accepted)
  app.decorateReply('noContent', noContent)
  app.decorateReply('seeOther', seeOther)
  app.decorateRequest('assertPreconditions', assertPreconditionsWith(findFallbackRoute))
  app.decorateRequest('lostUpdate', lostUpdateWith(findFallbackRoute))
  app.decorateRequest('urlFor', requestUrlForWith(findFallbackRoute))
  app.decorate('urlFor', appUrlForWith(urlForRoute, routes))
  app.decorate(kRoutes, routes)
  app.decorate(kNotFoundRoute, notFoundRoute)

  app.addHook('onRoute', function (options) {
    const { config, method, url, schema } = options
    const methods = Array.isArray(method) ? method : [method]
    const declared = new DeclaredRoute(this, methods, url, schema, config?.resource)
    declared.checkResource()
    const route = checkRoute(declared, routeSettings(settings, config?.created, declared), config?.created === false)
    route.hasErrorHandler = options.errorHandler !== undefined
    routes.add(options, route, isNested)
    options.config = withRoute(config, route)
    route.warnOfMethod()

    if (settings.problemDetails) options.errorHandler = problemDetailsHandler(options.errorHandler)
    if (rejectsRanges(route)) {
      const preHandler: preHandlerHookHandler = (request, _reply, done) => {
        finish(done, contentRangeError(route, request))
      }
      options.preHandler = append(options.preHandler, preHandler)
    }
    // After the route's own hooks, and the one that Fastify adds to its HEAD routes.
    const onSend: onSendHookHandler = (request, reply, payload, done) => {
      if (request.method === 'HEAD') fixNotModifiedLength(reply)
      // The route has called the not-found handler, whose response is checked already.
      if (notFoundRouteOf(request) !== undefined) return finish(done, undefined)
      finish(done, checkResponse(route, request, reply, payload))
    }
    options.onSend = append(options.onSend, onSend)
  })

  // For responses without such a route: of routes declared before the plugin had loaded, and if no route matched.
  app.addHook('onSend', (request, reply, payload, done) => {
    setLeaving(reply)
    if (!request.is404) return finish(done, lateRoutes.check(request, reply, payload))
    // The hooks of all registrations run, and the innermost one checks.
    const isInnermost = notFoundRouteOf(request) === notFoundRoute
    finish(done, isInnermost ? checkResponse(notFoundRoute, request, reply, payload) : undefined)
  })
  app.addHook('onError', (request, reply, error, done) => {
    prepareError(routeOf(request, findFallbackRoute), request, reply, error)
    done()
  })
  app.addHook('onReady', async () => {
    if (!isNested) pairRoutes(routes)
    logAtBoot(app, settings)
  })
  app.addHook('onClose', (_app, done) => {
    for (const reporter of reporters) reporter.logCounts()
    done()
  })
}

function pairRoutes (routes: CheckedRoutes): void {
  for (const { options, route } of routes.pair()) {
    const isDocumented = route.declared.scope.hasPlugin('@fastify/swagger') && !route.isDisabled
    if (isDocumented) documentResponseHeaders(options, operationOf(route))
  }
}

/** The route that stands for the not-found handler of a request, in the innermost registration around it. */
function notFoundRouteOf ({ is404, server }: FastifyRequest): CheckedRoute | undefined {
  return is404 && server.hasDecorator(kNotFoundRoute) ? server.getDecorator<CheckedRoute>(kNotFoundRoute) : undefined
}

function append<Hook> (hooks: Hook | Hook[] | undefined, last: Hook): Hook | Hook[] {
  if (hooks === undefined) return last
  return Array.isArray(hooks) ? [...hooks, last] : [hooks, last]
}

function finish (done: DoneFuncWithErrOrRes | HookHandlerDoneFunction, error: Error | undefined): void {
  if (error === undefined) done()
  else done(error)
}

function logAtBoot (app: FastifyInstance, { enforcement, profile }: Settings): void {
  const consequence = enforcement === 'throw' ? 'responds 500' : 'is logged, and the response is sent'
  app.log.info(
    `fastify-created: profile ${profile}, enforcement ${enforcement}: a broken rule of severity error ${consequence}`
  )
  if (app.hasPlugin('@fastify/etag')) {
    app.log.info(
      'fastify-created: @fastify/etag responds 304 to every method and to errors, and knows no lists: ' +
        'register it with replyWith304: false'
    )
  }
}

/**
 * The plugin: adds the helpers to replies and requests, and checks the responses of all routes in its scope that are
 * declared after it.
 *
 * @throws FST_CREATED_OPTION_INVALID if an option is unknown or wrong: `register` rejects
 * @throws FST_CREATED_ALREADY_REGISTERED if it is registered twice in one scope
 * @throws FST_CREATED_VIOLATION if routes were declared before it and the rule `late-route` is an error, as in
 *   `strict`; by `ready()`, if the resource of a route has no canonical route, or its URL cannot be filled
 * @example
 * ```ts
 * import Fastify from 'fastify'
 * import fastifyCreated from 'fastify-created'
 *
 * const app = Fastify()
 * await app.register(fastifyCreated, { profile: 'strict' })
 * ```
 */
export const fastifyCreated = fp(plugin, { name: 'fastify-created', fastify: '5.x' })
