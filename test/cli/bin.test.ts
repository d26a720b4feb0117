import { once } from 'node:events'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import t from 'tap'
import { errorMessage, fixture, runBuilt, runSource } from './support.js'

t.test('without findings the exit status is 0, and what the app prints is not part of the report', async (t) => {
  const { status, stdout, stderr } = await runSource(['lint', fixture('users.js'), '--format', 'json'])
  t.equal(stderr, 'This goes to standard error.\n')
  t.equal(status, 0)
  t.equal(JSON.parse(stdout).clean, true)
})

t.test('the built command has the exit statuses of the source: 0 clean, 1 findings, 2 could not run', async (t) => {
  const clean = await runBuilt(['lint', fixture('users.js')])
  t.equal(clean.status, 0)
  t.match(clean.stdout, /POST +\/users +creates +canonical route GET \/users\/:id\n/)

  const findings = await runBuilt(['lint', fixture('boot-violation.js')])
  t.equal(findings.status, 1)
  t.match(findings.stdout, /error {2}resource-route/)
  t.equal(findings.stderr, '')

  const failed = await runBuilt(['lint', 'no-such-file.js'])
  t.equal(failed.status, 2)
  t.equal(failed.stdout, '')
  t.equal(failed.stderr, errorMessage(
    'Cannot find no-such-file.js.',
    `no file at ${resolve('no-such-file.js')}`,
    'the file that exports the app',
    'write the path from the working directory, such as src/app.js'
  ))
})

const forms: Array<[what: string, file: string, route: RegExp, nodeOptions?: string[]]> = [
  ['an ES module whose default is an instance', 'users.js', /GET +\/health/],
  ['a CommonJS module that is a builder', 'plain.cjs', /POST +\/users/],
  ['a TypeScript module whose "app" is an async builder of one parameter', 'typed.ts', /POST +\/notes +creates +canonical route GET \/notes\/:id/, ['--import', 'tsx']],
  ['a plugin of (app, options)', 'plugin.js', /GET +\/health/],
  ['a plugin that fastify-plugin wraps, as TypeScript compiles it', 'wrapped.cjs', /ALL +\/anything/],
  ['a function that listens, and exports nothing', 'listens-only.js', /POST +\/hooks +- +created: false/],
  ['a module that listens with a callback, and on the server', 'callback.cjs', /GET +\/ /]
]
for (const [what, file, route, nodeOptions] of forms) {
  t.test(`lint loads ${what}`, async (t) => {
    const { status, stdout, stderr } = await runBuilt(['lint', fixture(file)], nodeOptions)
    t.ok(status === 0 || status === 1, stderr)
    t.match(stdout, route)
  })
}

t.test('a process that starts slowly is not reported as blocked by its app', async (t) => {
  const argv = ['lint', fixture('never-ready.js'), '--timeout', '0.1']
  const { status, stderr } = await runBuilt(argv, ['--import', `./${fixture('slow-start.js')}`])
  t.equal(status, 2)
  t.match(stderr, /Cannot load \S+never-ready\.js\.\n {2}Found: {4}it was not finished after 0\.1 s\n/)
})

t.test('a probe prints the checks, and ends with status 0 or 1', async (t) => {
  const clean = await runBuilt(['probe', fixture('users.js'), '--allow-writes'])
  t.equal(clean.status, 0)
  t.match(clean.stdout, /✓ one-writer-wins\n/)

  const failed = await runBuilt(['probe', fixture('plain.cjs'), '--allow-writes', '--scenario', fixture('users.json')])
  t.equal(failed.status, 1)
  t.match(failed.stdout, /✗ location-present +the 201 has no Location\n/)
})

t.test('a rule that is broken at boot is a finding in production, too', async (t) => {
  t.teardown(() => { delete process.env.NODE_ENV })
  process.env.NODE_ENV = 'production'
  const { status, stdout } = await runBuilt(['lint', fixture('boot-violation.js')])
  t.equal(status, 1)
  t.match(stdout, /2 findings in 2 routes: 2 errors, 0 warnings\./)
})

t.test('the port of the app stays free', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const content = `import Fastify from 'fastify'\nexport const app = Fastify()\nawait app.listen({ port: ${port} })\n`
  const folder = t.testdir({ 'app.js': content })
  const { status, stderr } = await runBuilt(['lint', `${folder}/app.js`])
  t.equal(stderr, '')
  t.equal(status, 0)
})
