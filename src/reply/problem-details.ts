import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { isRequestError, isOwnError } from '../errors.js'
import { routeIn } from '../rules/checked-route.js'
import { isError } from '../util/error.js'

type ErrorHandler = NonNullable<RouteOptions['errorHandler']>

/** A route's error handler: sends this package's own errors as problem details (RFC 9457), and passes on the others. */
export function problemDetailsHandler (next: ErrorHandler | undefined): ErrorHandler {
  return function (error, request, reply) {
    // A nested registration of the plugin may have turned the option off.
    const isOn = routeIn(request.routeOptions.config)!.settings.problemDetails
    if (isOn && isOwnError(error)) return sendProblemDetails(error, request, reply)
    if (next !== undefined) return next.call(this, error, request, reply)
    // Rethrown, it goes to the handler of the scope.
    // Fastify would send a thrown value that is not an Error as a normal response.
    if (isError(error)) throw error
    return request.server.errorHandler(error, request, reply)
  }
}

function sendProblemDetails (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const status = error.statusCode!
  reply.code(status)
  if (isRequestError(error)) request.log.info({ res: reply, err: error }, error.message)
  else request.log.error({ req: request, res: reply, err: error }, error.message)
  const problemDetails = { type: typeOf(error.code), title: STATUS_CODES[status], status, detail: error.message }
  // Bytes, because the response schemas and serializers of the route are not for errors.
  reply.type('application/problem+json').send(Buffer.from(JSON.stringify(problemDetails)))
}

/** `FST_CREATED_NOT_FOUND` is urn:problem-type:fastify-created:not-found. */
function typeOf (code: string): string {
  return `urn:problem-type:fastify-created:${code.replace('FST_CREATED_', '').toLowerCase().replaceAll('_', '-')}`
}
