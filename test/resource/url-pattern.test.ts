import fc from 'fast-check'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { resource } from '../../src/resource/resource.js'
import { Router } from '../../src/resource/router.js'
import {
  fillPattern, isOptional, parameterProblem, parsePattern, type FilledPattern, type UnfilledPattern
} from '../../src/resource/url-pattern.js'
import type { ResourceUrl } from '../../src/resource/url-template.js'
import { formatValue } from '../../src/util/format-value.js'
import { visible } from '../visible.js'

type Values = Record<string, unknown>

function fill (url: string, values: Values, maxLength = 100): FilledPattern | UnfilledPattern {
  return fillPattern(parsePattern(url), (name) => values[name], maxLength)
}

function resourceUrl (url: string, filled: FilledPattern, isConstrained = false): ResourceUrl {
  const pattern = parsePattern(url)
  const canonicalRoute = { resource: resource({ etag: () => 1 }), scope: {}, url, pattern, isConstrained }
  return { ...filled, canonicalRoute, inherited: new Set() }
}

/** The parameters that the router reads in a path if `url` is the only route. */
async function readBack (url: string, path: string): Promise<unknown> {
  const app = Fastify()
  app.get(url, async (request) => request.params)
  const { statusCode, body } = await app.inject(path)
  await app.close()
  return statusCode === 200 ? JSON.parse(body) : statusCode
}

