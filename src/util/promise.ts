import { isPromise } from 'node:util/types'

export function isThenable (value: unknown): value is PromiseLike<unknown> {
  const mayHaveMethods = typeof value === 'object' || typeof value === 'function'
  return mayHaveMethods && typeof (value as { then?: unknown } | null)?.then === 'function'
}

/**
 * Keeps a rejected Promise from ending the process: nobody will await it. Other thenables are left alone, because a
 * query builder runs its query each time `then` is called.
 * @param onRejected gets the reason. Default: it is dropped
 * @returns the same value
 */
export function ignoreRejection<T> (value: T, onRejected: (reason: unknown) => void = () => {}): T {
  if (typeof value === 'object' && isPromise(value)) value.then(undefined, onRejected)
  return value
}
