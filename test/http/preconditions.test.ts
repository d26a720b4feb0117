import fc from 'fast-check'
import t, { type Test } from 'tap'
import {
  evaluatePreconditions, type ConditionalRequest, type PreconditionResult, type Validators
} from '../../src/http/preconditions.js'
import { formatValue } from '../../src/util/format-value.js'
import { visible } from '../visible.js'
import {
  aMethod, anExisting, AT_T, conditions, failed, malformed, notModified, oracle, renderTag, requestOf, SECOND, T,
  UNCONDITIONAL
} from './precondition-oracle.js'

const BEFORE_T = 'Fri, 31 Jul 2026 09:59:59 GMT'
const AFTER_T = 'Fri, 31 Jul 2026 10:00:01 GMT'
const LONG_BEFORE_T = 'Sat, 01 Jan 2000 00:00:00 GMT'

const HOLDS: PreconditionResult = { outcome: 'proceed', conditional: true }

type State = Validators | null
type Headers = ConditionalRequest['headers']
type Row = [method: string, current: State, headers: Headers, expected: PreconditionResult]

const A: State = { etag: '"A"' }
const WEAK_A: State = { etag: 'W/"A"' }
const UNTAGGED: State = {}
const A_AT_T: State = { etag: '"A"', lastModified: T }
const AT_T_ONLY: State = { lastModified: T }

function describe (method: string, current: State, headers: Headers): string {
  if (current === null) return `${method} on nothing with ${visible(headers)}`
  const { etag = 'something untagged', lastModified } = current
  const changed = lastModified === undefined ? '' : ` changed at ${+lastModified}`
  return `${method} on ${etag}${changed} with ${visible(headers)}`
}

/** The message for a date that cannot become a Last-Modified. */
function lastModifiedInvalid (found: unknown): string {
  return `A Last-Modified cannot be made. Found: ${formatValue(found)}. ` +
    'Required: a number, a bigint, a string or null for an ETag; a valid Date for Last-Modified. ' +
    'Fix: give a valid Date'
}

function check (t: Test, rows: Row[]): void {
  for (const [method, current, headers, expected] of rows) {
    const { outcome, field } = expected
    t.same(evaluatePreconditions({ method, headers }, current), expected,
      `${describe(method, current, headers)}: ${outcome}${field === undefined ? '' : ` by ${field}`}`)
  }
}

