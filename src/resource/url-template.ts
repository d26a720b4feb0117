import type { Home, MadeAddress, SureAddress } from './canonical-routes.js'
import { disowned } from '../util/promise.js'
import { isResource } from './resource.js'
import { propertyIn, type SharedSchemas } from './response-schema.js'
import { showError } from '../util/format-value.js'
import { fillPattern, isOptional, plainText, type UrlPattern } from './url-pattern.js'

/** What is known at boot of a route that makes addresses. */
export interface AddressMaker {
  /** The parameters of its own URL. */
  readonly parameters: readonly string[]
  /** What it answers with, where that is declared. */
  readonly schema: unknown
  readonly sharedSchemas: SharedSchemas
}

/** What fills a parameter, of the value or of what the request gives. */
type Reader = (value: any, given: any) => unknown

/** How the address of a value is made: the URL of its home, and what fills each parameter. */
export class AddressTemplate {
  readonly home: Home
  readonly inherited: ReadonlySet<string>
  readonly #maxParamLength: number
  readonly #proveSure: () => boolean
  #isSure?: boolean
  readonly #readers: ReadonlyMap<string, Reader>
  readonly #parts: ReadonlyArray<string | Reader>

  /**
   * @param inherited the parameters that are taken from the request, not from the value
   * @param proveSure whether no other route can have the addresses that are made of plain parameters; asked once, when the
   *   first is made, because it takes a look at all routes
   */
  constructor (home: Home, inherited: ReadonlySet<string>, maxParamLength: number, proveSure = () => false) {
    this.#proveSure = proveSure
    this.home = home
    this.inherited = inherited
    this.#maxParamLength = maxParamLength
    this.#readers = new Map(home.pattern.parameters.map((name) => [name, reader(home, inherited, name)]))
    this.#parts = home.pattern.parts.map((part) => typeof part === 'string' ? part : this.#readers.get(part.name)!)
  }

  /** @returns why there is no address, where a parameter cannot be filled */
  fill (value: unknown, given: unknown): SureAddress | MadeAddress | Unaddressable {
    const misfit = refuseValue(value)
    if (misfit !== undefined) return { refusal: misfit, rule: 'location-syntax' }
    const { home, inherited } = this
    try {
      this.#isSure ??= this.#proveSure()
      const path = this.#isSure ? this.#plainPath(value, given) : undefined
      if (path !== undefined) return { path, isSure: true }
      const filled = fillPattern(home.pattern, (name) => this.#readers.get(name)!(value, given), this.#maxParamLength)
      return 'refusal' in filled ? { ...filled, rule: 'location-syntax', isOfRequest: this.#isOdd(given) } : { ...filled, home, inherited, isSure: false }
    } catch (error) {
      return { refusal: `a function in params of the resource threw ${showError(error)}`, rule: 'location-syntax' }
    }
  }

  /** `undefined` where a parameter has to be looked at more closely. Most are plain, and this is all that they take. */
  #plainPath (value: unknown, given: unknown): string | undefined {
    let path = ''
    for (const part of this.#parts) {
      if (typeof part === 'string') {
        path += part
        continue
      }
      const text = plainText(disowned(part(value, given)), this.#maxParamLength)
      if (text === undefined) return undefined
      path += text
    }
    return path
  }

  /** A client may send `/orgs//users`, and `/orgs/%2E%2E/users`. */
  #isOdd (given: unknown): boolean {
    return [...this.inherited].some((name) => ['', '.', '..'].includes(Object(given)[name]))
  }
}

function reader ({ resource }: Home, inherited: ReadonlySet<string>, name: string): Reader {
  const filler = resource.params[name]
  if (typeof filler === 'function') return (value) => filler(value)
  if (filler !== undefined) return (value) => value[filler]
  return inherited.has(name) ? (_value, given) => given?.[name] : (value) => value[name]
}

function refuseValue (value: unknown): string | undefined {
  if (value === undefined || value === null) return `the value is ${value}, so there is nothing to address`
  return typeof (value as { etag?: unknown }).etag === 'function' && isResource(value) ? 'the value is what resource() returns: give a value of it' : undefined
}

/** Why there is no address. */
export interface Unaddressable {
  refusal: string
  rule: 'resource-home' | 'location-syntax'
  /** It comes of what the client has sent, which must break no rule. */
  isOfRequest?: boolean
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
  const names = pattern.parameters
  return names.slice(0, Math.max(0, names.findLastIndex((name) => !isOptional(pattern, name))))
}
