import type { FastifyInstance } from 'fastify'
import { fieldValue, type Exchange } from './exchange.js'
import { samePath, type PathOptions } from './location.js'

type Found = { params: Record<string, string | undefined> }

/** Asks Fastify's router how it reads addresses, and which of them GET answers. */
export class Router {
  readonly #app: FastifyInstance
  readonly #paths: PathOptions
  #isConstrained?: boolean

  constructor (app: FastifyInstance) {
    this.#app = app
    const { routerOptions, caseSensitive = true, ignoreTrailingSlash = false, ignoreDuplicateSlashes = false } = app.initialConfig
    this.#paths = { caseSensitive, ignoreTrailingSlash, ignoreDuplicateSlashes, ...routerOptions }
  }

  isSamePath (a: string, b: string): boolean {
    return samePath(a, b, this.#paths)
  }

  /** Why GET on `path` is not answered; `undefined` when it is, or that cannot be told. */
  refuseUnanswered (path: string, { targets: [sent, routed], host, requestHeaders }: Exchange): string | undefined {
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
