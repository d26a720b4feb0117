import type { FastifyInstance } from 'fastify'
import { samePath, type PathOptions } from '../http/uri-reference.js'
import { cut, formatValue } from '../util/format-value.js'
import type { Problem } from '../util/problem.js'
import type { ResourceUrl } from './url-template.js'

const DEFAULT_PARAM_LENGTH = 100
const INSERT_ID = 'insert the id of the record'

type Found = { params: Record<string, string | undefined> }

/** What constraints of routes look at in a request. */
export interface Constraints {
  host: string
  version: string | undefined
}

/** Why the router reads a URL with other parameters than it was made of. */
export interface MisreadProblem extends Problem {
  /** Whether a parameter that the client has sent is read otherwise. */
  isFromRequest: boolean
}

/** Asks Fastify's router which URLs GET answers, and how it reads them. */
export class Router {
  /** How many characters a parameter may have. */
  readonly maxParamLength: number
  readonly #app: FastifyInstance
  readonly #paths: PathOptions
  #hasConstraints?: boolean

  constructor (app: FastifyInstance) {
    this.#app = app
    // Fastify fills in the defaults below routerOptions as well, so a default there does not count.
    // Its types do not have all of these options.
    const { routerOptions = {}, ...outer } =
      app.initialConfig as typeof app.initialConfig & { routerOptions?: { useSemicolonDelimiter?: boolean } }
    this.#paths = {
      caseSensitive: routerOptions.caseSensitive ?? outer.caseSensitive!,
      ignoreTrailingSlash: routerOptions.ignoreTrailingSlash || outer.ignoreTrailingSlash!,
      ignoreDuplicateSlashes: routerOptions.ignoreDuplicateSlashes || outer.ignoreDuplicateSlashes!,
      useSemicolonDelimiter: routerOptions.useSemicolonDelimiter || outer.useSemicolonDelimiter!
    }
    const lengths = [routerOptions.maxParamLength ?? DEFAULT_PARAM_LENGTH, outer.maxParamLength!]
    this.maxParamLength = lengths.find((length) => length !== DEFAULT_PARAM_LENGTH) ?? DEFAULT_PARAM_LENGTH
  }

  isSamePath (a: string, b: string): boolean {
    return samePath(a, b, this.#paths)
  }

  /** Why no GET route answers a path; `undefined` as well if that cannot be known. */
  unansweredProblem (path: string, constraints: Constraints): Problem | undefined {
    const found = this.#find(path) ?? this.#find(path, constraints)
    const shown = cut(path)
    if (found === undefined) {
      if (this.#mayBeConstrained()) return undefined
      const url = shown.replace(/^(\/.+\/)[^/]+(\/?)$/, '$1:id$2')
      return { found: `no GET route answers ${shown}`, fix: `declare app.get('${url}', …), or correct the path` }
    }
    for (const [name, value] of Object.entries(found.params)) {
      const isPlaceholder = value === `:${name}` && path.includes(value)
      if (isPlaceholder) return { found: `${shown} has the placeholder :${name} instead of a value`, fix: INSERT_ID }
      if (value === '' && name !== '*') {
        return { found: `${shown} leaves the parameter :${name} of its GET route empty`, fix: INSERT_ID }
      }
    }
    return undefined
  }

  /** `undefined` as well if it cannot be known. */
  misreadProblem ({ path, parameters, inherited, canonicalRoute }: ResourceUrl): MisreadProblem | undefined {
    const { pattern, isConstrained } = canonicalRoute
    // Which route a constraint selects depends on the request.
    if (isConstrained) return undefined
    const read = this.#find(path)?.params
    if (read !== undefined && isSameRecord(read, parameters)) return undefined
    const misread = Object.keys({ ...read, ...parameters }).filter((name) => read?.[name] !== parameters[name])
    const made = `${cut(path)}, made of ${formatValue(parameters)} for GET ${pattern.url}`
    return {
      found: `${made}, ${describeMisread(read, parameters)}`,
      fix: 'use ids that only this route matches, or change the URL of the other route',
      isFromRequest: misread.some((name) => inherited.has(name))
    }
  }

  /** @returns `undefined` if there is no route, or none without constraints */
  #find (path: string, constraints?: Constraints): Found | undefined {
    const options = { method: 'GET', url: path, constraints } as Parameters<FastifyInstance['findRoute']>[0]
    const found = this.#app.findRoute(options)
    if (found === null) return undefined
    // For a URL that is answered 400 or 414 the router "finds" a handler that it makes for each look-up.
    const hasNoParams = Object.keys(found.params).length === 0
    if (hasNoParams && this.#app.findRoute(options)?.handler !== found.handler) return undefined
    return found as Found
  }

  /** Whether a GET route may answer other clients only: the printed routes show constraints after the methods. */
  #mayBeConstrained (): boolean {
    this.#hasConstraints ??= /\bGET\b[^)]*\) \{/.test(this.#app.printRoutes())
    return this.#hasConstraints
  }
}

function isSameRecord (a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}

function describeMisread (read: Found['params'] | undefined, made: ResourceUrl['parameters']): string {
  if (read === undefined) return 'is not answered by any GET route: the router does not accept these parameters'
  if (Object.keys(read).length < Object.keys(made).length) {
    return 'is answered by another GET route, which matches more of the path'
  }
  return `is read by the router as ${formatValue({ ...read })}: ` +
    'another GET route has this URL, or it can be read in two ways'
}
