import { CannotRun } from '../failure.js'

/**
 * Waits, but not for ever. The timer does not keep the process alive: where nothing else does, there is nothing to
 * wait for.
 * @throws CannotRun
 */
export async function inTime<T> (promise: PromiseLike<T>, seconds: number, otherwise: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new CannotRun(`${otherwise} within ${seconds} s. --timeout gives it more.`)), seconds * 1000).unref()
  })
  return Promise.race([promise, tooLate]).finally(() => clearTimeout(timer))
}
