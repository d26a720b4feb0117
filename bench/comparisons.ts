/** What bench/http.ts and bench/instructions.ts compare: servers of bench/variants.mjs, and the requests they get. */

/** A request, and the status that every response to it must have. */
export interface Load {
  method: 'GET' | 'POST'
  path: string
  headers?: Record<string, string>
  body?: string
  status: number
}

const LOADS = {
  POST: {
    method: 'POST',
    path: '/users',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"Ann"}',
    status: 201
  },
  GET: { method: 'GET', path: '/users/42', status: 200 },
  // With the current ETag of the server.
  conditional: { method: 'GET', path: '/users/42', status: 304 }
} satisfies Record<string, Load>

export type Kind = keyof typeof LOADS
export const KINDS = Object.keys(LOADS) as Kind[]

export interface Comparison {
  title: string
  kind: Kind
  variant: string
  baseline: string
}

const COMPARISONS: Comparison[] = [
  {
    title: 'plain Fastify against itself',
    kind: 'POST',
    variant: 'plain again',
    baseline: 'plain'
  },
  {
    title: 'created() by resource, enforcement log, against plain Fastify',
    kind: 'POST',
    variant: 'created by resource, log',
    baseline: 'plain'
  },
  {
    title: 'created() by resource, enforcement throw, against plain Fastify',
    kind: 'POST',
    variant: 'created by resource, throw',
    baseline: 'plain'
  },
  {
    title: 'created() by hand, enforcement log, against plain Fastify',
    kind: 'POST',
    variant: 'created by hand, log',
    baseline: 'plain'
  },
  {
    title: 'created() by hand, enforcement throw, against plain Fastify',
    kind: 'POST',
    variant: 'created by hand, throw',
    baseline: 'plain'
  },
  {
    title: 'created() by resource, enforcement log, against @fastify/etag',
    kind: 'POST',
    variant: 'created by resource, log',
    baseline: '@fastify/etag'
  },
  {
    title: 'POST with a minimal plugin that reads the response headers, against plain Fastify',
    kind: 'POST',
    variant: 'reading',
    baseline: 'plain'
  },
  {
    title: '304 by ok(), against @fastify/etag',
    kind: 'conditional',
    variant: 'created by resource, log',
    baseline: '@fastify/etag'
  },
  {
    title: 'GET of plain Fastify against itself',
    kind: 'GET',
    variant: 'plain again',
    baseline: 'plain'
  },
  {
    title: 'GET that declares nothing, against plain Fastify',
    kind: 'GET',
    variant: 'undeclared, log',
    baseline: 'plain'
  },
  {
    title: 'GET with one onSend hook that does nothing, against plain Fastify',
    kind: 'GET',
    variant: 'hook',
    baseline: 'plain'
  }
]

/** Explains the rows that do not use fastify-created. */
export const MINIMUM_NOTE = `The minimal plugin adds a helper that reads
the route's config, and reads Location, ETag and Content-Type in an onSend hook. It and the empty hook show the least
that any plugin costs that looks at responses.`

/** The comparisons of one kind, if `filter` is given only those whose title contains it. */
export function comparisons (kind: Kind, filter: string | undefined): Comparison[] {
  return COMPARISONS.filter((comparison) => {
    return comparison.kind === kind && (filter === undefined || comparison.title.includes(filter))
  })
}

/** The servers of these comparisons. */
export function serversOf (compared: Comparison[]): string[] {
  return [...new Set(compared.flatMap(({ baseline, variant }) => [baseline, variant]))]
}

/** The request for a server at `url`. */
export async function loadFor (kind: Kind, url: string): Promise<Load> {
  const load: Load = LOADS[kind]
  if (kind !== 'conditional') return load
  const etag = (await fetch(url + load.path)).headers.get('etag')!
  return { ...load, headers: { 'if-none-match': etag } }
}
