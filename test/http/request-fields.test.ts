import fc from 'fast-check'
import t from 'tap'
import { evaluatePreconditions, FST_CREATED_OPTION_INVALID } from '../../src/index.js'
import { requestField, requestFieldNames, type RequestFields } from '../../src/http/request-fields.js'

const STALE = '"6"'
const current = { etag: 7 }

t.test('a condition is found wherever a request has its header fields', async (t) => {
  const rows: Array<[name: string, request: unknown]> = [
    ['an object', { method: 'PUT', headers: { 'if-match': STALE } }],
    ['names in capitals', { method: 'PUT', headers: { 'If-Match': STALE } }],
    ['names in upper case', { method: 'PUT', headers: { 'IF-MATCH': STALE } }],
    ['no prototype', { method: 'PUT', headers: Object.assign(Object.create(null), { 'If-Match': STALE }) }],
    ['a list of lines', { method: 'PUT', headers: { 'if-match': ['"5"', STALE] } }],
    ['a Headers', { method: 'PUT', headers: new Headers({ 'If-Match': STALE }) }],
    ['a Request', new Request('http://localhost/', { method: 'PUT', headers: { 'If-Match': STALE } })],
    ['a Map', { method: 'PUT', headers: new Map([['If-Match', STALE]]) }],
    ['pairs', { method: 'PUT', headers: [['If-None-Match', '"8"'], ['If-Match', '"5"'], ['If-Match', STALE]] }],
    ['pairs of lists', { method: 'PUT', headers: [['if-match', ['"5"', STALE]]] }],
    ['rawHeaders alone', { method: 'PUT', headers: {}, rawHeaders: ['Host', 'a', 'If-Match', STALE] }],
    ['rawHeaders that differ', { method: 'PUT', headers: { 'if-match': '"7"' }, rawHeaders: ['If-Match', STALE] }],
    ['rawHeaders without it', { method: 'PUT', headers: { 'if-match': STALE }, rawHeaders: ['Host', 'a'] }]
  ]
  for (const [name, request] of rows) {
    const result = evaluatePreconditions(request as RequestFields, current)
    t.same(result, { outcome: 'failed', field: 'If-Match', conditional: true }, name)
  }
})

t.test('lines of one name are joined, as HTTP/1.1 does and HTTP/2 does not', async (t) => {
  const lines = ['if-none-match', '"6"', 'if-none-match', '"7"']
  const request = { method: 'PUT', headers: { 'if-none-match': '"6"' }, rawHeaders: lines }
  t.equal(requestField(request, 'if-none-match'), '"6", "7"')
  t.equal(evaluatePreconditions(request, current).outcome, 'failed')
})

t.test('a date that is sent twice is ignored', async (t) => {
  const date = 'Mon, 03 Feb 2020 04:05:06 GMT'
  const lastModified = new Date()
  const requests = [
    { method: 'PUT', headers: { 'if-unmodified-since': [date, date] } },
    { method: 'PUT', headers: {}, rawHeaders: ['If-Unmodified-Since', date, 'If-Unmodified-Since', date] }
  ]
  for (const request of requests) t.equal(evaluatePreconditions(request, { lastModified }).conditional, false)
})

t.test('headers that cannot be read are rejected: to overlook a condition is to overwrite', async (t) => {
  const values = [undefined, null, 'if-match: "6"', ['If-Match', STALE], [['If-Match', STALE], 7], new Set([1])]
  for (const headers of values) {
    const evaluate = () => evaluatePreconditions({ method: 'PUT', headers } as unknown as RequestFields, current)
    t.throws(evaluate, FST_CREATED_OPTION_INVALID)
    t.throws(evaluate, { message: /^headers of the request is invalid\. Found: .* Fix: give the request itself/ })
  }
})

t.test('a field that is absent has no value', async (t) => {
  const values = [{}, { 'if-match': undefined }, new Headers(), new Map([['if-match', undefined]])]
  for (const headers of values) t.equal(requestField({ headers }, 'if-match'), undefined)
})

t.test('all names are given, in lower case', async (t) => {
  const request = { headers: new Headers({ If: '(<a>)' }), rawHeaders: ['Host', 'a', 'If-Match', STALE] }
  t.same(requestFieldNames(request), ['host', 'if-match', 'if'])
  t.same(requestFieldNames({ headers: { Accept: '*/*' } }), ['accept'])
})

t.test('a value is read alike from every kind of headers', async (t) => {
  const name = fc.constantFrom('If-Match', 'if-match', 'IF-MATCH', 'if-matc', 'if-match2', 'constructor', '__proto__')
  const pairs = fc.array(fc.tuple(name, fc.constantFrom('"6"', '"7"', '*', '')))
  fc.assert(fc.property(pairs, (pairs) => {
    const lines = pairs.filter(([name]) => name.toLowerCase() === 'if-match').map(([, value]) => value)
    const expected = lines.length === 0 ? undefined : lines.join(', ')
    t.equal(requestField({ headers: {}, rawHeaders: pairs.flat() }, 'if-match'), expected)
    const grouped = requestField({ headers: pairs }, 'if-match')
    t.same(grouped?.split(', ').sort(), expected?.split(', ').sort())
  }))
})
