import fc from 'fast-check'
import t from 'tap'
import {
  parseReference, pathInApp, publicUrl, referenceProblem, samePath, type Reference, type Server
} from '../../src/http/uri-reference.js'
import { visible } from '../visible.js'

const aSegment = fc.string({ unit: 'binary', minLength: 1, maxLength: 6 })
  .filter((text) => text !== '.' && text !== '..').map(encodeURIComponent)

t.test('a path of the app and an absolute http URL are accepted', async (t) => {
  const references = [
    '/', '/users', '/users/42', '/users/', '/users//42', '/a/b/c/d', '/users?id=42', '/?', '/users?a=/?&b=//c',
    '/users?next=http://a.example/', '/users?a=..&b=.',
    '/users?next=/a/../b', '/users?next=/.', '/users?/..',
    '/%20', '/%C3%BC', '/%2F', '/%2f', '/%25', '/%00', '/a%2Fb', '/%2Ea', '/%5C',
    '/-._~', '/!$&\'()*+,;=', '/:@', '/a:b', '/http://a.example/', '/a@b', '/...', '/.a', '/a.', '/..a', '/a..',
    '/a/..b/c', '/%2e%2e%2e', '/*',
    'http://a.example', 'http://a.example/', 'https://a.example/users/42', 'https://a.example/users/42?a=b',
    'https://a.example?a=b', 'https://a.example:8443/', 'https://a.example:/',
    'HTTPS://A.EXAMPLE/Users', 'hTtP://a.example/', 'http://192.0.2.1/', 'http://[2001:db8::1]/',
    'http://[::1]:3000/users/42?a=b', 'http://localhost:3000/', 'https://a.example/a@b', 'https://a.example/?a=@',
    'https://a.example//b', 'https://xn--bcher-kva.example/'
  ]
  for (const reference of references) t.equal(referenceProblem(reference), undefined, `${reference} is accepted`)
})

const EXAMPLE = "use a path such as '/users/42'"
const NO_FRAGMENT = 'remove "#" and what follows it'
const REMOVE = 'remove it'
const NO_DOTS = 'use ids that are neither "." nor ".."'
// eslint-disable-next-line no-template-curly-in-string
const ENCODE = 'encode each segment with encodeURIComponent(), as in `/files/${encodeURIComponent(name)}`'
/** For a URL that is relative to that of the request: the fix has the URL itself. */
const BEGIN = 'begin it with "/"'

