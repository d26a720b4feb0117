import t from 'tap'
import { fieldNames, fieldValue, isUnwritable } from '../../src/http/header-fields.js'

t.test('a value cannot be written if one of its lines has a character that no header can have', async (t) => {
  for (const value of [undefined, '', 'a\tb', '\u00ff', 7, ['a', 'b']]) t.equal(isUnwritable(value), false)
  for (const value of ['\r', '\n', '\0', '\u007f', '\u0100', '日本', ['a', 'b\n']]) t.equal(isUnwritable(value), true)
})

t.test('a header on several lines is one list', async (t) => {
  t.equal(fieldValue(['a', 'b']), 'a,b')
  t.equal(fieldValue('a'), 'a')
  t.equal(fieldValue(undefined), undefined)
})

t.test('the members of a list of names are in lower case', async (t) => {
  t.same(fieldNames('ETag , location'), ['etag', 'location'])
  t.same(fieldNames(['ETag', 'X-A, X-B']), ['etag', 'x-a', 'x-b'])
})
