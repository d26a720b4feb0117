import { randomUUID } from 'node:crypto'
import { isPlainObject } from '../util/plain-object.js'
import type { PerAttempt } from './scenario.js'

// Numbers continue from the current time, because what an earlier run created may still be stored.
const FIRST_NUMBER = Date.now()
let attempts = 0

/** Gives the values of one attempt: an id in its URL is the same as in its payload. */
export type ResolveValue = <T>(value: PerAttempt<T>) => T

export function newAttempt (): ResolveValue {
  const attempt = ++attempts
  const placeholders: Record<string, string> = { '{{n}}': String(FIRST_NUMBER + attempt), '{{uuid}}': randomUUID() }
  const fill = (text: string) => text.replace(/\{\{(n|uuid)\}\}/g, (placeholder) => placeholders[placeholder])
  return <T>(value: PerAttempt<T>) => {
    if (typeof value === 'function') return (value as (attempt: number) => T)(attempt)
    return mapStrings(value, fill) as T
  }
}

/** Whether all attempts send the same value. A function may return a new one each time. */
export function isConstant (value: unknown): boolean {
  return typeof value !== 'function' && !/\{\{(n|uuid)\}\}/.test(JSON.stringify(value) ?? '')
}

function mapStrings (value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value)
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, map))
  if (!isPlainObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapStrings(item, map)]))
}
