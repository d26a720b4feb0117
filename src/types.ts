import type {
  FastifyBaseLogger, FastifyTypeProvider, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerBase,
  RouteGenericInterface, RouteHandlerMethod, RouteShorthandOptionsWithHandler
} from 'fastify'
import type {
  BodyFor, CurrentValue, DescribedBody, InitArguments, LacksInit, OkBody, OnlyWithoutInit, OnlyWithResource,
  UpsertedBody, ValueOf, WithConfig
} from './body-types.js'
import type { Validators } from './http/preconditions.js'
import type { CreatedRouteOptions } from './options.js'
import type { AcceptedByResource, AcceptedInit } from './reply/accepted.js'
import type { CreatedByResource, CreatedInit } from './reply/created.js'
import type { NoContentInit } from './reply/no-content.js'
import type { OkInit } from './reply/ok.js'
import type { UpsertedInit } from './reply/upserted.js'
import type { Resource } from './resource/resource.js'

/* eslint-disable @typescript-eslint/no-unused-vars -- a merged declaration names all type parameters */
declare module 'fastify' {
  interface FastifyContextConfig {
    /** What `resource()` returns: what the route reads (GET), creates, updates or deletes. */
    resource?: Resource<any>

    /** Options of fastify-created for this route. `false`: its responses are not checked. */
    created?: false | CreatedRouteOptions
  }

  // Type parameters without their defaults: those of fastify are not exported.

  // From `config?: FastifyContextConfig & ContextConfig`, TypeScript infers the config only if nothing else speaks of
  // it: a hook such as `onRequest: [app.authenticate]`, of a plain FastifyRequest, makes it unknown. These signatures
  // have the config on its own as well.
  interface RouteShorthandMethod<
    RawServer extends RawServerBase,
    RawRequest extends RawRequestDefaultExpression<RawServer>,
    RawReply extends RawReplyDefaultExpression<RawServer>,
    TypeProvider extends FastifyTypeProvider,
    Logger extends FastifyBaseLogger
  > {
    <RouteGeneric extends RouteGenericInterface = RouteGenericInterface,
      ContextConfig = unknown,
      const SchemaCompiler extends import('fastify').FastifySchema = import('fastify').FastifySchema>(
      path: string,
      opts: WithConfig<ContextConfig> & import('fastify').RouteShorthandOptions<
        RawServer, RawRequest, RawReply, RouteGeneric, ContextConfig, SchemaCompiler, TypeProvider, Logger
      >,
      handler: RouteHandlerMethod<
        RawServer, RawRequest, RawReply, RouteGeneric, ContextConfig, SchemaCompiler, TypeProvider, Logger
      >,
      ...none: OnlyWithResource<ContextConfig>
    ): FastifyInstance<RawServer, RawRequest, RawReply, Logger, TypeProvider>
    <RouteGeneric extends RouteGenericInterface = RouteGenericInterface,
      ContextConfig = unknown,
      const SchemaCompiler extends import('fastify').FastifySchema = import('fastify').FastifySchema>(
      path: string,
      opts: WithConfig<ContextConfig> & RouteShorthandOptionsWithHandler<
        RawServer, RawRequest, RawReply, RouteGeneric, ContextConfig, SchemaCompiler, TypeProvider, Logger
      >,
      ...none: OnlyWithResource<ContextConfig>
    ): FastifyInstance<RawServer, RawRequest, RawReply, Logger, TypeProvider>
  }

