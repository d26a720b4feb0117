import { STATUS_CODES } from 'node:http'
import type { Check } from './check.js'
import { CHECKS, type CheckResult, type CreationReport } from './check-creation.js'
import type { Exchange } from './exchange.js'

const MAX_BODY_LENGTH = 1000 // characters
const MAX_EXCHANGES = 6
const CREDENTIALS = /authorization|cookie|api-?key|token|secret|password/i

/** A text for each check that failed, with all that is needed to fix the server. */
export function bugReport ({ checks }: CreationReport): string {
  const failed = checks.filter(({ outcome }) => outcome === 'failed')
  return [summary(checks), ...failed.map(formatFailure)].join('\n\n')
}

export function summary (checks: readonly CheckResult[]): string {
  const count = (outcome: CheckResult['outcome']) => checks.filter((check) => check.outcome === outcome).length
  return `${count('failed')} of ${checks.length} checks failed, ${count('passed')} passed, ${count('skipped')} skipped`
}

export function checkById (id: string): Check {
  return CHECKS.find((check) => check.id === id)!
}

function formatFailure ({ id, section, detail, exchanges = [] }: CheckResult): string {
  const { expects, fix } = checkById(id)
  return [
    `${id} (${section})`,
    `  Expected: ${expects}.`,
    `  Found:    ${detail}.`,
    `  Fix:      ${fix}`,
    '',
    ...formatExchanges(exchanges)
  ].join('\n')
}

function formatExchanges (exchanges: readonly Exchange[]): string[] {
  const shown = exchanges.length <= MAX_EXCHANGES ? exchanges : oneOfEachStatus(exchanges)
  const hidden = exchanges.length - shown.length
  const texts = shown.map((exchange) => indent(formatExchange(exchange)))
  return hidden > 0 ? [...texts, `    (and ${hidden} more like these)`] : texts
}

/** Concurrent requests are many and mostly the same. */
function oneOfEachStatus (exchanges: readonly Exchange[]): Exchange[] {
  const seen = new Set<string>()
  return exchanges.filter(({ request: { method }, response: { status } }) => {
    const key = `${method} ${status}`
    return !seen.has(key) && seen.add(key)
  })
}

/** An exchange as text, without credentials, so that it can be sent to those who maintain the server. */
export function formatExchange ({ request, response }: Exchange): string {
  return [
    `${request.method} ${request.url}`,
    ...formatMessage(request.headers, request.body),
    '',
    `${response.status} ${STATUS_CODES[response.status] ?? ''}`.trimEnd(),
    ...formatMessage(response.headers, response.body),
    ''
  ].join('\n')
}

function formatMessage (headers: Record<string, string>, body: string): string[] {
  const valueOf = (name: string) => CREDENTIALS.test(name) ? '(hidden)' : headers[name]
  const lines = Object.keys(headers).map((name) => `${name}: ${valueOf(name)}`)
  if (body === '') return lines
  const isLong = body.length > MAX_BODY_LENGTH
  return [...lines, '', isLong ? `${body.slice(0, MAX_BODY_LENGTH)}… (${body.length} characters)` : body]
}

function indent (text: string): string {
  return text.replace(/^(?=.)/gm, '    ')
}
