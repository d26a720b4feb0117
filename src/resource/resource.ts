import { Type } from '@sinclair/typebox'
import type { EntityTagInput } from '../http/entity-tag.js'
import { checkOptions } from '../util/check-options.js'

/** What may stand in a URL: it is percent-encoded, and never empty. */
export type Parameter = string | number | bigint | boolean

/** The names of the properties that can stand in a URL. */
type ParameterOf<T> = { [Name in keyof T]-?: T[Name] extends Parameter | undefined ? Name : never }[keyof T] & string

/** What all routes of one kind of thing share. */
export interface ResourceOptions<T> {
  /** The current version; `null` says that there is none. */
  etag: (value: T) => EntityTagInput
  /**
   * How the parameters of its URL are filled: by the name of a property, or by a function of the value. `'*'` fills a
   * wildcard. Default: each from the property of the same name.
   */
  params?: Readonly<Record<string, ParameterOf<T> | ((value: T) => Parameter)>>
  /** When it was last changed. Default: none. */
  lastModified?: (value: T) => Date
}

/** What {@link resource} returns: a frozen value, to be shared by the routes of one kind of thing as `config.resource`. */
export interface Resource<T> {
  /** The version of a value. */
  readonly etag: (value: T) => EntityTagInput
  /** What fills the parameters of its URL that are not filled by the property of the same name. */
  readonly params: Readonly<Record<string, string | ((value: T) => Parameter)>>
  /** When a value was last changed. */
  readonly lastModified?: (value: T) => Date
}

const FunctionSchema = Type.Function([], Type.Any(), { allowed: 'a function of the value' })
const OptionsSchema = Type.Object({
  etag: FunctionSchema,
  params: Type.Optional(Type.Record(
    Type.String(),
    Type.Union([Type.String(), FunctionSchema], { allowed: 'the name of a property, or a function of the value' }),
    { allowed: 'an object with the parameters of the URL' }
  )),
  lastModified: Type.Optional(FunctionSchema)
}, { additionalProperties: false, allowed: 'an object of options, with etag at least' })

/**
 * Says once, for all routes of one kind of thing, which version it is, and by which properties it is addressed.
 * The GET route that carries it as `config.resource` is its home: its URL is the address of what other routes with
 * the same resource create. That there is one, and that its parameters can be filled, is checked at boot.
 *
 * @throws FST_CREATED_OPTION_INVALID where an option is missing, unknown or wrong
 * @example
 * ```ts
 * import { resource } from 'fastify-created'
 *
 * const user = resource<User>({ etag: (user) => user.version })
 *
 * app.get('/users/:id', { config: { resource: user } }, async (request, reply) =>
 *   reply.ok(await users.find(request.params.id)))
 * app.post('/users', { config: { resource: user } }, async (request, reply) =>
 *   reply.created(await users.insert(request.body)))
 * ```
 */
export function resource<T> (options: ResourceOptions<T>): Resource<T> {
  checkOptions('resource()', '', OptionsSchema, options)
  // No URL has a parameter that is filled by what all objects inherit, such as `constructor`.
  const params: Resource<T>['params'] = Object.freeze(Object.assign(Object.create(null), options.params))
  return Object.freeze({ ...options, params })
}

export function isResource (value: unknown): value is Resource<unknown> {
  const { etag, params } = Object(value)
  return typeof etag === 'function' && typeof params === 'object' && params !== null
}
