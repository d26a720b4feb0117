import { createError, type FastifyErrorConstructor } from '@fastify/error'

type PackageError<Code extends string, Status extends number, Args extends unknown[]> =
  FastifyErrorConstructor<{ code: Code, statusCode: Status }, Args>

/** A rule is broken and its severity is `error`. Status 500: the fault is the server's, never the client's. */
export const FST_CREATED_VIOLATION: PackageError<'FST_CREATED_VIOLATION', 500, [message: string]> =
  createError('FST_CREATED_VIOLATION', '%s', 500)

/** An option given to the plugin, or to a route as `config.created`, is unknown or has a wrong value. */
export const FST_CREATED_OPTION_INVALID: PackageError<'FST_CREATED_OPTION_INVALID', 500, [where: string, path: string, found: string, allowed: string]> =
  createError('FST_CREATED_OPTION_INVALID', '%s: the option %s is %s. Allowed: %s.', 500, TypeError)

/** A value cannot become a validator: an entity-tag, or a Last-Modified. */
export const FST_CREATED_VALIDATOR_INVALID: PackageError<'FST_CREATED_VALIDATOR_INVALID', 500, []> =
  createError(
    'FST_CREATED_VALIDATOR_INVALID',
    'An entity-tag is made of a finite number, a bigint or a non-empty string, or by digest() of bytes or plain data; Last-Modified of a valid Date. What was given instead is in error.cause.',
    500,
    TypeError
  )

/** Nothing exists at the address of the request (RFC 9110 section 15.5.5). */
export const FST_CREATED_NOT_FOUND: PackageError<'FST_CREATED_NOT_FOUND', 404, []> =
  createError('FST_CREATED_NOT_FOUND', 'There is nothing at this address.', 404)

/** A precondition of the request is false (RFC 9110 section 15.5.13). The current ETag is in the answer. */
export const FST_CREATED_PRECONDITION_FAILED: PackageError<'FST_CREATED_PRECONDITION_FAILED', 412, [field: string]> =
  createError(
    'FST_CREATED_PRECONDITION_FAILED',
    'The precondition in %s is false: the resource is not in the state that it names. Read it again, then decide.',
    412
  )

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
