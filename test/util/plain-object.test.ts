import { runInNewContext } from 'node:vm'
import t from 'tap'
import { z } from 'zod'
import { isPlainObject } from '../../src/util/plain-object.js'

t.test('a plain object is one that a literal makes', async (t) => {
  const rows: Array<[name: string, value: unknown, expected: boolean]> = [
    ['a literal', { id: 1 }, true],
    ['an empty literal', {}, true],
    ['an object without a prototype', Object.create(null), true],
    ['parsed JSON', JSON.parse('{"__proto__":1}'), true],
    ['a literal of another realm', runInNewContext('({ id: 1 })'), true],
    ['an object without a prototype, of another realm', runInNewContext('Object.create(null)'), true],
    ['an instance of a class of another realm', runInNewContext('new (class User {})()'), false],
    ['an array of another realm', runInNewContext('[]'), false],
    ['a Date of another realm', runInNewContext('new Date()'), false],
    ['an instance of a class', new class User {}(), false],
    ['an object with another prototype', Object.create({}), false],
    ['a schema of Zod', z.object({}), false],
    ['an array', [], false],
    ['a Date', new Date(), false],
    ['a Map', new Map(), false],
    ['a function', () => 1, false],
    ['text', 'a', false],
    ['null', null, false],
    ['undefined', undefined, false]
  ]
  for (const [name, value, expected] of rows) t.equal(isPlainObject(value), expected, `${name}: ${expected}`)
})
