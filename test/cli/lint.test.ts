import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { fixture, run, runBuilt, runHere } from './support.js'

interface Shape {
  notes: string[]
  routes: Array<{ methods: string[], url: string, parts: string[], behind: string[], file?: string, line?: number, package?: string }>
  findings: Array<{ rule: string, severity: string, found: string, methods?: string[], url?: string, line?: number }>
}

// These end their process, block it, or let it fall asleep.
const APART = new Set(['asleep.js', 'blocks.js', 'broken-main.js', 'empty.cjs', 'ends.js', 'killed.js', 'lingers.js', 'never-closes.js', 'nothing.js', 'refused-main.js', 'two.js', 'waits.js'])

function runLint (name: string, argv: string[]) {
  return (APART.has(name) ? run : runHere)(['lint', fixture(name), ...argv])
}

async function lint (name: string, ...argv: string[]): Promise<Shape & { status: number | null }> {
  const { status, stdout, stderr } = await runLint(name, ['--format', 'json', ...argv])
  return { status, ...JSON.parse(stdout || `{"stderr":${JSON.stringify(stderr)}}`) }
}

const findings = ({ findings }: Shape) => findings.map(({ rule, severity, methods, url, line }) => [rule, severity, methods?.join(), url, line])
const parts = ({ routes }: Shape) => routes.map(({ methods, url, parts, behind }) => [methods.join(), url, parts.join(), behind.join()])

t.test('every route is shown with its part, what stands behind it, and its line', async (t) => {
  const shape = await lint('users.js')
  t.same(parts(shape), [
    ['GET', '/health', '', ''],
    ['GET', '/users', '', ''],
    ['GET', '/users/:id', 'home', ''],
    ['POST', '/users', 'creates', 'at GET /users/:id'],
    ['PUT', '/users/:id', 'updates', 'If-Match required'],
    ['DELETE', '/users/:id', 'deletes', 'If-Match required']
  ])
  t.match(shape.routes[0], { file: 'test/cli/fixtures/users.js', line: 18, column: 5 })
  t.same(shape.findings, [])
  t.equal(shape.status, 0)
})

t.test('one of each kind of mistake is found, and nothing on exempt routes', async (t) => {
  const shape = await lint('findings.js')
  t.same(findings(shape), [
    ['route-unseen', 'error', 'POST', '/early', 10],
    ['created-method', 'warn', 'GET', '/list', 13],
    ['resource-home', 'warn', 'POST', '/posts', 14],
    ['route-unseen', 'error', 'POST', '/elsewhere', 20],
    ['route-unseen', 'error', 'GET', '/elsewhere/:id', 21]
  ])
  t.same(parts(shape), [
    ['POST', '/early', 'creates', 'not seen by fastify-created'],
    ['GET', '/list', '', ''],
    ['POST', '/posts', 'creates', 'no home'],
    ['DELETE', '/caches', 'deletes', 'If-Match optional'],
    ['PUT', '/settings', 'creates', 'no resource'],
    ['POST', '/hooks', 'creates', 'exempt'],
    ['POST', '/elsewhere', 'creates', 'not seen by fastify-created'],
    ['GET', '/elsewhere/:id', '', ''],
    ['POST', '/other-hooks', 'creates', 'exempt'],
    ['POST', '/plain', '', '']
  ])
  t.equal(shape.status, 1)
})

t.test('an app that never heard of the plugin has a finding for each POST and PUT, worse in strict', async (t) => {
  t.same(findings(await lint('plain.cjs')), [['plugin-missing', 'warn', 'POST', '/users', 10], ['plugin-missing', 'warn', 'PUT', '/users/:id', 17]])
  t.same(findings(await lint('plain.cjs', '--profile', 'strict')), [['plugin-missing', 'error', 'POST', '/users', 10], ['plugin-missing', 'error', 'PUT', '/users/:id', 17]])
})

t.test('routes declared before the plugin are found, once, also where that stops the boot', async (t) => {
  t.same(findings(await lint('late.js')), [['late-route', 'warn', 'POST', '/users', 8], ['late-route', 'warn', 'GET', '/users/:id', 9]])
  const strict = await lint('strict.js')
  t.same(findings(strict), [['late-route', 'error', 'POST', '/users', 9]])
  t.match(strict.notes, [/The boot stopped before all routes were declared/])
  const other = await lint('strict-other.js')
  t.same(findings(other), [['late-route', 'error', undefined, undefined, undefined]])
})

t.test('an app that its own rules refuse is a finding, also where it ends the process for that', async (t) => {
  t.same(findings(await lint('refused.js')), [['resource-home', 'error', 'POST', '/users', 7], ['resource-home', 'error', 'POST', '/teams', 8]])
  t.same(findings(await lint('refused-exits.js')), [['resource-home', 'error', 'POST', '/users', 8]])
  t.same(findings(await lint('refused-main.js')), [['resource-home', 'error', 'POST', '/users', 9]])
})

t.test('routes of packages are shown as theirs, and are no findings', async (t) => {
  const shape = await lint('packages.js')
  t.ok(shape.routes.some((route) => route.package === '@fastify/http-proxy' && route.file === undefined))
  t.same(shape.findings, [])
})

