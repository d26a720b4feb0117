import type { FastifyInstance } from 'fastify'
import { fieldValue, type Exchange } from './exchange.js'
import type { MadeAddress } from './homes.js'
import { samePath, type PathOptions } from './location.js'
import { show } from './show.js'

const DEFAULT_PARAM_LENGTH = 100

type Found = { params: Record<string, string | undefined> }

/** Asks Fastify's router how it reads addresses, and which of them GET answers. */
export class Router {
  /** How many characters a parameter may have. */
  readonly maxParamLength: number
  readonly #app: FastifyInstance
  readonly #paths: PathOptions
  #isConstrained?: boolean

  constructor (app: FastifyInstance) {
    this.#app = app
    // Fastify fills in the defaults below routerOptions as well, so there a default does not count.
    const { routerOptions = {}, ...outer } = app.initialConfig
    this.#paths = {
      caseSensitive: routerOptions.caseSensitive ?? outer.caseSensitive ?? true,
      ignoreTrailingSlash: routerOptions.ignoreTrailingSlash || outer.ignoreTrailingSlash || false,
      ignoreDuplicateSlashes: routerOptions.ignoreDuplicateSlashes || outer.ignoreDuplicateSlashes || false
    }
    const { maxParamLength = DEFAULT_PARAM_LENGTH } = routerOptions
    this.maxParamLength = maxParamLength === DEFAULT_PARAM_LENGTH ? outer.maxParamLength ?? DEFAULT_PARAM_LENGTH : maxParamLength
  }

  isSamePath (a: string, b: string): boolean {
    return samePath(a, b, this.#paths)
  }

  /** Why GET on `path` is not answered; `undefined` when it is, or that cannot be told. */
  refuseUnanswered (path: string, { targets: [sent, routed], host, requestHeaders, made }: Exchange): string | undefined {
    if (made !== undefined) return this.refuseMisread(made)
    // Only the app knows how it rewrites URLs.
    if (sent !== routed) return undefined
    const found = this.#find(path) ?? this.#find(path, { host, version: fieldValue(requestHeaders['accept-version']) })
    if (found === undefined) return this.#hasConstraints() ? undefined : `${path} is answered by no GET route of this server: declare one, or mend the address`
    for (const [name, value] of Object.entries(found.params)) {
      if (value === '' && name !== '*') return `${path} leaves the parameter "${name}" of its GET route empty`
      if (value === `:${name}` && path.includes(value)) return `${path} has the placeholder :${name} of its GET route where a value should be`
    }
    return undefined
  }

  /** Why the router reads an address otherwise than it was made; `undefined` when it does not, or that cannot be told. */
  refuseMisread ({ path, parameters, home: { pattern, isConstrained } }: MadeAddress): string | undefined {
    // It takes a request to know which route a constraint lets through.
    if (isConstrained) return undefined
    const found = this.#find(path)
    if (found === undefined) return `${path}, made of ${show(parameters)} for GET ${pattern.url}, is answered by no GET route: these parameters do not fit the URL`
    if (Object.keys(found.params).length === 0 && Object.keys(parameters).length > 0) return `${path}, made of ${show(parameters)} for GET ${pattern.url}, is answered by another GET route, that has this very path`
    const isSame = Object.keys({ ...found.params, ...parameters }).every((name) => found.params[name] === parameters[name])
    return isSame ? undefined : `${path}, made of ${show(parameters)} for GET ${pattern.url}, is read by the router as ${show({ ...found.params })}: another GET route has this address, or the URL can be read in two ways`
  }

  /** @returns `undefined` where there is no route, or none without the constraints that it has */
  #find (path: string, constraints?: { host: string, version: string | undefined }): Found | undefined {
    const lookUp = () => this.#app.findRoute({ method: 'GET', url: path, constraints } as Parameters<FastifyInstance['findRoute']>[0])
    const found = lookUp()
    if (found === null) return undefined
    // A URL that the router answers with 400 or 414 is "found" too, with no parameters and a handler made for this look-up.
    if (Object.keys(found.params).length === 0 && lookUp()?.handler !== found.handler) return undefined
    return found as Found
  }

  /** Whether a GET route might answer another client: the tree of routes shows constraints behind the methods. */
  #hasConstraints (): boolean {
    this.#isConstrained ??= /\bGET\b[^)]*\) \{/.test(this.#app.printRoutes({ commonPrefix: false }))
    return this.#isConstrained
  }
}