t.test('a URL that clients would not resolve alike is rejected: the message says why, and how to fix it', async (t) => {
  const rows: Array<[reference: string, found: string, fix: string]> = [
    ['', 'is empty', EXAMPLE],

    ['42', 'is relative to the URL of the request', BEGIN],
    ['users/42', 'is relative to the URL of the request', BEGIN],
    ['./42', 'is relative to the URL of the request', BEGIN],
    ['../users/42', 'is relative to the URL of the request', BEGIN],
    ['.', 'is relative to the URL of the request', BEGIN],
    ['?id=42', 'is relative to the URL of the request', BEGIN],
    ['%2Fusers', 'is relative to the URL of the request', BEGIN],
    ['@a.example/', 'is relative to the URL of the request', BEGIN],
    ['1http://a.example/', 'is relative to the URL of the request', BEGIN],

    ['//b.example/users', 'begins with "//", so clients take what follows for a host', EXAMPLE],
    ['//', 'begins with "//", so clients take what follows for a host', EXAMPLE],
    ['///users', 'begins with "//", so clients take what follows for a host', EXAMPLE],
    ['//user@b.example/', 'begins with "//", so clients take what follows for a host', EXAMPLE],

    ['/users#42', 'has a fragment', NO_FRAGMENT],
    ['#42', 'has a fragment', NO_FRAGMENT],
    ['/users#', 'has a fragment', NO_FRAGMENT],
    ['/users?a=b#c', 'has a fragment', NO_FRAGMENT],
    ['https://a.example/#', 'has a fragment', NO_FRAGMENT],
    ['https://a.example#b', 'has a fragment', NO_FRAGMENT],

    ['ftp://a.example/', 'is not an http or https URL', EXAMPLE],
    ['javascript:alert(1)', 'is not an http or https URL', EXAMPLE],
    ['data:text/plain,a', 'is not an http or https URL', EXAMPLE],
    ['mailto:a@a.example', 'is not an http or https URL', EXAMPLE],
    ['urn:isbn:1', 'is not an http or https URL', EXAMPLE],
    ['ws://a.example/', 'is not an http or https URL', EXAMPLE],
    ['httpss://a.example/', 'is not an http or https URL', EXAMPLE],
    ['http:', 'is not an http or https URL', EXAMPLE],
    ['http:/users/42', 'is not an http or https URL', EXAMPLE],
    ['http:users', 'is not an http or https URL', EXAMPLE],
    ['http://', 'is not an http or https URL', EXAMPLE],
    ['https:///users', 'is not an http or https URL', EXAMPLE],
    ['https://?a', 'is not an http or https URL', EXAMPLE],
    ['localhost:3000/users', 'is not an http or https URL', EXAMPLE],
    ['a.example:80', 'is not an http or https URL', EXAMPLE],
    ['users:42', 'is not an http or https URL', EXAMPLE],

    ['https://user@a.example/', 'has a user name before its host', REMOVE],
    ['https://user:secret@a.example/', 'has a user name before its host', REMOVE],
    ['https://@a.example/', 'has a user name before its host', REMOVE],
    ['https://:@a.example/', 'has a user name before its host', REMOVE],
    ['https://a.example@b.example', 'has a user name before its host', REMOVE],

    ['https://a.example:99999/', 'has a host or a port that cannot be parsed', EXAMPLE],
    ['https://a.example:port/', 'has a host or a port that cannot be parsed', EXAMPLE],
    ['https://:443/', 'has a host or a port that cannot be parsed', EXAMPLE],
    ['https://[::1/', 'has a host or a port that cannot be parsed', EXAMPLE],
    ['https://[zz]/', 'has a host or a port that cannot be parsed', EXAMPLE],
    ['https://a[b]/', 'has a host or a port that cannot be parsed', EXAMPLE],
    ['https://a%2Fb/', 'has a host or a port that cannot be parsed', EXAMPLE],
    ['https://a%40b/', 'has a host or a port that cannot be parsed', EXAMPLE],
    ['https://1.2.3.256/', 'has a host or a port that cannot be parsed', EXAMPLE],

    ['/users/..', 'has a segment "." or "..", which clients remove', NO_DOTS],
    ['/..', 'has a segment "." or "..", which clients remove', NO_DOTS],
    ['/.', 'has a segment "." or "..", which clients remove', NO_DOTS],
    ['/./', 'has a segment "." or "..", which clients remove', NO_DOTS],
    ['/users/../admin', 'has a segment "." or "..", which clients remove', NO_DOTS],
    ['/users/./42', 'has a segment "." or "..", which clients remove', NO_DOTS],
    ['/users/%2e%2e/admin', 'has a segment "." or "..", which clients remove', NO_DOTS],
    ['/users/%2E', 'has a segment "." or "..", which clients remove', NO_DOTS],
    ['/users/.%2e/admin', 'has a segment "." or "..", which clients remove', NO_DOTS],
    ['/users/%2E./admin', 'has a segment "." or "..", which clients remove', NO_DOTS],
    ['/users/..?a=b', 'has a segment "." or "..", which clients remove', NO_DOTS],
    ['https://a.example/..', 'has a segment "." or "..", which clients remove', NO_DOTS],
    ['https://a.example/users/./42', 'has a segment "." or "..", which clients remove', NO_DOTS],

    ['/users[42]', 'has a bracket', ENCODE],
    ['/users]', 'has a bracket', ENCODE],
    ['/users?filter[name]=a', 'has a bracket', ENCODE],
    ['https://a.example/[::1]', 'has a bracket', ENCODE],
    ['https://[::1]/?a=[', 'has a bracket', ENCODE],

    ['/50%', 'has a % without two hexadecimal digits after it', ENCODE],
    ['/%', 'has a % without two hexadecimal digits after it', ENCODE],
    ['/%2', 'has a % without two hexadecimal digits after it', ENCODE],
    ['/%zz', 'has a % without two hexadecimal digits after it', ENCODE],
    ['/%2g', 'has a % without two hexadecimal digits after it', ENCODE],
    ['/%%20', 'has a % without two hexadecimal digits after it', ENCODE],
    ['/users?a=100%', 'has a % without two hexadecimal digits after it', ENCODE],
    ['https://a.example/%', 'has a % without two hexadecimal digits after it', ENCODE],

    ['/a b', 'has a space', ENCODE],
    [' /users', 'has a space', ENCODE],
    ['/users ', 'has a space', ENCODE],
    ['/users?q=a b', 'has a space', ENCODE],
    ['/"a"', 'has the character "', ENCODE],
    ['/<a>', 'has the character <', ENCODE],
    ['/a>', 'has the character >', ENCODE],
    ['/a\\b', 'has the character \\', ENCODE],
    ['\\users', 'has the character \\', ENCODE],
    ['/\\b.example/', 'has the character \\', ENCODE],
    ['\\\\b.example/', 'has the character \\', ENCODE],
    ['/a^b', 'has the character ^', ENCODE],
    ['/a`b', 'has the character `', ENCODE],
    ['/{id}', 'has the character {', ENCODE],
    ['/a}', 'has the character }', ENCODE],
    ['/a|b', 'has the character |', ENCODE],
    ['/a\tb', 'has the character U+0009', ENCODE],
    ['/\t/b.example', 'has the character U+0009', ENCODE],
    ['/a\nb', 'has the character U+000A', ENCODE],
    ['/a\r\nSet-Cookie: a=b', 'has the character U+000D', ENCODE],
    ['/users\n', 'has the character U+000A', ENCODE],
    ['/a\u0000', 'has the character U+0000', ENCODE],
    ['/a\u007F', 'has the character U+007F', ENCODE],
    ['/ü', 'has the character U+00FC', ENCODE],
    ['/\u00A0', 'has the character U+00A0', ENCODE],
    ['/日本', 'has the character U+65E5', ENCODE],
    ['/\u{1F600}', 'has the character U+1F600', ENCODE],
    ['/\uD800', 'has the character U+D800', ENCODE],
    ['https://bücher.example/', 'has the character U+00FC', ENCODE],
    ['https://a.example/ü', 'has the character U+00FC', ENCODE]
  ]
  for (const [reference, found, fix] of rows) {
    t.same(referenceProblem(reference), {
      found: `${JSON.stringify(reference).replace('\u007F', '\\u007f')}, which ${found}`,
      fix: fix === BEGIN ? `begin it with "/": '/${reference}'` : fix
    }, `${visible(reference)} ${visible(found)}`)
    t.equal(parseReference(reference), undefined, `${visible(reference)} is not parsed`)
  }
})

