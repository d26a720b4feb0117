/**
 * `fastify-created/client`: reads what a server that keeps the promise of 201 answers, in browsers and in Node.
 * @module
 */

/** What is read of a fetch `Response`. An `XMLHttpRequest`, which alone tells the progress of an upload, can be given this shape. */
export type Answer = Pick<Response, 'status' | 'url' | 'text'> & { headers: Pick<Headers, 'get'> }

/** What `readOk()` gives. */
export interface Ok<T> {
  /** The version to guard the next update with: `ifMatch(etag)`. `null` where the answer has none, or hides it. */
  etag: string | null
  /** Parsed where it is JSON, else text; `undefined` where it is empty. Not validated. */
  body: T
}

/** What `readCreated()` gives. */
export interface Created<T> extends Ok<T> {
  /** Where the new thing answers GET. */
  location: URL
}

/** Problem details (RFC 9457). They come from the server: a member may be missing, and there may be more. */
export interface Problem {
  /** A URI that names the kind of problem. */
  type?: string
  /** The kind of problem, in words. */
  title?: string
  /** As the status of the answer. */
  status?: number
  /** What is wrong this time, in words. */
  detail?: string
  /** A URI that names this one occurrence. */
  instance?: string
  [extension: string]: unknown
}

/**
 * The server refused: the status is 400 or higher.
 *
 * @example
 * ```ts
 * import { HttpRefusal, ifMatch, readOk } from 'fastify-created/client'
 *
 * try {
 *   await readOk(await fetch(url, { method: 'PATCH', headers: ifMatch(etag), body }))
 * } catch (error) {
 *   if (error instanceof HttpRefusal && error.status === 412) console.log('It is now version', error.etag)
 *   else throw error
 * }
 * ```
 */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal'

  constructor (
    /** 400 or higher. */
    readonly status: number,
    /** Parsed where it is JSON, else text; `undefined` where it is empty. */
    readonly body: unknown,
    /** The body, where it is `application/problem+json`. */
    readonly problem: Problem | undefined,
    /** Of a 412: the current version of what somebody else has changed, where the server tells. */
    readonly etag: string | null
  ) {
    super(`${status}: ${[problem?.detail, problem?.title].find((text) => typeof text === 'string') ?? 'the server refused the request'}`)
  }
}

/**
 * The server did not refuse, and did not answer what it should have either.
 *
 * @example
 * ```ts
 * import { readCreated, UnexpectedResponse } from 'fastify-created/client'
 *
 * const response = await fetch(url, { method: 'POST', body })
 * const created = await readCreated(response).catch((error) => {
 *   if (error instanceof UnexpectedResponse) console.log('It was answered', error.status, error.message)
 *   throw error
 * })
 * ```
 */
export class UnexpectedResponse extends Error {
  override readonly name = 'UnexpectedResponse'

  constructor (message: string, readonly status: number) {
    super(message)
  }
}

/**
 * Reads a 201 Created (RFC 9110 section 15.3.2). The status is looked at first, and the body last.
 * @param response to a POST. That to a PUT names no Location, since its target is the address: `readOk()` reads it
 * @typeParam T what the body is, on trust
 * @throws {@link HttpRefusal} where the status is 400 or higher
 * @throws {@link UnexpectedResponse} where it is another than 201, where Location is missing or no http address, and where the body is broken
 * @example
 * const response = await fetch('/users', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"Ann"}' })
 * const { location, etag, body } = await readCreated(response)
 */
export async function readCreated<T = unknown> (response: Answer): Promise<Created<T>> {
  await refuse(response)
  const { status } = response
  if (status !== 201) throw new UnexpectedResponse(`Expected 201 Created, instead got ${status}`, status)
  const location = readLocation(response)
  return { location, etag: readEtag(response), body: await readBody(response, `. What was created is at ${location.href}`) as T }
}

