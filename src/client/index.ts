/**
 * `fastify-created/client`: reads the responses of a server that sends Location and ETag, in browsers and in Node.js.
 * @module
 */

/**
 * The part of a fetch `Response` that is read. An `XMLHttpRequest`, which unlike fetch reports upload progress, can be
 * adapted to it.
 */
export type ResponseLike = Pick<Response, 'status' | 'url' | 'text'> & { headers: Pick<Headers, 'get'> }

/** The result of `readOk()`. */
export interface Ok<T> {
  /** The version of the resource, for `ifMatch(etag)`. `null` if the response has no ETag, or if CORS hides it. */
  etag: string | null
  /** The parsed JSON, or the text of another content type, or `undefined` if it is empty. It is not validated. */
  body: T
}

/** The result of `readCreated()`. */
export interface Created<T> extends Ok<T> {
  /** The URL of the new resource. */
  location: URL
}

/** Problem details (RFC 9457). They come from the server: members may be missing, and there may be others. */
export interface ProblemDetails {
  /** A URI that identifies the type of the problem. */
  type?: string
  /** A short summary of the type of the problem. */
  title?: string
  /** The status of the response. */
  status?: number
  /** An explanation of this occurrence of the problem. */
  detail?: string
  /** A URI that identifies this occurrence of the problem. */
  instance?: string
  [extension: string]: unknown
}

/**
 * The status of the response is 400 or higher. The message is what the server says in the body: `detail` or `title` of
 * problem details, or `message` of other JSON.
 *
 * @example
 * ```ts
 * import { HttpError, readOk } from 'fastify-created/client'
 *
 * try {
 *   await readOk(await fetch('http://127.0.0.1:3000/users/nobody'))
 * } catch (error) {
 *   if (error instanceof HttpError && error.status === 404) console.log('There is no such user:', error.message)
 *   else throw error
 * }
 * ```
 */
export class HttpError extends Error {
  override readonly name = 'HttpError'

  constructor (
    /** 400 or higher. */
    readonly status: number,
    /** The parsed JSON, or the text of another content type, or `undefined` if it is empty. */
    readonly body: unknown,
    /** The body, if it is `application/problem+json`. */
    readonly problem: ProblemDetails | undefined,
    /** For a 412, the current version of the resource, if the server sends it. */
    readonly etag: string | null
  ) {
    const texts = [problem?.detail, problem?.title, isObject(body) ? body.message : undefined]
    super(`${status}: ${texts.find((text) => typeof text === 'string') ?? 'the server sent no error message'}`)
  }
}

/**
 * The request did not fail, but the response is not what it should be.
 *
 * @example
 * ```ts
 * import { readCreated, UnexpectedResponse } from 'fastify-created/client'
 *
 * try {
 *   await readCreated(await fetch('http://127.0.0.1:3000/users'))
 * } catch (error) {
 *   if (error instanceof UnexpectedResponse) console.log(error.status, error.message)
 *   else throw error
 * }
 * ```
 */
export class UnexpectedResponse extends Error {
  override readonly name = 'UnexpectedResponse'

  constructor (message: string, readonly status: number) {
    super(message)
  }
}

/**
 * Reads a 201 Created (RFC 9110 section 15.3.2). Checks the status and Location before it reads the body.
 * @param response the response to a POST. The 201 to a PUT has no Location: read it with `readOk()`
 * @typeParam T the type of the body, which is not checked
 * @throws TypeError if it gets a Promise of a response
 * @throws {@link HttpError} if the status is 400 or higher
 * @throws {@link UnexpectedResponse} if the status is another one than 201, if Location is missing or is not an http(s)
 * URL, or if the body is broken JSON
 * @example
 * ```ts
 * import { readCreated } from 'fastify-created/client'
 *
 * const headers = { 'content-type': 'application/json' }
 * const response = await fetch('http://127.0.0.1:3000/users', { method: 'POST', headers, body: '{"name":"Ann"}' })
 * const { location, etag, body } = await readCreated(response)
 * console.log(location.href, etag, body)
 * ```
 */
export async function readCreated<T = unknown> (response: ResponseLike): Promise<Created<T>> {
  rejectPromise(response, 'readCreated')
  await throwIfError(response)
  const { status } = response
  if (status !== 201) {
    throw new UnexpectedResponse(`readCreated() cannot read this response. Found: status ${status}. ` +
      'Required: status 201. Fix: check response.status first, and read another 2xx with readOk(response)', status)
  }
  const location = readLocation(response)
  const body = await readBody(response, ` The new resource is at ${location.href}`)
  return { location, etag: readEtag(response), body: body as T }
}

/**
 * Reads any 2xx, for example the response to GET, PUT, PATCH or DELETE.
 * @typeParam T the type of the body, which is not checked
 * @throws TypeError if it gets a Promise of a response
 * @throws {@link HttpError} if the status is 400 or higher
 * @throws {@link UnexpectedResponse} if the status is below 200 or 3xx, such as the 304 to a GET with If-None-Match, or
 * if the body is broken JSON
 * @example
 * ```ts
 * import { readOk } from 'fastify-created/client'
 *
 * const { etag, body } = await readOk(await fetch('http://127.0.0.1:3000/users'))
 * console.log(etag, body)
 * ```
 */
