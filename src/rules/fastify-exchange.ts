import type { FastifyReply, FastifyRequest } from 'fastify'
import { addressOf, type Exchange, type HeaderValue } from './exchange.js'
import type { MadeAddress, SureAddress } from '../resource/canonical-routes.js'
import type { Reference } from '../http/uri-reference.js'
import { hasContent } from '../util/payload.js'
import type { ConditionalRequest } from '../http/preconditions.js'
import { evaluationOf } from './reply-state.js'

/** What is known of an answer beside its reply. */
export interface Answered extends Pick<Exchange, 'status' | 'location'>, Partial<Pick<Exchange, 'byHelper' | 'waivesEtag' | 'failed'>> {
  readonly etag?: HeaderValue
  readonly made?: MadeAddress | SureAddress
  /** What leaves the server; absent where a helper is still at it. */
  readonly payload?: unknown
  /** The same, where it has headers of its own. */
  readonly response?: Response
}

/** A request of Fastify and its answer, as the rules see them: read only when a rule asks for it. */
export class FastifyExchange implements Exchange {
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply
  readonly #answered: Answered
  #address: Reference | undefined
  #isParsed = false

  constructor (request: FastifyRequest, reply: FastifyReply, answered: Answered) {
    this.#request = request
    this.#reply = reply
    this.#answered = answered
  }

  get method (): string {
    return this.#request.method
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

  get evaluated (): boolean {
    return evaluationOf(this.#request) !== undefined
  }

  get status (): number {
    return this.#answered.status
  }

  get location (): HeaderValue {
    return this.#answered.location
  }

  get address (): Reference | undefined {
    if (!this.#isParsed) this.#address = addressOf(this)
    this.#isParsed = true
    return this.#address
  }

  get made (): MadeAddress | SureAddress | undefined {
    return this.#answered.made
  }

  get byHelper (): boolean {
    return this.#answered.byHelper === true
  }

  get etag (): HeaderValue {
    return this.#answered.etag
  }

  get waivesEtag (): boolean {
    return this.#answered.waivesEtag === true
  }

  get failed (): boolean {
    return this.#answered.failed === true
  }

  get hasContent (): boolean | undefined {
    return hasContent(this.#answered.payload)
  }

  responseHeader (name: string): HeaderValue {
    return headerOf(this.#reply, this.#answered.response, name)
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
