import { readFileSync } from 'node:fs'
import AjvCompiler from '@fastify/ajv-compiler'
import t from 'tap'
import { refusalFinding } from '../../src/cli/lint/findings.js'
import type { LintedRoute, LintFinding, LintReport } from '../../src/cli/lint/lint-report.js'
import type { ProbeReport } from '../../src/cli/probe/probe-report.js'
import { painter } from '../../src/cli/report/paint.js'
import { render } from '../../src/cli/report/render.js'
import { element, text } from '../../src/cli/report/xml.js'
import { fixture, runHere } from './support.js'

/** The official one is in an older dialect, in which only the names of these two differ. */
function sarifSchema (): object {
  const { $schema, id, ...schema } = JSON.parse(readFileSync('test/cli/sarif-2.1.0-rtm.5.json', 'utf8'))
  return schema
}

const customOptions = { strict: false, unicodeRegExp: false, allErrors: true, coerceTypes: false, removeAdditional: false, useDefaults: false } as const
const validate = AjvCompiler()({}, { customOptions })({ schema: sarifSchema(), method: 'GET', url: '/', httpPart: 'body' })

async function sarif (...argv: string[]) {
  const { stdout } = await runHere([...argv, '--format', 'sarif'])
  const log = JSON.parse(stdout)
  t.ok(validate(log), JSON.stringify(validate.errors))
  const [{ tool: { driver }, results }] = log.runs
  return { rules: driver.rules, results }
}

