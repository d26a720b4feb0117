import type { Answer } from './reply-draft.js'
import { FST_CREATED_NOT_FOUND, preconditionFailed } from '../errors.js'
import { conditionalRequest } from '../rules/fastify-exchange.js'
import { ANSWER_FIELDS, removeFields } from '../http/header-fields.js'
import { isRead } from '../http/methods.js'
import { evaluatePreconditions } from '../http/preconditions.js'

/** @throws FST_CREATED_NOT_FOUND where there is no value, and one of a resource should be */
export function refuseMissing ({ hasValue, resource, reply }: Answer): void {
  if (hasValue || resource === undefined) return
  removeFields(reply, ANSWER_FIELDS)
  throw new FST_CREATED_NOT_FOUND()
}

/**
 * Whether a read is answered 304.
 * @throws FST_CREATED_PRECONDITION_FAILED
 */
export function isNotModified ({ request, reply, etag, lastModified }: Answer): boolean {
  if (!isRead(request.method)) return false
  const { outcome, field } = evaluatePreconditions(conditionalRequest(request), { etag, lastModified })
  if (outcome !== 'failed') return outcome === 'not-modified'
  removeFields(reply, ANSWER_FIELDS)
  throw preconditionFailed(field!, etag)
}
