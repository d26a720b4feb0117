/** The first and last byte, counted from 0 and inclusive, as in Content-Range. */
export interface Range {
  start: number
  end: number
}

/**
 * Parses `Range: bytes=...` (RFC 9110 section 14).
 * @returns `undefined` for the whole file: several ranges, other units and malformed values may be ignored
 */
export function parseRange (header: string, size: number): Range | 'unsatisfiable' | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/i.exec(header) ?? []
  if (first === undefined || (first === '' && last === '')) return undefined
  if (first === '') return satisfiable({ start: Math.max(0, size - Number(last)), end: size - 1 }, size)
  if (last === '') return satisfiable({ start: Number(first), end: size - 1 }, size)
  if (Number(last) < Number(first)) return undefined
  return satisfiable({ start: Number(first), end: Math.min(Number(last), size - 1) }, size)
}

function satisfiable (range: Range, size: number): Range | 'unsatisfiable' {
  return range.start < size ? range : 'unsatisfiable'
}