t.test('a write follows the truth table of RFC 9110 section 13', async (t) => {
  check(t, [
    ['PUT', null, { 'if-none-match': '*' }, HOLDS],
    ['PUT', A, { 'if-none-match': '*' }, failed('If-None-Match')],
    ['PUT', UNTAGGED, { 'if-none-match': '*' }, failed('If-None-Match')],
    ['PUT', A, { 'if-none-match': '"A"' }, failed('If-None-Match')],
    ['PUT', WEAK_A, { 'if-none-match': '"A"' }, failed('If-None-Match')],
    ['PUT', A, { 'if-none-match': 'W/"A"' }, failed('If-None-Match')],
    ['PUT', A, { 'if-none-match': '"B"' }, HOLDS],
    ['PUT', UNTAGGED, { 'if-none-match': '"A"' }, HOLDS],
    ['PUT', null, { 'if-none-match': '"A"' }, HOLDS],
    ['PUT', null, { 'if-match': '*' }, failed('If-Match')],
    ['PUT', null, { 'if-match': '"A"' }, failed('If-Match')],
    ['PUT', A, { 'if-match': '*' }, HOLDS],
    ['PUT', WEAK_A, { 'if-match': '*' }, HOLDS],
    ['PUT', UNTAGGED, { 'if-match': '*' }, HOLDS],
    ['PUT', UNTAGGED, { 'if-match': '"A"' }, failed('If-Match')],
    ['PUT', A, { 'if-match': '"A"' }, HOLDS],
    ['PUT', A, { 'if-match': '"B", "A"' }, HOLDS],
    ['PUT', A, { 'if-match': '"A", "B"' }, HOLDS],
    ['PUT', A, { 'if-match': '"B"' }, failed('If-Match')],
    ['PUT', A, { 'if-match': '"a"' }, failed('If-Match')],
    ['PUT', A, { 'if-match': 'W/"A"' }, failed('If-Match')],
    ['PUT', WEAK_A, { 'if-match': 'W/"A"' }, failed('If-Match')],
    ['PUT', WEAK_A, { 'if-match': '"A"' }, failed('If-Match')],
    ['PUT', { etag: '"a,b"' }, { 'if-match': '"a,b"' }, HOLDS],
    ['PUT', { etag: '"a"' }, { 'if-match': '"a,b"' }, failed('If-Match')],
    ['PUT', { etag: '""' }, { 'if-match': '""' }, HOLDS],
    ['PUT', A, { 'if-match': '' }, failed('If-Match')],
    ['PUT', A, { 'if-match': '"A", *' }, malformed('If-Match')],
    ['PUT', A, { 'if-match': 'A' }, malformed('If-Match')],
    ['PUT', A, { 'if-match': '"A"', 'if-none-match': '"A"' }, failed('If-None-Match')],
    ['PUT', A_AT_T, { 'if-match': '"A"', 'if-unmodified-since': LONG_BEFORE_T }, HOLDS],
    ['PUT', A_AT_T, { 'if-unmodified-since': AT_T }, HOLDS],
    ['PUT', A_AT_T, { 'if-unmodified-since': AFTER_T }, HOLDS],
    ['PUT', A_AT_T, { 'if-unmodified-since': BEFORE_T }, failed('If-Unmodified-Since')],
    ['PUT', { etag: '"A"', lastModified: new Date(+T + 400) }, { 'if-unmodified-since': AT_T }, HOLDS],
    ['PUT', A, { 'if-unmodified-since': AT_T }, UNCONDITIONAL],
    ['PUT', A_AT_T, { 'if-unmodified-since': '2020-01-01' }, UNCONDITIONAL],
    ['PUT', A_AT_T, { 'if-modified-since': AT_T }, UNCONDITIONAL],
    ['DELETE', null, { 'if-match': '*' }, UNCONDITIONAL],
    ['DELETE', A, { 'if-match': '"B"' }, failed('If-Match')],
    ['DELETE', A, { 'if-match': '"A"' }, HOLDS],
    ['PATCH', null, { 'if-match': '"A"' }, UNCONDITIONAL],
    ['PATCH', A, { 'if-match': '"A"' }, HOLDS],
    ['POST', { etag: '"C"' }, { 'if-none-match': '*' }, failed('If-None-Match')],
    ['POST', { etag: '"C"' }, { 'if-match': '"C"' }, HOLDS],
    ['POST', null, { 'if-match': '*' }, failed('If-Match')],
    ['PUT', A_AT_T, {}, UNCONDITIONAL],
    ['PUT', null, {}, UNCONDITIONAL]
  ])
})

t.test('a read follows the truth table of RFC 9110 section 13', async (t) => {
  for (const method of ['GET', 'HEAD']) {
    check(t, [
      [method, A, { 'if-none-match': '"A"' }, notModified('If-None-Match')],
      [method, A, { 'if-none-match': 'W/"A"' }, notModified('If-None-Match')],
      [method, WEAK_A, { 'if-none-match': '"A"' }, notModified('If-None-Match')],
      [method, A, { 'if-none-match': '*' }, notModified('If-None-Match')],
      [method, A, { 'if-none-match': '"B", "A"' }, notModified('If-None-Match')],
      [method, A, { 'if-none-match': '"B"' }, HOLDS],
      [method, UNTAGGED, { 'if-none-match': '*' }, notModified('If-None-Match')],
      [method, UNTAGGED, { 'if-none-match': '"A"' }, HOLDS],
      [method, A_AT_T, { 'if-none-match': '"B"', 'if-modified-since': AT_T }, HOLDS],
      [method, AT_T_ONLY, { 'if-modified-since': AT_T }, notModified('If-Modified-Since')],
      [method, AT_T_ONLY, { 'if-modified-since': AFTER_T }, notModified('If-Modified-Since')],
      [method, AT_T_ONLY, { 'if-modified-since': BEFORE_T }, HOLDS],
      [method, { lastModified: new Date(+T + 999) }, { 'if-modified-since': AT_T }, notModified('If-Modified-Since')],
      [method, A, { 'if-match': '"B"' }, failed('If-Match')],
      [method, A, { 'if-match': '"A"' }, HOLDS],
      [method, A_AT_T, { 'if-unmodified-since': BEFORE_T }, failed('If-Unmodified-Since')],
      [method, A_AT_T, { 'if-unmodified-since': AT_T }, HOLDS],
      [method, null, { 'if-match': '*' }, UNCONDITIONAL],
      [method, null, { 'if-none-match': '*' }, UNCONDITIONAL],
      [method, null, { 'if-match': 'malformed', 'if-unmodified-since': LONG_BEFORE_T }, UNCONDITIONAL],
      [method, A_AT_T, {}, UNCONDITIONAL]
    ])
  }
})