export async function readOk<T = unknown> (response: ResponseLike): Promise<Ok<T>> {
  rejectPromise(response, 'readOk')
  await throwIfError(response)
  const { status } = response
  if (status < 200 || status > 299) {
    throw new UnexpectedResponse(`readOk() cannot read this response. Found: status ${status}. ` +
      'Required: a status from 200 to 299. ' +
      `Fix: if (response.status !== ${status}) await readOk(response)`, status)
  }
  return { etag: readEtag(response), body: await readBody(response) as T }
}

/**
 * The header for an update that must not overwrite the changes of somebody else (RFC 9110 section 13.1.1).
 * @param etag the ETag of the resource as you read it, quotes included, or `*` for any version
 * @throws TypeError if If-Match can never match: the ETag is weak, or not an entity-tag
 * @example
 * ```ts
 * import { ifMatch, readCreated, readOk } from 'fastify-created/client'
 *
 * const headers = { 'content-type': 'application/json' }
 * const response = await fetch('http://127.0.0.1:3000/users', { method: 'POST', headers, body: '{"name":"Ann"}' })
 * const { location, etag } = await readCreated(response)
 * const update = { method: 'PUT', headers: { ...headers, ...ifMatch(etag!) }, body: '{"name":"Eve"}' }
 * console.log(await readOk(await fetch(location, update)))
 * ```
 */
export function ifMatch (etag: string): { 'If-Match': string } {
  if (etag === '*' || /^"[!\x23-\x7E\x80-\xFF]*"$/.test(etag)) return { 'If-Match': etag }
  const fix = /^W\//.test(etag)
    ? 'do not compress this response on its way: compression makes its ETag weak, and If-Match never matches a weak one'
    : 'ifMatch(etag), with the etag that readCreated() or readOk() returned'
  const found = typeof etag === 'string' ? `'${etag}'` : String(etag)
  throw new TypeError(`ifMatch() needs the ETag of the resource. Found: ${found}. ` +
    `Required: a strong entity-tag, quotes included, or *. Fix: ${fix}`)
}

/**
 * The header for a PUT that creates a resource and must not replace an existing one (RFC 9110 section 13.1.2). If it
 * exists, the server responds with 412.
 * @example
 * ```ts
 * import { createOnly, readOk } from 'fastify-created/client'
 *
 * const headers = { 'content-type': 'application/json', ...createOnly() }
 * await readOk(await fetch('http://127.0.0.1:3000/users/ann', { method: 'PUT', headers, body: '{"name":"Ann"}' }))
 * ```
 */
export function createOnly (): { 'If-None-Match': '*' } {
  return { 'If-None-Match': '*' }
}

/** Without types, it is easy to forget `await`. */
function rejectPromise (response: ResponseLike, name: string): void {
  if (typeof (response as { then?: unknown }).then !== 'function') return
  throw new TypeError(`${name}() cannot read this response. Found: a Promise. Required: the response itself. ` +
    `Fix: ${name}(await fetch(url))`)
}

async function throwIfError (response: ResponseLike): Promise<void> {
  const { status } = response
  if (status < 400) return
  const text = await response.text()
  const parsed = isJson(response) ? parseJson(text) : undefined
  const body = parsed === undefined ? text || undefined : parsed
  const problem = isObject(body) && mediaType(response) === 'application/problem+json' ? body : undefined
  throw new HttpError(status, body, problem, status === 412 ? readEtag(response) : null)
}

function readLocation ({ headers, status, url }: ResponseLike): URL {
  const location = headers.get('location')
  if (!location) {
    throw locationError('no Location header', 'on the server, return reply.created(user). ' +
      'To read it from another origin, also send Access-Control-Expose-Headers: Location, ETag', status)
  }
  const fix = "on the server, send a path or an http(s) URL: reply.header('location', '/users/42')"
  const base = url === '' ? undefined : url
  if (!URL.canParse(location, base)) throw locationError(`${location}, which cannot be parsed`, fix, status)
  const resolved = new URL(location, base)
  // A link to a javascript: URL would run its code.
  if (/^https?:$/.test(resolved.protocol)) return resolved
  throw locationError(`${location}, which is not an http(s) URL`, fix, status)
}

function locationError (found: string, fix: string, status: number): UnexpectedResponse {
  return new UnexpectedResponse(`readCreated() cannot read the Location of this 201. Found: ${found}. ` +
    `Required: the http(s) URL of the new resource. Fix: ${fix}`, status)
}

function readEtag ({ headers }: ResponseLike): string | null {
  return headers.get('etag') || null
}

async function readBody (response: ResponseLike, hint = ''): Promise<unknown> {
  const text = await response.text()
  if (text === '' || !isJson(response)) return text || undefined
  const body = parseJson(text)
  if (body !== undefined) return body
  throw new UnexpectedResponse(`The body of this ${response.status} cannot be parsed. ` +
    `Found: invalid JSON with the content type ${mediaType(response)}. Required: valid JSON. ` +
    `Fix: on the server, return reply.send(user).${hint}`, response.status)
}

/** @returns `undefined` if the text is not JSON */
function parseJson (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isJson (response: ResponseLike): boolean {
  return /^application\/(.+\+)?json$/.test(mediaType(response))
}

function mediaType ({ headers }: ResponseLike): string {
  return (headers.get('content-type') ?? '').split(';', 1)[0].trim().toLowerCase()
}

function isObject (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
