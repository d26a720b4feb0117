import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import { digest } from '../../src/http/digest.js'
import { setNodeEnv } from '../node-env.js'

const REQUIRED = 'a string, bytes, or data that JSON represents as it is'

function invalid (found: string, fix: string): Error {
  const message = `A digest cannot be made. Found: ${found}. Required: ${REQUIRED}. Fix: ${fix}`
  return { name: 'FastifyError', code: 'FST_CREATED_VERSION_INVALID', statusCode: 500, message } as object as Error
}

function tagOrError (value: unknown): string {
  try {
    return digest(value)
  } catch (error) {
    return `rejected: ${(error as Error).message}`
  }
}

function nested (depth: number): unknown[] {
  let value: unknown[] = []
  for (let i = 1; i < depth; i++) value = [value]
  return value
}

const TAG = /^"[\w-]{43}"$/

t.test('digests never change: clients keep them', async (t) => {
  const rows: Array<[name: string, value: unknown, tag: string]> = [
    ['null', null, 'dCNOmK_nSY-12vHzasLXiswzlGT5UHA7jAGYkvmCuQs'],
    ['true', true, 'tb6kG2xiP3wJ8b8k3K5Y66s8DN2QrZZrxDpFtEhn4Ss'],
    ['false', false, '_LzxZZCN0YqeSff_J4EBdtuOn2O0NSITdBZkJFIk-Ko'],
    ['0', 0, 'X-zrZv_IbzjZUnhsbWlsecLbwjndTpG0ZynXOif7V-k'],
    ['-0', -0, 'X-zrZv_IbzjZUnhsbWlsecLbwjndTpG0ZynXOif7V-k'],
    ['a fraction', 1.5, 'nymhMEOLgRcLkqQmUPmpQpHsrWC9R68qOIbnX39yhyU'],
    ['a large number', 1e21, 'JBxGQ_pwsdzeEgW3G-TjvrsX6fiAyOGjPQ6tbCcnHTw'],
    ['a small number', 5e-324, 'xG58ob5MhzTzc6VlMHhyiPogWNc9B4VekkfpSfgRpCo'],
    ['a bigint', 123456789012345678901234567890n, 'qC0ZmbdbkYk6w059dvWv6c-8DtTBTKbx_NT22KTckAQ'],
    ['an empty object', {}, 'RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o'],
    ['an empty array', [], 'T1PNoYwrqgwDVLtfmj7L5e0Sq02OEbqHPC8RFhICuUU'],
    ['nested data', { b: [1, { d: null, c: [] }], a: { z: true, y: 'x' } },
      'PQWJccPtBXyZQsg5k-raHluwJfYyJPtjzXjrXYLyNqM'],
    ['keys that are array indices', { b: 1, 10: 2, 9: 3, '!': 4, '01': 5, '-1': 6 },
      'H4zomcr81vUF7g-cZ8zD4QWPuRChhKOUiwqLEY2EAKE'],
    ['keys outside ASCII', { '\u{1F600}': 1, '\uFF5E': 2, z: 3, a: 4, Z: 5, é: 6, '': 7 },
      'Aed4HkZGONrM3iI1phQBMwTO5kr_pbh-E_fxtdbTLaA'],
    ['characters that JSON escapes', { 'a"b\\': '\u0000\b\t\n\u001F\u007F\u2028"\\/é\u{1F600}' },
      '_va1-VB6G_RzVAbDeJqdouDpvWWJbNJsJ92j5sMWw8E'],
    ['halves of surrogate pairs', ['\uD83D', '\uDE00', { '\uD83D': 1 }],
      'pm5FqKcYQ8ciD7DhDHWeKSIFDtdow0zCHafmhMlyF9g'],
    ['a key called __proto__', JSON.parse('{"__proto__":{"a":1},"a":2}'),
      'fxKLmCvOYcW3UvurlFtRRKUalsdmy35ElQKwOHdiRlo'],
    ['a property that is undefined', { a: 1, b: undefined }, 'AVq9f1zFei3ZS3WQ8ErYCEJzkF7jPsXOvq5iJ2qX-GI'],
    ['a Date', new Date(0), '9aNAEh6biuuYsJk1e_GC6IitBrdZocnexoL3s0AwuEs'],
    ['a Date within data', { at: new Date(0) }, 'iQ_Gv57dqmdCob4oZUqxhf1WRkIPyzf87KHe_V6Juas'],
    ['a Buffer within data', { a: Buffer.from('ab') }, 'PT0GZ4f_HaQxrxTHGX9ZEIW1GExgu6tShltWVeR7R7M'],
    ['a Uint8Array within data', { a: new Uint8Array([1, 2]) }, 'U6_B4oVoK1hTz3t_JdYosgEtNbja9TashV99Bg_KWNo'],
    ['a BigInt64Array within data', [new BigInt64Array([1n])], 'UwYu7CBUi0PNgwZ5jYK2eIVBp62W1OMsEGjROENh3go'],
    ['a URL', [new URL('https://a.example/')], 'KWd8rFzCWXzzRmGS5hMRrvb07Y7yLitBrKvC7xnJM2U']
  ]
  for (const [name, value, tag] of rows) t.equal(tagOrError(value), `"${tag}"`, name)
})

