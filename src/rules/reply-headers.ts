import type { FastifyReply } from 'fastify'

/** Says what the response depends on, for caches (RFC 9110 section 12.5.5). */
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