t.test('a long reference is cut in the message', async (t) => {
  const text = 'a'.repeat(4_194_304)
  t.same(referenceProblem(text), {
    found: `"${'a'.repeat(200)}"…, which is relative to the URL of the request`,
    fix: `begin it with "/": '/${'a'.repeat(200)}…'`
  })
  for (const reference of [`/${text}`, `/${text}?${text}`, `https://a.example/${text}`, `/${'%41'.repeat(1_000_000)}`]) {
    t.equal(referenceProblem(reference), undefined, `${reference.slice(0, 20)}… is accepted`)
  }
  for (const reference of [`/${text}\n`, `/${text}%`, `/${'/.a'.repeat(1_000_000)}/..`, `http://${text}@${text}\n`]) {
    const { found, fix } = referenceProblem(reference)!
    t.ok(found.length < 300 && fix.length < 300, `${found.length} and ${fix.length} characters`)
  }
})

t.test('a value that is not a string is rejected', async (t) => {
  const rows: Array<[value: unknown, shown: string]> = [
    [undefined, 'undefined'],
    [null, 'null'],
    [42, '42'],
    [true, 'true'],
    [7n, '7n'],
    [['/users/42'], "[ '/users/42' ]"],
    [{}, '{}'],
    [new URL('https://a.example/users/42'), 'URL {'],
    [Object('/users'), "[String: '/users']"],
    [Symbol('a'), 'Symbol(a)'],
    [() => '/users', '[Function (anonymous)]']
  ]
  for (const [value, shown] of rows) {
    const { found, fix } = referenceProblem(value)!
    t.ok(found.startsWith(shown) && found.endsWith(', which is not a URL'), `${shown} is not a URL: ${found}`)
    t.equal(fix, EXAMPLE)
  }
  const aValue = fc.anything().filter((value) => typeof value !== 'string')
  fc.assert(fc.property(aValue, (value) => referenceProblem(value) !== undefined))
})