t.test('methods that select no representation have no preconditions', async (t) => {
  for (const method of ['OPTIONS', 'TRACE', 'CONNECT']) {
    check(t, [
      [method, A_AT_T, { 'if-match': '"B"' }, UNCONDITIONAL],
      [method, A_AT_T, { 'if-match': 'malformed' }, UNCONDITIONAL],
      [method, A_AT_T, { 'if-none-match': '*' }, UNCONDITIONAL],
      [method, A_AT_T, { 'if-unmodified-since': BEFORE_T }, UNCONDITIONAL],
      [method, null, { 'if-match': '*' }, UNCONDITIONAL]
    ])
  }
})

t.test('if nothing exists, so that the response is 404, even a malformed precondition is ignored', async (t) => {
  check(t, [
    ['GET', null, { 'if-none-match': 'A' }, UNCONDITIONAL],
    ['HEAD', null, { 'if-none-match': 'A' }, UNCONDITIONAL],
    ['PATCH', null, { 'if-match': 'A' }, UNCONDITIONAL],
    ['DELETE', null, { 'if-match': 'A' }, UNCONDITIONAL],
    ['PUT', null, { 'if-match': 'A' }, malformed('If-Match')],
    ['POST', null, { 'if-match': 'A' }, malformed('If-Match')]
  ])
})

t.test('If-Match compares strongly and If-None-Match weakly, as in table 3 of RFC 9110', async (t) => {
  const rows: Array<[current: string, given: string, strong: boolean, weak: boolean]> = [
    ['W/"1"', 'W/"1"', false, true],
    ['W/"1"', 'W/"2"', false, false],
    ['W/"1"', '"1"', false, true],
    ['"1"', 'W/"1"', false, true],
    ['"1"', '"1"', true, true],
    ['"1"', '"2"', false, false]
  ]
  for (const [etag, given, strong, weak] of rows) {
    t.same(evaluatePreconditions({ method: 'PUT', headers: { 'if-match': given } }, { etag }),
      strong ? HOLDS : failed('If-Match'), `If-Match: ${given} on ${etag}`)
    t.same(evaluatePreconditions({ method: 'PUT', headers: { 'if-none-match': given } }, { etag }),
      weak ? failed('If-None-Match') : HOLDS, `PUT with If-None-Match: ${given} on ${etag}`)
    t.same(evaluatePreconditions({ method: 'GET', headers: { 'if-none-match': given } }, { etag }),
      weak ? notModified('If-None-Match') : HOLDS, `GET with If-None-Match: ${given} on ${etag}`)
  }
})

