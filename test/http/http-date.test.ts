import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import { formatHttpDate, isHttpDate, parseHttpDate } from '../../src/http/http-date.js'
import { evaluatePreconditions } from '../../src/http/preconditions.js'

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const NOW = Date.parse('2026-07-31T10:00:00Z')

type Form = 'IMF-fixdate' | 'RFC 850' | 'asctime'
const FORMS: Form[] = ['IMF-fixdate', 'RFC 850', 'asctime']

/** The three forms of RFC 9110 section 5.6.7, built from numbers. */
function render (time: number, form: Form): string {
  const date = new Date(time)
  const day = DAYS[date.getUTCDay()]
  const month = MONTHS[date.getUTCMonth()]
  const parts = [date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()]
  const [number, hour, minute, second] = parts.map((part) => String(part).padStart(2, '0'))
  const year = String(date.getUTCFullYear()).padStart(4, '0')
  const clock = `${hour}:${minute}:${second}`
  switch (form) {
    case 'IMF-fixdate': return `${day.slice(0, 3)}, ${number} ${month} ${year} ${clock} GMT`
    case 'RFC 850': return `${day}, ${number}-${month}-${year.slice(2)} ${clock} GMT`
    case 'asctime': return `${day.slice(0, 3)} ${month} ${number.replace(/^0/, ' ')} ${clock} ${year}`
  }
}

