import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { isPlain } from '../plain.js'

/** What is sent: bytes, and what they are. */
export interface Body { type?: string, bytes?: Uint8Array<ArrayBuffer> }

/** A form knows its own content type only when it is made bytes of. */
export async function encode (payload: unknown): Promise<Body> {
  if (payload === undefined) return {}
  if (isJson(payload)) return { type: 'application/json', bytes: Buffer.from(JSON.stringify(payload)) }
  const whole = new Response(payload as ConstructorParameters<typeof Response>[0])
  return { type: whole.headers.get('content-type') ?? undefined, bytes: Buffer.from(await whole.arrayBuffer()) }
}

/** What is no text is told by its digest, so that two of them can still be compared. */
export function describeBody (bytes: Uint8Array): string {
  if (isUtf8(bytes) && !bytes.includes(0)) return new TextDecoder().decode(bytes)
  return `(${bytes.length} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)})`
}

function isJson (payload: unknown): boolean {
  return payload === null || isPlain(payload) || Array.isArray(payload) || typeof payload === 'number' || typeof payload === 'boolean'
}
