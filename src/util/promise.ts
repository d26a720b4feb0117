import { isPromise } from 'node:util/types'

export function isThenable (value: unknown): value is PromiseLike<unknown> {
  const mayHaveMethods = typeof value === 'object' || typeof value === 'function'
  return mayHaveMethods && typeof (value as { then?: unknown } | null)?.then === 'function'
}

/**
 * What is refused because it is a Promise must not end the process when it fails later. Other thenables are left alone:
 * the query of a query builder runs each time that its `then` is called.
 * @param onFailure what becomes of the reason. Default: nothing
 * @returns the same
 */
export function disowned<T> (value: T, onFailure: (reason: unknown) => void = () => {}): T {
  if (typeof value === 'object' && isPromise(value)) value.then(undefined, onFailure)
  return value
}
