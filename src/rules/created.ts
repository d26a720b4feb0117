import { isUpdate, neverCreates } from '../http/methods.js'
import { preferredReturn } from '../http/prefer.js'
import { withoutTrailingSlash } from '../http/uri-reference.js'
import { exampleName } from '../resource/example-name.js'
import { formatValue } from '../util/format-value.js'
import type { RouteInfo, Rule } from './rule.js'

/** Rules about 201 Created. */

const PROBLEM_DETAILS = /^application\/problem\+json/i

export const createdMethod = {
  id: 'created-method',
  stages: ['boot', 'call', 'response'],
  recommended: 'error',
  strict: 'error',
  spec: 'RFC 9110 sections 9.2.1 and 9.3.5',
  requires: 'GET, HEAD, OPTIONS, QUERY, TRACE and DELETE must not be answered with 201',
  fix: 'create with POST or PUT, or respond 200: reply.ok(user)',
  checkedByHelper: 'method',
  appliesTo: (method, status) => status === 201 && neverCreates(method),
  check: ({ method }) => ({ found: `the response to ${method} is 201` })
} as const satisfies Rule

export const createdFailure = {
  id: 'created-failure',
  stages: ['response'],
  recommended: 'error',
  strict: 'error',
  spec: 'RFC 9110 section 15.3.2',
  requires: 'an error must have a status of its own, not 201',
  fix: 'set the status in the error handler: reply.code(error.statusCode ?? 500)',
  appliesTo: (_method, status) => status === 201,
  check: (exchange) => {
    if (exchange.isFromErrorHandler) {
      return { found: 'an error handler responded 201, the status that was set before the error' }
    }
    const type = exchange.responseHeader('content-type')
    if (!PROBLEM_DETAILS.test(String(type))) return undefined
    return {
      found: `the 201 has the content-type ${formatValue(type)}`,
      fix: 'send problem details with the status of the problem: reply.code(409)'
    }
  }
} as const satisfies Rule

export const createdLocation = {
  id: 'created-location',
  stages: ['call', 'response'],
  recommended: 'error',
  strict: 'error',
  spec: 'RFC 9110 sections 9.3.3 and 15.3.2',
  requires: 'a 201 to POST must name the new resource in Location',
  fix: 'return reply.created(user), on a route with config: { resource: userResource }',
  checkedByHelper: 'location',
  appliesTo: isPostWith201,
  check: ({ location }, route) => location === undefined
    ? { found: 'the 201 has no Location', fix: createdCall(route) }
    : undefined
} as const satisfies Rule

export const createdEtag = {
  id: 'created-etag',
  stages: ['call', 'response'],
  recommended: 'warn',
  strict: 'error',
  spec: 'RFC 9110 sections 8.8 and 15.3.2',
  requires: 'a 201 to POST must have the ETag of the new resource, so that clients can update it safely',
  fix: 'return reply.created(user), on a route with config: { resource: userResource }',
  checkedByHelper: 'etag',
  appliesTo: isPostWith201,
  check: ({ etag, declaresNoEtag }, route) => etag === undefined && !declaresNoEtag
    ? { found: 'the 201 has no ETag', fix: createdCall(route) }
    : undefined
} as const satisfies Rule

export const createdBody = {
  id: 'created-body',
  stages: ['response'],
  recommended: 'off',
  strict: 'warn',
  spec: 'RFC 9110 section 15.3.2',
  requires: 'a 201 must return the new resource, unless the client prefers otherwise',
  fix: 'send the record: reply.created(user)',
  // WebDAV's MKCOL, COPY and MOVE create without a body (RFC 4918 section 9).
  appliesTo: (method, status) => status === 201 && (method === 'POST' || isUpdate(method)),
  check: (exchange) => exchange.hasContent === false && preferredReturn(exchange.requestHeader('prefer')) !== 'minimal'
    ? { found: 'the 201 has no body' }
    : undefined
} as const satisfies Rule

export const createdStatus = {
  id: 'created-status',
  stages: ['response'],
  recommended: 'warn',
  strict: 'warn',
  spec: 'RFC 9110 section 15.3.2',
  requires: 'a POST whose response schemas have 201 and not 200 must not be answered with 200, ' +
    'because Fastify then applies no schema, and sends every property',
  fix: 'return reply.created(user), or declare response: { 200: … } as well',
  appliesTo: (method, status, { responseStatuses }) => method === 'POST' && status === 200 &&
    responseStatuses.includes('201') && !responseStatuses.some((name) => /^(?:200|2xx|default)$/i.test(name)),
  check: () => ({ found: 'the response is 200, and the response schemas have 201 only' })
} as const satisfies Rule

function isPostWith201 (method: string, status: number): boolean {
  return method === 'POST' && status === 201
}

/** With a resource, the record is enough. */
export function createdCall ({ url, resource }: RouteInfo): string {
  const name = exampleName(url)
  if (resource !== undefined) return `return reply.created(${name})`
  // A not-found handler has no URL to suggest.
  const collection = url.startsWith('/') ? withoutTrailingSlash(url.split('?')[0]) : '/path'
  const parent = collection.replace(/:(\w+)/g, (_parameter, key: string) => `\${request.params.${key}}`)
  const path = `${parent}/\${${name}.id}`
  return `return reply.created(${name}, { location: \`${path}\`, etag: ${name}.version }), ` +
    `or declare config: { resource: ${name}Resource } and return reply.created(${name})`
}
