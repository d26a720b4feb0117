import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import { formatError, formatKeys, formatValue } from '../../src/util/format-value.js'
import { visible } from '../visible.js'

function withKeys (count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, i]))
}

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
  for (const [value, text] of rows) t.equal(formatValue(value), text, visible(text))
})

t.test('a long value is cut, and says so', async (t) => {
  t.equal(formatValue('a'.repeat(200)), `"${'a'.repeat(200)}"`, 'a string of 200 characters is whole')
  t.equal(formatValue('a'.repeat(201)), `"${'a'.repeat(200)}"…`, 'a longer one is cut')
  t.equal(formatValue('a'.repeat(100_000)), `"${'a'.repeat(200)}"…`, 'a very long string')
  const long = `{ a: '${'b'.repeat(100)}'... 1 more character }`
  t.equal(formatValue({ a: 'b'.repeat(101) }), long, 'a long string inside an object')
  t.equal(formatValue(withKeys(1000)).length, 201, 'many properties')
  t.ok(formatValue(withKeys(1000)).endsWith('…'))
})

t.test('a value is shown on one line', async (t) => {
  const circular: Record<string, unknown> = { a: 1 }
  circular.self = circular
  const rows: Array<[name: string, value: unknown]> = [
    ['a string with line feeds', 'a\nb\r\nc'],
    ['an object with a string with line feeds', { a: 'b\nc' }],
    ['an object with many properties', withKeys(20)],
    ['a key with a line feed', { 'a\nb': 1 }],
    ['an object of a class', new class User { id = 1; name = 'a\nb' }()],
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
  for (const [name, value] of rows) t.notMatch(formatValue(value), /[\n\r]/, name)
})

t.test('a value is cut after 200 characters, on one line; a string after it is quoted and escaped', async () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withNullPrototype: true,
    withSparseArray: true
  })
  fc.assert(fc.property(anything, (value) => {
    const text = formatValue(value)
    // One character can become six, as "\u0000" does.
    return text.length <= (typeof value === 'string' ? 6 * 200 + 3 : 201) && !/[\n\r]/.test(text)
  }), { numRuns: 1000 })
})

t.test('a value that cannot be inspected is named by its type', async (t) => {
  const inspectCustom = Symbol.for('nodejs.util.inspect.custom')
  t.equal(formatValue({ [inspectCustom] () { throw new Error('no') } }), '(object)')
  t.equal(formatValue(Object.assign(() => 1, { [inspectCustom] () { throw new Error('no') } })), '(function)')
})

t.test('a key of 64 KiB of blanks, which a client may send, is cut', async (t) => {
  for (const blank of [' ', '\t', '\n', '\u00A0', ' \n']) {
    const key = blank.repeat(65_536 / blank.length)
    for (const value of [{ [key]: 1 }, [{ [key]: 1 }], new Map([[key, 1]]), new Error(key), key]) {
      const text = formatValue(value)
      // Node cuts the key of a Map by itself.
      t.match(text, /…|\.\.\. \d+ more characters/, `${visible(blank)}: ${visible(text)}`)
      t.ok(text.length <= 403, `${text.length} characters`)
      t.notMatch(text, /[\n\r]/, 'on one line')
    }
    t.match(formatKeys({ [key]: 1, id: 2 }), /^[^\n\r]{0,41}, id$/, 'as the name of a property')
    t.ok(formatError(new Error(key)).length <= 403, 'as the message of an error')
  }
})

t.test('an error is shown by its message, and anything else that was thrown as a value', async (t) => {
  const rows: Array<[error: unknown, text: string]> = [
    [new Error('no such user'), '"no such user"'],
    [new RangeError('a\nb'), '"a\\nb"'],
    [new Error(''), '""'],
    [runInNewContext('new Error("of another realm")'), '"of another realm"'],
    [Object.assign(new Error('a'), { code: 7 }), '"a"'],
    ['no such user', '"no such user"'],
    [{ code: 7 }, '{ code: 7 }'],
    [undefined, 'undefined']
  ]
  for (const [error, text] of rows) t.equal(formatError(error), text, visible(text))
  t.equal(formatError(new Error('a'.repeat(201))), `"${'a'.repeat(200)}"…`, 'a long message is cut')
})

t.test('the names of properties are shown as a list: at most twelve, of at most 40 characters', async (t) => {
  const names = (count: number): string => Object.keys(withKeys(count)).join(', ')
  const rows: Array<[name: string, value: object, text: string]> = [
    ['one property', { id: 1 }, 'id'],
    ['several, in their order', { id: 1, name: 'a', version: 7 }, 'id, name, version'],
    ['no properties', {}, 'no properties'],
    ['twelve properties', withKeys(12), names(12)],
    ['thirteen properties', withKeys(13), `${names(12)}, …`],
    ['a thousand properties', withKeys(1000), `${names(12)}, …`],
    ['a name of 40 characters', { ['a'.repeat(40)]: 1 }, 'a'.repeat(40)],
    ['a name of 41 characters', { ['a'.repeat(41)]: 1, b: 2 }, `${'a'.repeat(40)}…, b`],
    ['a name with a line feed', { 'a\n b': 1 }, 'a b'],
    ['a property that is undefined', { id: undefined }, 'id'],
    ['an object of a class', new class User { id = 1 }(), 'id'],
    ['own properties only', Object.create({ inherited: 1 }, { id: { value: 1, enumerable: true } }), 'id'],
    ['an object without a prototype', Object.assign(Object.create(null), { id: 1 }), 'id'],
    ['an array', ['a', 'b'], '0, 1'],
    ['a boxed string', Object('ab'), '0, 1'],
    ['a boxed number', Object(7), 'no properties'],
    ['a Date', new Date(0), 'no properties'],
    ['a Promise', Promise.resolve(1), 'no properties']
  ]
  for (const [name, value, text] of rows) t.equal(formatKeys(value), text, `${name}: ${text}`)
})
