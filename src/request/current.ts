import type { FastifyRequest } from 'fastify'
import { versionInvalid } from '../errors.js'
import { entityTagProblem, formatEntityTag, type EntityTag, type EntityTagInput } from '../http/entity-tag.js'
import type { Validators } from '../http/preconditions.js'
import { exampleName } from '../resource/example-name.js'
import { isResource, type Resource } from '../resource/resource.js'
import { versionFix } from '../resource/version-fix.js'
import type { CheckedRoute } from '../rules/checked-route.js'
import { REGISTER_FIRST } from '../rules/setup.js'
import { describeValue, formatError, formatValue } from '../util/format-value.js'
import { ignoreRejection, isThenable } from '../util/promise.js'

/** The validators of what exists at the target of a request. */
export interface Current {
  etag: EntityTag | null
  lastModified: Date | undefined
}

/** Options of `request.assertPreconditions()` and `request.lostUpdate()`. */
export interface CurrentInit {
  resource?: unknown
}

const FAILED = 'The current version cannot be read'

/**
 * The validators of the value that a handler gives as current.
 * @throws FST_CREATED_VERSION_INVALID if it has no version: without an error, the write would be unprotected
 */
export function currentOf (
  value: unknown,
  request: FastifyRequest,
  route: CheckedRoute,
  init: CurrentInit | undefined
): Current | null {
  const resource = resourceOf(request, route, init)
  if (value === undefined || value === null) return null
  if (isThenable(ignoreRejection(value))) {
    throw versionInvalid(FAILED, { found: 'a Promise', fix: 'request.assertPreconditions(await users.find(id))' })
  }
  const { etag, lastModified } = resource === undefined
    ? givenValidators(value, route)
    : validatorsOf(resource, value, route)
  return { etag: formatEntityTag(etag), lastModified: lastModified ?? undefined }
}

/** The target of a POST is the collection, which the route's resource does not describe. */
function resourceOf (
  { method }: FastifyRequest,
  route: CheckedRoute,
  init: CurrentInit | undefined
): Resource<unknown> | undefined {
  const given = init?.resource ?? (method === 'POST' ? undefined : route.resource)
  if (given === undefined || isResource(given)) return given
  throw versionInvalid(FAILED, {
    found: `the resource ${formatValue(given)}`,
    fix: 'give what resource() returns: { resource: userResource }'
  })
}

function givenValidators (value: unknown, route: CheckedRoute): Validators & { etag: EntityTagInput } {
  const { etag, lastModified } = Object(value) as Validators
  if (etag !== undefined || lastModified !== undefined) {
    return { etag: ignoreRejection(etag) ?? null, lastModified: ignoreRejection(lastModified) }
  }
  const isIgnored = !route.isDeclaredAfterPlugin
  throw versionInvalid(FAILED, {
    found: formatValue(value) +
      (isIgnored ? ', on a route whose config is ignored, because it was declared before the plugin had loaded' : ''),
    fix: isIgnored
      ? REGISTER_FIRST
      : 'give { etag, lastModified }, null if nothing exists, or declare config: { resource }'
  })
}

function validatorsOf (
  resource: Resource<unknown>,
  value: unknown,
  { url }: CheckedRoute
): Validators & { etag: EntityTagInput } {
  const fail = (found: string, fix: string) =>
    versionInvalid(FAILED, { found: `${found}. ${describeValue(value)}`, fix })
  let validators
  try {
    validators = { etag: resource.etag(value), lastModified: resource.lastModified?.(value) }
  } catch (error) {
    throw fail(`the resource threw ${formatError(error)}`, 'give the record itself, or correct the resource')
  }
  const problem = entityTagProblem(ignoreRejection(validators.etag))
  ignoreRejection(validators.lastModified)
  if (problem === undefined) return validators
  throw fail(`etag() of the resource returned ${problem.found}`, versionFix(exampleName(url)))
}
