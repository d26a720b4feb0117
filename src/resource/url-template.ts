import { formatError, formatKeys, formatValue } from '../util/format-value.js'
import { ignoreRejection } from '../util/promise.js'
import type { Problem } from '../util/problem.js'
import type { CanonicalRoute } from './canonical-routes.js'
import { exampleName } from './example-name.js'
import { proposeParams } from './propose-params.js'
import { isResource } from './resource.js'
import { propertyIn, type SharedSchemas } from './response-schema.js'
import { fillPattern, isOptional, type FilledPattern, type UnfilledPattern, type UrlPattern } from './url-pattern.js'

/** What is known at boot of a route that makes URLs. */
export interface UrlMaker {
  /** The parameters of its own URL. */
  readonly parameters: readonly string[]
  /** The schema of its response, if one is declared. */
  readonly schema: unknown
  readonly sharedSchemas: SharedSchemas
}

/** The URL of a resource, as a path of this app. */
export interface ResourceUrl extends FilledPattern {
  readonly canonicalRoute: CanonicalRoute
  /** The parameters that the client has sent. */
  readonly inherited: ReadonlySet<string>
}

/** Why a resource has no URL. */
export interface UrlProblem extends Problem {
  rule: 'resource-route' | 'resource-params' | 'location-syntax'
  /** Whether it is caused by what the client has sent, which must never be a violation. */
  isFromRequest?: boolean
}

/** Reads a parameter of the record, or of the request's parameters. */
type Reader = (value: any, requestParams: any) => unknown

/** How URLs of a resource are made: the URL of its canonical route, and what fills each parameter. */
export class UrlTemplate {
  readonly canonicalRoute: CanonicalRoute
  readonly inherited: ReadonlySet<string>
  readonly #maxParamLength: number
  readonly #readers: ReadonlyMap<string, Reader>

  /** @param inherited the parameters that are taken from the request, not from the value */
  constructor (canonicalRoute: CanonicalRoute, inherited: ReadonlySet<string>, maxParamLength: number) {
    this.canonicalRoute = canonicalRoute
    this.inherited = inherited
    this.#maxParamLength = maxParamLength
    this.#readers = new Map(canonicalRoute.pattern.parameters.map((name) => [name, readerOf(canonicalRoute, inherited, name)]))
  }

  fill (value: unknown, requestParams: unknown): ResourceUrl | UrlProblem {
    const problem = this.#valueProblem(value)
    if (problem !== undefined) return { ...problem, rule: 'resource-params' }
    const { canonicalRoute, inherited } = this
    try {
      const filled = fillPattern(canonicalRoute.pattern, (name) => this.#read(name, value, requestParams), this.#maxParamLength)
      return 'path' in filled ? { ...filled, canonicalRoute, inherited } : this.#unfilled(filled, value as object, requestParams)
    } catch (error) {
      const fix = 'make each function in params return a string or a number for every record'
      return { found: `a function in params of the resource threw ${formatError(error)}`, fix, rule: 'resource-params' }
    }
  }

  #read (name: string, value: unknown, requestParams: unknown): unknown {
    return ignoreRejection(this.#readers.get(name)!(value, requestParams))
  }

  #valueProblem (value: unknown): Problem | undefined {
    const name = exampleName(this.canonicalRoute.url)
    if (value === undefined || value === null) return { found: `the value is ${value}`, fix: `give the ${name} itself` }
    if (!isResource(value)) return undefined
    return { found: 'the value is what resource() returns', fix: `give the ${name} itself, not the resource` }
  }

  #unfilled ({ parameter, found, fix }: UnfilledPattern, value: unknown, requestParams: unknown): UrlProblem {
    const { canonicalRoute: { url }, inherited } = this
    const isFromRequest = [...inherited].some((name) => ['', '.', '..'].includes(Object(requestParams)[name]))
    if (parameter === undefined) return { found: `the URL made of ${url} is ${found}`, fix, rule: 'location-syntax', isFromRequest }
    const missing = this.#missing(value)
    if (!missing.includes(parameter)) {
      return { found: `the parameter :${parameter} of ${url} is ${found}`, fix, rule: 'resource-params', isFromRequest }
    }
    return {
      found: `${missing.map((name) => this.#describeMissing(name, value)).join(', and ')}. The value has ${formatKeys(Object(value))}`,
      fix: proposeParams(missing, value, exampleName(url)),
      rule: 'resource-params',
      isFromRequest
    }
  }

  /** The parameters that the value should fill and does not. */
  #missing (value: unknown): string[] {
    const { canonicalRoute: { pattern }, inherited } = this
    return pattern.parameters.filter((name) => {
      if (inherited.has(name)) return false
      const read = this.#read(name, value, undefined)
      return read === undefined ? !isOptional(pattern, name) : isObject(read)
    })
  }

  #describeMissing (name: string, value: unknown): string {
    const read = this.#read(name, value, undefined)
    const { url } = this.canonicalRoute
    return read === undefined ? `nothing fills :${name} in ${url}` : `:${name} in ${url} is an object, ${formatValue(read)}`
  }
}

function isObject (value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || typeof value === 'function' || typeof value === 'symbol'
}

function readerOf ({ resource }: CanonicalRoute, inherited: ReadonlySet<string>, name: string): Reader {
  const filler = resource.params[name]
  if (typeof filler === 'function') return (value) => filler(value)
  if (filler !== undefined) return (value) => value[filler]
  return inherited.has(name) ? (_value, requestParams) => requestParams?.[name] : (value) => value[name]
}

/**
 * The parameters of a canonical route that neither `params` nor a property of the value fills, and the URL of the
 * creating route has. The last one is never inherited: `POST /users/:id/clone` must not announce its source.
 */
export function inheritedParameters ({ pattern, resource }: CanonicalRoute, maker: UrlMaker): Set<string> {
  return new Set(parentParameters(pattern).filter((name) =>
    !(name in resource.params) && maker.parameters.includes(name) &&
    propertyIn(maker.schema, name, maker.sharedSchemas) !== 'required-text'))
}

/** All before the last one that has to be there. */
function parentParameters (pattern: UrlPattern): string[] {
  const names = pattern.parameters
  return names.slice(0, Math.max(0, names.findLastIndex((name) => !isOptional(pattern, name))))
}