t.test('what one has to know of the app is said', async (t) => {
  t.match((await lint('plugin.js')).notes, [/^The file exports a plugin, which was registered on an app of its own/])
  t.match((await lint('main.js')).notes, [/^The file exports no app, so the one that it builds was taken/])
  t.match((await lint('callback.cjs')).notes, [/^The file exports no app/])
  t.same((await lint('promise.js')).notes, ['The app has no routes.'])
  t.match((await lint('copies.cjs')).notes, [/^2 copies of Fastify are loaded, 5\.\S+ and 5\.\S+, /, 'The app has no routes.'])
  t.match((await lint('old.cjs')).notes, ['The app runs on Fastify 4.29.1, and fastify-created needs 5.', 'The app has no routes.'])
  t.match((await lint('close-fails.js')).notes, [/^The app did not close: the pool was closed already \(test\/cli\/fixtures\/close-fails\.js:4\)\.$/, 'The app has no routes.'])
  t.match((await lint('never-closes.js')).notes, [/^The app never finished closing/, 'The app has no routes.'])
  t.match((await lint('lingers.js', '--timeout', '1')).notes, ['The app did not close within 1 s. --timeout gives it more.', 'The app has no routes.'])
})

const unloadable: Array<[what: string, file: string, said: RegExp, ...argv: string[]]> = [
  ['throws', 'throws.js', /throws\.js cannot be loaded: no database \(test\/cli\/fixtures\/throws\.js:1\)\.\n$/],
  ['throws no error', 'throws-text.js', /throws-text\.js cannot be loaded: no error at all\.\n$/],
  ['ends the process', 'exits.js', /exits\.js cannot be loaded: it called process\.exit\(3\)/],
  ['ends the process without a status', 'exits-built.js', /exits-built\.js cannot be loaded: it called process\.exit\(\)/],
  ['ends the process as nobody can prevent', 'killed.js', /The app has ended its process by itself \(SIGKILL\)\.\n$/],
  ['aborts with a status', 'ends.js', /The app has ended its process by itself \(status 7\)\.\n$/],
  ['does not boot, and ends the process for that', 'broken-main.js', /broken-main\.js cannot be loaded: no database/],
  ['exports a number', 'number.js', /The default export of test\/cli\/fixtures\/number\.js is a number\. It must be a Fastify instance, /],
  ['exports something else as its app', 'object.js', /The export "app" of \S+ is an object with routes\./],
  ['exports null', 'null.js', /The default export of \S+ is null\./],
  ['exports an array', 'array.js', /The default export of \S+ is an array\./],
  ['exports nothing and builds nothing', 'nothing.js', /nothing\.js exports no app, and builds none\. Export a Fastify instance, /],
  ['exports nothing in CommonJS', 'empty.cjs', /empty\.cjs exports no app, and builds none\./],
  ['builds two apps and exports none', 'two.js', /two\.js exports no app, and builds 2 of them\. Export the one that is meant/],
  ['exports a function of one parameter that gives nothing', 'gives-nothing.js', /exports gave undefined\. .* A plugin of one parameter is taken for such a function: wrap it with fastify-plugin/],
  ['exports a function that gives a text', 'gives-text.js', /exports gave a string\. It must give a Fastify instance\.\n$/],
  ['gives an empty object', 'gives-empty.js', /exports gave an empty object\./],
  ['exports what Fastify has not told of', 'unseen.js', /cannot see into the app of \S+: its Fastify 2\.15\.3 did not tell of it/],
  ['exports a wrapper of an instance', 'wrapper.js', /cannot see into the app of \S+: its Fastify did not tell of it/],
  ['gives the plugin a wrong option', 'option.js', /the option profil is unknown/],
  ['waits for what never comes', 'asleep.js', /The app never finished booting: it waits for what nothing is left to bring/],
  ['never becomes ready', 'waits.js', /waits\.js was not ready within 0\.5 s\. --timeout gives it more\.\n$/, '--timeout', '0.5'],
  ['blocks its process', 'blocks.js', /The app has blocked its process for 5\.1 seconds, so it was ended\.\n$/, '--timeout', '0.1']
]
for (const [what, file, said, ...argv] of unloadable) {
  t.test(`an app that ${what} ends with status 2 and a sentence`, async (t) => {
    const { status, stdout, stderr } = await runLint(file, argv)
    t.equal(status, 2)
    t.equal(stdout, '')
    t.match(stderr, said)
    t.notMatch(stderr, /^\s+at /m)
  })
}

t.test('a file that Node cannot read as TypeScript says how to run it', async (t) => {
  const folder = t.testdir({ 'enum.ts': 'enum Kind { User }\nexport default Kind\n' })
  const { status, stderr } = await runBuilt(['lint', join(folder, 'enum.ts')])
  t.equal(status, 2)
  t.match(stderr, /enum\.ts is TypeScript that Node/)

  // Tests run with a loader, which reads it.
  const { stderr: same } = await runHere(['lint', fixture('unread.ts')])
  t.match(same, /unread\.ts is TypeScript that Node \S+ does not run by itself: .*NODE_OPTIONS="--import tsx" npx fastify-created lint/)
})

t.test('a plugin outside of any project is registered on the Fastify of this package', async (t) => {
  const { mkdtempSync, rmSync } = await import('node:fs')
  const { tmpdir } = await import('node:os')
  const folder = mkdtempSync(join(tmpdir(), 'created-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'plugin.cjs'), 'module.exports = async (app, options) => { app.get(\'/\', async () => \'well\') }\n')
  const { status, stdout } = await run(['lint', join(folder, 'plugin.cjs')])
  t.equal(status, 0)
  t.match(stdout, /No findings in 1 route\./)
})
