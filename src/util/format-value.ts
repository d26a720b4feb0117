import { inspect } from 'node:util'
import { isError } from './error.js'
import { isPlainObject } from './plain-object.js'

const LONGEST_TEXT = 200
const LONGEST_KEY = 40
const MOST_KEYS = 12
const MOST_ITEMS = 20
// More do not fit into the text.
const MOST_PROPERTIES = 40
/** What moves the cursor of a terminal, reverses text, ends a line, or is half a character. */
const INVISIBLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/** A value as it is shown in a message: on one line, and cut after 200 characters. */
export function formatValue (value: unknown): string {
  return typeof value === 'string' ? formatText(value) : onOneLine(cut(inspectSafely(value)))
}

/** What was thrown, without its stack. */
export function formatError (error: unknown): string {
  return formatValue(isError(error) ? error.message : error)
}

/** The name of a property, for a message. */
export function formatKey (key: string): string {
  return onOneLine(cut(key, LONGEST_KEY))
}

/** The names of an object's properties, for a message. */
export function formatKeys (value: object): string {
  const keys = Object.keys(value)
  if (keys.length === 0) return 'no properties'
  return keys.slice(0, MOST_KEYS).map(formatKey).join(', ') + (keys.length > MOST_KEYS ? ', …' : '')
}

/** What a value is, for a message: the names of its properties, if it is an object that has some. */
export function describeValue (value: unknown): string {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isRecord ? `The value has ${formatKeys(value)}` : `The value is ${formatValue(value)}`
}

/** The beginning of a long text, so that no more is read of what a client sent. Both halves of a pair stay together. */
export function cut (text: string, length = LONGEST_TEXT): string {
  return text.length > length ? `${beginning(text, length)}…` : text
}

function formatText (text: string): string {
  const quoted = escapeInvisible(JSON.stringify(beginning(text, LONGEST_TEXT)))
  return text.length > LONGEST_TEXT ? `${quoted}…` : quoted
}

function beginning (text: string, length: number): string {
  const endsInsidePair = text.length > length && text.codePointAt(length - 1)! > 0xFFFF
  return text.slice(0, endsInsidePair ? length - 1 : length)
}

function onOneLine (text: string): string {
  return escapeInvisible(text.split(/[\n\t]/).map((line) => line.trim()).join(' '))
}

function escapeInvisible (text: string): string {
  return text.replace(INVISIBLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function inspectSafely (value: unknown): string {
  try {
    return inspect(excerpt(value, 1), {
      depth: 1,
      breakLength: Infinity,
      maxStringLength: 100,
      maxArrayLength: MOST_ITEMS
    })
  } catch {
    return `(${typeof value})`
  }
}

/**
 * What inspect() shows of data: it would read every key to its end.
 * @param depth of the objects that are shown
 */
function excerpt (value: unknown, depth: number): unknown {
  if (depth < 0) return value
  if (Array.isArray(value)) {
    const items = value.slice(0, MOST_ITEMS).map((item) => excerpt(item, depth - 1))
    items.length = value.length
    return items
  }
  if (!isPlainObject(value) || inspect.custom in value) return value
  const copy = Object.create(Object.getPrototypeOf(value))
  for (const key of Object.keys(value).slice(0, MOST_PROPERTIES)) {
    const property = Object.getOwnPropertyDescriptor(value, key)!
    if ('value' in property) property.value = excerpt(property.value, depth - 1)
    Object.defineProperty(copy, cut(key), property)
  }
  return copy
}
