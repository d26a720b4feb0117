import type { FastifyReply } from 'fastify'
import type { EntityTagInput } from '../http/entity-tag.js'
import type { ReplyDraft } from './reply-draft.js'
import { sendDraft } from './send.js'

/** Options of `reply.noContent()`. */
export interface NoContentInit {
  /** The version of the target now. `null` or absent: it has none. */
  etag?: EntityTagInput
}

export function sendNoContent (draft: ReplyDraft): FastifyReply {
  draft.setEtag()
  return sendDraft(draft, 204, undefined)
}
