import t from 'tap'
import { isCacheControlField, restrictingDirectives } from '../../src/http/cache-control.js'
import type { HeaderValue } from '../../src/http/header-fields.js'

t.test('what restricts caches is kept, and what prolongs is removed', async (t) => {
  const rows: Array<[value: HeaderValue, expected: string | undefined]> = [
    ['private, no-store', 'private, no-store'],
    ['private, max-age=60', 'private'],
    ['PUBLIC, Max-Age=60, Immutable', undefined],
    ['no-cache, s-maxage=10, stale-while-revalidate=5, stale-if-error=5, must-revalidate', 'no-cache, must-revalidate'],
    ['max-age=0, s-maxage="00"', 'max-age=0, s-maxage="00"'],
    ['max-age="60"', undefined],
    ['max-age', undefined],
    ['no-cache="set-cookie, max-age=1", max-age=1', 'no-cache="set-cookie, max-age=1"'],
    ['no-cache="set-cookie, max-age=1', 'no-cache="set-cookie, max-age=1'],
    ['max-age-extension=1, publicly', 'max-age-extension=1, publicly'],
    [['no-store', 'max-age=60'], 'no-store'],
    [' , ,', undefined],
    ['', undefined],
    [undefined, undefined]
  ]
  for (const [value, expected] of rows) t.equal(restrictingDirectives(value), expected, JSON.stringify(value))
})

t.test('fields for some caches only are like Cache-Control', async (t) => {
  const yes = ['cache-control', 'cdn-cache-control', 'vercel-cdn-cache-control', 'surrogate-control']
  for (const name of yes) t.equal(isCacheControlField(name), true, name)
  for (const name of ['expires', 'cache-control-x', 'surrogate-key']) t.equal(isCacheControlField(name), false, name)
})
