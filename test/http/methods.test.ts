import t from 'tap'
import { isRead, isSafe, isUpdate, needsTarget, neverCreates } from '../../src/http/methods.js'

t.test('a method means what RFC 9110 section 9 says', async (t) => {
  type Row = [method: string, read: boolean, safe: boolean, update: boolean, target: boolean, neverCreates: boolean]
  const rows: Row[] = [
    ['GET', true, true, false, false, true],
    ['HEAD', true, true, false, false, true],
    ['OPTIONS', false, true, false, false, true],
    ['QUERY', false, true, false, false, true],
    ['TRACE', false, true, false, false, true],
    ['POST', false, false, false, false, false],
    ['PUT', false, false, true, false, false],
    ['PATCH', false, false, true, true, false],
    ['DELETE', false, false, true, true, true],
    ['PROPFIND', false, false, false, false, false],
    ['get', false, false, false, false, false]
  ]
  for (const [method, ...expected] of rows) {
    t.same([isRead, isSafe, isUpdate, needsTarget, neverCreates].map((is) => is(method)), expected, method)
  }
})
