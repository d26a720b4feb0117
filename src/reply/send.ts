import type { FastifyReply } from 'fastify'
import type { Answer } from './reply-draft.js'
import { fieldValue } from '../rules/exchange.js'
import { addToVary, CONTENT_FIELDS, removeFields } from '../http/header-fields.js'
import { formatHttpDate } from '../http/http-date.js'
import { isUpdate } from '../http/methods.js'
import { discard } from '../util/payload.js'
import { preferredReturn } from '../http/prefer.js'
import { markProved } from '../rules/reply-state.js'

/** Here the reply is touched for the first time. */
export function sendAnswer (answer: Answer, status: number, body: unknown): FastifyReply {
  if (!answer.route.mayCarryValidators(answer.request.method)) withholdValidators(answer)
  return answer.route.settings.prefer && isOfWrite(answer, status) ? sendPreferred(answer, status, body) : send(answer, status, body)
}

/** What was said in so many words, that there is none, stays said. */
function withholdValidators (answer: Answer): void {
  if (answer.etag !== null) answer.etag = undefined
  answer.lastModified = undefined
}

/** Whether an answer is of a write, which may, or may not, return what was written: a POST that is answered 200 may be a search. */
function isOfWrite ({ request: { method } }: Answer, status: number): boolean {
  return status === 201 || ((status === 200 || status === 204) && isUpdate(method))
}

/** With what the client prefers to get back (RFC 7240 section 4.2). */
function sendPreferred (answer: Answer, status: number, body: unknown): FastifyReply {
  const { reply, request } = answer
  addToVary(reply, 'Prefer')
  const preferred = preferredReturn(fieldValue(request.headers.prefer))
  if (preferred === 'minimal') {
    discard(body)
    removeFields(reply, [...CONTENT_FIELDS, 'content-location'])
    reply.header('preference-applied', 'return=minimal')
    answer.contentLocation = undefined
    return send(answer, status === 200 ? 204 : status, undefined)
  }
  if (preferred === 'representation' && body !== undefined && body !== null) reply.header('preference-applied', 'return=representation')
  return send(answer, status, body)
}

function send (answer: Answer, status: number, body: unknown): FastifyReply {
  const { reply, location, contentLocation, etag, lastModified, retryAfter } = answer
  // For the guard.
  answer.rulesFor(status)
  reply.code(status)
  if (location !== undefined) reply.header('location', location)
  if (contentLocation !== undefined) reply.header('content-location', contentLocation)
  if (etag === null) reply.removeHeader('etag')
  else if (etag !== undefined) reply.header('etag', etag)
  // RFC 9110 section 8.8.2.1: never later than the answer.
  if (lastModified !== undefined) reply.header('last-modified', formatHttpDate(new Date(Math.min(lastModified.getTime(), Date.now()))))
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  markProved(reply, answer)
  return reply.send(body)
}
