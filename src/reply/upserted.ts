import type { FastifyReply } from 'fastify'
import { lostUpdateError } from '../rules/failed-precondition.js'
import { formatValue } from '../util/format-value.js'
import { reportMoved } from './moved.js'
import type { OkInit } from './ok.js'
import type { ReplyDraft } from './reply-draft.js'
import { sendDraft } from './send.js'

/** Options of `reply.upserted()`. */
export interface UpsertedInit<Value = any> extends OkInit<Value> {
  /** Whether nothing existed at the target before: 201, else 200. */
  created: boolean
}

export function sendUpserted (draft: ReplyDraft, body: unknown): FastifyReply {
  const { request: { method }, init: { created }, name } = draft
  if (method !== 'PUT' && method !== 'PATCH') {
    draft.report('helper-argument', {
      found: `upserted() was called on ${method}, but it is for PUT, whose target is the URL of the resource`,
      fix: `return reply.created(${name}), or reply.ok(${name})`
    })
  }
  if (typeof created !== 'boolean') {
    draft.report('helper-argument', {
      found: `the option created of upserted() is ${formatValue(created)}`,
      fix: `return reply.upserted(${name}, { created: current === undefined })`
    })
  }
  if (!draft.hasValue) throw lostUpdateError(draft.route, draft.request, undefined)
  reportMoved(draft)
  draft.setEtag()
  draft.setLastModified()
  return sendDraft(draft, created === true ? 201 : 200, body)
}
