import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { ignoreRejection, isThenable } from '../../src/util/promise.js'

/** As a query builder, which runs its query each time that it is awaited. */
class Query {
  runs = 0
  then (onFulfilled: (rows: unknown[]) => void): void {
    this.runs++
    onFulfilled([])
  }
}

t.test('a thenable is what `await` would wait for', async (t) => {
  const rows: Array<[name: string, value: unknown, expected: boolean]> = [
    ['a Promise', Promise.resolve(1), true],
    ['a query builder', new Query(), true],
    ['a function with a method then()', Object.assign(() => 1, { then () {} }), true],
    ['an object without then()', {}, false],
    ['an object whose then is not a function', { then: true }, false],
    ['a function', () => 1, false],
    ['text', 'then', false],
    ['null', null, false],
    ['undefined', undefined, false]
  ]
  for (const [name, value, expected] of rows) t.equal(isThenable(value), expected, `${name}: ${expected}`)
})

t.test('a rejected Promise that nobody awaits does not end the process', async (t) => {
  const unhandled: unknown[] = []
  const listener = (reason: unknown) => { unhandled.push(reason) }
  process.on('unhandledRejection', listener)
  t.teardown(() => process.off('unhandledRejection', listener))
  const reasons: unknown[] = []
  const error = new Error('boom')
  ignoreRejection(Promise.reject(error))
  ignoreRejection(Promise.reject(error), (reason) => { reasons.push(reason) })
  ignoreRejection(Promise.resolve(1), (reason) => { reasons.push(reason) })
  await setImmediate()
  t.same(unhandled, [])
  t.same(reasons, [error], 'the callback gets the reason')
})

t.test('the value itself is returned, and a query is not run', async (t) => {
  const query = new Query()
  const promise = Promise.resolve(1)
  for (const value of [query, promise, { id: 1 }, 'a', 7, null, undefined]) t.equal(ignoreRejection(value), value)
  t.equal(query.runs, 0)
})
