import type { FastifyReply } from 'fastify'
import type { EntityTagInput } from '../http/entity-tag.js'
import type { Resource } from '../resource/resource.js'
import { createdCall } from '../rules/created.js'
import { createdLocation } from './location.js'
import type { ReplyDraft } from './reply-draft.js'
import { sendDraft } from './send.js'

/** Options of `reply.created()`. */
export interface CreatedInit {
  /** The URL that GET answers: a path of this app such as `/users/42`, percent-encoded, or an absolute http(s) URL. */
  location: string | URL
  /** The version of the new resource. `null`: it has none. */
  etag: EntityTagInput
  /** When it was last changed. A date in the future is sent as now (RFC 9110 section 8.8.2.1). */
  lastModified?: Date | undefined
  /**
   * Whether the body is what GET on the new URL returns: sets Content-Location (RFC 9110 section 8.7).
   * Default: that of the route, `false`.
   */
  contentLocation?: boolean
}

/** The same with a resource: what is given here wins. */
export interface CreatedByResource<Value = any> extends Partial<CreatedInit> {
  /** Gives what is not given here. */
  resource: Resource<Value>
}

export function sendCreated (draft: ReplyDraft, body: unknown): FastifyReply {
  draft.check('method', { status: 201, location: undefined })
  draft.location = createdLocation(draft)
  setRequiredEtag(draft)
  draft.setLastModified()
  const { contentLocation = draft.route.settings.contentLocation } = draft.init
  if (contentLocation === true && draft.hasValue) draft.contentLocation = draft.location
  return sendDraft(draft, 201, body ?? undefined)
}

function setRequiredEtag (draft: ReplyDraft): void {
  if (draft.init.etag !== undefined || draft.isDescribed) return draft.setEtag()
  const fix = draft.resource === undefined
    ? `${createdCall(draft.route)}; or etag: null if there is no version`
    : `return reply.created(${draft.name})`
  draft.report('created-etag', { found: 'created() got no etag', fix, always: 'error' })
}
