import type { FastifyInstance } from 'fastify'
import { formatValue } from '../util/format-value.js'
import { describeBody, encodeBody, type EncodedBody } from './encode-body.js'
import type { Exchange } from './exchange.js'
import { NoResponseError, withTimeout } from './no-response.js'
import type { Caller } from './scenario.js'

/** A Fastify instance, which gets its requests by `inject()`, or the base URL of any server. */
export type Target = Pick<FastifyInstance, 'inject'> | string | URL

interface RequestOptions {
  method: string
  /** A path with its query. */
  path: string
  headers: Record<string, string>
  payload?: unknown
}

export type SendRequest = (options: RequestOptions) => Promise<Exchange>

interface EncodedRequest { method: string, url: string, headers: Record<string, string>, bytes?: EncodedBody['bytes'] }

interface EncodedResponse { status: number, headers: Record<string, string>, bytes: Uint8Array }

type Transport = (request: EncodedRequest) => Promise<EncodedResponse>

/** @throws TypeError if the target is neither a Fastify instance nor a base URL */
export function connect (target: Target, caller: Caller): { sendRequest: SendRequest, base: URL } {
  if (typeof target === 'object' && target !== null && 'inject' in target) {
    const transport = injectInto(target)
    return { base: new URL('http://localhost/'), sendRequest: (options) => exchange(options, options.path, transport) }
  }
  if (!URL.canParse(String(target)) || !/^https?:$/.test(new URL(target).protocol)) {
    throw new TypeError(`The target cannot be checked. Found: ${formatValue(target)}. ` +
      `Required: a Fastify instance, or a base URL. Fix: ${caller}('http://127.0.0.1:3000', scenario)`)
  }
  const base = new URL(target)
  // Not new URL(path, base): a path that begins with "//" would be taken for another host.
  return { base, sendRequest: (options) => exchange(options, new URL(base.origin + options.path).href, fetchFrom) }
}

async function exchange (options: RequestOptions, url: string, transport: Transport): Promise<Exchange> {
  const { method, payload } = options
  const body = await encodeBody(payload)
  const headers = requestHeaders(options.headers, body)
  const { bytes, ...response } = await transport({ method, url, headers, bytes: body.bytes })
  return {
    request: { method, url, headers, body: body.bytes === undefined ? '' : describeBody(body.bytes) },
    response: { ...response, body: describeBody(bytes) }
  }
}

/** Header names are case-insensitive, so one header in two spellings must be sent once. */
function requestHeaders (given: Record<string, string>, { type, bytes }: EncodedBody): Record<string, string> {
  const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]))
  if (type !== undefined) headers['content-type'] ??= type
  // Servers reject a request that has a content type and no content.
  if (bytes === undefined) delete headers['content-type']
  return headers
}

function injectInto (app: Pick<FastifyInstance, 'inject'>): Transport {
  return async ({ method, url, headers, bytes }) => {
    const fix = 'send a response in its handler: return reply.send(body)'
    const request = { method, path: url, server: 'the app', fix }
    const inject = () => app.inject({ method: method as 'GET', url, headers, payload: bytes })
    const response = await withTimeout(request, inject)
    const fields = Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(', ')])
    return { status: response.statusCode, headers: Object.fromEntries(fields), bytes: response.rawPayload }
  }
}

const fetchFrom: Transport = ({ method, url, headers, bytes }) => {
  const { origin, pathname, search } = new URL(url)
  const fix = `make sure that the server is running: curl -i ${origin}`
  const request = { method, path: pathname + search, server: origin, fix }
  return withTimeout(request, async (signal) => {
    try {
      const response = await fetch(url, { method, headers, body: bytes, redirect: 'manual', signal })
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        bytes: new Uint8Array(await response.arrayBuffer())
      }
    } catch (error) {
      // The message of fetch() is always "fetch failed". Its cause says why.
      const cause = (error as Error).cause as NodeJS.ErrnoException | undefined
      throw cause === undefined ? error : new NoResponseError(request, cause.code ?? cause.message, { cause })
    }
  })
}
