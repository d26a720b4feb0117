import { hash } from 'node:crypto'
import {
  isAnyArrayBuffer, isBoxedPrimitive, isDataView, isDate, isGeneratorObject, isMap, isNativeError, isPromise, isRegExp,
  isSet, isTypedArray, isWeakMap, isWeakSet
} from 'node:util/types'
import { FST_CREATED_VERSION_INVALID, versionInvalid } from '../errors.js'
import { formatError, formatValue } from '../util/format-value.js'
import { isIdentifier } from '../util/identifier.js'
import { isPlainObject } from '../util/plain-object.js'
import type { Problem } from '../util/problem.js'
import type { EntityTag } from './entity-tag.js'

// A getter or a toJSON() may return new objects without end.
const MAX_DEPTH = 1_000_000
const LONGEST_PATH = 100
const DIGESTIBLE = 'a string, bytes, or data that JSON represents as it is'
/** What such a value contains is not in its properties. */
const HIDES_ITS_CONTENTS = [
  isMap, isSet, isWeakMap, isWeakSet, isDate, isRegExp, isPromise, isNativeError, isAnyArrayBuffer, isDataView,
  isGeneratorObject
]

/**
 * A strong entity-tag for something without a version: a SHA-256 hash. Strings and bytes are hashed as they are,
 * everything else as JSON with sorted keys, so the order of properties does not matter.
 *
 * As in JSON, an object with `toJSON()` (Date, ObjectId, Decimal) counts as what that returns, an instance of a class
 * as its own enumerable properties, and a property that is `undefined` as one that is missing. A bigint counts as its
 * digits.
 *
 * @param value a string, bytes, or data that JSON can represent
 * @throws FST_CREATED_VERSION_INVALID for what JSON would change or leave out: `undefined` alone or in an array, NaN,
 *   Infinity, invalid Dates, functions, symbols, Maps, Sets, Promises, Errors, objects that have private fields only,
 *   circles. The message says where
 * @example
 * ```ts
 * import { digest } from 'fastify-created'
 *
 * digest({ a: 1, b: 2 }) === digest({ b: 2, a: 1 }) // true
 * ```
 */
export function digest (value: unknown): EntityTag {
  const path: Container[] = []
  try {
    return `"${hash('sha256', bytesOf(value) ?? canonicalJson(value, path), 'base64url')}"`
  } catch (error) {
    if (error instanceof FST_CREATED_VERSION_INVALID) throw error
    const found = `reading ${formatPath(path) || 'it'} threw ${formatError(error)}`
    throw withCause(cannotDigest({ found, fix: 'correct its getter or its toJSON()' }), error)
  }
}

function bytesOf (value: unknown): string | Uint8Array | undefined {
  if (typeof value === 'string') {
    if (value.isWellFormed()) return value
    const found = `${formatValue(value)}, which has half a surrogate pair`
    throw cannotDigest({ found, fix: 'hash it as JSON: digest([text])' })
  }
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  return isAnyArrayBuffer(value) ? new Uint8Array(value) : undefined
}

/** An object or an array that is being written. */
interface Container {
  value: Readonly<Record<string, unknown>>
  /** The indices of an array are not listed. */
  keys: readonly string[] | undefined
  length: number
  /** The index of the property that is being written. */
  at: number
  isEmpty: boolean
  end: string
}

/**
 * Without recursion, because a client can nest arrays deeper than the stack.
 * @param path gets the containers from the root to what is being written
 */
function canonicalJson (root: unknown, path: Container[]): string {
  const ancestors = new Set<object>()
  let json = ''
  path.push({ value: { '': root }, keys: [''], length: 1, at: -1, isEmpty: true, end: '' })
  while (true) {
    const container = path.at(-1)!
    container.at++
    if (container.at === container.length) {
      json += container.end
      path.pop()
      if (path.length === 0) return json
      ancestors.delete(container.value)
      continue
    }

    const key = keyOf(container)
    let value = container.value[key]
    let scalar = scalarJson(value)
    const isMember = container.keys !== undefined && path.length > 1
    if (scalar === undefined) {
      value = convert(value, key)
      if (value === undefined && isMember) continue
      scalar = scalarJson(value)
    }

    if (!container.isEmpty) json += ','
    container.isEmpty = false
    if (isMember) json += `${JSON.stringify(key)}:`
    if (scalar !== undefined) {
      json += scalar
      continue
    }
    const problem = problemOf(value, ancestors)
    if (problem !== undefined) throw cannotDigest(problem, formatPath(path))
    ancestors.add(value as object)
    path.push(containerOf(value as object))
    json += Array.isArray(value) ? '[' : '{'
  }
}

