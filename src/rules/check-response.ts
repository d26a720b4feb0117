import type { FastifyReply, FastifyRequest } from 'fastify'
import { FST_CREATED_VIOLATION, isRequestError } from '../errors.js'
import { isUnwritable, RESOURCE_FIELDS, RESPONSE_FIELDS } from '../http/header-fields.js'
import { isRead } from '../http/methods.js'
import { discard, isResponse } from '../util/payload.js'
import type { CheckedRoute } from './checked-route.js'
import { Exchange, responseHeader } from './exchange.js'
import type { ResponseRule } from './index.js'
import { removeField, removeFields, requireRevalidation, restrictCaching } from './reply-headers.js'
import {
  errorOf, sentDraftOf, setError, setUnloggedViolation, unloggedViolationOf, type SentDraft
} from './reply-state.js'
import { logViolationError } from './reporter.js'

/** Checks a response before it is sent. @returns the error to send instead */
export function checkResponse (
  route: CheckedRoute,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown
): Error | undefined {
  logUnlogged(request, reply, payload)
  if (route.isDisabled) return undefined
  if (reply.statusCode >= 500 && errorOf(reply)?.isViolation === true) {
    // Hooks of other plugins see the 500, too, and may have set an ETag on it.
    removeFields(reply, RESOURCE_FIELDS)
    return undefined
  }
  const sent = sentDraftOf(reply)
  const exchange = exchangeOf(request, reply, payload, sent)
  let first: Error | undefined
  for (const rule of route.rulesFor(exchange.method, exchange.status)) {
    if (isChecked(rule, exchange, sent)) continue
    const error = route.check(rule, exchange, request, reply)
    if (error === undefined) continue
    if (first === undefined) first = error
    else logViolationError(error, request.log)
  }
  if (first !== undefined) {
    setUnloggedViolation(reply, first)
    return withhold(reply, payload, first)
  }
  if (route.isCanonical && isRead(exchange.method)) requireRevalidation(reply, exchange.response)
  // Node would respond 500, and the client would not learn of what was created.
  const { location, etag } = exchange
  if (location !== sent?.location && isUnwritable(location)) removeField(reply, 'location')
  if (etag !== sent?.etag && isUnwritable(etag)) removeField(reply, 'etag')
  return undefined
}

function exchangeOf (
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  sent: SentDraft | undefined
): Exchange {
  const response = isResponse(payload) ? payload : undefined
  return new Exchange(request, reply, {
    status: response?.status ?? reply.statusCode,
    location: responseHeader(reply, response, 'location'),
    etag: responseHeader(reply, response, 'etag'),
    isLocationOfHelper: sent?.helper === 'accepted',
    declaresNoEtag: sent?.etag === null,
    isFromErrorHandler: errorOf(reply) !== undefined,
    payload,
    response
  })
}

/** Whether a helper has checked it already, and it has not changed since. */
function isChecked (
  { checkedByHelper }: ResponseRule,
  { status, location, etag }: Exchange,
  sent: SentDraft | undefined
): boolean {
  if (checkedByHelper === undefined || sent === undefined || status !== sent.status) return false
  switch (checkedByHelper) {
    case 'method': return sent.helper === 'created'
    case 'location': return location === sent.location
    case 'etag': return etag === (sent.etag ?? undefined)
  }
}

/** Removes everything about the response. @returns the error to send instead */
export function withhold (reply: FastifyReply, payload: unknown, error: Error): Error {
  discard(payload)
  removeFields(reply, RESPONSE_FIELDS)
  restrictCaching(reply)
  // The onError hooks run for the first error of a reply only, and this may be a second one.
  setError(reply, { isViolation: true })
  // An error handler that sets no status would send the one that was set before.
  reply.code(500)
  return error
}

/** An error hook: removes what a helper has set, and keeps the status and the headers of the error. */
export function prepareError (route: CheckedRoute, request: FastifyRequest, reply: FastifyReply, error: Error): void {
  const isViolation = error instanceof FST_CREATED_VIOLATION
  if (isViolation) removeFields(reply, RESPONSE_FIELDS)
  else if (sentDraftOf(reply) !== undefined) removeFields(reply, RESOURCE_FIELDS)
  if (isViolation || isRequestError(error)) restrictCaching(reply)
  setError(reply, { isViolation, rejection: isRequestError(error) ? error : undefined })
  if (isViolation) setUnloggedViolation(reply, logsErrors(route, request) ? undefined : error)
  // Fastify's own error handler sets these, a user's own may not.
  if (isViolation) reply.code(500)
  if (isRequestError(error)) reply.code(error.statusCode).headers(error.headers ?? {})
}

/** Whether the handler of an error is one that logs it: Fastify's own, or that of the option problemDetails. */
function logsErrors ({ settings, hasErrorHandler }: CheckedRoute, { server }: FastifyRequest): boolean {
  if (settings.problemDetails) return true
  const isDefault = !hasErrorHandler && server.errorHandler.name === 'defaultErrorHandler'
  return isDefault && !server.initialConfig.disableRequestLogging
}

function logUnlogged (request: FastifyRequest, reply: FastifyReply, payload: unknown): void {
  const violation = unloggedViolationOf(reply)
  if (violation === undefined) return
  setUnloggedViolation(reply, undefined)
  const isLogged = isSentByFastify(violation, payload) && !request.server.initialConfig.disableRequestLogging
  if (!isLogged) logViolationError(violation, request.log)
}

/** Whether the app's error handler has passed the error on to Fastify's own, which logs what it sends. */
function isSentByFastify ({ code, message }: Error & { code?: string }, payload: unknown): boolean {
  return payload === JSON.stringify({ statusCode: 500, code, error: 'Internal Server Error', message })
}

/** RFC 9110 section 8.6: Fastify's HEAD routes send the length of an empty body, which is not that of the 200. */
export function fixNotModifiedLength (reply: FastifyReply): void {
  if (reply.statusCode === 304 && sentDraftOf(reply)?.helper === 'ok') reply.removeHeader('content-length')
}