t.test('segments encoded with encodeURIComponent are accepted', async () => {
  fc.assert(fc.property(fc.array(aSegment, { maxLength: 5 }), (segments) => {
    const path = '/' + segments.join('/')
    return referenceProblem(path) === undefined && referenceProblem(`https://a.example${path}`) === undefined &&
      referenceProblem(`${path}?a=${segments.join('&b=')}`) === undefined
  }), { numRuns: 2000 })
})

t.test('an accepted URL means the same to a client as to the server', async (t) => {
  const fragment = fc.constantFrom(
    '/', '//', '.', '..', '%2e', '%2E', '%2F', '%5C', '%', '%20', '%0', '#', '?', '&', '=', 'a', 'users', '42', 'é',
    '\u3000', ' ', '\t', '\n', '\r', '\\', '@', ':', ';', '[', ']', '{', '|', '<', '^', '`', '"',
    'http:', 'http://', 'https://', 'HTTP://', 'ftp://', 'javascript:', 'b.example', '[::1]', ':80', ':99999',
    'user:secret@', '\u0000', '\u007F'
  )
  const beginning = fc.constantFrom('/', '/', '/', '/users/', 'http://b.example', 'https://b.example/',
    'https://[::1]:8443', '')
  const text = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(beginning, fc.array(fragment, { maxLength: 4 }))
        .map(([beginning, fragments]) => beginning + fragments.join(''))
    },
    {
      weight: 3,
      arbitrary: fc.tuple(beginning, fc.array(aSegment, { maxLength: 3 }))
        .map(([beginning, segments]) => beginning + segments.join('/'))
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    { weight: 1, arbitrary: fc.webUrl({ withQueryParameters: true, withFragments: true }) }
  )
  const counts = { relative: 0, absolute: 0, rejected: 0 }
  fc.assert(fc.property(text, (reference) => {
    if (referenceProblem(reference) !== undefined) {
      counts.rejected++
      return true
    }
    const url = new URL(reference, 'http://a.example')
    const withoutQuery = reference.split('?', 1)[0]
    const path = withoutQuery.startsWith('/') ? withoutQuery : withoutQuery.replace(/^[a-z]+:\/\/[^/]*/i, '') || '/'
    const { origin, ...parsed } = parseReference(reference)!
    if (reference.startsWith('/')) counts.relative++
    else counts.absolute++
    return url.pathname === path &&
      url.hash === '' && !url.href.includes('#') && url.username === '' && url.password === '' &&
      (url.protocol === 'http:' || url.protocol === 'https:') &&
      (reference.startsWith('/') ? url.origin === 'http://a.example' && origin === undefined : url.origin === origin) &&
      parsed.path === path && parsed.query === reference.slice(withoutQuery.length)
  }), { numRuns: 5000 })
  for (const [kind, count] of Object.entries(counts)) t.ok(count > 100, `many of the strings are ${kind}`)
})

