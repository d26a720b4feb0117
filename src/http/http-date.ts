import { isDate } from 'node:util/types'

/**
 * HTTP-date of RFC 9110 section 5.6.7. `Date.parse` accepts ISO 8601 and more, but sections 13.1.3 and 13.1.4 require
 * that a precondition with such a date is ignored.
 */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const MONTH = MONTHS.join('|')
const DAY = 'Mon|Tue|Wed|Thu|Fri|Sat|Sun'
const WEEKDAY = 'Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday'
const TIME = '(?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2})'

const IMF_FIXDATE = new RegExp(`^(?:${DAY}), (?<day>\\d{2}) (?<month>${MONTH}) (?<year>\\d{4}) ${TIME} GMT$`)
const RFC_850 = new RegExp(`^(?:${WEEKDAY}), (?<day>\\d{2})-(?<month>${MONTH})-(?<year>\\d{2}) ${TIME} GMT$`)
const ASCTIME = new RegExp(`^(?:${DAY}) (?<month>${MONTH}) (?<day>\\d{2}| \\d) ${TIME} (?<year>\\d{4})$`)

/** IMF-fixdate, the only form a sender may generate. */
export function formatHttpDate (date: Date): string {
  return date.toUTCString()
}

/** Whether a value is a Date, of any realm, that an HTTP-date can express: a real one, in a year of four digits. */
export function isHttpDate (value: unknown): value is Date {
  return isDate(value) && value.getUTCFullYear() >= 0 && value.getUTCFullYear() <= 9999
}

/**
 * Milliseconds since the epoch, `undefined` for anything but one valid date in one of the three forms.
 * @param now decides the century of a two-digit year
 */
export function parseHttpDate (text: string, now = Date.now()): number | undefined {
  const groups = (IMF_FIXDATE.exec(text) ?? ASCTIME.exec(text))?.groups
  if (groups !== undefined) return toTime(groups, Number(groups.year))

  const shortYear = RFC_850.exec(text)?.groups
  if (shortYear === undefined) return undefined
  const century = Math.floor(new Date(now).getUTCFullYear() / 100) * 100
  const candidates = [century + 100, century, century - 100]
    .map((start) => toTime(shortYear, start + Number(shortYear.year)))
  // More than 50 years ahead means the most recent such year in the past.
  return candidates.find((time) => time !== undefined && time <= fiftyYearsAfter(now))
}

function fiftyYearsAfter (now: number): number {
  const then = new Date(now)
  return then.setUTCFullYear(then.getUTCFullYear() + 50)
}

function toTime (groups: Record<string, string>, year: number): number | undefined {
  const [day, hour, minute, second] = [groups.day, groups.hour, groups.minute, groups.second].map(Number)
  // 60 is a leap second
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const month = MONTHS.indexOf(groups.month)
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  // The 31st of a month with 30 days became the 1st of the next.
  if (date.getUTCDate() !== day) return undefined
  return date.setUTCHours(hour, minute, second)
}

/** RFC 9110 section 8.8.2.1: a Last-Modified in the future is sent, and so compared, as now. */
export function notInTheFuture (date: Date): Date {
  return new Date(Math.min(date.getTime(), Date.now()))
}
