import { createError, type FastifyErrorConstructor } from '@fastify/error'

type PackageError<Code extends string, Status extends number, Args extends unknown[]> =
  FastifyErrorConstructor<{ code: Code, statusCode: Status }, Args>

/**
 * A rule is broken and its severity is `error`. Status 500: the server is at fault, never the client.
 * `rule`, `spec` and `route` say which rule, and on which route. With `NODE_ENV=production` the message is short, and
 * `error.cause` has what was found and how to fix it.
 *
 * @example
 * ```ts
 * app.setErrorHandler((error, request, reply) => {
 *   if (error instanceof FST_CREATED_VIOLATION) metrics.violations.inc({ rule: error.rule })
 *   return reply.send(error)
 * })
 * ```
 */
export const FST_CREATED_VIOLATION = createError('FST_CREATED_VIOLATION', '%s', 500) as FastifyErrorConstructor<
  { code: 'FST_CREATED_VIOLATION', statusCode: 500 } & ViolationDetails, [message: string]
>

/** What an {@link FST_CREATED_VIOLATION} has besides its message. */
export interface ViolationDetails {
  /** The id of the rule. */
  rule: string
  /** The section that requires it. */
  spec: string
  /** The method of the request, and the pattern of the route, such as `/users/:id`. */
  route: { method: string, url: string }
}

/** An option of the plugin, of a route, of `resource()`, or of a scenario is unknown or has a wrong value. */
export const FST_CREATED_OPTION_INVALID: PackageError<
  'FST_CREATED_OPTION_INVALID', 500, [option: string, owner: string, found: string, required: string, fix: string]
> =
  createError('FST_CREATED_OPTION_INVALID', '%s of %s is invalid. Found: %s. Required: %s. Fix: %s', 500, TypeError)

/** The plugin is registered a second time in the same scope. */
export const FST_CREATED_ALREADY_REGISTERED: PackageError<'FST_CREATED_ALREADY_REGISTERED', 500, []> =
  createError(
    'FST_CREATED_ALREADY_REGISTERED',
    'fastify-created cannot be registered. Found: it is registered in this scope already. Required: once in a scope. ' +
      'Fix: remove one app.register(fastifyCreated), or give the routes with other options a scope of their own: ' +
      'app.register(async (scope) => { await scope.register(fastifyCreated, options) })',
    500
  )

/**
 * A value cannot become a version: an entity-tag, or a Last-Modified. With `NODE_ENV=production` the message is short,
 * and `error.cause` has what was found and how to fix it.
 */
export const FST_CREATED_VERSION_INVALID: PackageError<'FST_CREATED_VERSION_INVALID', 500, [message: string]> =
  createError('FST_CREATED_VERSION_INVALID', '%s', 500, TypeError)

/** Nothing exists at the URL of the request (RFC 9110 section 15.5.5). */
export const FST_CREATED_NOT_FOUND: PackageError<'FST_CREATED_NOT_FOUND', 404, []> =
  createError('FST_CREATED_NOT_FOUND', 'Nothing exists at this URL.', 404)

/** A precondition is required, and the request has none that applies (RFC 6585 section 3). */
export const FST_CREATED_PRECONDITION_REQUIRED: PackageError<
  'FST_CREATED_PRECONDITION_REQUIRED', 428, [precondition: string]
> =
  createError(
    'FST_CREATED_PRECONDITION_REQUIRED',
    'This update must say which version it changes. Send %s.',
    428
  )

/** If-Match or If-None-Match of an unsafe request cannot be parsed. */
export const FST_CREATED_PRECONDITION_MALFORMED: PackageError<
  'FST_CREATED_PRECONDITION_MALFORMED', 400, [field: string]
> =
  createError(
    'FST_CREATED_PRECONDITION_MALFORMED',
    '%s cannot be parsed. Send * or a list of entity-tags, each in quotes, as in "7".',
    400
  )

