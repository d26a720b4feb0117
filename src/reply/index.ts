import type { FastifyReply } from 'fastify'
import { FST_CREATED_VIOLATION, isRequestError } from '../errors.js'
import { RESPONSE_FIELDS } from '../http/header-fields.js'
import type { Resource } from '../resource/resource.js'
import { routeOf, type FindFallbackRoute } from '../rules/checked-route.js'
import { removeFields } from '../rules/reply-headers.js'
import { isAnswered, type Helper } from '../rules/reply-state.js'
import { discard } from '../util/payload.js'
import { sendAccepted, type AcceptedInit } from './accepted.js'
import { sendCreated, type CreatedInit } from './created.js'
import { sendNoContent, type NoContentInit } from './no-content.js'
import { sendOk, type OkInit } from './ok.js'
import { ReplyDraft } from './reply-draft.js'
import { sendSeeOther } from './see-other.js'
import { sendUpserted, type UpsertedInit } from './upserted.js'

/** The decorators of replies. */
export function replyHelpers (findFallbackRoute: FindFallbackRoute) {
  type Send = (draft: ReplyDraft, body: unknown) => FastifyReply

  function send (helper: Helper, reply: FastifyReply, body: unknown, init: unknown, sendDraft: Send): FastifyReply {
    if (isAnswered(reply)) return ignore(helper, reply, body)
    try {
      return sendDraft(new ReplyDraft(helper, reply, routeOf(reply.request, findFallbackRoute), body, init), body)
    } catch (error) {
      // A stream that is not sent would stay open.
      discard(body)
      // Sent, not thrown: in a callback handler nobody would catch it.
      if (isRequestError(error)) {
        removeFields(reply, RESPONSE_FIELDS)
        return reply.send(error)
      }
      if (error instanceof FST_CREATED_VIOLATION) Error.captureStackTrace(error, send)
      throw error
    }
  }

  /** After handlerTimeout, or by a second call. */
  function ignore (helper: Helper, reply: FastifyReply, body: unknown): FastifyReply {
    discard(body)
    const { method, routeOptions: { url }, log } = reply.request
    log.warn(
      `fastify-created: ${helper}() did nothing, on ${method} ${url}. Found: the request was answered before, ` +
        'by another call or because of handlerTimeout. Required: one answer. ' +
        `Fix: return reply.${helper}(…) once, and stop if request.signal.aborted`
    )
    return reply
  }

  return {
    created (this: FastifyReply, body: unknown, init?: Partial<CreatedInit>): FastifyReply {
      return send('created', this, body, init, sendCreated)
    },

    ok (this: FastifyReply, body: unknown, init?: OkInit): FastifyReply {
      return send('ok', this, body, init, sendOk)
    },

    upserted (this: FastifyReply, body: unknown, init?: Partial<UpsertedInit>): FastifyReply {
      return send('upserted', this, body, init, sendUpserted)
    },

    accepted (this: FastifyReply, body: unknown, init?: Partial<AcceptedInit>): FastifyReply {
      return send('accepted', this, body, init, sendAccepted)
    },

    noContent (this: FastifyReply, init?: NoContentInit): FastifyReply {
      return send('noContent', this, undefined, init, sendNoContent)
    },

    seeOther (this: FastifyReply, other: unknown, init?: { resource: Resource<any> }): FastifyReply {
      return send('seeOther', this, other, init, sendSeeOther)
    }
  }
}