t.test('If-Modified-Since is ignored when section 13.1.3 requires it', async (t) => {
  check(t, [
    ['GET', A_AT_T, { 'if-none-match': '"B"', 'if-modified-since': AFTER_T }, HOLDS],
    ['GET', A_AT_T, { 'if-none-match': '', 'if-modified-since': AFTER_T }, HOLDS],
    ['GET', A_AT_T, { 'if-none-match': 'malformed', 'if-modified-since': AFTER_T }, HOLDS],
    ['GET', A_AT_T, { 'if-modified-since': 'yesterday' }, UNCONDITIONAL],
    ['GET', A_AT_T, { 'if-modified-since': '' }, UNCONDITIONAL],
    ['GET', A_AT_T, { 'if-modified-since': '2026-07-31T10:00:00Z' }, UNCONDITIONAL],
    ['GET', A_AT_T, { 'if-modified-since': '2030-01-01' }, UNCONDITIONAL],
    ['GET', A_AT_T, { 'if-modified-since': `${AFTER_T}, ${AFTER_T}` }, UNCONDITIONAL],
    ['GET', A_AT_T, { 'if-modified-since': [AFTER_T, AFTER_T] }, UNCONDITIONAL],
    ['GET', A_AT_T, { 'if-modified-since': [] }, UNCONDITIONAL],
    ['GET', A_AT_T, { 'if-modified-since': [AFTER_T] }, notModified('If-Modified-Since')],
    ['GET', A_AT_T, { 'if-modified-since': undefined }, UNCONDITIONAL],
    ['GET', A, { 'if-modified-since': AFTER_T }, UNCONDITIONAL],
    ['GET', UNTAGGED, { 'if-modified-since': AFTER_T }, UNCONDITIONAL],
    ['POST', A_AT_T, { 'if-modified-since': AFTER_T }, UNCONDITIONAL],
    ['PUT', A_AT_T, { 'if-modified-since': AFTER_T }, UNCONDITIONAL],
    ['PATCH', A_AT_T, { 'if-modified-since': AFTER_T }, UNCONDITIONAL],
    ['DELETE', A_AT_T, { 'if-modified-since': AFTER_T }, UNCONDITIONAL]
  ])
})

t.test('If-Unmodified-Since is ignored when section 13.1.4 requires it', async (t) => {
  check(t, [
    ['PUT', A_AT_T, { 'if-match': '"A"', 'if-unmodified-since': BEFORE_T }, HOLDS],
    ['PUT', A_AT_T, { 'if-match': '*', 'if-unmodified-since': BEFORE_T }, HOLDS],
    ['PUT', A_AT_T, { 'if-match': '"B"', 'if-unmodified-since': AFTER_T }, failed('If-Match')],
    ['PUT', A_AT_T, { 'if-match': '', 'if-unmodified-since': AFTER_T }, failed('If-Match')],
    ['PUT', A_AT_T, { 'if-unmodified-since': 'yesterday' }, UNCONDITIONAL],
    ['PUT', A_AT_T, { 'if-unmodified-since': '' }, UNCONDITIONAL],
    ['PUT', A_AT_T, { 'if-unmodified-since': '2026-07-31T09:59:59Z' }, UNCONDITIONAL],
    ['PUT', A_AT_T, { 'if-unmodified-since': `${BEFORE_T}, ${BEFORE_T}` }, UNCONDITIONAL],
    ['PUT', A_AT_T, { 'if-unmodified-since': [BEFORE_T, BEFORE_T] }, UNCONDITIONAL],
    ['PUT', A_AT_T, { 'if-unmodified-since': [] }, UNCONDITIONAL],
    ['PUT', A_AT_T, { 'if-unmodified-since': [BEFORE_T] }, failed('If-Unmodified-Since')],
    ['PUT', A_AT_T, { 'if-unmodified-since': undefined }, UNCONDITIONAL],
    ['PUT', A, { 'if-unmodified-since': BEFORE_T }, UNCONDITIONAL],
    ['PUT', UNTAGGED, { 'if-unmodified-since': BEFORE_T }, UNCONDITIONAL],
    ['PUT', null, { 'if-unmodified-since': BEFORE_T }, UNCONDITIONAL]
  ])
})

t.test('dates in all three forms of RFC 9110 section 5.6.7 count', async (t) => {
  const rows: Array<[form: string, before: string, at: string]> = [
    ['IMF-fixdate', BEFORE_T, AT_T],
    ['RFC 850', 'Friday, 31-Jul-26 09:59:59 GMT', 'Friday, 31-Jul-26 10:00:00 GMT'],
    ['asctime', 'Fri Jul 31 09:59:59 2026', 'Fri Jul 31 10:00:00 2026']
  ]
  for (const [form, before, at] of rows) {
    const cases: Array<[method: string, name: string, date: string, expected: PreconditionResult]> = [
      ['PUT', 'if-unmodified-since', at, HOLDS],
      ['PUT', 'if-unmodified-since', before, failed('If-Unmodified-Since')],
      ['GET', 'if-modified-since', before, HOLDS],
      ['GET', 'if-modified-since', at, notModified('If-Modified-Since')]
    ]
    for (const [method, name, date, expected] of cases) {
      const result = evaluatePreconditions({ method, headers: { [name]: date } }, A_AT_T)
      t.same(result, expected, `${name} as ${form}: ${expected.outcome}`)
    }
  }
})