/**
 * Reads any 2xx: the answer to GET, PUT, PATCH and DELETE.
 * @typeParam T what the body is, on trust
 * @throws {@link HttpRefusal} where the status is 400 or higher
 * @throws {@link UnexpectedResponse} where it is below 200, 3xx, such as the 304 to a GET with If-None-Match, and where the body is broken
 * @example
 * const { etag, body } = await readOk(await fetch(location))
 */
export async function readOk<T = unknown> (response: Answer): Promise<Ok<T>> {
  await refuse(response)
  const { status } = response
  if (status < 200 || status > 299) throw new UnexpectedResponse(`Expected a status from 200 to 299, instead got ${status}`, status)
  return { etag: readEtag(response), body: await readBody(response) as T }
}

/**
 * The header of an update that must not overwrite what somebody else has changed meanwhile (RFC 9110 section 13.1.1).
 * @param etag as it was read with what is being updated, quotes included; or `*`: whatever there is
 * @throws TypeError for what can never match: a weak entity-tag, and what is none
 * @example
 * const saved = await readOk(await fetch(location, { method: 'PUT', headers: { ...ifMatch(etag), 'content-type': 'application/json' }, body }))
 */
export function ifMatch (etag: string): { 'If-Match': string } {
  if (etag === '*' || /^"[!\x23-\x7E\x80-\xFF]*"$/.test(etag)) return { 'If-Match': etag }
  const hint = /^W\//.test(etag) ? ', which is weak and never matches. Did something on the way compress the answer?' : ''
  throw new TypeError(`If-Match needs the strong entity-tag that came with what is updated, quotes included. Instead got ${etag}${hint}`)
}

/**
 * The header of a PUT that creates, and must not replace what is there already (RFC 9110 section 13.1.2). That is 412.
 * @example
 * await fetch('/users/ann', { method: 'PUT', headers: { ...createOnly(), 'content-type': 'application/json' }, body })
 */
export function createOnly (): { 'If-None-Match': '*' } {
  return { 'If-None-Match': '*' }
}

async function refuse (response: Answer): Promise<void> {
  const { status } = response
  if (status < 400) return
  const text = await response.text()
  const parsed = isJson(response) ? parse(text) : undefined
  const body = parsed === undefined ? text || undefined : parsed
  const problem = isObject(body) && mediaType(response) === 'application/problem+json' ? body : undefined
  throw new HttpRefusal(status, body, problem, status === 412 ? readEtag(response) : null)
}

function readLocation (response: Answer): URL {
  const { status, url } = response
  const location = response.headers.get('location')
  if (!location) {
    throw new UnexpectedResponse('201 Created names no Location. From another origin it can only be read where the server exposes it: ' +
      'Access-Control-Expose-Headers: Location, ETag', status)
  }
  const base = url === '' ? undefined : url
  if (!URL.canParse(location, base)) throw new UnexpectedResponse(`The Location of 201 Created is no address: ${location}`, status)
  const address = new URL(location, base)
  // What is made a link of must not be a script.
  if (!/^https?:$/.test(address.protocol)) throw new UnexpectedResponse(`The Location of 201 Created is no http address: ${location}`, status)
  return address
}

function readEtag ({ headers }: Answer): string | null {
  return headers.get('etag') || null
}

async function readBody (response: Answer, hint = ''): Promise<unknown> {
  const text = await response.text()
  if (text === '' || !isJson(response)) return text || undefined
  const body = parse(text)
  if (body === undefined) throw new UnexpectedResponse(`The body of the ${response.status} is called JSON and is none${hint}`, response.status)
  return body
}

/** @returns `undefined` for what is no JSON */
function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isJson (response: Answer): boolean {
  return /^application\/(.+\+)?json$/.test(mediaType(response))
}

function mediaType ({ headers }: Answer): string {
  return (headers.get('content-type') ?? '').split(';', 1)[0].trim().toLowerCase()
}

function isObject (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
