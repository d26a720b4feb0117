import { describeValue, formatError, formatValue } from '../util/format-value.js'
import { ignoreRejection } from '../util/promise.js'
import type { Problem } from '../util/problem.js'
import type { CanonicalRoute } from './canonical-routes.js'
import { exampleName } from './example-name.js'
import { proposeParams } from './propose-params.js'
import { isResource } from './resource.js'
import { propertyIn, type SharedSchemas } from './response-schema.js'
import {
  fillPattern, isOptional, lastRequired, parameterText, type FilledPattern, type UnfilledPattern, type UrlPattern
} from './url-pattern.js'

/** What is known at boot of a route that makes URLs. */
export interface UrlSource {
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
    const { parameters } = canonicalRoute.pattern
    this.#readers = new Map(parameters.map((name) => [name, readerOf(canonicalRoute, inherited, name)]))
  }

  fill (value: unknown, requestParams: unknown): ResourceUrl | UrlProblem {
    const problem = this.#valueProblem(value)
    if (problem !== undefined) return { ...problem, rule: 'resource-params' }
    const { canonicalRoute, inherited } = this
    try {
      const valueOf = (name: string) => this.#read(name, value, requestParams)
      const filled = fillPattern(canonicalRoute.pattern, valueOf, this.#maxParamLength)
      if ('found' in filled) return this.#unfilled(filled, value, requestParams)
      return { path: filled.path, parameters: filled.parameters, canonicalRoute, inherited }
    } catch (error) {
      const fix = 'make each function in params return a string or a number for every record'
      return { found: `a function in params of the resource threw ${formatError(error)}`, fix, rule: 'resource-params' }
    }
  }

  #read (name: string, value: unknown, requestParams: unknown): unknown {
    return ignoreRejection(this.#readers.get(name)!(value, requestParams))
  }

  #valueProblem (value: unknown): Problem | undefined {
    const isMissing = value === undefined || value === null
    if (!isMissing && !isResource(value)) return undefined
    const found = isMissing ? `the value is ${value}` : 'the value is what resource() returns'
    return { found, fix: `give the ${exampleName(this.canonicalRoute.url)} itself` }
  }

  #unfilled ({ parameter, found, fix }: UnfilledPattern, value: unknown, requestParams: unknown): UrlProblem {
    const { canonicalRoute: { url, pattern }, inherited } = this
    const isFromRequest = [...inherited].some((name) => ['', '.', '..'].includes(Object(requestParams)[name]))
    if (parameter === undefined) {
      return { found: `the URL made of ${url} is ${found}`, fix, rule: 'location-syntax', isFromRequest }
    }
    const missing = this.#missing(value)
    if (!missing.includes(parameter)) {
      const text = parameterText(parameter)
      return { found: `the parameter ${text} of ${url} is ${found}`, fix, rule: 'resource-params', isFromRequest }
    }
    const descriptions = missing.map((name) => this.#describeMissing(name, value))
    return {
      found: `${descriptions.join(', and ')}. ${describeValue(value)}`,
      fix: proposeParams(missing, lastRequired(pattern), value, exampleName(url)),
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
    const { url, resource } = this.canonicalRoute
    const isFilled = read !== undefined || name in resource.params || name in Object(value)
    const parameter = `${parameterText(name)} in ${url}`
    return isFilled ? `${parameter} is ${formatValue(read)}` : `nothing fills ${parameter}`
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
export function inheritedParameters ({ pattern, resource }: CanonicalRoute, source: UrlSource): Set<string> {
  return new Set(parentParameters(pattern).filter((name) =>
    !(name in resource.params) && source.parameters.includes(name) &&
    propertyIn(source.schema, name, source.sharedSchemas) !== 'guaranteed'))
}

/** All before the last one that has to be there. */
function parentParameters (pattern: UrlPattern): string[] {
  const last = lastRequired(pattern)
  return last === undefined ? [] : pattern.parameters.slice(0, pattern.parameters.lastIndexOf(last))
}
