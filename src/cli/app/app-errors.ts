import { isError } from '../../util/error.js'
import type { MessageParts } from '../command-error.js'
import { errorPosition } from './source-position.js'

/** The app called process.exit(). */
export class ProcessExitError extends Error {
  override name = 'ProcessExitError'

  constructor (status: unknown) {
    super(`process.exit(${typeof status === 'number' ? status : ''}) was called`)
  }
}

/** The app waits for a promise, and no timer, socket or other event is left that could settle it. */
export class StalledError extends Error {
  override name = 'StalledError'

  constructor () {
    super('it waits for a promise that nothing can settle any more')
  }
}

export class TimeoutError extends Error {
  override name = 'TimeoutError'
  readonly seconds: number

  constructor (seconds: number) {
    super(`it was not finished after ${seconds} s`)
    this.seconds = seconds
  }
}

/** Whether an error is one of fastify-created: its message has all parts already. */
export function isOwnError (error: unknown): error is Error {
  return String(Object(error).code).startsWith('FST_CREATED_')
}

/** What a message says of an error that a step of the app ended with. */
export function describeFailure (error: unknown): Pick<MessageParts, 'found' | 'fix'> {
  if (error instanceof StalledError) return { found: error.message, fix: 'settle that promise, or remove its await' }
  if (error instanceof TimeoutError) return { found: error.message, fix: longerTimeout(error.seconds) }
  const position = errorPosition(error)
  const found = position === undefined ? describeError(error) : `${describeError(error)} (${position})`
  return { found, fix: `correct ${position ?? 'the code that throws this'}` }
}

export function longerTimeout (seconds: number): string {
  return `--timeout ${Math.ceil(seconds) * 2}`
}

/** An app can throw anything. */
export function describeError (error: unknown): string {
  const message = isError(error) ? error.message : String(error)
  return message.trim().replace(/\.$/, '')
}
