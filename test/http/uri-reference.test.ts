import fc from 'fast-check'
import t from 'tap'
import { parseReference, pathInApp, publicAddress, refuseReference, samePath, type Reference, type Server } from '../../src/http/uri-reference.js'

/** JSON in ASCII alone: TAP does not like a line separator in a name. */
function visible (text: string): string {
  return JSON.stringify(text).replace(/[^\x20-\x7E]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const aSegment = fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }).filter((text) => text !== '.' && text !== '..').map(encodeURIComponent)

t.test('a path of the app and an absolute http address are accepted', async (t) => {
  const references = [
    '/', '/users', '/users/42', '/users/', '/users//42', '/a/b/c/d', '/users?id=42', '/?', '/users?a=/?&b=//c', '/users?next=http://a.example/', '/users?a=..&b=.',
    '/%20', '/%C3%BC', '/%2F', '/%2f', '/%25', '/%00', '/a%2Fb', '/%2Ea', '/%5C',
    '/-._~', '/!$&\'()*+,;=', '/:@', '/a:b', '/http://a.example/', '/a@b', '/...', '/.a', '/a.', '/..a', '/a..', '/a/..b/c', '/%2e%2e%2e', '/*',
    'http://a.example', 'http://a.example/', 'https://a.example/users/42', 'https://a.example/users/42?a=b', 'https://a.example?a=b', 'https://a.example:8443/', 'https://a.example:/',
    'HTTPS://A.EXAMPLE/Users', 'hTtP://a.example/', 'http://192.0.2.1/', 'http://[2001:db8::1]/', 'http://[::1]:3000/users/42?a=b', 'http://localhost:3000/', 'https://a.example/a@b', 'https://a.example/?a=@',
    'https://a.example//b', 'https://xn--bcher-kva.example/'
  ]
  for (const reference of references) t.equal(refuseReference(reference), undefined, `${reference} is accepted`)
})

