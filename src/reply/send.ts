import type { FastifyReply } from 'fastify'
import { CONTENT_FIELDS } from '../http/header-fields.js'
import { formatHttpDate, notInTheFuture } from '../http/http-date.js'
import { isUpdate } from '../http/methods.js'
import { preferredReturn } from '../http/prefer.js'
import { requestHeader } from '../rules/exchange.js'
import { addToVary, removeField, removeFields } from '../rules/reply-headers.js'
import { setSentDraft } from '../rules/reply-state.js'
import { discard } from '../util/payload.js'
import type { ReplyDraft } from './reply-draft.js'

/** Sends a draft: here the reply is touched for the first time. */
export function sendDraft (draft: ReplyDraft, status: number, body: unknown): FastifyReply {
  const honorsPrefer = draft.route.settings.prefer && isWritten(draft, status)
  return honorsPrefer ? sendPreferred(draft, status, body) : send(draft, status, body)
}

/** Whether the body is what a request has written: a POST that is answered 200 may be a search. */
function isWritten ({ request: { method } }: ReplyDraft, status: number): boolean {
  return status === 201 || ((status === 200 || status === 204) && isUpdate(method))
}

/** With the body that the client prefers (RFC 7240 section 4.2). */
function sendPreferred (draft: ReplyDraft, status: number, body: unknown): FastifyReply {
  const { reply, request } = draft
  addToVary(reply, 'Prefer')
  const preferred = preferredReturn(requestHeader(request, 'prefer'))
  if (preferred === 'minimal') {
    discard(body)
    removeFields(reply, [...CONTENT_FIELDS, 'content-location'])
    reply.header('preference-applied', 'return=minimal')
    draft.contentLocation = undefined
    return send(draft, status === 200 ? 204 : status, undefined)
  }
  const hasBody = body !== undefined && body !== null
  if (preferred === 'representation' && hasBody) reply.header('preference-applied', 'return=representation')
  return send(draft, status, body)
}

function send (draft: ReplyDraft, status: number, body: unknown): FastifyReply {
  const { reply, location, contentLocation, etag, lastModified, retryAfter } = draft
  draft.status = status
  reply.code(status)
  if (location !== undefined) reply.header('location', location)
  if (contentLocation !== undefined) reply.header('content-location', contentLocation)
  if (etag === null) removeField(reply, 'etag')
  else if (etag !== undefined) reply.header('etag', etag)
  if (lastModified !== undefined) reply.header('last-modified', formatHttpDate(notInTheFuture(lastModified)))
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  setSentDraft(reply, draft)
  return reply.send(body)
}
