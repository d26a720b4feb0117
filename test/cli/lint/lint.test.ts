import t from 'tap'
import { fixture, run, runHere } from '../support.js'

interface Route {
  methods: string[]
  url: string
  roles: string[]
  details: string[]
  file?: string
  line?: number
  package?: string
}

interface Finding {
  rule: string
  severity: string
  found: string
  required: string
  fix: string
  methods?: string[]
  url?: string
  line?: number
}

interface LintJson { status: number | null, notes: string[], routes: Route[], findings: Finding[] }

async function lint (runIt: typeof run, name: string, ...argv: string[]): Promise<LintJson> {
  const { status, stdout, stderr } = await runIt(['lint', fixture(name), '--format', 'json', ...argv])
  if (stdout === '') throw new Error(stderr)
  return { status, ...JSON.parse(stdout) }
}

const lintHere = (name: string, ...argv: string[]) => lint(runHere, name, ...argv)
const lintInWorker = (name: string, ...argv: string[]) => lint(run, name, ...argv)

const findings = ({ findings }: LintJson) =>
  findings.map(({ rule, severity, methods, url, line }) => [rule, severity, methods?.join(), url, line])
const roles = ({ routes }: LintJson) =>
  routes.map(({ methods, url, roles, details }) => [methods.join(), url, roles.join(), details.join()])

t.test('every route is listed with its roles, details and line', async (t) => {
  const report = await lintHere('users.js')
  t.same(roles(report), [
    ['GET', '/health', '', ''],
    ['GET', '/users', '', ''],
    ['GET', '/users/:id', 'reads', ''],
    ['POST', '/users', 'creates', 'canonical route GET /users/:id'],
    ['PUT', '/users/:id', 'updates', 'If-Match required'],
    ['DELETE', '/users/:id', 'deletes', 'If-Match required']
  ])
  t.match(report.routes[0], { file: 'test/cli/fixtures/users.js', line: 18, column: 5 })
  t.same(report.findings, [])
  t.equal(report.status, 0)
})

t.test('mistakes of each kind are found, and exempt routes have none', async (t) => {
  const report = await lintHere('findings.js')
  t.same(findings(report), [
    ['plugin-scope', 'error', 'POST', '/early', 10],
    ['created-method', 'warn', 'GET', '/list', 13],
    ['resource-route', 'warn', 'POST', '/posts', 14],
    ['plugin-scope', 'error', 'POST', '/elsewhere', 20],
    ['plugin-scope', 'error', 'GET', '/elsewhere/:id', 21]
  ])
  t.same(roles(report), [
    ['POST', '/early', 'creates', 'ignored by fastify-created'],
    ['GET', '/list', '', ''],
    ['POST', '/posts', 'creates', 'no canonical route'],
    ['DELETE', '/caches', 'deletes', 'If-Match optional'],
    ['PUT', '/settings', 'creates', 'no resource'],
    ['POST', '/hooks', 'creates', 'created: false'],
    ['POST', '/elsewhere', 'creates', 'ignored by fastify-created'],
    ['GET', '/elsewhere/:id', '', ''],
    ['POST', '/other-hooks', 'creates', 'created: false'],
    ['POST', '/plain', '', '']
  ])
  t.equal(report.status, 1)
})

t.test('a finding says what was found, what is required and how to fix it', async (t) => {
  const { findings } = await lintInWorker('findings.js')
  t.match(findings[0], {
    found: 'fastify-created is registered neither in the scope of this route nor around it',
    required: 'fastify-created must be registered in the scope of the route or around it; ' +
      'otherwise config.resource and config.created are ignored',
    fix: 'await app.register(fastifyCreated) on the outermost app, ' +
      'or config: { created: false } if this route should not be checked'
  })
  t.match(findings[2], {
    found: /^no GET route has the same resource/,
    required: /exactly one nearest canonical route/,
    fix: "app.get('/posts/:id', { config: { resource: postResource } }, handler)"
  })
})