const patterns: Array<[name: string, url: string, names: string[], values: Values, path: string]> = [
  ['no parameter', '/settings', [], {}, '/settings'],
  ['the root', '/', [], {}, '/'],
  ['one parameter', '/users/:id', ['id'], { id: 42 }, '/users/42'],
  ['a parameter at the root', '/:id', ['id'], { id: 42 }, '/42'],
  ['a trailing slash', '/users/:id/', ['id'], { id: 42 }, '/users/42/'],
  ['several parameters', '/orgs/:org/users/:id', ['org', 'id'], { org: 'a', id: 42 }, '/orgs/a/users/42'],
  ['a parameter behind text', '/user-:id', ['id'], { id: 42 }, '/user-42'],
  ['a parameter behind text and a dot', '/v1.:id', ['id'], { id: 42 }, '/v1.42'],
  ['text behind a parameter', '/files/:name.json', ['name'], { name: 'a' }, '/files/a.json'],
  ['the name of a property of all objects', '/:constructor/:toString', ['constructor', 'toString'],
    { constructor: 'a', toString: 'b' }, '/a/b'],

  ['a regular expression', '/users/:id(\\d+)', ['id'], { id: 42 }, '/users/42'],
  ['an anchored regular expression', '/users/:id(^\\d+$)', ['id'], { id: 42 }, '/users/42'],
  ['a regular expression with a group', '/users/:id((?:a|b)c)', ['id'], { id: 'bc' }, '/users/bc'],
  ['a regular expression with nested groups', '/users/:id((?:a(?:b|c))+)/x', ['id'], { id: 'abac' }, '/users/abac/x'],
  ['a regular expression with escaped parentheses', '/users/:id(\\(\\d+\\))', ['id'], { id: '(7)' }, '/users/(7)'],
  ['a regular expression with one escaped parenthesis', '/users/:id(\\d+\\))/:x', ['id', 'x'], { id: '7)', x: 'y' },
    '/users/7)/y'],
  ['a regular expression with an escaped backslash', '/users/:id(a\\\\)/:x', ['id', 'x'], { id: 'a\\', x: 'y' },
    '/users/a%5C/y'],
  ['a regular expression with colon, dot and hyphen', '/users/:id([:.-]+)', ['id'], { id: '-.:' }, '/users/-.%3A'],
  ['text behind a regular expression', '/files/:id(\\d+).png', ['id'], { id: 7 }, '/files/7.png'],
  ['a question mark behind a regular expression, which is text', '/users/:id(\\d+)?', ['id'], { id: 7 }, '/users/7%3F'],

  ['two parameters in a segment', '/:a-:b', ['a', 'b'], { a: 1, b: 2 }, '/1-2'],
  ['three parameters in a segment', '/:a-:b.:c', ['a', 'b', 'c'], { a: 1, b: 2, c: 3 }, '/1-2.3'],
  ['parameters side by side', '/:a(\\d+):b', ['a', 'b'], { a: 1, b: 'x' }, '/1x'],
  ['longer text between parameters', '/:from-to:to', ['from', 'to'], { from: 'a', to: 'b' }, '/a-tob'],
  ['a segment of several parameters before another', '/:lat(^-?\\d+$),:lng(^-?\\d+$)/near', ['lat', 'lng'],
    { lat: -1, lng: 2 }, '/-1,2/near'],
  ['an asterisk behind a parameter, which is text', '/:a-*', ['a'], { a: 1 }, '/1-*'],
  ['a hash behind a parameter, which is text', '/:a-#', ['a'], { a: 1 }, '/1-%23'],

  ['a literal colon', '/users::all', [], {}, '/users:all'],
  ['a literal colon before a parameter', '/users/::at/:id', ['id'], { id: 42 }, '/users/:at/42'],
  ['three colons: a literal one, then a parameter', '/at:::id', ['id'], { id: 42 }, '/at:42'],
  ['a literal colon behind a parameter', '/:id-::undelete', ['id'], { id: 42 }, '/42-:undelete'],
  ['a literal colon and an asterisk behind a parameter', '/:id-::*', ['id'], { id: 42 }, '/42-:*'],
  ['a literal colon behind a regular expression', '/:id(\\d+)::undelete', ['id'], { id: 42 }, '/42:undelete'],
  ['two colons within a name belong to it', '/:id::undelete', ['id::undelete'], { 'id::undelete': 42 }, '/42'],

  ['a wildcard', '/files/*', ['*'], { '*': 'a/b.txt' }, '/files/a/b.txt'],
  ['a wildcard behind a parameter', '/:bucket/*', ['bucket', '*'], { bucket: 'a', '*': 'b/c' }, '/a/b/c'],
  ['a wildcard behind text', '/files-*', ['*'], { '*': 'a/b' }, '/files-a/b'],
  ['nothing but a wildcard', '*', ['*'], { '*': '/a/b' }, '/a/b'],

  ['an optional parameter that is there', '/files/:id/:version?', ['id', 'version'], { id: 1, version: 2 },
    '/files/1/2'],
  ['an optional parameter that is not there', '/files/:id/:version?', ['id', 'version'], { id: 1 }, '/files/1'],
  ['an optional parameter that is there, before a slash', '/files/:id/:version?/', ['id', 'version'],
    { id: 1, version: 2 }, '/files/1/2/'],
  ['an optional parameter that is not there, before a slash', '/files/:id/:version?/', ['id', 'version'], { id: 1 },
    '/files/1/'],
  ['an optional parameter at the root that is there', '/:id?', ['id'], { id: 1 }, '/1'],
  ['an optional parameter at the root that is not there', '/:id?', ['id'], {}, '/'],
  ['an optional parameter at the root that is not there, before a slash', '/:id?/', ['id'], {}, '/'],
  ['an optional segment of two parameters that are there', '/files/:name-:version?', ['name', 'version'],
    { name: 'a', version: 2 }, '/files/a-2'],
  ['an optional segment of two parameters that are not there', '/files/:name-:version?', ['name', 'version'], {},
    '/files'],
  ['an optional parameter that is false', '/:id?', ['id'], { id: false }, '/false'],

  ['a space in the text', '/my files/:id', ['id'], { id: 1 }, '/my%20files/1'],
  ['letters outside ASCII in the text', '/bücher/:id', ['id'], { id: 1 }, '/b%C3%BCcher/1'],
  ['an emoji in the text', '/😀/:id', ['id'], { id: 1 }, '/%F0%9F%98%80/1'],
  ['a percent sign in the text', '/100%/:id', ['id'], { id: 1 }, '/100%25/1'],
  ['text that looks encoded, and is not', '/a%20b/:id', ['id'], { id: 1 }, '/a%2520b/1'],
  ['brackets in the text', '/a[b]/:id', ['id'], { id: 1 }, '/a%5Bb%5D/1'],
  ['characters that a path can have as they are', '/a$&+,;=@!~\'()/:id', ['id'], { id: 1 }, '/a$&+,;=@!~\'()/1'],
  ['a space behind a parameter', '/:a-b c', ['a'], { a: 1 }, '/1-b%20c'],
  ['letters outside ASCII behind a parameter', '/:a-ü', ['a'], { a: 1 }, '/1-%C3%BC']
]

for (const [name, url, names, values, path] of patterns) {
  t.test(`a pattern with ${name}: ${visible(url)} becomes ${visible(path)}, which the router reads back`, async (t) => {
    t.same(parsePattern(url).parameters, names)
    const filled = fill(url, values)
    const parameters = Object.fromEntries(names.filter((name) => Object.hasOwn(values, name))
      .map((name) => [name, String(values[name])]))
    t.strictSame(filled, { path, parameters })
    t.strictSame(await readBack(url, path), parameters)
  })
}