t.test('long references are read', async (t) => {
  const length = 100_000
  t.equal(referenceProblem('/' + 'a'.repeat(length)), undefined, 'a segment')
  t.equal(referenceProblem('/a'.repeat(length)), undefined, 'segments')
  t.equal(referenceProblem('/%20' + '%C3%BC'.repeat(length)), undefined, 'percent-encoded characters')
  t.equal(referenceProblem('/?' + '?'.repeat(length)), undefined, 'a query')
  t.match(referenceProblem('/'.repeat(length)), { found: 'begins with "//"' }, 'slashes')
  t.match(referenceProblem('/a'.repeat(length) + '/..'), { found: 'has a segment' }, 'a dot segment at the end')
  t.match(referenceProblem('/a'.repeat(length) + '#'), { found: 'has a fragment' }, 'a fragment at the end')
  t.match(referenceProblem('/' + '%'.repeat(length)), { found: 'has a % without' }, 'percent signs')
  t.match(referenceProblem('a'.repeat(length)), { found: 'is relative to' }, 'no slash')
})

t.test('a reference is parsed into its parts', async (t) => {
  const rows: Array<[reference: string, parts: Reference]> = [
    ['/', { origin: undefined, path: '/', query: '' }],
    ['/users/42', { origin: undefined, path: '/users/42', query: '' }],
    ['/users?id=42', { origin: undefined, path: '/users', query: '?id=42' }],
    ['/users?', { origin: undefined, path: '/users', query: '?' }],
    ['/users?a=?/b', { origin: undefined, path: '/users', query: '?a=?/b' }],
    ['/users?a=/../b', { origin: undefined, path: '/users', query: '?a=/../b' }],
    ['/http://b.example/', { origin: undefined, path: '/http://b.example/', query: '' }],
    ['/users?next=https://b.example/', { origin: undefined, path: '/users', query: '?next=https://b.example/' }],
    ['https://a.example/users/42?a=b', { origin: 'https://a.example', path: '/users/42', query: '?a=b' }],
    ['https://a.example', { origin: 'https://a.example', path: '/', query: '' }],
    ['https://a.example?a=b', { origin: 'https://a.example', path: '/', query: '?a=b' }],
    ['HTTPS://A.Example:443/Users', { origin: 'https://a.example', path: '/Users', query: '' }],
    ['http://a.example:80', { origin: 'http://a.example', path: '/', query: '' }],
    ['http://a.example:443/', { origin: 'http://a.example:443', path: '/', query: '' }],
    ['http://[::1]:3000/users', { origin: 'http://[::1]:3000', path: '/users', query: '' }]
  ]
  for (const [reference, parts] of rows) t.same(parseReference(reference), parts, reference)
})

t.test('a public URL of a path has the base path and the origin, and an absolute URL stays as it is', async (t) => {
  const rows: Array<[reference: string, server: Partial<Server>, url: string]> = [
    ['/users/42', {}, '/users/42'],
    ['/users/42?a=b', { basePath: '/api' }, '/api/users/42?a=b'],
    ['/', { basePath: '/api' }, '/api/'],
    ['/users/42', { origin: 'https://a.example' }, 'https://a.example/users/42'],
    ['/users/42', { origin: 'https://a.example', basePath: '/api/v1' }, 'https://a.example/api/v1/users/42'],
    ['/api/users/42', { basePath: '/api' }, '/api/api/users/42'],
    ['https://b.example/users/42', { origin: 'https://a.example', basePath: '/api' }, 'https://b.example/users/42'],
    ['https://b.example', { basePath: '/api' }, 'https://b.example'],
    ['//b.example/users', { origin: 'https://a.example', basePath: '/api' }, '//b.example/users']
  ]
  for (const [reference, server, url] of rows) {
    const whole = { basePath: '', locationOrigins: [], ...server }
    t.equal(publicUrl(reference, whole), url, `${reference} with ${JSON.stringify(server)} is ${url}`)
  }
})

