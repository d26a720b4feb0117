import type { FastifyRequest } from 'fastify'
import { FST_CREATED_LOST_UPDATE, preconditionFailed, withHeaders } from '../errors.js'
import type { EntityTag } from '../http/entity-tag.js'
import { hasApplicablePrecondition, hasWeakenedTag, type PreconditionField } from '../http/preconditions.js'
import type { CheckedRoute } from './checked-route.js'
import { conditionalRequest, requestHeader } from './exchange.js'
import { evaluationOf } from './request-state.js'

/** The errors of a request whose precondition is false, or whose write was lost. */

/** 412. If something has weakened the tag on its way to the client, to read it again would change nothing. */
export function failedPrecondition (
  route: CheckedRoute,
  request: FastifyRequest,
  field: PreconditionField,
  etag: EntityTag | null | undefined
): Error {
  const error = preconditionFailed(field, etag)
  if (field !== 'If-Match' || !hasWeakenedTag(requestHeader(request, 'if-match'), etag)) return error
  route.warnOfWeakenedTag(request)
  return Object.assign(error, {
    message: 'The precondition in If-Match is false: it has the current entity-tag in its weak form, which If-Match ' +
      'never matches. A proxy between you and the server has weakened it, probably because it compresses. ' +
      'Fetching it again does not help.'
  })
}

/** 412 if the request is conditional, else 409. */
export function lostUpdateError (
  route: CheckedRoute,
  request: FastifyRequest,
  etag: EntityTag | null | undefined
): Error {
  const lost = withHeaders(new FST_CREATED_LOST_UPDATE(), { etag })
  const isConditional = evaluationOf(request)?.conditional ??
    hasApplicablePrecondition(conditionalRequest(request), route.hasLastModified)
  // The precondition may have been true when it was evaluated, so the message is not that it is false.
  return isConditional ? Object.assign(preconditionFailed(fieldOf(request), etag), { message: lost.message }) : lost
}

/** The precondition that applies: entity-tags always do, a date may have to be ignored. */
function fieldOf (request: FastifyRequest): PreconditionField {
  if (requestHeader(request, 'if-match') !== undefined) return 'If-Match'
  return requestHeader(request, 'if-none-match') !== undefined ? 'If-None-Match' : 'If-Unmodified-Since'
}
