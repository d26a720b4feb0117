import fc from 'fast-check'
import t from 'tap'
import {
  digest, entityTagProblem, formatEntityTag, isEntityTag, parseEntityTags, strongMatch, weak, weakMatch,
  type EntityTag, type EntityTagInput
} from '../../src/http/entity-tag.js'
import { visible } from '../visible.js'

const INVALID = { name: 'FastifyError', code: 'FST_CREATED_VERSION_INVALID', statusCode: 500 }
const VERSIONS = 'a number, a bigint, a string or null for an ETag; a valid Date for Last-Modified'

/** The error for a value that cannot be a version, with all four parts of its message. */
function invalid (failed: string, found: string, fix: string): Error {
  const message = `${failed}. Found: ${found}. Required: ${VERSIONS}. Fix: ${fix}`
  return { ...INVALID, message } as object as Error
}

/** RFC 9110 section 8.8.3, read character by character, to check the code that uses a regular expression. */
function followsTheGrammar (text: string): boolean {
  const codes = Array.from(text, (_, i) => text.charCodeAt(i))
  if (codes[0] === 0x57 && codes[1] === 0x2F) codes.splice(0, 2)
  const [open, ...rest] = codes
  const close = rest.pop()
  return open === 0x22 && close === 0x22 &&
    rest.every((code) => code === 0x21 || (code >= 0x23 && code <= 0x7E) || (code >= 0x80 && code <= 0xFF))
}

function tagOrError (value: unknown): string {
  try {
    return digest(value)
  } catch (error) {
    return `rejected: ${String(error)}`
  }
}

const aCharacter = fc.integer({ min: 0x20, max: 0xFF })
  .filter((code) => code === 0x21 || (code >= 0x23 && code !== 0x7F))
  .map((code) => String.fromCharCode(code))
const anOpaque = fc.string({ unit: aCharacter, maxLength: 8 })
const aTag = fc.tuple(fc.constantFrom('', 'W/'), anOpaque)
  .map(([prefix, opaque]) => `${prefix}"${opaque}"` as EntityTag)
const aWhitespace = fc.string({ unit: fc.constantFrom(' ', '\t'), maxLength: 3 })

t.test('a version becomes an entity-tag', async (t) => {
  const rows: Array<[name: string, input: EntityTagInput, tag: string | null]> = [
    ['7', 7, '"7"'],
    ['0', 0, '"0"'],
    ['-0, which is 0', -0, '"0"'],
    ['a negative number', -1, '"-1"'],
    ['a fraction', 1.5, '"1.5"'],
    ['the largest safe integer', Number.MAX_SAFE_INTEGER, '"9007199254740991"'],
    ['a bigint', 7n, '"7"'],
    ['a bigint beyond all numbers', 123456789012345678901234567890n, '"123456789012345678901234567890"'],
    ['a negative bigint', -7n, '"-7"'],
    ['a word', 'abc', '"abc"'],
    ['digits', '7', '"7"'],
    ['a word with a comma', 'a,b', '"a,b"'],
    ['a word with a backslash', 'a\\b', '"a\\b"'],
    ['the first and the last character that need no encoding', '!~', '"!~"'],
    ['text that only resembles a weak tag', 'W/abc', '"W/abc"'],
    ['text that begins with a small w', 'w/abc', '"w/abc"'],
    ['W/ alone', 'W/', '"W/"'],
    ['an asterisk', '*', '"*"'],
    ['a strong tag', '"a"', '"a"'],
    ['a weak tag', 'W/"a"', 'W/"a"'],
    ['the empty tag', '""', '""'],
    ['the empty weak tag', 'W/""', 'W/""'],
    ['a tag with a comma', '"a,b"', '"a,b"'],
    ['a tag with obs-text', '"é"', '"é"'],
    ['a tag with the first and the last of obs-text', '"\u0080\u00FF"', '"\u0080\u00FF"'],
    ['a value with a space', 'a b', '"YSBi"'],
    ['a value with a quote inside', 'a"b', '"YSJi"'],
    ['a small w before a tag', 'w/"a"', '"dy8iYSI"'],
    ['a value outside ASCII', 'é', '"w6k"'],
    ['a value with a line feed', 'a\n', '"YQo"'],
    ['a value with DEL', '\u007F', '"fw"'],
    ['a value whose base64 is not URL-safe', '\u00BF\u00BF?>', '"wr_Cvz8-"'],
    ['a timestamp of PostgreSQL', '2026-07-31 10:00:00+00', '"MjAyNi0wNy0zMSAxMDowMDowMCswMA"'],
    ['a timestamp of ISO 8601', '2026-07-31T10:00:00.000Z', '"2026-07-31T10:00:00.000Z"'],
    ['null', null, null]
  ]
  for (const [name, input, tag] of rows) {
    t.equal(formatEntityTag(input), tag, `${name} becomes ${tag === null ? 'no tag' : visible(tag)}`)
    t.equal(entityTagProblem(input), undefined, `${name} is accepted`)
  }
})

