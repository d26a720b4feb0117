import { resolve } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { errorMessage, fixture, run, runHere, type CommandResult } from '../support.js'

interface Check { id: string, outcome: string, detail?: string, required?: string, fix?: string, exchanges?: string[] }

interface ProbeJson {
  clean: boolean
  findings: Array<{ rule: string, url?: string }>
  scenarios: Array<{ name: string, file?: string, line?: number, checks: Check[] }>
}

const SAMPLE = `{
              "create": { "url": "/users", "payload": { "name": "ann-{{n}}" } },
              "update": { "method": "PUT", "payload": { "name": "eve-{{n}}" } },
              "remove": true
            }`
const UNKNOWN = "probe doesn't know what to send."

const probe = (name: string, ...argv: string[]) => runHere(['probe', fixture(name), '--allow-writes', ...argv])
const parse = ({ stdout }: CommandResult): ProbeJson => JSON.parse(stdout)

function withOutcome (outcome: string, { scenarios: [{ checks }] }: ProbeJson): string[] {
  return checks.filter((check) => check.outcome === outcome).map(({ id }) => id)
}

/** @returns the URL of the app, which is closed at the end of the test */
async function listen (t: Test, app: FastifyInstance): Promise<string> {
  t.teardown(() => app.close())
  return app.listen({ port: 0, host: '127.0.0.1' })
}

t.test('for a file, the scenario is derived from its resources and examples', async (t) => {
  const ran = await probe('users.js', '--format', 'json')
  t.equal(ran.status, 0)
  const { scenarios: [scenario] } = parse(ran)
  t.match(scenario, { name: 'POST /users', file: 'test/cli/fixtures/users.js', line: 24 })
  t.same(withOutcome('skipped', parse(ran)), ['put-creates-201', 'put-again-200', 'if-none-match-star-creates-once'])
})

t.test('a scenario is also derived from shared schemas, parameters, headers and a PUT that creates', async (t) => {
  const ran = await probe('examples.js', '--format', 'json')
  t.equal(ran.status, 0, ran.stdout)
  t.same(withOutcome('skipped', parse(ran)), ['missing-precondition-428'])
})

t.test('in strict, updates must require a precondition', async (t) => {
  const ran = await probe('examples.js', '--format', 'json', '--profile', 'strict')
  t.equal(ran.status, 1)
  t.same(withOutcome('failed', parse(ran)), ['missing-precondition-428'])
})

t.test('all missing examples are listed at once', async (t) => {
  const { status, stdout, stderr } = await probe('missing-examples.js')
  t.equal(status, 2)
  t.equal(stdout, '')
  t.equal(stderr, errorMessage(
    UNKNOWN,
    `POST /orgs/:org/users (test/cli/fixtures/missing-examples.js:16) has no example of the parameter "org"
            POST /orgs/:org/users (test/cli/fixtures/missing-examples.js:16) has no example of the body
            PATCH /orgs/:org/users/:id (test/cli/fixtures/missing-examples.js:17) has no example of the body`,
    'an example in each of these schemas, or a JSON file that says what to send: --scenario users.json',
    `schema: { params: { type: 'object', properties: { org: { type: 'string', examples: ['…'] } } } }
            schema: { body: { …, examples: [{ name: 'ann-{{n}}' }] } }`
  ))
})

t.test('an app without resources needs a scenario', async (t) => {
  const { status, stderr } = await probe('plain.cjs')
  t.equal(status, 2)
  t.equal(stderr, errorMessage(
    UNKNOWN,
    'no POST route with a resource that has a canonical route',
    'config.resource on a POST route and on its GET route, or a JSON file that says what to send',
    `--scenario users.json, a file such as\n            ${SAMPLE}`
  ))
})

