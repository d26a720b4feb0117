import fc from 'fast-check'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import type { MadeAddress } from '../../src/resource/canonical-routes.js'
import { resource } from '../../src/resource/resource.js'
import { Router } from '../../src/resource/router.js'
import { fillPattern, isOptional, parsePattern, type FilledPattern } from '../../src/resource/url-pattern.js'

type Values = Record<string, unknown>

/** JSON in ASCII alone: TAP does not like a line separator in a name. */
function visible (value: unknown): string {
  return String(JSON.stringify(value) ?? value).replace(/[^\x20-\x7E]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function fill (url: string, values: Values, maxLength = 100): FilledPattern | { refusal: string } {
  return fillPattern(parsePattern(url), (name) => values[name], maxLength)
}

function made (url: string, filled: FilledPattern, isConstrained = false): MadeAddress {
  return { ...filled, home: { resource: resource({ etag: () => 1 }), scope: {}, url, pattern: parsePattern(url), isConstrained }, inherited: new Set(), isSure: false }
}

/** What the router itself reads in an address, where `url` is the only route. */
async function readBack (url: string, path: string): Promise<unknown> {
  const app = Fastify()
  app.get(url, async (request) => request.params)
  const { statusCode, body } = await app.inject(path)
  await app.close()
  return statusCode === 200 ? JSON.parse(body) : statusCode
}

const patterns: Array<[says: string, url: string, names: string[], values: Values, path: string]> = [
  ['no parameter', '/settings', [], {}, '/settings'],
  ['the root', '/', [], {}, '/'],
  ['one parameter', '/users/:id', ['id'], { id: 42 }, '/users/42'],
  ['a parameter at the root', '/:id', ['id'], { id: 42 }, '/42'],
  ['a trailing slash', '/users/:id/', ['id'], { id: 42 }, '/users/42/'],
  ['several parameters', '/orgs/:org/users/:id', ['org', 'id'], { org: 'a', id: 42 }, '/orgs/a/users/42'],
  ['a parameter behind text', '/user-:id', ['id'], { id: 42 }, '/user-42'],
  ['a parameter behind text and a dot', '/v1.:id', ['id'], { id: 42 }, '/v1.42'],
  ['text behind a parameter', '/files/:name.json', ['name'], { name: 'a' }, '/files/a.json'],
  ['the name of a property of all objects', '/:constructor/:toString', ['constructor', 'toString'], { constructor: 'a', toString: 'b' }, '/a/b'],

  ['a regular expression', '/users/:id(\\d+)', ['id'], { id: 42 }, '/users/42'],
  ['an anchored regular expression', '/users/:id(^\\d+$)', ['id'], { id: 42 }, '/users/42'],
  ['a regular expression with a group', '/users/:id((?:a|b)c)', ['id'], { id: 'bc' }, '/users/bc'],
  ['a regular expression with nested groups', '/users/:id((?:a(?:b|c))+)/x', ['id'], { id: 'abac' }, '/users/abac/x'],
  ['a regular expression with escaped parentheses', '/users/:id(\\(\\d+\\))', ['id'], { id: '(7)' }, '/users/(7)'],
  ['a regular expression with one escaped parenthesis', '/users/:id(\\d+\\))/:x', ['id', 'x'], { id: '7)', x: 'y' }, '/users/7)/y'],
  ['a regular expression with an escaped backslash', '/users/:id(a\\\\)/:x', ['id', 'x'], { id: 'a\\', x: 'y' }, '/users/a%5C/y'],
  ['a regular expression with a colon, a dot and a hyphen', '/users/:id([:.-]+)', ['id'], { id: '-.:' }, '/users/-.%3A'],
  ['text behind a regular expression', '/files/:id(\\d+).png', ['id'], { id: 7 }, '/files/7.png'],
  ['a question mark behind a regular expression, which is text', '/users/:id(\\d+)?', ['id'], { id: 7 }, '/users/7%3F'],

  ['two parameters in a segment', '/:a-:b', ['a', 'b'], { a: 1, b: 2 }, '/1-2'],
  ['three parameters in a segment', '/:a-:b.:c', ['a', 'b', 'c'], { a: 1, b: 2, c: 3 }, '/1-2.3'],
  ['parameters side by side', '/:a(\\d+):b', ['a', 'b'], { a: 1, b: 'x' }, '/1x'],
  ['longer text between parameters', '/:from-to:to', ['from', 'to'], { from: 'a', to: 'b' }, '/a-tob'],
  ['a segment of several parameters before another', '/:lat(^-?\\d+$),:lng(^-?\\d+$)/near', ['lat', 'lng'], { lat: -1, lng: 2 }, '/-1,2/near'],
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

  ['an optional parameter that is there', '/files/:id/:version?', ['id', 'version'], { id: 1, version: 2 }, '/files/1/2'],
  ['an optional parameter that is not there', '/files/:id/:version?', ['id', 'version'], { id: 1 }, '/files/1'],
  ['an optional parameter that is there, before a slash', '/files/:id/:version?/', ['id', 'version'], { id: 1, version: 2 }, '/files/1/2/'],
  ['an optional parameter that is not there, before a slash', '/files/:id/:version?/', ['id', 'version'], { id: 1 }, '/files/1/'],
  ['an optional parameter at the root that is there', '/:id?', ['id'], { id: 1 }, '/1'],
  ['an optional parameter at the root that is not there', '/:id?', ['id'], {}, '/'],
  ['an optional parameter at the root that is not there, before a slash', '/:id?/', ['id'], {}, '/'],
  ['an optional segment of two parameters that are there', '/files/:name-:version?', ['name', 'version'], { name: 'a', version: 2 }, '/files/a-2'],
  ['an optional segment of two parameters that are not there', '/files/:name-:version?', ['name', 'version'], {}, '/files'],
  ['an optional parameter that is false', '/:id?', ['id'], { id: false }, '/false'],

  ['a space in the text', '/my files/:id', ['id'], { id: 1 }, '/my%20files/1'],
  ['letters outside ASCII in the text', '/bücher/:id', ['id'], { id: 1 }, '/b%C3%BCcher/1'],
  ['an emoji in the text', '/😀/:id', ['id'], { id: 1 }, '/%F0%9F%98%80/1'],
  ['a percent sign in the text', '/100%/:id', ['id'], { id: 1 }, '/100%25/1'],
  ['what looks encoded in the text, and is not', '/a%20b/:id', ['id'], { id: 1 }, '/a%2520b/1'],
  ['brackets in the text', '/a[b]/:id', ['id'], { id: 1 }, '/a%5Bb%5D/1'],
  ['what a path may carry as it is', '/a$&+,;=@!~\'()/:id', ['id'], { id: 1 }, '/a$&+,;=@!~\'()/1'],
  ['a space behind a parameter', '/:a-b c', ['a'], { a: 1 }, '/1-b%20c'],
  ['letters outside ASCII behind a parameter', '/:a-ü', ['a'], { a: 1 }, '/1-%C3%BC']
]

for (const [says, url, names, values, path] of patterns) {
  t.test(`a pattern with ${says}: ${visible(url)} becomes ${visible(path)}, which the router reads the same way`, async (t) => {
    t.same(parsePattern(url).parameters, names)
    const filled = fill(url, values)
    const parameters = Object.fromEntries(names.filter((name) => Object.hasOwn(values, name)).map((name) => [name, String(values[name])]))
    t.strictSame(filled, { path, parameters })
    t.strictSame(await readBack(url, path), parameters)
  })
}

t.test('a regular expression without its end, which the router refuses, is read to the end of the URL', async (t) => {
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

const accepted: Array<[says: string, url: string, values: Values, path: string]> = [
  ['a number', '/users/:id', { id: 42 }, '/users/42'],
  ['0', '/users/:id', { id: 0 }, '/users/0'],
  ['-0', '/users/:id', { id: -0 }, '/users/0'],
  ['a negative fraction', '/users/:id', { id: -1.5 }, '/users/-1.5'],
  ['a number with an exponent', '/users/:id', { id: 1e-7 }, '/users/1e-7'],
  ['a bigint', '/users/:id', { id: 123456789012345678901234567890n }, '/users/123456789012345678901234567890'],
  ['true', '/users/:id', { id: true }, '/users/true'],
  ['false', '/users/:id', { id: false }, '/users/false'],
  ['a word', '/users/:id', { id: 'ada' }, '/users/ada'],
  ['a UUID', '/users/:id', { id: '0b6cfb1c-6a0b-4d0e-9a52-4f4b4c2f6b1e' }, '/users/0b6cfb1c-6a0b-4d0e-9a52-4f4b4c2f6b1e'],
  ['an e-mail address', '/users/:id', { id: 'a+b@c.example' }, '/users/a%2Bb%40c.example'],
  ['a space', '/users/:id', { id: ' ' }, '/users/%20'],
  ['a slash', '/users/:id', { id: 'a/b' }, '/users/a%2Fb'],
  ['slashes alone', '/users/:id', { id: '//' }, '/users/%2F%2F'],
  ['a slash at the root', '/:id', { id: '/b.example' }, '/%2Fb.example'],
  ['a backslash', '/users/:id', { id: 'a\\b' }, '/users/a%5Cb'],
  ['a percent sign', '/users/:id', { id: '50%' }, '/users/50%25'],
  ['what is encoded already', '/users/:id', { id: '%2F%20' }, '/users/%252F%2520'],
  ['dots encoded already', '/users/:id', { id: '%2e%2E' }, '/users/%252e%252E'],
  ['a question mark and a hash', '/users/:id', { id: 'a?b#c' }, '/users/a%3Fb%23c'],
  ['what looks like a parameter', '/users/:id', { id: ':id' }, '/users/%3Aid'],
  ['an asterisk', '/users/:id', { id: '*' }, '/users/*'],
  ['letters outside ASCII', '/users/:id', { id: 'ü日本' }, '/users/%C3%BC%E6%97%A5%E6%9C%AC'],
  ['an emoji', '/users/:id', { id: '😀' }, '/users/%F0%9F%98%80'],
  ['control characters', '/users/:id', { id: '\u0000\r\n' }, '/users/%00%0D%0A'],
  ['three dots', '/users/:id', { id: '...' }, '/users/...'],
  ['a file without a name before its dot', '/users/:id', { id: '.a' }, '/users/.a'],
  ['a dot that is part of a segment', '/users/u-:id', { id: '.' }, '/users/u-.'],
  ['dots that are parts of a segment', '/:a-:b', { a: '.', b: '.' }, '/.-.'],
  ['as many characters as the router takes', '/users/:id', { id: 'a'.repeat(100) }, `/users/${'a'.repeat(100)}`],
  ['as many characters as the router takes, many more when encoded', '/users/:id', { id: '日'.repeat(100) }, `/users/${'%E6%97%A5'.repeat(100)}`],
  ['as many halves of surrogate pairs as the router takes', '/users/:id', { id: '😀'.repeat(50) }, `/users/${'%F0%9F%98%80'.repeat(50)}`],
  ['as many digits as the router takes', '/users/:id', { id: 10n ** 99n }, `/users/1${'0'.repeat(99)}`],
  ['more characters than the router takes in a parameter, in a wildcard', '/files/*', { '*': 'a'.repeat(1000) }, `/files/${'a'.repeat(1000)}`],
  ['a path in a wildcard', '/files/*', { '*': 'a/b c/ü?' }, '/files/a/b%20c/%C3%BC%3F'],
  ['a slash at the start of a wildcard', '/files/*', { '*': '/a' }, '/files//a'],
  ['a slash at the end of a wildcard', '/files/*', { '*': 'a/' }, '/files/a/'],
  ['a slash alone in a wildcard', '/files/*', { '*': '/' }, '/files//'],
  ['an encoded slash in a wildcard', '/files/*', { '*': 'a%2Fb' }, '/files/a%252Fb'],
  ['three dots in a wildcard', '/files/*', { '*': 'a/.../b' }, '/files/a/.../b'],
  ['a number in a wildcard', '/files/*', { '*': 7 }, '/files/7']
]

t.test('a value is percent-encoded so that the router reads back what it was', async (t) => {
  for (const [says, url, values, path] of accepted) {
    const parameters = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
    t.strictSame(fill(url, values), { path, parameters }, `${says} fills ${url}`)
    t.strictSame(await readBack(url, path), parameters, `${says} is read back by ${url}`)
  }
})

const notText = 'it must be a string, a number, a bigint or a boolean'
const halfAPair = 'it has half a surrogate pair, which no URL can carry'
const dots = 'has a segment "." or "..", which clients remove'

const refused: Array<[says: string, url: string, values: Values, refusal: string]> = [
  ['undefined', '/users/:id', {}, `the parameter "id" of /users/:id is undefined: ${notText}`],
  ['null', '/users/:id', { id: null }, `the parameter "id" of /users/:id is null: ${notText}`],
  ['null, where it is optional', '/users/:id?', { id: null }, `the parameter "id" of /users/:id? is null: ${notText}`],
  ['an object', '/users/:id', { id: {} }, `the parameter "id" of /users/:id is {}: ${notText}`],
  ['an array', '/users/:id', { id: ['a'] }, `the parameter "id" of /users/:id is [ 'a' ]: ${notText}`],
  ['a Date', '/users/:id', { id: new Date(0) }, `the parameter "id" of /users/:id is 1970-01-01T00:00:00.000Z: ${notText}`],
  ['a promise', '/users/:id', { id: Promise.resolve(1) }, 'the parameter "id" of /users/:id is Promise {'],
  ['a boxed string', '/users/:id', { id: Object('a') }, `the parameter "id" of /users/:id is [String: 'a']: ${notText}`],
  ['a symbol', '/users/:id', { id: Symbol('a') }, `the parameter "id" of /users/:id is Symbol(a): ${notText}`],
  ['a function', '/users/:id', { id: () => 1 }, `the parameter "id" of /users/:id is [Function: id]: ${notText}`],
  ['NaN', '/users/:id', { id: NaN }, 'the parameter "id" of /users/:id is NaN: it must be a finite number'],
  ['Infinity', '/users/:id', { id: Infinity }, 'the parameter "id" of /users/:id is Infinity: it must be a finite number'],
  ['-Infinity', '/users/:id', { id: -Infinity }, 'the parameter "id" of /users/:id is -Infinity: it must be a finite number'],
  ['a number that is not exact', '/users/:id', { id: 1e21 }, 'the parameter "id" of /users/:id is 1e+21: beyond Number.MAX_SAFE_INTEGER different values become one number: give the bigint, or a string'],
  ['an empty string', '/users/:id', { id: '' }, 'the parameter "id" of /users/:id is "": it must not be empty'],
  ['an empty string, where it is optional', '/users/:id?', { id: '' }, 'the parameter "id" of /users/:id? is "": it must not be empty'],
  ['an empty wildcard', '/files/*', { '*': '' }, 'the parameter "*" of /files/* is "": it must not be empty'],
  ['the first half of a surrogate pair', '/users/:id', { id: 'a\uD83D' }, `the parameter "id" of /users/:id is "a\\ud83d": ${halfAPair}`],
  ['the second half of a surrogate pair', '/files/*', { '*': '\uDE00a' }, `the parameter "*" of /files/* is "\\ude00a": ${halfAPair}`],
  ['one character more than the router takes', '/users/:id', { id: 'a'.repeat(101) }, 'it has 101 characters, and the router takes 100 (routerOptions.maxParamLength)'],
  ['one half of a surrogate pair more than the router takes', '/users/:id', { id: `a${'😀'.repeat(50)}` }, 'it has 101 characters, and the router takes 100'],
  ['one digit more than the router takes', '/users/:id', { id: 10n ** 100n }, 'it has 101 characters, and the router takes 100'],
  ['the second of two', '/orgs/:org/users/:id', { org: 'a', id: null }, 'the parameter "id" of /orgs/:org/users/:id is null'],
  ['the first of two in a segment', '/:a-:b', { b: 1 }, 'the parameter "a" of /:a-:b is undefined'],
  ['the first of two in an optional segment', '/files/:name-:version?', { version: 2 }, 'the parameter "name" of /files/:name-:version? is undefined'],
  ['the second of two in an optional segment', '/files/:name-:version?', { name: 'a' }, 'the parameter "version" of /files/:name-:version? is undefined'],

  ['a dot', '/users/:id', { id: '.' }, `with { id: '.' } for the parameters of /users/:id, "/users/." ${dots}`],
  ['two dots', '/users/:id/posts', { id: '..' }, `with { id: '..' } for the parameters of /users/:id/posts, "/users/../posts" ${dots}`],
  ['two dots at the root', '/:id', { id: '..' }, `with { id: '..' } for the parameters of /:id, "/.." ${dots}`],
  ['two dots in a wildcard', '/files/*', { '*': 'a/../b' }, `with { '*': 'a/../b' } for the parameters of /files/*, "/files/a/../b" ${dots}`],
  ['a dot at the start of a wildcard', '/files/*', { '*': './a' }, `with { '*': './a' } for the parameters of /files/*, "/files/./a" ${dots}`],
  ['two dots at the end of a wildcard', '/files/*', { '*': 'a/..' }, `with { '*': 'a/..' } for the parameters of /files/*, "/files/a/.." ${dots}`],
  ['a dot that makes two behind the text', '/.:id', { id: '.' }, `with { id: '.' } for the parameters of /.:id, "/.." ${dots}`],
  ['two dots made of two parameters', '/:a(\\.):b', { a: '.', b: '.' }, `with { a: '.', b: '.' } for the parameters of /:a(\\.):b, "/.." ${dots}`],
  ['a dot that makes two with a wildcard', '/.*', { '*': './a' }, `with { '*': './a' } for the parameters of /.*, "/../a" ${dots}`],
  ['a host in a wildcard', '/*', { '*': '/b.example' }, 'with { \'*\': \'/b.example\' } for the parameters of /*, "//b.example" begins with "//", so that what follows is taken for a host'],
  ['a path without its slash, where there is nothing but a wildcard', '*', { '*': 'a' }, 'with { \'*\': \'a\' } for the parameters of *, "a" is relative to the URL of the request'],
  ['a URL, where there is nothing but a wildcard', '*', { '*': 'https://b.example/' }, 'with { \'*\': \'https://b.example/\' } for the parameters of *, "https%3A//b.example/" is relative to the URL of the request']
]

t.test('a value that can be no part of an address is refused, naming the parameter and the URL', async (t) => {
  for (const [says, url, values, refusal] of refused) {
    t.match(fill(url, values), { refusal }, `${says}: ${visible(refusal)}`)
  }
})

t.test('the limit of the router counts, for whatever becomes text', async (t) => {
  const rows: Array<[value: unknown, fits: boolean]> = [
    ['abcd', true], ['abcde', false], [1234, true], [12345, false], [1234n, true], [12345n, false], [true, true], [false, false], ['日本日本', true], ['😀😀', true], ['😀😀😀', false]
  ]
  const app = Fastify({ routerOptions: { maxParamLength: 4 } })
  t.teardown(() => app.close())
  app.get('/users/:id', async (request) => request.params)
  for (const [value, fits] of rows) {
    const says = `${visible(String(value))} (${typeof value})`
    t.equal('path' in fill('/users/:id', { id: value }, 4), fits, `${says} ${fits ? 'fits' : 'does not fit'}`)
    t.equal((await app.inject(`/users/${encodeURIComponent(String(value))}`)).statusCode, fits ? 200 : 414, `${says} is ${fits ? 'taken' : 'refused'} by the router`)
  }
})

t.test('no value makes it throw, and a refusal names the URL', async (t) => {
  const count = { path: 0, refusal: 0 }
  fc.assert(fc.property(fc.constantFrom('/users/:id', '/files/:id?', '/*', '/:id-:id.x'), fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true }), (url, value) => {
    const filled = fillPattern(parsePattern(url), () => value, 100)
    count['path' in filled ? 'path' : 'refusal']++
    return 'path' in filled || filled.refusal.includes(` of ${url}`)
  }), { numRuns: 1000 })
  for (const [kind, times] of Object.entries(count)) t.ok(times > 100, `many a ${kind}`)
})

t.test('an address that the router reads otherwise than it was made is refused', async (t) => {
  const rows: Array<[says: string, routes: string[], url: string, values: Values, refusal: RegExp | undefined]> = [
    ['one that comes back as it was', ['/users/:id'], '/users/:id', { id: 'a/b' }, undefined],
    ['one without parameters', ['/settings'], '/settings', {}, undefined],
    ['an optional parameter that is left out', ['/files/:id?'], '/files/:id?', {}, undefined],
    ['the name of another, static route', ['/users/:id', '/users/me'], '/users/:id', { id: 'me' }, /^\/users\/me, made of \{ id: 'me' \} for GET \/users\/:id, is answered by another GET route, which has more of this path$/],
    ['another static route, for a wildcard', ['/files/*', '/files/index/all'], '/files/*', { '*': 'index/all' }, /is answered by another GET route, which has more of this path$/],
    ['a route with another parameter', ['/users/:id', '/users/:year(^\\d{4}$)'], '/users/:id', { id: 1999 }, /is read by the router as \{ year: '1999' \}/],
    ['a route with another parameter, that it does not fit', ['/users/:id', '/users/:year(^\\d{4}$)'], '/users/:id', { id: 42 }, undefined],
    ['a separator in the second of two', ['/:a-:b'], '/:a-:b', { a: 'x', b: 'y-z' }, /^\/x-y-z, made of \{ a: 'x', b: 'y-z' \} for GET \/:a-:b, is read by the router as \{ a: 'x-y', b: 'z' \}: another GET route has this address, or the URL can be read in two ways$/],
    ['a separator in the first of two', ['/:a-:b'], '/:a-:b', { a: 'x-y', b: 'z' }, undefined],
    ['a route with one parameter more, which is empty', ['/:a', '/:a(.*):b(.*)'], '/:a', { a: 'x' }, /is read by the router as \{ a: 'x', b: '' \}/],
    ['a group that the router counts as a parameter', ['/:id((a|b)c)/:x'], '/:id((a|b)c)/:x', { id: 'ac', x: 'y' }, /is read by the router as \{ id: 'ac', x: 'a' \}/],
    ['what does not fit the regular expression', ['/users/:id(\\d+)'], '/users/:id(\\d+)', { id: 'me' }, /^\/users\/me, made of \{ id: 'me' \} for GET \/users\/:id\(\\d\+\), is answered by no GET route: these parameters do not fit the URL$/],
    ['what does not fit, where a catch-all takes it', ['/users/:id(\\d+)', '/*'], '/users/:id(\\d+)', { id: 'me' }, /is read by the router as \{ '\*': 'users\/me' \}/],
    ['a question mark in the text, which no request can have', ['/a?b/:id'], '/a?b/:id', { id: 1 }, /is answered by no GET route/]
  ]
  for (const [says, routes, url, values, refusal] of rows) {
    const app = Fastify()
    t.teardown(() => app.close())
    for (const route of routes) app.get(route, async (request) => request.params)
    await app.ready()
    const filled = fill(url, values) as FilledPattern
    const found = new Router(app).refuseMisread(made(url, filled))
    if (refusal === undefined) t.equal(found, undefined, says)
    else t.match(found, refusal, says)
  }
})

t.test('what is too long for the router is refused even where nothing else has refused it', async (t) => {
  const app = Fastify({ routerOptions: { maxParamLength: 4 } })
  t.teardown(() => app.close())
  app.get('/users/:id', async () => '')
  await app.ready()
  t.match(new Router(app).refuseMisread(made('/users/:id', { path: '/users/abcde', parameters: { id: 'abcde' } })), /is answered by no GET route/)
})

t.test('a home under constraints is not looked up: it takes a request to know whether it answers', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.get('/users/:id', { constraints: { host: 'a.example' } }, async () => '')
  await app.ready()
  const filled = fill('/users/:id', { id: 1 }) as FilledPattern
  const router = new Router(app)
  t.equal(router.refuseMisread(made('/users/:id', filled, true)), undefined)
  t.match(router.refuseMisread(made('/users/:id', filled)), /is answered by no GET route/)
})

const aName = fc.constantFrom('a', 'b', 'c')
const aText = fc.constantFrom('users', 'me', 'x y', 'ü', '😀', '50%', '%2F', 'a::b', 'A', '.a', 'a+b', '~;=@', '[x]', 'a(b)')
const aRegex = fc.constantFrom('(\\d+)', '(^\\d{4}$)', '((?:x|y(?:z))+)', '([^/]+)', '(\\([^)]*\\))', '(.*)', '(^[a-z.%-]+$)')
const aParameter = fc.tuple(aName, fc.option(aRegex, { nil: '', freq: 3 })).map(([name, regex]) => `:${name}${regex}`)
const aSeparator = fc.constantFrom('-', '.', '-to', '..', '-ü ', '.x::', '--')
const anEnd = fc.constantFrom('', '', '.json', '-*', '-::x')

const aSimpleSegment = fc.oneof(aText, aParameter, fc.tuple(fc.constantFrom('u-', '.', 'v1.', '::', 'é'), aParameter).map(([text, parameter]) => text + parameter))
const aMultiple = fc.tuple(aParameter, fc.array(fc.tuple(aSeparator, aParameter).map(([separator, parameter]) => separator + parameter), { maxLength: 2 }), anEnd)
  .map(([first, others, end]) => first + others.join('') + end)
const aLast = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constant('/') },
  { weight: 2, arbitrary: fc.constantFrom('/*', '/f-*') },
  { weight: 2, arbitrary: fc.tuple(aName, fc.constantFrom('', '/')).map(([name, slash]) => `/:${name}?${slash}`) },
  { weight: 1, arbitrary: fc.constantFrom('/:a-:b?', '/:a.:c?/') }
)

