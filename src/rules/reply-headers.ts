import type { FastifyReply } from 'fastify'

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

export function removeFields (reply: FastifyReply, names: readonly string[]): void {
  const present = reply.getHeaders()
  for (const name of names) if (name in present) reply.removeHeader(name)
}