const FINITE = 'use a finite number'
const EXACT = 'read it as a bigint or a string'
const VERSION = 'give a version such as user.version, or null if there is none'
const ONE_PAIR = "put one pair of quotes around it, as in '\"7\"', without spaces, quotes or control characters inside"
const LIKE_A_TAG = 'which begins like an entity-tag and is not one'
const BEYOND = 'beyond Number.MAX_SAFE_INTEGER, where different values become one number'

t.test('a value that cannot be a version is rejected: the message says what was found and how to fix it', async (t) => {
  const rows: Array<[name: string, input: unknown, found: string, fix: string]> = [
    ['NaN', NaN, 'the number NaN', FINITE],
    ['Infinity', Infinity, 'the number Infinity', FINITE],
    ['-Infinity', -Infinity, 'the number -Infinity', FINITE],
    ['the first number that is not exact', 2 ** 53, `the number 9007199254740992, ${BEYOND}`, EXACT],
    ['the same below zero', -(2 ** 53), `the number -9007199254740992, ${BEYOND}`, EXACT],
    ['an empty string', '', 'an empty string', VERSION],
    ['a tag that is not closed', '"a', `"\\"a", ${LIKE_A_TAG}`, ONE_PAIR],
    ['one quote', '"', `"\\"", ${LIKE_A_TAG}`, ONE_PAIR],
    ['a weak tag that is not closed', 'W/"a', `"W/\\"a", ${LIKE_A_TAG}`, ONE_PAIR],
    ['a tag with a space', '"a b"', `"\\"a b\\"", ${LIKE_A_TAG}`, ONE_PAIR],
    ['a tag with a quote', '"a"b"', `"\\"a\\"b\\"", ${LIKE_A_TAG}`, ONE_PAIR],
    ['a tag and more', '"a"b', `"\\"a\\"b", ${LIKE_A_TAG}`, ONE_PAIR],
    ['two tags', '"a", "b"', `"\\"a\\", \\"b\\"", ${LIKE_A_TAG}`, ONE_PAIR],
    ['a tag with a line feed', '"a\n"', `"\\"a\\n\\"", ${LIKE_A_TAG}`, ONE_PAIR],
    ['a tag before a line feed', '"a"\n', `"\\"a\\"\\n", ${LIKE_A_TAG}`, ONE_PAIR],
    ['a tag with DEL', '"\u007F"', `"\\"\u007F\\"", ${LIKE_A_TAG}`, ONE_PAIR],
    ['a tag with a character beyond Latin-1', '"\u0100"', `"\\"\u0100\\"", ${LIKE_A_TAG}`, ONE_PAIR],
    ['undefined', undefined, 'undefined', VERSION],
    ['an object', {}, '{}', VERSION],
    ['an array', [7], '[ 7 ]', VERSION],
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z', 'pass its toISOString()'],
    ['true', true, 'true', VERSION],
    ['false', false, 'false', VERSION],
    ['a symbol', Symbol('a'), 'Symbol(a)', VERSION],
    ['a function', () => 7, '[Function (anonymous)]', VERSION],
    ['a boxed string', Object('a'), "[String: 'a']", VERSION],
    ['bytes', Buffer.from('a'), '<Buffer 61>', VERSION]
  ]
  for (const [name, input, found, fix] of rows) {
    t.same(entityTagProblem(input), { found, fix }, `${name} is rejected`)
    const error = invalid('An ETag cannot be made', found, fix)
    t.throws(() => formatEntityTag(input as EntityTagInput), error, `${name} cannot be formatted`)
  }
})

