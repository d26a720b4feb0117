import type { FastifyReply } from 'fastify'
import { Answer } from './answer.js'
import type { EntityTagInput } from './entity-tag.js'
import { FST_CREATED_NOT_FOUND, FST_CREATED_VIOLATION } from './errors.js'
import { ANSWER_FIELDS, CONTENT_FIELDS, removeFields } from './fields.js'
import { discard } from './payload.js'
import type { Resource } from './resource.js'
import { routeOf, type GuardedRoute } from './route.js'

/** What `reply.created()` needs to know of the new resource. */
export interface CreatedInit {
  /** Where it answers GET: a path of this app such as `/users/42`, segments percent-encoded, or an absolute http(s) URL. */
  location: string | URL
  /** Its version; `null` says that it has none. */
  etag: EntityTagInput
  /** When it was last changed. A date in the future is sent as now (RFC 9110 section 8.8.2.1). */
  lastModified?: Date
  /** The body is what GET on the new address answers: Content-Location says so (RFC 9110 section 8.7). Default: that of the route, `false`. */
  representation?: boolean
}

/** The same where a resource says it: what is given here wins. */
export interface CreatedByResource extends Partial<CreatedInit> {
  resource: Resource<any>
}

/** What `reply.ok()` may know of the representation. */
export interface OkInit {
  /** Says what is not given here. Default: that of the route. */
  resource?: Resource<any>
  /** Its version; `null`, or left out, where it has none. */
  etag?: EntityTagInput
  /** When it was last changed. A date in the future is sent as now (RFC 9110 section 8.8.2.1). */
  lastModified?: Date
}

/** What `reply.upserted()` needs to know of what it has done. */
export interface UpsertedInit extends OkInit {
  /** Whether there was nothing at the target before: 201, or else 200. */
  created: boolean
}

/** What `reply.accepted()` needs to know of the work that goes on. */
export interface AcceptedInit {
  /** Where its state can be read: a path of this app, or an absolute http(s) URL. */
  monitor: string | URL
  /** When to ask again: whole seconds from now, or a date. */
  retryAfter?: number | Date
}

/** The same where the work is a resource, which says where: what is given here wins. */
export interface AcceptedByResource extends Partial<AcceptedInit> {
  resource: Resource<any>
}

/** What `reply.noContent()` may know of the target as it is now. */
export interface NoContentInit {
  /** Its version; `null`, or left out, where it has none. */
  etag?: EntityTagInput
}

/** The helpers, for a reply of a route that the plugin has seen; `fallback` serves the others. */
export function replyHelpers (fallback: GuardedRoute) {
  const answer = (reply: FastifyReply, value: unknown, init: unknown) =>
    new Answer(reply, routeOf(reply.request, fallback), value, init)

  return {
    created (this: FastifyReply, body: unknown, init?: Partial<CreatedInit>): FastifyReply {
      return withBody(body, () => {
        const draft = answer(this, body, init)
        const location = draft.createdLocation()
        const etag = draft.createdEtag()
        const lastModified = draft.lastModified()
        const contentLocation = draft.contentLocation(location)
        return draft.send(201, body ?? undefined, { location, contentLocation, etag, lastModified }, 'created')
      })
    },

    ok (this: FastifyReply, body: unknown, init?: OkInit): FastifyReply {
      return withBody(body, () => {
        const draft = answer(this, body, init)
        if (draft.isMissing()) {
          removeFields(this, ANSWER_FIELDS)
          throw new FST_CREATED_NOT_FOUND()
        }
        const etag = draft.etag()
        const lastModified = draft.lastModified()
        const isNotModified = draft.isNotModified(etag, lastModified)
        if (!isNotModified) return draft.send(200, body, { etag, lastModified }, 'ok')

        discard(body)
        // RFC 9110 section 15.4.5: a 304 has the validators, and nothing else of the representation that it does not carry.
        removeFields(this, [...CONTENT_FIELDS, 'last-modified'])
        return draft.send(304, undefined, { etag, lastModified: etag ? undefined : lastModified }, 'ok')
      })
    },

    upserted (this: FastifyReply, body: unknown, init?: Partial<UpsertedInit>): FastifyReply {
      return withBody(body, () => {
        const draft = answer(this, body, init)
        const status = draft.hasCreated() ? 201 : 200
        return draft.send(status, body ?? undefined, { etag: draft.etag(), lastModified: draft.lastModified() }, 'upserted')
      })
    },

    accepted (this: FastifyReply, body: unknown, init?: Partial<AcceptedInit>): FastifyReply {
      return withBody(body, () => {
        const draft = answer(this, body, init)
        const location = draft.address(202, draft.given.monitor, 'the monitor of accepted()')
        const retryAfter = draft.retryAfter()
        return draft.send(202, body ?? undefined, { location, retryAfter }, 'accepted')
      })
    },

    noContent (this: FastifyReply, init?: NoContentInit): FastifyReply {
      return withBody(undefined, () => {
        const draft = answer(this, undefined, init)
        return draft.send(204, undefined, { etag: draft.etag() }, 'noContent')
      })
    },

    seeOther (this: FastifyReply, other: unknown, init?: { resource: Resource<any> }): FastifyReply {
      return withBody(undefined, () => {
        const given = typeof other === 'string' || other instanceof URL ? other : undefined
        const draft = answer(this, given === undefined ? other : undefined, init)
        return draft.send(303, undefined, { location: draft.address(303, given, 'the location of seeOther()') }, 'seeOther')
      })
    }
  }
}

/** A body that is not sent because its helper throws has nobody else to end it. */
function withBody (body: unknown, send: () => FastifyReply): FastifyReply {
  try {
    return send()
  } catch (error) {
    discard(body)
    // The frames that help begin where the helper was called.
    if (error instanceof FST_CREATED_VIOLATION) Error.captureStackTrace(error, withBody)
    throw error
  }
}
