import type { FastifySchema, RouteOptions } from 'fastify'
import { isPlain, type Plain } from '../util/plain-object.js'
import { partOf, type Link, type RoutePart } from './operation.js'
import { routeIn } from '../rules/checked-route.js'
import { needsTarget, neverCreates } from '../http/methods.js'

/** What @fastify/swagger gives to a transform, as far as it matters here. */
export interface TransformInput { schema: FastifySchema, url: string, route: RouteOptions }
export interface TransformOutput { schema: FastifySchema, url: string }

/** Keywords in which @fastify/swagger looks for headers where a schema has no properties. */
const COMPOSITIONS = ['$ref', 'allOf', 'anyOf', 'oneOf']

/** Of each route with a link: says whether the document that is being written can have it. */
const linkSwitches = new WeakMap<RouteOptions, (canLink: boolean) => void>()

/**
 * Replaces schema and links of the route's options by copies that also say what the route promises. For the time when
 * the app is ready: what validates and serialises has been compiled, and @fastify/swagger reads the options later.
 */
export function documentRoute (declared: RouteOptions, part: RoutePart): void {
  if (!isPlain(declared.schema)) return
  declared.schema = withValidators(declared.schema, part)
  if (part.link !== undefined) addLink(declared, declared.schema, part.link)
}

/**
 * For the option `transform` of @fastify/swagger: documents how a resource is read and updated conditionally, by the
 * request headers If-Match, If-None-Match and Prefer, and the answers 304, 400, 404, 409, 412 and 428 where they can
 * occur. What the schema of the route says itself wins.
 *
 * @param transform another transform, which goes first
 * @example
 * ```ts
 * import swagger from '@fastify/swagger'
 * import { documentCreation } from 'fastify-created'
 *
 * await app.register(swagger, { openapi: { openapi: '3.1.0' }, transform: documentCreation() })
 * ```
 */
export function documentCreation<Input extends TransformInput> (transform?: (input: Input) => TransformOutput): (input: Input) => TransformOutput {
  return (input) => {
    const output = transform?.(input) ?? { schema: input.schema, url: input.url }
    const route = routeIn(input.route.config ?? {})
    if (route === undefined || route.isExempt) return output
    const part = partOf(route)
    const schema = withValidators(withConditions(output.schema ?? input.schema ?? {}, part), part)
    linkSwitches.get(input.route)?.('openapiObject' in input && keyOf(schema.response, '201') !== undefined)
    return { ...output, schema }
  }
}

/** Location and ETag, on what the route declares to answer. */
function withValidators (schema: FastifySchema, { methods, isHome, carriesValidator }: RoutePart): FastifySchema {
  const creating = methods.filter((method) => !neverCreates(method))
  const found = isHome && carriesValidator ? withHeaders(schema, '200', { ETag: etag() }) : schema
  return withHeaders(found, '201', {
    // What PUT creates is at its target.
    ...creating.some((method) => method !== 'PUT') && { Location: location() },
    ...creating.length > 0 && carriesValidator && { ETag: etag() }
  })
}

function withHeaders (schema: FastifySchema, status: string, headers: Plain): FastifySchema {
  const { response } = schema
  const key = keyOf(response, status)
  if (key === undefined || !isPlain(response) || !isPlain(response[key])) return schema
  const { headers: declared = {} } = response[key]
  if (!isPlain(declared)) return schema
  const missing = without(headers, Object.keys(declared))
  if (Object.keys(missing).length === 0) return schema
  return extend(schema, { response: extend(response, { [key]: extend(response[key], { headers: extend(declared, missing) }) }) })
}

/** What a route answers to conditional requests (RFC 9110 section 13.2.2), and where it has nothing to answer for. */
function withConditions (schema: FastifySchema, part: RoutePart): FastifySchema {
  const headers = requestHeaders(part)
  const answers = conditionalAnswers(part)
  if (Object.keys({ ...headers, ...answers }).length === 0) return schema
  return extend(schema, {
    headers: withRequestHeaders(schema.headers, headers),
    // What @fastify/swagger writes where nothing is declared
    response: withAnswers(schema.response ?? { 200: answer('Default Response') }, answers)
  })
}

function requestHeaders ({ methods, isHome, isUpdate, heedsPrefer }: RoutePart): Plain {
  return {
    ...isHome && { 'if-none-match': field('Entity-tags of versions that the client has: 304 where the current one is among them') },
    ...isUpdate && { 'if-match': field('The entity-tag of the version that the client has read: 412 where it is not the current one') },
    ...isUpdate && methods.includes('PUT') && { 'if-none-match': field('* creates only: 412 where something exists') },
    ...heedsPrefer && { prefer: field('return=minimal for no body, return=representation for the new state (RFC 7240)') }
  }
}

