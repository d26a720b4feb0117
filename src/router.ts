import type { FastifyInstance, FastifyRequest } from 'fastify'

type Constraints = Record<string, unknown>

/** Asks Fastify's router which addresses of the app GET answers. */
export class Router {
  readonly #app: FastifyInstance
  /** Of the GET routes that have any, each only once. */
  readonly #constraints = new Map<string, Constraints>()

  constructor (app: FastifyInstance) {
    this.#app = app
  }

  addConstraints (constraints: Constraints | undefined): void {
    if (constraints !== undefined) this.#constraints.set(JSON.stringify(constraints), constraints)
  }

  /** Why GET on `path` is not answered; `undefined` when it is, or that cannot be told. */
  refuseUnanswered (path: string, request: FastifyRequest): string | undefined {
    // Only the app knows how it rewrites URLs.
    if (request.originalUrl !== request.url) return undefined
    const found = this.#find(path, request)
    if (found === undefined) return `${path} is answered by no GET route of this server: declare one, or mend the address`
    for (const [name, value] of Object.entries(found.params)) {
      if (value === '' && name !== '*') return `${path} leaves the parameter "${name}" of its GET route empty`
      if (value === `:${name}` && path.includes(value)) return `${path} has the placeholder :${name} of its GET route where a value should be`
    }
    return undefined
  }

  #find (path: string, request: FastifyRequest): { params: Record<string, string | undefined> } | undefined {
    const { host, 'accept-version': version } = request.headers
    const candidates = [undefined, { host: request.headers[':authority'] ?? host, version }, ...this.#constraints.values()]
    for (const constraints of candidates) {
      const found = this.#findUnder(path, constraints)
      if (found !== undefined) return found
    }
    return undefined
  }

  #findUnder (path: string, constraints: Constraints | undefined): { params: Record<string, string | undefined> } | undefined {
    const lookUp = () => this.#app.findRoute({ method: 'GET', url: path, constraints } as Parameters<FastifyInstance['findRoute']>[0])
    const found = lookUp()
    if (found === null) return undefined
    // A URL that the router answers with 400 or 414 is "found" too, with no parameters and a handler made for this look-up.
    if (Object.keys(found.params).length === 0 && lookUp()?.handler !== found.handler) return undefined
    return found as { params: Record<string, string | undefined> }
  }
}
