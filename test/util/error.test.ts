import { runInNewContext } from 'node:vm'
import t from 'tap'
import { isError } from '../../src/util/error.js'

t.test('an Error of any realm is an Error', async (t) => {
  class HttpError extends Error {}
  const rows: Array<[name: string, value: unknown, expected: boolean]> = [
    ['an Error', new Error('a'), true],
    ['an Error of a class', new HttpError('a'), true],
    ['what AbortSignal throws', new DOMException('a', 'AbortError'), true],
    ['an object with the prototype of an Error', Object.create(Error.prototype), true],
    ['an Error of another realm', runInNewContext('new Error("a")'), true],
    ['a TypeError of another realm', runInNewContext('new TypeError("a")'), true],
    ['an object with a message', { message: 'a' }, false],
    ['text', 'a', false],
    ['null', null, false],
    ['undefined', undefined, false]
  ]
  for (const [name, value, expected] of rows) t.equal(isError(value), expected, `${name}: ${expected}`)
})
