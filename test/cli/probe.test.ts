import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { fixture, run, runHere, type Ran } from './support.js'

interface Shape {
  clean: boolean
  findings: Array<{ rule: string, url?: string }>
  scenarios: Array<{ name: string, file?: string, line?: number, checks: Array<{ id: string, outcome: string, detail?: string, mend?: string, exchanges?: string[] }> }>
}

const probe = (name: string, ...argv: string[]) => runHere(['probe', fixture(name), '--allow-writes', ...argv])
const shape = ({ stdout }: Ran): Shape => JSON.parse(stdout)
const withOutcome = (outcome: string, { scenarios: [{ checks }] }: Shape) => checks.filter((check) => check.outcome === outcome).map(({ id }) => id)

/** A server for a scenario, closed at the end of the test. */
async function served (t: Test, app = Fastify()): Promise<string> {
  t.teardown(() => app.close())
  return app.listen({ port: 0, host: '127.0.0.1' })
}

t.test('of a file the scenario comes from the resources and the examples', async (t) => {
  const ran = await probe('users.js', '--format', 'json')
  t.equal(ran.status, 0)
  const { scenarios: [scenario] } = shape(ran)
  t.match(scenario, { name: 'POST /users', file: 'test/cli/fixtures/users.js', line: 22 })
  t.same(withOutcome('skipped', shape(ran)), ['put-creates-201', 'put-again-200', 'if-none-match-star-creates-once'])
})

t.test('shared schemas, parameters, headers and PUT that creates are derived, too', async (t) => {
  const ran = await probe('examples.js', '--format', 'json')
  t.equal(ran.status, 0, ran.stdout)
  t.same(withOutcome('skipped', shape(ran)), ['missing-precondition-428'])
})

t.test('in strict, updates have to require a precondition', async (t) => {
  const ran = await probe('examples.js', '--format', 'json', '--profile', 'strict')
  t.equal(ran.status, 1)
  t.same(withOutcome('failed', shape(ran)), ['missing-precondition-428'])
})

t.test('it says which examples are missing, all at once', async (t) => {
  const { status, stdout, stderr } = await probe('missing.js')
  t.equal(status, 2)
  t.equal(stdout, '')
  t.equal(stderr, `fastify-created: What to send cannot be told. Mend this, or say it all with --scenario:
- POST /orgs/:org/users (test/cli/fixtures/missing.js:11) has no schema with an example of the parameter "org". Add it: schema: { params: { type: 'object', properties: { org: { type: 'string', examples: ['…'] } } } }
- POST /orgs/:org/users (test/cli/fixtures/missing.js:11) has no schema with an example of its body. Add it: schema: { body: { …, examples: [{ name: 'ann-{{n}}' }] } }
- PATCH /orgs/:org/users/:id (test/cli/fixtures/missing.js:12) has no schema with an example of its body. Add it: schema: { body: { …, examples: [{ name: 'ann-{{n}}' }] } }
`)
})

