import type {
  FastifyBaseLogger, FastifySchema, FastifyTypeProvider, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerBase, RouteGenericInterface
} from 'fastify'
import type { CreatedRouteOptions } from './options.js'
import type { Validators } from './http/preconditions.js'
import type { AcceptedByResource, AcceptedInit, CreatedByResource, CreatedInit, NoContentInit, OkInit, UpsertedInit } from './reply/reply.js'
import type { Resource } from './resource/resource.js'

declare const problem: unique symbol

/** Stands where a body should be, so that the compiler says why the call cannot be right. */
export interface CreationTypeError<Reason extends string> {
  [problem]: Reason
}

/** The body that a route's types allow for a status: `Reply` of its generics first, else its response schemas, else anything. */
export type BodyFor<RouteGeneric extends RouteGenericInterface, Schema extends FastifySchema, Provider extends FastifyTypeProvider, Status extends number> =
  unknown extends RouteGeneric['Reply']
    ? Schema extends { response: infer Responses } ? BodyOfSchema<ForStatus<Responses, Status>, Provider> : unknown
    : IsStatusMap<RouteGeneric['Reply']> extends true ? ForStatus<RouteGeneric['Reply'], Status> : RouteGeneric['Reply']

type IsStatusMap<T> = [keyof T] extends [never] ? false : keyof T extends number | `${number}` | `${1 | 2 | 3 | 4 | 5}${'xx' | 'XX'}` | 'default' ? true : false

type ForStatus<T, Status extends number> =
  unknown extends T ? unknown
    : Status extends keyof T ? T[Status]
      : `${Status}` extends keyof T ? T[`${Status}`]
        : '2xx' extends keyof T ? T['2xx']
          : '2XX' extends keyof T ? T['2XX']
            : 'default' extends keyof T ? T['default']
              : CreationTypeError<`no ${Status} in schema.response of this route`>

type BodyOfSchema<Schema, Provider extends FastifyTypeProvider> =
  [Schema] extends [CreationTypeError<string>] ? Schema
    : Schema extends { content: infer Content } ? BodyOfContent<Content[keyof Content], Provider>
      : (Provider & { schema: Schema })['serializer']

type BodyOfContent<Media, Provider extends FastifyTypeProvider> = Media extends { schema: infer Schema } ? (Provider & { schema: Schema })['serializer'] : unknown

/** The type that `config.resource` of a route is for, `never` where there is none. */
type ValueOf<Config> = Config extends { resource: Resource<infer Value> } ? Value : never

/** The values that a body has to be of: of the resource that is given with it, else of the route's, else any. */
type Described<Given, Config> =
  [Given] extends [never] ? Config extends { resource: Resource<infer Value> } ? Value : unknown : NoInfer<Given>

/** Also a value of the resource, so that this can say its version and its address. */
type DescribedBody<Body, Config, Given> =
  [Body] extends [CreationTypeError<string>] ? Body : Described<Given, Config> & Body

/** Where there is a resource, `null` and `undefined` are answered 404. */
type OkBody<Body, Config, Given> =
  unknown extends Described<Given, Config> ? Body : DescribedBody<Body, Config, Given> | null | undefined

/** What exists at the target of a request. */
type CurrentOf<Config> = (Config extends { resource: Resource<infer Value> } ? Value | Validators : Validators) | null | undefined

/** An upsert answers 201 or 200 with one and the same body. */
type UpsertedBody<Created, Replaced, Config, Given> =
  [Created] extends [CreationTypeError<string>] ? Created
    : [Replaced] extends [CreationTypeError<string>] ? Replaced : DescribedBody<Created & Replaced, Config, Given>

/** What may be left out where the route declares its resource. */
type InitFor<Config, Init, ByResource, Value> =
  Config extends { resource: Resource<any> } ? [init?: Partial<ByResource>]
    : [init: [Value] extends [never] ? Init : ByResource]