t.test('a regular expression without its end, which the router rejects, is read to the end of the URL', async (t) => {
  const url = '/users/:id(\\d+/:x'
  t.throws(() => Fastify().get(url, async () => ''), TypeError)
  t.same(parsePattern(url).parameters, ['id'])
})

t.test('only the parameters of an optional last segment are optional', async (t) => {
  const rows: Array<[url: string, optional: string[]]> = [
    ['/users/:id', []],
    ['/users/:id?', ['id']],
    ['/users/:id?/', ['id']],
    ['/orgs/:org/users/:id?', ['id']],
    ['/files/:name-:version?', ['name', 'version']],
    ['/users/:id(\\d+)?', []],
    ['/files/*', []],
    ['/users?', []]
  ]
  for (const [url, optional] of rows) {
    const pattern = parsePattern(url)
    t.same(pattern.parameters.filter((name) => isOptional(pattern, name)), optional, url)
  }
})

const accepted: Array<[name: string, url: string, values: Values, path: string]> = [
  ['a number', '/users/:id', { id: 42 }, '/users/42'],
  ['0', '/users/:id', { id: 0 }, '/users/0'],
  ['-0', '/users/:id', { id: -0 }, '/users/0'],
  ['a negative fraction', '/users/:id', { id: -1.5 }, '/users/-1.5'],
  ['a number with an exponent', '/users/:id', { id: 1e-7 }, '/users/1e-7'],
  ['a bigint', '/users/:id', { id: 123456789012345678901234567890n }, '/users/123456789012345678901234567890'],
  ['true', '/users/:id', { id: true }, '/users/true'],
  ['false', '/users/:id', { id: false }, '/users/false'],
  ['a word', '/users/:id', { id: 'ada' }, '/users/ada'],
  ['a UUID', '/users/:id', { id: '0b6cfb1c-6a0b-4d0e-9a52-4f4b4c2f6b1e' },
    '/users/0b6cfb1c-6a0b-4d0e-9a52-4f4b4c2f6b1e'],
  ['an e-mail address', '/users/:id', { id: 'a+b@c.example' }, '/users/a%2Bb%40c.example'],
  ['a space', '/users/:id', { id: ' ' }, '/users/%20'],
  ['a slash', '/users/:id', { id: 'a/b' }, '/users/a%2Fb'],
  ['slashes alone', '/users/:id', { id: '//' }, '/users/%2F%2F'],
  ['a slash at the root', '/:id', { id: '/b.example' }, '/%2Fb.example'],
  ['a backslash', '/users/:id', { id: 'a\\b' }, '/users/a%5Cb'],
  ['a percent sign', '/users/:id', { id: '50%' }, '/users/50%25'],
  ['text that is already encoded', '/users/:id', { id: '%2F%20' }, '/users/%252F%2520'],
  ['dots encoded already', '/users/:id', { id: '%2e%2E' }, '/users/%252e%252E'],
  ['a question mark and a hash', '/users/:id', { id: 'a?b#c' }, '/users/a%3Fb%23c'],
  ['text that looks like a parameter', '/users/:id', { id: ':id' }, '/users/%3Aid'],
  ['an asterisk', '/users/:id', { id: '*' }, '/users/*'],
  ['letters outside ASCII', '/users/:id', { id: 'ü日本' }, '/users/%C3%BC%E6%97%A5%E6%9C%AC'],
  ['an emoji', '/users/:id', { id: '😀' }, '/users/%F0%9F%98%80'],
  ['control characters', '/users/:id', { id: '\u0000\r\n' }, '/users/%00%0D%0A'],
  ['three dots', '/users/:id', { id: '...' }, '/users/...'],
  ['a file without a name before its dot', '/users/:id', { id: '.a' }, '/users/.a'],
  ['a dot that is part of a segment', '/users/u-:id', { id: '.' }, '/users/u-.'],
  ['dots that are parts of a segment', '/:a-:b', { a: '.', b: '.' }, '/.-.'],
  ['as many characters as the router accepts', '/users/:id', { id: 'a'.repeat(100) }, `/users/${'a'.repeat(100)}`],
  ['as many characters as the router accepts, many more when encoded', '/users/:id', { id: '日'.repeat(100) },
    `/users/${'%E6%97%A5'.repeat(100)}`],
  ['as many halves of surrogate pairs as the router accepts', '/users/:id', { id: '😀'.repeat(50) },
    `/users/${'%F0%9F%98%80'.repeat(50)}`],
  ['as many digits as the router accepts', '/users/:id', { id: 10n ** 99n }, `/users/1${'0'.repeat(99)}`],
  ['more characters than the router accepts in a parameter, in a wildcard', '/files/*', { '*': 'a'.repeat(1000) },
    `/files/${'a'.repeat(1000)}`],
  ['a path in a wildcard', '/files/*', { '*': 'a/b c/ü?' }, '/files/a/b%20c/%C3%BC%3F'],
  ['a slash at the start of a wildcard', '/files/*', { '*': '/a' }, '/files//a'],
  ['a slash at the end of a wildcard', '/files/*', { '*': 'a/' }, '/files/a/'],
  ['a slash alone in a wildcard', '/files/*', { '*': '/' }, '/files//'],
  ['an encoded slash in a wildcard', '/files/*', { '*': 'a%2Fb' }, '/files/a%252Fb'],
  ['three dots in a wildcard', '/files/*', { '*': 'a/.../b' }, '/files/a/.../b'],
  ['a number in a wildcard', '/files/*', { '*': 7 }, '/files/7']
]