t.test('a field with two date lines, which only rawHeaders shows, is ignored', async (t) => {
  const UNMODIFIED = 'If-Unmodified-Since'
  const MODIFIED = 'If-Modified-Since'
  const isFailed = failed(UNMODIFIED)
  const isNotModified = notModified(MODIFIED)
  type Lines = [name: string, field: typeof UNMODIFIED | typeof MODIFIED, rawHeaders: string[], PreconditionResult]
  const rows: Lines[] = [
    ['one If-Unmodified-Since counts', UNMODIFIED, ['Host', 'a.example', UNMODIFIED, BEFORE_T], isFailed],
    ['two If-Unmodified-Since do not', UNMODIFIED,
      [UNMODIFIED, BEFORE_T, 'Host', 'a.example', 'if-unmodified-since', AFTER_T], UNCONDITIONAL],
    ['not even the same date twice', UNMODIFIED,
      ['IF-UNMODIFIED-SINCE', BEFORE_T, UNMODIFIED, BEFORE_T], UNCONDITIONAL],
    ['one If-Modified-Since counts', MODIFIED, [MODIFIED, AT_T], isNotModified],
    ['two If-Modified-Since do not', MODIFIED, [MODIFIED, AT_T, MODIFIED, AFTER_T], UNCONDITIONAL],
    ['a value that reads like the name is not a second line', MODIFIED,
      [MODIFIED, AT_T, 'X-Note', 'if-modified-since', 'X-Other', 'if-modified-since'], isNotModified],
    ['another field is not a second line', MODIFIED, [MODIFIED, AT_T, UNMODIFIED, AT_T], isNotModified],
    ['rawHeaders may be empty', UNMODIFIED, [], isFailed]
  ]
  for (const [name, field, rawHeaders, expected] of rows) {
    const [method, date] = field === UNMODIFIED ? ['PUT', BEFORE_T] : ['GET', AT_T]
    const headers = { [field.toLowerCase()]: date }
    t.same(evaluatePreconditions({ method, headers, rawHeaders }, A_AT_T), expected, name)
  }
  const tags = { headers: { 'if-match': '"A", "B"' }, rawHeaders: ['If-Match', '"A"', 'If-Match', '"B"'] }
  t.same(evaluatePreconditions({ method: 'PUT', ...tags }, A_AT_T), HOLDS, 'lists of tags may come in several lines')
})

t.test('tags in several header lines are one list', async (t) => {
  check(t, [
    ['PUT', A, { 'if-match': ['"B"', '"A"'] }, HOLDS],
    ['PUT', A, { 'if-match': ['"B"', '"C"'] }, failed('If-Match')],
    ['PUT', A, { 'if-match': ['"A"'] }, HOLDS],
    ['PUT', A, { 'if-match': ['*'] }, HOLDS],
    ['PUT', A, { 'if-match': ['*', '*'] }, malformed('If-Match')],
    ['PUT', A, { 'if-match': ['"A"', '*'] }, malformed('If-Match')],
    ['PUT', A, { 'if-match': ['"A', 'B"'] }, malformed('If-Match')],
    ['PUT', A, { 'if-match': [] }, failed('If-Match')],
    ['PUT', A, { 'if-none-match': ['"B"', 'W/"A"'] }, failed('If-None-Match')],
    ['GET', A, { 'if-none-match': ['"B"', 'W/"A"'] }, notModified('If-None-Match')]
  ])
})

t.test('a comma inside a tag does not end it', async (t) => {
  check(t, [
    ['PUT', { etag: '"a,b"' }, { 'if-match': '"x", "a,b"' }, HOLDS],
    ['PUT', { etag: '","' }, { 'if-match': '","' }, HOLDS],
    ['PUT', { etag: '"b"' }, { 'if-match': '"a,"b",c"' }, malformed('If-Match')],
    ['PUT', { etag: '"b"' }, { 'if-match': '"a,b,c"' }, failed('If-Match')],
    ['GET', { etag: '"a,b"' }, { 'if-none-match': '"a,b"' }, notModified('If-None-Match')],
    ['GET', { etag: '"a"' }, { 'if-none-match': '"a,b"' }, HOLDS]
  ])
})

