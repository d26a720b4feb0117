import { referenceProblem } from '../http/uri-reference.js'
import { formatValue } from '../util/format-value.js'
import { numberProblem } from '../util/number.js'
import type { Problem } from '../util/problem.js'

/** The URL of a route, in the syntax of Fastify's router, as a template for URLs. */
export interface UrlPattern {
  readonly url: string
  readonly parts: readonly UrlPart[]
  /** The names of all parameters, in the order of the URL. A wildcard is called `*`. */
  readonly parameters: readonly string[]
  /** The pattern without its last segment, if that is optional: `/files/:id/:version?`. */
  readonly shorter?: UrlPattern
}

/** Percent-encoded text, or a parameter. */
type UrlPart = string | { readonly name: string }

/** A path that was made of a pattern, and the value of each parameter in it. */
export interface FilledPattern {
  path: string
  parameters: Readonly<Record<string, string>>
}

/** Why a pattern cannot be filled; `parameter` is absent if it is because of the whole path. */
export interface UnfilledPattern extends Problem {
  parameter?: string
}

export const WILDCARD = '*'

const OPTIONAL_SEGMENT = /\/:[^/()]*?\?(\/?)$/
const LITERAL = /(?:::|[^:*])+/y
const PARAMETER = /:([^-./(]*)/y
// After a parameter the router reads any text as literal, up to the next parameter or segment.
const REST_OF_SEGMENT = /(?:::|[^:/])*/y
// All parts are percent-encoded, so only an empty or a dot segment can be wrong.
const MAY_BE_WRONG = /^[^/]|\/[./]/

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

/** `encodeURI` leaves the characters that end a path. */
function encodeLiteral (text: string): string {
  return encodeURI(text).replace(/[?#]/g, encodeURIComponent)
}

/** The index after the regular expression of a parameter, which begins at `start`. */
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

/** The parameter that tells one resource from the next. */
export function lastRequired (pattern: UrlPattern): string | undefined {
  return pattern.parameters.findLast((name) => !isOptional(pattern, name))
}

/** A parameter as it is written in a pattern. */
export function parameterText (name: string): string {
  return name === WILDCARD ? WILDCARD : `:${name}`
}

/**
 * A path that the pattern matches. An optional last segment is left out if all of its parameters are `undefined`.
 * @param maxLength how many characters the router accepts in a parameter
 */
export function fillPattern (
  pattern: UrlPattern, valueOf: (name: string) => unknown, maxLength: number
): FilledPattern | UnfilledPattern {
  let path = ''
  const parameters: Record<string, string> = {}
  for (const part of partsFor(pattern, valueOf)) {
    if (typeof part === 'string') {
      path += part
      continue
    }
    const { name } = part
    const value = valueOf(name)
    const problem = parameterProblem(value, name, maxLength)
    if (problem !== undefined) return { ...problem, parameter: name }
    parameters[name] = String(value)
    path += encode(parameters[name], name)
  }
  const problem = MAY_BE_WRONG.test(path) ? referenceProblem(path) : undefined
  return problem ?? { path, parameters }
}

function partsFor (pattern: UrlPattern, valueOf: (name: string) => unknown): readonly UrlPart[] {
  const { shorter, parameters, parts } = pattern
  if (shorter === undefined) return parts
  const optional = parameters.filter((name) => isOptional(pattern, name))
  return optional.length > 0 && optional.every((name) => valueOf(name) === undefined) ? shorter.parts : parts
}

/** Why a value cannot be part of a URL. */
export function parameterProblem (value: unknown, name: string, maxLength: number): Problem | undefined {
  switch (typeof value) {
    case 'number': return numberProblem(value) ?? textProblem(String(value), name, maxLength)
    case 'string': return textProblem(value, name, maxLength)
    case 'bigint':
    case 'boolean': return textProblem(String(value), name, maxLength)
    default: return { found: formatValue(value), fix: 'fill it with a string, a number, a bigint or a boolean' }
  }
}

function textProblem (text: string, name: string, maxLength: number): Problem | undefined {
  if (text === '') return { found: 'an empty string', fix: 'fill it with an id that is not empty' }
  if (!text.isWellFormed()) {
    return { found: `${formatValue(text)}, which has half a surrogate pair`, fix: 'use an id of whole characters' }
  }
  if (name === WILDCARD || text.length <= maxLength) return undefined
  return {
    found: `${text.length} characters, and the router accepts ${maxLength}`,
    fix: `Fastify({ routerOptions: { maxParamLength: ${text.length} } })`
  }
}

/** A wildcard matches whole paths, so its slashes stay. */
function encode (value: string, name: string): string {
  return name === WILDCARD ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value)
}
