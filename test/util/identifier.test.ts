import t from 'tap'
import { isIdentifier, quoted } from '../../src/util/identifier.js'

t.test('a name is quoted if it is not an identifier', async (t) => {
  const rows = [['id', 'id'], ['$id', '$id'], ['_id2', '_id2'], ['user-id', "'user-id'"], ['*', "'*'"],
    ['2nd', "'2nd'"]]
  for (const [name, code] of rows) {
    t.equal(quoted(name), code)
    t.equal(isIdentifier(name), name === code, name)
  }
})