  interface FastifyInstance<
    RawServer extends RawServerBase,
    RawRequest extends RawRequestDefaultExpression<RawServer>,
    RawReply extends RawReplyDefaultExpression<RawServer>,
    Logger extends FastifyBaseLogger,
    TypeProvider extends FastifyTypeProvider
  > {
    /**
     * The URL of a value outside a request, exactly as Location has it: at the canonical route of its resource that is
     * nearest to this instance.
     *
     * @param params fill the parameters that are inherited from the URL of a request
     * @throws FST_CREATED_VIOLATION if the value has no URL, and before `app.ready()`
     * @example
     * ```ts
     * await mail.send(user.email, `Welcome: ${app.urlFor(userResource, user)}`)
     * ```
     */
    urlFor<Value> (resource: Resource<Value>, value: Value, params?: Record<string, string | number>): string

    /** The type of the route's config, as in {@link RouteShorthandMethod}. */
    route<RouteGeneric extends RouteGenericInterface = RouteGenericInterface,
      ContextConfig = unknown,
      const SchemaCompiler extends import('fastify').FastifySchema = import('fastify').FastifySchema> (
      opts: WithConfig<ContextConfig> & import('fastify').RouteOptions<
        RawServer, RawRequest, RawReply, RouteGeneric, ContextConfig, SchemaCompiler, TypeProvider, Logger
      >,
      ...none: OnlyWithResource<ContextConfig>
    ): FastifyInstance<RawServer, RawRequest, RawReply, Logger, TypeProvider>
  }

  interface FastifyRequest<
    RouteGeneric extends RouteGenericInterface,
    RawServer extends RawServerBase,
    RawRequest extends RawRequestDefaultExpression<RawServer>,
    SchemaCompiler extends import('fastify').FastifySchema,
    TypeProvider extends FastifyTypeProvider,
    ContextConfig,
    Logger extends FastifyBaseLogger,
    RequestType
  > {
    /**
     * The URL of a value, exactly as Location has it: for links in bodies.
     *
     * @throws FST_CREATED_VIOLATION if the value has no URL, whatever the enforcement
     * @example
     * ```ts
     * app.get('/users', async (request) => {
     *   const page = await users.list()
     *   return page.map((user) => ({ ...user, url: request.urlFor(userResource, user) }))
     * })
     * ```
     */
    urlFor<Value> (resource: Resource<Value>, value: Value): string

    /**
     * Evaluates the preconditions of the request against what exists at its target now, in the order of RFC 9110
     * section 13.2.2. Call it after authorization and before the write, which must compare and swap as well.
     *
     * @param current the value of the route's resource; on a route without one, and for the collection of a POST,
     *   `{ etag, lastModified }`; `null` or `undefined` if nothing exists
     * @param init `mayCreate`: whether this PATCH creates what does not exist (RFC 5789 section 2). Default: `false`
     * @throws FST_CREATED_NOT_FOUND (404) for DELETE, and for PATCH without `mayCreate`, if nothing exists
     * @throws FST_CREATED_PRECONDITION_FAILED (412), with the current ETag
     * @throws FST_CREATED_PRECONDITION_REQUIRED (428) if one is required, something exists, and the request has none
     *   that names its version
     * @throws FST_CREATED_PRECONDITION_MALFORMED (400) if If-Match or If-None-Match of an unsafe method cannot be
     *   parsed
     * @throws FST_CREATED_VERSION_INVALID (500) if `current` has no version
     * @example
     * ```ts
     * app.put('/users/:id', { config: { resource: userResource } }, async (request, reply) => {
     *   const current = await users.find(request.params.id)
     *   request.assertPreconditions(current)
     *   const saved = await users.store(request.params.id, request.body, current?.version)
     *   if (saved === undefined) throw request.lostUpdate()
     *   return reply.upserted(saved, { created: current === undefined })
     * })
     * ```
     */
    assertPreconditions (
      current: CurrentValue<ContextConfig> | Validators | null | undefined, init?: { mayCreate?: boolean }
    ): void
    assertPreconditions<Value> (
      current: Value | null | undefined, init: { resource: Resource<Value>, mayCreate?: boolean }
    ): void

    /**
     * The error to throw when a write finds that the resource has changed since it was read.
     *
     * @param current what exists now, as for `assertPreconditions`, if it is known: the response has its ETag
     * @returns FST_CREATED_PRECONDITION_FAILED (412) if the request is conditional, else FST_CREATED_LOST_UPDATE (409)
     * @example
     * ```ts
     * const saved = await users.store(current.id, request.body, current.version)
     * if (saved === undefined) throw request.lostUpdate(await users.find(current.id))
     * ```
     */
    lostUpdate (current?: CurrentValue<ContextConfig> | Validators | null): Error
    lostUpdate<Value> (current: Value | null | undefined, init: { resource: Resource<Value> }): Error
  }

