import type { Home, MadeAddress } from './homes.js'
import { propertyIn, type SharedSchemas } from './response-schema.js'
import { show } from './show.js'
import { fillPattern, isOptional, parametersOf, type UrlPattern } from './url-pattern.js'

/** What is known at boot of a route that makes addresses. */
export interface AddressMaker {
  /** The parameters of its own URL. */
  readonly parameters: readonly string[]
  /** What it answers with, where that is declared. */
  readonly schema: unknown
  readonly sharedSchemas: SharedSchemas
}

/** How the address of a value is made: the URL of its home, and what fills each parameter. */
export class AddressTemplate {
  readonly home: Home
  readonly inherited: ReadonlySet<string>
  readonly #maxParamLength: number

  /** @param inherited the parameters that are taken from the request, not from the value */
  constructor (home: Home, inherited: ReadonlySet<string>, maxParamLength: number) {
    this.home = home
    this.inherited = inherited
    this.#maxParamLength = maxParamLength
  }

  /** @returns why there is no address, where a parameter cannot be filled */
  fill (value: unknown, given: unknown): MadeAddress | { refusal: string } {
    const { pattern, resource: { params } } = this.home
    if (value === undefined || value === null) return { refusal: `the value is ${value}, so there is nothing to address` }
    const record = Object(value)
    const valueOf = (name: string) => {
      const filler = params[name]
      if (typeof filler === 'function') return filler(value)
      if (filler !== undefined) return record[filler]
      return this.inherited.has(name) ? Object(given)[name] : record[name]
    }
    try {
      const filled = fillPattern(pattern, valueOf, this.#maxParamLength)
      return 'refusal' in filled ? filled : { ...filled, home: this.home }
    } catch (error) {
      return { refusal: `a function in params of the resource threw ${show(error)}` }
    }
  }
}

/**
 * The parameters of a home that neither `params` nor a property of the value fills, and the URL of the making route
 * does. Those that tell one resource from the next never are: `POST /users/:id/clone` must not announce its source.
 */
export function inheritedParameters ({ pattern, resource }: Home, maker: AddressMaker): Set<string> {
  return new Set(sharedParameters(pattern).filter((name) =>
    !(name in resource.params) && maker.parameters.includes(name) && propertyIn(maker.schema, name, maker.sharedSchemas) !== 'required-text'))
}

/** All before the last one that has to be there. */
function sharedParameters (pattern: UrlPattern): string[] {
  const names = parametersOf(pattern)
  return names.slice(0, Math.max(0, names.findLastIndex((name) => !isOptional(pattern, name))))
}
