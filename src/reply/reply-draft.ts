import type { FastifyReply, FastifyRequest } from 'fastify'
import { entityTagProblem, toEntityTag, type EntityTag, type EntityTagInput } from '../http/entity-tag.js'
import { isHttpDate } from '../http/http-date.js'
import { exampleName } from '../resource/example-name.js'
import { isResource, type Resource } from '../resource/resource.js'
import { versionFix } from '../resource/version-fix.js'
import type { CheckedRoute, DraftAspect } from '../rules/checked-route.js'
import type { ResponseParts } from '../rules/exchange.js'
import type { RuleId } from '../rules/index.js'
import type { Helper } from '../rules/reply-state.js'
import type { Finding } from '../rules/rule.js'
import { describeValue, formatError, formatValue } from '../util/format-value.js'
import { isResponse } from '../util/payload.js'
import { ignoreRejection, isThenable } from '../util/promise.js'

/** The options that helpers take; each is checked before it is used. */
interface GivenInit {
  resource?: unknown
  location?: unknown
  etag?: unknown
  lastModified?: unknown
  retryAfter?: unknown
  contentLocation?: unknown
  created?: unknown
}

const NO_INIT: GivenInit = Object.freeze({})

/**
 * A response that a helper prepares. Every part is checked before the reply is touched; one that is wrong throws, or is
 * left out. What `init` does not give comes from the resource: that of `init`, else that of the route.
 */
export class ReplyDraft {
  readonly helper: Helper
  readonly init: GivenInit
  readonly reply: FastifyReply
  readonly route: CheckedRoute
  readonly request: FastifyRequest
  readonly value: unknown
  readonly resource: Resource<unknown> | undefined
  status = 200
  location: string | undefined
  contentLocation: string | undefined
  /** `null` if there is none, `undefined` if it is wrong or not given. */
  etag: EntityTag | null | undefined
  lastModified: Date | undefined
  retryAfter: string | undefined

  /** @param value what the resource describes: mostly the body */
  constructor (helper: Helper, reply: FastifyReply, route: CheckedRoute, value: unknown, init: unknown) {
    this.helper = helper
    this.reply = reply
    this.request = reply.request
    this.route = route
    this.value = value
    this.init = typeof init === 'object' && init !== null ? init : NO_INIT
    this.#checkValue()
    this.#checkInit(init)
    this.resource = this.#checkResource()
  }

  /** What the messages call the value. */
  get name (): string {
    return exampleName(this.route.url)
  }

  get hasValue (): boolean {
    return this.value !== undefined && this.value !== null
  }

  /** Whether there is a value, and a resource that describes it. */
  get isDescribed (): boolean {
    return this.resource !== undefined && this.hasValue
  }

  #checkValue (): void {
    const { value, helper, request } = this
    if (isThenable(value)) {
      const found = `${helper}() got a Promise as its body`
      ignoreRejection(value, (err) => {
        request.log.error({ err }, `fastify-created: ${found}, which was rejected: await it`)
      })
      this.report('helper-argument', { found, fix: `return reply.${helper}(await ${this.name})` })
    }
    if (!isResponse(value)) return
    const found = `${helper}() got a Response as its body, which has a status and headers of its own`
    this.report('helper-argument', { found, fix: `return reply.${helper}(response.body, …)` })
  }

  #checkInit (init: unknown): void {
    if (init === this.init || init === undefined || init === null) return
    this.report('helper-argument', {
      found: `the last argument of ${this.helper}() is ${formatValue(init)}, not an object of options`,
      fix: `reply.${this.helper}(${this.name}, { resource: ${this.name}Resource })`
    })
  }

  #checkResource (): Resource<unknown> | undefined {
    const { init: { resource }, route: { resource: declared } } = this
    if (resource === undefined || resource === null || resource === declared) return declared
    if (isResource(resource)) return resource
    const found = `the option resource of ${this.helper}() is ${formatValue(resource)}`
    this.report('helper-argument', { found, fix: `give what resource() returns: { resource: ${this.name}Resource }` })
    return undefined
  }

  /** Sets the ETag of `init`, else that of the resource. */
  setEtag (): void {
    const { etag } = this.init
    if (etag === undefined && this.isDescribed) this.#setEtagOfResource()
    else if ('etag' in this.init) this.#setGivenEtag(etag)
  }

  #setGivenEtag (etag: unknown): void {
    const problem = entityTagProblem(etag)
    if (problem === undefined) {
      this.etag = toEntityTag(etag as EntityTagInput)
      return
    }
    this.report('etag-syntax', { found: `the option etag of ${this.helper}() is ${problem.found}`, fix: problem.fix })
  }

  #setEtagOfResource (): void {
    const version = this.#describe('etag')
    const isError = version instanceof ResourceError
    const problem = isError ? version : entityTagProblem(version)
    if (problem === undefined) {
      this.etag = toEntityTag(version as EntityTagInput)
      return
    }
    ignoreRejection(version)
    this.report('resource-etag', {
      found: `etag() of the resource ${isError ? problem.found : `returned ${problem.found}`}. ` +
        describeValue(this.value),
      fix: versionFix(this.name),
      always: 'error'
    })
  }

  /** Sets the Last-Modified of `init`, else that of the resource. */
  setLastModified (): void {
    const { lastModified } = this.init
    const isOfResource = lastModified === undefined && this.resource?.lastModified !== undefined && this.hasValue
    const date = isOfResource ? this.#describe('lastModified') ?? undefined : lastModified
    if (date === undefined || isHttpDate(date)) {
      this.lastModified = date
      return
    }
    ignoreRejection(date)
    const source = isOfResource ? 'lastModified() of the resource' : `the option lastModified of ${this.helper}()`
    const found = date instanceof ResourceError ? `${source} ${date.found}` : `${source} is ${formatValue(date)}`
    const updatedAt = `${this.name}.updatedAt`
    this.report('helper-argument', { found, fix: `give a valid Date: ${updatedAt}, or new Date(${updatedAt})` })
  }

  #describe (name: 'etag' | 'lastModified'): unknown {
    try {
      return this.resource![name]!(this.value)
    } catch (error) {
      return new ResourceError(error)
    }
  }

  /** @throws FST_CREATED_VIOLATION if a rule is broken and that is enforced */
  check (aspect: DraftAspect, response: ResponseParts): void {
    const error = this.route.checkDraft(aspect, this.request, this.reply, response)
    if (error === undefined) return
    this.#ignoreRejections()
    throw error
  }

  /** @throws FST_CREATED_VIOLATION if that is enforced */
  report (rule: RuleId, finding: Finding): void {
    this.#ignoreRejections()
    const error = this.route.report(rule, finding, this.request, this.reply)
    if (error !== undefined) throw error
  }

  /** Once an option is wrong, the others are not read, and nobody awaits them. */
  #ignoreRejections (): void {
    for (const option of Object.values(this.init)) ignoreRejection(option)
  }
}

/** A function of the resource threw. */
class ResourceError {
  readonly found: string

  constructor (error: unknown) {
    this.found = `threw ${formatError(error)}`
  }
}