t.test('empty members of a list are allowed, and a list of nothing else matches nothing', async (t) => {
  for (const empty of ['', ' ', '\t', ',', ' , ,\t,', ',,,,']) {
    check(t, [
      ['PUT', A, { 'if-match': empty }, failed('If-Match')],
      ['PUT', null, { 'if-match': empty }, failed('If-Match')],
      ['PUT', A, { 'if-none-match': empty }, HOLDS],
      ['GET', A, { 'if-none-match': empty }, HOLDS]
    ])
  }
  check(t, [
    ['PUT', A, { 'if-match': ', "B",,"A" ,' }, HOLDS],
    ['PUT', A, { 'if-match': ',"A"' }, HOLDS],
    ['GET', A, { 'if-none-match': ' ,\t"A",' }, notModified('If-None-Match')]
  ])
})

t.test('the asterisk may have spaces and tabs around it and nothing else', async (t) => {
  for (const asterisk of ['*', ' *', '* ', '\t*\t', ' \t * \t ']) {
    check(t, [
      ['PUT', UNTAGGED, { 'if-match': asterisk }, HOLDS],
      ['PUT', UNTAGGED, { 'if-none-match': asterisk }, failed('If-None-Match')]
    ])
  }
  const others = [
    '**', '*,', ',*', '*, *', '*, "A"', '"A", *', '* *', 'W/*', '\u00A0*', '*\u00A0', '\u3000*', '\uFEFF*', '*\n',
    '\v*', '\f*'
  ]
  for (const other of others) {
    check(t, [
      ['PUT', A, { 'if-match': other }, malformed('If-Match')],
      ['PUT', null, { 'if-none-match': other }, malformed('If-None-Match')]
    ])
  }
  t.same(evaluatePreconditions({ method: 'PUT', headers: { 'if-match': '"*"' } }, { etag: '"*"' }), HOLDS,
    'in quotes it is a tag like any other')
  t.same(evaluatePreconditions({ method: 'PUT', headers: { 'if-match': '"*"' } }, A), failed('If-Match'),
    'in quotes it does not match everything')
})

t.test('a list that cannot be parsed stops a write and matches nothing on a read', async (t) => {
  const lists = [
    'A', '"A', 'A"', '\'A\'', 'w/"A"', 'W/ "A"', 'W"A"', 'W/A', '"A" "B"', '"A";"B"', '"A""B"', '"A B"', '"A\tB"',
    '"A"x', 'x"A"', '"A\u007F"',
    '"\u0100"', '\u00A0"A"', '"A"\u00A0', '"A",\u3000"B"', '"A"\u2028', '"A", B', '"B", "A', '"A\\"B"', 'null', '7'
  ]
  for (const list of lists) {
    for (const method of ['PUT', 'POST', 'PATCH', 'DELETE', 'PROPPATCH']) {
      check(t, [
        [method, A, { 'if-match': list }, malformed('If-Match')],
        [method, A, { 'if-none-match': list }, malformed('If-None-Match')]
      ])
    }
    for (const method of ['GET', 'HEAD']) {
      check(t, [
        [method, A, { 'if-match': list }, failed('If-Match')],
        [method, A, { 'if-none-match': list }, HOLDS]
      ])
    }
  }
})

