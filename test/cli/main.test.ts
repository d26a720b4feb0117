import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import t from 'tap'
import { errorMessage, fixture, run } from './support.js'

const LINT_OPTIONS = '--help, --version, --format, --profile or --timeout'
const LINT_TARGET = 'one file that exports the app'
const PROBE_TARGET = 'one file that exports the app, or one URL'
const LINT_USAGE = 'npx fastify-created lint app.js'
const PROBE_USAGE = 'npx fastify-created probe app.js --allow-writes'
const URL_FIX = 'npx fastify-created probe http://127.0.0.1:3000 --scenario users.json --allow-writes'
const PERMISSION = 'your permission to create, change and delete records'
const NO_WRITES = 'probe writes real data, and was not allowed to.'
const SAMPLE = `{
              "create": { "url": "/users", "payload": { "name": "ann-{{n}}" } },
              "update": { "method": "PUT", "payload": { "name": "eve-{{n}}" } },
              "remove": true
            }`

const wrongArguments: Array<[what: string, argv: string[], ...message: Parameters<typeof errorMessage>]> = [
  ['no command', [], 'The command is missing.', 'no arguments', 'lint or probe', 'npx fastify-created --help'],
  ['a misspelled command', ['lnt', 'app.js'], 'The command is unknown.', 'lnt', 'lint or probe', LINT_USAGE],
  ['an unknown command', ['serve'], 'The command is unknown.', 'serve', 'lint or probe', 'npx fastify-created --help'],
  [
    'a misspelled option', ['lint', 'app.js', '--fromat', 'json'], 'The option is unknown.', '--fromat', LINT_OPTIONS,
    '--format'
  ],
  [
    'an unknown option', ['lint', 'app.js', '--watchful'], 'The option is unknown.', '--watchful', LINT_OPTIONS,
    'npx fastify-created lint --help'
  ],
  [
    'an unknown option without a command', ['--quiet-please'], 'The option is unknown.', '--quiet-please',
    '--help or --version', 'npx fastify-created --help'
  ],
  [
    'an option of the other command', ['lint', 'app.js', '--allow-writes'], 'The option is unknown.', '--allow-writes',
    LINT_OPTIONS, 'npx fastify-created lint --help'
  ],
  [
    'an option without its value', ['lint', 'app.js', '--format'], 'The option --format has no value.', '--format',
    'text, json, sarif or junit', '--format json'
  ],
  [
    'a value for an option that takes none', ['probe', 'app.js', '--allow-writes=yes'],
    'The option --allow-writes takes no value.', '--allow-writes=yes', 'the option alone', '--allow-writes'
  ],
  [
    'an unknown format', ['lint', 'app.js', '--format', 'xml'], 'The option --format is invalid.', '"xml"',
    'text, json, sarif or junit', '--format json'
  ],
  [
    'an unknown profile', ['lint', 'app.js', '--profile', 'lax'], 'The option --profile is invalid.', '"lax"',
    'recommended or strict', '--profile strict'
  ],
  [
    'a timeout that is not a number', ['lint', 'app.js', '--timeout', 'soon'], 'The option --timeout is invalid.',
    '"soon"', 'a number of seconds, up to 3600', '--timeout 60'
  ],
  ['no file to lint', ['lint'], 'lint needs a target.', 'no argument', LINT_TARGET, LINT_USAGE],
  ['nothing to probe', ['probe'], 'probe needs a target.', 'no argument', PROBE_TARGET, PROBE_USAGE],
  [
    'two files', ['lint', 'a.js', 'b.js'], 'lint got too many arguments.', 'a.js, b.js', LINT_TARGET,
    'npx fastify-created lint a.js'
  ],
  [
    'two targets', ['probe', 'a.js', 'b.js'], 'probe got too many arguments.', 'a.js, b.js', PROBE_TARGET,
    'npx fastify-created probe a.js'
  ],
  [
    'a header without a name', ['probe', 'app.js', '--header', 'letmein'], 'The option --header is invalid.',
    '"letmein"', 'a name, a colon and a value', "--header 'authorization: Bearer …'"
  ],
  [
    'a file that does not exist', ['lint', 'app.js'], 'Cannot find app.js.', `no file at ${resolve('app.js')}`,
    'the file that exports the app', 'write the path from the working directory, such as src/app.js'
  ],
  [
    'a server without its scheme', ['probe', 'localhost:3000', '--allow-writes'], 'Cannot find localhost:3000.',
    `no file at ${resolve('localhost:3000')}`, 'the file that exports the app',
    'for a server, write its URL: http://localhost:3000'
  ],
  [
    'a folder', ['lint', 'test'], 'Cannot load test.', 'a folder', 'the file that exports the app',
    'write the path of the file, such as test/app.js'
  ],
  [
    'a probe without permission to write', ['probe', 'app.js'], NO_WRITES, 'no --allow-writes',
    `${PERMISSION} in whatever the app is connected to`, 'if that is fine, add --allow-writes'
  ],
  [
    'a URL without a scenario', ['probe', 'http://127.0.0.1:3000', '--allow-writes'],
    "probe doesn't know what to send.", 'a URL without --scenario', 'a JSON file that says what to send',
    `--scenario users.json, a file such as\n            ${SAMPLE}`
  ],
  [
    'a URL without permission to write', ['probe', 'http://[::1]:3000', '--scenario', fixture('users.json')],
    NO_WRITES, 'no --allow-writes', `${PERMISSION} in whatever that server is connected to`,
    'if that is fine, add --allow-writes'
  ],
  [
    'another machine', ['probe', 'https://api.example.com', '--allow-writes', '--scenario', fixture('users.json')],
    'probe writes real data to another machine, and was not allowed to.',
    'the host api.example.com, and no --allow-remote', `${PERMISSION} there`, 'if that is fine, add --allow-remote'
  ],
  [
    'a URL of another scheme', ['probe', 'ftp://127.0.0.1', '--allow-writes'], 'Cannot probe this URL.',
    'ftp://127.0.0.1', 'an http or https URL', URL_FIX
  ],
  [
    'an invalid URL', ['probe', 'http://[', '--allow-writes'], 'Cannot probe this URL.', 'http://[',
    'an http or https URL', URL_FIX
  ]
]
for (const [what, argv, ...message] of wrongArguments) {
  t.test(`${what} ends with status 2 and a message of four parts`, async (t) => {
    const { status, stdout, stderr } = await run(argv)
    t.equal(status, 2)
    t.equal(stdout, '')
    t.equal(stderr, errorMessage(...message))
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

t.test('colors and a progress line appear on a terminal only, and NO_COLOR turns the colors off', async (t) => {
  const argv = ['probe', fixture('plain.cjs'), '--allow-writes', '--scenario', fixture('users.json')]
  const piped = await run(argv)
  t.notMatch(piped.stdout + piped.stderr, '\x1b')

  const terminal = await run(argv, { isTTY: true })
  t.match(terminal.stdout, '\x1b[31m✗ location-present')
  t.match(terminal.stderr, '\r\x1b[2KPOST /users …')
  t.ok(terminal.stderr.endsWith('\r\x1b[2K'))

  t.notMatch((await run(argv, { isTTY: true, env: { NO_COLOR: '1' } })).stdout, '\x1b')
})

t.test('a bug of the command itself rejects', async (t) => {
  const runTask = async () => { throw new TypeError('a bug') }
  await t.rejects(run(['lint', 'app.js'], { runTask }), { message: 'a bug' })
})
