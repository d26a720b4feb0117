/** The first and the last byte, counted from 0, as Content-Range has them. */
export interface Range {
  start: number
  end: number
}

/**
 * What `Range: bytes=...` asks for (RFC 9110 section 14).
 * @returns `undefined` for the whole file: several ranges, other units and what cannot be read may be ignored
 */
export function parseRange (header: string, size: number): Range | 'unsatisfiable' | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/i.exec(header) ?? []
  if (first === undefined || (first === '' && last === '')) return undefined
  if (first === '') return within({ start: Math.max(0, size - Number(last)), end: size - 1 }, size)
  if (last === '') return within({ start: Number(first), end: size - 1 }, size)
  if (Number(last) < Number(first)) return undefined
  return within({ start: Number(first), end: Math.min(Number(last), size - 1) }, size)
}

function within (range: Range, size: number): Range | 'unsatisfiable' {
  return range.start < size ? range : 'unsatisfiable'
}
