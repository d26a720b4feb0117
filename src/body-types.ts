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

/** A value of which nothing is known, but that it is not awaited. */
type AnyValue = object & { then?: never }

// Config is always on the left of `extends`: else a request of a route would not be a plain FastifyRequest.

/** The values of `config.resource` of a route: `never` if it has none, any if the config is `unknown`. */
export type ValueOf<Config> =
  Config extends { resource: Resource<infer Value> } ? Value : Config extends object ? never : AnyValue

/** The values that a resource describes: the one given to the helper, else the route's, else any. */
type Described<Given, Config> =
  [Given] extends [never] ? Config extends { resource: Resource<infer Value> } ? Value : unknown : NoInfer<Given>

/** A body that is a value of the resource as well, so that it has a version and a URL. */
export type DescribedBody<Body, Config, Given> =
  [Body] extends [CreationTypeError<string>] ? Body : Described<Given, Config> & Body

/** With a resource, `null` and `undefined` are answered 404. */
export type OkBody<Body, Config, Given> =
  unknown extends Described<Given, Config> ? Body : DescribedBody<Body, Config, Given> | null | undefined

/** A value that exists at the target of a request. Validators are given without a resource. */
export type CurrentValue<Config> =
  Config extends { resource: Resource<infer Value> } ? Value
    : Config extends object
      ? CreationTypeError<'no config.resource known for this route: add the argument { resource: userResource }'>
      : AnyValue & { [Name in keyof Validators]?: never }

/** The body of an upsert is the same for 201 and 200. `null` and `undefined` are a lost update. */
export type UpsertedBody<Created, Replaced, Config, Given> =
  [Created] extends [CreationTypeError<string>] ? Created
    : [Replaced] extends [CreationTypeError<string>] ? Replaced
        : DescribedBody<Created & Replaced, Config, Given> | null | undefined

/** Picks what is true of a route: it has a resource, or is known to have none, or nothing is known of it. */
type ByRoute<Config, Schema, WithResource, WithoutResource, Unknown> =
  Config extends { resource: Resource<any> } ? WithResource
    : Config extends object ? WithoutResource
      : Schema extends { response: unknown } ? WithoutResource : Unknown

/**
 * The second argument of `created()` and `accepted()`. It can be left out if the route has a resource, and if
 * TypeScript knows nothing of the route, as in a handler of a plain `FastifyReply`.
 */
export type InitArguments<Config, Schema, Init, ByResource, Value> = ByRoute<
  Config, Schema,
  [init?: Partial<ByResource>],
  [init: [Value] extends [never] ? Init : ByResource],
  [init?: ByResource | (Partial<ByResource> & { location?: never }) | Init]
>

/** Excludes a signature, from the compiler's messages as well, unless it is for calls that lack the second argument. */
export type OnlyWithoutInit<Config, Schema> = ByRoute<Config, Schema, [never, never], [], [never, never]>

/** A body that no value can be: the compiler's message says what the call lacks. */
export type LacksInit<Body, Reason extends string> =
  Body & (0 extends 1 & Body ? never : CreationTypeError<Reason>)

/** Options of a route with its config, from which TypeScript infers the type of the config. */
export interface WithConfig<Config> { config: Config }

/** Excludes a signature, from the compiler's messages as well, unless the route has a resource. */
export type OnlyWithResource<Config> = Config extends { resource: Resource<any> } ? [] : [never, never]