t.test('a value is percent-encoded so that the router reads the same value back', async (t) => {
  for (const [name, url, values, path] of accepted) {
    const parameters = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
    t.strictSame(fill(url, values), { path, parameters }, `${name} fills ${url}`)
    t.strictSame(await readBack(url, path), parameters, `${name} is read back by ${url}`)
  }
})

const TEXT = 'fill it with a string, a number, a bigint or a boolean'
const NOT_EMPTY = 'fill it with an id that is not empty'
const WHOLE = 'use an id of whole characters'
const FINITE = 'use a finite number'
const LONGER = 'Fastify({ routerOptions: { maxParamLength: 101 } })'
const NO_DOTS = 'use ids that are neither "." nor ".."'
const halfAPair = 'which has half a surrogate pair'
const dots = 'has a segment "." or "..", which clients remove'
const beyond = 'beyond Number.MAX_SAFE_INTEGER, where different values become one number'
const tooLong = '101 characters, and the router accepts 100'

const aPromise = Promise.resolve(1)

type Rejected = [name: string, url: string, values: Values, parameter: string | undefined, found: string, fix: string]
const rejected: Rejected[] = [
  ['undefined', '/users/:id', {}, 'id', 'undefined', TEXT],
  ['null', '/users/:id', { id: null }, 'id', 'null', TEXT],
  ['null for an optional parameter', '/users/:id?', { id: null }, 'id', 'null', TEXT],
  ['an object', '/users/:id', { id: {} }, 'id', '{}', TEXT],
  ['an array', '/users/:id', { id: ['a'] }, 'id', "[ 'a' ]", TEXT],
  ['a Date', '/users/:id', { id: new Date(0) }, 'id', '1970-01-01T00:00:00.000Z', TEXT],
  ['a Promise', '/users/:id', { id: aPromise }, 'id', formatValue(aPromise), TEXT],
  ['a boxed string', '/users/:id', { id: Object('a') }, 'id', "[String: 'a']", TEXT],
  ['a symbol', '/users/:id', { id: Symbol('a') }, 'id', 'Symbol(a)', TEXT],
  ['a function', '/users/:id', { id: () => 1 }, 'id', '[Function: id]', TEXT],
  ['NaN', '/users/:id', { id: NaN }, 'id', 'the number NaN', FINITE],
  ['Infinity', '/users/:id', { id: Infinity }, 'id', 'the number Infinity', FINITE],
  ['-Infinity', '/users/:id', { id: -Infinity }, 'id', 'the number -Infinity', FINITE],
  ['a number that is not exact', '/users/:id', { id: 1e21 }, 'id', `the number 1e+21, ${beyond}`,
    'read it as a bigint or a string'],
  ['an empty string', '/users/:id', { id: '' }, 'id', 'an empty string', NOT_EMPTY],
  ['an empty string for an optional parameter', '/users/:id?', { id: '' }, 'id', 'an empty string', NOT_EMPTY],
  ['an empty wildcard', '/files/*', { '*': '' }, '*', 'an empty string', NOT_EMPTY],
  ['the first half of a surrogate pair', '/users/:id', { id: 'a\uD83D' }, 'id', `"a\\ud83d", ${halfAPair}`, WHOLE],
  ['the second half of a surrogate pair', '/files/*', { '*': '\uDE00a' }, '*', `"\\ude00a", ${halfAPair}`, WHOLE],
  ['one character more than the router accepts', '/users/:id', { id: 'a'.repeat(101) }, 'id', tooLong, LONGER],
  ['one half of a surrogate pair more than the router accepts', '/users/:id', { id: `a${'😀'.repeat(50)}` }, 'id',
    tooLong, LONGER],
  ['one digit more than the router accepts', '/users/:id', { id: 10n ** 100n }, 'id', tooLong, LONGER],
  ['the second of two', '/orgs/:org/users/:id', { org: 'a', id: null }, 'id', 'null', TEXT],
  ['the first of two in a segment', '/:a-:b', { b: 1 }, 'a', 'undefined', TEXT],
  ['the first of two in an optional segment', '/files/:name-:version?', { version: 2 }, 'name', 'undefined', TEXT],
  ['the second of two in an optional segment', '/files/:name-:version?', { name: 'a' }, 'version', 'undefined', TEXT],

  ['a dot', '/users/:id', { id: '.' }, undefined, `"/users/.", which ${dots}`, NO_DOTS],
  ['two dots', '/users/:id/posts', { id: '..' }, undefined, `"/users/../posts", which ${dots}`, NO_DOTS],
  ['two dots at the root', '/:id', { id: '..' }, undefined, `"/..", which ${dots}`, NO_DOTS],
  ['two dots in a wildcard', '/files/*', { '*': 'a/../b' }, undefined, `"/files/a/../b", which ${dots}`, NO_DOTS],
  ['a dot at the start of a wildcard', '/files/*', { '*': './a' }, undefined, `"/files/./a", which ${dots}`, NO_DOTS],
  ['two dots that end a wildcard', '/files/*', { '*': 'a/..' }, undefined, `"/files/a/..", which ${dots}`, NO_DOTS],
  ['a dot that makes two behind the text', '/.:id', { id: '.' }, undefined, `"/..", which ${dots}`, NO_DOTS],
  ['two dots made of two parameters', '/:a(\\.):b', { a: '.', b: '.' }, undefined, `"/..", which ${dots}`, NO_DOTS],
  ['a dot that makes two with a wildcard', '/.*', { '*': './a' }, undefined, `"/../a", which ${dots}`, NO_DOTS],
  ['a host in a wildcard', '/*', { '*': '/b.example' }, undefined,
    '"//b.example", which begins with "//", so clients take what follows for a host',
    "use a path such as '/users/42'"],
  ['a path without its slash, in a URL that is only a wildcard', '*', { '*': 'a' }, undefined,
    '"a", which is relative to the URL of the request', 'begin it with "/": \'/a\''],
  ['a URL, in a URL that is only a wildcard', '*', { '*': 'https://b.example/' }, undefined,
    '"https%3A//b.example/", which is relative to the URL of the request',
    'begin it with "/": \'/https%3A//b.example/\'']
]