t.test('the fields are evaluated in the order of section 13.2.2', async (t) => {
  check(t, [
    ['PUT', A, { 'if-match': '"B"', 'if-none-match': '"A"' }, failed('If-Match')],
    ['PUT', A, { 'if-match': '"B"', 'if-none-match': 'malformed' }, failed('If-Match')],
    ['PUT', A, { 'if-match': '"A"', 'if-none-match': 'malformed' }, malformed('If-None-Match')],
    ['PUT', A, { 'if-match': 'malformed', 'if-none-match': '"A"' }, malformed('If-Match')],
    ['PUT', A, { 'if-match': '"A"', 'if-none-match': '"B"' }, HOLDS],
    ['PUT', A, { 'if-match': '*', 'if-none-match': '*' }, failed('If-None-Match')],
    ['PUT', null, { 'if-match': '*', 'if-none-match': '*' }, failed('If-Match')],
    ['PUT', A_AT_T, { 'if-unmodified-since': BEFORE_T, 'if-none-match': '"A"' }, failed('If-Unmodified-Since')],
    ['PUT', A_AT_T, { 'if-unmodified-since': AT_T, 'if-none-match': '"A"' }, failed('If-None-Match')],
    ['GET', A, { 'if-match': '"B"', 'if-none-match': '"A"' }, failed('If-Match')],
    ['GET', A, { 'if-match': '"A"', 'if-none-match': '"A"' }, notModified('If-None-Match')],
    ['GET', A_AT_T, { 'if-match': '"A"', 'if-modified-since': AT_T }, notModified('If-Modified-Since')],
    ['GET', A_AT_T, { 'if-match': '"B"', 'if-modified-since': AT_T }, failed('If-Match')],
    ['GET', A_AT_T, { 'if-unmodified-since': BEFORE_T, 'if-modified-since': AT_T }, failed('If-Unmodified-Since')],
    ['GET', A_AT_T, { 'if-unmodified-since': AT_T, 'if-modified-since': AT_T }, notModified('If-Modified-Since')],
    ['GET', A_AT_T, { 'if-unmodified-since': AT_T, 'if-modified-since': BEFORE_T }, HOLDS],
    ['GET', A_AT_T, { 'if-unmodified-since': BEFORE_T, 'if-none-match': '"A"' }, failed('If-Unmodified-Since')],
    ['GET', A_AT_T, { 'if-none-match': '"A"', 'if-modified-since': BEFORE_T }, notModified('If-None-Match')],
    ['GET', A_AT_T,
      { 'if-match': '"A"', 'if-unmodified-since': BEFORE_T, 'if-none-match': '"B"', 'if-modified-since': AT_T }, HOLDS]
  ])
})

t.test('tags with obs-text are read, and are never current', async (t) => {
  check(t, [
    ['PUT', { etag: '"A"' }, { 'if-match': '"\u00E9", "A"' }, HOLDS],
    ['PUT', { etag: 'é' }, { 'if-match': '"\u00E9"' }, failed('If-Match')],
    ['PUT', { etag: 'é' }, { 'if-match': '"w6k"' }, HOLDS],
    ['GET', { etag: '"A"' }, { 'if-none-match': '"\u0080\u00A0\u00FF", W/"A"' }, notModified('If-None-Match')],
    ['GET', { etag: '"A"' }, { 'if-none-match': '"\u00E9"' }, HOLDS]
  ])
})

t.test('dates are compared at the resolution of one second', async (t) => {
  for (const milliseconds of [0, 1, 499, 500, 999]) {
    const current = { lastModified: new Date(+T + milliseconds) }
    check(t, [
      ['PUT', current, { 'if-unmodified-since': AT_T }, HOLDS],
      ['PUT', current, { 'if-unmodified-since': BEFORE_T }, failed('If-Unmodified-Since')],
      ['GET', current, { 'if-modified-since': AT_T }, notModified('If-Modified-Since')],
      ['GET', current, { 'if-modified-since': BEFORE_T }, HOLDS]
    ])
  }
  check(t, [
    ['PUT', { lastModified: new Date(+T + SECOND) }, { 'if-unmodified-since': AT_T }, failed('If-Unmodified-Since')],
    ['PUT', { lastModified: new Date(-1) }, { 'if-unmodified-since': 'Wed, 31 Dec 1969 23:59:59 GMT' }, HOLDS],
    ['PUT', { lastModified: new Date(-1) }, { 'if-unmodified-since': 'Wed, 31 Dec 1969 23:59:58 GMT' },
      failed('If-Unmodified-Since')],
    ['PUT', { lastModified: new Date(0) }, { 'if-unmodified-since': 'Wed, 31 Dec 1969 23:59:59 GMT' },
      failed('If-Unmodified-Since')],
    ['GET', { lastModified: new Date(0) }, { 'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' },
      notModified('If-Modified-Since')]
  ])
})

