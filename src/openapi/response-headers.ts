import type { FastifySchema, RouteOptions } from 'fastify'
import { neverCreates } from '../http/methods.js'
import { isPlainObject, type PlainObject } from '../util/plain-object.js'
import type { Operation } from './operation.js'
import { withResponseHeaders } from './schema.js'

/**
 * Documents Location and ETag on the responses that a route declares, by replacing its schema with a copy. To be called
 * when the app is ready: schemas have been compiled, and @fastify/swagger reads them later.
 */
export function documentResponseHeaders (options: RouteOptions, operation: Operation): void {
  if (isPlainObject(options.schema)) options.schema = withLocationAndEtag(options.schema, operation)
}

export function withLocationAndEtag (
  schema: FastifySchema,
  { methods, isCanonical, hasEtag }: Operation
): FastifySchema {
  const creating = methods.filter((method) => !neverCreates(method))
  const withEtag = isCanonical && hasEtag ? withResponseHeaders(schema, '200', { ETag: etagHeader() }) : schema
  return withResponseHeaders(withEtag, '201', {
    // What PUT creates is at its target.
    ...creating.some((method) => method !== 'PUT') && { Location: locationHeader() },
    ...creating.length > 0 && hasEtag && { ETag: etagHeader() }
  })
}

// Each is a new object: if two places of a document shared one, its YAML would have anchors.

export function etagHeader (): PlainObject {
  return { type: 'string', description: 'The entity-tag of the current version, quotes included' }
}

function locationHeader (): PlainObject {
  return { type: 'string', format: 'uri-reference', description: 'The URL of the new resource' }
}
