import type { FastifyReply } from 'fastify'
import { formatEntityTag, refuseEntityTag, type EntityTag, type EntityTagInput } from './entity-tag.js'
import { FST_CREATED_PRECONDITION_FAILED } from './errors.js'
import { isUnwritable } from './exchange.js'
import { ANSWER_FIELDS, removeFields } from './fields.js'
import { formatHttpDate, isHttpDate } from './http-date.js'
import { publicAddress, refuseReference } from './location.js'
import { evaluatePreconditions } from './preconditions.js'
import { markReply, provenanceOf, type Provenance } from './provenance.js'
import { exchangeOf, type GuardedRoute } from './route.js'
import type { Finding, Rule, RuleId } from './rules.js'
import { show } from './show.js'

interface Fields {
  location?: string
  etag?: string
  lastModified?: string
  retryAfter?: string
}

/** An answer in the making: every part is proved first, and the reply touched last. Each part that is refused throws, or is left off. */
export class Answer {
  readonly #reply: FastifyReply
  readonly #route: GuardedRoute

  constructor (reply: FastifyReply, route: GuardedRoute) {
    this.#reply = reply
    this.#route = route
  }

  body<T> (given: T): T {
    if (typeof (given as { then?: unknown } | undefined | null)?.then === 'function') this.#report('helper-argument', 'the body is a Promise: await it')
    return given
  }

  init<T extends object> (given: unknown): Partial<T> {
    if (typeof given === 'object' && given !== null) return given
    if (given !== undefined && given !== null) this.#report('helper-argument', `the last argument is ${show(given)}: it must be an object of options`)
    return {}
  }

  createdLocation ({ location: given, ...rest }: { location?: unknown }): string | undefined {
    if (given !== undefined && given !== null) return this.#location(201, given)
    this.#judge({ status: 201 })
    this.#report('created-location', { found: `created() was given no location (it is ${show(given)}), but ${Object.keys(rest).join(', ') || 'nothing'}`, always: 'error' })
    return undefined
  }

  address (status: number, given: unknown, name: string): string | undefined {
    if (given !== undefined && given !== null) return this.#location(status, given)
    this.#report('helper-argument', `${name} is ${show(given)}: it must be an address`)
    return undefined
  }

  #location (status: number, given: unknown): string | undefined {
    const reference = given instanceof URL ? given.href : given
    const isRefused = refuseReference(reference) !== undefined
    const location = isRefused ? reference as string : publicAddress(reference as string, this.#route.settings.server)
    this.#judge({ status, location })
    return typeof location === 'string' && !isUnwritable(location) ? location : undefined
  }

  createdEtag (given: unknown): EntityTag | undefined {
    if (given !== undefined) return this.#entityTag(given)
    this.#report('created-etag', { found: 'created() was given no etag: give the version, or null where there is none', always: 'error' })
    return undefined
  }

  etag (init: { etag?: unknown }): EntityTag | undefined {
    return 'etag' in init ? this.#entityTag(init.etag) : undefined
  }

  #entityTag (given: unknown): EntityTag | undefined {
    const refusal = refuseEntityTag(given)
    if (refusal === undefined) return formatEntityTag(given as EntityTagInput) ?? undefined
    this.#report('etag-syntax', refusal)
    return undefined
  }

  lastModified (given: unknown): string | undefined {
    if (given === undefined) return undefined
    if (isHttpDate(given)) return formatHttpDate(new Date(Math.min(given.getTime(), Date.now())))
    this.#report('helper-argument', `lastModified is ${show(given)}: it must be a valid Date`)
    return undefined
  }

  retryAfter (given: unknown): string | undefined {
    if (given === undefined) return undefined
    if (isHttpDate(given)) return formatHttpDate(given)
    if (Number.isSafeInteger(given) && given as number >= 0) return String(given)
    this.#report('helper-argument', `retryAfter is ${show(given)}: it must be whole seconds, or a valid Date`)
    return undefined
  }

  /** @throws FST_CREATED_PRECONDITION_FAILED */
  isNotModified (etag: EntityTag | undefined, lastModified: unknown): boolean {
    const { request } = this.#reply
    if (request.method !== 'GET' && request.method !== 'HEAD') return false
    const { outcome, field } = evaluatePreconditions(
      { method: request.method, headers: request.headers, rawHeaders: request.raw.rawHeaders },
      { etag, lastModified: isHttpDate(lastModified) ? lastModified : undefined }
    )
    if (outcome !== 'failed') return outcome === 'not-modified'
    removeFields(this.#reply, ANSWER_FIELDS)
    throw Object.assign(new FST_CREATED_PRECONDITION_FAILED(field!), etag && { headers: { etag } })
  }

  send (status: number, body: unknown, fields: Fields, provenance: Provenance): FastifyReply {
    const { location, retryAfter } = fields
    const { etag, lastModified } = this.#mayCarryValidators() ? fields : {}
    const reply = this.#reply.code(status)
    if (location !== undefined) reply.header('location', location)
    if (etag !== undefined) reply.header('etag', etag)
    if (lastModified !== undefined) reply.header('last-modified', lastModified)
    if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
    markReply(reply, { ...provenanceOf(reply), location, etag, ...provenance })
    return reply.send(body)
  }

  // RFC 9110 section 9.3.4
  #mayCarryValidators (): boolean {
    return this.#reply.request.method !== 'PUT' || this.#route.settings.verbatim || this.#route.reporter.isOff('put-validator')
  }

  #judge (given: { status: number, location?: string }): void {
    const { request } = this.#reply
    const exchange = exchangeOf(request, this.#reply, { ...given, byHelper: true })
    const applies = given.location === undefined ? provesMethod : provesAddress
    const refusal = this.#route.judge(exchange, request, this.#reply, applies)
    if (refusal !== undefined) throw refusal
  }

  #report (rule: RuleId, finding: Finding): void {
    const { request } = this.#reply
    const refusal = this.#route.report(rule, finding, request, this.#reply)
    if (refusal !== undefined) throw refusal
  }
}

function provesMethod ({ proves }: Rule): boolean {
  return proves === 'method'
}

function provesAddress ({ proves }: Rule): boolean {
  return proves === 'method' || proves === 'location'
}
