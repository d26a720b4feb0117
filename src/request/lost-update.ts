import type { FastifyRequest } from 'fastify'
import { routeOf, type FindFallbackRoute } from '../rules/checked-route.js'
import { lostUpdateError } from '../rules/failed-precondition.js'
import { currentOf, type CurrentInit } from './current.js'

/** The decorator `request.lostUpdate()`. */
export function lostUpdateWith (findFallbackRoute: FindFallbackRoute) {
  return function lostUpdate (this: FastifyRequest, value?: unknown, init?: CurrentInit): Error {
    const route = routeOf(this, findFallbackRoute)
    return lostUpdateError(route, this, currentOf(value, this, route, init)?.etag)
  }
}
