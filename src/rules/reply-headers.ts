import type { FastifyReply } from 'fastify'
import { isCacheControlField, restrictingDirectives } from '../http/cache-control.js'

/** Says what the response depends on, for caches (RFC 9110 section 12.5.5). */
export function addToVary (reply: FastifyReply, name: string): void {
  const vary = [reply.getHeader('vary') ?? []].flat().join(', ')
  const names = vary.toLowerCase().split(',').map((part) => part.trim())
  if (names.includes('*') || names.includes(name.toLowerCase())) return
  reply.header('vary', vary === '' ? name : `${vary}, ${name}`)
}

/**
 * Uploads that go on after their 201 (tus, resumable uploads over HTTP) have rules of their own. The response says that
 * it is one: a request header would let any client switch the rules off.
 * @param response the payload, if it is a Response
 */
export function isResumableUpload (reply: FastifyReply, response: Response | undefined): boolean {
  const names = [...Object.keys(reply.getHeaders()), ...response?.headers.keys() ?? []]
  return names.some((name) => name === 'tus-resumable' || name.startsWith('upload-'))
}

/**
 * Lets caches use a response only after asking whether it is still current (RFC 9111 section 5.2.2.4), unless the app
 * says otherwise. By itself a cache may use it for hours: a client that is told 412, and to read again, would read the
 * same old version again.
 * @param response the payload, if it is a Response
 */
export function requireRevalidation (reply: FastifyReply, response: Response | undefined): void {
  const isSaid = (name: string) => reply.hasHeader(name) || response?.headers.has(name) === true
  if (!isSaid('cache-control') && !isSaid('expires')) reply.header('cache-control', 'no-cache')
}

/** For an error: caches must not keep it as long as what was asked for, and may be forbidden to keep it at all. */
export function restrictCaching (reply: FastifyReply): void {
  removeField(reply, 'expires')
  for (const [name, value] of Object.entries(reply.getHeaders()).filter(([name]) => isCacheControlField(name))) {
    const restricting = restrictingDirectives(value)
    if (restricting === undefined) removeField(reply, name)
    else reply.header(name, restricting)
  }
}

export function removeFields (reply: FastifyReply, names: readonly string[]): void {
  const present = reply.getHeaders()
  for (const name of names) if (name in present) removeField(reply, name)
}

export function removeField (reply: FastifyReply, name: string): void {
  reply.removeHeader(name)
  // Before 5.12 Fastify leaves what was set on reply.raw.
  if (!reply.raw.headersSent) reply.raw.removeHeader(name)
}
