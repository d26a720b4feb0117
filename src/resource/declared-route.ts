import type { FastifyInstance, FastifySchema } from 'fastify'
import { FST_CREATED_OPTION_INVALID } from '../errors.js'
import { isResource, type Resource } from './resource.js'
import { show } from '../util/format-value.js'
import { parsePattern, type UrlPattern } from './url-pattern.js'

/** A route as it was declared. */
export class Declaration {
  readonly scope: FastifyInstance
  /** In upper case. */
  readonly methods: readonly string[]
  readonly url: string
  readonly schema: FastifySchema | undefined
  readonly resource: Resource<unknown> | undefined
  #pattern?: UrlPattern

  constructor (scope: FastifyInstance, methods: readonly string[], url: string, schema?: FastifySchema, resource?: Resource<unknown>) {
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

  /** The names of those in its URL. */
  get parameters (): readonly string[] {
    return this.pattern.parameters
  }
}

/** @throws FST_CREATED_OPTION_INVALID where `config.resource` of a route is something else */
export function checkDeclared (declaration: Declaration): void {
  const { resource } = declaration
  if (resource === undefined || isResource(resource)) return
  throw new FST_CREATED_OPTION_INVALID(declaration.name, 'config.resource', show(resource), 'what resource() returns')
}
