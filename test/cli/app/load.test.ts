import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { errorMessage, fixture, run, runBuilt, runHere, type CommandResult } from '../support.js'

const FASTIFY = 'import Fastify from \'fastify\'\n'
const PLUGIN = 'import fastifyCreated, { resource } from \'fastify-created\'\n'
const APP = 'a Fastify instance, a function that returns one, or a plugin'
const BOOTS = 'an app that loads and boots without errors, with the environment variables that it needs'
const EXPORTS = `a default export or an export named "app": ${APP}`
const INSTANCE = 'an instance of Fastify 5, not a wrapper around one'
const NOT_ANNOUNCED = 'that was not announced on the diagnostics channel fastify.initialization'
const EXPORT_INSTANCE = 'export default app, where app is what Fastify() returned'
const ENDED: [failed: string, required: string, fix: string] = [
  'The app ended its own process.',
  'an app that keeps its process alive until the report is complete',
  'remove what ends the process, such as process.kill() or a native module that crashes'
]
const NOT_A_BUILDER = 'Cannot use the function that file exports.'
const BUILDER = 'a function that returns a Fastify instance'
const ADD_PARAMETER = 'If it is a plugin, add its second parameter: (app, options), or wrap it with fastify-plugin'

function lint (t: Test, name: string, content: string, runIt = runHere): Promise<CommandResult> {
  return runIt(['lint', `${t.testdir({ [name]: content })}/${name}`])
}

/** In the message, `file` stands for the path of the fixture. */
type Case =
  [what: string, file: string, failed: string, found: string, required: string, fix: string, ...argv: string[]]

const loaded: Case[] = [
  ['throws an error', 'throws.js', 'Cannot load file.', 'no database (file:1)', BOOTS, 'correct file:1'],
  ['throws a string', 'throws-text.js', 'Cannot load file.', 'no database', BOOTS, 'correct the code that throws this'],
  [
    'calls process.exit() with a status', 'exits.js', 'Cannot load file.', 'process.exit(3) was called (file:1)',
    BOOTS, 'correct file:1'
  ],
  [
    'calls process.exit() when the app is built', 'exits-after-app.js', 'Cannot load file.',
    'process.exit() was called (file:4)', BOOTS, 'correct file:4'
  ],
  ['exports a number', 'number.js', 'Cannot use the default export of file.', 'a number', APP, 'export default app'],
  ['exports null', 'null.js', 'Cannot use the default export of file.', 'null', APP, 'export default app'],
  ['exports an array', 'array.js', 'Cannot use the default export of file.', 'an array', APP, 'export default app'],
  [
    'exports another object as "app"', 'object.js', 'Cannot use the export "app" of file.', 'an object with routes',
    APP, 'export const app = Fastify()'
  ],
  [
    'exports a function of one parameter that returns nothing', 'returns-nothing.js', NOT_A_BUILDER,
    'it returned undefined', BUILDER, `return app. ${ADD_PARAMETER}`
  ],
  [
    'exports a function that returns a string', 'returns-string.js', NOT_A_BUILDER, 'it returned a string',
    BUILDER, 'return app'
  ],
  [
    'exports a function that returns an empty object', 'returns-object.js', NOT_A_BUILDER,
    'it returned an empty object', BUILDER, 'return app'
  ],
  [
    'exports an instance that was not observed', 'not-observed.js', 'Cannot inspect the app of file.',
    `an object of Fastify 2.15.3 ${NOT_ANNOUNCED}`, INSTANCE, EXPORT_INSTANCE
  ],
  [
    'exports a wrapper around an instance', 'wrapper.js', 'Cannot inspect the app of file.',
    `an object ${NOT_ANNOUNCED}`, INSTANCE, EXPORT_INSTANCE
  ]
]
// They end their process, block it, or need an event loop that is empty.
const loadedInWorker: Case[] = [
  ['kills its process', 'killed.js', ENDED[0], 'SIGKILL', ENDED[1], ENDED[2]],
  ['ends its process with a status', 'ends-process.js', ENDED[0], 'exit status 7', ENDED[1], ENDED[2]],
  [
    'does not boot, and calls process.exit()', 'boot-error-main.js', 'Cannot load file.', 'no database (file:7)',
    BOOTS, 'correct file:7'
  ],
  [
    'exports nothing and builds nothing', 'no-app.js', 'Cannot find an app in file.',
    'no export, and no Fastify instance', EXPORTS, 'export default app'
  ],
  [
    'exports nothing, as a CommonJS module', 'no-export.cjs', 'Cannot find an app in file.',
    'no export, and no Fastify instance', EXPORTS, 'module.exports = app'
  ],
  [
    'builds two apps and exports none', 'two-apps.js', 'Cannot find an app in file.',
    'no export, and 2 Fastify instances', EXPORTS, 'export default app'
  ],
  [
    'waits for a promise that nothing settles', 'stalls.js', 'Cannot load file.',
    'it waits for a promise that nothing can settle any more', BOOTS, 'settle that promise, or remove its await'
  ],
  [
    'never becomes ready', 'never-ready.js', 'Cannot load file.', 'it was not finished after 0.5 s', BOOTS,
    '--timeout 2', '--timeout', '0.5'
  ],
  [
    'blocks its process', 'blocks.js', 'The app does not respond.',
    'it blocked its process for 5.1 s, and was terminated', 'an app that loads and closes without blocking',
    '--timeout 2, or look for an endless loop', '--timeout', '0.1'
  ]
]
for (const [cases, runIt] of [[loaded, runHere], [loadedInWorker, run]] as const) {
  for (const [what, name, failed, found, required, fix, ...argv] of cases) {
    t.test(`a file that ${what} ends with status 2 and a message without a stack`, async (t) => {
      const file = fixture(name)
      const inFile = (text: string) => text.replace(/\bfile(?=[.:]|$| exports)/, file)
      const { status, stdout, stderr } = await runIt(['lint', file, ...argv])
      t.equal(status, 2)
      t.equal(stdout, '')
      t.equal(stderr.replace('no app here\n', ''), errorMessage(inFile(failed), inFile(found), required, inFile(fix)))
    })
  }
}

