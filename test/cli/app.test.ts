import t, { type Test } from 'tap'
import { placeOfError } from '../../src/cli/app/place.js'
import { run, runBuilt, runHere, type Ran } from './support.js'

const FASTIFY = 'import Fastify from \'fastify\'\n'

function lint (t: Test, name: string, content: string, runIt = runHere): Promise<Ran> {
  return runIt(['lint', `${t.testdir({ [name]: content })}/${name}`])
}

const listening: Array<[what: string, listen: string, port: number]> = [
  ['any port', 'app.listen({ port: 0 })', 1],
  ['the port it asks for', 'app.listen({ port: 4711 })', 4711],
  ['no port', 'app.listen()', 1]
]
for (const [what, listen, port] of listening) {
  t.test(`an app that listens on ${what} is told an address`, async (t) => {
    const told = `if (told !== 'http://127.0.0.1:${port} ${port} 127.0.0.1') throw new Error(told)\n`
    const { status, stderr } = await lint(t, 'app.mjs', `${FASTIFY}const app = Fastify()
const origin = await ${listen}
const told = [origin, app.server.address().port, app.addresses()[0].address].join(' ')
${told}export default app\n`)
    t.equal(stderr, '')
    t.equal(status, 0)
  })
}

t.test('an app that throws after its boot is told from one that does not close', async (t) => {
  const { stdout } = await lint(t, 'late.mjs', `${FASTIFY}const app = Fastify()
app.addHook('onReady', async () => { setTimeout(() => { throw new Error('the cache is gone') }, 20) })
app.addHook('onClose', () => new Promise((resolve) => setTimeout(resolve, 200)))
export default app\n`)
  t.match(stdout.replaceAll(/\s+/g, ' '), /Note: The app threw after it had booted: the cache is gone \(\S+late\.mjs:3\)\. /)
  t.notMatch(stdout, 'did not close')
})

const functions: Array<[what: string, content: string, said: RegExp]> = [
  ['a plugin of one parameter', 'export default async (app) => { app.get(\'/\', async () => 1) }\n',
    /cannot be loaded: app\.get is not a function \(\S+app\.mjs:1\)\. It was called as a function that builds an app, with \{\}\. If it is a plugin, write \(app, options\), or wrap it with fastify-plugin\. /],
  ['a builder that needs options', 'export default function build (options) { return options.database.url }\n',
    / If it needs options, export one that needs nothing\.\n$/],
  ['a builder without a parameter', 'export default function build () { throw new Error(\'no database\') }\n',
    /cannot be loaded: no database \(\S+app\.mjs:1\)\.\n$/],
  ['a builder that ends the process', 'export default function build (options) { process.exit(4) }\n',
    /cannot be loaded: it called process\.exit\(4\) \(\S+app\.mjs:1\)\.\n$/]
]
for (const [what, content, said] of functions) {
  t.test(`${what} that fails is told apart`, async (t) => {
    const { status, stderr } = await lint(t, 'app.mjs', content)
    t.equal(status, 2)
    t.match(stderr, said)
  })
}

t.test('a builder of one parameter whose rules refuse it is a finding still', async (t) => {
  const { status, stdout } = await lint(t, 'app.mjs', `${FASTIFY}import created, { resource } from 'fastify-created'
export default async function build (options) {
  const app = Fastify()
  await app.register(created)
  app.post('/users', { config: { resource: resource({ etag: () => '1' }) } }, async () => 1)
  await app.ready()
  return app
}\n`)
  t.equal(status, 1, stdout)
})

t.test('a module that exports by name only is told which names', async (t) => {
  const one = await lint(t, 'named.mjs', `${FASTIFY}export const buildApp = () => Fastify()\nexport const version = 1\n`, run)
  t.equal(one.status, 2)
  t.match(one.stderr, /named\.mjs exports buildApp, but neither a default nor "app"\. Add: export default buildApp\n$/)
  const two = await lint(t, 'named.mjs', 'export const a = () => 1\nexport const b = () => 1\n', run)
  t.match(two.stderr, /exports a, b, but neither a default nor "app"\. Add: export default <the one that builds the app>\n$/)
})

t.test('a mistake of syntax has a line', async (t) => {
  const { stderr } = await lint(t, 'wrong.cjs', '\nconst a = ;\n', runBuilt)
  t.match(stderr, /wrong\.cjs cannot be loaded: Unexpected token ';' \(\S+wrong\.cjs:2\)\.\n$/)

  const error = new SyntaxError('wrong')
  error.stack = 'file:///srv/app.mjs:3\nexport {\n\nSyntaxError: wrong\n    at node:internal/modules:1:1'
  t.match(placeOfError(error), /srv\/app\.mjs:3$/)
  error.stack = 'SyntaxError: wrong\n    at JSON.parse (<anonymous>)\n    at file:///srv/config.mjs:7:1'
  t.match(placeOfError(error), /srv\/config\.mjs:7$/)
})
