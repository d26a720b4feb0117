import { AssertionError } from 'node:assert'
import { spawn } from 'node:child_process'
import t from 'tap'
import { CHECKS } from '../../src/testing/check-creation.js'
import { assertCreation, type CheckResult, type Scenario, type Target } from '../../src/testing/index.js'
import { CREATE, listen, newServer, UPDATE } from './support.js'

type CreationError = AssertionError & { checks: CheckResult[] }

async function assertionError (target: Target, scenario: Scenario): Promise<CreationError> {
  return assertCreation(target, scenario).then(() => { throw new Error('nothing failed') }, (error) => error)
}

t.test('assertCreation() returns the results if no check fails', async (t) => {
  const { passed, checks } = await assertCreation(newServer(t), { create: CREATE, update: UPDATE, writers: 2 })
  t.equal(passed, true)
  t.equal(checks.length, CHECKS.length)
})

t.test('assertCreation() proposes assertCreation() for a mistake in its arguments', async (t) => {
  t.match((await assertionError('users', { create: CREATE })).message, "Fix: assertCreation('http://127.0.0.1:3000', ")
  t.match((await assertionError(newServer(t), {} as never)).message, 'Fix: assertCreation(target, { create: ')
})

t.test('assertCreation() throws a bug report, without credentials', async (t) => {
  const error = await assertionError(newServer(t, {}, 'location-bare-id'), {
    headers: { Authorization: 'Bearer hunter2', Cookie: 'sid=hunter2', 'X-Api-Key': 'hunter2' },
    create: { url: '/users', payload: { name: 'Ann' } }
  })
  t.ok(error instanceof AssertionError)
  const message = error.message.replace(/^ +(date|connection|content-type|content-length): .*\n/gm, '')
  const fix = 'Send one Location. Start the path with one "/", and encode each segment: ' +
    "reply.header('location', '/users/' + encodeURIComponent(user.id))"
  t.equal(message, `1 of 25 checks failed, 3 passed, 21 skipped

location-syntax (RFC 9110 section 10.2.2 and RFC 3986)
  Expected: Location is one path or one http(s) URL, which all clients resolve to the same URL.
  Found:    Location is "1", which is relative to the URL of the request.
  Fix:      ${fix}

    POST /users
    authorization: (hidden)
    cookie: (hidden)
    x-api-key: (hidden)

    {"name":"Ann"}

    201 Created
    location: 1
    etag: "1"

    {"id":1,"name":"Ann"}
`)
  t.equal(error.checks.length, CHECKS.length)
  t.notOk(Object.keys(error).includes('checks'), 'test runners do not print the headers')
})

t.test('of many exchanges the report shows one for each status', async (t) => {
  const { message } = await assertionError(newServer(t, {}, 'check-then-write'), { create: CREATE, update: UPDATE })
  t.match(message, 'Found:    20 of 20 updates succeeded.')
  t.equal(message.match(/^ +PATCH /gm)?.length, 1)
  t.match(message, '\n    (and 39 more like these)')
})

t.test('the report truncates a long body', async (t) => {
  const create = { url: '/users', payload: { name: 'x'.repeat(5000) } }
  const { message } = await assertionError(newServer(t, {}, '200-for-201'), { create })
  t.match(message, `{"name":"${'x'.repeat(991)}… (5011 characters)\n`)
})

t.test('the report shows a status without a name', async (t) => {
  const base = await listen(t, (_request, response) => response.writeHead(299).end())
  t.match(await assertionError(base, { create: CREATE }), { message: /\n {4}299\n/ })
})

t.test('the report names every check that failed', async (t) => {
  const scenario: Scenario = { create: CREATE, update: UPDATE, remove: true, precondition: 'required' }
  const { message } = await assertionError(newServer(t, {}, 'update-deletes'), scenario)
  t.match(message, /^3 of 25 checks failed/)
  t.same(message.match(/^[\w-]+ \(RFC .*\)$/gm), [
    'update-changes-tag (RFC 9110 sections 8.8.1 and 9.3.4)',
    'missing-precondition-428 (RFC 6585 section 3)',
    'delete-with-stale-tag-412 (RFC 9110 section 13.1.1)'
  ])
})

t.test('assertCreation() with node:test', async (t) => {
  const script = `
    import { test } from 'node:test'
    import { assertCreation } from '../../src/testing/index.ts'
    import { referenceServer } from './server.ts'
    const create = { url: '/users', payload: (n) => ({ name: 'Ann ' + n }) }
    const scenario = { headers: { authorization: 'Bearer hunter2' }, create }
    test('a correct server', () => assertCreation(referenceServer(), scenario))
    test('a wrong server', () => assertCreation(referenceServer({}, 'no-location'), scenario))
  `
  // The code that tsx compiles has other line numbers, which would count as covered.
  const env = { ...process.env, _TAPJS_PROCESSINFO_COVERAGE_: '0' }
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
  const run = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'], env })
  const output = (await run.stdout.toArray()).join('')
  t.match(output, /^(ok 1 - |✔ )a correct server/m)
  t.match(output, /^(not ok 2 - |✖ )a wrong server/m)
  t.match(output, 'Found:    the 201 has no Location.')
  t.notMatch(output, 'hunter2')
})
