import type { Test } from 'tap'

/** Sets NODE_ENV until the test ends. */
export function setNodeEnv (t: Test, value: string): void {
  const { NODE_ENV: before } = process.env
  t.teardown(() => {
    if (before === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = before
  })
  process.env.NODE_ENV = value
}