/* eslint-disable @typescript-eslint/no-unused-vars -- a merged declaration names all type parameters */
declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route answers for (GET), or creates, updates or deletes: what `resource()` returns. */
    resource?: Resource<any>

    /** What fastify-created is to know of this route; `false` exempts it from the guard. */
    created?: CreatedRouteOptions
  }

  // Type parameters without their defaults: those of fastify are not exported.
  interface FastifyInstance<
    RawServer extends RawServerBase,
    RawRequest extends RawRequestDefaultExpression<RawServer>,
    RawReply extends RawReplyDefaultExpression<RawServer>,
    Logger extends FastifyBaseLogger,
    TypeProvider extends FastifyTypeProvider
  > {
    /**
     * The address of a value outside of a request, as Location would carry it: at the home of its resource that is
     * nearest to this instance.
     *
     * @param params the parameters of the home that are inherited from the request elsewhere
     * @throws FST_CREATED_VIOLATION where there is no home, or a parameter cannot be filled, and before `app.ready()`
     * @example
     * ```ts
     * await mail.send(user.email, `Welcome: ${app.locate(userResource, user)}`)
     * ```
     */
    locate<Value> (resource: Resource<Value>, value: Value, params?: Record<string, string | number>): string
  }

  interface FastifyRequest<
    RouteGeneric extends RouteGenericInterface,
    RawServer extends RawServerBase,
    RawRequest extends RawRequestDefaultExpression<RawServer>,
    SchemaCompiler extends FastifySchema,
    TypeProvider extends FastifyTypeProvider,
    ContextConfig,
    Logger extends FastifyBaseLogger,
    RequestType
  > {
    /**
     * The address of a value, as Location would carry it: for links in bodies.
     *
     * @throws FST_CREATED_VIOLATION where there is no home, or a parameter cannot be filled, whatever the enforcement
     * @example
     * ```ts
     * app.get('/users', async (request) => {
     *   const page = await users.list()
     *   return page.map((user) => ({ ...user, url: request.locate(userResource, user) }))
     * })
     * ```
     */
    locate<Value> (resource: Resource<Value>, value: Value): string

    /**
     * Evaluates the preconditions of the request against what exists at its target now, in the order of RFC 9110
     * section 13.2.2. For after authorisation, and before the write; which has to compare and swap all the same.
     *
     * @param current the value of the route's resource; on a route without one, and for the collection of a POST,
     *   `{ etag, lastModified }`; `null` or `undefined` where nothing exists
     * @throws FST_CREATED_NOT_FOUND (404) for PATCH and DELETE where nothing exists
     * @throws FST_CREATED_PRECONDITION_FAILED (412), with the current ETag
     * @throws FST_CREATED_PRECONDITION_REQUIRED (428) where one is required, something exists, and none came that names its version
     * @throws FST_CREATED_PRECONDITION_MALFORMED (400) where If-Match or If-None-Match of an unsafe method cannot be parsed
     * @throws FST_CREATED_VALIDATOR_INVALID (500) where `current` has no version
     * @example
     * ```ts
     * app.put('/users/:id', { config: { resource: user } }, async (request, reply) => {
     *   const current = await users.find(request.params.id)
     *   request.assertPreconditions(current)
     *   const saved = await users.store(request.params.id, request.body, current?.version)
     *   if (saved === undefined) throw request.lostUpdate()
     *   return reply.upserted(saved, { created: current === undefined })
     * })
     * ```
     */
    assertPreconditions (current: CurrentOf<ContextConfig>): void
    assertPreconditions<Value> (current: Value | null | undefined, init: { resource: Resource<Value> }): void

    /**
     * The error to throw where a write found another version than was read: somebody was faster.
     *
     * @param current what exists now, as for `assertPreconditions`, where it is known: its ETag goes along
     * @returns FST_CREATED_PRECONDITION_FAILED (412) where the request is conditional, else FST_CREATED_LOST_UPDATE (409)
     * @example
     * ```ts
     * const saved = await users.store(current.id, request.body, current.version)
     * if (saved === undefined) throw request.lostUpdate(await users.find(current.id))
     * ```
     */
    lostUpdate (current?: CurrentOf<ContextConfig>): Error
    lostUpdate<Value> (current: Value | null | undefined, init: { resource: Resource<Value> }): Error
  }

  interface FastifyReply<
    RouteGeneric extends RouteGenericInterface,
    RawServer extends RawServerBase,
    RawRequest extends RawRequestDefaultExpression<RawServer>,
    RawReply extends RawReplyDefaultExpression<RawServer>,
    ContextConfig,
    SchemaCompiler extends FastifySchema,
    TypeProvider extends FastifyTypeProvider,
    ReplyType
  > {
    /**
     * Answers 201: the resource exists, answers GET at `location`, and is at the version `etag`
     * (RFC 9110 section 15.3.2). Everything is checked before the reply is touched.
     *
     * @param body its representation; `null` or `undefined` is an empty body
     * @param init what the route's resource does not say, or says otherwise
     * @throws FST_CREATED_VIOLATION where `location` or `etag` is missing or wrong, and enforcement is `throw`
     * @example
     * ```ts
     * app.post('/users', { config: { resource: user } }, async (request, reply) =>
     *   reply.created(await users.insert(request.body)))
     *
     * app.post('/notes', async (request, reply) => {
     *   const note = await notes.insert(request.body)
     *   return reply.created(note, { location: `/notes/${note.id}`, etag: note.version })
     * })
     * ```
     */
    created<Value = never> (body: DescribedBody<BodyFor<RouteGeneric, SchemaCompiler, TypeProvider, 201>, ContextConfig, Value>, ...init: InitFor<ContextConfig, CreatedInit, CreatedByResource<Value>, Value>):
    FastifyReply<RouteGeneric, RawServer, RawRequest, RawReply, ContextConfig, SchemaCompiler, TypeProvider>

    /**
     * Answers 200 with the validators of the representation. On GET and HEAD it evaluates the preconditions of the
     * request first, and answers 304 or 412 where they say so (RFC 9110 section 13.2.2). A stream that is then not
     * sent is destroyed.
     *
     * It sends, and does not throw, the errors FST_CREATED_NOT_FOUND (404) where the body is `null` or `undefined` on a
     * route with a resource, and FST_CREATED_PRECONDITION_FAILED (412) where If-Match or If-Unmodified-Since is false.
     *
     * @throws FST_CREATED_VIOLATION where a validator is wrong, and enforcement is `throw`
     * @example
     * ```ts
     * app.get('/users/:id', { config: { resource: user } }, async (request, reply) =>
     *   reply.ok(await users.find(request.params.id)))
     *
     * app.get('/time', async (request, reply) => reply.ok({ now: Date.now() }, { etag: null }))
     * ```
     */
    ok<Value = never> (body: OkBody<BodyFor<RouteGeneric, SchemaCompiler, TypeProvider, 200>, ContextConfig, Value>, init?: OkInit<Value>):
    FastifyReply<RouteGeneric, RawServer, RawRequest, RawReply, ContextConfig, SchemaCompiler, TypeProvider>

    /**
     * Answers 201 where a PUT has created, and 200 where it has replaced (RFC 9110 section 9.3.4). The target is the
     * address, so there is no Location.
     *
     * @throws FST_CREATED_VIOLATION where `created` is no boolean, or a validator is wrong, and enforcement is `throw`
     * @example
     * ```ts
     * return reply.upserted(saved, { created: current === undefined })
     * ```
     */
    upserted<Value = never> (
      body: UpsertedBody<BodyFor<RouteGeneric, SchemaCompiler, TypeProvider, 201>, BodyFor<RouteGeneric, SchemaCompiler, TypeProvider, 200>, ContextConfig, Value>,
      init: UpsertedInit<Value>
    ): FastifyReply<RouteGeneric, RawServer, RawRequest, RawReply, ContextConfig, SchemaCompiler, TypeProvider>

    /**
     * Answers 202: the work goes on, and `monitor`, sent as Location, tells how far it is (RFC 9110 section 15.3.3).
     * On a route with a resource, the body is the state of the work, and its address the monitor.
     *
     * @throws FST_CREATED_VIOLATION where `monitor` or `retryAfter` is wrong, and enforcement is `throw`
     * @example
     * ```ts
     * app.post('/imports', async (request, reply) => {
     *   const job = await imports.start(request.body)
     *   return reply.accepted(job, { monitor: `/imports/${job.id}`, retryAfter: 2 })
     * })
     * ```
     */
    accepted<Value = never> (body: DescribedBody<BodyFor<RouteGeneric, SchemaCompiler, TypeProvider, 202>, ContextConfig, Value>, ...init: InitFor<ContextConfig, AcceptedInit, AcceptedByResource<Value>, Value>):
    FastifyReply<RouteGeneric, RawServer, RawRequest, RawReply, ContextConfig, SchemaCompiler, TypeProvider>

    /**
     * Answers 204, with the new version of the target where there is one (RFC 9110 section 15.3.5).
     *
     * @throws FST_CREATED_VIOLATION where `etag` is wrong, and enforcement is `throw`
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
     * Answers 303: what POST would have created exists already (RFC 9110 section 9.3.3).
     *
     * @param other its address, or a value of the route's resource
     * @throws FST_CREATED_VIOLATION where the address is wrong, and enforcement is `throw`
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
