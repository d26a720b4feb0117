import type { FastifyReply } from 'fastify'
import type { RequestError } from '../errors.js'
import type { EntityTag } from '../http/entity-tag.js'

/** What this package remembers about a reply. */

export type Helper = 'created' | 'ok' | 'upserted' | 'accepted' | 'noContent' | 'seeOther'

/** What a helper has checked and sent. As long as it is unchanged, it is not checked again. */
export interface SentDraft {
  readonly helper: Helper
  readonly status: number
  readonly location: string | undefined
  /** `null` if the helper was told that there is none. */
  readonly etag: EntityTag | null | undefined
}

/** An error of a reply. */
interface ReplyError {
  /** Whether it is a violation, so the response was withheld. */
  readonly isViolation: boolean
  /** It is this package's response to the request. */
  readonly rejection?: RequestError | undefined
}

const kSent = Symbol('fastify-created.sent')
const kError = Symbol('fastify-created.error')
const kUnlogged = Symbol('fastify-created.unlogged')
const kIsLeaving = Symbol('fastify-created.isLeaving')
type State = {
  [kSent]?: SentDraft | undefined
  [kError]?: ReplyError
  [kUnlogged]?: Error | undefined
  [kIsLeaving]?: boolean
}

/** `undefined` if no helper has sent the reply, or an error followed. */
export function sentDraftOf (reply: FastifyReply): SentDraft | undefined {
  return (reply as State)[kSent]
}

export function setSentDraft (reply: FastifyReply, draft: SentDraft): void {
  (reply as State)[kSent] = draft
}

export function errorOf (reply: FastifyReply): ReplyError | undefined {
  return (reply as State)[kError]
}

export function setError (reply: FastifyReply, error: ReplyError): void {
  const state = reply as State
  state[kError] = error
  state[kSent] = undefined
  state[kIsLeaving] = false
}

/** The onSend hooks of the reply run: only an error changes what is sent. */
export function setLeaving (reply: FastifyReply): void {
  (reply as State)[kIsLeaving] = true
}

/** Whether the response is decided, so that a helper would put its status and headers on the body of another. */
export function isAnswered (reply: FastifyReply): boolean {
  return reply.sent || (reply as State)[kIsLeaving] === true || sentDraftOf(reply) !== undefined
}

/** A violation that nobody has logged yet. */
export function unloggedViolationOf (reply: FastifyReply): Error | undefined {
  return (reply as State)[kUnlogged]
}

export function setUnloggedViolation (reply: FastifyReply, violation: Error | undefined): void {
  (reply as State)[kUnlogged] = violation
}
