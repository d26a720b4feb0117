import type { FastifyReply } from 'fastify'
import { Answer } from './reply-draft.js'
import { announcedLocation, createdLocation } from './location.js'
import { isNotModified, refuseMissing } from './answer-preconditions.js'
import type { EntityTagInput } from '../http/entity-tag.js'
import { FST_CREATED_VIOLATION, isAnswer } from '../errors.js'
import { removeFields, REPRESENTATION_FIELDS } from '../http/header-fields.js'
import { discard } from '../util/payload.js'
import type { Resource } from '../resource/resource.js'
import type { Helper } from '../rules/reply-state.js'
import { routeOf, type Unseen } from '../rules/checked-route.js'
import { sendAnswer } from './send.js'

/** What `reply.created()` needs to know of the new resource. */
export interface CreatedInit {
  /** Where it answers GET: a path of this app such as `/users/42`, segments percent-encoded, or an absolute http(s) URL. */
  location: string | URL
  /** Its version; `null` says that it has none. */
  etag: EntityTagInput
  /** When it was last changed. A date in the future is sent as now (RFC 9110 section 8.8.2.1). */
  lastModified?: Date | undefined
  /** The body is what GET on the new address answers: Content-Location says so (RFC 9110 section 8.7). Default: that of the route, `false`. */
  representation?: boolean
}

/** The same where a resource says it: what is given here wins. */
export interface CreatedByResource<Value = any> extends Partial<CreatedInit> {
  /** Says what is not given here. */
  resource: Resource<Value>
}

/** What `reply.ok()` may know of the representation. */
export interface OkInit<Value = any> {
  /** Says what is not given here. Default: that of the route. */
  resource?: Resource<Value>
  /** Its version; `null`, or left out, where it has none. */
  etag?: EntityTagInput
  /** When it was last changed. A date in the future is sent as now (RFC 9110 section 8.8.2.1). */
  lastModified?: Date | undefined
}

/** What `reply.upserted()` needs to know of what it has done. */
export interface UpsertedInit<Value = any> extends OkInit<Value> {
  /** Whether there was nothing at the target before: 201, or else 200. */
  created: boolean
}

/** What `reply.accepted()` needs to know of the work that goes on. */
export interface AcceptedInit {
  /** Where its state can be read: a path of this app, or an absolute http(s) URL. */
  monitor: string | URL
  /** When to ask again: whole seconds from now, or a date. */
  retryAfter?: number | Date | undefined
}

/** The same where the work is a resource, which says where: what is given here wins. */
export interface AcceptedByResource<Value = any> extends Partial<AcceptedInit> {
  /** Says what is not given here. */
  resource: Resource<Value>
}

/** What `reply.noContent()` may know of the target as it is now. */
export interface NoContentInit {
  /** Its version; `null`, or left out, where it has none. */
  etag?: EntityTagInput
}

/** The helpers, for a reply of a route that the plugin has seen; `unseen` serves the others. */
export function replyHelpers (unseen: Unseen) {
  /** A body that is not sent because its helper throws has nobody else to end it. */
  const answer = (helper: Helper, reply: FastifyReply, body: unknown, init: unknown, send: (answer: Answer, body: unknown) => FastifyReply): FastifyReply => {
    try {
      return send(new Answer(helper, reply, routeOf(reply.request, unseen), body, init), body)
    } catch (error) {
      discard(body)
      // What the client has brought about is answered in a handler of any style: a callback has nobody to throw to.
      if (isAnswer(error)) return reply.send(error)
      // The frames that help begin where the helper was called.
      if (error instanceof FST_CREATED_VIOLATION) Error.captureStackTrace(error, answer)
      throw error
    }
  }

  return {
    created (this: FastifyReply, body: unknown, init?: Partial<CreatedInit>): FastifyReply {
      return answer('created', this, body, init, sendCreated)
    },

    ok (this: FastifyReply, body: unknown, init?: OkInit): FastifyReply {
      return answer('ok', this, body, init, sendOk)
    },

    upserted (this: FastifyReply, body: unknown, init?: Partial<UpsertedInit>): FastifyReply {
      return answer('upserted', this, body, init, sendUpserted)
    },

    accepted (this: FastifyReply, body: unknown, init?: Partial<AcceptedInit>): FastifyReply {
      return answer('accepted', this, body, init, sendAccepted)
    },

    noContent (this: FastifyReply, init?: NoContentInit): FastifyReply {
      return answer('noContent', this, undefined, init, sendNoContent)
    },

    seeOther (this: FastifyReply, other: unknown, init?: { resource: Resource<any> }): FastifyReply {
      const given = typeof other === 'string' || other instanceof URL ? other : undefined
      return answer('seeOther', this, given === undefined ? other : undefined, init, (answer) => sendSeeOther(answer, given))
    }
  }
}

function sendCreated (answer: Answer, body: unknown): FastifyReply {
  answer.location = createdLocation(answer)
  answer.proveCreatedEtag()
  answer.proveLastModified()
  answer.proveContentLocation()
  return sendAnswer(answer, 201, body ?? undefined)
}

function sendOk (answer: Answer, body: unknown): FastifyReply {
  refuseMissing(answer)
  answer.proveEtag()
  answer.proveLastModified()
  if (!isNotModified(answer)) return sendAnswer(answer, 200, body)

  discard(body)
  // RFC 9110 section 15.4.5: a 304 has the validators, and nothing else of the representation that it does not carry.
  removeFields(answer.reply, REPRESENTATION_FIELDS)
  if (answer.etag !== null && answer.etag !== undefined) answer.lastModified = undefined
  return sendAnswer(answer, 304, undefined)
}

function sendUpserted (answer: Answer, body: unknown): FastifyReply {
  const status = answer.hasCreated() ? 201 : 200
  answer.proveEtag()
  answer.proveLastModified()
  return sendAnswer(answer, status, body ?? undefined)
}

function sendAccepted (answer: Answer, body: unknown): FastifyReply {
  answer.location = announcedLocation(answer, 202, answer.given.monitor, 'the monitor of accepted()')
  answer.proveRetryAfter()
  return sendAnswer(answer, 202, body ?? undefined)
}

function sendNoContent (answer: Answer): FastifyReply {
  answer.proveEtag()
  return sendAnswer(answer, 204, undefined)
}

function sendSeeOther (answer: Answer, given: string | URL | undefined): FastifyReply {
  answer.location = announcedLocation(answer, 303, given, 'the location of seeOther()', answer.value)
  return sendAnswer(answer, 303, undefined)
}
