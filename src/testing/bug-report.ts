import { STATUS_CODES } from 'node:http'
import type { Check } from './check.js'
import { CHECKS, type Checked, type CheckResult } from './check-creation.js'
import type { Exchange } from './exchange.js'

const LONGEST_BODY = 1000 // characters
const SECRET = /authorization|cookie|api-?key|token|secret|password/i

/** What failed, as the one who has to mend it wants to read it. */
export function bugReport ({ checks }: Checked): string {
  const failed = checks.filter(({ outcome }) => outcome === 'failed')
  return [summary(checks), ...failed.map(describe)].join('\n\n')
}

export function summary (checks: readonly CheckResult[]): string {
  const count = (outcome: CheckResult['outcome']) => checks.filter((check) => check.outcome === outcome).length
  return `${count('failed')} of ${checks.length} checks failed, ${count('passed')} passed, ${count('skipped')} were skipped`
}

export function checkById (id: string): Check {
  return CHECKS.find((check) => check.id === id)!
}

function describe ({ id, section, detail, exchanges = [] }: CheckResult): string {
  const { expects, mend } = checkById(id)
  return [
    `${id} (${section})`,
    `  Expected: ${expects}.`,
    `  Found:    ${detail}.`,
    `  Mend it:  ${mend}.`,
    '',
    ...showExchanges(exchanges)
  ].join('\n')
}

/** Of a race only those that differ: twenty times the same tells nothing. */
function showExchanges (exchanges: readonly Exchange[]): string[] {
  const shown = exchanges.length <= 6 ? exchanges : oneOfEachKind(exchanges)
  const left = exchanges.length - shown.length
  return [...shown.map((exchange) => indent(showExchange(exchange))), ...(left > 0 ? [`    (and ${left} more like these)`] : [])]
}

function oneOfEachKind (exchanges: readonly Exchange[]): Exchange[] {
  const seen = new Set<string>()
  return exchanges.filter(({ request: { method }, response: { status } }) => {
    const key = `${method} ${status}`
    return !seen.has(key) && seen.add(key)
  })
}

/** As it would stand in a message to the server's maintainers: without what opens doors. */
export function showExchange ({ request, response }: Exchange): string {
  return [
    `${request.method} ${request.url}`,
    ...showMessage(request.headers, request.body),
    '',
    `${response.status} ${STATUS_CODES[response.status] ?? ''}`.trimEnd(),
    ...showMessage(response.headers, response.body),
    ''
  ].join('\n')
}

function showMessage (headers: Record<string, string>, body: string): string[] {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${SECRET.test(name) ? '(hidden)' : value}`)
  if (body === '') return lines
  return [...lines, '', body.length > LONGEST_BODY ? `${body.slice(0, LONGEST_BODY)}… (${body.length} characters)` : body]
}

function indent (text: string): string {
  return text.replace(/^(?=.)/gm, '    ')
}