const patternOf = (segment: fc.Arbitrary<string>, last: fc.Arbitrary<string>) =>
  fc.tuple(fc.array(segment.map((segment) => `/${segment}`), { minLength: 1, maxLength: 3 }), last).map(([segments, last]) => segments.join('') + last)
const aSimplePattern = patternOf(aSimpleSegment, aLast.filter((last) => !/:.*:/.test(last)))
const aPattern = patternOf(fc.oneof(aSimpleSegment, aMultiple), aLast)

const aValue = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('me', 'users', 'a', 'A', '1999', 'x', 'xyz', 'a-b', 'a.b', '-', '(x)', 'a/b') },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }) },
  { weight: 3, arbitrary: fc.array(fc.constantFrom('.', '..', '/', '//', '%', '%2F', '%2e', ' ', '+', '?', '#', ';', ':', '*', '\\', '-', 'ü', 'İ', '😀', '\uD83D', '\uDE00', 'a', '1'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.constantFrom('a'.repeat(8), 'é'.repeat(9), '%'.repeat(100), '😀'.repeat(50), '1'.repeat(101), 10n ** 8n) },
  { weight: 2, arbitrary: fc.oneof(fc.nat(), fc.double(), fc.bigInt(), fc.boolean()) },
  { weight: 1, arbitrary: fc.constantFrom('', '.', '..', undefined, null, NaN) }
)
const someValues = fc.array(fc.record({ a: aValue, b: aValue, c: aValue, '*': aValue }), { minLength: 1, maxLength: 5, size: 'max' })

/** Routes that may stand in each other's way, and values for them. */
type Group = { urls: string[], values: Values[] }

const groupsOf = (pattern: fc.Arbitrary<string>, maxLength: number): fc.Arbitrary<Group[]> =>
  fc.array(fc.record({ urls: fc.array(pattern, { minLength: 1, maxLength }), values: someValues }), { minLength: 1, maxLength: 40, size: 'max' })

/** What a group says of one address: its URL, what was filled, and what GET on it is answered with. */
interface Trial { url: string, filled: FilledPattern, answer: { url: string, params: Record<string, string> } | undefined, app: FastifyInstance }

async function tryAll (options: object, groups: Group[], judge: (trial: Trial) => void): Promise<void> {
  const app = Fastify({ routerOptions: options, exposeHeadRoutes: false }) as unknown as FastifyInstance
  const declared = groups.map(({ urls }, index) => declareAll(app, `/g${index}`, urls))
  await app.ready()
  const { maxParamLength } = new Router(app)
  for (const [index, { values }] of groups.entries()) {
    for (const url of declared[index]) {
      for (const given of values) {
        const filled = fill(url, given, maxParamLength)
        if ('refusal' in filled) continue
        const { statusCode, body } = await app.inject(filled.path)
        judge({ url, filled, app, answer: statusCode === 200 ? JSON.parse(body) : undefined })
      }
    }
  }
  await app.close()
}

/** @returns the routes that the router does not read like another one: it throws, and is left with half of it. */
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

t.test('with one parameter in a segment, an address that its route answers has the parameters that it was made of', async (t) => {
  let answered = 0
  await fc.assert(fc.asyncProperty(groupsOf(aSimplePattern, 1), async (groups) => {
    await tryAll({}, groups, ({ url, filled: { path, parameters }, answer }) => {
      if (answer?.url !== url) return
      answered++
      if (visible(answer.params) !== visible({ ...answer.params, ...parameters }) || Object.keys(answer.params).length !== Object.keys(parameters).length) {
        throw new Error(`${url} of ${visible(parameters)} is ${path}, and read as ${visible(answer.params)}`)
      }
    })
  }), { numRuns: 100 })
  t.ok(answered > 1000, `${answered} addresses were answered`)
})

t.test('an address that is not refused as misread has the parameters that it was made of, however the router is told to read', async (t) => {
  const someOptions = fc.record({
    caseSensitive: fc.boolean(),
    ignoreTrailingSlash: fc.boolean(),
    ignoreDuplicateSlashes: fc.boolean(),
    useSemicolonDelimiter: fc.boolean(),
    maxParamLength: fc.constantFrom(8, 100, 120)
  }, { requiredKeys: [] })
  const count = { read: 0, misread: 0 }
  await fc.assert(fc.asyncProperty(someOptions, groupsOf(aPattern, 3), async (options, groups) => {
    await tryAll(options, groups, ({ url, filled, answer, app }) => {
      const { path, parameters } = filled
      const misread = new Router(app).refuseMisread(made(url, filled))
      count[misread === undefined ? 'read' : 'misread']++
      const found = app.findRoute({ method: 'GET', url: path })?.params
      if (answer !== undefined && visible(found) !== visible(answer.params)) throw new Error(`GET ${path} has ${visible(answer.params)}, and findRoute says ${visible(found)}`)
      const isRead = answer !== undefined && visible(sorted(answer.params)) === visible(sorted(parameters))
      if (isRead !== (misread === undefined)) throw new Error(`${url} of ${visible(parameters)} is ${path}, and answered with ${visible(answer)}: ${misread}`)
    })
  }), { numRuns: 100 })
  t.ok(count.read > 700, `${count.read} addresses were read as they were made`)
  t.ok(count.misread > 700, `${count.misread} addresses were refused`)
})

function sorted (parameters: Record<string, string>): Array<[string, string]> {
  return Object.entries(parameters).sort(([a], [b]) => a < b ? -1 : 1)
}
