import t from 'tap'
import { CHECKS } from '../../src/testing/check-creation.js'
import { checkCreation, type Scenario } from '../../src/testing/index.js'
import { FAULTS } from './faults.js'
import { referenceServer, type Fault, type Style } from './server.js'
import { idsWith, withPrefix } from './support.js'

/** The server removes the spaces around a name before it stores it. */
const SCENARIO: Scenario = {
  create: { url: '/users', payload: (n) => ({ name: ` Ann ${n} `, password: 'secret' }) },
  update: { method: 'PATCH', payload: (n) => ({ name: `Eve ${n}` }) },
  upsert: { url: '/users/{{uuid}}', payload: { name: 'Joe {{n}}' } },
  remove: true,
  invalid: { nom: 'Ann' },
  list: '/users',
  precondition: 'required',
  writers: 5
}

/** Some faults only show in a certain style. */
const STYLES: Partial<Record<Fault, Style>> = {
  'weak-tags': { tag: 'weak' },
  'location-without-prefix': { prefix: '/api' },
  'check-then-write': { slow: true },
  'loser-500': { slow: true },
  'loser-409': { slow: true },
  'loser-stored': { slow: true },
  'loser-stored-silently': { slow: true },
  'star-race': { slow: true },
  'star-loser-500': { slow: true },
  'star-loser-stored': { slow: true }
}

/** Checks that fail too, and cannot pass. */
const ALSO_FAIL: Partial<Record<Fault, string[]>> = {
  // After it, there is no user to update or delete.
  'update-deletes': ['missing-precondition-428', 'delete-with-stale-tag-412']
}

for (const [fault, id] of Object.entries(FAULTS) as Array<[Fault, string]>) {
  t.test(`a server with ${fault} fails ${id}, and ${ALSO_FAIL[fault]?.join() ?? 'nothing'} else`, async (t) => {
    for (const via of ['inject', 'fetch']) {
      const app = referenceServer(STYLES[fault], fault)
      t.teardown(() => app.close())
      const { prefix = '' } = STYLES[fault] ?? {}
      await app.inject({ method: 'POST', url: `${prefix}/users`, payload: { name: 'Zoe' } })
      const report = via === 'inject'
        ? await checkCreation(app, withPrefix(prefix, SCENARIO))
        : await checkCreation(`${await app.listen({ host: '127.0.0.1', port: 0 })}${prefix}`, SCENARIO)
      t.same(idsWith('failed', report), [id, ...ALSO_FAIL[fault] ?? []], via)
      t.equal(report.passed, false)
      for (const { id, outcome, detail, exchanges = [] } of report.checks) {
        t.ok(outcome === 'passed' || detail, `${id} has a detail`)
        t.ok(outcome === 'skipped' || exchanges.length > 0, `${id} has exchanges`)
      }
    }
  })
}

t.test('for every check there is a server that fails it', async (t) => {
  const failed = new Set<string>(Object.values(FAULTS))
  t.same(CHECKS.map(({ id }) => id).filter((id) => !failed.has(id)), [])
})
