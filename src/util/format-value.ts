import { inspect } from 'node:util'
import { isError } from './error.js'

const LONGEST_TEXT = 200
const LONGEST_KEY = 40
const MOST_KEYS = 12

/** A value as it is shown in a message: on one line, and cut after 200 characters. */
export function formatValue (value: unknown): string {
  return typeof value === 'string' ? formatText(value) : onOneLine(inspectSafely(value))
}

/** What was thrown, without its stack. */
export function formatError (error: unknown): string {
  return formatValue(isError(error) ? error.message : error)
}

/** The names of an object's properties, for a message. */
export function formatKeys (value: object): string {
  const keys = Object.keys(value)
  if (keys.length === 0) return 'no properties'
  const shown = keys.slice(0, MOST_KEYS).map((key) => onOneLine(cut(key, LONGEST_KEY)))
  return shown.join(', ') + (keys.length > MOST_KEYS ? ', …' : '')
}

/** What a value is, for a message: the names of its properties, if it is an object that has some. */
export function describeValue (value: unknown): string {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isRecord ? `The value has ${formatKeys(value)}` : `The value is ${formatValue(value)}`
}

function formatText (text: string): string {
  const quoted = JSON.stringify(text.slice(0, LONGEST_TEXT))
  return text.length > LONGEST_TEXT ? `${quoted}…` : quoted
}

/** Cut first: a client can send a key of any length. */
function onOneLine (text: string): string {
  return cut(text, LONGEST_TEXT).split('\n').map((line) => line.trim()).join(' ')
}

function cut (text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text
}

function inspectSafely (value: unknown): string {
  try {
    return inspect(value, { depth: 1, breakLength: Infinity, maxStringLength: 100, maxArrayLength: 20 })
  } catch {
    return `(${typeof value})`
  }
}
