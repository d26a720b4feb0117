import t from 'tap'
import {
  addressOf, fieldValue, hiddenFromScripts, isBuiltFromHost, isConditional, isOwnHost, isResumableUpload, isUnwritable, namesTarget,
  type Exchange, type Surroundings
} from '../../src/rules/exchange.js'

function exchange (parts: Partial<Exchange>): Exchange {
  return {
    method: 'POST',
    targets: ['/things', '/things'],
    host: 'localhost',
    status: 201,
    location: undefined,
    address: undefined,
    etag: undefined,
    requestHeaders: {},
    rawHeaders: [],
    responseHeader: () => undefined,
    hasContent: true,
    failed: false,
    evaluated: false,
    byHelper: false,
    waivesEtag: false,
    ...parts
  }
}
const server = { basePath: '/api', allowedOrigins: [] }
const surroundings = {
  settings: { profile: 'strict', enforcement: 'throw', verbatim: false, server },
  router: { isSamePath: (a, b) => a === b, refuseUnanswered: () => undefined, refuseMisread: () => undefined },
  isHome: false,
  hasModificationDate: false,
  asksPreconditions: () => false,
  requiresPrecondition: () => false
} satisfies Surroundings

t.test('an address names the target whatever form the request-target has, inside and outside the base path', async (t) => {
  const rows: Array<[target: string, path: string, query: string, expected: boolean]> = [
    ['/things', '/things', '', true],
    ['/things', '/api/things', '', true],
    ['/api/things', '/api/things', '', true],
    ['/things?a=1', '/things', '', true],
    ['/things?a=1', '/things', '?a=1', false],
    ['/things?a=1', '/things', '?a=2', false],
    ['/things', '/things/1', '', false],
    ['http://other.example/things', '/things', '', true],
    ['http://[/things', '/things', '', false],
    ['//evil.example/things', '/things', '', false],
    ['*', '/things', '', false]
  ]
  for (const [target, path, query, expected] of rows) {
    t.equal(namesTarget({ path, query }, exchange({ targets: [target, target] }), surroundings), expected, `${target} ${path}${query}`)
  }
  t.equal(namesTarget({ path: '/things', query: '?a=1' }, exchange({ method: 'PUT', targets: ['/things?a=1', '/things?a=1'] }), surroundings), true)
  t.equal(namesTarget({ path: '/things', query: '?a=2' }, exchange({ method: 'PUT', targets: ['/things?a=1', '/things?a=1'] }), surroundings), false)
})

t.test('the own host is the one that the request says it was sent to', async (t) => {
  const rows: Array<[origin: string, host: string, expected: boolean]> = [
    ['https://a.example', 'a.example', true],
    ['http://a.example', 'A.example:80', true],
    ['http://a.example:8080', 'a.example', false],
    ['https://b.example', 'a.example', false],
    ['https://b.example', '', false],
    ['https://b.example', '[', false],
    ['null', 'a.example', false]
  ]
  for (const [origin, host, expected] of rows) t.equal(isOwnHost(origin, exchange({ host })), expected, `${origin} ${host}`)
})

t.test('an address is built from the host whatever nonsense the host is', async (t) => {
  for (const host of ['a.example', '', 'a b', 'me@a.example', 'a.example/x?']) {
    t.equal(isBuiltFromHost(exchange({ host, location: `https://${host}/things/1` })), true, host)
    t.equal(isBuiltFromHost(exchange({ host, location: '/things/1' })), false, host)
    t.equal(isBuiltFromHost(exchange({ host })), false, host)
  }
  t.equal(isBuiltFromHost(exchange({ host: 'a.example', location: 'https://b.example/things/1' })), false)
})

t.test('an address is what a 201 or a helper gives, if it is one', async (t) => {
  t.same(addressOf(exchange({ location: '/a?b' })), { origin: undefined, path: '/a', query: '?b' })
  t.same(addressOf(exchange({ location: '/a', status: 303, byHelper: true })), { origin: undefined, path: '/a', query: '' })
  for (const parts of [{ location: '/a', status: 303 }, { location: 'a' }, { location: ['/a'] }, {}]) t.equal(addressOf(exchange(parts)), undefined)
})

t.test('only headers that are there can be hidden', async (t) => {
  const responseHeader = (name: string) => name === 'access-control-allow-origin' ? '*' : undefined
  const requestHeaders = { origin: 'https://page.example', host: 'api.example' }
  t.same(hiddenFromScripts(exchange({ requestHeaders, responseHeader, location: '/a' }), server), ['Location'])
  t.same(hiddenFromScripts(exchange({ requestHeaders, responseHeader, etag: '"1"' }), server), ['ETag'])
  t.same(hiddenFromScripts(exchange({ requestHeaders, responseHeader }), server), [])
  t.same(hiddenFromScripts(exchange({ responseHeader, location: '/a' }), server), [], 'no script has sent it')
  t.same(hiddenFromScripts(exchange({ requestHeaders, responseHeader, location: '/a' }), { ...server, origin: 'https://page.example' }), [], 'the own origin is not another')
})

t.test('what cannot be written is what no header can carry, on any of its lines', async (t) => {
  for (const value of [undefined, '', 'a\tb', '\u00ff', 7, ['a', 'b']]) t.equal(isUnwritable(value), false)
  for (const value of ['\r', '\n', '\0', '\u007f', '\u0100', '日本', ['a', 'b\n']]) t.equal(isUnwritable(value), true)
})

t.test('conditions and uploads are known by the names of their headers', async (t) => {
  for (const name of ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range', 'if', 'overwrite']) t.ok(isConditional({ [name]: '' }), name)
  for (const name of ['iffy', 'x-if', 'if-']) t.notOk(isConditional({ [name]: '' }), name)
  for (const name of ['tus-resumable', 'upload-complete', 'upload-length']) t.ok(isResumableUpload(['host', name]), name)
  for (const name of ['upload', 'x-upload-id']) t.notOk(isResumableUpload([name]), name)
})

t.test('a header on several lines is one list', async (t) => {
  t.equal(fieldValue(['a', 'b']), 'a,b')
  t.equal(fieldValue('a'), 'a')
  t.equal(fieldValue(undefined), undefined)
})
