import { createError, type FastifyErrorConstructor } from '@fastify/error'

type PackageError<Code extends string, Status extends number, Args extends unknown[]> =
  FastifyErrorConstructor<{ code: Code, statusCode: Status }, Args>

/**
 * A rule is broken and its severity is `error`. Status 500: the fault is the server's, never the client's.
 * `rule`, `spec` and `route` say which one, and where.
 *
 * @example
 * ```ts
 * app.setErrorHandler((error, request, reply) => {
 *   if (error instanceof FST_CREATED_VIOLATION) request.log.error(error.cause)
 *   return reply.send(error)
 * })
 * ```
 */
export const FST_CREATED_VIOLATION: PackageError<'FST_CREATED_VIOLATION', 500, [message: string]> =
  createError('FST_CREATED_VIOLATION', '%s', 500)

/** An option given to the plugin, or to a route as `config.created`, is unknown or has a wrong value. */
export const FST_CREATED_OPTION_INVALID: PackageError<'FST_CREATED_OPTION_INVALID', 500, [where: string, path: string, found: string, allowed: string]> =
  createError('FST_CREATED_OPTION_INVALID', '%s: the option %s is %s. Allowed: %s.', 500, TypeError)

/** A value cannot become a validator: an entity-tag, or a Last-Modified. */
export const FST_CREATED_VALIDATOR_INVALID: PackageError<'FST_CREATED_VALIDATOR_INVALID', 500, []> =
  createError(
    'FST_CREATED_VALIDATOR_INVALID',
    'No validator can be made of what was given, which is in error.cause: an entity-tag is made of a finite number, a bigint or a non-empty string, or by digest() of bytes or plain data; Last-Modified of a valid Date.',
    500,
    TypeError
  )

/** Nothing exists at the address of the request (RFC 9110 section 15.5.5). */
export const FST_CREATED_NOT_FOUND: PackageError<'FST_CREATED_NOT_FOUND', 404, []> =
  createError('FST_CREATED_NOT_FOUND', 'There is nothing at this address.', 404)

/** A precondition is required, and none came that applies (RFC 6585 section 3). */
export const FST_CREATED_PRECONDITION_REQUIRED: PackageError<'FST_CREATED_PRECONDITION_REQUIRED', 428, [precondition: string]> =
  createError(
    'FST_CREATED_PRECONDITION_REQUIRED',
    'This request has to say which version it is about: send %s.',
    428
  )

/** If-Match or If-None-Match of an unsafe request cannot be parsed. */
export const FST_CREATED_PRECONDITION_MALFORMED: PackageError<'FST_CREATED_PRECONDITION_MALFORMED', 400, [field: string]> =
  createError(
    'FST_CREATED_PRECONDITION_MALFORMED',
    '%s cannot be parsed: send * or a list of entity-tags, each in quotes, as in "7".',
    400
  )

/** Somebody else was faster, and the request had no precondition that could have failed (RFC 5789 section 2.2). */
export const FST_CREATED_LOST_UPDATE: PackageError<'FST_CREATED_LOST_UPDATE', 409, []> =
  createError('FST_CREATED_LOST_UPDATE', 'Somebody else has changed this resource at the same moment. Read it again, then decide.', 409)

/** A PUT with Content-Range is a part of a representation, which would replace the whole (RFC 9110 section 14.5). */
export const FST_CREATED_CONTENT_RANGE: PackageError<'FST_CREATED_CONTENT_RANGE', 400, []> =
  createError('FST_CREATED_CONTENT_RANGE', 'PUT replaces the whole resource here: send all of it, without Content-Range.', 400)

/** A precondition of the request is false (RFC 9110 section 15.5.13). The current ETag is in the answer. */
export const FST_CREATED_PRECONDITION_FAILED: PackageError<'FST_CREATED_PRECONDITION_FAILED', 412, [field: string]> =
  createError(
    'FST_CREATED_PRECONDITION_FAILED',
    'The precondition in %s is false: the resource is not in the state that it names. Read it again, then decide.',
    412
  )

/** What the answer to the request is, and no fault of the server: whoever handles it, its status and headers count. */
export function isAnswer (error: unknown): error is Error & { statusCode: number, headers?: Record<string, string> } {
  return ANSWERS.some((answer) => error instanceof answer)
}

const ANSWERS = [
  FST_CREATED_NOT_FOUND, FST_CREATED_PRECONDITION_FAILED, FST_CREATED_PRECONDITION_REQUIRED,
  FST_CREATED_PRECONDITION_MALFORMED, FST_CREATED_LOST_UPDATE, FST_CREATED_CONTENT_RANGE
]

export function isOwn (error: unknown): error is Error & { code: string, statusCode: number } {
  return isAnswer(error) || error instanceof FST_CREATED_VIOLATION || error instanceof FST_CREATED_VALIDATOR_INVALID
}

/** With the current ETag, so that the client knows what it has missed (RFC 9110 section 15.5.13). */
export function preconditionFailed (field: string, etag: string | null | undefined): Error {
  return withHeaders(new FST_CREATED_PRECONDITION_FAILED(field), { etag })
}

/** Headers that go out with the error. */
export function withHeaders<T extends Error> (error: T, headers: Record<string, string | null | undefined>): T {
  const present = Object.entries(headers).filter(([, value]) => value !== undefined && value !== null)
  return present.length === 0 ? error : Object.assign(error, { headers: Object.fromEntries(present) })
}

/** One error for all that stops the boot: mended one by one, it would take as many starts. */
export function togetherAtBoot (errors: readonly Error[]): Error {
  const [first, ...others] = errors
  if (others.length > 0) first.message += `\n${others.length} more:\n${others.map(({ message }) => `- ${message}`).join('\n')}`
  return first
}

/**
 * Says what was found without telling the client: logs show the cause of an error, JSON leaves it out.
 * @returns the error
 */
export function withCause<T extends Error> (error: T, found: string): T {
  const cause = new Error(found)
  // The frames are those of the error itself.
  cause.stack = found
  return Object.defineProperty(error, 'cause', { value: cause })
}
