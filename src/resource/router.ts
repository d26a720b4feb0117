import type { FastifyInstance } from 'fastify'
import { fieldValue, type Exchange } from '../rules/exchange.js'
import type { MadeAddress } from './canonical-routes.js'
import { samePath, type PathOptions } from '../http/uri-reference.js'
import type { Finding } from '../rules/index.js'
import { show } from '../util/format-value.js'

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
    // Its types do not know all of them there.
    const { routerOptions = {}, ...outer } = app.initialConfig as typeof app.initialConfig & { routerOptions?: { useSemicolonDelimiter?: boolean } }
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

  /** Why the router reads an address otherwise than it was made; `undefined` when it does not, or that cannot be told. */
  refuseMisread (address: MadeAddress): Finding | undefined {
    const { path, parameters, inherited, home: { pattern, isConstrained } } = address
    // It takes a request to know which route a constraint lets through.
    if (isConstrained) return undefined
    const read = this.#find(path)?.params
    if (read !== undefined && isSame(read, parameters)) return undefined
    const misread = Object.keys({ ...read, ...parameters }).filter((name) => read?.[name] !== parameters[name])
    const found = `${path}, made of ${show(parameters)} for GET ${pattern.url}, is ${describeMisread(read, parameters)}`
    // A client may send a parameter that leads to another route, or to none.
    return misread.some((name) => inherited.has(name)) ? { found, atMost: 'warn' } : found
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

function describeMisread (read: Found['params'] | undefined, made: MadeAddress['parameters']): string {
  if (read === undefined) return 'answered by no GET route: these parameters do not fit the URL'
  if (Object.keys(read).length < Object.keys(made).length) return 'answered by another GET route, which has more of this path'
  return `read by the router as ${show({ ...read })}: another GET route has this address, or the URL can be read in two ways`
}

function isSame (read: Found['params'], made: Readonly<Record<string, string>>): boolean {
  for (const name in read) if (read[name] !== made[name]) return false
  for (const name in made) if (read[name] !== made[name]) return false
  return true
}
