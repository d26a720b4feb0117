import type {
  FastifySchema, FastifyTypeProvider, RawReplyDefaultExpression, RawRequestDefaultExpression, RawServerBase, RouteGenericInterface
} from 'fastify'
import type { CreatedRouteOptions } from './options.js'
import type { AcceptedInit, CreatedInit, NoContentInit, OkInit } from './reply.js'

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

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What fastify-created is to know of this route; `false` exempts it from the guard. */
    created?: CreatedRouteOptions
  }

  // Type parameters without their defaults: those of fastify are not exported.
  interface FastifyReply<
    RouteGeneric extends RouteGenericInterface,
    RawServer extends RawServerBase,
    RawRequest extends RawRequestDefaultExpression<RawServer>,
    RawReply extends RawReplyDefaultExpression<RawServer>,
    ContextConfig,
    SchemaCompiler extends FastifySchema,
    TypeProvider extends FastifyTypeProvider,
    // eslint-disable-next-line @typescript-eslint/no-unused-vars -- a merged declaration names them all
    ReplyType
  > {
    /**
     * Answers 201: the resource exists, answers GET at `location`, and is at the version `etag`
     * (RFC 9110 section 15.3.2). Everything is checked before the reply is touched.
     *
     * @param body its representation; `null` or `undefined` is an empty body
     * @throws FST_CREATED_VIOLATION where `location` or `etag` is missing or wrong, and enforcement is `throw`
     * @example
     * ```ts
     * app.post('/users', async (request, reply) => {
     *   const user = await users.insert(request.body)
     *   return reply.created(user, { location: `/users/${user.id}`, etag: user.version })
     * })
     * ```
     */
    created (body: BodyFor<RouteGeneric, SchemaCompiler, TypeProvider, 201>, init: CreatedInit):
    FastifyReply<RouteGeneric, RawServer, RawRequest, RawReply, ContextConfig, SchemaCompiler, TypeProvider>

    /**
     * Answers 200 with the validators of the representation. On GET and HEAD it evaluates the preconditions of the
     * request first, and answers 304 or 412 where they say so (RFC 9110 section 13.2.2). A stream that is then not
     * sent is destroyed.
     *
     * @throws FST_CREATED_PRECONDITION_FAILED (412) where If-Match or If-Unmodified-Since is false
     * @throws FST_CREATED_VIOLATION where a validator is wrong, and enforcement is `throw`
     * @example
     * ```ts
     * app.get('/users/:id', async (request, reply) => {
     *   const user = await users.find(request.params.id)
     *   return reply.ok(user, { etag: user.version, lastModified: user.updatedAt })
     * })
     * ```
     */
    ok (body: BodyFor<RouteGeneric, SchemaCompiler, TypeProvider, 200>, init?: OkInit):
    FastifyReply<RouteGeneric, RawServer, RawRequest, RawReply, ContextConfig, SchemaCompiler, TypeProvider>

    /**
     * Answers 202: the work goes on, and `monitor`, sent as Location, tells how far it is (RFC 9110 section 15.3.3).
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
    accepted (body: BodyFor<RouteGeneric, SchemaCompiler, TypeProvider, 202>, init: AcceptedInit):
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
     * Answers 303: what POST would have created exists already, at `location` (RFC 9110 section 9.3.3).
     *
     * @throws FST_CREATED_VIOLATION where `location` is wrong, and enforcement is `throw`
     * @example
     * ```ts
     * app.post('/tags', async (request, reply) => reply.seeOther('/tags/fastify'))
     * ```
     */
    seeOther (location: string | URL):
    FastifyReply<RouteGeneric, RawServer, RawRequest, RawReply, ContextConfig, SchemaCompiler, TypeProvider>
  }
}