t.test('a value that cannot be part of a URL is rejected, and the parameter is named', async (t) => {
  for (const [name, url, values, parameter, found, fix] of rejected) {
    const problem = fill(url, values)
    const isOfParameter = parameter !== undefined
    t.strictSame(problem, isOfParameter ? { found, fix, parameter } : { found, fix }, `${name}: ${visible(found)}`)
    if (isOfParameter) t.same(parameterProblem(values[parameter], parameter, 100), { found, fix }, name)
  }
})

t.test('the limit of the router counts for every value that becomes text', async (t) => {
  const rows: Array<[value: unknown, fits: boolean]> = [
    ['abcd', true], ['abcde', false], [1234, true], [12345, false], [1234n, true], [12345n, false], [true, true], [
      false, false], ['日本日本', true], ['😀😀', true], ['😀😀😀', false]
  ]
  const app = Fastify({ routerOptions: { maxParamLength: 4 } })
  t.teardown(() => app.close())
  app.get('/users/:id', async (request) => request.params)
  for (const [value, fits] of rows) {
    const name = `${visible(String(value))} (${typeof value})`
    const problem = fits
      ? undefined
      : { found: /^\d+ characters, and the router accepts 4$/, fix: /maxParamLength: \d+/ }
    t.equal('path' in fill('/users/:id', { id: value }, 4), fits, `${name} ${fits ? 'fits' : 'does not fit'}`)
    t.match(parameterProblem(value, 'id', 4), problem, name)
    const { statusCode } = await app.inject(`/users/${encodeURIComponent(String(value))}`)
    t.equal(statusCode, fits ? 200 : 414, `the router ${fits ? 'accepts' : 'rejects'} ${name}`)
  }
})

