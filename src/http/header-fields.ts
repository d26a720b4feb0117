import type { FastifyReply } from 'fastify'

/** What describes the content, and is wrong where that is not sent (RFC 9110 section 8). */
export const CONTENT_FIELDS = [
  'content-type', 'content-length', 'content-encoding', 'content-language', 'content-range', 'content-disposition', 'content-digest', 'repr-digest'
]

/** The same, and its validator that a 304 has no need of. */
export const REPRESENTATION_FIELDS = [...CONTENT_FIELDS, 'last-modified']

/** What an answer announces: where something is, and which version. */
export const ANNOUNCING_FIELDS = ['location', 'etag', 'last-modified', 'content-location']

/** All that is about one answer, and must not be said of the error that is sent in its place; least of all how long to keep it. */
export const ANSWER_FIELDS = [...CONTENT_FIELDS, ...ANNOUNCING_FIELDS, 'cache-control', 'expires', 'link', 'preference-applied', 'retry-after']

/** RFC 9110 section 12.5.5: what the answer depends on, for caches. */
export function addToVary (reply: FastifyReply, name: string): void {
  const vary = [reply.getHeader('vary') ?? []].flat().join(', ')
  const names = vary.toLowerCase().split(',').map((part) => part.trim())
  if (names.includes('*') || names.includes(name.toLowerCase())) return
  reply.header('vary', vary === '' ? name : `${vary}, ${name}`)
}

export function removeFields (reply: FastifyReply, names: readonly string[]): void {
  const present = reply.getHeaders()
  for (const name of names) if (name in present) reply.removeHeader(name)
}
