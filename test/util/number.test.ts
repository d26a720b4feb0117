import t from 'tap'
import { numberProblem } from '../../src/util/number.js'

t.test('a number that is finite and exact can identify a resource or a version', async (t) => {
  for (const value of [0, -0, 7, -1.5, 1e-7, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
    t.equal(numberProblem(value), undefined, String(value))
  }
  for (const value of [NaN, Infinity, -Infinity]) {
    t.same(numberProblem(value), { found: `the number ${value}`, fix: 'use a finite number' })
  }
  for (const value of [2 ** 53, -(2 ** 53), 1e21]) {
    t.same(numberProblem(value), {
      found: `the number ${value}, beyond Number.MAX_SAFE_INTEGER, where different values become one number`,
      fix: 'read it as a bigint or a string'
    })
  }
})
