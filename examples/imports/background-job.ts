import type { FastifyBaseLogger } from 'fastify'
import { driverError } from '../database.js'

const RETRY_DELAY = 5000 // milliseconds

/** Runs a job in the background when it is triggered: never twice at once, and again some seconds after a failure. */
export class BackgroundJob {
  private readonly abortController = new AbortController()
  private running = Promise.resolve()
  private isRunning = false
  private isTriggered = false
  private retryTimer?: NodeJS.Timeout

  /** @param job does all pending work, or stops early when the signal is aborted */
  constructor (
    private readonly job: (signal: AbortSignal) => Promise<void>,
    private readonly log: FastifyBaseLogger
  ) {}

  trigger (): void {
    // A running job may just have found that nothing is pending. The flag makes it run once more.
    this.isTriggered = true
    if (!this.isRunning) this.running = this.run()
  }

  async stop (): Promise<void> {
    this.abortController.abort()
    clearTimeout(this.retryTimer)
    await this.running
  }

  private async run (): Promise<void> {
    const { signal } = this.abortController
    this.isRunning = true
    while (this.isTriggered && !signal.aborted) {
      this.isTriggered = false
      await this.job(signal).catch((error) => this.retryLater(error))
    }
    this.isRunning = false
  }

  private retryLater (error: Error): void {
    this.log.error(driverError(error).stack)
    clearTimeout(this.retryTimer)
    if (this.abortController.signal.aborted) return
    this.retryTimer = setTimeout(() => this.trigger(), RETRY_DELAY).unref()
  }
}
