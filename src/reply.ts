import type { FastifyReply } from 'fastify'
import { Answer } from './answer.js'
import type { EntityTagInput } from './entity-tag.js'
import { FST_CREATED_VIOLATION } from './errors.js'
import { CONTENT_FIELDS, removeFields } from './fields.js'
import { discard } from './payload.js'
import { routeIn, type GuardedRoute } from './route.js'

/** What `reply.created()` needs to know of the new resource. */
export interface CreatedInit {
  /** Where it answers GET: a path of this app such as `/users/42`, segments percent-encoded, or an absolute http(s) URL. */
  location: string | URL
  /** Its version; `null` says that it has none. */
  etag: EntityTagInput
  /** When it was last changed. A date in the future is sent as now (RFC 9110 section 8.8.2.1). */
  lastModified?: Date
}

/** What `reply.ok()` may know of the representation. */
export interface OkInit {
  /** Its version; `null`, or left out, where it has none. */
  etag?: EntityTagInput
  /** When it was last changed. A date in the future is sent as now (RFC 9110 section 8.8.2.1). */
  lastModified?: Date
}

/** What `reply.accepted()` needs to know of the work that goes on. */
export interface AcceptedInit {
  /** Where its state can be read: a path of this app, or an absolute http(s) URL. */
  monitor: string | URL
  /** When to ask again: whole seconds from now, or a date. */
  retryAfter?: number | Date
}

/** What `reply.noContent()` may know of the target as it is now. */
export interface NoContentInit {
  /** Its version; `null`, or left out, where it has none. */
  etag?: EntityTagInput
}

/** The helpers, for a reply of a route that the plugin has seen; `fallback` serves the others. */
export function replyHelpers (fallback: GuardedRoute) {
  const answer = (reply: FastifyReply) => new Answer(reply, routeIn(reply.request.routeOptions.config) ?? fallback)

  return {
    created (this: FastifyReply, body: unknown, init?: Partial<CreatedInit>): FastifyReply {
      return withBody(body, () => {
        const draft = answer(this)
        const given = draft.init<CreatedInit>(init)
        const location = draft.createdLocation(given)
        const etag = draft.createdEtag(given.etag)
        const lastModified = draft.lastModified(given.lastModified)
        return draft.send(201, draft.body(body) ?? undefined, { location, etag, lastModified }, { helper: 'created', waivesEtag: given.etag === null })
      })
    },

    ok (this: FastifyReply, body: unknown, init?: OkInit): FastifyReply {
      return withBody(body, () => {
        const draft = answer(this)
        const given = draft.init<OkInit>(init)
        const etag = draft.etag(given)
        const lastModified = draft.lastModified(given.lastModified)
        const isNotModified = draft.isNotModified(etag, given.lastModified)
        if (!isNotModified) return draft.send(200, draft.body(body), { etag, lastModified }, { helper: 'ok' })

        discard(body)
        // RFC 9110 section 15.4.5: a 304 has the validators, and nothing else of the representation that it does not carry.
        removeFields(this, [...CONTENT_FIELDS, 'last-modified'])
        return draft.send(304, undefined, { etag, lastModified: etag === undefined ? lastModified : undefined }, { helper: 'ok' })
      })
    },

    accepted (this: FastifyReply, body: unknown, init?: Partial<AcceptedInit>): FastifyReply {
      return withBody(body, () => {
        const draft = answer(this)
        const { monitor, retryAfter: again } = draft.init<AcceptedInit>(init)
        const location = draft.address(202, monitor, 'the monitor of accepted()')
        const retryAfter = draft.retryAfter(again)
        return draft.send(202, draft.body(body) ?? undefined, { location, retryAfter }, { helper: 'accepted' })
      })
    },

    noContent (this: FastifyReply, init?: NoContentInit): FastifyReply {
      return withBody(undefined, () => {
        const draft = answer(this)
        return draft.send(204, undefined, { etag: draft.etag(draft.init<NoContentInit>(init)) }, { helper: 'noContent' })
      })
    },

    seeOther (this: FastifyReply, location: string | URL): FastifyReply {
      return withBody(undefined, () => {
        const draft = answer(this)
        return draft.send(303, undefined, { location: draft.address(303, location, 'the location of seeOther()') }, { helper: 'seeOther' })
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