t.test('a public path is inside the app if it is below the base path', async (t) => {
  const rows: Array<[publicPath: string, basePath: string, path: string | undefined]> = [
    ['/users/42', '', '/users/42'],
    ['/', '', '/'],
    ['/api/users/42', '/api', '/users/42'],
    ['/api/', '/api', '/'],
    ['/api', '/api', '/'],
    ['/api//users', '/api', '//users'],
    ['/apis/users', '/api', undefined],
    ['/ap', '/api', undefined],
    ['/users/api/42', '/api', undefined],
    ['/', '/api', undefined],
    ['/API/users', '/api', undefined],
    ['/a/b/c', '/a/b', '/c'],
    ['/a/b', '/a/b/c', undefined]
  ]
  for (const [publicPath, basePath, path] of rows) {
    t.equal(pathInApp(publicPath, { basePath, locationOrigins: [] }), path,
      `${publicPath} below "${basePath}" is ${path}`)
  }
  const someSegments = fc.array(aSegment, { maxLength: 3 })
  fc.assert(fc.property(someSegments, someSegments, (base, segments) => {
    const server = { basePath: base.map((segment) => `/${segment}`).join(''), locationOrigins: [] }
    const path = '/' + segments.join('/')
    return pathInApp(publicUrl(path, server), server) === path
  }))
})

const STRICT_PATHS = {
  caseSensitive: true,
  ignoreTrailingSlash: false,
  ignoreDuplicateSlashes: false,
  useSemicolonDelimiter: false
}

t.test('two paths are the same if a router that decodes each segment reads them alike', async (t) => {
  const rows: Array<[a: string, b: string, same: boolean]> = [
    ['/users/42', '/users/42', true],
    ['/~a', '/%7Ea', true],
    ['/~a', '/%7ea', true],
    ['/%C3%BC', '/%c3%bc', true],
    ['/%c3%BC', '/%C3%bc', true],
    ['/users', '/%75sers', true],
    ['/a-b.c_d', '/a%2Db%2Ec%5Fd', true],
    ['/%2f', '/%2F', true],
    ['/AZaz09', '/%41%5A%61%7A%30%39', true],
    ['/users/42', '/users/43', false],
    ['/users', '/users/', false],
    ['/users', '/Users', false],
    ['/users', '/%55sers', false],
    ['/a/b', '/a%2Fb', false],
    ['/a:b', '/a%3Ab', true],
    ['/a!b', '/a%21b', true],
    ['/a*b', '/a%2Ab', true],
    ['/(a)', '/%28a%29', true],
    ['/\'', '/%27', true],
    ['/$&,;=@', '/%24%26%2C%3B%3D%40', true],
    ['/a+b', '/a%2Bb', true],
    ['/a+b', '/a%20b', false],
    ['/%7E', '/%257E', false],
    ['/%257E', '/%257e', false],
    ['/%FF', '/%ff', false]
  ]
  for (const [a, b, same] of rows) {
    t.equal(samePath(a, b, STRICT_PATHS), same, `${a} and ${b}: ${same}`)
    t.equal(samePath(b, a, STRICT_PATHS), same, `${b} and ${a}: ${same}`)
  }
  fc.assert(fc.property(fc.array(aSegment), (segments) => {
    const path = '/' + segments.join('/')
    const bytes = (segment: string) => Array.from(Buffer.from(decodeURIComponent(segment)))
    const encode = (byte: number) => `%${byte.toString(16).padStart(2, '0')}`
    const fullyEncoded = '/' + segments.map((segment) => bytes(segment).map(encode).join('')).join('/')
    return samePath(path, fullyEncoded, STRICT_PATHS)
  }))
})

t.test('paths are also the same if they differ only in what the router is configured to ignore', async (t) => {
  const rows: Array<[option: keyof typeof STRICT_PATHS, value: boolean, a: string, b: string]> = [
    ['caseSensitive', false, '/Users/a', '/users/A'],
    ['ignoreTrailingSlash', true, '/users/', '/users'],
    ['ignoreDuplicateSlashes', true, '//users///1', '/users/1'],
    ['useSemicolonDelimiter', true, '/users/1;v=2', '/users/1']
  ]
  for (const [option, value, a, b] of rows) {
    t.equal(samePath(a, b, STRICT_PATHS), false, option)
    t.equal(samePath(a, b, { ...STRICT_PATHS, [option]: value }), true, option)
    t.equal(samePath(a, '/other', { ...STRICT_PATHS, [option]: value }), false, option)
  }
})
