import type { FastifySchema, RouteOptions } from 'fastify'
import { needsTarget } from '../http/methods.js'
import { routeIn } from '../rules/checked-route.js'
import type { PlainObject } from '../util/plain-object.js'
import { completeWhenRead, withAdditions } from './complete-document.js'
import { operationOf, type Operation } from './operation.js'
import { withSentHeaders } from './response-headers.js'
import { extend, statusKey, withRequestHeaders, withResponses } from './schema.js'

/** What @fastify/swagger gives to a transform, as far as it is used here. */
export interface TransformInput { schema: FastifySchema, url: string, route: RouteOptions }
interface TransformOutput { schema: FastifySchema, url: string }

/**
 * For the option `transform` of @fastify/swagger: documents how a resource is read and updated conditionally. It adds
 * the request headers If-Match, If-None-Match and Prefer, the responses 204, 304, 400, 404, 409, 412 and 428 where they
 * can occur, and links from a 201 or 202 to the canonical route. What the schema of the route declares itself wins.
 *
 * @param transform another transform, which runs first
 * @example
 * ```ts
 * import swagger from '@fastify/swagger'
 * import { openapiTransform } from 'fastify-created'
 *
 * await app.register(swagger, { openapi: { openapi: '3.1.0' }, transform: openapiTransform() })
 * ```
 */
export function openapiTransform<Input extends TransformInput> (
  transform?: (input: Input) => TransformOutput
): (input: Input) => TransformOutput {
  return (input) => {
    const output = transform?.(input) ?? { schema: input.schema, url: input.url }
    const route = routeIn(input.route.config ?? {})
    if (route === undefined || route.isDisabled) return output
    const operation = operationOf(route)
    const schema = withSentHeaders(withConditions(output.schema ?? input.schema ?? {}, operation), operation)
    // Swagger 2.0 has no links, and its headers are not required.
    if (!('openapiObject' in input)) return { ...output, schema }
    completeWhenRead(input.openapiObject as { paths?: unknown })
    const { requiresLocation } = operation
    return { ...output, schema: withAdditions(schema, { requiresLocation, links: linksFor(schema, operation) }) }
  }
}

/** What a route responds to conditional requests (RFC 9110 section 13.2.2), and to Prefer. */
function withConditions (schema: FastifySchema, operation: Operation): FastifySchema {
  const headers = requestHeaders(operation)
  const responses = addedResponses(operation)
  if (Object.keys({ ...headers, ...responses }).length === 0) return schema
  const required = operation.requiresIfMatch ? ['If-Match'] : []
  return extend(schema, {
    headers: withRequestHeaders(schema.headers, headers, required, operation.sharedSchemas),
    // Without responses @fastify/swagger would write this one.
    response: withResponses(schema.response ?? { 200: response('Default Response') }, responses)
  })
}

function requestHeaders (operation: Operation): PlainObject {
  const { methods, isCanonical, isConditional, hasLastModified, honorsPrefer } = operation
  return {
    ...isCanonical && {
      'If-None-Match': field('Entity-tags of versions that the client has: 304 if the current one is among them'),
      ...hasLastModified && {
        'If-Modified-Since': field('The Last-Modified that the client has: 304 if it is still the same')
      }
    },
    ...isConditional && {
      'If-Match': field('The entity-tag of the version that the client has read: 412 if it is not the current one'),
      ...hasLastModified && {
        'If-Unmodified-Since': field('The Last-Modified that the client has read: 412 if it has changed since')
      }
    },
    ...isConditional && methods.includes('PUT') && {
      'If-None-Match': field('* creates only: 412 if something exists')
    },
    ...honorsPrefer && {
      Prefer: field('return=minimal for no body, return=representation for the new state (RFC 7240)')
    }
  }
}

function addedResponses (operation: Operation): PlainObject {
  const { methods, isCanonical, isConditional, requiresPrecondition, omitsBody } = operation
  const readsTarget = isCanonical || (isConditional && methods.some(needsTarget))
  const malformed = methods.includes('PUT')
    ? 'A precondition cannot be parsed, or PUT has Content-Range'
    : 'A precondition cannot be parsed'
  return {
    ...omitsBody && {
      204: response('Done, and the client prefers no body')
    },
    ...isCanonical && {
      304: response('Not modified: the client has the current version')
    },
    ...isConditional && {
      400: response(malformed),
      409: response('The resource has changed during the request')
    },
    ...readsTarget && {
      404: response('Not found')
    },
    ...(isCanonical || isConditional) && {
      412: response('Precondition failed: the resource has changed since it was read')
    },
    ...requiresPrecondition && {
      428: response('Precondition required')
    }
  }
}

/** From a declared 201, else from a 202: its status monitor is the resource of the route. */
function linksFor ({ response }: FastifySchema, { link, methods }: Operation): Record<string, PlainObject> {
  if (link === undefined) return {}
  const created = statusKey(response, '201')
  const isMonitor = created === undefined && methods.every((method) => method === 'POST') && '202' in Object(response)
  const status = isMonitor ? '202' : created
  if (status === undefined) return {}
  const { operationId, parameters } = link
  const name = /^[\w.-]+$/.test(operationId) ? operationId : 'created'
  const description = isMonitor ? 'The status monitor' : 'The new resource'
  return { [status.toUpperCase()]: { [name]: { operationId, parameters, description } } }
}

function field (description: string): PlainObject {
  return { type: 'string', description }
}

function response (description: string): PlainObject {
  return { type: 'null', description }
}