/** Elements that are closed in order, attributes in quotes, no bare special characters: enough for what this package writes. */
function isWellFormed (xml: string): boolean {
  const open: string[] = []
  const rest = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '').replace(/<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g, (_tag, closing, name, _attributes, empty) => {
    if (closing === '/') return open.pop() === name ? '' : '<'
    if (empty === '') open.push(name)
    return ''
  })
  return open.length === 0 && !/[<>]|&(?!(amp|lt|gt|quot|#\d+);)/.test(rest)
}

const probe = (name: string, ...argv: string[]) => ['probe', fixture(name), '--allow-writes', '--scenario', fixture('users.json'), ...argv]

t.test('SARIF of lint is valid, and names file, line, rule and level', async (t) => {
  const { rules, results } = await sarif('lint', fixture('findings.js'))
  t.same(results.map(({ ruleId, level }: any) => [ruleId, level]), [
    ['route-unseen', 'error'], ['created-method', 'warning'], ['resource-home', 'warning'], ['route-unseen', 'error'], ['route-unseen', 'error']
  ])
  t.match(results[2], {
    message: { text: /^A route with a resource has exactly one nearest home/ },
    locations: [{
      physicalLocation: { artifactLocation: { uri: 'test/cli/fixtures/findings.js', uriBaseId: '%SRCROOT%' }, region: { startLine: 14, startColumn: 9 } },
      logicalLocations: [{ fullyQualifiedName: 'POST /posts' }]
    }]
  })
  t.match(rules[results[2].ruleIndex], {
    id: 'resource-home',
    shortDescription: { text: 'A route with a resource has exactly one nearest home, a GET route with the same resource.' },
    helpUri: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.3.2',
    defaultConfiguration: { level: 'error' }
  })
  t.match(rules.find(({ id }: any) => id === 'late-route'), { helpUri: 'https://fastify.dev/docs/latest/Reference/Plugins/', defaultConfiguration: { level: 'warning' } })
})

t.test('SARIF of a boot that stops early points at the file', async () => {
  const { results } = await sarif('lint', fixture('strict-other.js'))
  t.match(results, [{ ruleId: 'late-route', locations: [{ physicalLocation: { artifactLocation: { uri: 'test/cli/fixtures/strict-other.js' }, region: { startLine: 1 } } }] }])
})

t.test('SARIF of a probe has a rule for each check, and a result for each that failed', async (t) => {
  const { rules, results } = await sarif(...probe('plain.cjs'))
  t.same(results.map(({ ruleId, level }: any) => [ruleId, level]), [['location-present', 'error'], ['etag-present', 'error']])
  t.match(results[0].locations, [{ physicalLocation: { artifactLocation: { uri: 'test/cli/fixtures/users.json' } } }])
  t.match(rules[results[0].ruleIndex], { id: 'location-present', help: { text: /^Send the path/ }, helpUri: 'https://www.rfc-editor.org/rfc/rfc9110#section-9.3.3' })

  const refused = await sarif(...probe('refused.js'))
  t.match(refused.results, [{ ruleId: 'resource-home', locations: [{ physicalLocation: { region: { startLine: 7 } } }] }])
})

t.test('JUnit of lint is well-formed, with a test case for each route', async (t) => {
  const { stdout } = await runHere(['lint', fixture('late.js'), '--format', 'junit'])
  t.ok(isWellFormed(stdout), stdout)
  t.match(stdout, '<testsuite name="test/cli/fixtures/late.js" tests="2" failures="2" errors="0" skipped="0">')
  t.match(stdout, '<testcase name="POST /users" classname="test/cli/fixtures/late.js" file="test/cli/fixtures/late.js" line="8" time="0"><failure message="late-route (warn)" type="late-route">')

  const clean = await runHere(['lint', fixture('wrapped.cjs'), '--format', 'junit', '--profile', 'strict'])
  t.match(clean.stdout, '<testcase name="ALL /anything"')

  const boot = await runHere(['lint', fixture('strict-other-again.js'), '--format', 'junit'])
  t.match(boot.stdout, /<testcase name="boot" classname="[^"]+" time="0"><failure message="late-route \(error\)"/)
})

t.test('JUnit of a probe is well-formed, with a test case for each check', async (t) => {
  const { stdout } = await runHere(probe('plain.cjs', '--format', 'junit'))
  t.ok(isWellFormed(stdout), stdout)
  t.match(stdout, '<testsuite name="POST /users" tests="25" failures="2" errors="0" skipped="22">')
  t.match(stdout, /<testcase name="location-present"[^>]*><failure message="there is no Location" type="location-present">1 of 1 checks failed/)

  const refused = await runHere(probe('refused-again.js', '--format', 'junit'))
  t.ok(isWellFormed(refused.stdout), refused.stdout)
  t.match(refused.stdout, /<testcase name="boot"[^>]*><failure message="resource-home \(error\)"/)
})

t.test('XML escapes what it cannot carry as it is', (t) => {
  t.equal(element('a', { b: '<"&">\n\u0000\ud800', c: undefined }), '<a b="&lt;&quot;&amp;&quot;&gt;&#10;\ufffd\ufffd"/>')
  t.equal(element('a', {}, [text('"1" < 2 & 3 > 2\r\n\u001b[31m')]), '<a>"1" &lt; 2 &amp; 3 &gt; 2&#13;\n\ufffd[31m</a>')
  t.end()
})

t.test('the text of lint groups routes by file, findings by rule, and ends with a summary', async (t) => {
  const { stdout } = await runHere(['lint', fixture('plain.cjs')])
  t.equal(stdout, `test/cli/fixtures/plain.cjs  Fastify ${JSON.parse(readFileSync('node_modules/fastify/package.json', 'utf8')).version}, profile recommended

test/cli/fixtures/plain.cjs
    10  POST    /users      -
    16  GET     /users/:id  -
    17  PUT     /users/:id  -
    22  DELETE  /users/:id  -

warning  plugin-missing  RFC 9110 section 15.3.2
  POST /users  test/cli/fixtures/plain.cjs:10
  PUT /users/:id  test/cli/fixtures/plain.cjs:17
    An app that creates is guarded by fastify-created. It may answer 201, and nothing checks what.
    Before all routes: await app.register(created), where created is the default export of
    fastify-created. A route that creates nothing says config: { created: false }.

2 findings in 4 routes: 0 errors, 2 warnings.
`)
})

t.test('routes of packages stand below the name of theirs', async (t) => {
  const { stdout } = await runHere(['lint', fixture('packages.js')])
  t.match(stdout, /\n@fastify\/http-proxy\n {8}/)
})

t.test('the text of a probe that could not begin says why', async (t) => {
  const { stdout } = await runHere(['probe', fixture('refused-exits.js'), '--allow-writes'])
  t.match(stdout, /The app does not boot, so nothing was tried\.\n\nerror {2}resource-home/)
  t.match(stdout, /\n1 finding\.\n$/)
  const late = await runHere(['probe', fixture('strict-third.js'), '--allow-writes'])
  t.match(late.stdout, /error {2}late-route/)
})

t.test('what has neither a line nor a package is told all the same', (t) => {
  const route: LintedRoute = { methods: ['POST'], url: '/users', parts: [], behind: [] }
  const finding: LintFinding = { rule: 'created-body', severity: 'warn', expected: 'a rule that is off', found: 'something.', spec: 'RFC 9110', route }
  const lint: LintReport = { command: 'lint', target: 'app.js', profile: 'recommended', fastify: '5.0.0', notes: [], routes: [route, { ...route, url: '/teams', parts: ['creates'], behind: ['exempt'] }], findings: [finding] }
  t.match(render(lint, 'text', painter(false)), /\nelsewhere\n {8}POST {2}\/users {2}-\n {8}POST {2}\/teams {2}creates {2}exempt\n\nwarning {2}created-body {2}RFC 9110\n {2}POST \/users\n {4}A rule that is off\. Something\.\n/)
  t.match(JSON.parse(render(lint, 'sarif', painter(false))).runs[0].tool.driver.rules.at(-1), { id: 'created-body', defaultConfiguration: { level: 'none' } })

  const probed: ProbeReport = { command: 'probe', target: 'app.js', notes: ['a note'], findings: [], scenarios: [{ name: 'POST /users', checks: [{ id: 'created-201', section: 'RFC 9110', outcome: 'skipped' }, { id: 'location-present', section: 'RFC 9110', outcome: 'passed' }] }] }
  t.match(render(probed, 'text', painter(false)), /^app\.js\n\nPOST \/users\n {2}- created-201\n {2}✓ location-present\n\n.*\n\nNote: a note\n\n1 scenario, nothing failed\.\n$/)
  t.match(render(probed, 'junit', painter(false)), '<testcase name="created-201" classname="POST /users" time="0"><skipped message=""/></testcase>')
  t.end()
})

t.test('what is skipped in a row for the same reason takes one line of the text', (t) => {
  const skipped = (id: string, cause: string) => ({ id, section: 'RFC 9110', outcome: 'skipped' as const, detail: `needs ${cause}, which failed` })
  const checks = [
    { id: 'created-201', section: 'RFC 9110', outcome: 'failed' as const, detail: 'it was 200' },
    skipped('location-present', 'created-201'), skipped('location-syntax', 'created-201'), skipped('etag-present', 'a'),
    { id: 'b', section: 'RFC 9110', outcome: 'skipped' as const, detail: 'no list' }, { id: 'c', section: 'RFC 9110', outcome: 'skipped' as const, detail: 'no list' }
  ]
  const probed: ProbeReport = { command: 'probe', target: 'app.js', notes: [], findings: [], scenarios: [{ name: 'POST /users', checks }] }
  t.match(render(probed, 'text', painter(false)), / {2}✗ created-201 +it was 200\n {2}- 2 more +need created-201, which failed\n {2}- etag-present +needs a, which failed\n {2}- b +no list\n {2}- c +no list\n/)
  t.match(render(probed, 'junit', painter(false)), 'location-syntax')
  t.end()
})

t.test('a refusal of another version of this package is told as it is', (t) => {
  const refusal = Object.assign(new Error('something else'), { rule: 'created-location', spec: 'RFC 9110', route: { method: 'POST', url: '/users' } })
  t.match(refusalFinding(refusal, []), { rule: 'created-location', severity: 'error', found: 'something else', route: undefined })
  t.end()
})