t.test('in production the message is short, and the cause has the details', async (t) => {
  const { NODE_ENV } = process.env
  t.teardown(() => {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = NODE_ENV
  })
  process.env.NODE_ENV = 'production'
  const message = 'An ETag cannot be made. The log has the details'
  const cause = { message: invalid('An ETag cannot be made', 'an empty string', VERSION).message }
  t.throws(() => formatEntityTag(''), { ...INVALID, message, cause } as object as Error)
})

t.test('every formatted tag follows the grammar and formats to itself', async (t) => {
  const input = fc.oneof(fc.double({ noNaN: true, min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
    fc.bigInt(), fc.string({ unit: 'binary' }), fc.string(), aTag)
  let formatted = 0
  fc.assert(fc.property(input, (value) => {
    if (entityTagProblem(value) !== undefined) {
      return typeof value === 'string' && (value === '' || /^(?:W\/)?"/.test(value))
    }
    const tag = formatEntityTag(value)!
    formatted++
    return followsTheGrammar(tag) && isEntityTag(tag) && formatEntityTag(tag) === tag
  }), { numRuns: 2000 })
  t.ok(formatted > 500, 'most of what was generated is a version')
})

t.test('isEntityTag agrees with a reading of the grammar by character', async (t) => {
  const fragment = fc.constantFrom('"', 'W', 'w', '/', 'W/"', 'a', ',', ' ', '\t', '\n', '\\', '!', '#', '~', '\u007F',
    '\u0080', '\u00FF', '\u0100', '\u0000')
  const seen = new Set<boolean>()
  const text = fc.oneof(fc.array(fragment, { maxLength: 6 }).map((fragments) => fragments.join('')),
    fc.array(fragment, { maxLength: 3 }).map((fragments) => `"${fragments.join('')}"`), aTag)
  fc.assert(fc.property(text, (value) => {
    seen.add(isEntityTag(value))
    return isEntityTag(value) === followsTheGrammar(value)
  }), { numRuns: 2000 })
  t.equal(seen.size, 2, 'both tags and other strings were tried')
})

t.test('weak() makes a weak tag of a version or of a tag', async (t) => {
  const rows: Array<[input: number | bigint | string, tag: string]> = [
    [7, 'W/"7"'], [7n, 'W/"7"'], ['abc', 'W/"abc"'], ['a b', 'W/"YSBi"'], ['"a"', 'W/"a"'], ['W/"a"', 'W/"a"'],
    ['W/a', 'W/"W/a"'], ['""', 'W/""'], ['"W/"', 'W/"W/"']
  ]
  for (const [input, tag] of rows) t.equal(weak(input), tag, `weak(${visible(String(input))}) is ${tag}`)
  for (const input of [null, undefined, '', NaN, {}, '"a', true]) {
    t.throws(() => weak(input as never), INVALID, `weak(${String(input)}) is rejected`)
  }
  const error = invalid('An ETag cannot be made', 'null', 'give weak() a version')
  t.throws(() => weak(null as never), error, 'for null the fix names weak()')
})

t.test('digest() is a strong tag with the SHA-256 of strings and bytes as they are', async (t) => {
  // printf abc | openssl dgst -sha256 -binary | basenc --base64url
  const tag = '"ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"'
  const bytes = new Uint8Array([0x61, 0x62, 0x63])
  const within = new Uint8Array([0, 0x61, 0x62, 0x63, 0]).subarray(1, 4)
  t.equal(digest('abc'), tag, 'a string')
  t.equal(digest(Buffer.from('abc')), tag, 'a Buffer')
  t.equal(digest(bytes), tag, 'a Uint8Array')
  t.equal(digest(within), tag, 'a Uint8Array that is a part of its buffer')
  t.equal(digest(bytes.buffer), tag, 'an ArrayBuffer')
  t.equal(digest(new DataView(bytes.buffer)), tag, 'a DataView')
  t.equal(digest(new DataView(within.buffer, 1, 3)), tag, 'a DataView that is a part of its buffer')
  t.equal(digest(''), '"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"', 'an empty string')
  t.equal(digest(new Uint8Array()), digest(''), 'no bytes')
  t.equal(digest('é'), digest(Buffer.from([0xC3, 0xA9])), 'a string outside ASCII, as UTF-8')
  t.equal(digest(new Uint16Array(new Uint8Array([1, 2]).buffer)), digest(new Uint8Array([1, 2])),
    'the bytes of wider numbers')
  t.ok(followsTheGrammar(tag) && isEntityTag(digest('')), 'it is an entity-tag')
})

t.test('digest() hashes data as its JSON with sorted keys', async (t) => {
  t.equal(digest({ b: 1, a: 2 }), '"02JqwwqH5vemQoIzs8aCmZdoZfpVCOQmfFQVx2r3p3I"', 'as openssl hashes {"a":2,"b":1}')
  t.equal(digest({ d: new Date('2026-07-31T10:00:00Z'), a: [1, { c: null, b: 2n }] }),
    '"yD6aEX5KVUoKOjwNMWYeK4FSrvg1pYmcun137GfktBI"',
    'as openssl hashes {"a":[1,{"b":"2","c":null}],"d":"2026-07-31T10:00:00.000Z"}')

  const same: Array<[name: string, a: unknown, b: unknown]> = [
    ['the order of keys does not matter', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['nor does it deeper down', { x: { a: 1, b: [{ c: 1, d: 2 }] } }, { x: { b: [{ d: 2, c: 1 }], a: 1 } }],
    ['nor does it for keys that look like numbers', { 10: 1, 9: 2, b: 3 }, { b: 3, 9: 2, 10: 1 }],
    ['a property that is undefined does not count', { a: 1, b: undefined }, { a: 1 }],
    ['a Date is its ISO string', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['a bigint is its digits', { a: 7n }, { a: '7' }],
    ['an object with toJSON() is what toJSON() returns', { toJSON: () => ({ b: 1, a: 2 }) }, { a: 2, b: 1 }],
    ['an instance is its own properties', Object.assign(Object.create({ inherited: 1 }), { a: 1 }), { a: 1 }],
    ['an object without a prototype is an object', { a: Object.create(null) }, { a: {} }],
    ['JSON text is its own value', '{"a":1}', { a: 1 }]
  ]
  for (const [name, a, b] of same) t.equal(tagOrError(a), digest(b), name)

  const different: Array<[name: string, a: unknown, b: unknown]> = [
    ['the order of an array matters', [1, 2], [2, 1]],
    ['the order of an array deeper down matters', { a: [1, 2] }, { a: [2, 1] }],
    ['a number is not its digits', { a: 7 }, { a: '7' }],
    ['null is not undefined', { a: null }, {}],
    ['an array is not an object', [], {}],
    ['an array is not an object with its indices', ['a'], { 0: 'a' }],
    ['nesting matters', { a: { b: 1 } }, { a: 1, b: 1 }],
    ['names matter', { a: 1 }, { b: 1 }],
    ['Dates are told apart', { at: new Date(0) }, { at: new Date(1) }],
    ['bytes within data are told apart', { a: new Uint8Array([1]) }, { a: new Uint8Array([2]) }],
    ['bytes within data may be empty', { a: new Uint8Array() }, { a: new Uint8Array([2]) }],
    ['a Buffer within data may be empty', { a: Buffer.alloc(0) }, { a: Buffer.alloc(1) }],
    ['an own property called __proto__ counts', JSON.parse('{"__proto__":1}'), {}]
  ]
  for (const [name, a, b] of different) {
    t.ok(isEntityTag(tagOrError(a)), `${name}: the first has a tag`)
    t.not(tagOrError(a), digest(b), name)
  }

  fc.assert(fc.property(fc.object({ withDate: true, withBigInt: true }), (value) => {
    const reversed = Object.fromEntries(Object.entries(value).reverse())
    return digest(value) === digest(reversed) && followsTheGrammar(digest(value))
  }))
})

t.test('digest() does not change its argument', async (t) => {
  const value = { b: { d: 1, c: 2 }, a: [3, 1] }
  const before = JSON.stringify(value)
  digest(value)
  t.equal(JSON.stringify(value), before)
})

t.test('digest() rejects what JSON cannot represent', async (t) => {
  const circular: Record<string, unknown> = {}
  circular.self = circular
  const rows: Array<[name: string, value: unknown]> = [
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['a Map', new Map([[1, 2]])],
    ['a Set', new Set([1])],
    ['a Promise', Promise.resolve(1)],
    ['a WeakMap', new WeakMap()],
    ['a Promise within an object', { a: Promise.resolve(1) }],
    ['a Map within an object', { a: { b: new Map() } }],
    ['a Set within an array', [new Set()]],
    ['an object that contains itself', circular]
  ]
  for (const [name, value] of rows) {
    const message = /^A digest cannot be made\. Found: .+, which JSON cannot represent\. Required: .+\. Fix: give digest\(\) a/
    t.throws(() => digest(value), { ...INVALID, message } as object as Error, `${name} is rejected`)
  }
  const error = invalid('A digest cannot be made', 'Map(1) { 1 => 2 }, which JSON cannot represent',
    'give digest() a string, bytes, or plain data')
  t.throws(() => digest([new Map([[1, 2]])]), error, 'the message shows the part that JSON cannot represent')
})

t.test('digest() never returns one tag for different bytes', async (t) => {
  const one = new Uint8Array([1]).buffer
  const two = new Uint8Array([2]).buffer
  const sharedOne = new SharedArrayBuffer(1)
  const sharedTwo = new SharedArrayBuffer(1)
  new Uint8Array(sharedTwo)[0] = 2
  const rows: Array<[name: string, a: unknown, b: unknown]> = [
    ['an ArrayBuffer within an object', { a: one }, { a: two }],
    ['a DataView within an object', { a: new DataView(one) }, { a: new DataView(two) }],
    ['a SharedArrayBuffer', sharedOne, sharedTwo]
  ]
  for (const [name, a, b] of rows) t.ok(tagOrError(a) !== tagOrError(b) || tagOrError(a).startsWith('rejected'), name)
})

t.test('a list of tags is parsed member by member', async (t) => {
  const rows: Array<[list: string, tags: string[]]> = [
    ['"a"', ['"a"']],
    ['"a", "b"', ['"a"', '"b"']],
    ['"a","b"', ['"a"', '"b"']],
    ['"a"\t,\t"b"', ['"a"', '"b"']],
    ['W/"a", "b"', ['W/"a"', '"b"']],
    ['"a,b"', ['"a,b"']],
    ['",", ""', ['","', '""']],
    ['"W/"', ['"W/"']],
    ['"é"', ['"é"']],
    ['"\u00A0"', ['"\u00A0"']],
    [' \t"a"\t ', ['"a"']],
    [', "a",, "b" ,', ['"a"', '"b"']],
    ['"a", "a"', ['"a"', '"a"']],
    ['', []],
    [' ', []],
    [',', []],
    [' , ,', []]
  ]
  for (const [list, tags] of rows) t.same(parseEntityTags(list), tags, `${visible(list)} has ${tags.length} members`)
})

t.test('a value that is not a list of tags is not parsed', async (t) => {
  const lists = [
    '*', 'a', '"a', 'a"', '"a" "b"', '"a""b"', '"a";"b"', '"a", b', '"a", "b', 'w/"a"', 'W/', 'W/a', 'W /"a"', 'W/ "a"',
    'W/W/"a"', '"a, b"', '"a\u007F"', '"\u0100"',
    '"a\n"', '"a"\n', '\n"a"', '\u00A0"a"', '"a"\u00A0', '\v', '\f"a"', '"a",\u2003"b"', '\uFEFF"a"', '"a\\"b"', '"a"*',
    '"a", *', '"a" W/"b"', '"a"W/"b"'
  ]
  for (const list of lists) t.equal(parseEntityTags(list), undefined, `${visible(list)} is not a list of tags`)
})

t.test('tags are read from a list with any spacing', async (t) => {
  const separator = fc.tuple(aWhitespace, fc.array(aWhitespace, { minLength: 1, maxLength: 3 }))
    .map(([before, after]) => before + after.map((whitespace) => `,${whitespace}`).join(''))
  const list = fc.tuple(fc.array(fc.tuple(aTag, separator), { maxLength: 6 }), fc.constantFrom('', ' ', ',', ' ,\t, '),
    fc.boolean())
  let commas = 0
  fc.assert(fc.property(list, ([members, edge, ends]) => {
    const tags = members.map(([tag]) => tag)
    if (tags.some((tag) => tag.includes(','))) commas++
    const text = edge +
      members.map(([tag, separator], i) => tag + (i < members.length - 1 || ends ? separator : '')).join('')
    const parsed = parseEntityTags(text)
    return parsed !== undefined && parsed.length === tags.length && parsed.every((tag, i) => tag === tags[i])
  }), { numRuns: 1000 })
  t.ok(commas > 0, 'some of the tags have a comma inside')
})

t.test('whatever the string is, only tags are parsed from it', async (t) => {
  const fragment = fc.constantFrom('"', 'W/', ',', ' ', '\t', 'a', '"a"', 'W/"b"', '\u00A0', '*', '\n')
  const text = fc.oneof(fc.string({ unit: 'binary' }),
    fc.array(fragment, { maxLength: 8 }).map((fragments) => fragments.join('')))
  let parsed = 0
  fc.assert(fc.property(text, (value) => {
    const tags = parseEntityTags(value)
    if (tags === undefined) return true
    parsed++
    const rest = tags.reduce((rest, tag) => rest.slice(0, rest.indexOf(tag)) +
      rest.slice(rest.indexOf(tag) + tag.length), value)
    return tags.every(followsTheGrammar) && /^[ \t,]*$/.test(rest)
  }), { numRuns: 2000 })
  t.ok(parsed > 100, 'many of the strings are lists')
})

t.test('long lists are parsed', async (t) => {
  const length = 100_000
  t.same(parseEntityTags(' '.repeat(length)), [], 'spaces')
  t.same(parseEntityTags(','.repeat(length)), [], 'commas')
  t.same(parseEntityTags(' ,'.repeat(length)), [], 'spaces and commas')
  t.equal(parseEntityTags('"a",'.repeat(length))?.length, length, 'tags')
  t.equal(parseEntityTags(' '.repeat(length) + 'a'), undefined, 'spaces before something that is not a tag')
  t.equal(parseEntityTags('"a",'.repeat(length) + 'a'), undefined, 'tags before something that is not a tag')
  t.equal(parseEntityTags('"' + 'a'.repeat(length)), undefined, 'a tag without an end')
  t.same(parseEntityTags('"' + ','.repeat(length) + '"'), ['"' + ','.repeat(length) + '"'], 'a tag of commas')
  t.equal(parseEntityTags('W/'.repeat(length)), undefined, 'many beginnings')
  t.equal(parseEntityTags('"'.repeat(length)), undefined, 'quotes')
  t.equal(isEntityTag('"' + 'a'.repeat(length) + ' "'), false,
    'a long string that is not a tag only because of its end')
})

t.test('tags match as in table 3 of RFC 9110', async (t) => {
  const rows: Array<[a: EntityTag, b: EntityTag, strong: boolean, weak: boolean]> = [
    ['W/"1"', 'W/"1"', false, true],
    ['W/"1"', 'W/"2"', false, false],
    ['W/"1"', '"1"', false, true],
    ['"1"', '"1"', true, true],
    ['"1"', '"2"', false, false],
    ['"a"', '"A"', false, false],
    ['""', '""', true, true],
    ['"W/"', '"W/"', true, true],
    ['W/"W/"', '"W/"', false, true],
    ['"\u00E9"', '"\u00C9"', false, false]
  ]
  for (const [a, b, isStrong, isWeak] of rows) {
    t.equal(strongMatch(a, b), isStrong, `${visible(a)} and ${visible(b)}: strong ${isStrong}`)
    t.equal(strongMatch(b, a), isStrong, `${visible(b)} and ${visible(a)}: strong ${isStrong}`)
    t.equal(weakMatch(a, b), isWeak, `${visible(a)} and ${visible(b)}: weak ${isWeak}`)
    t.equal(weakMatch(b, a), isWeak, `${visible(b)} and ${visible(a)}: weak ${isWeak}`)
  }
})

t.test('a strong match is a weak match, and both are symmetric', async () => {
  const someTag = fc.tuple(fc.constantFrom('', 'W/'), fc.constantFrom('', 'a', 'b', 'W/'))
    .map(([prefix, opaque]) => `${prefix}"${opaque}"` as EntityTag)
  fc.assert(fc.property(fc.oneof(someTag, aTag), fc.oneof(someTag, aTag), (a, b) =>
    (!strongMatch(a, b) || weakMatch(a, b)) &&
    strongMatch(a, b) === strongMatch(b, a) &&
    weakMatch(a, b) === weakMatch(b, a) &&
    weakMatch(weak(a), a) && !strongMatch(weak(a), a) && !strongMatch(a, weak(a)) &&
    strongMatch(a, a) === a.startsWith('"')
  ), { numRuns: 1000 })
})
