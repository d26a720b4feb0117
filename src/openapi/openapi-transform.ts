import type { FastifySchema, RouteOptions } from 'fastify'
import { needsTarget } from '../http/methods.js'
import { routeIn } from '../rules/checked-route.js'
import type { PlainObject } from '../util/plain-object.js'
import { operationOf, type Link, type Operation } from './operation.js'
import { etagHeader, withLocationAndEtag } from './response-headers.js'
import { extend, statusKey, withRequestHeaders, withResponses } from './schema.js'

/** What @fastify/swagger gives to a transform, as far as it is used here. */
export interface TransformInput { schema: FastifySchema, url: string, route: RouteOptions }
interface TransformOutput { schema: FastifySchema, url: string }

/**
 * For the option `transform` of @fastify/swagger: documents how a resource is read and updated conditionally. It adds
 * the request headers If-Match, If-None-Match and Prefer, the responses 304, 400, 404, 409, 412 and 428 where they can
 * occur, and links from a 201 to the canonical route. What the schema of the route declares itself wins.
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
    const schema = withLocationAndEtag(withConditions(output.schema ?? input.schema ?? {}, operation), operation)
    // Swagger 2.0 has no links, and @fastify/swagger rejects them there.
    setLink(input.route, schema, 'openapiObject' in input ? operation.link : undefined)
    return { ...output, schema }
  }
}

/** What a route responds to conditional requests (RFC 9110 section 13.2.2). */
function withConditions (schema: FastifySchema, operation: Operation): FastifySchema {
  const headers = requestHeaders(operation)
  const responses = conditionalResponses(operation)
  if (Object.keys({ ...headers, ...responses }).length === 0) return schema
  return extend(schema, {
    headers: withRequestHeaders(schema.headers, headers),
    // Without responses @fastify/swagger would write this one.
    response: withResponses(schema.response ?? { 200: response('Default Response') }, responses)
  })
}

function requestHeaders ({ methods, isCanonical, isConditional, honorsPrefer }: Operation): PlainObject {
  return {
    ...isCanonical && {
      'if-none-match': field('Entity-tags of versions that the client has: 304 if the current one is among them')
    },
    ...isConditional && {
      'if-match': field('The entity-tag of the version that the client has read: 412 if it is not the current one')
    },
    ...isConditional && methods.includes('PUT') && {
      'if-none-match': field('* creates only: 412 if something exists')
    },
    ...honorsPrefer && {
      prefer: field('return=minimal for no body, return=representation for the new state (RFC 7240)')
    }
  }
}

function conditionalResponses ({ methods, isCanonical, isConditional, requiresPrecondition }: Operation): PlainObject {
  const readsTarget = isCanonical || (isConditional && methods.some(needsTarget))
  const malformed = methods.includes('PUT')
    ? 'A precondition cannot be parsed, or PUT has Content-Range'
    : 'A precondition cannot be parsed'
  return {
    ...isCanonical && {
      304: { ...response('Not modified: the client has the current version'), headers: { ETag: etagHeader() } }
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

/** The links that the routes declare themselves, of those to which one was added. */
const declaredLinks = new WeakMap<RouteOptions, PlainObject | undefined>()

/** @fastify/swagger takes links from the options of the route, for each document that it writes. */
function setLink (options: RouteOptions, schema: FastifySchema, link: Link | undefined): void {
  const documented = options as { links?: PlainObject | undefined }
  if (declaredLinks.has(options)) documented.links = declaredLinks.get(options)
  const status = statusKey(schema.response, '201')?.toUpperCase()
  if (link === undefined || status === undefined) return
  const { links } = documented
  declaredLinks.set(options, links)
  const { operationId, parameters } = link
  const name = /^[\w.-]+$/.test(operationId) ? operationId : 'created'
  const added = { operationId, parameters, description: 'The new resource' }
  documented.links = { ...links, [status]: { [name]: added, ...Object(links?.[status]) } }
}

function field (description: string): PlainObject {
  return { type: 'string', description }
}

function response (description: string): PlainObject {
  return { type: 'null', description }
}
