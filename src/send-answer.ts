import type { FastifyReply } from 'fastify'
import type { EntityTag } from './entity-tag.js'
import { fieldValue } from './exchange.js'
import { addToVary, CONTENT_FIELDS, removeFields } from './fields.js'
import { formatHttpDate } from './http-date.js'
import { isUpdate } from './methods.js'
import { discard } from './payload.js'
import { preferredReturn } from './prefer.js'
import { markReply, provenanceOf, type Helper } from './provenance.js'
import type { GuardedRoute } from './route.js'

/** What a helper has proved. */
export interface Fields {
  location?: string
  contentLocation?: string
  etag?: EntityTag | null
  lastModified?: Date
  retryAfter?: string
}

/** Whether an answer is of a write, which may, or may not, return what was written: a POST that is answered 200 may be a search. */
function isOfWrite (method: string, status: number): boolean {
  return status === 201 || ((status === 200 || status === 204) && isUpdate(method))
}

/** Here the reply is touched for the first time: with what the client prefers to get back (RFC 7240 section 4.2). */
export function sendAnswer (reply: FastifyReply, route: GuardedRoute, status: number, body: unknown, fields: Fields, helper: Helper): FastifyReply {
  const preferred = preferenceOf(reply, route, status)
  if (preferred === 'minimal') {
    discard(body)
    removeFields(reply, [...CONTENT_FIELDS, 'content-location'])
    reply.header('preference-applied', 'return=minimal')
    return send(reply, route, status === 200 ? 204 : status, undefined, { ...fields, contentLocation: undefined }, helper)
  }
  if (preferred === 'representation' && body !== undefined && body !== null) reply.header('preference-applied', 'return=representation')
  return send(reply, route, status, body, fields, helper)
}

function preferenceOf (reply: FastifyReply, { settings }: GuardedRoute, status: number): 'minimal' | 'representation' | undefined {
  if (!settings.prefer) return undefined
  const { method, headers } = reply.request
  if (!isOfWrite(method, status)) return undefined
  addToVary(reply, 'Prefer')
  return preferredReturn(fieldValue(headers.prefer))
}

function send (reply: FastifyReply, route: GuardedRoute, status: number, body: unknown, fields: Fields, helper: Helper): FastifyReply {
  const { location, contentLocation, retryAfter } = fields
  const mayCarryValidators = route.mayCarryValidators(reply.request.method)
  const etag = mayCarryValidators && fields.etag !== null ? fields.etag : undefined
  const lastModified = mayCarryValidators ? fields.lastModified : undefined
  reply.code(status)
  if (location !== undefined) reply.header('location', location)
  if (contentLocation !== undefined) reply.header('content-location', contentLocation)
  if (etag !== undefined) reply.header('etag', etag)
  // RFC 9110 section 8.8.2.1: never later than the answer.
  if (lastModified !== undefined) reply.header('last-modified', formatHttpDate(new Date(Math.min(lastModified.getTime(), Date.now()))))
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  const before = provenanceOf(reply)
  markReply(reply, { location, etag, helper, waivesEtag: fields.etag === null, failed: before?.failed, refused: before?.refused })
  return reply.send(body)
}
