import type { FastifyReply } from 'fastify'
import { isUrl, otherLocation } from './location.js'
import type { ReplyDraft } from './reply-draft.js'
import { sendDraft } from './send.js'

/** The existing resource is given as its URL, or as a value of a resource. */
export function sendSeeOther (draft: ReplyDraft): FastifyReply {
  const { value } = draft
  draft.location = otherLocation(draft, 303, typeof value === 'string' || isUrl(value) ? value : undefined)
  return sendDraft(draft, 303, undefined)
}
