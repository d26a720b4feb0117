import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { isAnswer, isOwn } from './errors.js'

type ErrorHandler = NonNullable<RouteOptions['errorHandler']>

/** An error handler of a route that answers this package's own errors as problem details (RFC 9457), and passes on the others. */
export function problemHandler (next: ErrorHandler | undefined): ErrorHandler {
  return function (error, request, reply) {
    if (isOwn(error)) return sendProblem(error, request, reply)
    if (next !== undefined) return next.call(this, error, request, reply)
    // The handler of the scope around comes next.
    throw error
  }
}

function sendProblem (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const status = error.statusCode!
  if (isAnswer(error)) request.log.info({ res: reply, err: error }, error.message)
  else request.log.error({ req: request, res: reply, err: error }, error.message)
  const problem = { type: typeOf(error.code), title: STATUS_CODES[status], status, detail: error.message }
  // Text, because the response schemas of the route are for bodies of its own.
  reply.code(status).type('application/problem+json').send(JSON.stringify(problem))
}

/** `FST_CREATED_NOT_FOUND` is urn:problem-type:fastify-created:not-found. */
function typeOf (code: string): string {
  return `urn:problem-type:fastify-created:${code.replace('FST_CREATED_', '').toLowerCase().replaceAll('_', '-')}`
}