t.test('what names nothing, or names it in a way that clients do not read alike, is refused with the reason', async (t) => {
  const rows: Array<[reference: string, reason: string]> = [
    ['', '"" is empty: it names nothing'],

    ['42', 'is relative to the URL of the request: begin it with "/"'],
    ['users/42', 'is relative to the URL of the request'],
    ['./42', 'is relative to the URL of the request'],
    ['../users/42', 'is relative to the URL of the request'],
    ['.', 'is relative to the URL of the request'],
    ['?id=42', 'is relative to the URL of the request'],
    ['%2Fusers', 'is relative to the URL of the request'],
    ['@a.example/', 'is relative to the URL of the request'],
    ['1http://a.example/', 'is relative to the URL of the request'],

    ['//b.example/users', 'begins with "//", so that what follows is taken for a host: begin it with one "/"'],
    ['//', 'begins with "//"'],
    ['///users', 'begins with "//"'],
    ['//user@b.example/', 'begins with "//"'],

    ['/users#42', 'has a fragment: the address of a resource is without one'],
    ['#42', 'has a fragment'],
    ['/users#', 'has a fragment'],
    ['/users?a=b#c', 'has a fragment'],
    ['https://a.example/#', 'has a fragment'],
    ['https://a.example#b', 'has a fragment'],

    ['ftp://a.example/', 'is no http or https URL: begin it with "https://" and a host, or with "/" for a path of this app'],
    ['javascript:alert(1)', 'is no http or https URL'],
    ['data:text/plain,a', 'is no http or https URL'],
    ['mailto:a@a.example', 'is no http or https URL'],
    ['urn:isbn:1', 'is no http or https URL'],
    ['ws://a.example/', 'is no http or https URL'],
    ['httpss://a.example/', 'is no http or https URL'],
    ['http:', 'is no http or https URL'],
    ['http:/users/42', 'is no http or https URL'],
    ['http:users', 'is no http or https URL'],
    ['http://', 'is no http or https URL'],
    ['https:///users', 'is no http or https URL'],
    ['https://?a', 'is no http or https URL'],
    ['localhost:3000/users', 'is no http or https URL'],
    ['a.example:80', 'is no http or https URL'],
    ['users:42', 'is no http or https URL'],

    ['https://user@a.example/', 'has a user name before its host, which no http address may have'],
    ['https://user:secret@a.example/', 'has a user name before its host'],
    ['https://@a.example/', 'has a user name before its host'],
    ['https://:@a.example/', 'has a user name before its host'],
    ['https://a.example@b.example', 'has a user name before its host'],

    ['https://a.example:99999/', 'is no valid URL: its host or port cannot be parsed'],
    ['https://a.example:port/', 'is no valid URL'],
    ['https://:443/', 'is no valid URL'],
    ['https://[::1/', 'is no valid URL'],
    ['https://[zz]/', 'is no valid URL'],
    ['https://a[b]/', 'is no valid URL'],
    ['https://a%2Fb/', 'is no valid URL'],
    ['https://a%40b/', 'is no valid URL'],
    ['https://1.2.3.256/', 'is no valid URL'],

    ['/users/..', 'has a segment "." or "..", which clients remove'],
    ['/..', 'has a segment "." or ".."'],
    ['/.', 'has a segment "." or ".."'],
    ['/./', 'has a segment "." or ".."'],
    ['/users/../admin', 'has a segment "." or ".."'],
    ['/users/./42', 'has a segment "." or ".."'],
    ['/users/%2e%2e/admin', 'has a segment "." or ".."'],
    ['/users/%2E', 'has a segment "." or ".."'],
    ['/users/.%2e/admin', 'has a segment "." or ".."'],
    ['/users/%2E./admin', 'has a segment "." or ".."'],
    ['/users/..?a=b', 'has a segment "." or ".."'],
    ['https://a.example/..', 'has a segment "." or ".."'],
    ['https://a.example/users/./42', 'has a segment "." or ".."'],

    ['/users[42]', 'has a bracket, which a path cannot carry as it is: percent-encode each segment with encodeURIComponent()'],
    ['/users]', 'has a bracket'],
    ['/users?filter[name]=a', 'has a bracket'],
    ['https://a.example/[::1]', 'has a bracket'],
    ['https://[::1]/?a=[', 'has a bracket'],

    ['/50%', 'has a % without two hexadecimal digits after it: percent-encode each segment with encodeURIComponent()'],
    ['/%', 'has a % without'],
    ['/%2', 'has a % without'],
    ['/%zz', 'has a % without'],
    ['/%2g', 'has a % without'],
    ['/%%20', 'has a % without'],
    ['/users?a=100%', 'has a % without'],
    ['https://a.example/%', 'has a % without'],

    ['/a b', 'has a space, which a URI cannot carry as it is: percent-encode each segment with encodeURIComponent()'],
    [' /users', 'has a space'],
    ['/users ', 'has a space'],
    ['/users?q=a b', 'has a space'],
    ['/"a"', 'has the character ", which a URI cannot carry'],
    ['/<a>', 'has the character <'],
    ['/a>', 'has the character >'],
    ['/a\\b', 'has the character \\,'],
    ['\\users', 'has the character \\,'],
    ['/\\b.example/', 'has the character \\,'],
    ['\\\\b.example/', 'has the character \\,'],
    ['/a^b', 'has the character ^'],
    ['/a`b', 'has the character `'],
    ['/{id}', 'has the character {'],
    ['/a}', 'has the character }'],
    ['/a|b', 'has the character |'],
    ['/a\tb', 'has the character U+0009'],
    ['/\t/b.example', 'has the character U+0009'],
    ['/a\nb', 'has the character U+000A'],
    ['/a\r\nSet-Cookie: a=b', 'has the character U+000D'],
    ['/users\n', 'has the character U+000A'],
    ['/a\u0000', 'has the character U+0000'],
    ['/a\u007F', 'has the character U+007F'],
    ['/ü', 'has the character U+00FC'],
    ['/\u00A0', 'has the character U+00A0'],
    ['/日本', 'has the character U+65E5'],
    ['/\u{1F600}', 'has the character U+1F600'],
    ['/\uD800', 'has the character U+D800'],
    ['https://bücher.example/', 'has the character U+00FC'],
    ['https://a.example/ü', 'has the character U+00FC']
  ]
  for (const [reference, reason] of rows) {
    const refusal = refuseReference(reference)
    t.match(refusal, reason, `${visible(reference)} ${visible(reason)}`)
    t.equal(refusal?.startsWith(JSON.stringify(reference)), true, `${visible(reference)} is named in the refusal`)
  }
})

t.test('what is not a string is refused', async (t) => {
  const rows: Array<[value: unknown, shown: string]> = [
    [undefined, 'undefined'],
    [null, 'null'],
    [42, '42'],
    [true, 'true'],
    [7n, '7n'],
    [['/users/42'], '[ \'/users/42\' ]'],
    [{}, '{}'],
    [new URL('https://a.example/users/42'), 'URL {'],
    [Object('/users'), '[String: \'/users\']'],
    [Symbol('a'), 'Symbol(a)'],
    [() => '/users', '[Function (anonymous)]']
  ]
  for (const [value, shown] of rows) {
    const refusal = refuseReference(value)
    t.match(refusal, 'is no address: it must be one string, or a URL', `${shown} is refused`)
    t.equal(refusal?.startsWith(shown), true, `${shown} is named in the refusal`)
  }
  fc.assert(fc.property(fc.anything().filter((value) => typeof value !== 'string'), (value) => refuseReference(value) !== undefined))
})

