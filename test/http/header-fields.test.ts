import t from 'tap'
import {
  CONTENT_FIELDS, fieldNames, isUnwritable, REPRESENTATION_FIELDS, RESOURCE_FIELDS, RESPONSE_FIELDS
} from '../../src/http/header-fields.js'

t.test('a value with a character that no header can have is unwritable', async (t) => {
  const rows: Array<[value: string | string[] | number | undefined, expected: boolean]> = [
    ['/users/42', false],
    ['', false],
    ['a\tb ~', false],
    ['\u0080\u00FF', false],
    ['a\nb', true],
    ['a\r', true],
    ['\u0000', true],
    ['\u007F', true],
    ['\u0100', true],
    ['日本', true],
    [['a', 'b'], false],
    [['a', 'b\n'], true],
    [[], false],
    [7, false],
    [undefined, false]
  ]
  for (const [value, expected] of rows) t.equal(isUnwritable(value), expected, `${JSON.stringify(value)}: ${expected}`)
})

t.test('a list of names is read in lower case', async (t) => {
  t.same(fieldNames('Location , ETag'), ['location', 'etag'])
  t.same(fieldNames(['Location', 'ETag,X-Id']), ['location', 'etag', 'x-id'])
  t.same(fieldNames('*'), ['*'])
  t.same(fieldNames(undefined), [''])
})

t.test('the names of fields are in lower case, and those of a representation belong to the response', async (t) => {
  for (const name of RESPONSE_FIELDS) t.match(name, /^[a-z-]+$/)
  for (const fields of [CONTENT_FIELDS, REPRESENTATION_FIELDS, RESOURCE_FIELDS]) {
    t.same(fields.filter((name) => !RESPONSE_FIELDS.includes(name)), [])
  }
})
