import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { formatValue } from '../util/format-value.js'
import { tagOf } from '../util/tag.js'

/** The content of a request, and its content type. */
export interface EncodedBody { type?: string, bytes?: Uint8Array<ArrayBuffer> }

/** @throws TypeError if the payload cannot be sent */
export async function encodeBody (payload: unknown): Promise<EncodedBody> {
  const content = await payload
  if (content === undefined) return {}
  if (!isBodyInit(content)) return { type: 'application/json', bytes: Buffer.from(toJson(content)) }
  // The boundary in the content type of a form is only known once the form has been encoded.
  const encoded = new Response(content)
  return { type: encoded.headers.get('content-type') ?? undefined, bytes: Buffer.from(await encoded.arrayBuffer()) }
}

/** The text of a body. If it is not text, its digest, so that two bodies can still be compared. */
export function describeBody (bytes: Uint8Array): string {
  if (isUtf8(bytes) && !bytes.includes(0)) return new TextDecoder().decode(bytes)
  return `(${bytes.length} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('hex').slice(0, 16)})`
}

function isBodyInit (content: unknown): content is ConstructorParameters<typeof Response>[0] {
  return typeof content === 'string' || ArrayBuffer.isView(content) ||
    ['ArrayBuffer', 'Blob', 'File', 'FormData', 'URLSearchParams', 'ReadableStream'].includes(tagOf(content))
}

function toJson (content: unknown): string {
  const json = JSON.stringify(content)
  if (json !== undefined) return json
  throw new TypeError(`A payload of the scenario cannot be sent. Found: ${formatValue(content)}. ` +
    'Required: JSON, text, bytes, a form, or a function that returns one of these. ' +
    "Fix: create: { url: '/users', payload: { name: 'Ann' } }")
}