t.test('segments that went through encodeURIComponent are accepted', async () => {
  fc.assert(fc.property(fc.array(aSegment, { maxLength: 5 }), (segments) => {
    const path = '/' + segments.join('/')
    return refuseReference(path) === undefined && refuseReference(`https://a.example${path}`) === undefined &&
      refuseReference(`${path}?a=${segments.join('&b=')}`) === undefined
  }), { numRuns: 2000 })
})

t.test('whatever is accepted means the same to a client as to the server', async (t) => {
  const fragment = fc.constantFrom(
    '/', '//', '.', '..', '%2e', '%2E', '%2F', '%5C', '%', '%20', '%0', '#', '?', '&', '=', 'a', 'users', '42', 'é', '\u3000', ' ', '\t', '\n', '\r', '\\', '@', ':', ';', '[', ']', '{', '|', '<', '^', '`', '"',
    'http:', 'http://', 'https://', 'HTTP://', 'ftp://', 'javascript:', 'b.example', '[::1]', ':80', ':99999', 'user:secret@', '\u0000', '\u007F'
  )
  const beginning = fc.constantFrom('/', '/', '/', '/users/', 'http://b.example', 'https://b.example/', 'https://[::1]:8443', '')
  const text = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(beginning, fc.array(fragment, { maxLength: 4 })).map(([beginning, fragments]) => beginning + fragments.join('')) },
    { weight: 3, arbitrary: fc.tuple(beginning, fc.array(aSegment, { maxLength: 3 })).map(([beginning, segments]) => beginning + segments.join('/')) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    { weight: 1, arbitrary: fc.webUrl({ withQueryParameters: true, withFragments: true }) }
  )
  const counts = { relative: 0, absolute: 0, refused: 0 }
  fc.assert(fc.property(text, (reference) => {
    if (refuseReference(reference) !== undefined) {
      counts.refused++
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

t.test('a reference is taken apart', async (t) => {
  const rows: Array<[reference: string, parts: Reference]> = [
    ['/', { origin: undefined, path: '/', query: '' }],
    ['/users/42', { origin: undefined, path: '/users/42', query: '' }],
    ['/users?id=42', { origin: undefined, path: '/users', query: '?id=42' }],
    ['/users?', { origin: undefined, path: '/users', query: '?' }],
    ['/users?a=?/b', { origin: undefined, path: '/users', query: '?a=?/b' }],
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

t.test('a path of the app goes out behind the base path and the origin, an absolute address as it is', async (t) => {
  const rows: Array<[reference: string, server: Partial<Server>, address: string]> = [
    ['/users/42', {}, '/users/42'],
    ['/users/42?a=b', { basePath: '/api' }, '/api/users/42?a=b'],
    ['/', { basePath: '/api' }, '/api/'],
    ['/users/42', { origin: 'https://a.example' }, 'https://a.example/users/42'],
    ['/users/42', { origin: 'https://a.example', basePath: '/api/v1' }, 'https://a.example/api/v1/users/42'],
    ['/api/users/42', { basePath: '/api' }, '/api/api/users/42'],
    ['https://b.example/users/42', { origin: 'https://a.example', basePath: '/api' }, 'https://b.example/users/42'],
    ['https://b.example', { basePath: '/api' }, 'https://b.example']
  ]
  for (const [reference, server, address] of rows) {
    t.equal(publicAddress(reference, { basePath: '', allowedOrigins: [], ...server }), address, `${reference} with ${JSON.stringify(server)} is ${address}`)
  }
})

t.test('a public path is inside the app where it is below the base path', async (t) => {
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
    t.equal(pathInApp(publicPath, { basePath, allowedOrigins: [] }), path, `${publicPath} below "${basePath}" is ${path}`)
  }
  fc.assert(fc.property(fc.array(aSegment, { maxLength: 3 }), fc.array(aSegment, { maxLength: 3 }), (base, segments) => {
    const server = { basePath: base.map((segment) => `/${segment}`).join(''), allowedOrigins: [] }
    const path = '/' + segments.join('/')
    return pathInApp(publicAddress(path, server), server) === path
  }))
})

const STRICT_PATHS = { caseSensitive: true, ignoreTrailingSlash: false, ignoreDuplicateSlashes: false, useSemicolonDelimiter: false }

t.test('two paths are the same when a router that decodes each segment reads them alike', async (t) => {
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
    const fullyEncoded = '/' + segments.map((segment) => Array.from(Buffer.from(decodeURIComponent(segment)), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')).join('/')
    return samePath(path, fullyEncoded, STRICT_PATHS)
  }))
})

t.test('what else a router is told to ignore makes paths the same, too', async (t) => {
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
