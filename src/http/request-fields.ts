import { FST_CREATED_OPTION_INVALID } from '../errors.js'
import { formatValue } from '../util/format-value.js'

/** Header fields of a request: Node's `headers`, a `Headers`, or pairs of name and value. Names in any case. */
export type HeadersInput =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | Iterable<readonly [name: string, value: string | readonly string[] | undefined]>

/** Where the header fields of a request are. Node's `IncomingMessage` and `Request` fit. */
export interface RequestFields {
  headers: HeadersInput
  /** Names and values in turn. They win: in `headers`, HTTP/2 and validation may have lost lines. */
  rawHeaders?: readonly string[] | undefined
}

/**
 * The value of a header field, its lines joined (RFC 9110 section 5.3); `undefined` if the request has none.
 * @param name in lower case
 * @throws FST_CREATED_OPTION_INVALID if there are no `headers`: a condition that nobody reads is an overwrite
 */
export function requestField ({ headers, rawHeaders = [] }: RequestFields, name: string): string | undefined {
  const raw = rawLines(rawHeaders, name)
  const lines = raw.length > 0 ? raw : linesIn(headers, name)
  return lines.length === 0 ? undefined : lines.join(', ')
}

/** In lower case. */
export function requestFieldNames ({ headers, rawHeaders = [] }: RequestFields): string[] {
  const raw = rawHeaders.filter((_text, index) => index % 2 === 0)
  return [...raw, ...Object.keys(fieldsIn(headers))].map((name) => name.toLowerCase())
}

function rawLines (rawHeaders: readonly string[], name: string): string[] {
  const lines: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (isSameName(rawHeaders[i], name)) lines.push(rawHeaders[i + 1])
  }
  return lines
}

function linesIn (headers: HeadersInput, name: string): string[] {
  const fields = fieldsIn(headers)
  const names = Object.keys(fields).filter((key) => isSameName(key, name))
  // An empty list is an empty value: a condition that nothing meets.
  return names.flatMap((key) => fields[key] === undefined ? [] : [fields[key]].flat().join(', '))
}

function isSameName (text: string, lowerCaseName: string): boolean {
  return text.length === lowerCaseName.length && text.toLowerCase() === lowerCaseName
}

function fieldsIn (headers: HeadersInput): Readonly<Record<string, unknown>> {
  if (typeof headers !== 'object' || headers === null) throw invalid(headers)
  return Symbol.iterator in headers ? fieldsOf(headers as Iterable<unknown>) : headers
}

function fieldsOf (pairs: Iterable<unknown>): Record<string, unknown[]> {
  const fields: Record<string, unknown[]> = Object.create(null)
  for (const pair of pairs) {
    if (!Array.isArray(pair) || typeof pair[0] !== 'string') throw invalid(pairs)
    const [name, value] = pair
    if (value !== undefined) fields[name] = [...fields[name] ?? [], value].flat()
  }
  return fields
}

function invalid (headers: unknown): Error {
  return new FST_CREATED_OPTION_INVALID(
    'headers', 'the request', formatValue(headers), 'an object of header fields, a Headers, or pairs of name and value',
    'give the request itself, as in evaluatePreconditions(request.raw, current)'
  )
}
