import type { FastifyInstance } from 'fastify'
import { show } from '../util/format-value.js'
import { describeBody, encode, type Body } from './body.js'
import type { Exchange } from './exchange.js'
import { inTime, Unanswered } from './unanswered.js'

/** A Fastify instance, which is asked without a network; or the base URL of any server. */
export type Target = Pick<FastifyInstance, 'inject'> | string | URL

export interface Sending {
  method: string
  /** A path and a query. */
  path: string
  headers: Record<string, string>
  payload?: unknown
}

/** Sends one request to a server. */
export type Send = (sending: Sending) => Promise<Exchange>

interface Message { method: string, url: string, headers: Record<string, string>, bytes?: Body['bytes'] }

type Ask = (message: Message) => Promise<{ status: number, headers: Record<string, string>, bytes: Uint8Array }>

/** @throws TypeError for what is neither */
export function senderFor (target: Target): { send: Send, base: URL } {
  if (typeof target === 'object' && target !== null && 'inject' in target) {
    return { base: new URL('http://localhost/'), send: (sending) => exchange(sending, sending.path, inject(target)) }
  }
  if (!URL.canParse(String(target)) || !/^https?:$/.test(new URL(target).protocol)) {
    throw new TypeError(`The target must be a Fastify instance, or a base URL such as http://127.0.0.1:3000, instead got ${show(target)}`)
  }
  const base = new URL(target)
  // Put together as text: resolved, a path that begins with "//" would lead to another host.
  return { base, send: (sending) => exchange(sending, new URL(base.origin + sending.path).href, overHttp) }
}

async function exchange ({ method, headers: given, payload }: Sending, url: string, ask: Ask): Promise<Exchange> {
  const body = await encode(payload)
  const headers = headersFor(given, body)
  const { bytes, ...response } = await ask({ method, url, headers, bytes: body.bytes })
  return {
    request: { method, url, headers, body: body.bytes === undefined ? '' : describeBody(body.bytes) },
    response: { ...response, body: describeBody(bytes) }
  }
}

/** Names of headers have no case: two spellings of one must not both be sent. */
function headersFor (given: Record<string, string>, { type, bytes }: Body): Record<string, string> {
  const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]))
  if (type !== undefined) headers['content-type'] ??= type
  // Of no content there is no type; servers refuse a DELETE that says so.
  if (bytes === undefined) delete headers['content-type']
  return headers
}

function inject (app: Pick<FastifyInstance, 'inject'>): Ask {
  return async ({ method, url, headers, bytes }) => {
    const response = await inTime(`The app does not answer ${method} ${url}`, () => app.inject({ method: method as 'GET', url, headers, payload: bytes }))
    return {
      status: response.statusCode,
      headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(', ')])),
      bytes: response.rawPayload
    }
  }
}

const overHttp: Ask = ({ method, url, headers, bytes }) => {
  const { origin, pathname, search } = new URL(url)
  const failure = `${origin} does not answer ${method} ${pathname}${search}`
  return inTime(failure, async (signal) => {
    try {
      const response = await fetch(url, { method, headers, body: bytes, redirect: 'manual', signal })
      return { status: response.status, headers: Object.fromEntries(response.headers), bytes: new Uint8Array(await response.arrayBuffer()) }
    } catch (error) {
      // fetch itself only says that it failed.
      const cause = (error as Error).cause as NodeJS.ErrnoException | undefined
      throw cause === undefined ? error : new Unanswered(`${failure}: ${cause.code ?? cause.message}`, { cause })
    }
  })
}
