import type { FastifyReply } from 'fastify'
import { formatHttpDate, isHttpDate } from '../http/http-date.js'
import type { Resource } from '../resource/resource.js'
import { formatValue } from '../util/format-value.js'
import { otherLocation } from './location.js'
import type { ReplyDraft } from './reply-draft.js'
import { sendDraft } from './send.js'

/** Options of `reply.accepted()`. */
export interface AcceptedInit {
  /** The URL of the status monitor: a path of this app, percent-encoded, or an absolute http(s) URL. */
  location: string | URL
  /** When to ask again: whole seconds from now, or a date. */
  retryAfter?: number | Date | undefined
}

/** The same with a resource, which is the status monitor: what is given here wins. */
export interface AcceptedByResource<Value = any> extends Partial<AcceptedInit> {
  /** Gives what is not given here. */
  resource: Resource<Value>
}

export function sendAccepted (draft: ReplyDraft, body: unknown): FastifyReply {
  draft.location = otherLocation(draft, 202, draft.init.location)
  draft.retryAfter = retryAfter(draft)
  return sendDraft(draft, 202, body ?? undefined)
}

/** RFC 9110 section 10.2.3 */
function retryAfter (draft: ReplyDraft): string | undefined {
  const { retryAfter } = draft.init
  if (retryAfter === undefined) return undefined
  if (isHttpDate(retryAfter)) return formatHttpDate(retryAfter)
  if (Number.isSafeInteger(retryAfter) && retryAfter as number >= 0) return String(retryAfter)
  const found = `the option retryAfter of accepted() is ${formatValue(retryAfter)}`
  draft.report('helper-argument', { found, fix: 'give whole seconds, or a valid Date: { retryAfter: 2 }' })
  return undefined
}
