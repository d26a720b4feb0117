import type { FastifyReply } from 'fastify'
import { FST_CREATED_VIOLATION, isRequestError } from '../errors.js'
import type { Resource } from '../resource/resource.js'
import { routeOf, type FindFallbackRoute } from '../rules/checked-route.js'
import type { Helper } from '../rules/reply-state.js'
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
    try {
      return sendDraft(new ReplyDraft(helper, reply, routeOf(reply.request, findFallbackRoute), body, init), body)
    } catch (error) {
      // A stream that is not sent would stay open.
      discard(body)
      // Sent, not thrown: in a callback handler nobody would catch it.
      if (isRequestError(error)) return reply.send(error)
      if (error instanceof FST_CREATED_VIOLATION) Error.captureStackTrace(error, send)
      throw error
    }
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
