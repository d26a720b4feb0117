import { fillPattern, isOptional } from '../../resource/url-pattern.js'
import type { Payload } from '../../testing/index.js'
import { formatPosition } from '../app/source-position.js'
import type { AnalyzedRoute } from '../lint/analyze-routes.js'
import { exampleOf, propertySchema } from './schema-examples.js'

/** An example that the schemas of a route do not have. */
export interface MissingExample { found: string, fix: string }

/** Makes requests to a route of the examples in its schemas. */
export class RouteExamples {
  readonly #analyzed: AnalyzedRoute
  readonly #method: string
  readonly #missing: MissingExample[]

  /** @param missing gets an item for each example that is needed and missing */
  constructor (analyzed: AnalyzedRoute, method: string, missing: MissingExample[]) {
    this.#analyzed = analyzed
    this.#method = method
    this.#missing = missing
  }

  /** @param given values for parameters, instead of examples */
  url (given: Record<string, string> = {}): string | undefined {
    const { pattern, schema } = this.#analyzed.route.declared
    const exampleFor = (name: string) => exampleOf(propertySchema(schema?.params, name, this.#shared), this.#shared)
    const valueOf = (name: string) => given[name] ?? exampleFor(name)?.value
    const missing = pattern.parameters.filter((name) => valueOf(name) === undefined && !isOptional(pattern, name))
    for (const name of missing) {
      const properties = `{ ${name}: { type: 'string', examples: ['…'] } }`
      this.#addMissing(`of the parameter "${name}"`, `params: { type: 'object', properties: ${properties} }`)
    }
    const filled = fillPattern(pattern, valueOf, Infinity)
    // The placeholders {{n}} and {{uuid}} are replaced later.
    return 'path' in filled ? filled.path.replace(/%7B%7B(n|uuid)%7D%7D/g, '{{$1}}') : undefined
  }

  payload (): Payload | undefined {
    const { schema } = this.#analyzed.route.declared
    const example = exampleOf(bodySchema(schema?.body), this.#shared)
    if (example === undefined) this.#addMissing('of the body', "body: { …, examples: [{ name: 'ann-{{n}}' }] }")
    return example?.value as Payload | undefined
  }

  headers (): Record<string, string> | undefined {
    const { schema } = this.#analyzed.route.declared
    const example = exampleOf(schema?.headers, this.#shared)
    if (example === undefined) return undefined
    const headers = Object.entries(Object(example.value))
    return Object.fromEntries(headers.map(([name, value]) => [name, String(value)]))
  }

  readonly #shared = (id: string) => this.#analyzed.observed.scope.getSchema(id)

  #addMissing (what: string, schema: string): void {
    const { route: { declared: { url } }, observed: { position } } = this.#analyzed
    const where = position === undefined ? '' : ` (${formatPosition(position)})`
    this.#missing.push({ found: `${this.#method} ${url}${where} has no example ${what}`, fix: `schema: { ${schema} }` })
  }
}

/** Fastify also accepts a schema for each content type. */
export function bodySchema (body: unknown): unknown {
  const { content } = Object(body)
  if (content === undefined) return body
  const { schema } = Object(content['application/json'] ?? Object.values(Object(content))[0])
  return schema
}
