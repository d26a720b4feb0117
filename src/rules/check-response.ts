import type { FastifyReply, FastifyRequest, onErrorHookHandler } from 'fastify'
import { FST_CREATED_VIOLATION, isAnswer } from '../errors.js'
import { isUnwritable, type HeaderValue } from './exchange.js'
import { headerOf } from './fastify-exchange.js'
import { ANNOUNCING_FIELDS, ANSWER_FIELDS, removeFields } from '../http/header-fields.js'
import { discard, isResponse } from '../util/payload.js'
import { failureOf, markFailure, provedOf, provesAll, type Proved } from './reply-state.js'
import type { GuardedRoute } from './checked-route.js'
import { JSON_TYPE, type CheckedRule } from './index.js'

/** Looks at what leaves the server, whoever wrote it. @returns the error to answer with instead. */
export function guard (route: GuardedRoute, request: FastifyRequest, reply: FastifyReply, payload: unknown): Error | undefined {
  const proved = provedOf(reply)
  if (proved !== undefined && isUsualAsProved(proved, request, reply, payload)) return undefined
  return guardUnusual(proved, route, request, reply, payload)
}

function guardUnusual (proved: Proved | undefined, route: GuardedRoute, request: FastifyRequest, reply: FastifyReply, payload: unknown): Error | undefined {
  if (reply.statusCode >= 500 && failureOf(reply)?.refused === true) {
    // Hooks of other plugins have seen the 500, too, and may have put a tag on it.
    removeFields(reply, ANNOUNCING_FIELDS)
    return undefined
  }
  const response = isResponse(payload) ? payload : undefined
  const status = response?.status ?? reply.statusCode
  const rules = route.rulesFor(request.method, status)
  if (proved === undefined && rules.areOfHeaders && !rules.isTurn()) return undefined

  const location = headerOf(reply, response, 'location')
  const etag = headerOf(reply, response, 'etag')
  const isSameEtag = etag === (proved?.etag ?? undefined)
  if (rules.areOfHeaders && location === undefined && (etag === undefined || isSameEtag)) return undefined

  const isUntouched = proved !== undefined && location === proved.location && isSameEtag
  const isProved = isUntouched && provesAll(proved.helper, status)
  const unproved = isProved ? rules.unproved : unprovedRules(rules.all, location, isSameEtag, proved)
  if (unproved.length > 0) {
    const answered = { status, location, etag, byHelper: proved?.helper === 'accepted', waivesEtag: proved?.etag === null, failed: failureOf(reply) !== undefined, payload, response }
    const refusal = route.judge(unproved, request, reply, answered)
    if (refusal !== undefined) return refuse(reply, payload, refusal)
  }
  if (isUntouched) return undefined

  // Node would answer 500 for these, and what was created would be lost for the client.
  if (isUnwritable(location)) reply.removeHeader('location')
  if (isUnwritable(etag)) reply.removeHeader('etag')
  return undefined
}

/** Most answers of the helpers are like this, and then there is nothing left to be asked. */
function isUsualAsProved ({ helper, rules, location, etag }: Proved, request: FastifyRequest, reply: FastifyReply, payload: unknown): boolean {
  if (rules.status !== reply.statusCode || !rules.unprovedSpareUsual || !provesAll(helper, rules.status)) return false
  if (typeof payload !== 'string' || failureOf(reply) !== undefined) return false
  if (reply.getHeader('location') !== location || reply.getHeader('etag') !== (etag ?? undefined)) return false
  return !rules.isTurn() || (request.headers.origin === undefined && reply.getHeader('content-type') === JSON_TYPE)
}

/** The rules that no helper has kept already. */
function unprovedRules (rules: readonly CheckedRule[], location: HeaderValue, isSameEtag: boolean, proved: Proved | undefined): readonly CheckedRule[] {
  if (proved === undefined) return rules
  const isProved = {
    method: proved.helper === 'created',
    location: location === proved.location,
    etag: isSameEtag
  }
  return rules.filter(({ proves }) => proves === undefined || !isProved[proves])
}

/** Takes back everything about the answer. @returns what is to be answered instead. */
export function refuse (reply: FastifyReply, payload: unknown, refusal: Error): Error {
  discard(payload)
  removeFields(reply, ANSWER_FIELDS)
  // onError marks the first error of a reply only, and this may be a second one.
  markFailure(reply, { refused: true })
  // An error handler that sets no status would answer with the refused one.
  reply.code(500)
  return refusal
}

/** An error is no creation: what a helper has announced is taken back, and what the error announces is not lost. */
export const onError: onErrorHookHandler = (_request, reply, error, done) => {
  const refused = error instanceof FST_CREATED_VIOLATION
  if (refused) removeFields(reply, ANSWER_FIELDS)
  else if (provedOf(reply) !== undefined) removeFields(reply, ANNOUNCING_FIELDS)
  markFailure(reply, { refused })
  // The default error handler sets these, a user's own may not.
  if (refused || isAnswer(error)) reply.code(error.statusCode!)
  if (isAnswer(error)) reply.headers(error.headers ?? {})
  done()
}

/** RFC 9110 section 8.6: Fastify's HEAD routes send the length of an empty body, which is not that of the 200. */
export function completeNotModified (reply: FastifyReply): void {
  if (reply.statusCode === 304 && provedOf(reply)?.helper === 'ok') reply.removeHeader('content-length')
}
