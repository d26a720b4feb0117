import { randomUUID } from 'node:crypto'
import { isPlain } from '../util/plain-object.js'
import type { Fresh } from './scenario.js'

// A number that no earlier run had either: what that one has created may still be there.
const EARLIER = Date.now()
let attempts = 0

/** Makes the values of one attempt: what is new in its URL is the same in its payload. */
export type Refresh = <T>(value: Fresh<T>) => T

export function newAttempt (): Refresh {
  const attempt = ++attempts
  const replacements: Record<string, string> = { '{{n}}': String(EARLIER + attempt), '{{uuid}}': randomUUID() }
  return <T>(value: Fresh<T>) => {
    if (typeof value === 'function') return (value as (attempt: number) => T)(attempt)
    return replaceIn(value, (text) => text.replace(/\{\{(n|uuid)\}\}/g, (name) => replacements[name])) as T
  }
}

/** Whether another attempt would send the same once more. */
export function isFixed (value: unknown): boolean {
  return typeof value !== 'function' && !/\{\{(n|uuid)\}\}/.test(JSON.stringify(value) ?? '')
}

function replaceIn (value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value)
  if (Array.isArray(value)) return value.map((item) => replaceIn(item, replace))
  if (!isPlain(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, replaceIn(item, replace)]))
}
