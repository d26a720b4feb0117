import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuseEntityTag, toEntityTag, type EntityTag, type EntityTagInput } from '../http/entity-tag.js'
import type { HeaderValue } from '../rules/exchange.js'
import type { Answered } from '../rules/fastify-exchange.js'
import { formatHttpDate, isHttpDate } from '../http/http-date.js'
import { isResponse } from '../util/payload.js'
import { disowned, isThenable } from '../util/promise.js'
import type { Helper, Proved } from '../rules/reply-state.js'
import { isResource, type Resource } from '../resource/resource.js'
import type { GuardedRoute } from '../rules/checked-route.js'
import type { Finding, RuleId } from '../rules/index.js'
import type { RulesInForce } from '../rules/rules-in-force.js'
import { show, showError } from '../util/format-value.js'

/** What the init of any helper may say; each of it is proved before it is used. */
interface Given {
  resource?: unknown
  location?: unknown
  monitor?: unknown
  etag?: unknown
  lastModified?: unknown
  retryAfter?: unknown
  representation?: unknown
  created?: unknown
}

const NOTHING: Given = Object.freeze({})

/**
 * An answer in the making: every part is proved first, and the reply touched last. Each part that is refused throws,
 * or is left off. What the init does not give comes from the resource: that of the init, else that of the route.
 */
export class Answer implements Proved {
  readonly helper: Helper
  readonly given: Given
  readonly reply: FastifyReply
  readonly route: GuardedRoute
  readonly request: FastifyRequest
  readonly value: unknown
  readonly resource: Resource<unknown> | undefined
  location: string | undefined
  contentLocation: string | undefined
  /** `null` where there is none, `undefined` where it is refused, or not spoken of. */
  etag: EntityTag | null | undefined
  lastModified: Date | undefined
  retryAfter: string | undefined
  /** Those of the status that {@link rulesFor} was asked for last. */
  rules!: RulesInForce

  /** @param value what the resource describes: mostly the body */
  constructor (helper: Helper, reply: FastifyReply, route: GuardedRoute, value: unknown, init: unknown) {
    this.helper = helper
    this.reply = reply
    this.request = reply.request
    this.route = route
    this.value = value
    if (isThenable(value)) this.#refusePromise()
    if (isResponse(value)) this.report('helper-argument', 'the body is a Response, which brings a status and headers of its own: give its body, response.body')
    this.given = this.#options(init)
    this.resource = this.#resourceOf(this.given)
  }

  #refusePromise (): void {
    const { value, helper, request: { log } } = this
    // What was to be stored may not be.
    disowned(value, (err) => log.error({ err }, `fastify-created: the Promise that ${helper}() was given as the body has failed: await it`))
    this.report('helper-argument', 'the body is a Promise: await it')
  }

  #options (init: unknown): Given {
    if (typeof init === 'object' && init !== null) return init
    if (init !== undefined && init !== null) this.report('helper-argument', `the last argument is ${show(init)}: it must be an object of options`)
    return NOTHING
  }

  #resourceOf ({ resource }: Given): Resource<unknown> | undefined {
    const { resource: declared } = this.route.declaration
    if (resource === undefined || resource === null || resource === declared) return declared
    if (isResource(resource)) return resource
    this.report('helper-argument', `resource is ${show(resource)}: it must be what resource() returns`)
    return undefined
  }

  get hasValue (): boolean {
    return this.value !== undefined && this.value !== null
  }

  proveCreatedEtag (): void {
    if (this.given.etag !== undefined || this.#describes()) this.proveEtag()
    else this.report('created-etag', { found: 'created() was given no etag: give the version, or null where there is none', always: 'error' })
  }

  proveEtag (): void {
    const { etag } = this.given
    if (etag === undefined && this.#describes()) this.etag = this.#entityTag(this.#fromResource('etag-syntax', 'etag'), 'etag of the resource gives an etag that is wrong: ')
    else if ('etag' in this.given) this.etag = this.#entityTag(etag)
  }

  #entityTag (given: unknown, source = ''): EntityTag | null | undefined {
    const refusal = refuseEntityTag(given)
    if (refusal === undefined) return toEntityTag(given as EntityTagInput)
    disowned(given)
    this.report('etag-syntax', source + refusal)
    return undefined
  }

  proveLastModified (): void {
    const given = this.given.lastModified === undefined && this.resource?.lastModified !== undefined && this.hasValue
      ? this.#fromResource('helper-argument', 'lastModified') ?? undefined
      : this.given.lastModified
    if (given === undefined || isHttpDate(given)) {
      this.lastModified = given
    } else {
      disowned(given)
      this.report('helper-argument', `lastModified is ${show(given)}: it must be a valid Date`)
    }
  }

  /** Whether an upsert has created: never guessed. */
  hasCreated (): boolean {
    const { created } = this.given
    const { method } = this.request
    if (method !== 'PUT' && method !== 'PATCH') this.report('helper-argument', `upserted() answers ${method}: it is for PUT, where the target is the address; answer with created() or ok()`)
    if (typeof created !== 'boolean') this.report('helper-argument', `created of upserted() is ${show(created)}: it must be true or false`)
    return created === true
  }

  proveRetryAfter (): void {
    const { retryAfter } = this.given
    if (retryAfter === undefined) return
    if (isHttpDate(retryAfter)) this.retryAfter = formatHttpDate(retryAfter)
    else if (Number.isSafeInteger(retryAfter) && retryAfter as number >= 0) this.retryAfter = String(retryAfter)
    else this.report('helper-argument', `retryAfter is ${show(retryAfter)}: it must be whole seconds, or a valid Date`)
  }

  /** Whether there is a value, and a resource that can say something of it. */
  #describes (): boolean {
    return this.resource !== undefined && this.hasValue
  }

  /** @returns `null`, too, where the resource throws */
  #fromResource (rule: RuleId, name: 'etag' | 'lastModified'): unknown {
    try {
      return name === 'etag' ? this.resource!.etag(this.value) : this.resource!.lastModified!(this.value)
    } catch (error) {
      this.report(rule, `${name} of the resource threw ${showError(error)}`)
      return null
    }
  }

  /** RFC 9110 section 8.7: the body is what GET answers there. */
  proveContentLocation (): void {
    const { representation = this.route.settings.representation } = this.given
    if (representation === true && this.hasValue) this.contentLocation = this.location
  }

  /** What an answer with this status can break: looked up once for the helper and the guard. */
  rulesFor (status: number): RulesInForce {
    // Not with `?.`: where undefined is compared with numbers, V8 compares them all the slow way.
    if (this.rules === undefined || this.rules.status !== status) this.rules = this.route.rulesFor(this.request.method, status)
    return this.rules
  }

  /** @throws FST_CREATED_VIOLATION where a rule is broken, and that is enforced */
  judge (part: 'ofMethod' | 'ofAddress', status: number, location: unknown, made?: Answered['made']): void {
    const unproved = this.rulesFor(status)[part]
    if (unproved.length === 0) return
    const answered = { status, location: location as HeaderValue, made, byHelper: true }
    const refusal = this.route.judge(unproved, this.request, this.reply, answered)
    if (refusal === undefined) return
    this.#disown()
    throw refusal
  }

  /** @throws FST_CREATED_VIOLATION where that is enforced */
  report (rule: RuleId, finding: Finding): void {
    this.#disown()
    const refusal = this.route.report(rule, finding, this.request, this.reply)
    if (refusal !== undefined) throw refusal
  }

  /** Where one part is refused, nobody may come to wait for the others. */
  #disown (): void {
    for (const part of Object.values(this.given ?? {})) disowned(part)
  }
}
