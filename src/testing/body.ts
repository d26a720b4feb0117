import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { show } from '../util/format-value.js'

/** What is sent: bytes, and what they are. */
export interface Body { type?: string, bytes?: Uint8Array<ArrayBuffer> }

/** A form knows its own content type only when it is made bytes of. */
export async function encode (payload: unknown): Promise<Body> {
  const content = await payload
  if (content === undefined) return {}
  if (!isBody(content)) return { type: 'application/json', bytes: Buffer.from(toJson(content)) }
  const whole = new Response(content)
  return { type: whole.headers.get('content-type') ?? undefined, bytes: Buffer.from(await whole.arrayBuffer()) }
}

/** What is no text is told by its digest, so that two of them can still be compared. */
export function describeBody (bytes: Uint8Array): string {
  if (isUtf8(bytes) && !bytes.includes(0)) return new TextDecoder().decode(bytes)
  return `(${bytes.length} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)})`
}

function isBody (content: unknown): content is ConstructorParameters<typeof Response>[0] {
  return typeof content === 'string' || ArrayBuffer.isView(content) ||
    [ArrayBuffer, Blob, FormData, URLSearchParams, ReadableStream].some((kind) => content instanceof kind)
}

/** @throws TypeError */
function toJson (content: unknown): string {
  const json = JSON.stringify(content)
  if (json === undefined) throw new TypeError(`A payload of the scenario is ${show(content)}: it must be JSON, text, bytes or a form, or a function that gives one of them`)
  return json
}
