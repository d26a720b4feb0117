import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RequestError } from '../errors.js'
import type { HeaderValue } from '../http/header-fields.js'
import type { ConditionalRequest } from '../http/preconditions.js'
import { requestField, requestFieldNames } from '../http/request-fields.js'
import { parseReference, type Reference } from '../http/uri-reference.js'
import type { Constraints } from '../resource/router.js'
import type { ResourceUrl } from '../resource/url-template.js'
import { hasContent } from '../util/payload.js'
import { errorOf } from './reply-state.js'
import { evaluationOf } from './request-state.js'

/** What is known about a response besides its reply. */
export interface ResponseParts {
  readonly status: number
  readonly location: HeaderValue
  readonly etag?: HeaderValue
  /** Location was given to a helper, which requires on any status what a 201 requires. */
  readonly isLocationOfHelper?: boolean
  /** A helper was called with `etag: null`, or the resource returned it. */
  readonly declaresNoEtag?: boolean
  /** It comes out of an error handler. */
  readonly isFromErrorHandler?: boolean
  /** What Location was made of, if it is the URL of a resource. */
  readonly resourceUrl?: ResourceUrl
  /** Absent while a helper is preparing it. */
  readonly payload?: unknown
  /** The payload, if it is a Response. */
  readonly response?: Response
}

/** A request and its response, as the rules see them. */
export class Exchange {
  readonly method: string
  readonly status: number
  readonly location: HeaderValue
  readonly etag: HeaderValue
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply
  readonly #parts: ResponseParts
  #reference: Reference | null | undefined

  constructor (request: FastifyRequest, reply: FastifyReply, parts: ResponseParts) {
    this.method = request.method
    this.status = parts.status
    this.location = parts.location
    this.etag = parts.etag
    this.#request = request
    this.#reply = reply
    this.#parts = parts
  }

  get isLocationOfHelper (): boolean {
    return this.#parts.isLocationOfHelper === true
  }

  get declaresNoEtag (): boolean {
    return this.#parts.declaresNoEtag === true
  }

  get isFromErrorHandler (): boolean {
    return this.#parts.isFromErrorHandler === true
  }

  get resourceUrl (): ResourceUrl | undefined {
    return this.#parts.resourceUrl
  }

  /** `undefined` if only reading it would tell, as with a stream. */
  get hasContent (): boolean | undefined {
    return hasContent(this.#parts.payload)
  }

  /** The request-target, as the client sent it and, if the app rewrites URLs, as it is routed. */
  get targets (): [sent: string, routed: string] {
    return [this.#request.originalUrl, this.#request.url]
  }

  /** The Host of the request: any client can set it. */
  get host (): string {
    return this.#request.host
  }

  /** Every host that the request names: a proxy may have changed some of them. */
  get namedHosts (): string[] {
    const { host, headers } = this.#request
    const named = [host, headers.host, headers[':authority'], headers['x-forwarded-host']].flat()
    return named.flatMap((value = '') => value.split(',')).map((name) => name.trim())
  }

  get constraints (): Constraints {
    return { host: this.host, version: this.requestHeader('accept-version') }
  }

  get conditionalRequest (): ConditionalRequest {
    return conditionalRequest(this.#request)
  }

  /** Whether `assertPreconditions()` was called. */
  get hasAssertedPreconditions (): boolean {
    return evaluationOf(this.#request) !== undefined
  }

  /** The error by which this package has rejected the request: thrown to the handler, or sent to the error handler. */
  get rejection (): RequestError | undefined {
    return evaluationOf(this.#request)?.error ?? errorOf(this.#reply)?.rejection
  }

  /** Location as the URL of a resource; `undefined` if it is not one. */
  get reference (): Reference | undefined {
    this.#reference ??= this.#parseLocation() ?? null
    return this.#reference ?? undefined
  }

  #parseLocation (): Reference | undefined {
    const { location, resourceUrl } = this
    // The URL of a resource was made to be valid.
    if (resourceUrl !== undefined) return { path: resourceUrl.path, query: '' }
    const isReference = (this.status === 201 || this.isLocationOfHelper) && typeof location === 'string'
    return isReference ? parseReference(location) : undefined
  }

  requestHeader (name: string): string | undefined {
    return requestHeader(this.#request, name)
  }

  get requestHeaderNames (): string[] {
    return requestFieldNames(conditionalRequest(this.#request))
  }

  /** The payload, if it is a Response. */
  get response (): Response | undefined {
    return this.#parts.response
  }

  responseHeader (name: string): HeaderValue {
    return responseHeader(this.#reply, this.#parts.response, name)
  }
}

/** A request with its header fields as they came. */
export function conditionalRequest ({ method, headers, raw }: FastifyRequest): ConditionalRequest {
  return { method, headers, rawHeaders: raw.rawHeaders }
}

/** A header field as it came: validation may have changed `request.headers`. */
export function requestHeader (request: FastifyRequest, name: string): string | undefined {
  return requestField(conditionalRequest(request), name)
}

/** Fastify copies the headers of a Response only after the hooks. */
export function responseHeader (reply: FastifyReply, response: Response | undefined, name: string): HeaderValue {
  return response?.headers.get(name) ?? reply.getHeader(name)
}