/** The resource changed during the request, which had no precondition that could have failed (RFC 5789 section 2.2). */
export const FST_CREATED_LOST_UPDATE: PackageError<'FST_CREATED_LOST_UPDATE', 409, []> =
  createError(
    'FST_CREATED_LOST_UPDATE',
    'The resource has changed during this request. Fetch it again before updating.',
    409
  )

/** A PUT with Content-Range is a part of a representation, which would replace the whole (RFC 9110 section 14.5). */
export const FST_CREATED_CONTENT_RANGE: PackageError<'FST_CREATED_CONTENT_RANGE', 400, []> =
  createError(
    'FST_CREATED_CONTENT_RANGE',
    'PUT replaces the whole resource. Send all of it, without Content-Range.',
    400
  )

/** A precondition of the request is false (RFC 9110 section 15.5.13). The current ETag is in the response. */
export const FST_CREATED_PRECONDITION_FAILED: PackageError<'FST_CREATED_PRECONDITION_FAILED', 412, [field: string]> =
  createError(
    'FST_CREATED_PRECONDITION_FAILED',
    'The precondition in %s is false: the resource has changed since you read it. Fetch it again before updating.',
    412
  )

const REQUEST_ERRORS = [
  FST_CREATED_NOT_FOUND, FST_CREATED_PRECONDITION_FAILED, FST_CREATED_PRECONDITION_REQUIRED,
  FST_CREATED_PRECONDITION_MALFORMED, FST_CREATED_LOST_UPDATE, FST_CREATED_CONTENT_RANGE
]

/** This package's response to a request, with a status of 4xx. */
export interface RequestError extends Error {
  code: string
  statusCode: number
  headers?: Record<string, string>
}

/** Whether an error is this package's response to a request, with a status of 4xx. */
export function isRequestError (error: unknown): error is RequestError {
  return REQUEST_ERRORS.some((requestError) => error instanceof requestError)
}

/** Whether an error is one of this package. */
export function isOwnError (error: unknown): error is Error & { code: string, statusCode: number } {
  return isRequestError(error) || error instanceof FST_CREATED_VIOLATION || error instanceof FST_CREATED_VERSION_INVALID
}

/** With the current ETag, so the client knows what it has missed (RFC 9110 section 15.5.13). */
export function preconditionFailed (field: string, etag: string | null | undefined): Error {
  return withHeaders(new FST_CREATED_PRECONDITION_FAILED(field), { etag })
}

/** Headers that go out with the error. */
export function withHeaders<T extends Error> (error: T, headers: Record<string, string | null | undefined>): T {
  const present = Object.entries(headers).filter(([, value]) => value !== undefined && value !== null)
  return present.length === 0 ? error : Object.assign(error, { headers: Object.fromEntries(present) })
}

/** One error for all that stops the boot, so that they can be fixed at once. */
export function togetherAtBoot (errors: readonly Error[]): Error {
  const [first, ...others] = errors
  if (others.length > 0) {
    const lines = others.map(({ message }) => `- ${message}`)
    first.message += `\n${others.length} more:\n${lines.join('\n')}`
  }
  return first
}

const VERSIONS = 'a number, a bigint, a string or null for an ETag; a valid Date for Last-Modified'

/** @param failed what failed, as in "An ETag cannot be made" */
export function versionInvalid (
  failed: string, { found, fix }: { found: string, fix: string }, required = VERSIONS
): Error {
  const details = `${failed}. Found: ${found}. Required: ${required}. Fix: ${fix}`
  const message = isProduction() ? `${failed}. The log has the details` : details
  return withDetails(new FST_CREATED_VERSION_INVALID(message), details)
}

export function isProduction (): boolean {
  return process.env.NODE_ENV === 'production'
}

/**
 * Keeps details from the client: logs show the cause of an error, JSON leaves it out.
 * @returns the error
 */
export function withDetails<T extends Error> (error: T, details: string): T {
  if (error.message === details) return error
  const cause = new Error(details)
  // The frames are those of the error itself.
  cause.stack = details
  return Object.defineProperty(error, 'cause', { value: cause })
}
