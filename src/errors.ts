import createError from '@fastify/error'

/** A rule is broken and its severity is `error`. Status 500: the fault is the server's, never the client's. */
export const FST_CREATED_VIOLATION = createError<[message: string]>('FST_CREATED_VIOLATION', '%s', 500)

/** An option given to the plugin, or to a route as `config.created`, is unknown or has a wrong value. */
export const FST_CREATED_OPTION_INVALID = createError<[where: string, path: string, found: string, allowed: string]>(
  'FST_CREATED_OPTION_INVALID',
  '%s: the option %s is %s. Allowed: %s.',
  500,
  TypeError
)

/** A value cannot become an entity-tag. */
export const FST_CREATED_ETAG_INVALID = createError<[reason: string]>('FST_CREATED_ETAG_INVALID', '%s.', 500, TypeError)

/** A precondition of the request is false (RFC 9110 section 15.5.13). The current ETag is in the answer. */
export const FST_CREATED_PRECONDITION_FAILED = createError<[field: string]>(
  'FST_CREATED_PRECONDITION_FAILED',
  'The precondition in %s is false: the resource is not in the state that it names. Read it again, then decide.',
  412
)
