import type { FastifySchema, RouteOptions } from 'fastify'
import { isUpdate, neverCreates } from '../http/methods.js'
import { isPlainObject, type PlainObject } from '../util/plain-object.js'
import type { Operation } from './operation.js'
import { statusKey, withResponseHeaders } from './schema.js'

/**
 * Documents the headers of the responses that a route declares, by replacing its schema with a copy. To be called when
 * the app is ready: schemas have been compiled, and @fastify/swagger reads them later.
 */
export function documentResponseHeaders (options: RouteOptions, operation: Operation): void {
  if (isPlainObject(options.schema)) options.schema = withSentHeaders(options.schema, operation)
}

/** With the headers that this package sends, on each response that is declared. */
export function withSentHeaders (schema: FastifySchema, operation: Operation): FastifySchema {
  let documented = schema
  for (const [status, headers] of Object.entries(sentHeaders(operation))) {
    // A class of 2xx is declared for a 200 or 201.
    const key = status === '202' || status === '204' ? status : statusKey(schema.response, status)
    if (key !== undefined) documented = withResponseHeaders(documented, key, headers)
  }
  return documented
}

function sentHeaders (operation: Operation): Record<string, PlainObject> {
  const { methods, isCanonical, isConditional, honorsPrefer, hasContentLocation } = operation
  const creating = methods.filter((method) => !neverCreates(method))
  // What DELETE has deleted has no version.
  const updates = isConditional && methods.some((method) => isUpdate(method) && method !== 'DELETE')
  const preferred = { ...honorsPrefer && { 'Preference-Applied': header('return=minimal or return=representation') } }
  return {
    200: {
      ...(isCanonical || updates) && validators(operation),
      ...methods.some(isUpdate) && preferred
    },
    201: {
      // What PUT creates is at its target.
      ...creating.some((method) => method !== 'PUT') && { Location: urlHeader('The URL of the new resource') },
      ...creating.length > 0 && {
        ...hasContentLocation && { 'Content-Location': urlHeader('The URL that returns the same body') },
        ...validators(operation),
        ...preferred
      }
    },
    202: {
      Location: urlHeader('The URL of the status monitor'),
      'Retry-After': header('When to ask again: a number of seconds, or a date')
    },
    204: { ...updates && validators(operation), ...preferred },
    304: { ...isCanonical && { ETag: etagHeader() } },
    409: { ...isConditional && { ETag: etagHeader() } },
    412: { ...(isCanonical || isConditional) && { ETag: etagHeader() } }
  }
}

function validators ({ hasEtag, hasLastModified }: Operation): PlainObject {
  return {
    ...hasEtag && { ETag: etagHeader() },
    ...hasLastModified && { 'Last-Modified': header('When the current version was last changed') }
  }
}

// Each is a new object: if two places of a document shared one, its YAML would have anchors.

function etagHeader (): PlainObject {
  return header('The entity-tag of the current version, quotes included')
}

function urlHeader (description: string): PlainObject {
  return { ...header(description), format: 'uri-reference' }
}

function header (description: string): PlainObject {
  return { type: 'string', description }
}
