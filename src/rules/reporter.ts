import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import { FST_CREATED_VIOLATION, withCause } from '../errors.js'
import type { Settings, Violation } from '../options.js'
import { ruleById, type Finding, type RuleId, type Severity } from './index.js'

/** What becomes of broken rules on one route: logged once and counted, told to `onViolation`, thrown or let go. */
export class Reporter {
  readonly settings: Settings
  readonly url: string
  readonly #log: FastifyBaseLogger
  #counted?: Map<string, { first: Violation, count: number }>

  constructor (settings: Settings, url: string, log: FastifyBaseLogger) {
    this.settings = settings
    this.url = url
    this.#log = log
  }

  isOff (id: RuleId): boolean {
    return this.settings.severities[id] === 'off'
  }

  isError (id: RuleId): boolean {
    return this.settings.severities[id] === 'error'
  }

  /** @returns the error to answer with, `undefined` where the response goes on. */
  report (rule: RuleId, finding: Finding, method: string, request?: FastifyRequest): Error | undefined {
    const severity = this.#severity(rule, finding)
    if (severity === 'off') return undefined
    const violation = this.#record(rule, severity, typeof finding === 'string' ? finding : finding.found, method, request)
    return severity === 'error' && this.settings.enforcement === 'throw' ? responseError(violation) : undefined
  }

  /** @returns the error that stops the boot, whatever the enforcement: nothing is stored yet. */
  reportAtBoot (rule: RuleId, found: string, method: string): Error | undefined {
    const severity = this.settings.severities[rule]
    if (severity === 'off') return undefined
    const violation = this.#record(rule, severity, found, method)
    return severity === 'error' ? violationError(violation) : undefined
  }

  /** @returns the error to throw, whatever the severity and the enforcement. */
  refuse (rule: RuleId, found: string, method: string, request?: FastifyRequest): Error {
    return responseError(this.#record(rule, 'error', found, method, request))
  }

  #record (rule: RuleId, severity: Violation['severity'], found: string, method: string, request?: FastifyRequest): Violation {
    const { says, spec } = ruleById(rule)
    const violation = { rule, severity, message: `${rule}: ${says}. Found: ${found}.`, spec, method, url: this.url }
    this.#logOnce(violation, request?.log ?? this.#log)
    this.#tell(violation, request)
    return violation
  }

  /** At the end: how often each rule was broken that was logged only once. */
  logCounts (): void {
    for (const { first: { rule, severity, method, url }, count } of this.#counted?.values() ?? []) {
      if (count > 1) this.#log.warn({ rule, severity, route: { method, url }, count }, `fastify-created: ${method} ${url}: ${rule} (${severity}) was broken ${count} times`)
    }
  }

  #severity (rule: RuleId, finding: Finding): Severity {
    const severity = this.settings.severities[rule]
    if (typeof finding === 'string') return severity
    if ('always' in finding) return finding.always
    return severity === 'error' ? finding.atMost : severity
  }

  #logOnce (violation: Violation, log: FastifyBaseLogger): void {
    const { rule, severity, message, spec, method, url } = violation
    const key = `${rule} ${severity}`
    this.#counted ??= new Map()
    const counted = this.#counted.get(key) ?? { first: violation, count: 0 }
    counted.count++
    this.#counted.set(key, counted)
    if (counted.count === 1) log[severity]({ rule, spec, route: { method, url } }, `fastify-created: ${method} ${url}: ${message}`)
  }

  #tell (violation: Violation, request: FastifyRequest | undefined): void {
    const failed = (err: unknown) => this.#log.error({ err }, 'fastify-created: onViolation failed')
    try {
      // It may be an async function all the same.
      Promise.resolve(this.settings.onViolation?.(violation, request)).catch(failed)
    } catch (err) {
      failed(err)
    }
  }
}

/** The message reaches the client, so it does not say what was found, which is the app's data. */
function responseError (violation: Violation): Error {
  const { rule, spec, message } = violation
  const error = violationError({ ...violation, message: `The rule ${rule} is broken: ${ruleById(rule).says} (${spec}). What was found is in the log, Fastify({ logger: true }), and in error.cause` })
  return withCause(error, message)
}

function violationError ({ rule, spec, message, method, url }: Violation): Error {
  return Object.assign(new FST_CREATED_VIOLATION(message), { rule, spec, route: { method, url } })
}
