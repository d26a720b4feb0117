import type { FastifyRequest } from 'fastify'
import { FST_CREATED_LOST_UPDATE, preconditionFailed, withHeaders } from '../errors.js'
import { hasApplicablePrecondition, type PreconditionField } from '../http/preconditions.js'
import { routeOf, type FindFallbackRoute } from '../rules/checked-route.js'
import { conditionalRequest, requestHeader } from '../rules/exchange.js'
import { evaluationOf } from '../rules/request-state.js'
import { currentOf, type CurrentInit } from './current.js'

/** The decorator `request.lostUpdate()`. */
export function lostUpdateWith (findFallbackRoute: FindFallbackRoute) {
  return function lostUpdate (this: FastifyRequest, value?: unknown, init?: CurrentInit): Error {
    const route = routeOf(this, findFallbackRoute)
    const etag = currentOf(value, this, route, init)?.etag
    const lost = withHeaders(new FST_CREATED_LOST_UPDATE(), { etag })
    const isConditional = evaluationOf(this)?.conditional ??
      hasApplicablePrecondition(conditionalRequest(this), route.hasLastModified)
    // The precondition may have been true when it was evaluated, so the message is not that it is false.
    return isConditional ? Object.assign(preconditionFailed(fieldOf(this), etag), { message: lost.message }) : lost
  }
}

/** The precondition that applies: entity-tags always do, a date may have to be ignored. */
function fieldOf (request: FastifyRequest): PreconditionField {
  if (requestHeader(request, 'if-match') !== undefined) return 'If-Match'
  return requestHeader(request, 'if-none-match') !== undefined ? 'If-None-Match' : 'If-Unmodified-Since'
}
