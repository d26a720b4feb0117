import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { isAnswer, isOwn } from '../errors.js'
import { routeIn } from '../rules/checked-route.js'

type ErrorHandler = NonNullable<RouteOptions['errorHandler']>

/** An error handler of a route that answers this package's own errors as problem details (RFC 9457), and passes on the others. */
export function problemHandler (next: ErrorHandler | undefined): ErrorHandler {
  return function (error, request, reply) {
    // A scope further in may have registered the plugin again, without the option.
    const isAsked = routeIn(request.routeOptions.config)!.settings.problemDetails
    if (isAsked && isOwn(error)) return sendProblem(error, request, reply)
    if (next !== undefined) return next.call(this, error, request, reply)
    // The handler of the scope around comes next. But of what is thrown out of an error handler, Fastify takes for an
    // error only what is an Error: anything else would be sent as the answer.
    if (error instanceof Error) throw error
    return request.server.errorHandler(error, request, reply)
  }
}

function sendProblem (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const status = error.statusCode!
  // Before it is logged, as Fastify does it.
  reply.code(status)
  if (isAnswer(error)) request.log.info({ res: reply, err: error }, error.message)
  else request.log.error({ req: request, res: reply, err: error }, error.message)
  const problem = { type: typeOf(error.code), title: STATUS_CODES[status], status, detail: error.message }
  // Bytes, because the serializers and the response schemas of the route are for bodies of its own.
  reply.type('application/problem+json').send(Buffer.from(JSON.stringify(problem)))
}

/** `FST_CREATED_NOT_FOUND` is urn:problem-type:fastify-created:not-found. */
function typeOf (code: string): string {
  return `urn:problem-type:fastify-created:${code.replace('FST_CREATED_', '').toLowerCase().replaceAll('_', '-')}`
}