t.test('an app that fails checks gets advice, and passes when it follows that advice', async (t) => {
  const plain = await probe('plain.cjs', '--scenario', fixture('users.json'))
  t.equal(plain.status, 1)
  t.match(plain.stdout, /Fix: {6}.*header\('location'/)
  t.match(plain.stdout, /etag-present .*\n {2}.*\n {2}Found: {4}the 201 has no ETag\.\n {2}Fix: {6}/)
  t.match(plain.stdout, /1 scenario, 2 checks failed\.\n$/)

  const halfFixed = await probe('half-fixed.cjs', '--scenario', fixture('users.json'))
  t.match(halfFixed.stdout, /stale-tag-412 .*\n.*\n.*\n {2}Fix: {6}.*If-Match/)

  const fixed = await probe('fixed.cjs', '--scenario', fixture('users.json'))
  t.equal(fixed.status, 0)
  t.match(fixed.stdout, /0 of 25 checks failed, 20 passed, 5 skipped\.\n\n1 scenario, no check failed\.\n$/)
})

t.test('an app that does not boot is a finding', async (t) => {
  const ran = await probe('boot-violation.js', '--format', 'json')
  t.equal(ran.status, 1)
  const { clean, scenarios, findings } = parse(ran)
  t.match({ clean, scenarios }, { clean: false, scenarios: [] })
  t.same(findings.map(({ rule, url }) => [rule, url]), [['resource-route', '/users'], ['resource-route', '/teams']])
})

t.test('in strict, that also applies to a scenario that says nothing about preconditions', async (t) => {
  const argv = ['--scenario', fixture('users.json'), '--profile', 'strict', '--format', 'json']
  const ran = await probe('fixed.cjs', ...argv)
  t.same(withOutcome('failed', parse(ran)), ['missing-precondition-428'])
})

t.test('a route whose resource has no canonical route is not a scenario', async (t) => {
  t.match((await probe('findings.js')).stderr, /Found: {4}no POST route with a resource that has a canonical route\n/)
})

t.test('an app that crashes on a request ends with status 2', async (t) => {
  const argv = ['probe', fixture('crashes.js'), '--allow-writes', '--scenario', fixture('users.json')]
  const { status, stderr } = await run(argv)
  t.equal(status, 2)
  t.equal(stderr, errorMessage(
    'The app in test/cli/fixtures/crashes.js stopped working.',
    'out of memory (test/cli/fixtures/crashes.js:6)',
    'an app that handles its errors, and responds to every request',
    'correct test/cli/fixtures/crashes.js:6'
  ))
})

t.test('a server at a URL is probed with a scenario, and with the headers of the command line', async (t) => {
  const app = Fastify()
  const credentials = new Set<unknown>()
  app.addHook('onRequest', async ({ headers }) => { credentials.add(headers.authorization) })
  app.post('/users', async (_request, reply) => reply.code(201).send({ id: 1 }))
  const url = await listen(t, app)

  const options = ['--scenario', fixture('users.json'), '--header', 'Authorization: Bearer secret', '--format', 'json']
  const ran = await run(['probe', url, '--allow-writes', ...options])
  t.equal(ran.status, 1)
  t.same([...credentials], ['Bearer secret'])
  t.notMatch(ran.stdout, 'Bearer secret')
  t.same(withOutcome('failed', parse(ran)), ['location-present', 'etag-present'])
  t.match(parse(ran).scenarios[0].checks.find(({ outcome }) => outcome === 'failed'), {
    detail: 'the 201 has no Location',
    required: /Location/,
    fix: /header\('location'/,
    exchanges: [/authorization: \(hidden\)/]
  })
})

t.test('the scenarios of a list run one after the other', async (t) => {
  const app = Fastify()
  app.put('/users/:id', async (_request, reply) => reply.code(204).send())
  const scenarios = [
    { create: { method: 'PUT', url: '/users/{{uuid}}', payload: {} } },
    { create: { url: '/teams', payload: {} } }
  ]
  const file = `${t.testdir({ 'all.json': JSON.stringify(scenarios) })}/all.json`
  const ran = await run(['probe', await listen(t, app), '--allow-writes', '--scenario', file, '--format', 'json'])
  t.same(parse(ran).scenarios.map(({ name }) => name), ['PUT /users/{{uuid}}', 'POST /teams'])
})

t.test('a server that is not running, or closes the connection, is named', async (t) => {
  const app = Fastify()
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  await app.close()
  const stopped = await run(['probe', url, '--allow-writes', '--scenario', fixture('users.json')])
  t.equal(stopped.status, 2)
  t.equal(stopped.stderr, `fastify-created: POST /users got no response from ${url}. Found: ECONNREFUSED. ` +
    `Required: a response within 30 seconds. Fix: make sure that the server is running: curl -i ${url}\n`)

  const closing = Fastify()
  closing.post('/users', async (request) => { request.raw.socket.destroy() })
  const closed = await run(['probe', await listen(t, closing), '--allow-writes', '--scenario', fixture('users.json')])
  t.equal(closed.status, 2)
  t.match(closed.stderr, /^fastify-created: POST \/users got no response from http:\/\/127\.0\.0\.1:\d+\. Found: /)
})

const wrongFiles: Array<[what: string, content: string, stderr: RegExp]> = [
  ['is not JSON', '{', /^fastify-created: Cannot parse \S+all\.json\.\n {2}Found: {4}.+\n {2}Required: JSON\n {2}Fix: {6}{\n/],
  ['is an empty list', '[]', /^fastify-created: Cannot use \S+all\.json\.\n {2}Found: {4}an empty list\n {2}Required: one scenario, or a list of scenarios\n {2}Fix: {6}{\n/],
  ['is not a scenario', '{ "create": { "url": "/users" } }', /^fastify-created: \S+all\.json: .*create\.payload.* Found: .* Required: .* Fix: /],
  ['is wrong in one of its scenarios', '[{ "create": { "url": "/users", "payload": 1 } }, { "creat": {} }]', /^fastify-created: \S+all\.json, scenario 2: .*creat/]
]
for (const [what, content, message] of wrongFiles) {
  t.test(`a scenario file that ${what} ends with status 2 and a message`, async (t) => {
    const file = `${t.testdir({ 'all.json': content })}/all.json`
    const { status, stderr } = await run(['probe', 'app.js', '--allow-writes', '--scenario', file])
    t.equal(status, 2)
    t.match(stderr, message)
  })
}

t.test('a scenario file that does not exist, or cannot be read, is named', async (t) => {
  const missing = await run(['probe', 'app.js', '--allow-writes', '--scenario', 'none.json'])
  t.equal(missing.stderr, errorMessage(
    'Cannot find none.json.',
    `no file at ${resolve('none.json')}`,
    'a JSON file that says what to send',
    '--scenario users.json'
  ))
  const folder = await run(['probe', 'app.js', '--allow-writes', '--scenario', 'test'])
  t.match(folder.stderr, /^fastify-created: Cannot read test\.\n {2}Found: {4}EISDIR/)
})

t.test('--allow-remote allows requests to other machines', async (t) => {
  const options = ['--allow-writes', '--allow-remote', '--scenario', fixture('users.json')]
  const { stderr } = await run(['probe', 'http://created.invalid', ...options])
  t.match(stderr, /created\.invalid/)
  t.notMatch(stderr, /--allow-remote/)
})
