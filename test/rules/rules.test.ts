import { readFileSync } from 'node:fs'
import t from 'tap'
import { rulesPage } from '../../scripts/rules-page.js'
import { RULES, ruleById } from '../../src/rules/index.js'
import type { Rule, Severity } from '../../src/rules/rule.js'

const SEVERITIES: Severity[] = ['off', 'warn', 'error']
const rules: readonly Rule[] = RULES

t.test('docs/reference/rules.md is what the table of rules says: npm run docs', async (t) => {
  const page = readFileSync('docs/reference/rules.md', 'utf8')
  t.equal(page, rulesPage())
  // Messages end with a link to the anchor that GitHub makes of a heading.
  for (const { id } of rules) t.match(page, new RegExp(`^## ${id}$`, 'm'))
})

t.test('each rule is there once, and found by its id', async (t) => {
  const ids = RULES.map(({ id }) => id)
  t.same(ids, [...new Set(ids)])
  for (const id of ids) t.equal(ruleById(id).id, id)
})

t.test('strict is never laxer than recommended', async (t) => {
  for (const { id, recommended, strict } of rules) {
    t.ok(SEVERITIES.indexOf(strict) >= SEVERITIES.indexOf(recommended), id)
  }
})

t.test('every rule has the parts of a message, each on one line and without a full stop', async (t) => {
  for (const { id, requires, fix, spec } of rules) {
    for (const part of [requires, fix, spec]) {
      t.match(part, /^\S.*[^.\s]$/, `${id}: ${part}`)
      t.notMatch(part, '\n', id)
    }
  }
})

t.test('a rule is checked at the response if it has a check; late-route alone is checked elsewhere, too', async (t) => {
  const checked = rules.filter(({ check }) => check !== undefined).map(({ id }) => id)
  const atResponse = rules.filter(({ stages }) => stages.includes('response')).map(({ id }) => id)
  t.same(atResponse, [...checked, 'late-route'])
})
