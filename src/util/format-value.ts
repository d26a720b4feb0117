import { inspect } from 'node:util'

/** A value as a person wants to see it in a message: on one line, and never longer than the message. */
export function show (value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : inspectSafely(value).replace(/\s*\n\s*/g, ' ')
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

/** What was thrown, without its stack. */
export function showError (error: unknown): string {
  return show(error instanceof Error ? error.message : error)
}

function inspectSafely (value: unknown): string {
  try {
    return inspect(value, { depth: 1, breakLength: Infinity, maxStringLength: 100 })
  } catch {
    return `(${typeof value})`
  }
}
