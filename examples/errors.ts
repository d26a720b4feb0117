import { STATUS_CODES } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from '@fastify/type-provider-typebox'
import { FST_CREATED_NOT_FOUND } from 'fastify-created'
import { driverError, isUnavailable } from './database.js'

/** An answer other than the one hoped for. The message is for the client: it names no host, no path and no driver. */
export class Problem extends Error {
  constructor (readonly statusCode: number, message: string, readonly headers: Record<string, string> = {}) {
    super(message)
  }
}

export function databaseIsGone (): Problem {
  return new Problem(503, 'The database does not answer. Try again soon.', { 'retry-after': '5' })
}

export function notFound (): never {
  throw new FST_CREATED_NOT_FOUND()
}

const content = {
  'application/problem+json': {
    schema: Type.Object({ type: Type.String(), title: Type.String(), status: Type.Integer(), detail: Type.String() })
  }
}

/** What every route may answer as well. */
export const problemResponses = {
  '4xx': { description: 'The request is refused, and `detail` says why', content },
  '5xx': { description: 'The server failed', content }
}

export const noContentResponse = { 204: { ...Type.Null(), description: 'Deleted' } }

export function handleError (error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const { statusCode, message, headers } = toProblem(error)
  // The stack, not the error object: a driver puts the query's parameters on it, and they belong in no log.
  if (statusCode >= 500) request.log.error(driverError(error).stack)

  reply.code(statusCode).headers(headers).type('application/problem+json')
    .send(toBody(statusCode, message))
}

/** Problem details (RFC 9457). */
export function toBody (status: number, detail: string) {
  return { type: 'about:blank', title: STATUS_CODES[status], status, detail }
}

function toProblem (error: Error & { statusCode?: number, headers?: Record<string, string> }): Problem {
  if (error instanceof Problem) return error
  if (isDiskFull(error)) return new Problem(507, 'The disk is full, and nothing was stored.')
  if (isUnavailable(error)) return databaseIsGone()
  const { statusCode = 500, message, headers } = error
  return statusCode < 500 ? new Problem(statusCode, message, headers) : new Problem(500, 'The server failed to answer this request.')
}

/** Ours, or that of the database, which says it with an SQLSTATE. */
function isDiskFull (error: Error): boolean {
  return ['ENOSPC', 'EDQUOT', '53100'].includes(driverError(error).code ?? '')
}

export function handleNotFound (request: FastifyRequest, reply: FastifyReply): void {
  handleError(new Problem(404, 'There is nothing at this address for this method.'), request, reply)
}

/** Where no route could be looked for, because the URL cannot be decoded. */
export function handleFrameworkError (_error: Error, request: FastifyRequest, reply: FastifyReply): void {
  handleError(new Problem(400, 'The URL is malformed.'), request, reply)
}
