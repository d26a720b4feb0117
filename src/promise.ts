export function isThenable (value: unknown): value is PromiseLike<unknown> {
  const mayHaveMethods = typeof value === 'object' || typeof value === 'function'
  return mayHaveMethods && typeof (value as { then?: unknown } | null)?.then === 'function'
}

/** What is refused because it is a Promise must not end the process when it fails later. @returns the same */
export function disowned<T> (value: T): T {
  if (isThenable(value)) value.then(undefined, () => {})
  return value
}