t.test('a date that an HTTP-date cannot express is rejected: without it a write would be unprotected', async (t) => {
  const beyond = [new Date('+010000-01-01T00:00:00Z'), new Date('-000001-12-31T23:59:59Z')]
  for (const lastModified of [new Date(NaN), ...beyond, '2026-01-01T00:00:00Z', 0, null]) {
    t.throws(
      () => evaluatePreconditions({ method: 'PUT', headers: { 'if-unmodified-since': AT_T } },
        { lastModified: lastModified as Date }),
      { code: 'FST_CREATED_VERSION_INVALID', message: lastModifiedInvalid(lastModified) },
      `${String(lastModified)} is rejected`
    )
  }
})

t.test('null and undefined mean that nothing exists, and a request without a method is unsafe', async (t) => {
  for (const current of [null, undefined]) {
    t.same(evaluatePreconditions({ method: 'PUT', headers: { 'if-match': '*' } }, current), failed('If-Match'))
    t.same(evaluatePreconditions({ method: 'GET', headers: { 'if-match': '*' } }, current), UNCONDITIONAL)
  }
  t.same(evaluatePreconditions({ headers: { 'if-none-match': '"7"' } }, { etag: 7 }), failed('If-None-Match'))
  t.same(evaluatePreconditions({ headers: { 'if-match': 'nonsense' } }, { etag: 7 }).outcome, 'malformed')
})

t.test('the current version may be anything that becomes an entity-tag', async (t) => {
  const rows: Array<[etag: Validators['etag'], matching: string]> = [
    [7, '"7"'],
    [0, '"0"'],
    [-1.5, '"-1.5"'],
    [7n, '"7"'],
    ['7', '"7"'],
    ['abc', '"abc"'],
    ['W/abc', '"W/abc"'],
    ['"abc"', '"abc"'],
    ['""', '""'],
    ['2026-07-31 10:00:00', '"MjAyNi0wNy0zMSAxMDowMDowMA"']
  ]
  for (const [etag, matching] of rows) {
    check(t, [
      ['PUT', { etag }, { 'if-match': matching }, HOLDS],
      ['PUT', { etag }, { 'if-match': '"other"' }, failed('If-Match')],
      ['GET', { etag }, { 'if-none-match': matching }, notModified('If-None-Match')]
    ])
  }
  for (const etag of [null, undefined]) {
    check(t, [
      ['PUT', { etag }, { 'if-match': '"null"' }, failed('If-Match')],
      ['PUT', { etag }, { 'if-match': '*' }, HOLDS],
      ['GET', { etag }, { 'if-none-match': '"undefined", "null", ""' }, HOLDS]
    ])
  }
})

t.test('a current version that cannot become an entity-tag is rejected', async (t) => {
  for (const etag of ['', NaN, Infinity, '"a', '"a b"', {}, true, new Date(0)]) {
    for (const headers of [{ 'if-match': '*' }, {}]) {
      t.throws(
        () => evaluatePreconditions({ method: 'PUT', headers }, { etag: etag as never }),
        { code: 'FST_CREATED_VERSION_INVALID', message: /^An ETag cannot be made\. Found: .+\. Required: .+\. Fix: .+/ },
        `${JSON.stringify(etag)} with ${JSON.stringify(headers)} is rejected`
      )
    }
  }
})

t.test('an oracle written from the steps of the RFC agrees on 100,000 generated requests', async (t) => {
  const seen = new Map<string, number>()
  fc.assert(fc.property(aMethod, conditions, anExisting, (method, given, existing) => {
    const current = existing && {
      etag: existing.tag && renderTag(existing.tag),
      lastModified: existing.modified === null ? undefined : new Date(existing.modified)
    }
    const request = requestOf(method, given)
    const expected = oracle(method, given, existing)
    const key = `${expected.outcome} ${expected.field ?? expected.conditional}`
    seen.set(key, (seen.get(key) ?? 0) + 1)
    const result = evaluatePreconditions(request, current)
    return result.outcome === expected.outcome && result.field === expected.field &&
      result.conditional === expected.conditional
  }), { numRuns: 100_000 })
  t.equal([...seen.values()].reduce((sum, count) => sum + count), 100_000)
  t.same([...seen.keys()].sort(), [
    'failed If-Match', 'failed If-None-Match', 'failed If-Unmodified-Since', 'malformed If-Match',
    'malformed If-None-Match',
    'not-modified If-Modified-Since', 'not-modified If-None-Match', 'proceed false', 'proceed true'
  ], 'the requests lead to every possible result')
})
