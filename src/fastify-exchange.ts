import type { FastifyReply, FastifyRequest } from 'fastify'
import { addressOf, type Exchange, type HeaderValue } from './exchange.js'
import type { MadeAddress } from './homes.js'
import type { Reference } from './location.js'
import type { ConditionalRequest } from './preconditions.js'

/** What is known of an answer beside its reply. */
export type Answered = Pick<Exchange, 'status' | 'location'> & Partial<Pick<Exchange, 'etag' | 'hasContent' | 'failed' | 'evaluated' | 'byHelper' | 'waivesEtag' | 'made'>>

/** A request of Fastify and its answer, as the rules see them. What costs something is read when a rule asks for it. */
export class FastifyExchange implements Exchange {
  readonly status: number
  readonly location: HeaderValue
  readonly etag: HeaderValue
  readonly hasContent: boolean | undefined
  readonly failed: boolean
  readonly evaluated: boolean
  readonly byHelper: boolean
  readonly waivesEtag: boolean
  readonly made: MadeAddress | undefined
  readonly method: string
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply
  readonly #response: Response | undefined
  #address: Reference | undefined
  #isParsed = false

  constructor (request: FastifyRequest, reply: FastifyReply, answered: Answered, response?: Response) {
    this.status = answered.status
    this.location = answered.location
    this.etag = answered.etag
    this.hasContent = answered.hasContent
    this.failed = answered.failed ?? false
    this.evaluated = answered.evaluated ?? false
    this.byHelper = answered.byHelper ?? false
    this.waivesEtag = answered.waivesEtag ?? false
    this.made = answered.made
    this.method = request.method
    this.#request = request
    this.#reply = reply
    this.#response = response
  }

  get targets (): [sent: string, routed: string] {
    return [this.#request.originalUrl, this.#request.url]
  }

  get host (): string {
    return this.#request.host
  }

  get requestHeaders (): Exchange['requestHeaders'] {
    return this.#request.headers
  }

  get rawHeaders (): readonly string[] {
    return this.#request.raw.rawHeaders
  }

  get responseHeader (): (name: string) => HeaderValue {
    return (name) => headerOf(this.#reply, this.#response, name)
  }

  get address (): Reference | undefined {
    if (!this.#isParsed) this.#address = addressOf(this)
    this.#isParsed = true
    return this.#address
  }
}

/** What the evaluator needs of a request. */
export function conditionalRequest ({ method, headers, raw }: FastifyRequest): ConditionalRequest {
  return { method, headers, rawHeaders: raw.rawHeaders }
}

/** Fastify copies the headers of a Response only after the hooks. */
export function headerOf (reply: FastifyReply, response: Response | undefined, name: string): HeaderValue {
  return response?.headers.get(name) ?? reply.getHeader(name)
}