t.test('an app without resources needs a scenario', async (t) => {
  const { status, stderr } = await probe('plain.cjs')
  t.equal(status, 2)
  t.match(stderr, /No POST route of the app has a resource, .* Give it with --scenario, a file such as\n\{/)
})

t.test('an app that does it wrong is told what to mend, and mended by that alone it passes', async (t) => {
  const wrong = await probe('plain.cjs', '--scenario', fixture('users.json'))
  t.equal(wrong.status, 1)
  t.match(wrong.stdout, /Mend it: {2}Send the path of what was created: .*header\('location'/)
  t.match(wrong.stdout, /Mend it: {2}Send its version in ETag/)
  t.match(wrong.stdout, /1 scenario, 2 checks failed\.\n$/)

  const halfMended = await probe('half-mended.cjs', '--scenario', fixture('users.json'))
  t.match(halfMended.stdout, /stale-tag-412 .*\n.*\n.*\n {2}Mend it: {2}Compare If-Match with the current entity-tag before the write/)

  const mended = await probe('mended.cjs', '--scenario', fixture('users.json'))
  t.equal(mended.status, 0)
  t.match(mended.stdout, /0 of 25 checks failed, 20 passed, 5 were skipped\.\n\n1 scenario, nothing failed\.\n$/)
})

t.test('an app that does not boot is a finding', async (t) => {
  const ran = await probe('refused.js', '--format', 'json')
  t.equal(ran.status, 1)
  t.match(shape(ran), { clean: false, scenarios: [], findings: [{ rule: 'resource-home', url: '/users' }] })
})

t.test('in strict, that is so of a scenario that does not say otherwise', async (t) => {
  const ran = await probe('mended.cjs', '--scenario', fixture('users.json'), '--profile', 'strict', '--format', 'json')
  t.same(withOutcome('failed', shape(ran)), ['missing-precondition-428'])
})

t.test('a route without a home is no scenario', async (t) => {
  t.match((await probe('findings.js')).stderr, /No POST route of the app has a resource/)
})

t.test('an app that crashes when it is asked ends with status 2', async (t) => {
  const { status, stderr } = await run(['probe', fixture('crashes.js'), '--allow-writes', '--scenario', fixture('users.json')])
  t.equal(status, 2)
  t.equal(stderr, 'fastify-created: The app crashed: out of memory (test/cli/fixtures/crashes.js:6).\n')
})

t.test('a server at a URL is probed with a scenario, and the headers that are given', async (t) => {
  const app = Fastify()
  const seen = new Set<unknown>()
  app.addHook('onRequest', async ({ headers }) => { seen.add(headers.authorization) })
  app.post('/users', async (_request, reply) => reply.code(201).send({ id: 1 }))
  const url = await served(t, app)

  const ran = await run(['probe', url, '--allow-writes', '--scenario', fixture('users.json'), '--header', 'Authorization: Bearer secret', '--format', 'json'])
  t.equal(ran.status, 1)
  t.same([...seen], ['Bearer secret'])
  t.notMatch(ran.stdout, 'Bearer secret')
  t.same(withOutcome('failed', shape(ran)), ['location-present', 'etag-present'])
  t.match(shape(ran).scenarios[0].checks.find(({ outcome }) => outcome === 'failed'), { detail: 'there is no Location', mend: /Send the path/, exchanges: [/authorization: \(hidden\)/] })
})

t.test('a list of scenarios is tried one by one', async (t) => {
  const app = Fastify()
  app.put('/users/:id', async (_request, reply) => reply.code(204).send())
  const file = `${t.testdir({ 'all.json': JSON.stringify([{ create: { method: 'PUT', url: '/users/{{uuid}}', payload: {} } }, { create: { url: '/teams', payload: {} } }]) })}/all.json`
  const ran = await run(['probe', await served(t, app), '--allow-writes', '--scenario', file, '--format', 'json'])
  t.same(shape(ran).scenarios.map(({ name }) => name), ['PUT /users/{{uuid}}', 'POST /teams'])
})

t.test('where nobody listens, or nobody answers, that is said', async (t) => {
  const app = Fastify()
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  await app.close()
  const nobody = await run(['probe', url, '--allow-writes', '--scenario', fixture('users.json')])
  t.equal(nobody.status, 2)
  t.equal(nobody.stderr, `fastify-created: Nobody is listening at ${url}. Start the server first.\n`)

  const rude = Fastify()
  rude.post('/users', async (request) => { request.raw.socket.destroy() })
  const silent = await run(['probe', await served(t, rude), '--allow-writes', '--scenario', fixture('users.json')])
  t.equal(silent.status, 2)
  t.match(silent.stderr, /^fastify-created: The probe stopped: http:\/\/127\.0\.0\.1:\d+ does not answer/)
})

const wrong: Array<[what: string, content: string, said: RegExp]> = [
  ['is no JSON', '{', /all\.json is no JSON: .*\.\n$/],
  ['is an empty list', '[]', /all\.json is an empty list: it must have a scenario, such as\n\{/],
  ['is no scenario', '{ "create": { "url": "/users" } }', /all\.json: scenario: the option create\/payload is/],
  ['has one that is wrong among others', '[{ "create": { "url": "/users", "payload": 1 } }, { "creat": {} }]', /all\.json, number 2: scenario: the option/]
]
for (const [what, content, said] of wrong) {
  t.test(`a scenario file that ${what} ends with status 2 and a sentence`, async (t) => {
    const { status, stderr } = await run(['probe', 'app.js', '--allow-writes', '--scenario', `${t.testdir({ 'all.json': content })}/all.json`])
    t.equal(status, 2)
    t.match(stderr, said)
  })
}

t.test('a scenario file that is not there, or no file, is named', async (t) => {
  t.equal((await run(['probe', 'app.js', '--allow-writes', '--scenario', 'none.json'])).stderr, 'fastify-created: There is no file none.json.\n')
  t.match((await run(['probe', 'app.js', '--allow-writes', '--scenario', 'test'])).stderr, /^fastify-created: test cannot be read: EISDIR/)
})

t.test('--allow-remote lets it out', async (t) => {
  const { stderr } = await run(['probe', 'http://created.invalid', '--allow-writes', '--allow-remote', '--scenario', fixture('users.json')])
  t.match(stderr, /created\.invalid/)
  t.notMatch(stderr, /--allow-remote/)
})
