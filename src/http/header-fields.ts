/** Header fields (RFC 9110 section 5) that a response has because of its content, its resource, or its status. */

export type HeaderValue = number | string | string[] | undefined

/** They describe the content, and are wrong if that is not sent (RFC 9110 section 8). */
export const CONTENT_FIELDS = [
  'content-type', 'content-length', 'content-encoding', 'content-language',
  'content-range', 'content-disposition', 'content-digest', 'repr-digest'
]

/** A 304 has none of these (RFC 9110 section 15.4.5). */
export const REPRESENTATION_FIELDS = [...CONTENT_FIELDS, 'last-modified']

/** They say where a resource is, and which version it has. */
export const RESOURCE_FIELDS = ['location', 'etag', 'last-modified', 'content-location']

/** They belong to one response, and are wrong on the error that is sent instead of it. */
export const RESPONSE_FIELDS = [
  ...CONTENT_FIELDS, ...RESOURCE_FIELDS, 'link', 'preference-applied', 'retry-after'
]

// Section 5.5
const UNWRITABLE = /[^\t\x20-\x7E\x80-\xFF]/

/** Whether Node refuses to write this as the value of a header. */
export function isUnwritable (value: HeaderValue): boolean {
  if (Array.isArray(value)) return value.some((line) => UNWRITABLE.test(line))
  return typeof value === 'string' && UNWRITABLE.test(value)
}

/** The members of a list of names, in lower case. */
export function fieldNames (value: HeaderValue): string[] {
  return String(value ?? '').toLowerCase().split(',').map((name) => name.trim())
}
