import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import {
  entityTagProblem, formatEntityTag, isEntityTag, isSendableTag, parseEntityTags, strongMatch, weak, weakMatch,
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
    ['a tag with the first and the last character that can be sent', '"!~"', '"!~"'],
    ['a value with a space', 'a b', '"YSBi"'],
    ['a value with a quote inside', 'a"b', '"YSJi"'],
    ['a small w before a tag', 'w/"a"', '"dy8iYSI"'],
    ['a value outside ASCII', 'é', '"w6k"'],
    ['the text of a tag with obs-text', 'café', '"Y2Fmw6k"'],
    ['a value with a surrogate pair', '\u{1F600}', '"8J-YgA"'],
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
const OUTSIDE_ASCII = 'an entity-tag with a character outside ASCII'
const BETWEEN = 'pass the text between the quotes, so that it is encoded'
const HASH = 'hash it: digest([version])'
const HALF = 'which has half a surrogate pair'
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
    ['a tag with DEL', '"\u007F"', `"\\"\\u007f\\"", ${LIKE_A_TAG}`, ONE_PAIR],
    ['a tag with obs-text', '"café"', `"\\"café\\"", ${OUTSIDE_ASCII}`, BETWEEN],
    ['a weak tag with obs-text', 'W/"café"', `"W/\\"café\\"", ${OUTSIDE_ASCII}`,
      'give weak() the text between the quotes, so that it is encoded'],
    ['a tag with the last of obs-text', '"\u00FF"', `"\\"\u00FF\\"", ${OUTSIDE_ASCII}`, BETWEEN],
    ['a tag with a character beyond Latin-1', '"\u0100"', `"\\"\u0100\\"", ${OUTSIDE_ASCII}`, BETWEEN],
    ['a tag with an emoji', '"\u{1F600}"', `"\\"\u{1F600}\\"", ${OUTSIDE_ASCII}`, BETWEEN],
    ['a tag with a space and obs-text', '"é a"', `"\\"é a\\"", ${LIKE_A_TAG}`, ONE_PAIR],
    ['half a surrogate pair', 'a\uD83D', `"a\\ud83d", ${HALF}`, HASH],
    ['a tag with half a surrogate pair', '"\uDE00"', `"\\"\\ude00\\"", ${HALF}`, HASH],
    ['undefined', undefined, 'undefined', VERSION],
    ['an object', {}, '{}', VERSION],
    ['an array', [7], '[ 7 ]', VERSION],
    ['a Date', new Date(0), '1970-01-01T00:00:00.000Z', 'pass its toISOString()'],
    ['a Date of another realm', runInNewContext('new Date(0)'), '1970-01-01T00:00:00.000Z', 'pass its toISOString()'],
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
      return typeof value === 'string' && (value === '' || /^(?:W\/)?"/.test(value) || !value.isWellFormed())
    }
    const tag = formatEntityTag(value)!
    formatted++
    return followsTheGrammar(tag) && isEntityTag(tag) && isSendableTag(tag) && formatEntityTag(tag) === tag
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

t.test('a tag can be sent if it is an entity-tag in ASCII', async (t) => {
  const rows: Array<[text: string, expected: boolean]> = [
    ['""', true], ['"a"', true], ['W/"a"', true], ['"!#~"', true], ['"a,b"', true],
    ['"\u007F"', false], ['"\u0080"', false], ['"é"', false], ['W/"é"', false], ['"\u0100"', false],
    ['a', false], ['"a', false], ['"a b"', false], ['w/"a"', false], ['"a"\n', false]
  ]
  for (const [text, expected] of rows) t.equal(isSendableTag(text), expected, `${visible(text)}: ${expected}`)
  fc.assert(fc.property(aTag, (tag) => isSendableTag(tag) === !/[^\0-\x7F]/.test(tag)), { numRuns: 1000 })
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
  const anyTag = fc.oneof(someTag, aTag.filter(isSendableTag))
  fc.assert(fc.property(anyTag, anyTag, (a, b) =>
    (!strongMatch(a, b) || weakMatch(a, b)) &&
    strongMatch(a, b) === strongMatch(b, a) &&
    weakMatch(a, b) === weakMatch(b, a) &&
    weakMatch(weak(a), a) && !strongMatch(weak(a), a) && !strongMatch(a, weak(a)) &&
    strongMatch(a, a) === a.startsWith('"')
  ), { numRuns: 1000 })
})
