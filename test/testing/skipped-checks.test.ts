import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { checkCreation, type Scenario } from '../../src/testing/index.js'
import { CREATE, CREATE_BY_PUT, newServer, resultOf, UPDATE, UPSERT } from './support.js'
import type { Style } from './server.js'

const UNIQUE = 'make the payload unique with {{n}} or a function'

/** A server that rejects a second user of the same name, as a unique constraint does. */
function serverWithUniqueNames (t: Test): FastifyInstance {
  const app = newServer(t)
  const names = new Set<string>()
  app.addHook('preHandler', async ({ method, body }, reply) => {
    const { name } = (body ?? {}) as { name?: string }
    if (name === undefined || method === 'PATCH') return
    if (names.has(name)) return reply.code(409).send({ message: 'the name is taken' })
    names.add(name)
  })
  return app
}

t.test('a second POST that gets a 409 is skipped, and the reason says how to make the payload unique', async (t) => {
  const app = serverWithUniqueNames(t)
  const table: Array<[payload: Scenario['create']['payload'], detail: string]> = [
    [{ name: 'Ann' }, `the second POST returned 409: the payload is the same, so ${UNIQUE}`],
    [() => ({ name: 'Eve' }), 'the second POST returned 409']
  ]
  for (const [payload, expected] of table) {
    const report = await checkCreation(app, { create: { url: '/users', payload } })
    const { outcome, detail } = resultOf(report, 'post-twice-two-addresses')
    t.same({ outcome, detail }, { outcome: 'skipped', detail: expected })
  }

  await t.test('a first POST that gets a 409 fails', async (t) => {
    const report = await checkCreation(app, { create: { url: '/users', payload: { name: 'Ann' } } })
    t.match(resultOf(report, 'created-201'), {
      outcome: 'failed',
      detail: 'POST returned 409: an earlier run may have created the same, ' +
        'so make the payload or the url unique with {{n}} or {{uuid}}'
    })
  })

  await t.test('a PUT that gets a 409 is skipped', async (t) => {
    const skipped = { outcome: 'skipped', detail: `PUT returned 409: ${UNIQUE}` }
    const check = async (app: FastifyInstance, name: string) => {
      return checkCreation(app, { create: CREATE, upsert: { ...UPSERT, payload: { name } }, writers: 2 })
    }
    const report = await check(serverWithUniqueNames(t), 'Joe')
    t.match(resultOf(report, 'put-creates-201'), { outcome: 'passed' })
    t.match(resultOf(report, 'put-again-200'), skipped)
    t.match(resultOf(report, 'if-none-match-star-creates-once'), skipped)
    t.match(resultOf(await check(app, 'Ann'), 'put-creates-201'), skipped)
  })
})

t.test('a check is skipped if the scenario leaves out its part, and the reason says what to add', async (t) => {
  const { passed, checks } = await checkCreation(newServer(t), { create: CREATE })
  t.equal(passed, true)
  const skipped = checks.filter(({ outcome }) => outcome === 'skipped')
  const noUpdate = 'the scenario has no update'
  const noUpsert = 'the scenario has no upsert'
  const noRemove = 'the scenario does not have remove: true'
  t.same(Object.fromEntries(skipped.map(({ id, detail }) => [id, detail])), {
    'invalid-creates-nothing': 'the scenario has no invalid payload',
    'update-with-tag': noUpdate,
    'update-changes-tag': noUpdate,
    'stale-tag-412': noUpdate,
    'stale-tag-changes-nothing': noUpdate,
    'missing-precondition-428': noUpdate,
    'weak-tag-never-matches': noUpdate,
    'tag-list-with-commas': noUpdate,
    'one-writer-wins': noUpdate,
    'put-creates-201': noUpsert,
    'put-again-200': noUpsert,
    'if-none-match-star-creates-once': noUpsert,
    'delete-with-stale-tag-412': noRemove,
    'deleted-is-gone': noRemove
  })
})

t.test('the other reasons to skip a check', async (t) => {
  const complete: Scenario = {
    create: CREATE,
    update: UPDATE,
    upsert: { ...UPSERT, payload: CREATE.payload },
    remove: true,
    invalid: {},
    list: '/users',
    writers: 2
  }
  const sameEachTime = { method: 'PATCH', payload: { name: 'Eve' } } as const
  const changesNothing = { method: 'PATCH', payload: {} } as const
  const noStrongEtag = 'the server requires If-Match, but GET returns no strong ETag to send in it'
  const table: Array<[style: Style, scenario: Partial<Scenario>, id: string, detail: string]> = [
    [{}, {}, 'missing-precondition-428', "the scenario has no precondition: add 'required' or 'optional'"],
    [{}, { precondition: 'optional' }, 'missing-precondition-428', "the scenario has precondition: 'optional'"],
    [{ created: 'nothing' }, {}, 'body-same-on-get', 'the 201 has no body'],
    [{ unstableGet: true, minimalHead: true }, {}, 'body-same-on-get', 'GET returns something else each time'],
    [{ unstableGet: true, minimalHead: true }, {}, 'stale-tag-changes-nothing', 'GET returns something else each time'],
    [{ unstableList: true }, {}, 'invalid-creates-nothing',
      'GET /users returns something else each time, so it does not show what is stored'],
    [{}, { list: '/people' }, 'invalid-creates-nothing',
      'GET /people returned 404, so it does not show what is stored'],
    [{ tag: 'hash' }, { update: sameEachTime }, 'one-writer-wins', `several updates wrote the same: ${UNIQUE}`],
    [{ tag: 'hash' }, { update: changesNothing }, 'update-changes-tag', `the update changed nothing: ${UNIQUE}`],
    [{ tag: 'weak' }, { update: undefined }, 'put-again-200', noStrongEtag],
    [{ tag: 'weak' }, { update: undefined }, 'deleted-is-gone', noStrongEtag],
    [{}, CREATE_BY_PUT, 'location-present', 'a 201 to PUT needs no Location'],
    [{}, CREATE_BY_PUT, 'location-syntax', 'the 201 to PUT has no Location'],
    [{}, CREATE_BY_PUT, 'post-twice-two-addresses', 'a second PUT to the same URL creates nothing']
  ]
  for (const [style, scenario, id, expected] of table) {
    const { outcome, detail } = resultOf(await checkCreation(newServer(t, style), { ...complete, ...scenario }), id)
    t.same({ outcome, detail }, { outcome: 'skipped', detail: expected }, id)
  }
})

t.test('a 201 to PUT may leave the ETag to GET, and GET with it still has to return 304', async (t) => {
  const app = newServer(t)
  app.addHook('onSend', async (request, reply) => { if (request.method === 'PUT') reply.removeHeader('etag') })
  const report = await checkCreation(app, CREATE_BY_PUT)
  t.match(resultOf(report, 'etag-present'), { outcome: 'skipped', detail: 'a 201 to PUT needs no ETag' })
  t.match(resultOf(report, 'etag-same-on-get'), { outcome: 'skipped', detail: 'the 201 has no ETag' })
  t.match(resultOf(report, 'not-modified-304'), { outcome: 'passed' })
  t.equal(report.passed, true)
})