t.test('no value makes it throw, and a problem has what was found and a fix', async (t) => {
  const count = { path: 0, problem: 0 }
  const aUrl = fc.constantFrom('/users/:id', '/files/:id?', '/*', '/:id-:id.x')
  const aValue = fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true })
  fc.assert(fc.property(aUrl, aValue, (url, value) => {
    const filled = fillPattern(parsePattern(url), () => value, 100)
    count['path' in filled ? 'path' : 'problem']++
    return 'path' in filled || (filled.found.length > 0 && filled.fix.length > 0)
  }), { numRuns: 1000 })
  for (const [kind, times] of Object.entries(count)) t.ok(times > 100, `${kind}: ${times} times`)
})

const BY_NONE = 'is not answered by any GET route: the router does not accept these parameters'
const BY_ANOTHER = 'is answered by another GET route, which matches more of the path'
const otherwise = (parameters: string): string =>
  `is read by the router as ${parameters}: another GET route has this URL, or it can be read in two ways`

t.test('a URL that the router reads with other parameters is a problem', async (t) => {
  type Row = [name: string, routes: string[], url: string, values: Values, misread?: string[], found?: string]
  const rows: Row[] = [
    ['one that is read as it was made', ['/users/:id'], '/users/:id', { id: 'a/b' }],
    ['one without parameters', ['/settings'], '/settings', {}],
    ['an optional parameter that is left out', ['/files/:id?'], '/files/:id?', {}],
    ['the path of a static route', ['/users/:id', '/users/me'], '/users/:id', { id: 'me' },
      ['id'], `/users/me, made of { id: 'me' } for GET /users/:id, ${BY_ANOTHER}`],
    ['the path of a static route, for a wildcard', ['/files/*', '/files/index/all'], '/files/*', { '*': 'index/all' },
      ['*'], `/files/index/all, made of { '*': 'index/all' } for GET /files/*, ${BY_ANOTHER}`],
    ['a route with another parameter', ['/users/:id', '/users/:year(^\\d{4}$)'], '/users/:id', { id: 1999 },
      ['year', 'id'], otherwise("{ year: '1999' }")],
    ['a route with another parameter that does not match', ['/users/:id', '/users/:year(^\\d{4}$)'], '/users/:id',
      { id: 42 }],
    ['a separator in the second of two', ['/:a-:b'], '/:a-:b', { a: 'x', b: 'y-z' },
      ['a', 'b'], `/x-y-z, made of { a: 'x', b: 'y-z' } for GET /:a-:b, ${otherwise("{ a: 'x-y', b: 'z' }")}`],
    ['a separator in the first of two', ['/:a-:b'], '/:a-:b', { a: 'x-y', b: 'z' }],
    ['a route with one parameter more, which is empty', ['/:a', '/:a(.*):b(.*)'], '/:a', { a: 'x' },
      ['b'], otherwise("{ a: 'x', b: '' }")],
    ['a group that the router counts as a parameter', ['/:id((a|b)c)/:x'], '/:id((a|b)c)/:x', { id: 'ac', x: 'y' },
      ['x'], otherwise("{ id: 'ac', x: 'a' }")],
    ['a value that the regular expression does not match', ['/users/:id(\\d+)'], '/users/:id(\\d+)', { id: 'me' },
      ['id'], `/users/me, made of { id: 'me' } for GET /users/:id(\\d+), ${BY_NONE}`],
    ['the same, if a catch-all matches it', ['/users/:id(\\d+)', '/*'], '/users/:id(\\d+)', { id: 'me' },
      ['*', 'id'], otherwise("{ '*': 'users/me' }")],
    ['a question mark in the text, which no request can have', ['/a?b/:id'], '/a?b/:id', { id: 1 }, ['id'], BY_NONE]
  ]
  for (const [name, routes, url, values, misread, found] of rows) {
    const app = Fastify()
    t.teardown(() => app.close())
    for (const route of routes) app.get(route, async (request) => request.params)
    await app.ready()
    const router = new Router(app)
    const made = resourceUrl(url, fill(url, values) as FilledPattern)
    const problem = router.misreadProblem(made)
    if (found === undefined) {
      t.equal(problem, undefined, name)
      continue
    }
    t.ok(problem?.found.endsWith(found), `${name}: ${problem?.found}`)
    t.equal(problem?.fix, 'use ids that only this route matches, or change the URL of the other route')
    for (const parameter of Object.keys(values)) {
      const fromRequest = { ...made, inherited: new Set([parameter]) }
      const isMisread = misread!.includes(parameter)
      t.equal(router.misreadProblem(fromRequest)?.isFromRequest, isMisread, `if the client has sent ${parameter}`)
    }
  }
})

