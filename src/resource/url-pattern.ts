import { isPlainSegment, refuseReference } from '../http/uri-reference.js'
import { refuseNumber } from '../util/number.js'
import { disowned } from '../util/promise.js'
import { show } from '../util/format-value.js'

/**
 * The URL of a route as it is declared, in the syntax of Fastify's router, read the other way round: as a template
 * that addresses are made of.
 */
export interface UrlPattern {
  readonly url: string
  readonly parts: readonly UrlPart[]
  /** The names of all parameters, in the order of the URL; a wildcard is called `*`. */
  readonly parameters: readonly string[]
  /** The pattern without its last segment, where that is optional: `/files/:id/:version?`. */
  readonly shorter?: UrlPattern
}

/** Literal text, percent-encoded already, or the name of a parameter. */
type UrlPart = string | { readonly name: string }

/** A path that was made of a pattern, and what each parameter became in it. */
export interface FilledPattern {
  path: string
  parameters: Readonly<Record<string, string>>
}

export const WILDCARD = '*'

const OPTIONAL_SEGMENT = /\/:[^/()]*?\?(\/?)$/
const LITERAL = /(?:::|[^:*])+/y
const PARAMETER = /:([^-./(]*)/y
// Behind a parameter the router reads any text as literal, up to the next parameter or segment.
const REST_OF_SEGMENT = /(?:::|[^:/])*/y
// All parts are percent-encoded: only where segments meet can something come about that is no address.
const SUSPECT = /^[^/]|\/[./]/

export function parsePattern (url: string): UrlPattern {
  const optional = OPTIONAL_SEGMENT.exec(url)
  if (optional === null) return patternOf(url, url)
  const [segment, slash] = optional
  const before = url.slice(0, -segment.length)
  const full = before + segment.slice(0, segment.length - slash.length - 1) + slash
  return { ...patternOf(url, full), shorter: patternOf(url, before + slash || '/') }
}

function patternOf (url: string, text: string): UrlPattern {
  const parts = parseParts(text)
  return { url, parts, parameters: parts.flatMap((part) => typeof part === 'string' ? [] : [part.name]) }
}

function parseParts (url: string): UrlPart[] {
  const parts: UrlPart[] = []
  let at = 0
  const read = (grammar: RegExp): string[] => {
    grammar.lastIndex = at
    const found = grammar.exec(url)!
    at += found[0].length
    return found
  }
  const addLiteral = ([text]: string[]) => {
    if (text !== '') parts.push(encodeLiteral(text.replaceAll('::', ':')))
  }

  while (at < url.length) {
    if (url[at] === WILDCARD) {
      parts.push({ name: WILDCARD })
      at++
    } else if (url[at] === ':' && url[at + 1] !== ':') {
      parts.push({ name: read(PARAMETER)[1] })
      if (url[at] === '(') at = endOfGroup(url, at)
      addLiteral(read(REST_OF_SEGMENT))
    } else {
      addLiteral(read(LITERAL))
    }
  }
  return parts
}

/** As it stands in a path: `encodeURI` leaves what ends one. */
function encodeLiteral (text: string): string {
  return encodeURI(text).replace(/[?#]/g, encodeURIComponent)
}

/** Where the regular expression of a parameter ends that begins at `start`. */
function endOfGroup (url: string, start: number): number {
  let depth = 0
  for (let at = start; at < url.length; at++) {
    if (url[at] === '\\') at++
    else if (url[at] === '(') depth++
    else if (url[at] === ')' && --depth === 0) return at + 1
  }
  return url.length
}

export function isOptional ({ shorter }: UrlPattern, name: string): boolean {
  return shorter !== undefined && !shorter.parameters.includes(name)
}

/**
 * An address that the pattern matches. A pattern whose last segment is optional loses it where all parameters in it
 * are `undefined`.
 * @param maxLength how many characters the router takes in a parameter
 * @returns why there is none, as a sentence that goes on from the address, where a value cannot be part of one
 */
export function fillPattern (pattern: UrlPattern, valueOf: (name: string) => unknown, maxLength: number): FilledPattern | { refusal: string } {
  let path = ''
  const parameters: Record<string, string> = {}
  for (const part of partsFor(pattern, valueOf)) {
    if (typeof part === 'string') {
      path += part
      continue
    }
    const { name } = part
    const value = valueOf(name)
    const plain = plainText(value, maxLength)
    const refusal = plain !== undefined ? undefined : refuseValue(value) ?? refuseText(String(value), name, maxLength)
    if (refusal !== undefined) return { refusal: `the parameter "${name}" of ${pattern.url} is ${show(disowned(value))}: ${refusal}` }
    const text = plain ?? String(value)
    parameters[name] = text
    path += plain ?? encode(text, name)
  }
  const refusal = SUSPECT.test(path) ? refuseReference(path) : undefined
  return refusal === undefined ? { path, parameters } : { refusal: `with ${show(parameters)} for the parameters of ${pattern.url}, ${refusal}` }
}

function partsFor (pattern: UrlPattern, valueOf: (name: string) => unknown): readonly UrlPart[] {
  const { shorter, parameters, parts } = pattern
  if (shorter === undefined) return parts
  const optional = parameters.filter((name) => isOptional(pattern, name))
  return optional.length > 0 && optional.every((name) => valueOf(name) === undefined) ? shorter.parts : parts
}

/** What stands in a path as it is, and most parameters do; `undefined` for the others. */
export function plainText (value: unknown, maxLength: number): string | undefined {
  if (Number.isSafeInteger(value)) return fitting(`${value as number}`, maxLength)
  return typeof value === 'string' && isPlainSegment(value) ? fitting(value, maxLength) : undefined
}

function fitting (text: string, maxLength: number): string | undefined {
  return text.length <= maxLength ? text : undefined
}

function refuseValue (value: unknown): string | undefined {
  switch (typeof value) {
    case 'number': return refuseNumber(value)
    case 'string': case 'bigint': case 'boolean': return undefined
    default: return 'it must be a string, a number, a bigint or a boolean'
  }
}

function refuseText (text: string, name: string, maxLength: number): string | undefined {
  if (text === '') return 'it must not be empty'
  if (!text.isWellFormed()) return 'it has half a surrogate pair, which no URL can carry'
  if (name !== WILDCARD && text.length > maxLength) {
    return `it has ${text.length} characters, and the router takes ${maxLength} (routerOptions.maxParamLength)`
  }
  return undefined
}

/** A wildcard takes whole paths, so the slashes in it stay. */
function encode (value: string, name: string): string {
  return name === WILDCARD ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value)
}