t.test('whatever the data is, its JSON with sorted keys is hashed', async () => {
  const sort = (_key: string, part: unknown): unknown =>
    Object.prototype.toString.call(part) === '[object Object]'
      ? Object.fromEntries(Object.entries(part as object).sort(([a], [b]) => a < b ? -1 : 1))
      : part
  const key = fc.oneof(fc.string({ unit: 'binary', maxLength: 3 }), fc.nat(20).map(String), fc.constant('__proto__'))
  const { data } = fc.letrec((tie) => ({
    data: fc.oneof({ depthSize: 'medium' }, fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null),
      fc.array(tie('data')), fc.dictionary(key, tie('data')))
  }))
  fc.assert(fc.property(data, (value) =>
    digest([value]) === digest(JSON.stringify(JSON.parse(JSON.stringify([value])), sort))), { numRuns: 2000 })
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
  t.match(digest(''), TAG, 'it is an entity-tag')
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
    t.match(tagOrError(a), TAG, `${name}: the first has a tag`)
    t.not(tagOrError(a), digest(b), name)
  }
})

t.test('digest() does not change its argument', async (t) => {
  const value = { b: { d: 1, c: 2 }, a: [3, 1] }
  const before = JSON.stringify(value)
  digest(value)
  t.equal(JSON.stringify(value), before)
})

