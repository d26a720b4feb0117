import { METHODS } from 'node:http'

/** What a method of HTTP means (RFC 9110 section 9; QUERY is that of RFC 10008). */

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'QUERY', 'TRACE'])
const UPDATES = new Set(['PUT', 'PATCH', 'DELETE'])

/** A method as logs and metrics name it: over HTTP/2 a client can invent any number of methods. */
export function methodLabel (method: string): string {
  return METHODS.includes(method) ? method : '_OTHER'
}

export function isRead (method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** Section 9.2.1 */
export function isSafe (method: string): boolean {
  return SAFE.has(method)
}

/** Whether it changes the state of its target. */
export function isUpdate (method: string): boolean {
  return UPDATES.has(method)
}

/** Whether a missing target is a 404 (section 13.2.1). PUT creates, and the target of POST is the collection. */
export function needsTarget (method: string): boolean {
  return method === 'PATCH' || method === 'DELETE'
}

export function neverCreates (method: string): boolean {
  return SAFE.has(method) || method === 'DELETE'
}
