import { readFileSync } from 'node:fs'
import AjvCompiler from '@fastify/ajv-compiler'
import t from 'tap'
import { bootFinding } from '../../../src/cli/lint/findings.js'
import type { LintedRoute, LintFinding, LintReport } from '../../../src/cli/lint/lint-report.js'
import type { ProbeReport } from '../../../src/cli/probe/probe-report.js'
import { formatReport } from '../../../src/cli/report/format-report.js'
import { plain } from '../../../src/cli/report/style.js'
import { element, text } from '../../../src/cli/report/xml.js'
import { fixture, run, runHere } from '../support.js'

/** The official schema is written for an older draft of JSON Schema, in which only these two keywords differ. */
function sarifSchema (): object {
  const { $schema, id, ...schema } = JSON.parse(readFileSync('test/cli/report/sarif-2.1.0-rtm.5.json', 'utf8'))
  return schema
}

const customOptions = {
  strict: false, unicodeRegExp: false, allErrors: true, coerceTypes: false, removeAdditional: false, useDefaults: false
} as const
const compile = AjvCompiler()({}, { customOptions })
const validate = compile({ schema: sarifSchema(), method: 'GET', url: '/', httpPart: 'body' })

async function sarif (argv: string[]) {
  const { stdout } = await runHere([...argv, '--format', 'sarif'])
  const log = JSON.parse(stdout)
  t.ok(validate(log), JSON.stringify(validate.errors))
  const [{ tool: { driver }, results }] = log.runs
  return { rules: driver.rules, results }
}