/** JSON in ASCII alone: TAP does not like a line separator in a name. */
function visible (text: string): string {
  return JSON.stringify(text).replace(/[^\x20-\x7E]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const aTime = fc.date({
  min: new Date('0000-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true
})

t.test('the three examples of RFC 9110 are one time', async (t) => {
  const time = Date.UTC(1994, 10, 6, 8, 49, 37)
  t.equal(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT'), time, 'IMF-fixdate')
  t.equal(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT'), time, 'RFC 850')
  t.equal(parseHttpDate('Sun Nov  6 08:49:37 1994'), time, 'asctime')
  t.equal(formatHttpDate(new Date(time + 999)), 'Sun, 06 Nov 1994 08:49:37 GMT', 'IMF-fixdate is sent')
})

t.test('every year has four digits', async (t) => {
  const rows: Array<[iso: string, text: string]> = [
    ['0000-01-01T00:00:00Z', 'Sat, 01 Jan 0000 00:00:00 GMT'],
    ['0099-12-31T23:59:59Z', 'Thu, 31 Dec 0099 23:59:59 GMT'],
    ['0999-01-01T00:00:00Z', 'Tue, 01 Jan 0999 00:00:00 GMT'],
    ['1970-01-01T00:00:00Z', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ['9999-12-31T23:59:59Z', 'Fri, 31 Dec 9999 23:59:59 GMT']
  ]
  for (const [iso, text] of rows) {
    t.equal(formatHttpDate(new Date(iso)), text, `${iso} is formatted`)
    t.equal(parseHttpDate(text), Date.parse(iso), `${text} is parsed`)
  }
})

t.test('every time from year 0 to 9999 survives a round trip, to the second', async () => {
  fc.assert(fc.property(aTime, (date) => {
    const second = Math.floor(+date / 1000) * 1000
    return formatHttpDate(date) === render(+date, 'IMF-fixdate') &&
      parseHttpDate(formatHttpDate(date)) === second &&
      parseHttpDate(render(+date, 'asctime')) === second
  }), { numRuns: 2000 })
})

t.test('every time within fifty years survives a round trip through RFC 850', async () => {
  const now = fc.date({
    min: new Date('0100-01-01T00:00:00Z'),
    max: new Date('9900-01-01T00:00:00Z'),
    noInvalidDate: true
  })
  const secondOfYear = fc.integer({ min: 0, max: 366 * 86_400 - 1 })
  fc.assert(fc.property(now, fc.integer({ min: -49, max: 49 }), secondOfYear, (now, years, second) => {
    const date = new Date(Date.UTC(2000, 0, 1) + second * 1000)
    date.setUTCFullYear(now.getUTCFullYear() + years)
    // A year of the next century is read as one of this century: RFC 9110 only asks for a step back.
    fc.pre(Math.floor(date.getUTCFullYear() / 100) <= Math.floor(now.getUTCFullYear() / 100))
    return parseHttpDate(render(+date, 'RFC 850'), +now) === +date
  }), { numRuns: 2000 })
})

t.test('each month and each day of the week is known', async (t) => {
  for (const form of FORMS) {
    for (let month = 0; month < 12; month++) {
      const time = Date.UTC(2025, month, 1 + month)
      t.equal(parseHttpDate(render(time, form), NOW), time, render(time, form))
    }
  }
})

t.test('a year of two digits that seems more than fifty years ahead is in the past', async (t) => {
  const rows: Array<[now: string, text: string, expected: string]> = [
    ['2026-07-31T10:00:00Z', 'Friday, 31-Jul-76 10:00:00 GMT', '2076-07-31T10:00:00Z'],
    ['2026-07-31T10:00:00Z', 'Friday, 31-Jul-76 09:59:59 GMT', '2076-07-31T09:59:59Z'],
    ['2026-07-31T10:00:00Z', 'Saturday, 31-Jul-76 10:00:01 GMT', '1976-07-31T10:00:01Z'],
    ['2026-07-31T09:59:59Z', 'Saturday, 31-Jul-76 10:00:00 GMT', '1976-07-31T10:00:00Z'],
    ['2026-07-31T10:00:00Z', 'Saturday, 01-Aug-76 00:00:00 GMT', '1976-08-01T00:00:00Z'],
    ['2026-07-31T10:00:00Z', 'Sunday, 31-Jul-77 10:00:00 GMT', '1977-07-31T10:00:00Z'],
    ['2026-07-31T10:00:00Z', 'Friday, 31-Dec-99 23:59:59 GMT', '1999-12-31T23:59:59Z'],
    ['2026-07-31T10:00:00Z', 'Saturday, 01-Jan-00 00:00:00 GMT', '2000-01-01T00:00:00Z'],
    ['2026-07-31T10:00:00Z', 'Thursday, 31-Jul-25 10:00:00 GMT', '2025-07-31T10:00:00Z'],
    ['2026-07-31T10:00:00Z', 'Saturday, 31-Jul-27 10:00:00 GMT', '2027-07-31T10:00:00Z'],
    ['1999-12-31T23:59:59Z', 'Sunday, 06-Nov-94 08:49:37 GMT', '1994-11-06T08:49:37Z'],
    ['2000-01-01T00:00:00Z', 'Sunday, 06-Nov-94 08:49:37 GMT', '1994-11-06T08:49:37Z'],
    ['2044-11-06T08:49:37Z', 'Sunday, 06-Nov-94 08:49:37 GMT', '2094-11-06T08:49:37Z'],
    ['2044-11-06T08:49:36Z', 'Sunday, 06-Nov-94 08:49:37 GMT', '1994-11-06T08:49:37Z'],
    ['2026-07-31T10:00:00Z', 'Tuesday, 29-Feb-00 00:00:00 GMT', '2000-02-29T00:00:00Z'],
    ['2026-07-31T10:00:00Z', 'Friday, 29-Feb-80 00:00:00 GMT', '1980-02-29T00:00:00Z'],
    ['2150-01-01T00:00:00Z', 'Tuesday, 29-Feb-00 00:00:00 GMT', '2000-02-29T00:00:00Z']
  ]
  for (const [now, text, expected] of rows) {
    t.equal(parseHttpDate(text, Date.parse(now)), Date.parse(expected), `${text}, read on ${now}, is ${expected}`)
  }
  const lastYear = new Date(Math.floor(Date.now() / 1000) * 1000 - 365 * 86_400_000)
  t.equal(parseHttpDate(render(+lastYear, 'RFC 850')), +lastYear, 'without a time, the clock decides')
})

t.test('the time zone of the server does not matter', async (t) => {
  const { TZ } = process.env
  t.teardown(() => {
    if (TZ === undefined) delete process.env.TZ
    else process.env.TZ = TZ
  })
  for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
    process.env.TZ = zone
    t.not(new Date(0).getTimezoneOffset(), 0, `the clock is on ${zone}`)
    for (const time of [Date.UTC(2026, 0, 1), Date.UTC(2026, 6, 31, 10), Date.UTC(2026, 11, 31, 23, 59, 59)]) {
      for (const form of FORMS) t.equal(parseHttpDate(render(time, form), NOW), time, `${render(time, form)} is parsed`)
      t.equal(formatHttpDate(new Date(time)), render(time, 'IMF-fixdate'),
        `${render(time, 'IMF-fixdate')} is formatted`)
      const border = new Date(time).setUTCFullYear(2076)
      t.equal(parseHttpDate(render(border, 'RFC 850'), time), border,
        `${render(border, 'RFC 850')} is fifty years ahead`)
    }
  }
})

t.test('a leap second is the first second of the next minute', async (t) => {
  const rows: Array<[text: string, expected: string]> = [
    ['Sat, 31 Dec 2016 23:59:60 GMT', '2017-01-01T00:00:00Z'],
    ['Saturday, 31-Dec-16 23:59:60 GMT', '2017-01-01T00:00:00Z'],
    ['Sat Dec 31 23:59:60 2016', '2017-01-01T00:00:00Z']
  ]
  for (const [text, expected] of rows) t.equal(parseHttpDate(text, NOW), Date.parse(expected), text)
})

t.test('a day that does not exist and a time that does not exist are rejected', async (t) => {
  const parts: Array<[day: string, month: string, year: string, time: string, valid: boolean]> = [
    ['31', 'Dec', '2016', '23:59:59', true],
    ['31', 'Dec', '2016', '23:59:60', true],
    ['31', 'Dec', '2016', '23:59:61', false],
    ['31', 'Dec', '2016', '23:59:99', false],
    ['31', 'Dec', '2016', '23:60:00', false],
    ['31', 'Dec', '2016', '24:00:00', false],
    ['31', 'Dec', '2016', '00:00:00', true],
    ['00', 'Dec', '2016', '00:00:00', false],
    ['01', 'Dec', '2016', '00:00:00', true],
    ['32', 'Dec', '2016', '00:00:00', false],
    ['31', 'Nov', '2016', '00:00:00', false],
    ['31', 'Jan', '2016', '00:00:00', true],
    ['30', 'Feb', '2016', '00:00:00', false],
    ['29', 'Feb', '2016', '00:00:00', true],
    ['29', 'Feb', '2015', '00:00:00', false],
    ['29', 'Feb', '2000', '00:00:00', true],
    ['99', 'Jan', '2016', '00:00:00', false]
  ]
  for (const [day, month, year, time, valid] of parts) {
    const iso = `${year}-${String(MONTHS.indexOf(month) + 1).padStart(2, '0')}-${day}T${time.replace(':60', ':59')}Z`
    const expected = valid ? Date.parse(iso) + (time.endsWith(':60') ? 1000 : 0) : undefined
    for (const text of [
      `Mon, ${day} ${month} ${year} ${time} GMT`,
      `Monday, ${day}-${month}-${year.slice(2)} ${time} GMT`,
      `Mon ${month} ${day} ${time} ${year}`
    ]) {
      t.equal(parseHttpDate(text, NOW), expected, `${text} is ${valid ? 'valid' : 'rejected'}`)
    }
  }
  t.equal(parseHttpDate('Thu, 29 Feb 1900 00:00:00 GMT'), undefined, '1900 was no leap year')
  t.equal(parseHttpDate('Thu Feb  0 00:00:00 2024'), undefined, 'no month has a day 0')
})

t.test('a day of the week that does not fit the date is ignored', async (t) => {
  t.equal(parseHttpDate('Mon, 06 Nov 1994 08:49:37 GMT'), Date.UTC(1994, 10, 6, 8, 49, 37))
})

t.test('text that is not exactly in one of the three forms is rejected', async (t) => {
  const texts = [
    // case
    'sun, 06 Nov 1994 08:49:37 GMT', 'Sun, 06 nov 1994 08:49:37 GMT', 'Sun, 06 NOV 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 gmt', 'SUN, 06 Nov 1994 08:49:37 GMT',
    'sunday, 06-Nov-94 08:49:37 GMT', 'Sunday, 06-nov-94 08:49:37 GMT', 'sun Nov  6 08:49:37 1994',
    'Sun nov  6 08:49:37 1994',
    // zones
    'Sun, 06 Nov 1994 08:49:37 UTC', 'Sun, 06 Nov 1994 08:49:37 +0000', 'Sun, 06 Nov 1994 08:49:37 EST',
    'Sun, 06 Nov 1994 08:49:37 Z', 'Sun, 06 Nov 1994 08:49:37', 'Sun, 06 Nov 1994 08:49:37 GMT+1',
    'Sunday, 06-Nov-94 08:49:37 UTC', 'Sunday, 06-Nov-94 08:49:37', 'Sun Nov  6 08:49:37 1994 GMT',
    'Sun Nov  6 08:49:37 GMT 1994',
    // digits
    'Sun, 6 Nov 1994 08:49:37 GMT', 'Sun,  6 Nov 1994 08:49:37 GMT', 'Sun, 06 Nov 94 08:49:37 GMT',
    'Sun, 06 Nov 01994 08:49:37 GMT', 'Sun, 06 Nov 1994 8:49:37 GMT', 'Sun, 06 Nov 1994 08:49 GMT',
    'Sun, 06 Nov 1994 08:49:37.0 GMT', 'Sun, 06 11 1994 08:49:37 GMT', 'Sun, 006 Nov 1994 08:49:37 GMT',
    'Sun, -6 Nov 1994 08:49:37 GMT', 'Sun, +6 Nov 1994 08:49:37 GMT', 'Sun, \u0660\u0666 Nov 1994 08:49:37 GMT',
    'Sunday, 6-Nov-94 08:49:37 GMT', 'Sunday, 06-Nov-1994 08:49:37 GMT', 'Sun, 06-Nov-94 08:49:37 GMT',
    'Sunday, 06 Nov 94 08:49:37 GMT', 'Sun Nov 6 08:49:37 1994', 'Sun Nov  6 08:49:37 94', 'Sun Nov  16 08:49:37 1994',
    // white space
    ' Sun, 06 Nov 1994 08:49:37 GMT', 'Sun, 06 Nov 1994 08:49:37 GMT ', 'Sun,  06 Nov 1994 08:49:37 GMT',
    'Sun,06 Nov 1994 08:49:37 GMT', 'Sun, 06  Nov 1994 08:49:37 GMT', 'Sun, 06 Nov 1994\t08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT\n', '\nSun, 06 Nov 1994 08:49:37 GMT', 'Sun,\u00A006 Nov 1994 08:49:37 GMT',
    'Sun Nov   6 08:49:37 1994', 'Sun Nov\t 6 08:49:37 1994', 'Sun Nov  6 08:49:37 1994 ',
    // names
    'Sunday, 06 Nov 1994 08:49:37 GMT', 'Sun 06 Nov 1994 08:49:37 GMT', 'Son, 06 Nov 1994 08:49:37 GMT',
    'Sun, 06 November 1994 08:49:37 GMT', '06 Nov 1994 08:49:37 GMT', 'Sunday Nov  6 08:49:37 1994',
    'Sun, Nov  6 08:49:37 1994',
    // several
    'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT', 'Sun, 06 Nov 1994 08:49:37 GMT, ',
    '"Sun, 06 Nov 1994 08:49:37 GMT"',
    // others
    '', ' ', '0', '784111777', '1994', '1994-11-06', '1994-11-06T08:49:37Z', '1994-11-06T08:49:37.000Z',
    '1994-11-06 08:49:37', '11/06/1994', 'Nov 6 1994', 'now', 'Invalid Date', 'null'
  ]
  for (const text of texts) t.equal(parseHttpDate(text), undefined, `${visible(text)} is rejected`)
})

t.test('every text that is accepted is one of the three forms of its time', async (t) => {
  // Dates made of parts that are correct or nearly correct.
  const number = fc.constantFrom('00', '01', '06', '29', '30', '31', '32', '6', ' 6', '60', '61')
  const clock = fc.constantFrom('08:49:37', '23:59:60', '24:00:00', '23:59:61', '8:49:37', '00:00:00')
  const day = fc.constantFrom('Sun', 'Sunday', 'Mon', 'sun', '')
  const month = fc.constantFrom('Nov', 'Feb', 'nov', 'November', '11')
  const year = fc.constantFrom('1994', '94', '2000', '00', '0000', '9999', '19940')
  const gap = fc.oneof({ weight: 9, arbitrary: fc.constant(' ') },
    { weight: 1, arbitrary: fc.constantFrom('', '  ', '\t', '\n', '\u00A0', ',') })
  const built = fc.oneof(
    fc.tuple(day, fc.constantFrom(', ', ', ', ',', ' '), number, fc.constantFrom(' ', ' ', '-', '  '), month,
      fc.constantFrom(' ', ' ', '-'), year, gap, clock, fc.constantFrom(' GMT', ' GMT', ' UTC', '', 'GMT')),
    fc.tuple(day, fc.constantFrom(', ', ', ', ' '), number, fc.constant('-'), month, fc.constant('-'), year, gap, clock,
      fc.constantFrom(' GMT', ' GMT', '')),
    fc.tuple(day, gap, month, gap, number, gap, clock, gap, year)
  ).map((parts) => parts.join(''))
  const mutated = fc.tuple(aTime, fc.constantFrom(...FORMS), fc.nat(40), fc.constantFrom('', ' ', '0', '9', 'a', ','),
    fc.nat(1)).map(([date, form, at, insert, remove]) => {
    const text = render(+date, form)
    return text.slice(0, at) + insert + text.slice(at + remove)
  })
  let accepted = 0
  let rejected = 0
  fc.assert(fc.property(fc.oneof(built, mutated, fc.string(), fc.string({ unit: 'binary' })), (text) => {
    const time = parseHttpDate(text, NOW)
    if (time === undefined) {
      rejected++
      return true
    }
    accepted++
    const withoutWeekday = (text: string): string => text.replace(/^(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat|(?:Sun|Mon|Tues|Wednes|Thurs|Fri|Satur)day)(?=\W)/, '')
    const pad = (text: string): string => text.replace(/^( \w{3}) 0/, '$1  ')
    const asWritten = FORMS.map((form) => withoutWeekday(render(time, form)))
    const asLeapSecond = FORMS.map((form) => withoutWeekday(render(time - 1000, form)).replace(/:59(?= |$)/, ':60'))
    return Number.isInteger(time) && [...asWritten, ...asLeapSecond].map(pad).includes(pad(withoutWeekday(text)))
  }), { numRuns: 5000 })
  t.ok(accepted > 100, 'some were accepted')
  t.ok(rejected > 100, 'some were rejected')
})

t.test('only a valid Date in a year of four digits can be sent', async (t) => {
  const rows: Array<[name: string, value: unknown, expected: boolean]> = [
    ['now', new Date(), true],
    ['the first second of year 0', new Date('0000-01-01T00:00:00Z'), true],
    ['the second before', new Date(Date.parse('0000-01-01T00:00:00Z') - 1), false],
    ['the last millisecond of year 9999', new Date('9999-12-31T23:59:59.999Z'), true],
    ['the one after', new Date(Date.parse('9999-12-31T23:59:59.999Z') + 1), false],
    ['an invalid Date', new Date(NaN), false],
    ['a Date of another realm', runInNewContext('new Date(0)'), true],
    ['an invalid Date of another realm', runInNewContext('new Date(NaN)'), false],
    ['an object with the prototype of a Date', Object.create(Date.prototype), false],
    ['a Proxy of a Date', new Proxy(new Date(), {}), false],
    ['a number', 0, false],
    ['text', 'Sun, 06 Nov 1994 08:49:37 GMT', false],
    ['an object that only resembles a Date', { getUTCFullYear: () => 2026 }, false],
    ['null', null, false],
    ['undefined', undefined, false]
  ]
  for (const [name, value, expected] of rows) t.equal(isHttpDate(value), expected, `${name}: ${expected}`)
})

t.test('a precondition is compared with a Date of another realm', async (t) => {
  const lastModified = runInNewContext('new Date(0)')
  t.equal(formatHttpDate(lastModified), 'Thu, 01 Jan 1970 00:00:00 GMT')
  const request = { method: 'PUT', headers: { 'if-unmodified-since': formatHttpDate(lastModified) } }
  t.equal(evaluatePreconditions(request, { lastModified }).outcome, 'proceed')
})

t.test('a long text is rejected', async (t) => {
  for (const part of [' ', '0', 'Sun, ', 'Sun, 06 Nov 1994 08:49:37 GMT']) {
    t.equal(parseHttpDate(part.repeat(100_000)), undefined, `${visible(part)}, many times`)
  }
})