function conditionalAnswers ({ methods, isHome, isUpdate, requiresPrecondition }: RoutePart): Plain {
  return {
    ...isHome && { 304: { ...answer('Not modified: the client has the current version'), headers: { ETag: etag() } } },
    ...isUpdate && { 400: answer(methods.includes('PUT') ? 'A precondition cannot be parsed, or Content-Range came with PUT' : 'A precondition cannot be parsed'), 409: answer('Somebody else was faster') },
    ...(isHome || (isUpdate && methods.some(needsTarget))) && { 404: answer('Not found') },
    ...(isHome || isUpdate) && { 412: answer('Precondition failed: the current version is not one that the request asks for') },
    ...requiresPrecondition && { 428: answer('Precondition required') }
  }
}

function withAnswers (response: unknown, answers: Plain): unknown {
  if (!isPlain(response) || 'default' in response) return response
  return extend(response, without(answers, Object.keys(answers).filter((status) => keyOf(response, status) !== undefined)))
}

function withRequestHeaders (headers: unknown = { type: 'object' }, additions: Plain): unknown {
  if (!isPlain(headers)) return headers
  const properties = without(additions, propertyNames(headers))
  if (headers.properties === undefined && COMPOSITIONS.some((keyword) => keyword in headers)) {
    // Of two with one name @fastify/swagger takes the latter: the user's, also where it is behind a $ref.
    return { allOf: [{ type: 'object', properties }, headers] }
  }
  return extend(headers, { properties: extend(Object(headers.properties), properties) })
}

/**
 * @fastify/swagger throws at the links of a route where it writes Swagger 2.0, its default, and tells only transforms
 * what it writes. Callbacks, too, are in OpenAPI alone: whoever asks the schema for those gets the link, once.
 */
function addLink (declared: RouteOptions, schema: FastifySchema, { operationId, parameters }: Link): void {
  const status = keyOf(schema.response, '201')?.toUpperCase()
  if (status === undefined) return
  const own = 'links' in declared ? declared.links as Plain | undefined : undefined
  const name = /^[\w.-]+$/.test(operationId) ? operationId : 'created'
  let { callbacks } = schema as Plain
  let canLink = false
  const links = {
    ...own,
    get [status] () {
      canLink = false
      return { [name]: { operationId, parameters, description: 'What was created' }, ...Object(own?.[status]) }
    }
  }

  linkSwitches.set(declared, (can) => { canLink = can })
  declared.schema = Object.defineProperty(extend(schema, {}), 'callbacks', {
    get () {
      canLink = true
      return callbacks
    },
    set (value) { callbacks = value },
    // A transform that copies the schema does not ask.
    enumerable: callbacks !== undefined,
    configurable: true
  })
  Object.defineProperty(declared, 'links', { get: () => canLink ? links : own, enumerable: true, configurable: true })
}

/** The status as the response schemas have it: itself, else its class. */
function keyOf (response: unknown, status: string): string | undefined {
  const keys = Object.keys(Object(response))
  return keys.find((key) => key === status) ?? keys.find((key) => key.toLowerCase() === `${status[0]}xx`)
}

function propertyNames (schema: unknown): string[] {
  if (!isPlain(schema)) return []
  return [schema.allOf, schema.anyOf, schema.oneOf].flat().flatMap(propertyNames).concat(Object.keys(Object(schema.properties)))
}

/** Names are compared as those of headers: without case. */
function without (additions: Plain, declared: string[]): Plain {
  const names = declared.map((name) => name.toLowerCase())
  return Object.fromEntries(Object.entries(additions).filter(([name]) => !names.includes(name.toLowerCase())))
}

/** A copy with more properties. What `{ ...original }` would lose stays: TypeBox marks schemas with properties that are not enumerable. */
function extend<T extends object> (original: T, additions: Plain): T {
  return Object.create(Object.getPrototypeOf(original), { ...Object.getOwnPropertyDescriptors(original), ...Object.getOwnPropertyDescriptors(additions) })
}

// Each is a new object: a document in which two places share one gets anchors in YAML.

function location (): Plain {
  return { type: 'string', format: 'uri-reference', description: 'The address of what was created' }
}

function field (description: string): Plain {
  return { type: 'string', description }
}

function etag (): Plain {
  return { type: 'string', description: 'The entity-tag of the current version, quotes included' }
}

function answer (description: string): Plain {
  return { type: 'null', description }
}