t.test('in an app without the plugin each POST and PUT is a finding, an error in strict', async (t) => {
  t.same(findings(await lintHere('plain.cjs')), [
    ['plugin-missing', 'warn', 'POST', '/users', 10],
    ['plugin-missing', 'warn', 'PUT', '/users/:id', 17]
  ])
  t.same(findings(await lintHere('plain.cjs', '--profile', 'strict')), [
    ['plugin-missing', 'error', 'POST', '/users', 10],
    ['plugin-missing', 'error', 'PUT', '/users/:id', 17]
  ])
})

t.test('routes declared before the plugin are found once, also if that stops the boot', async (t) => {
  t.same(findings(await lintHere('late.js')), [
    ['late-route', 'warn', 'POST', '/users', 8],
    ['late-route', 'warn', 'GET', '/users/:id', 9]
  ])
  const strict = await lintHere('late-resource-strict.js')
  t.same(findings(strict), [['late-route', 'error', 'POST', '/users', 9]])
  t.match(strict.notes, [/^The app stopped booting before all routes were declared\. /])
  t.same(findings(await lintHere('late-strict.js')), [['late-route', 'error', 'POST', '/login', 6]])
})

t.test('routes of a package that stop the boot are a finding about the app', async (t) => {
  const report = await lintHere('late-package-strict.js')
  t.same(findings(report), [['late-route', 'error', undefined, undefined, undefined]])
  t.match(report.findings[0], {
    found: /^these routes were declared before the plugin had loaded: POST \/proxied, /,
    required: /^routes must be declared after the plugin has loaded/,
    fix: 'await app.register(fastifyCreated), before the first route'
  })
})

t.test('an app that breaks a rule at boot is a finding, also if it calls process.exit()', async (t) => {
  t.same(findings(await lintHere('boot-violation.js')), [
    ['resource-route', 'error', 'POST', '/users', 7],
    ['resource-route', 'error', 'POST', '/teams', 8]
  ])
  t.same(findings(await lintHere('boot-violation-exits.js')), [['resource-route', 'error', 'POST', '/users', 8]])
  t.same(findings(await lintInWorker('boot-violation-main.js')), [['resource-route', 'error', 'POST', '/users', 9]])
})

t.test('routes of a package have its name, and no findings', async (t) => {
  const report = await lintHere('package-routes.js')
  t.ok(report.routes.some((route) => route.package === '@fastify/http-proxy' && route.file === undefined))
  t.same(report.findings, [])
})

t.test('notes say how the app was loaded and closed', async (t) => {
  const NO_ROUTES = 'The app has no routes.'
  const notes = async (runIt: typeof lintHere, name: string, ...argv: string[]) => (await runIt(name, ...argv)).notes
  t.match(await notes(lintHere, 'plugin.js'), [/^The file exports a plugin, so it was registered on a new app\. /])
  t.match(await notes(lintHere, 'listens-only.js'), [/^The file exports no app, so the one that it builds was used\. .* export default app$/])
  t.match(await notes(lintHere, 'callback.cjs'), [/^The file exports no app.* module\.exports = app$/])
  t.same(await notes(lintHere, 'promise.js'), [NO_ROUTES])
  t.match(await notes(lintHere, 'copies.cjs'), [/^2 copies of Fastify are loaded, 5\.\S+ and 5\.\S+\. .* npm ls fastify$/, NO_ROUTES])
  t.same(await notes(lintHere, 'old.cjs'), [
    'The app uses Fastify 4.29.1. fastify-created requires Fastify 5. To upgrade, run: npm install fastify@5', NO_ROUTES
  ])
  const file = 'test/cli/fixtures/close-fails.js:4'
  t.same(await notes(lintHere, 'close-fails.js'), [
    `app.close() failed. Found: the pool was closed already (${file}). ` +
      `Required: onClose hooks without errors. Fix: correct ${file}`,
    NO_ROUTES
  ])
  t.match(await notes(lintInWorker, 'never-closes.js'), [
    /^app\.close\(\) did not finish\. Found: it waits for a promise .* Required: onClose hooks that finish\. Fix: settle that promise/, NO_ROUTES
  ])
  t.same(await notes(lintInWorker, 'open-timer.js', '--timeout', '1'), [
    'app.close() did not finish. Found: it was not finished after 1 s. ' +
      'Required: onClose hooks that finish. Fix: --timeout 2',
    NO_ROUTES
  ])
})