t.test('an error of the plugin keeps its message', async (t) => {
  const { status, stdout, stderr } = await runHere(['lint', fixture('wrong-option.js')])
  t.equal(status, 2)
  t.equal(stdout, '')
  t.match(stderr, /^fastify-created: Cannot load \S+wrong-option\.js\. The option profil of fastify-created is invalid\. Found: .+ Required: .+ Fix: .+\n$/)
})

t.test('a file that Node cannot load as TypeScript needs a loader', async (t) => {
  const folder = t.testdir({ 'enum.ts': 'enum Kind { User }\nexport default Kind\n' })
  const { status, stderr } = await runBuilt(['lint', join(folder, 'enum.ts')])
  t.equal(status, 2)
  t.match(stderr, /enum\.ts\.\n {2}Found: {4}TypeScript that Node/)

  // The tests run with a loader, so the fixture throws the error itself.
  const file = fixture('not-loadable.ts')
  t.equal((await runHere(['lint', file])).stderr, errorMessage(
    `Cannot load ${file}.`,
    `TypeScript that Node ${process.versions.node} cannot run by itself: Unknown file extension ".ts"`,
    'a loader for TypeScript, such as tsx',
    `NODE_OPTIONS="--import tsx" npx fastify-created lint ${file}`
  ))
})

