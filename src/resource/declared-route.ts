import type { FastifyInstance, FastifySchema } from 'fastify'
import { FST_CREATED_OPTION_INVALID } from '../errors.js'
import { formatValue } from '../util/format-value.js'
import { isResource, type Resource } from './resource.js'
import { parsePattern, type UrlPattern } from './url-pattern.js'

/** A route as the app declares it. */
export class DeclaredRoute {
  readonly scope: FastifyInstance
  /** In upper case. */
  readonly methods: readonly string[]
  readonly url: string
  readonly schema: FastifySchema | undefined
  readonly resource: Resource<unknown> | undefined
  #pattern?: UrlPattern

  constructor (
    scope: FastifyInstance,
    methods: readonly string[],
    url: string,
    schema?: FastifySchema,
    resource?: Resource<unknown>
  ) {
    this.scope = scope
    this.methods = methods
    this.url = url
    this.schema = schema
    this.resource = resource
  }

  get name (): string {
    return `${this.methods.join(', ')} ${this.url}`
  }

  get pattern (): UrlPattern {
    this.#pattern ??= parsePattern(this.url)
    return this.#pattern
  }

  /** The names of the parameters in its URL. */
  get parameters (): readonly string[] {
    return this.pattern.parameters
  }

  /** @throws FST_CREATED_OPTION_INVALID if `config.resource` is not a resource */
  checkResource (): void {
    const { resource } = this
    if (resource === undefined || isResource(resource)) return
    throw new FST_CREATED_OPTION_INVALID(
      'The option config.resource', this.name, formatValue(resource), 'what resource() returns',
      'const userResource = resource({ etag: (user) => user.version }), then config: { resource: userResource }'
    )
  }
}
