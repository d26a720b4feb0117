import { STATUS_CODES } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from '@fastify/type-provider-typebox'
import { FST_CREATED_NOT_FOUND } from 'fastify-created'
import { driverError, isUnavailable } from './database.js'

/** An error response. Clients see the message, so it must not contain a host, a path, or a driver's message. */
export class Problem extends Error {
  constructor (readonly statusCode: number, message: string, readonly headers: Record<string, string> = {}) {
    super(message)
  }
}

export function databaseUnavailable (): Problem {
  return new Problem(503, 'The database is not responding. Try again in a few seconds.', { 'retry-after': '5' })
}

export function notFound (): never {
  throw new FST_CREATED_NOT_FOUND()
}

const content = {
  'application/problem+json': {
    schema: Type.Object({ type: Type.String(), title: Type.String(), status: Type.Integer(), detail: Type.String() })
  }
}

/** The error responses of every route. */
export const problemResponses = {
  '4xx': { description: 'The request was rejected, and `detail` says why', content },
  '5xx': { description: 'The server failed', content }
}

export const noContentResponse = { 204: { ...Type.Null(), description: 'Deleted' } }

export function handleError (error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const { statusCode, message, headers } = toProblem(error)
  // Log the stack only: drivers put the query's parameters on the error object, and they must not be logged.
  if (statusCode >= 500) request.log.error(driverError(error).stack)

  reply.code(statusCode).headers(headers).type('application/problem+json')
    .send(toProblemDetails(statusCode, message))
}

/** Problem details (RFC 9457). */
export function toProblemDetails (status: number, detail: string) {
  return { type: 'about:blank', title: STATUS_CODES[status], status, detail }
}

function toProblem (error: Error & { statusCode?: number, headers?: Record<string, string> }): Problem {
  if (error instanceof Problem) return error
  if (isDiskFull(error)) return new Problem(507, 'The disk is full. Nothing was stored.')
  if (isUnavailable(error)) return databaseUnavailable()
  const { statusCode = 500, message, headers } = error
  if (statusCode < 500) return new Problem(statusCode, message, headers)
  return new Problem(500, 'The server failed to process this request.')
}

/** The disk of this server, or that of the database, which reports it as SQLSTATE 53100. */
function isDiskFull (error: Error): boolean {
  return ['ENOSPC', 'EDQUOT', '53100'].includes(driverError(error).code ?? '')
}

export function handleNotFound (request: FastifyRequest, reply: FastifyReply): void {
  handleError(new Problem(404, 'No route matches this method and URL.'), request, reply)
}

/** Fastify could not decode the URL. */
export function handleFrameworkError (_error: Error, request: FastifyRequest, reply: FastifyReply): void {
  handleError(new Problem(400, 'The URL is malformed.'), request, reply)
}