t.test('a parameter that is too long for the router is a problem of the URL as well', async (t) => {
  const app = Fastify({ routerOptions: { maxParamLength: 4 } })
  t.teardown(() => app.close())
  app.get('/users/:id', async () => '')
  await app.ready()
  const url = resourceUrl('/users/:id', { path: '/users/abcde', parameters: { id: 'abcde' } })
  t.match(new Router(app).misreadProblem(url), { found: BY_NONE, isFromRequest: false })
})

t.test('a canonical route with constraints is not looked up, because they depend on the request', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.get('/users/:id', { constraints: { host: 'a.example' } }, async () => '')
  await app.ready()
  const filled = fill('/users/:id', { id: 1 }) as FilledPattern
  const router = new Router(app)
  t.equal(router.misreadProblem(resourceUrl('/users/:id', filled, true)), undefined)
  t.match(router.misreadProblem(resourceUrl('/users/:id', filled)), { found: BY_NONE })
})

const aName = fc.constantFrom('a', 'b', 'c')
const aText = fc.constantFrom('users', 'me', 'x y', 'ü', '😀', '50%', '%2F', 'a::b', 'A', '.a', 'a+b', '~;=@', '[x]',
  'a(b)')
const aRegex = fc.constantFrom('(\\d+)', '(^\\d{4}$)', '((?:x|y(?:z))+)', '([^/]+)', '(\\([^)]*\\))', '(.*)',
  '(^[a-z.%-]+$)')
const aParameter = fc.tuple(aName, fc.option(aRegex, { nil: '', freq: 3 })).map(([name, regex]) => `:${name}${regex}`)
const aSeparator = fc.constantFrom('-', '.', '-to', '..', '-ü ', '.x::', '--')
const anEnd = fc.constantFrom('', '', '.json', '-*', '-::x')

const aSimpleSegment = fc.oneof(aText, aParameter,
  fc.tuple(fc.constantFrom('u-', '.', 'v1.', '::', 'é'), aParameter).map(([text, parameter]) => text + parameter))
const aMultiple = fc.tuple(aParameter,
  fc.array(fc.tuple(aSeparator, aParameter).map(([separator, parameter]) => separator + parameter), { maxLength: 2 }),
  anEnd)
  .map(([first, others, end]) => first + others.join('') + end)
const aLast = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constant('/') },
  { weight: 2, arbitrary: fc.constantFrom('/*', '/f-*') },
  { weight: 2, arbitrary: fc.tuple(aName, fc.constantFrom('', '/')).map(([name, slash]) => `/:${name}?${slash}`) },
  { weight: 1, arbitrary: fc.constantFrom('/:a-:b?', '/:a.:c?/') }
)

const patternOf = (segment: fc.Arbitrary<string>, last: fc.Arbitrary<string>) =>
  fc.tuple(fc.array(segment.map((segment) => `/${segment}`), { minLength: 1, maxLength: 3 }), last)
    .map(([segments, last]) => segments.join('') + last)
const aSimplePattern = patternOf(aSimpleSegment, aLast.filter((last) => !/:.*:/.test(last)))
const aPattern = patternOf(fc.oneof(aSimpleSegment, aMultiple), aLast)

const PLAIN = ['me', 'users', 'a', 'A', '1999', 'x', 'xyz', 'a-b', 'a.b', '-', '(x)', 'a/b']
const SPECIAL = [
  '.', '..', '/', '//', '%', '%2F', '%2e', ' ', '+', '?', '#', ';', ':', '*', '\\', '-', 'ü', 'İ', '😀', '\uD83D',
  '\uDE00', 'a', '1'
]
const aSpecialText = fc.array(fc.constantFrom(...SPECIAL), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''))

const aValue = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...PLAIN) },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }) },
  { weight: 3, arbitrary: aSpecialText },
  {
    weight: 1,
    arbitrary: fc.constantFrom('a'.repeat(8), 'é'.repeat(9), '%'.repeat(100), '😀'.repeat(50), '1'.repeat(101),
      10n ** 8n)
  },
  { weight: 2, arbitrary: fc.oneof(fc.nat(), fc.double(), fc.bigInt(), fc.boolean()) },
  { weight: 1, arbitrary: fc.constantFrom('', '.', '..', undefined, null, NaN) }
)
const someValues = fc.array(fc.record({ a: aValue, b: aValue, c: aValue, '*': aValue }),
  { minLength: 1, maxLength: 5, size: 'max' })

