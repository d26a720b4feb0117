import type { FastifyInstance } from 'fastify'
import { isPlain } from '../plain.js'
import type { Exchange } from './exchange.js'

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

const PATIENCE = 30_000 // milliseconds

/** @throws TypeError for what is neither */
export function senderFor (target: Target): { send: Send, base: URL } {
  if (typeof target === 'object' && 'inject' in target) {
    return { base: new URL('http://localhost/'), send: (sending) => exchange(sending, sending.path, (body) => inject(target, sending, body)) }
  }
  if (!URL.canParse(String(target)) || !/^https?:$/.test(new URL(target).protocol)) {
    throw new TypeError(`The target must be a Fastify instance, or a base URL such as http://127.0.0.1:3000, instead got ${String(target)}`)
  }
  const base = new URL(target)
  return {
    base,
    send: (sending) => {
      const url = new URL(sending.path, base.origin).href
      return exchange(sending, url, (body) => request(url, sending, body))
    }
  }
}

interface Body { type?: string, bytes?: Buffer }

async function exchange ({ method, headers, payload }: Sending, url: string, ask: (body: Body) => Promise<Exchange['response']>): Promise<Exchange> {
  const body = await encode(payload)
  const sent = body.type === undefined ? headers : { 'content-type': body.type, ...headers }
  return {
    request: { method, url, headers: sent, body: isText(sent['content-type']) ? String(body.bytes ?? '') : `(${body.bytes?.length ?? 0} bytes)` },
    response: await ask({ ...body, type: sent['content-type'] })
  }
}

function isText (type: string | undefined): boolean {
  return type === undefined || /json|text|xml|urlencoded/.test(type)
}

/** A form knows its own content type only when it is made bytes of. */
async function encode (payload: unknown): Promise<Body> {
  if (payload === undefined) return {}
  const isJson = payload === null || isPlain(payload) || Array.isArray(payload) || typeof payload === 'number' || typeof payload === 'boolean'
  if (isJson) return { type: 'application/json', bytes: Buffer.from(JSON.stringify(payload)) }
  const whole = new Response(payload as ConstructorParameters<typeof Response>[0])
  return { type: whole.headers.get('content-type') ?? undefined, bytes: Buffer.from(await whole.arrayBuffer()) }
}

async function inject (app: Pick<FastifyInstance, 'inject'>, { method, path, headers }: Sending, { type, bytes }: Body): Promise<Exchange['response']> {
  const response = await inTime(app.inject({
    method: method as 'GET', url: path, headers: { ...headers, ...(type !== undefined && { 'content-type': type }) }, payload: bytes
  }))
  return {
    status: response.statusCode,
    headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(Array.isArray(value) ? value.join(', ') : value)])),
    body: response.payload
  }
}

async function request (url: string, { method, headers }: Sending, { type, bytes }: Body): Promise<Exchange['response']> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(type !== undefined && { 'content-type': type }) },
    body: bytes,
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE)
  })
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
}

/** An app that never answers must not hold up the check for ever. */
async function inTime<T> (answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`There was no answer within ${PATIENCE / 1000} seconds`)), PATIENCE)
  })
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer))
}
