import fc from 'fast-check'
import t from 'tap'
import { show } from '../../src/util/format-value.js'

t.test('a value is shown as a person would write it', async (t) => {
  const rows: Array<[value: unknown, text: string]> = [
    ['a', '"a"'],
    ['', '""'],
    ['a "b"\n', '"a \\"b\\"\\n"'],
    ['ü', '"ü"'],
    [7, '7'],
    [-0, '-0'],
    [NaN, 'NaN'],
    [7n, '7n'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol('a'), 'Symbol(a)'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [new Date(NaN), 'Invalid Date'],
    [{}, '{}'],
    [{ a: 1, b: 'c' }, '{ a: 1, b: \'c\' }'],
    [{ a: { b: { c: 1 } } }, '{ a: { b: [Object] } }'],
    [['a', 7], '[ \'a\', 7 ]'],
    [/a/, '/a/'],
    [Object.create(null), '[Object: null prototype] {}'],
    [function name () {}, '[Function: name]']
  ]
  for (const [value, text] of rows) t.equal(show(value), text, text.replace(/[^\x20-\x7E]/g, '?'))
})

t.test('a long value is cut, and says so', async (t) => {
  t.equal(show('a'.repeat(198)), `"${'a'.repeat(198)}"`, 'what is 200 characters long is whole')
  t.equal(show('a'.repeat(199)), `"${'a'.repeat(199)}…`, 'what is longer is cut')
  t.equal(show('a'.repeat(100_000)).length, 201, 'a very long string')
  t.equal(show({ a: 'b'.repeat(101) }), `{ a: '${'b'.repeat(100)}'... 1 more character }`, 'a long string inside something')
  t.equal(show(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key${i}`, i]))).length, 201, 'many properties')
})

t.test('a value is shown on one line', async (t) => {
  const circular: Record<string, unknown> = { a: 1 }
  circular.self = circular
  const rows: Array<[name: string, value: unknown]> = [
    ['a string with line feeds', 'a\nb\r\nc'],
    ['an object with a string with line feeds', { a: 'b\nc' }],
    ['an object with many properties', Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`key${i}`, 'a value of some length']))],
    ['nested objects', { a: { b: { c: {} } }, d: [{ e: [{}] }] }],
    ['an object that contains itself', circular],
    ['a URL', new URL('https://user:password@a.example:8443/users/42?a=b#c')],
    ['a Map', new Map([['a', { b: 1 }], ['c', { d: 2 }]])],
    ['bytes', Buffer.alloc(100)],
    ['a Response', new Response('a')],
    ['a function with a body', (a: number) => {
      return a
    }],
    ['an array of many numbers', Array.from({ length: 40 }, (_, i) => i)],
    ['an array of many strings', Array.from({ length: 10 }, (_, i) => `item ${i}`)],
    ['an object with an array of many numbers', { a: Array.from({ length: 40 }, (_, i) => i) }],
    ['an Error', new Error('a')]
  ]
  for (const [name, value] of rows) t.notMatch(show(value), /[\n\r]/, name)
})

t.test('no value is shown on more than 201 characters', async () => {
  fc.assert(fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withNullPrototype: true, withSparseArray: true }), (value) => show(value).length <= 201), { numRuns: 1000 })
})

t.test('a value that cannot be inspected is named by its type', async (t) => {
  t.equal(show({ [Symbol.for('nodejs.util.inspect.custom')] () { throw new Error('no') } }), '(object)')
})
