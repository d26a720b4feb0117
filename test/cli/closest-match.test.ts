import t from 'tap'
import { closestMatch } from '../../src/cli/closest-match.js'

t.test('a misspelled name has a closest match, and other names have none', (t) => {
  t.equal(closestMatch('prob', ['lint', 'probe']), 'probe')
  t.equal(closestMatch('serve', ['lint', 'probe']), undefined)
  t.equal(closestMatch('serve', []), undefined)
  t.end()
})
