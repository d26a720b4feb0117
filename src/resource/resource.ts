import { Type } from '@sinclair/typebox'
import type { EntityTagInput } from '../http/entity-tag.js'
import { checkOptions } from '../util/check-options.js'

/** What can be a parameter of a URL. It is percent-encoded, and must not be empty. */
export type Parameter = string | number | bigint | boolean

/** The names of the properties that can be parameters. */
type ParameterOf<T> = { [Name in keyof T]-?: T[Name] extends Parameter | undefined ? Name : never }[keyof T] & string

/** Options of {@link resource}. */
export interface ResourceOptions<T> {
  /** The current version of a value. `null`: it has none. */
  etag: (value: T) => EntityTagInput
  /**
   * What fills the parameters of the URL: the name of a property, or a function of the value. `'*'` fills a wildcard.
   * Default: the property of the same name.
   */
  params?: Readonly<Record<string, ParameterOf<T> | ((value: T) => Parameter)>>
  /** When a value was last changed. Default: none. */
  lastModified?: (value: T) => Date
}

/** What {@link resource} returns: a frozen object that routes share as `config.resource`. */
export interface Resource<T> {
  /** The version of a value. */
  readonly etag: (value: T) => EntityTagInput
  /** What fills the parameters that the property of the same name does not. */
  readonly params: Readonly<Record<string, string | ((value: T) => Parameter)>>
  /** When a value was last changed. */
  readonly lastModified?: (value: T) => Date
}

const FunctionSchema = Type.Function([], Type.Any(), {
  allowed: 'a function of the value',
  example: '(user) => user.version'
})
const FillerSchema = Type.Union([Type.String(), FunctionSchema], {
  allowed: 'the name of a property, or a function of the value',
  example: "'id'"
})
const OptionsSchema = Type.Object({
  etag: FunctionSchema,
  params: Type.Optional(Type.Record(Type.String(), FillerSchema, {
    allowed: 'an object with the parameters of the URL',
    example: "{ userId: 'id' }"
  })),
  lastModified: Type.Optional({ ...FunctionSchema, example: '(user) => user.updatedAt' })
}, {
  additionalProperties: false,
  allowed: 'an object of options, with etag at least',
  example: 'etag: (user) => user.version'
})

/**
 * Declares which version a value of one kind has, and how its URL is filled, for all of its routes.
 * The GET route that has it as `config.resource` is its canonical route: other routes with the same resource create,
 * update or delete what answers there. Boot checks that there is one, and that its parameters can be filled.
 *
 * @throws FST_CREATED_OPTION_INVALID if an option is missing, unknown or wrong
 * @example
 * ```ts
 * import { resource } from 'fastify-created'
 *
 * const userResource = resource<User>({ etag: (user) => user.version })
 *
 * app.get('/users/:id', { config: { resource: userResource } }, async (request, reply) =>
 *   reply.ok(await users.find(request.params.id)))
 * app.post('/users', { config: { resource: userResource } }, async (request, reply) =>
 *   reply.created(await users.insert(request.body)))
 * ```
 */
export function resource<T> (options: ResourceOptions<T>): Resource<T> {
  checkOptions({ name: 'resource()', code: (option) => `resource({ ${option} })` }, OptionsSchema, options)
  // Without a prototype, so that a parameter called `constructor` is not found in it.
  const params: Resource<T>['params'] = Object.freeze(Object.assign(Object.create(null), options.params))
  return Object.freeze({ ...options, params })
}

export function isResource (value: unknown): value is Resource<unknown> {
  const { etag, params } = Object(value)
  return typeof etag === 'function' && typeof params === 'object' && params !== null
}
