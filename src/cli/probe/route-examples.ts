import type { Payload } from '../../testing/index.js'
import { fillPattern, isOptional } from '../../resource/url-pattern.js'
import { exampleOf, propertySchema } from './examples.js'
import type { JudgedRoute } from '../lint/judge.js'
import { showPlace } from '../app/place.js'

/** What the schemas of a route give to send to it. */
export class RouteExamples {
  readonly #judged: JudgedRoute
  readonly #method: string
  readonly #missing: string[]

  /** @param missing is told which example there should be, and is not */
  constructor (judged: JudgedRoute, method: string, missing: string[]) {
    this.#judged = judged
    this.#method = method
    this.#missing = missing
  }

  /** Its URL, with examples for parameters, but for those that are given. */
  url (given: Record<string, string> = {}): string | undefined {
    const { pattern, schema } = this.#judged.route.declaration
    const valueOf = (name: string) => given[name] ?? exampleOf(propertySchema(schema?.params, name, this.#shared), this.#shared)?.value
    const unknown = pattern.parameters.filter((name) => valueOf(name) === undefined && !isOptional(pattern, name))
    for (const name of unknown) this.#lacks(`an example of the parameter "${name}"`, `params: { type: 'object', properties: { ${name}: { type: 'string', examples: ['…'] } } }`)
    const filled = fillPattern(pattern, valueOf, Infinity)
    // What stands for fresh values must reach the request as it is.
    return 'refusal' in filled ? undefined : filled.path.replace(/%7B%7B(n|uuid)%7D%7D/g, '{{$1}}')
  }

  payload (): Payload | undefined {
    const { schema } = this.#judged.route.declaration
    const example = exampleOf(bodySchema(schema?.body), this.#shared)
    if (example === undefined) this.#lacks('an example of its body', 'body: { …, examples: [{ name: \'ann-{{n}}\' }] }')
    return example?.value as Payload | undefined
  }

  headers (): Record<string, string> | undefined {
    const { schema } = this.#judged.route.declaration
    const example = exampleOf(schema?.headers, this.#shared)
    return example && Object.fromEntries(Object.entries(Object(example.value)).map(([name, value]) => [name, String(value)]))
  }

  readonly #shared = (id: string) => this.#judged.observed.scope.getSchema(id)

  #lacks (what: string, mend: string): void {
    const { route: { declaration: { url } }, observed: { place } } = this.#judged
    this.#missing.push(`${this.#method} ${url}${place === undefined ? '' : ` (${showPlace(place)})`} has no schema with ${what}. Add it: schema: { ${mend} }`)
  }
}

/** Fastify takes a schema for each content type, too. */
export function bodySchema (body: unknown): unknown {
  const { content } = Object(body)
  if (content === undefined) return body
  const { schema } = Object(content['application/json'] ?? Object.values(Object(content))[0])
  return schema
}
