import { readFileSync } from 'node:fs'
import t from 'tap'
import { rulesPage } from '../../scripts/rules-page.js'
import { RULES, ruleById, type Rule } from '../../src/rules/index.js'

const SEVERITIES = ['off', 'warn', 'error']

t.test('docs/rules.md is what the table of rules says: npm run docs', async (t) => {
  t.equal(readFileSync('docs/rules.md', 'utf8'), rulesPage())
})

t.test('each rule is there once, and found by its id', async (t) => {
  const ids = RULES.map(({ id }) => id)
  t.same(ids, [...new Set(ids)])
  for (const id of ids) t.equal(ruleById(id).id, id)
})

t.test('strict is never laxer than recommended', async (t) => {
  for (const { id, recommended, strict } of RULES as readonly Rule[]) {
    t.ok(SEVERITIES.indexOf(strict) >= SEVERITIES.indexOf(recommended), id)
  }
})