t.test('digest() rejects what JSON cannot represent, and says where', async (t) => {
  const circular: Record<string, unknown> = { list: [{}] }
  circular.list = [{ self: circular }]
  class Secret { #secret = 1; read () { return this.#secret } }
  class Registry extends Map { name = 'a' }
  const CANNOT = 'which JSON cannot represent'
  const NUMBER = 'use a finite number, or null'
  const DATE = 'use a valid Date, or null'
  const OBJECT = 'use plain data, or give it a toJSON()'
  const OTHER = 'leave it out, or use plain data'
  const rows: Array<[name: string, value: unknown, found: string, fix: string]> = [
    ['undefined', undefined, `undefined, ${CANNOT}`, 'use null'],
    ['undefined in an array', { a: [1, undefined] }, `a[1] is undefined, ${CANNOT}`, 'use null'],
    ['a hole of an array', [1, , 3], `[1] is undefined, ${CANNOT}`, 'use null'], // eslint-disable-line no-sparse-arrays
    ['NaN', NaN, `NaN, ${CANNOT}`, NUMBER],
    ['NaN deep down', { items: [{}, {}, { price: NaN }] }, `items[2].price is NaN, ${CANNOT}`, NUMBER],
    ['Infinity', [Infinity], `[0] is Infinity, ${CANNOT}`, NUMBER],
    ['-Infinity', [[-Infinity]], `[0][0] is -Infinity, ${CANNOT}`, NUMBER],
    ['a boxed NaN', { a: Object(NaN) }, `a is NaN, ${CANNOT}`, NUMBER],
    ['NaN among bytes', { a: new Float32Array([0, NaN]) }, `a["1"] is NaN, ${CANNOT}`, NUMBER],
    ['an invalid Date', { at: new Date(NaN) }, `at is Invalid Date, ${CANNOT}`, DATE],
    ['an invalid Date alone', new Date(NaN), `Invalid Date, ${CANNOT}`, DATE],
    ['a Date without toJSON()', { at: Object.assign(new Date(0), { toJSON: null }) },
      `at is 1970-01-01T00:00:00.000Z { toJSON: null }, ${CANNOT}`, DATE],
    ['a function', () => 1, `[Function (anonymous)], ${CANNOT}`, OTHER],
    ['a method', { a: { read () {} } }, `a.read is [Function: read], ${CANNOT}`, OTHER],
    ['a symbol', { a: Symbol('a') }, `a is Symbol(a), ${CANNOT}`, OTHER],
    ['a boxed symbol', [Object(Symbol('a'))], `[0] is Symbol(a), ${CANNOT}`, OTHER],
    ['a Map', [new Map([[1, 2]])], `[0] is Map(1) { 1 => 2 }, ${CANNOT}`, 'use Object.fromEntries(map)'],
    ['a Map with properties', { a: Object.assign(new Map(), { b: 1 }) }, `a is Map(0) { b: 1 }, ${CANNOT}`,
      'use Object.fromEntries(map)'],
    ['a Map of a class', new Registry(), `Registry(0) [Map] { name: 'a' }, ${CANNOT}`, 'use Object.fromEntries(map)'],
    ['a Set', { a: new Set([1]) }, `a is Set(1) { 1 }, ${CANNOT}`, 'use [...set]'],
    ['a Set with properties', Object.assign(new Set(), { b: 1 }), `Set(0) { b: 1 }, ${CANNOT}`, 'use [...set]'],
    ['a WeakMap with properties', Object.assign(new WeakMap(), { b: 1 }),
      `WeakMap { <items unknown>, b: 1 }, ${CANNOT}`, OBJECT],
    ['a regular expression with properties', [Object.assign(/a/, { b: 1 })], `[0] is /a/ { b: 1 }, ${CANNOT}`, OBJECT],
    ['an ArrayBuffer within data', { a: new ArrayBuffer(1) },
      `a is ArrayBuffer { [Uint8Contents]: <00>, byteLength: 1 }, ${CANNOT}`, OBJECT],
    ['private fields only', [new Secret()], `[0] is Secret {}, ${CANNOT}`, OBJECT],
    ['a URLSearchParams', { a: new URLSearchParams('b=1') }, `a is URLSearchParams { 'b' => '1' }, ${CANNOT}`, OBJECT],
    ['an array with properties', { a: 'ab'.match(/b/) },
      `a is an array with properties beside its elements, ${CANNOT}`, 'copy the elements: [...array]'],
    ['an object that contains itself', circular, `list[0].self is an object that contains itself, ${CANNOT}`,
      'leave it out, or use its id'],
    ['half a surrogate pair', 'a\uD83D', '"a\\ud83d", which has half a surrogate pair',
      'hash it as JSON: digest([text])'],
    ['what toJSON() returns', { a: { toJSON: () => NaN } }, `a is NaN, ${CANNOT}`, NUMBER],
    ['undefined from toJSON() alone', { toJSON: () => undefined }, `undefined, ${CANNOT}`, 'use null']
  ]
  for (const [name, value, found, fix] of rows) t.throws(() => digest(value), invalid(found, fix), name)

  const error = Object.assign(new Error('no'), { code: 7 })
  const others: Array<[name: string, value: unknown, message: RegExp]> = [
    ['a Promise', { a: Promise.resolve(1) }, /Found: a is Promise .+, which JSON .+ Fix: await it$/],
    ['a Promise with properties', Object.assign(Promise.resolve(1), { b: 1 }), /Found: Promise .+ Fix: await it$/],
    ['an Error with properties', { error }, /Found: error is Error: no .+, which JSON cannot represent/]
  ]
  for (const [name, value, message] of others) t.match(tagOrError(value), message, name)
})

t.test('the place of what digest() rejects is cut', async (t) => {
  const rows: Array<[name: string, value: unknown, place: string]> = [
    ['a key that is no identifier', { 'a b': { 'c"': NaN } }, '["a b"]["c\\""]'],
    ['a key with a line feed', { 'a\n': NaN }, '["a\\n"]'],
    ['an empty key', { '': { a: NaN } }, '[""].a'],
    ['a long key', { ['a'.repeat(65_536)]: NaN }, `["${'a'.repeat(200)}"…]…`],
    ['a long key of blanks', { a: { [' '.repeat(65_536)]: NaN } }, `a["${' '.repeat(200)}"…]…`],
    ['a deep place', JSON.parse(`${'{"a":'.repeat(1000)}[null]${'}'.repeat(1000)}`, (_key, part) => part ?? NaN),
      `a${'.a'.repeat(50)}…`]
  ]
  for (const [name, value, place] of rows) {
    const error = invalid(`${place} is NaN, which JSON cannot represent`, 'use a finite number, or null')
    t.throws(() => digest(value), error, name)
  }
})

t.test('what a getter or toJSON() throws is the cause', async (t) => {
  const cause = new RangeError('no')
  const fail = (): never => { throw cause }
  const rows: Array<[name: string, value: unknown, place: string]> = [
    ['toJSON()', { toJSON: fail }, 'it'],
    ['toJSON() deep down', { users: [{ toJSON: fail }] }, 'users[0]'],
    ['a getter', { user: { get name () { return fail() } } }, 'user.name'],
    ['a getter called toJSON', [{ get toJSON () { return fail() } }], '[0]'],
    ['a Proxy', { user: new Proxy({}, { ownKeys: fail }) }, 'user']
  ]
  for (const [name, value, place] of rows) {
    const error = invalid(`reading ${place} threw "no"`, 'correct its getter or its toJSON()')
    t.throws(() => digest(value), { ...error, cause }, name)
  }
  // eslint-disable-next-line no-throw-literal
  const throwsUndefined = { toJSON () { throw undefined } }
  t.match(tagOrError(throwsUndefined), 'reading it threw undefined', 'undefined was thrown')

  setNodeEnv(t, 'production')
  const message = 'A digest cannot be made. The log has the details'
  const details = invalid('reading it threw "no"', 'correct its getter or its toJSON()')
  t.throws(() => digest({ toJSON: fail }), { message, cause: { message: details.message, cause } } as object as Error,
    'in production, the cause of the details')
})

t.test('bytes that were given away are rejected', async (t) => {
  const bytes = new Uint8Array(1)
  structuredClone(bytes, { transfer: [bytes.buffer] })
  t.match(tagOrError(bytes), /^rejected: .+ Found: reading it threw ".+ detached /)
})

t.test('toJSON() is honored, and called once for each place', async (t) => {
  class Decimal { #digits = '1.50'; toJSON () { return this.#digits } }
  class ObjectId { toJSON () { return '507f1f77bcf86cd799439011' } }
  class PlainDate { toJSON () { return '2026-07-31' } }
  class Account { id = 1; owner = { id: 2 }; toJSON () { return this } }
  class Chain { toJSON () { return { toJSON: null, at: new Date(0), next: new ObjectId() } } }
  class Keyed { toJSON (key: string) { return `key ${key}` } }
  class Optional { toJSON () { return undefined } }
  const same: Array<[name: string, value: unknown, same: unknown]> = [
    ['a Decimal', { price: new Decimal() }, { price: '1.50' }],
    ['an ObjectId', { _id: new ObjectId() }, { _id: '507f1f77bcf86cd799439011' }],
    ['a PlainDate', [new PlainDate()], ['2026-07-31']],
    ['a toJSON() that returns its object', new Account(), { id: 1, owner: { id: 2 } }],
    ['toJSON() within what toJSON() returns', new Chain(), { toJSON: null, at: new Date(0), next: new ObjectId() }],
    ['toJSON() gets the name of the property', { a: new Keyed(), b: [new Keyed()] }, { a: 'key a', b: ['key 0'] }],
    ['the name of the value itself is empty', new Keyed(), { toJSON: () => 'key ' }],
    ['a toJSON() of undefined', { a: new Optional(), b: 1 }, { b: 1 }],
    ['a function that has toJSON()', [Object.assign(() => 1, { toJSON: () => 1 })], [1]],
    ['boxed values', [Object('a'), Object(1), Object(false), Object(7n)], ['a', 1, false, '7']],
    ['what toJSON() returns is boxed', [{ toJSON: () => Object('a') }], ['a']]
  ]
  for (const [name, a, b] of same) t.equal(tagOrError(a), digest(b), name)

  let calls = 0
  const counted = { toJSON: () => ++calls }
  digest([counted, counted])
  t.equal(calls, 2, 'one call for each place')

  class Endless { toJSON () { return { next: new Endless() } } }
  t.match(tagOrError(new Endless()), /Found: next(?:\.next)+… is more than 1000000 levels deep\. Required: /,
    'a toJSON() that never ends')
})

t.test('an object that is at several places is no circle', async (t) => {
  const shared = { a: [1] }
  t.equal(digest([shared, { shared }, shared]), digest([{ a: [1] }, { shared: { a: [1] } }, { a: [1] }]))
})

t.test('data may be nested deeper than the stack', async (t) => {
  for (const depth of [2500, 100_000]) {
    t.match(tagOrError(nested(depth)), TAG, `${depth} arrays`)
    t.not(tagOrError(nested(depth)), tagOrError(nested(depth - 1)), `${depth} arrays are not ${depth - 1}`)
  }
  const object = JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)
  t.match(tagOrError(object), TAG, '100000 objects')
  t.match(tagOrError({ [' '.repeat(65_536)]: nested(2500) }), TAG, 'below a key of 64 KiB of blanks')
})

t.test('halves of surrogate pairs in data are told apart, because JSON escapes them', async (t) => {
  const texts = ['\uD83D', '\uDE00', '\uFFFD', '\\ud83d']
  const tags = texts.flatMap((text) => [digest([text]), digest({ [text]: 1 })])
  t.equal(new Set(tags).size, tags.length)
})

t.test('data of another realm is data', async (t) => {
  const rows: Array<[code: string, same: unknown]> = [
    ['({ a: {}, b: [[]] })', { a: {}, b: [[]] }],
    ['Object.create(null)', {}],
    ['({ at: new Date(0) })', { at: new Date(0) }],
    ['new Uint8Array([97]).buffer', 'a'],
    ['new DataView(new Uint8Array([97]).buffer)', 'a'],
    ['Object("a")', { toJSON: () => 'a' }],
    ['[new Uint8Array()]', [new Uint8Array()]]
  ]
  for (const [code, same] of rows) t.equal(tagOrError(runInNewContext(code)), digest(same), code)
  for (const code of ['new Map()', 'Object.assign(new Map(), { a: 1 })', '[new Set()]', '({ a: new Date(NaN) })',
    'new (class { #a = 1 })()', 'Promise.resolve()', 'Object.assign(new Error("a"), { b: 1 })']) {
    t.match(tagOrError(runInNewContext(code)), /^rejected: A digest cannot be made\. Found: /, code)
  }
  t.equal(tagOrError(structuredClone({ a: {} })), digest({ a: {} }), 'what structuredClone() returns')
  // As the router of Fastify makes request.params.
  const Params = function () {} as unknown as new () => object
  Params.prototype = Object.create(null)
  t.equal(tagOrError({ params: new Params() }), digest({ params: {} }), 'request.params without parameters')
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
