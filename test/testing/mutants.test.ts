import t from 'tap'
import { CHECKS } from '../../src/testing/check-creation.js'
import { checkCreation, type Scenario } from '../../src/testing/index.js'
import { FAULTS } from './faults.js'
import { referenceServer, type Fault, type Style } from './server.js'

/** With spaces around a name, which the server does not store. */
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

/** What the server is like where a fault shows only then. */
const STYLES: Partial<Record<Fault, Style>> = {
  'weak-tags': { tag: 'weak' },
  'location-without-prefix': { prefix: '/api' },
  'check-then-write': { slow: true },
  'loser-500': { slow: true },
  'loser-409': { slow: true },
  'loser-stays': { slow: true },
  'loser-stays-unsaid': { slow: true },
  'star-race': { slow: true },
  'star-loser-500': { slow: true },
  'star-loser-stays': { slow: true }
}

/** What else fails then, and cannot but fail. */
const ALSO: Partial<Record<Fault, string[]>> = {
  // There is nothing left to update, and to delete.
  'update-removes': ['missing-precondition-428', 'delete-with-stale-tag-412']
}

for (const [fault, id] of Object.entries(FAULTS) as Array<[Fault, string]>) {
  t.test(`a server with ${fault} fails ${id}, and ${ALSO[fault]?.join() ?? 'nothing'} else`, async (t) => {
    for (const via of ['inject', 'fetch']) {
      const app = referenceServer(STYLES[fault], fault)
      t.teardown(() => app.close())
      const { prefix = '' } = STYLES[fault] ?? {}
      await app.inject({ method: 'POST', url: `${prefix}/users`, payload: { name: 'Zoe' } })
      const { passed, checks } = via === 'inject'
        ? await checkCreation(app, below(prefix))
        : await checkCreation(`${await app.listen({ host: '127.0.0.1', port: 0 })}${prefix}`, SCENARIO)
      t.same(checks.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id), [id, ...ALSO[fault] ?? []], via)
      t.equal(passed, false)
      for (const { id, outcome, detail, exchanges = [] } of checks) {
        t.ok(outcome === 'passed' || detail, `${id} says why it is ${outcome}`)
        t.ok(outcome === 'skipped' || exchanges.length > 0, `${id} has looked at something`)
      }
    }
  })
}

function below (prefix: string): Scenario {
  const { create, upsert, list } = SCENARIO
  return { ...SCENARIO, create: { ...create, url: `${prefix}${create.url}` }, upsert: { ...upsert!, url: `${prefix}${upsert!.url}` }, list: `${prefix}${list}` }
}

t.test('every check is failed by a server', async (t) => {
  const caught = new Set<string>(Object.values(FAULTS))
  t.same(CHECKS.map(({ id }) => id).filter((id) => !caught.has(id)), [])
})