/** Routes that may match the same paths, and values for them. */
type Group = { urls: string[], values: Values[] }

const groupsOf = (pattern: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<Group[]> =>
  fc.array(fc.record({ urls: fc.array(pattern, { minLength: 1, maxLength }), values: someValues }),
    { minLength: 1, maxLength: 40, size: 'max' })

/** One URL of a group, and the route that responds there. */
interface Trial {
  url: string
  filled: FilledPattern
  response: { url: string, params: Record<string, string> } | undefined
  app: FastifyInstance
}

async function tryAll (options: object, groups: Group[], judge: (trial: Trial) => void): Promise<void> {
  const app = Fastify({ routerOptions: options, exposeHeadRoutes: false }) as unknown as FastifyInstance
  const declared = groups.map(({ urls }, index) => declareAll(app, `/g${index}`, urls))
  await app.ready()
  const { maxParamLength } = new Router(app)
  for (const [index, { values }] of groups.entries()) {
    for (const url of declared[index]) {
      for (const given of values) {
        const filled = fill(url, given, maxParamLength)
        if (!('path' in filled)) continue
        const { statusCode, body } = await app.inject(filled.path)
        judge({ url, filled, app, response: statusCode === 200 ? JSON.parse(body) : undefined })
      }
    }
  }
  await app.close()
}

/** @returns the routes that the router accepts. When it rejects one it has added a part of it, so start over. */
function declareAll (app: FastifyInstance, prefix: string, urls: string[]): string[] {
  const declared: string[] = []
  try {
    for (const url of urls) {
      app.get(prefix + url, async (request) => ({ url: request.routeOptions.url, params: request.params }))
      declared.push(url)
    }
  } catch {
    return declareAll(app, `${prefix}-`, declared)
  }
  return declared.map((url) => prefix + url)
}

t.test('with one parameter in a segment, a URL that its route answers has the parameters it was made of', async (t) => {
  let answered = 0
  await fc.assert(fc.asyncProperty(groupsOf(aSimplePattern, 1), async (groups) => {
    await tryAll({}, groups, ({ url, filled: { path, parameters }, response }) => {
      if (response?.url !== url) return
      answered++
      const { params } = response
      const isSame = visible(params) === visible({ ...params, ...parameters }) &&
        Object.keys(params).length === Object.keys(parameters).length
      if (!isSame) throw new Error(`${url} of ${visible(parameters)} is ${path}, and read as ${visible(params)}`)
    })
  }), { numRuns: 100 })
  t.ok(answered > 1000, `${answered} URLs were answered`)
})

t.test('a URL without a misreadProblem() is read as it was made, with any options of the router', async (t) => {
  const someOptions = fc.record({
    caseSensitive: fc.boolean(),
    ignoreTrailingSlash: fc.boolean(),
    ignoreDuplicateSlashes: fc.boolean(),
    useSemicolonDelimiter: fc.boolean(),
    maxParamLength: fc.constantFrom(8, 100, 120)
  }, { requiredKeys: [] })
  const count = { read: 0, misread: 0 }
  await fc.assert(fc.asyncProperty(someOptions, groupsOf(aPattern, 3), async (options, groups) => {
    await tryAll(options, groups, ({ url, filled, response, app }) => {
      const { path, parameters } = filled
      const problem = new Router(app).misreadProblem(resourceUrl(url, filled))
      count[problem === undefined ? 'read' : 'misread']++
      const found = app.findRoute({ method: 'GET', url: path })?.params
      if (response !== undefined && visible(found) !== visible(response.params)) {
        throw new Error(`GET ${path} has ${visible(response.params)}, and findRoute says ${visible(found)}`)
      }
      const isRead = response !== undefined && visible(sorted(response.params)) === visible(sorted(parameters))
      if (isRead !== (problem === undefined)) {
        const made = `${url} of ${visible(parameters)} is ${path}`
        throw new Error(`${made}, and answered with ${visible(response)}: ${problem?.found}`)
      }
    })
  }), { numRuns: 100 })
  t.ok(count.read > 700, `${count.read} URLs were read as they were made`)
  t.ok(count.misread > 700, `${count.misread} URLs were not`)
})

function sorted (parameters: Record<string, string>): Array<[string, string]> {
  return Object.entries(parameters).sort(([a], [b]) => a < b ? -1 : 1)
}
