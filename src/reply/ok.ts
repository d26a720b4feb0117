import type { FastifyReply } from 'fastify'
import { FST_CREATED_NOT_FOUND } from '../errors.js'
import type { EntityTagInput } from '../http/entity-tag.js'
import { REPRESENTATION_FIELDS } from '../http/header-fields.js'
import { isRead, isUpdate } from '../http/methods.js'
import { evaluatePreconditions } from '../http/preconditions.js'
import type { Resource } from '../resource/resource.js'
import { conditionalRequest } from '../rules/exchange.js'
import { failedPrecondition, lostUpdateError } from '../rules/failed-precondition.js'
import { removeFields } from '../rules/reply-headers.js'
import { evaluationOf } from '../rules/request-state.js'
import { discard } from '../util/payload.js'
import { reportMoved } from './moved.js'
import type { ReplyDraft } from './reply-draft.js'
import { sendDraft } from './send.js'

/** Options of `reply.ok()`. */
export interface OkInit<Value = any> {
  /** Gives what is not given here. Default: that of the route. */
  resource?: Resource<Value>
  /** The version of the representation. `null` or absent: it has none. */
  etag?: EntityTagInput
  /** When it was last changed. A date in the future is sent as now (RFC 9110 section 8.8.2.1). */
  lastModified?: Date | undefined
}

export function sendOk (draft: ReplyDraft, body: unknown): FastifyReply {
  const { request, resource, hasValue } = draft
  if (!hasValue && resource !== undefined) {
    const isLost = isUpdate(request.method) && evaluationOf(request)?.exists === true
    throw isLost ? lostUpdateError(draft.route, request, undefined) : new FST_CREATED_NOT_FOUND()
  }
  reportMoved(draft)
  draft.setEtag()
  draft.setLastModified()
  return isNotModified(draft) ? sendNotModified(draft, body) : sendDraft(draft, 200, body)
}

/** @throws FST_CREATED_PRECONDITION_FAILED */
function isNotModified ({ route, request, etag, lastModified }: ReplyDraft): boolean {
  if (!isRead(request.method)) return false
  const { outcome, field } = evaluatePreconditions(conditionalRequest(request), { etag, lastModified })
  if (outcome === 'failed') throw failedPrecondition(route, request, field!, etag)
  return outcome === 'not-modified'
}

/** RFC 9110 section 15.4.5: with the validators, and without what describes the body. */
function sendNotModified (draft: ReplyDraft, body: unknown): FastifyReply {
  discard(body)
  removeFields(draft.reply, REPRESENTATION_FIELDS)
  if (draft.etag !== null && draft.etag !== undefined) draft.lastModified = undefined
  return sendDraft(draft, 304, undefined)
}
