import type { FastifyBaseLogger } from 'fastify'
import { driverError } from '../database.js'

const RETRY_DELAY = 5000 // milliseconds

/** Does a job in the background whenever it is woken: never twice at once, and again some seconds after it has failed. */
export class Worker {
  private readonly stopping = new AbortController()
  private work = Promise.resolve()
  private isRunning = false
  private isAsked = false
  private retry?: NodeJS.Timeout

  /** @param job does all there is to do, or as much as can be done until the signal */
  constructor (private readonly job: (signal: AbortSignal) => Promise<void>, private readonly log: FastifyBaseLogger) {}

  wake (): void {
    // It may run, and just have found that nothing is left to do: then it looks once more.
    this.isAsked = true
    if (!this.isRunning) this.work = this.run()
  }

  async stop (): Promise<void> {
    this.stopping.abort()
    clearTimeout(this.retry)
    await this.work
  }

  private async run (): Promise<void> {
    const { signal } = this.stopping
    this.isRunning = true
    while (this.isAsked && !signal.aborted) {
      this.isAsked = false
      await this.job(signal).catch((error) => this.retryLater(error))
    }
    this.isRunning = false
  }

  private retryLater (error: Error): void {
    this.log.error(driverError(error).stack)
    clearTimeout(this.retry)
    if (!this.stopping.signal.aborted) this.retry = setTimeout(() => this.wake(), RETRY_DELAY).unref()
  }
}
