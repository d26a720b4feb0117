import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import { FST_CREATED_VIOLATION, isProduction, withDetails } from '../errors.js'
import { methodLabel } from '../http/methods.js'
import { isError } from '../util/error.js'
import { ruleById, type RuleId } from './index.js'
import type { Finding, Severity } from './rule.js'
import type { Settings, Violation } from './settings.js'

/** Reports the broken rules of one route: logs and counts them, calls `onViolation`, and makes the errors to throw. */
export class Reporter {
  readonly settings: Settings
  readonly url: string
  readonly #log: FastifyBaseLogger
  readonly #counts = new Map<string, { first: Violation, count: number }>()

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

  /** @returns the error to send instead of the response, `undefined` if the response goes out */
  report (rule: RuleId, finding: Finding, method: string, request?: FastifyRequest): Error | undefined {
    const severity = this.#severityOf(rule, finding)
    if (severity === 'off') return undefined
    const violation = this.#violation(rule, severity, finding, methodLabel(method))
    const isThrown = severity === 'error' && this.settings.enforcement === 'throw'
    this.#record(violation, isThrown ? undefined : request?.log ?? this.#log, request)
    return isThrown ? responseError(violation) : undefined
  }

  /** @returns the error that stops the boot, whatever the enforcement: nothing is stored yet */
  reportAtBoot (rule: RuleId, finding: Finding, method: string): Error | undefined {
    const severity = this.#severityOf(rule, finding)
    if (severity === 'off') return undefined
    const violation = this.#violation(rule, severity, finding, method)
    this.#record(violation, severity === 'warn' ? this.#log : undefined)
    return severity === 'error' ? violationError(violation, violation.message) : undefined
  }

  /** @returns the error to throw, whatever the severity and the enforcement */
  error (rule: RuleId, finding: Finding, method: string, request?: FastifyRequest): Error {
    const violation = this.#violation(rule, 'error', finding, methodLabel(method))
    this.#record(violation, undefined, request)
    return responseError(violation)
  }

  /** When the app closes: how often each rule was broken that was logged only once. */
  logCounts (): void {
    for (const { first: { rule, severity, method, url }, count } of this.#counts.values()) {
      if (count === 1) continue
      const message = `fastify-created: ${method} ${url} broke the rule ${rule} ${count} times`
      this.#log.warn({ rule, severity, route: { method, url }, count }, message)
    }
  }

  #severityOf (rule: RuleId, { atMost, always }: Finding): Severity {
    const severity = this.settings.severities[rule]
    if (always !== undefined) return always
    return atMost !== undefined && severity === 'error' ? atMost : severity
  }

  #violation (rule: RuleId, severity: Violation['severity'], finding: Finding, method: string): Violation {
    const { requires, spec, fix: usualFix } = ruleById(rule)
    const { found, fix = usualFix } = finding
    const { url } = this
    const subject = method === '*' ? 'The app' : `${method} ${url}`
    const message = `${subject} broke the rule ${rule}. Found: ${found}. ` +
      `Required: ${requires} (${spec}). Fix: ${fix}. ` +
      `See fastify-created/docs/reference/rules.md#${rule}`
    return { rule, severity, message, found, fix, spec, method, url }
  }

  /** @param log absent if the violation is thrown: then the error handler logs it */
  #record (violation: Violation, log: FastifyBaseLogger | undefined, request?: FastifyRequest): void {
    if (log !== undefined) this.#logOnce(violation, log)
    this.#callOnViolation(violation, request)
  }

  #logOnce (violation: Violation, log: FastifyBaseLogger): void {
    const { rule, severity, method } = violation
    const key = `${rule} ${severity} ${method}`
    const counted = this.#counts.get(key) ?? { first: violation, count: 0 }
    counted.count++
    this.#counts.set(key, counted)
    if (counted.count === 1) logViolation(violation, log)
  }

  #callOnViolation (violation: Violation, request: FastifyRequest | undefined): void {
    const logError = (err: unknown) => this.#log.error({ err }, 'fastify-created: onViolation failed')
    try {
      // It may be an async function.
      Promise.resolve(this.settings.onViolation?.(violation, request)).catch(logError)
    } catch (err) {
      logError(err)
    }
  }
}

function logViolation ({ rule, severity, message, spec, method, url }: Violation, log: FastifyBaseLogger): void {
  log[severity]({ rule, spec, route: { method, url } }, `fastify-created: ${message}`)
}

/** For an error that no error handler of Fastify logs. */
export function logViolationError (error: Error, log: FastifyBaseLogger): void {
  const { rule, spec, route, message, cause } = error as InstanceType<typeof FST_CREATED_VIOLATION>
  log.error({ rule, spec, route }, `fastify-created: ${isError(cause) ? cause.message : message}`)
}

/** In production the client sees nothing of what was found, which may be the app's data. */
function responseError (violation: Violation): Error {
  const { method, url, rule, spec, message } = violation
  const short = `${method} ${url} broke the rule ${rule} (${spec}). The log says what was found and how to fix it`
  return withDetails(violationError(violation, isProduction() ? short : message), message)
}

function violationError ({ rule, spec, method, url }: Violation, message: string): Error {
  return Object.assign(new FST_CREATED_VIOLATION(message), { rule, spec, route: { method, url } })
}
