/** What is compared over HTTP: servers of bench/variants.mjs, and what they are sent. */

/** A request, and the status that each answer to it must have. */
export interface Load { method: 'GET' | 'POST', path: string, headers?: Record<string, string>, body?: string, status: number }

const LOADS = {
  POST: { method: 'POST', path: '/users', headers: { 'content-type': 'application/json' }, body: '{"name":"Ann"}', status: 201 },
  GET: { method: 'GET', path: '/users/42', status: 200 },
  // With the ETag that the server gives.
  conditional: { method: 'GET', path: '/users/42', status: 304 }
} satisfies Record<string, Load>

export type Kind = keyof typeof LOADS
export const KINDS = Object.keys(LOADS) as Kind[]

export interface Comparison { what: string, kind: Kind, own: string, peer: string }

const COMPARISONS: Comparison[] = [
  { what: 'bare Fastify against itself', kind: 'POST', own: 'bare again', peer: 'bare' },
  { what: 'created() by resource, enforcement log, against bare Fastify', kind: 'POST', own: 'created by resource, log', peer: 'bare' },
  { what: 'created() by resource, enforcement throw, against bare Fastify', kind: 'POST', own: 'created by resource, throw', peer: 'bare' },
  { what: 'created() by hand, enforcement log, against bare Fastify', kind: 'POST', own: 'created by hand, log', peer: 'bare' },
  { what: 'created() by hand, enforcement throw, against bare Fastify', kind: 'POST', own: 'created by hand, throw', peer: 'bare' },
  { what: 'created() by resource, enforcement log, against @fastify/etag', kind: 'POST', own: 'created by resource, log', peer: '@fastify/etag' },
  { what: 'POST with a plugin that reads the headers, and does nothing else, against bare Fastify', kind: 'POST', own: 'reading', peer: 'bare' },
  { what: '304 by ok(), against @fastify/etag', kind: 'conditional', own: 'created by resource, log', peer: '@fastify/etag' },
  { what: 'GET of bare Fastify against itself', kind: 'GET', own: 'bare again', peer: 'bare' },
  { what: 'GET that declares nothing, against bare Fastify', kind: 'GET', own: 'undeclared, log', peer: 'bare' },
  { what: 'GET with one onSend hook that does nothing, against bare Fastify', kind: 'GET', own: 'hook', peer: 'bare' }
]

/** What a page says of the rows that are not of this plugin. */
export const FLOOR = `The plugin that reads the headers adds a helper which asks for its
route, and reads Location, ETag and Content-Type of what leaves. It and the hook that does nothing show the least that
looking at answers takes.`

/** Those of one kind whose name has `only` in it; all of that kind where it is absent. */
export function comparisons (kind: Kind, only: string | undefined): Comparison[] {
  return COMPARISONS.filter((comparison) => comparison.kind === kind && (only === undefined || comparison.what.includes(only)))
}

/** The servers that some comparisons of one kind need. */
export function serversOf (compared: Comparison[]): string[] {
  return [...new Set(compared.flatMap(({ peer, own }) => [peer, own]))]
}

/** What a server at `url` is sent. */
export async function loadFor (kind: Kind, url: string): Promise<Load> {
  const load: Load = LOADS[kind]
  if (kind !== 'conditional') return load
  const etag = (await fetch(url + load.path)).headers.get('etag')!
  return { ...load, headers: { 'if-none-match': etag } }
}
