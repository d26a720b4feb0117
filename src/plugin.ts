import type { DoneFuncWithErrOrRes, FastifyInstance, FastifyPluginAsync, HookHandlerDoneFunction, onSendHookHandler, preHandlerHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { refuseRange, refusesRanges } from './request/content-range.js'
import { checkDeclared, Declaration } from './resource/declared-route.js'
import { completeNotModified, guard, onError } from './rules/check-response.js'
import { isRoot, LateRoutes, routesBefore } from './rules/late-routes.js'
import { locateInApp, locateInRequest } from './request/url-for.js'
import { pluginSettings, routeSettings, type PluginOptions, type Settings } from './options.js'
import { problemHandler } from './reply/problem-details.js'
import { replyHelpers } from './reply/reply.js'
import { Reporter } from './rules/reporter.js'
import { preconditionHelpers } from './request/preconditions.js'
import { GuardedRoute, handlerOf, withRoute, type Unseen } from './rules/checked-route.js'
import { Router } from './resource/router.js'
import { Routes } from './rules/checked-routes.js'

const kRoutes = Symbol('fastify-created.routes')

const plugin: FastifyPluginAsync<PluginOptions> = async (app, options) => {
  const settings = pluginSettings(options)
  const reporters: Reporter[] = []
  const declaredBefore = routesBefore(app)
  // Around an inner scope that registers the plugin again, there are homes and creating routes, too.
  const outer = app.hasDecorator(kRoutes) ? app.getDecorator<Routes>(kRoutes) : undefined
  const routes = outer ?? new Routes(isRoot(app) && declaredBefore === undefined)
  const router = new Router(app)

  const guardRoute = (declaration: Declaration, own = settings, isExempt = false): GuardedRoute => {
    const reporter = new Reporter(own, declaration.url, app.log)
    reporters.push(reporter)
    return new GuardedRoute(declaration, own, reporter, router, routes.homes, isExempt)
  }
  const guardUndeclared = (url: string) => guardRoute(new Declaration(app, [], url))
  const unmatched = guardUndeclared('(no route)')
  const lateRoutes = new LateRoutes(app, declaredBefore, guardUndeclared)
  const unseen: Unseen = (request) => request.is404 ? unmatched : lateRoutes.routeOf(request)

  const { created, ok, upserted, accepted, noContent, seeOther } = replyHelpers(unseen)
  app.decorateReply('created', created)
  app.decorateReply('ok', ok)
  app.decorateReply('upserted', upserted)
  app.decorateReply('accepted', accepted)
  app.decorateReply('noContent', noContent)
  app.decorateReply('seeOther', seeOther)
  const { assertPreconditions, lostUpdate } = preconditionHelpers(unseen)
  app.decorateRequest('assertPreconditions', assertPreconditions)
  app.decorateRequest('lostUpdate', lostUpdate)
  app.decorateRequest('locate', locateInRequest(unseen))
  app.decorate('locate', locateInApp((declaration) => new GuardedRoute(declaration, settings, unmatched.reporter, router, routes.homes), routes))
  if (outer === undefined) app.decorate(kRoutes, routes)

  app.addHook('onRoute', function (declared) {
    const { config, method, url, schema } = declared
    const methods = Array.isArray(method) ? method : [method]
    const declaration = new Declaration(this, methods, url, schema, config?.resource)
    checkDeclared(declaration)
    const route = guardRoute(declaration, routeSettings(settings, config?.created, declaration), config?.created === false)
    routes.add(declared, route, outer !== undefined)
    declared.config = withRoute(config, route)
    if (route.isConcerned) declared.handler = handlerOf(route, declared.handler)
    route.warnOfMethod()

    if (settings.problemDetails) declared.errorHandler = problemHandler(declared.errorHandler)
    if (refusesRanges(route)) {
      const preHandler: preHandlerHookHandler = (request, _reply, done) => finish(done, refuseRange(route, request))
      declared.preHandler = behind(declared.preHandler, preHandler)
    }

    const answersHead = methods.includes('HEAD')
    // Behind the route's own hooks, and the one that Fastify gives to its HEAD routes.
    const onSend: onSendHookHandler = (request, reply, payload, done) => {
      if (answersHead) completeNotModified(reply)
      finish(done, route.isExempt ? undefined : guard(route, request, reply, payload))
    }
    declared.onSend = behind(declared.onSend, onSend)
  })

  // What the hooks of routes do not see: routes declared before this plugin, and answers where no route matched. Those
  // alone are not worth a second hook on every request where it could take nothing back.
  if (lateRoutes.areThere || settings.enforcement === 'throw') {
    app.addHook('onSend', (request, reply, payload, done) => {
      finish(done, request.is404 ? guard(unmatched, request, reply, payload) : lateRoutes.guard(request, reply, payload))
    })
  }
  app.addHook('onError', onError)
  app.addHook('onReady', async () => {
    if (outer === undefined) routes.pair()
    logAtBoot(app, settings)
  })
  app.addHook('onClose', (_app, done) => {
    for (const reporter of reporters) reporter.logCounts()
    done()
  })
}

function behind<Hook> (hooks: Hook | Hook[] | undefined, last: Hook): Hook | Hook[] {
  if (hooks === undefined) return last
  return Array.isArray(hooks) ? [...hooks, last] : [hooks, last]
}

function finish (done: DoneFuncWithErrOrRes | HookHandlerDoneFunction, refusal: Error | undefined): void {
  if (refusal === undefined) done()
  else done(refusal)
}

function logAtBoot (app: FastifyInstance, { enforcement, profile }: Settings): void {
  const consequence = enforcement === 'throw' ? 'answers 500' : 'is logged, and the response goes out'
  app.log.info(`fastify-created: profile ${profile}, enforcement ${enforcement}: a broken rule of severity error ${consequence}`)
  if (app.hasPlugin('@fastify/etag')) {
    app.log.info('fastify-created: @fastify/etag answers 304 to any method and to errors, and knows no lists: register it with replyWith304: false')
  }
}

/**
 * The plugin: adds the helpers to replies, and the guard behind them to all routes of its scope that are declared
 * after it.
 *
 * @throws FST_CREATED_OPTION_INVALID where an option is unknown or wrong: `register` rejects
 * @throws FST_CREATED_VIOLATION where routes are there already and the rule `late-route` is an error, as in `strict`;
 *   by `ready()`, where a route with a resource has no address to point at
 * @example
 * ```ts
 * import Fastify from 'fastify'
 * import created from 'fastify-created'
 *
 * const app = Fastify()
 * await app.register(created, { profile: 'strict' })
 * ```
 */
export const created = fp(plugin, { name: 'fastify-created', fastify: '5.x' })
