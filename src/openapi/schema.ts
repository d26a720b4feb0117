import { propertiesOf, type SharedSchemas } from '../resource/response-schema.js'
import { isPlainObject, type PlainObject } from '../util/plain-object.js'

/** Copies of schemas with more in them: what the user declared is never changed, and wins. */

/** Keywords in which @fastify/swagger looks for headers if a schema has no properties. */
const COMPOSITIONS = ['$ref', 'allOf', 'anyOf', 'oneOf']

/** With response headers on a declared response. */
export function withResponseHeaders<T extends { response?: unknown }> (
  schema: T,
  key: string,
  headers: PlainObject
): T {
  const { response } = schema
  if (!isPlainObject(response) || !isPlainObject(response[key])) return schema
  const { headers: declared = {} } = response[key]
  if (!isPlainObject(declared)) return schema
  const missing = without(headers, Object.keys(declared))
  if (Object.keys(missing).length === 0) return schema
  const described = extend(response[key], { headers: extend(declared, missing) })
  return extend(schema, { response: extend(response, { [key]: described }) })
}

/** With responses whose status is not declared. */
export function withResponses (response: unknown, responses: PlainObject): unknown {
  if (!isPlainObject(response) || 'default' in response) return response
  const declared = Object.keys(responses).filter((status) => statusKey(response, status) !== undefined)
  return extend(response, without(responses, declared))
}

/** With request headers that are not declared. */
export function withRequestHeaders (
  headers: unknown = { type: 'object' },
  additions: PlainObject,
  requiredNames: readonly string[],
  shared: SharedSchemas
): unknown {
  if (!isPlainObject(headers)) return headers
  const properties = without(additions, propertiesOf(headers, shared))
  const required = requiredNames.filter((name) => name in properties)
  if (headers.properties === undefined && COMPOSITIONS.some((keyword) => keyword in headers)) {
    return { allOf: [{ type: 'object', properties, required }, headers] }
  }
  return extend(headers, {
    properties: extend(Object(headers.properties), properties),
    required: [headers.required ?? [], required].flat()
  })
}

/** The status as the response schemas have it: itself, else its class. */
export function statusKey (response: unknown, status: string): string | undefined {
  const keys = Object.keys(Object(response))
  return keys.find((key) => key === status) ?? keys.find((key) => key.toLowerCase() === `${status[0]}xx`)
}

/** Whether a route may send a status: if it declares no responses, or a default, it may send any. */
export function declaresStatus (response: unknown, status: string): boolean {
  return response === undefined || 'default' in Object(response) || statusKey(response, status) !== undefined
}

/** A copy with more properties. It keeps those that are not enumerable, by which TypeBox marks its schemas. */
export function extend<T extends object> (original: T, additions: PlainObject): T {
  const descriptors = { ...Object.getOwnPropertyDescriptors(original), ...Object.getOwnPropertyDescriptors(additions) }
  return Object.create(Object.getPrototypeOf(original), descriptors)
}

/** Names are compared as those of headers: without case. */
function without (additions: PlainObject, declared: string[]): PlainObject {
  const names = declared.map((name) => name.toLowerCase())
  return Object.fromEntries(Object.entries(additions).filter(([name]) => !names.includes(name.toLowerCase())))
}