  interface FastifyReply<
    RouteGeneric extends RouteGenericInterface,
    RawServer extends RawServerBase,
    RawRequest extends RawRequestDefaultExpression<RawServer>,
    RawReply extends RawReplyDefaultExpression<RawServer>,
    ContextConfig,
    SchemaCompiler extends import('fastify').FastifySchema,
    TypeProvider extends FastifyTypeProvider,
    ReplyType
  > {
    /**
     * Sends 201 with Location and ETag of the new resource (RFC 9110 section 15.3.2). Everything is checked before the
     * reply is touched.
     *
     * @param body its representation; `null` or `undefined` is an empty body
     * @param init what the route's resource does not give; it wins over the resource. It can be left out if the route
     *   has a resource, unless TypeScript knows its responses and not its config: a message then says so
     * @throws FST_CREATED_VIOLATION if `location` or `etag` is missing or wrong, and enforcement is `throw`
     * @example
     * ```ts
     * app.post('/users', { config: { resource: userResource } }, async (request, reply) =>
     *   reply.created(await users.insert(request.body)))
     *
     * app.post('/notes', async (request, reply) => {
     *   const note = await notes.insert(request.body)
     *   return reply.created(note, { location: `/notes/${note.id}`, etag: note.version })
     * })
     * ```
     */
    created<Value = never> (
      body: DescribedBody<BodyFor<RouteGeneric, SchemaCompiler, TypeProvider, 201>, ContextConfig, Value>,
      ...init: InitArguments<ContextConfig, SchemaCompiler, CreatedInit, CreatedByResource<Value>, Value>
    ):
    FastifyReply<RouteGeneric, RawServer, RawRequest, RawReply, ContextConfig, SchemaCompiler, TypeProvider>
    /** @hidden The call lacks its second argument: the compiler's message says what to write. */
    created<Body> (
      body: LacksInit<
        Body, 'no config.resource known for this route: write reply.created(user, { resource: userResource })'
      >,
      ...none: OnlyWithoutInit<ContextConfig, SchemaCompiler>
    ): never

    /**
     * Sends 200 with ETag and Last-Modified. On GET and HEAD it evaluates the preconditions of the request first, and
     * sends 304 or 412 if they require it (RFC 9110 section 13.2.2). A stream that is then not sent is destroyed.
     *
     * It sends these errors, and does not throw them: FST_CREATED_NOT_FOUND (404) if the body is `null` or `undefined`
     * on a route with a resource, FST_CREATED_PRECONDITION_FAILED (412) if If-Match or If-Unmodified-Since is false. On
     * PUT, PATCH and DELETE after `assertPreconditions(current)`, such a body is a lost update, as with `upserted()`.
     *
     * @throws FST_CREATED_VIOLATION if the ETag or Last-Modified is wrong, and enforcement is `throw`
     * @example
     * ```ts
     * app.get('/users/:id', { config: { resource: userResource } }, async (request, reply) =>
     *   reply.ok(await users.find(request.params.id)))
     *
     * app.get('/time', async (request, reply) => reply.ok({ now: Date.now() }, { etag: null }))
     * ```
     */
    ok<Value = never> (
      body: OkBody<BodyFor<RouteGeneric, SchemaCompiler, TypeProvider, 200>, ContextConfig, Value>,
      init?: OkInit<Value>
    ):
    FastifyReply<RouteGeneric, RawServer, RawRequest, RawReply, ContextConfig, SchemaCompiler, TypeProvider>

    /**
     * Sends 201 if a PUT or PATCH has created, and 200 if it has changed what existed (RFC 9110 section 9.3.4). The URL
     * of the request is that of the resource, so there is no Location.
     *
     * A body of `null` or `undefined` means that the write has found another version: it sends what
     * `request.lostUpdate()` returns.
     *
     * @throws FST_CREATED_VIOLATION if `created` is not a boolean, or the ETag is wrong, and enforcement is `throw`
     * @example
     * ```ts
     * return reply.upserted(saved, { created: current === undefined })
     * ```
     */
    upserted<Value = never> (
      body: UpsertedBody<
        BodyFor<RouteGeneric, SchemaCompiler, TypeProvider, 201>,
        BodyFor<RouteGeneric, SchemaCompiler, TypeProvider, 200>,
        ContextConfig,
        Value
      >,
      init: UpsertedInit<Value>
    ): FastifyReply<RouteGeneric, RawServer, RawRequest, RawReply, ContextConfig, SchemaCompiler, TypeProvider>

    /**
     * Sends 202: the work goes on, and Location is the URL of its status monitor (RFC 9110 section 15.3.3). On a route
     * with a resource, the body is the status, and its URL the monitor.
     *
     * @throws FST_CREATED_VIOLATION if `location` or `retryAfter` is wrong, and enforcement is `throw`
     * @example
     * ```ts
     * app.post('/imports', async (request, reply) => {
     *   const job = await imports.start(request.body)
     *   return reply.accepted(job, { location: `/imports/${job.id}`, retryAfter: 2 })
     * })
     * ```
     */
    accepted<Value = never> (
      body: DescribedBody<BodyFor<RouteGeneric, SchemaCompiler, TypeProvider, 202>, ContextConfig, Value>,
      ...init: InitArguments<ContextConfig, SchemaCompiler, AcceptedInit, AcceptedByResource<Value>, Value>
    ):
    FastifyReply<RouteGeneric, RawServer, RawRequest, RawReply, ContextConfig, SchemaCompiler, TypeProvider>
    /** @hidden The call lacks its second argument: the compiler's message says what to write. */
    accepted<Body> (
      body: LacksInit<
        Body, "no config.resource known for this route: write reply.accepted(job, { location: '/jobs/42' })"
      >,
      ...none: OnlyWithoutInit<ContextConfig, SchemaCompiler>
    ): never

    /**
     * Sends 204, with the ETag of the target if it has one (RFC 9110 section 15.3.5).
     *
     * @throws FST_CREATED_VIOLATION if `etag` is wrong, and enforcement is `throw`
     * @example
     * ```ts
     * app.delete('/users/:id', async (request, reply) => {
     *   await users.remove(request.params.id)
     *   return reply.noContent()
     * })
     * ```
     */
    noContent (init?: NoContentInit):
    FastifyReply<RouteGeneric, RawServer, RawRequest, RawReply, ContextConfig, SchemaCompiler, TypeProvider>

    /**
     * Sends 303: what POST would have created exists already (RFC 9110 section 9.3.3).
     *
     * @param other its URL, or a value of the route's resource
     * @throws FST_CREATED_VIOLATION if the URL is wrong, and enforcement is `throw`
     * @example
     * ```ts
     * app.post('/tags', async (request, reply) => reply.seeOther('/tags/fastify'))
     * ```
     */
    seeOther (other: string | URL | ValueOf<ContextConfig>):
    FastifyReply<RouteGeneric, RawServer, RawRequest, RawReply, ContextConfig, SchemaCompiler, TypeProvider>
    seeOther<Value> (other: Value, init: { resource: Resource<Value> }):
    FastifyReply<RouteGeneric, RawServer, RawRequest, RawReply, ContextConfig, SchemaCompiler, TypeProvider>
  }
}
