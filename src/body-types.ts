import type { FastifySchema, FastifyTypeProvider, RouteGenericInterface } from 'fastify'
import type { Validators } from './http/preconditions.js'
import type { Resource } from './resource/resource.js'

/** The types of the bodies that the helpers accept on a route. */

declare const reason: unique symbol

/** In place of a body that cannot exist: the compiler's message says why. */
export interface CreationTypeError<Reason extends string> {
  [reason]: Reason
}

/** The body that a route's types allow for a status: `Reply` of its generics, else its response schemas, else any. */
export type BodyFor<
  RouteGeneric extends RouteGenericInterface,
  Schema extends FastifySchema,
  Provider extends FastifyTypeProvider,
  Status extends number
> =
  unknown extends RouteGeneric['Reply']
    ? Schema extends { response: infer Responses } ? BodyOfSchema<ForStatus<Responses, Status>, Provider> : unknown
    : IsStatusMap<RouteGeneric['Reply']> extends true ? ForStatus<RouteGeneric['Reply'], Status> : RouteGeneric['Reply']

type StatusKey = number | `${number}` | `${1 | 2 | 3 | 4 | 5}${'xx' | 'XX'}` | 'default'

type IsStatusMap<T> = [keyof T] extends [never] ? false : keyof T extends StatusKey ? true : false

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

type BodyOfContent<Media, Provider extends FastifyTypeProvider> =
  Media extends { schema: infer Schema } ? (Provider & { schema: Schema })['serializer'] : unknown

/** The values of `config.resource` of a route, `never` if it has none. */
export type ValueOf<Config> = Config extends { resource: Resource<infer Value> } ? Value : never

/** The values that a resource describes: the one given to the helper, else the route's, else any. */
type Described<Given, Config> =
  [Given] extends [never] ? Config extends { resource: Resource<infer Value> } ? Value : unknown : NoInfer<Given>

/** A body that is a value of the resource as well, so that it has a version and a URL. */
export type DescribedBody<Body, Config, Given> =
  [Body] extends [CreationTypeError<string>] ? Body : Described<Given, Config> & Body

/** With a resource, `null` and `undefined` are answered 404. */
export type OkBody<Body, Config, Given> =
  unknown extends Described<Given, Config> ? Body : DescribedBody<Body, Config, Given> | null | undefined

/** What exists at the target of a request. */
export type CurrentOf<Config> =
  (Config extends { resource: Resource<infer Value> } ? Value | Validators : Validators) | null | undefined

/** The body of an upsert is the same for 201 and 200. */
export type UpsertedBody<Created, Replaced, Config, Given> =
  [Created] extends [CreationTypeError<string>] ? Created
    : [Replaced] extends [CreationTypeError<string>] ? Replaced : DescribedBody<Created & Replaced, Config, Given>

/**
 * The second argument of `created()`. It can be left out if TypeScript knows the `config.resource` of the route. It
 * does not if the generics of the route are written by hand, as in `app.post<{ Body: NewUser }>`, or if the handler is
 * declared elsewhere: then pass the resource, `reply.created(user, { resource: userResource })`.
 */
export type CreatedArguments<Config, Init, ByResource, Value> =
  Config extends { resource: Resource<any> } ? [init?: Partial<ByResource>]
    : [resourceOrLocationAndEtag: [Value] extends [never] ? Init : ByResource]

/** The second argument of `accepted()`, as that of `created()`. */
export type AcceptedArguments<Config, Init, ByResource, Value> =
  Config extends { resource: Resource<any> } ? [init?: Partial<ByResource>]
    : [resourceOrLocation: [Value] extends [never] ? Init : ByResource]
