import { readFileSync } from 'node:fs'
import t from 'tap'
import { fixture, run } from './support.js'

const wrong: Array<[what: string, argv: string[], said: RegExp]> = [
  ['no command', [], /^fastify-created: Say what to do: lint or probe\. npx fastify-created --help shows how\.\n$/],
  ['an unknown command', ['lnt', 'app.js'], /There is no command lnt: did you mean lint\? npx fastify-created --help shows how\.\n$/],
  ['a command that is like none', ['serve'], /There is no command serve: say lint or probe\. npx fastify-created --help shows how\.\n$/],
  ['an unknown option', ['lint', 'app.js', '--fromat', 'json'], /Unknown option --fromat: did you mean --format\?\n$/],
  ['an option that is like none', ['lint', 'app.js', '--watchful'], /Unknown option --watchful: npx fastify-created lint --help shows all of them\n$/],
  ['an unknown option without a command', ['--quiet-please'], /Unknown option --quiet-please: npx fastify-created --help shows all of them\n$/],
  ['an option of the other command', ['lint', 'app.js', '--allow-writes'], /Unknown option --allow-writes/],
  ['an option without its value', ['lint', 'app.js', '--format'], /The option --format needs a value\.\n$/],
  ['an option that takes no value', ['probe', 'app.js', '--allow-writes=yes'], /The option --allow-writes takes no value, instead got "yes"\.\n$/],
  ['an unknown format', ['lint', 'app.js', '--format', 'xml'], /--format is one of text, json, sarif, junit, instead got "xml"\.\n$/],
  ['an unknown profile', ['lint', 'app.js', '--profile', 'lax'], /--profile is one of recommended, strict, instead got "lax"\.\n$/],
  ['a timeout that is no number', ['lint', 'app.js', '--timeout', 'soon'], /--timeout is a number of seconds up to 3600, instead got "soon"\.\n$/],
  ['no file to lint', ['lint'], /Say what to lint: npx fastify-created lint app\.js\n$/],
  ['nothing to probe', ['probe'], /Say what to probe: npx fastify-created probe app\.js --allow-writes\n$/],
  ['two files', ['lint', 'a.js', 'b.js'], /One at a time: lint takes one file, instead got a\.js and b\.js\.\n$/],
  ['two targets', ['probe', 'a.js', 'b.js'], /One at a time: probe takes one file or URL, instead got/],
  ['a header without a name', ['probe', 'app.js', '--header', 'letmein'], /--header is a name and a value, such as .*, instead got "letmein"\.\n$/],
  ['a file that is not there', ['lint', 'app.js'], /There is no file app\.js\.\n$/],
  ['a server without its scheme', ['probe', 'localhost:3000', '--allow-writes'], /There is no file localhost:3000\. If a server is meant: http:\/\/localhost:3000\n$/],
  ['a folder', ['lint', 'test'], /test is a folder: give the file that exports the app\.\n$/],
  ['a probe without leave to write', ['probe', 'app.js'], /creates, changes and deletes things in whatever the app is connected to\. .*--allow-writes\n$/],
  ['a URL without a scenario', ['probe', 'http://127.0.0.1:3000', '--allow-writes'], /A URL does not tell what to send: give --scenario, a file such as\n\{/],
  ['a URL without leave to write', ['probe', 'http://[::1]:3000', '--scenario', fixture('users.json')], /in whatever is behind that URL/],
  ['another machine', ['probe', 'https://api.example.com', '--allow-writes', '--scenario', fixture('users.json')], /api\.example\.com is not this machine, .*--allow-remote\n$/],
  ['a URL of another kind', ['probe', 'ftp://127.0.0.1', '--allow-writes'], /ftp:\/\/127\.0\.0\.1 is no URL to probe/],
  ['a URL that is none', ['probe', 'http://[', '--allow-writes'], /http:\/\/\[ is no URL to probe/]
]
for (const [what, argv, said] of wrong) {
  t.test(`${what} ends with status 2 and a sentence`, async (t) => {
    const { status, stdout, stderr } = await run(argv)
    t.equal(status, 2)
    t.equal(stdout, '')
    t.match(stderr, said)
    t.notMatch(stderr, / at .*:\d+:\d+/)
  })
}

t.test('--help and --version go to standard output', async (t) => {
  const general = await run(['--help'])
  t.equal(general.status, 0)
  t.match(general.stdout, /npx fastify-created lint app\.js/)
  t.match((await run(['lint', '-h'])).stdout, /^npx fastify-created lint <file> \[options\]/)
  t.match((await run(['probe', '--help'])).stdout, /--allow-remote/)

  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  for (const argv of [['-v'], ['--version'], ['lint', '--version']]) t.equal((await run(argv)).stdout, `${version}\n`)
})

t.test('there is colour and a progress line on a terminal only, and NO_COLOR takes the colour away', async (t) => {
  const argv = ['probe', fixture('plain.cjs'), '--allow-writes', '--scenario', fixture('users.json')]
  const piped = await run(argv)
  t.notMatch(piped.stdout + piped.stderr, '\x1b')

  const terminal = await run(argv, { isTTY: true })
  t.match(terminal.stdout, '\x1b[31m✗ location-present')
  t.match(terminal.stderr, '\r\x1b[2KPOST /users …')
  t.ok(terminal.stderr.endsWith('\r\x1b[2K'))

  t.notMatch((await run(argv, { isTTY: true, env: { NO_COLOR: '1' } })).stdout, '\x1b')
})

t.test('a fault of the command itself is no sentence', async (t) => {
  await t.rejects(run(['lint', 'app.js'], { perform: async () => { throw new TypeError('a fault') } }), { message: 'a fault' })
})
