import { TimeoutError } from './app-errors.js'

/**
 * The timer does not keep the process alive: without other events there is nothing to wait for.
 * @throws TimeoutError
 */
export async function withTimeout<T> (promise: PromiseLike<T>, seconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TimeoutError(seconds)), seconds * 1000).unref()
  })
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer))
}
