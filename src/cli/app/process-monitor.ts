import { ProcessExitError, StalledError } from './app-errors.js'

class Deferred<T> {
  resolve!: (value: T) => void
  reject!: (error: unknown) => void
  readonly promise = new Promise<T>((resolve, reject) => Object.assign(this, { resolve, reject }))
}

/**
 * Keeps this process alive while code of the app runs in it. An uncaught error and a process.exit() of the app reject
 * promises here instead of ending the command.
 */
export class ProcessMonitor {
  #crash = new Deferred<never>()
  readonly #idle = new Deferred<void>()
  readonly #stall = new Deferred<void>()
  #wasIdle = false
  readonly #exit = process.exit

  constructor () {
    process.exit = ((status: unknown) => { throw new ProcessExitError(status) }) as typeof process.exit
    process.on('uncaughtException', this.#onCrash)
    process.on('unhandledRejection', this.#onCrash)
    process.on('beforeExit', this.#onBeforeExit)
    this.resetCrash()
  }

  /** Rejects if the app throws an error that nothing catches, or calls process.exit(). */
  get crashed (): Promise<never> {
    return this.#crash.promise
  }

  /** Resolves when no timer, socket or other event is left. */
  get idle (): Promise<void> {
    return this.#idle.promise
  }

  /** Rejects when no event is left although {@link idle} has resolved before. */
  async stalled (): Promise<never> {
    await this.#stall.promise
    throw new StalledError()
  }

  /** After a crash that has been dealt with. */
  resetCrash (): void {
    this.#crash = new Deferred()
    // The app may crash while nothing waits for it.
    this.#crash.promise.catch(() => {})
  }

  /** Settles as the promise does, or rejects if the app crashes or stalls before. */
  watch<T> (promise: PromiseLike<T>): Promise<T> {
    return Promise.race([promise, this.crashed, this.stalled()])
  }

  stop (): void {
    process.exit = this.#exit
    process.off('uncaughtException', this.#onCrash)
    process.off('unhandledRejection', this.#onCrash)
    process.off('beforeExit', this.#onBeforeExit)
  }

  readonly #onCrash = (error: unknown): void => this.#crash.reject(error)

  readonly #onBeforeExit = (): void => {
    if (this.#wasIdle) return this.#stall.resolve()
    this.#wasIdle = true
    this.#idle.resolve()
    // One more event lets the code that waits for `idle` run. Without new events after that, the app has stalled.
    setImmediate(() => {})
  }
}