/** Whether elements are closed in order, attributes quoted and special characters escaped: enough for these reports. */
function isWellFormed (xml: string): boolean {
  const open: string[] = []
  const body = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '')
  const TAG = /<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g
  const rest = body.replace(TAG, (_tag, closing, name, _attributes, empty) => {
    if (closing === '/') return open.pop() === name ? '' : '<'
    if (empty === '') open.push(name)
    return ''
  })
  return open.length === 0 && !/[<>]|&(?!(amp|lt|gt|quot|#\d+);)/.test(rest)
}

const probe = (name: string, ...argv: string[]) =>
  ['probe', fixture(name), '--allow-writes', '--scenario', fixture('users.json'), ...argv]

t.test('SARIF of lint is valid, and names file, line, rule and level', async (t) => {
  const { rules, results } = await sarif(['lint', fixture('findings.js')])
  t.same(results.map(({ ruleId, level }: any) => [ruleId, level]), [
    ['plugin-scope', 'error'],
    ['created-method', 'warning'],
    ['resource-route', 'warning'],
    ['plugin-scope', 'error'],
    ['plugin-scope', 'error']
  ])
  t.match(results[2], {
    message: { text: /^Found: no GET route has the same resource .*\. Required: .*\. Fix: app\.get\('\/posts\/:id'/ },
    locations: [{
      physicalLocation: {
        artifactLocation: { uri: 'test/cli/fixtures/findings.js', uriBaseId: '%SRCROOT%' },
        region: { startLine: 14, startColumn: 9 }
      },
      logicalLocations: [{ fullyQualifiedName: 'POST /posts' }]
    }]
  })
  t.match(rules[results[2].ruleIndex], {
    id: 'resource-route',
    shortDescription: { text: /^Required: a route with a resource needs exactly one nearest canonical route/ },
    helpUri: 'https://www.rfc-editor.org/rfc/rfc9110#section-15.3.2',
    defaultConfiguration: { level: 'error' }
  })
  t.match(rules.find(({ id }: any) => id === 'late-route'), {
    helpUri: 'https://fastify.dev/docs/latest/Reference/Plugins/', defaultConfiguration: { level: 'warning' }
  })
})

t.test('SARIF of a boot that stops early points at the file', async () => {
  const { results } = await sarif(['lint', fixture('late-package-strict.js')])
  const artifactLocation = { uri: 'test/cli/fixtures/late-package-strict.js' }
  t.match(results, [{
    ruleId: 'late-route', locations: [{ physicalLocation: { artifactLocation, region: { startLine: 1 } } }]
  }])
})

t.test('SARIF of a probe has a rule for each check, and a result for each that failed', async (t) => {
  const { rules, results } = await sarif(probe('plain.cjs'))
  t.same(results.map(({ ruleId, level }: any) => [ruleId, level]), [
    ['location-present', 'error'],
    ['etag-present', 'error']
  ])
  t.match(results[0].locations, [{ physicalLocation: { artifactLocation: { uri: 'test/cli/fixtures/users.json' } } }])
  t.match(rules[results[0].ruleIndex], {
    id: 'location-present',
    help: { text: /header\('location'/ },
    helpUri: 'https://www.rfc-editor.org/rfc/rfc9110#section-9.3.3'
  })

  const stopped = await sarif(probe('boot-violation.js'))
  t.match(stopped.results[0], {
    ruleId: 'resource-route', locations: [{ physicalLocation: { region: { startLine: 7 } } }]
  })
})

t.test('JUnit of lint is well-formed, with a test case for each route', async (t) => {
  const { stdout } = await runHere(['lint', fixture('late.js'), '--format', 'junit'])
  t.ok(isWellFormed(stdout), stdout)
  t.match(stdout, '<testsuite name="test/cli/fixtures/late.js" tests="2" failures="2" errors="0" skipped="0">')
  const file = 'test/cli/fixtures/late.js'
  const attributes = `name="POST /users" classname="${file}" file="${file}" line="8" time="0"`
  t.match(stdout, `<testcase ${attributes}><failure message="late-route (warn)" type="late-route">`)

  const clean = await runHere(['lint', fixture('wrapped.cjs'), '--format', 'junit', '--profile', 'strict'])
  t.match(clean.stdout, '<testcase name="ALL /anything"')

  const boot = await run(['lint', fixture('late-package-strict.js'), '--format', 'junit'])
  t.match(boot.stdout, /<testcase name="boot" classname="[^"]+" time="0"><failure message="late-route \(error\)"/)
})

t.test('JUnit of a probe is well-formed, with a test case for each check', async (t) => {
  const { stdout } = await runHere(probe('plain.cjs', '--format', 'junit'))
  t.ok(isWellFormed(stdout), stdout)
  t.match(stdout, '<testsuite name="POST /users" tests="25" failures="2" errors="0" skipped="22">')
  t.match(stdout, /<testcase name="location-present"[^>]*><failure message="the 201 has no Location" type="location-present">1 of 1 checks failed/)

  const stopped = await run(probe('boot-violation.js', '--format', 'junit'))
  t.ok(isWellFormed(stopped.stdout), stopped.stdout)
  t.match(stopped.stdout, /<testcase name="boot"[^>]*><failure message="resource-route \(error\)"/)
})

t.test('characters that XML does not allow are escaped or replaced', (t) => {
  const attributes = { b: '<"&">\n\u0000\ud800', c: undefined }
  t.equal(element('a', attributes), '<a b="&lt;&quot;&amp;&quot;&gt;&#10;\ufffd\ufffd"/>')
  const content = [text('"1" < 2 & 3 > 2\r\n\u001b[31m')]
  t.equal(element('a', {}, content), '<a>"1" &lt; 2 &amp; 3 &gt; 2&#13;\n\ufffd[31m</a>')
  t.end()
})

t.test('the text of lint groups routes by file, findings by rule, and ends with a summary', async (t) => {
  const { version } = JSON.parse(readFileSync('node_modules/fastify/package.json', 'utf8'))
  const { stdout } = await runHere(['lint', fixture('plain.cjs')])
  t.equal(stdout, `test/cli/fixtures/plain.cjs  Fastify ${version}, profile recommended

test/cli/fixtures/plain.cjs
    10  POST    /users      -
    16  GET     /users/:id  -
    17  PUT     /users/:id  -
    22  DELETE  /users/:id  -

warning  plugin-missing  RFC 9110 section 15.3.2
  POST /users  test/cli/fixtures/plain.cjs:10
  PUT /users/:id  test/cli/fixtures/plain.cjs:17
    Found:    nothing checks the responses of this route
    Required: an app with POST or PUT routes must register fastify-created, which checks its
              responses
    Fix:      ${'await app.register(fastifyCreated) before the first route, ' +
                'or config: { created: false } if this route creates nothing'}

2 findings in 4 routes: 0 errors, 2 warnings.
`)
})

t.test('routes of a package are listed below its name', async (t) => {
  const { stdout } = await runHere(['lint', fixture('package-routes.js')])
  t.match(stdout, /\n@fastify\/http-proxy\n {8}/)
})

t.test('the text of a probe says why the app does not boot', async (t) => {
  const { stdout } = await runHere(['probe', fixture('boot-violation-exits.js'), '--allow-writes'])
  t.match(stdout, /The app does not boot, so no request was sent\.\n\nerror {2}resource-route/)
  t.match(stdout, /\n1 finding\.\n$/)
  const late = await run(['probe', fixture('late-package-strict.js'), '--allow-writes'])
  t.match(late.stdout, /error {2}late-route {2}Fastify, plugin lifecycle\n {4}Found: {4}these routes were declared before/)
})

t.test('a route without a known position, and a scenario without one, are reported', (t) => {
  const route: LintedRoute = { methods: ['POST'], url: '/users', roles: [], details: [] }
  const finding: LintFinding = {
    rule: 'created-body',
    severity: 'warn',
    found: 'an empty body',
    required: 'a body',
    fix: 'return user',
    spec: 'RFC 9110',
    route
  }
  const lint: LintReport = {
    command: 'lint',
    target: 'app.js',
    profile: 'recommended',
    fastify: '5.0.0',
    notes: [],
    routes: [route, { ...route, url: '/teams', roles: ['creates'], details: ['created: false'] }],
    findings: [finding]
  }
  t.match(formatReport(lint, 'text', plain), `
unknown file
        POST  /users  -
        POST  /teams  creates  created: false

warning  created-body  RFC 9110
  POST /users
    Found:    an empty body
    Required: a body
    Fix:      return user
`)
  const { runs: [{ tool }] } = JSON.parse(formatReport(lint, 'sarif', plain))
  t.match(tool.driver.rules.at(-1), { id: 'created-body', defaultConfiguration: { level: 'none' } })

  const checks = [
    { id: 'created-201', section: 'RFC 9110', outcome: 'skipped' as const },
    { id: 'location-present', section: 'RFC 9110', outcome: 'passed' as const }
  ]
  const probed: ProbeReport = {
    command: 'probe', target: 'app.js', notes: ['a note'], findings: [], scenarios: [{ name: 'POST /users', checks }]
  }
  t.match(formatReport(probed, 'text', plain), /^app\.js\n\nPOST \/users\n {2}- created-201\n {2}✓ location-present\n\n.*\n\nNote: a note\n\n1 scenario, no check failed\.\n$/)
  const skipped = '<testcase name="created-201" classname="POST /users" time="0"><skipped message=""/></testcase>'
  t.match(formatReport(probed, 'junit', plain), skipped)

  const [scenario] = probed.scenarios
  const scenarios = [{ ...scenario, position: { file: 'app.js', line: 7, column: 1 } }]
  const xml = formatReport({ ...probed, scenarios }, 'junit', plain)
  t.equal(xml.match(/<testcase name="[\w-]+" classname="app\.js" file="app\.js" line="7" time="0">?/g)?.length, 2)
  t.end()
})

t.test('consecutive checks that are skipped for the same reason take one line of the text', (t) => {
  const skipped = (id: string, detail: string) => ({ id, section: 'RFC 9110', outcome: 'skipped' as const, detail })
  const checks = [
    { id: 'created-201', section: 'RFC 9110', outcome: 'failed' as const, detail: 'it was 200' },
    skipped('location-present', 'needs created-201, which failed'),
    skipped('location-syntax', 'needs created-201, which failed'),
    skipped('etag-present', 'needs a, which failed'),
    skipped('b', 'no list'),
    skipped('c', 'no list')
  ]
  const scenarios = [{ name: 'POST /users', checks }]
  const probed: ProbeReport = { command: 'probe', target: 'app.js', notes: [], findings: [], scenarios }
  t.match(formatReport(probed, 'text', plain), / {2}✗ created-201 +it was 200\n {2}- 2 more +need created-201, which failed\n {2}- etag-present +needs a, which failed\n {2}- b +no list\n {2}- c +no list\n/)
  t.match(formatReport(probed, 'junit', plain), 'location-syntax')
  t.end()
})

t.test('a violation of another version of this package is reported with its whole message', (t) => {
  const details = { rule: 'created-location', spec: 'RFC 9110', route: { method: 'POST', url: '/users' } }
  const violation = Object.assign(new Error('something else'), details)
  const { rule, severity, found, route } = bootFinding(violation, [])
  t.same([rule, severity, found, route], ['created-location', 'error', 'something else', undefined])
  const declared: LintedRoute = { methods: ['POST'], url: '/users', roles: [], details: [] }
  t.equal(bootFinding(violation, [{ ...declared, methods: ['PUT'] }, declared]).route, declared)
  t.end()
})