t.test('a plugin outside of any project is registered on the Fastify of this package', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'created-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const plugin = 'module.exports = async (app, options) => { app.get(\'/\', async () => 1) }\n'
  writeFileSync(join(folder, 'plugin.cjs'), plugin)
  const { status, stdout } = await run(['lint', join(folder, 'plugin.cjs')])
  t.equal(status, 0)
  t.match(stdout, /No findings in 1 route\./)
})

const listening: Array<[what: string, listen: string, port: number]> = [
  ['any port', 'app.listen({ port: 0 })', 1],
  ['a port', 'app.listen({ port: 4711 })', 4711],
  ['no port', 'app.listen()', 1]
]
for (const [what, listen, port] of listening) {
  t.test(`an app that listens on ${what} gets an address`, async (t) => {
    const check = `if (address !== 'http://127.0.0.1:${port} ${port} 127.0.0.1') throw new Error(address)\n`
    const { status, stderr } = await lint(t, 'app.mjs', `${FASTIFY}const app = Fastify()
const origin = await ${listen}
const address = [origin, app.server.address().port, app.addresses()[0].address].join(' ')
${check}export default app\n`)
    t.equal(stderr, '')
    t.equal(status, 0)
  })
}

t.test('an app that throws after it has booted is reported as that, not as an app that does not close', async (t) => {
  const { stdout } = await lint(t, 'late.mjs', `${FASTIFY}const app = Fastify()
app.addHook('onReady', async () => { setTimeout(() => { throw new Error('the cache is gone') }, 20) })
app.addHook('onClose', () => new Promise((resolve) => setTimeout(resolve, 200)))
export default app\n`)
  t.match(stdout.replaceAll(/\s+/g, ' '), /Note: The app threw an error after it had booted\. Found: the cache is gone \((\S+late\.mjs:3)\)\. Required: an app that handles its errors\. Fix: correct \1 /)
  t.notMatch(stdout, 'app.close()')
})

const functions: Array<[what: string, content: string, stderr: RegExp]> = [
  ['a plugin of one parameter', 'export default async (app) => { app.get(\'/\', async () => 1) }\n',
    /Cannot load \S+app\.mjs\.\n {2}Found: {4}the exported function, called with {}, threw: app\.get is not a function \(\S+app\.mjs:1\)\n {2}Required: a function that builds an app without any options, or a plugin\n.* If it is a plugin, add its second parameter: \(app, options\), or wrap it with fastify-plugin\n$/],
  ['a builder that needs options', 'export default function build (options) { return options.database.url }\n',
    / {2}Fix: {6}export default \(\) => build\({ … }\)\. /],
  ['a builder without a parameter', 'export default function build () { throw new Error(\'no database\') }\n',
    /Cannot load \S+app\.mjs\.\n {2}Found: {4}no database \((\S+app\.mjs:1)\)\n.*\n {2}Fix: {6}correct \1\n$/],
  ['a builder that calls process.exit()', 'export default function build (options) { process.exit(4) }\n',
    /Cannot load \S+app\.mjs\.\n {2}Found: {4}process\.exit\(4\) was called \((\S+app\.mjs:1)\)\n.*\n {2}Fix: {6}correct \1\n$/]
]
for (const [what, content, message] of functions) {
  t.test(`${what} that fails has a message of its own`, async (t) => {
    const { status, stderr } = await lint(t, 'app.mjs', content)
    t.equal(status, 2)
    t.match(stderr, message)
  })
}

t.test('a builder of one parameter whose app breaks a rule at boot is a finding', async (t) => {
  const { status, stdout } = await lint(t, 'app.mjs', `${FASTIFY}${PLUGIN}
export default async function build (options) {
  const app = Fastify()
  await app.register(fastifyCreated)
  app.post('/users', { config: { resource: resource({ etag: () => '1' }) } }, async () => 1)
  await app.ready()
  return app
}\n`)
  t.equal(status, 1, stdout)
})

t.test('if all exports have other names, the message lists them', async (t) => {
  const content = `${FASTIFY}export const buildApp = () => Fastify()\nexport const version = 1\n`
  const one = await lint(t, 'named.mjs', content, run)
  t.equal(one.status, 2)
  t.match(one.stderr, /Cannot find an app in \S+named\.mjs\.\n {2}Found: {4}only the exports buildApp\n.*\n {2}Fix: {6}export default buildApp\n$/)
  const two = await lint(t, 'named.mjs', 'export const a = () => 1\nexport const b = () => 1\n', run)
  t.match(two.stderr, / {2}Found: {4}only the exports a, b\n.*\n {2}Fix: {6}export default a, if a is the app\n$/)
})

t.test('a syntax error has a line', async (t) => {
  const { stderr } = await lint(t, 'wrong.cjs', '\nconst a = ;\n', runBuilt)
  t.match(stderr, /Cannot load (\S+wrong\.cjs)\.\n {2}Found: {4}Unexpected token ';' \(\1:2\)\n.*\n {2}Fix: {6}correct \1:2\n$/)
})