function scalarJson (value: unknown): string | undefined {
  switch (typeof value) {
    case 'string': return JSON.stringify(value)
    case 'number': return Number.isFinite(value) ? String(value) : undefined
    case 'boolean': return String(value)
    default: return value === null ? 'null' : undefined
  }
}

function keyOf ({ keys, at }: Container): string {
  return keys === undefined ? String(at) : keys[at]
}

function containerOf (value: object): Container {
  const properties = value as Container['value']
  const keys = Array.isArray(value) ? undefined : sortedKeys(value)
  const { length } = keys ?? value as unknown[]
  return { value: properties, keys, length, at: -1, isEmpty: true, end: keys === undefined ? ']' : '}' }
}

/** By code unit, after the array indices, which come first in every object. */
function sortedKeys (value: object): string[] {
  const keys = Object.keys(value)
  const hasIndices = /^\d/.test(keys[0])
  keys.sort()
  return hasIndices ? Object.keys(Object.fromEntries(keys.map((key) => [key, null]))) : keys
}

/** What JSON writes instead of a value. The result of toJSON() is not asked for its toJSON(). */
function convert (value: unknown, key: string): unknown {
  // Its toJSON() returns null.
  if (isInvalidDate(value)) return value
  const { toJSON } = Object(value)
  let converted: unknown = typeof toJSON === 'function' ? Reflect.apply(toJSON, value, [key]) : value
  if (isBoxedPrimitive(converted)) converted = converted.valueOf()
  return typeof converted === 'bigint' ? String(converted) : converted
}

function isInvalidDate (value: unknown): boolean {
  return isDate(value) && Number.isNaN(Date.prototype.getTime.call(value))
}

function problemOf (value: unknown, ancestors: ReadonlySet<unknown>): Problem | undefined {
  if (ancestors.has(value)) return unrepresentable('an object that contains itself', 'leave it out, or use its id')
  if (ancestors.size === MAX_DEPTH) {
    return { found: `more than ${MAX_DEPTH} levels deep`, fix: 'return data that ends from toJSON() and getters' }
  }
  if (!Array.isArray(value)) {
    return isData(value) ? undefined : unrepresentable(formatValue(value), fixFor(value))
  }
  return Object.keys(value).length > value.length
    ? unrepresentable('an array with properties beside its elements', 'copy the elements: [...array]')
    : undefined
}

function unrepresentable (found: string, fix: string): Problem {
  return { found: `${found}, which JSON cannot represent`, fix }
}

function isData (value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return isPlainObject(value) || isTypedArray(value) || hasOnlyProperties(value)
}

/** Private fields cannot be seen, but an object without any properties probably has some. */
function hasOnlyProperties (value: object): boolean {
  return Object.keys(value).length > 0 && !HIDES_ITS_CONTENTS.some((hidesItsContents) => hidesItsContents(value))
}

function fixFor (value: unknown): string {
  if (value === undefined) return 'use null'
  if (typeof value === 'number') return 'use a finite number, or null'
  if (isDate(value)) return 'use a valid Date, or null'
  if (isMap(value)) return 'use Object.fromEntries(map)'
  if (isSet(value)) return 'use [...set]'
  if (isPromise(value)) return 'await it'
  return typeof value === 'object' ? 'use plain data, or give it a toJSON()' : 'leave it out, or use plain data'
}

/** Where something is, as in `items[2].price`. */
function formatPath (path: readonly Container[]): string {
  let text = ''
  // The first is not part of the value.
  for (let i = 1; i < path.length; i++) {
    text += formatStep(path[i], text === '')
    if (text.length > LONGEST_PATH) return `${text}…`
  }
  return text
}

function formatStep (container: Container, isFirst: boolean): string {
  const key = keyOf(container)
  if (container.keys === undefined) return `[${key}]`
  if (key.length > LONGEST_PATH || !isIdentifier(key)) return `[${formatValue(key)}]`
  return isFirst ? key : `.${key}`
}

function cannotDigest ({ found, fix }: Problem, path = ''): Error {
  const place = path === '' ? '' : `${path} is `
  return versionInvalid('A digest cannot be made', { found: `${place}${found}`, fix }, DIGESTIBLE)
}

/** The cause of an error that already has its details as the cause is the cause of these. */
function withCause (error: Error, cause: unknown): Error {
  Object.defineProperty(error.cause ?? error, 'cause', { value: cause })
  return error
}
