import { CannotRun, Exited } from '../failure.js'

class Deferred<T> {
  resolve!: (value: T) => void
  reject!: (error: unknown) => void
  readonly promise = new Promise<T>((resolve, reject) => Object.assign(this, { resolve, reject }))
}

/**
 * The process, while code of the app runs in it: an app that crashes or exits must not take the report with it.
 * What it does is told instead.
 */
export class Sandbox {
  #crash = new Deferred<never>()
  readonly #rested = new Deferred<void>()
  readonly #slept = new Deferred<void>()
  #isResting = false
  readonly #exit = process.exit

  constructor () {
    process.exit = ((status: unknown) => { throw new Exited(status) }) as typeof process.exit
    process.on('uncaughtException', this.#fail)
    process.on('unhandledRejection', this.#fail)
    process.on('beforeExit', this.#rest)
    this.forgive()
  }

  /** Rejects where the app throws what nobody catches, or ends the process. */
  get crashed (): Promise<never> {
    return this.#crash.promise
  }

  /** Resolves when the app waits for nothing any more: no timer, no socket. */
  get idle (): Promise<void> {
    return this.#rested.promise
  }

  /** A crash that was understood counts no more. */
  forgive (): void {
    this.#crash = new Deferred()
    // Nobody may be waiting yet.
    this.#crash.promise.catch(() => {})
  }

  /** What the app promises, unless it crashes or falls asleep before. */
  watch<T> (promise: PromiseLike<T>, whileIt: string): Promise<T> {
    return Promise.race([promise, this.crashed, this.sleep(whileIt)])
  }

  /** Rejects when the app waits for nothing any more, and that was no help. */
  async sleep (whileIt: string): Promise<never> {
    await this.#slept.promise
    throw new CannotRun(`The app never finished ${whileIt}: it waits for what nothing is left to bring, such as a promise that nobody settles.`)
  }

  release (): void {
    process.exit = this.#exit
    process.off('uncaughtException', this.#fail)
    process.off('unhandledRejection', this.#fail)
    process.off('beforeExit', this.#rest)
  }

  readonly #fail = (error: unknown): void => this.#crash.reject(error)

  /** The second time, whatever was done about the first has not helped. */
  readonly #rest = (): void => {
    if (this.#isResting) return this.#slept.resolve()
    this.#isResting = true
    this.#rested.resolve()
    // Keeps the process awake for a moment more: this is asked again when that is over.
    setImmediate(() => {})
  }
}
