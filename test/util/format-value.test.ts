import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import { cut, describeValue, formatError, formatKey, formatKeys, formatValue } from '../../src/util/format-value.js'
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
    [{ get a () { throw new Error('no') } }, '{ a: [Getter] }'],
    [{ ['__proto__']: 1 }, "{ ['__proto__']: 1 }"],
    [[, 1], '[ <1 empty item>, 1 ]'], // eslint-disable-line no-sparse-arrays
    [Array(25).fill(0), `[ ${'0, '.repeat(20)}... 5 more items ]`],
    [[[[1]], [{ a: 1 }]], '[ [ [Array] ], [ [Object] ] ]'],
    [{ [Symbol.for('nodejs.util.inspect.custom')]: () => 'as it likes' }, 'as it likes'],
    [new class User { id = 1 }(), 'User { id: 1 }'],
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
    return text.length <= (typeof value === 'string' ? 6 * 200 + 3 : 6 * 200 + 1) && !/[\n\r]/.test(text)
  }), { numRuns: 1000 })
})

t.test('nothing is shown that a terminal would act upon, nor half a character', async (t) => {
  const rows: Array<[name: string, text: string, shown: string]> = [
    ['an escape sequence', '\u001B[31m', '\\u001b[31m'],
    ['an escape sequence of one character', '\u009B31m', '\\u009b31m'],
    ['a bell', '\u0007', '\\u0007'],
    ['DEL', '\u007F', '\\u007f'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
    ['reversed text', '\u202E', '\\u202e'],
    ['half a surrogate pair', '\uD83D', '\\ud83d'],
    ['another half', '\uDE00', '\\ude00'],
    ['an emoji', '\u{1F600}', '\u{1F600}'],
    ['letters', 'é日本', 'é日本']
  ]
  for (const [name, text, shown] of rows) {
    t.equal(formatKey(text), shown, `${name} in a key`)
    t.equal(formatValue(text), `"${shown}"`, `${name} in a text`)
    t.equal(formatValue(Symbol(text)), `Symbol(${shown})`, `${name} in a symbol`)
    t.ok(formatValue(new Error(text)).startsWith(`Error: ${shown} `), `${name} in an Error`)
  }
  t.equal(formatKey(`a\t\t${'b'.repeat(10)}`), `a  ${'b'.repeat(10)}`, 'a tab is a space')
})

t.test('a surrogate pair is not cut', async (t) => {
  const face = '\u{1F600}'
  const rows: Array<[text: string, length: number, shown: string]> = [
    [face, 2, face], [face, 1, '…'], [`a${face}`, 2, 'a…'], [`a${face}`, 3, `a${face}`], [`${face}a`, 2, `${face}…`],
    ['\uD83Da', 1, '\uD83D…'], ['\uDE00a', 1, '\uDE00…'], ['a', 1, 'a'], ['ab', 1, 'a…'], ['', 1, '']
  ]
  for (const [text, length, shown] of rows) t.equal(cut(text, length), shown, `${visible(text)} at ${length}`)
  t.equal(formatValue('a'.repeat(199) + face), `"${'a'.repeat(199)}"…`, 'in a text')
  t.equal(formatKey('a'.repeat(39) + face), `${'a'.repeat(39)}…`, 'in a key')
  const long = formatValue({ [face.repeat(1000)]: 1 })
  t.match(long, /^\{ '(?:\u{1F600})+…$/u, visible(long))
})

t.test('whatever a key or a text is, it is shown on one line, in whole and visible characters', async () => {
  const special = fc.constantFrom('\u001B[', '\uD83D', '\uDE00', '\u{1F600}', '\n', '\t', '\u202E', '\u2028', "'", '"')
  const text = fc.string({ unit: fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), special) })
  const long = fc.tuple(text, fc.constantFrom(1, 100)).map(([text, times]) => text.repeat(times))
  fc.assert(fc.property(long, (text) => {
    const shown = [
      text, { [text]: text }, [{ [text]: text }], { a: { [text]: text } }, new Map([[text, text]]), new Error(text),
      Symbol(text), Object.defineProperty(() => 1, 'name', { value: text })
    ].flatMap((value) => [formatValue(value), formatError(value), describeValue(value), formatKeys(Object(value))])
    return [...shown, formatKey(text)].every((line) => line.length <= 6 * 200 + 20 && line.isWellFormed() &&
      !/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(line))
  }), { numRuns: 500 })
})

t.test('of many properties and items, few are read', async (t) => {
  let reads = 0
  const counted = new Proxy({}, { getPrototypeOf: () => { reads++; return null } })
  const items = Array(10_000).fill(counted)
  const properties = Object.fromEntries(items.map((item, i) => [`key${i}`, item]))
  for (const value of [items, properties]) {
    reads = 0
    t.ok(formatValue(value).length <= 201)
    t.ok(reads > 0 && reads <= 100, `${reads} are read`)
  }
})

t.test('4 MiB that a client may send are shown in time', { timeout: 120_000 }, async (t) => {
  const formatValueUrl = new URL('../../src/util/format-value.js', import.meta.url).href
  const digestUrl = new URL('../../src/http/digest.js', import.meta.url).href
  const code = `
    const { formatValue, formatKeys, formatError, describeValue } = await import('${formatValueUrl}')
    const { digest } = await import('${digestUrl}')
    let shown = 0
    const show = (format, value) => {
      const text = format(value)
      if (text.length > 2000) throw new Error(text.length + ' characters')
      shown++
    }
    const fails = (value) => {
      try { return digest(value) } catch (error) { return error.message }
    }
    const parts = [' ', '\\n', ' \\n', '\\t', "'", '"', '\\x1B[31m', '\\uD83D', '\\uDE00', '\\n    at ', '(', 'a']
    for (const part of parts) {
      const text = part.repeat(4_194_304 / part.length)
      for (const value of [text, { [text]: text }, [{ [text]: [text] }], { a: { [text]: NaN } }]) {
        for (const format of [formatValue, formatError, describeValue, fails]) show(format, value)
        if (typeof value === 'object') show(formatKeys, value)
      }
      show(formatError, new Error(text))
    }
    console.log(shown)
  `
  const { stdout } = await promisify(execFile)(process.execPath,
    [...process.execArgv, '--input-type=module', '--eval', code], { timeout: 100_000 })
  t.equal(stdout.trim(), String(12 * (4 * 4 + 3 + 1)), 'all are shown')
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
