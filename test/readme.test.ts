import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { LINT_RULES } from '../src/cli/lint/lint-rules.js'
import * as client from '../src/client/index.js'
import * as main from '../src/index.js'
import { RULES } from '../src/rules/index.js'
import { CHECKS } from '../src/testing/check-creation.js'
import * as testing from '../src/testing/index.js'
import { blocksOf, withoutBlocks } from './docs/blocks.js'

const blocks = blocksOf('README.md')
const [quickStart] = blocks
const codeWith = (text: string) => blocks.find(({ code }) => code.includes(text))!.code

const lastLine = 'if (process.argv[1] === import.meta.filename) await app.listen({ port: 3000 })\n'
const first = codeWith(lastLine)
/** What the reader has in the end: the quick start with the PUT. */
const whole = first.replace(lastLine, `${codeWith('request.assertPreconditions(current)')}\n${lastLine}`)

/** A folder as the reader has it. */
function folder (t: Test, files: Record<string, string>): string {
  const installed = { 'fastify-created': t.fixture('symlink', process.cwd()) }
  return t.testdir({ 'package.json': '{"type":"module"}', node_modules: installed, ...files })
}

/** Runs a program until the end of the test. @returns the URL that it logs */
async function start (t: Test, directory: string, name: string): Promise<string> {
  const server = spawn(process.execPath, [name], { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(async () => {
    server.kill()
    await once(server, 'exit')
  })
  for await (const line of createInterface(server.stdout)) {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
    if (url !== undefined) return url
  }
  throw new Error(`${name} ended`)
}

interface Run { status: number, stdout: string, stderr: string }

function run (directory: string, command: string, ...args: string[]): Promise<Run> {
  return promisify(execFile)(command, args, { cwd: directory, env: { ...process.env, NODE_ENV: 'test' } })
    .then((output) => ({ status: 0, ...output }), ({ code, stdout, stderr }) => ({ status: code, stdout, stderr }))
}

const onFreePort = (code: string) => code.replace('port: 3000', 'port: 0')

t.test('the title, and the quick start after it', async (t) => {
  t.equal(quickStart.code, 'npm install fastify fastify-created\n')
  t.equal(blocks.filter(({ language }) => language === 'js')[0].code, first)
})

const skip = process.platform === 'win32' ? 'there is no sh' : false
t.test('the app and the curl commands give the responses that the README shows', { skip }, async (t) => {
  const url = await start(t, folder(t, { 'app.js': onFreePort(whole) }), 'app.js')
  const commands = ['response=', 'curl -is -X PUT'].map((text) => codeWith(text)).join('')
  const { stdout } = await run('.', 'sh', '-c', commands.replace('http://127.0.0.1:3000', url))
  // The next response begins in the line in which a body ends.
  const printed = stdout.replaceAll('\r', '').split('\n')
  const shown = blocks.filter(({ code }) => code.startsWith('HTTP/1.1')).flatMap(({ code }) => code.trim().split('\n'))
  t.ok(shown.length > 6)
  let at = 0
  for (const line of shown.filter((line) => line !== '…')) {
    const beginning = line.replace(/[\da-f]+-…$/, '')
    const found = printed.findIndex((other, index) => index >= at && other.includes(beginning))
    t.ok(found >= 0, `${line} is not in\n${stdout}`)
    at = found + 1
  }
})

t.test('the PUT creates, replaces, and rejects what is stale, malformed or unconditional', async (t) => {
  const url = await start(t, folder(t, { 'app.js': onFreePort(whole) }), 'app.js')
  const put = async (headers: Record<string, string>) => {
    const all = { 'content-type': 'application/json', ...headers }
    return await fetch(`${url}/users/eve`, { method: 'PUT', headers: all, body: '{"name":"Eve"}' })
  }
  t.equal((await fetch(`${url}/users/eve`)).status, 404)
  t.match(await put({}), { status: 201 })
  t.match(await put({}), { status: 428 })
  t.match(await put({ 'if-match': '"1"' }), { status: 200 })
  t.match(await put({ 'if-match': '"1"' }), { status: 412 })
  t.match(await put({ 'if-match': '1' }), { status: 400 })
  t.match(await put({ 'if-none-match': '*' }), { status: 412 })
})

t.test('the CommonJS form runs, with the same routes', async (t) => {
  const common = codeWith("require('fastify-created')")
  t.equal(common.trim().split('\n').filter((line) => !/^\s*\/\//.test(line)).length, 8)
  const routes = first.slice(first.indexOf('const users'), first.indexOf(lastLine))
  const imports = "const { randomUUID } = require('node:crypto')\n"
  const program = imports + onFreePort(common).replace('// the routes', routes)
  t.match(program, "app.post('/users'")
  const directory = folder(t, { 'app.cjs': program })
  const url = await start(t, directory, 'app.cjs')
  const headers = { 'content-type': 'application/json' }
  const creation = await fetch(`${url}/users`, { method: 'POST', headers, body: '{"name":"Ann"}' })
  t.equal(creation.status, 201)
  const condition = { 'if-none-match': creation.headers.get('etag')! }
  const read = await fetch(url + creation.headers.get('location'), { headers: condition })
  t.equal(read.status, 304)

  const bin = `${process.cwd()}/dist/cli/bin.js`
  const { status, stdout } = await run(directory, process.execPath, bin, 'lint', 'app.cjs')
  t.equal(status, 0, stdout)
  t.match(stdout, 'No findings in ')
  t.notMatch(stdout, 'Note: ')
})

t.test('the client reads what the app sends', async (t) => {
  const directory = folder(t, { 'app.js': onFreePort(whole) })
  const url = await start(t, directory, 'app.js')
  const program = codeWith('fastify-created/client').replaceAll('http://127.0.0.1:3000', url)
  const input = `${program}\nconsole.log(JSON.stringify([user, saved]))`
  const { stdout, stderr } = await run(directory, process.execPath, '--input-type=module', '--eval', input)
  t.match(JSON.parse(stdout || JSON.stringify(stderr)), [
    { location: new RegExp(`^${url}/users/`), etag: '"1"', body: { name: 'Ann', version: 1 } },
    { etag: '"2"', body: { name: 'Eve', version: 2 } }
  ])
})

t.test('the test passes, and fails if the version stays the same', async (t) => {
  const test = codeWith('fastify-created/testing')
  const runTest = async (app: string) => {
    const directory = folder(t, { 'app.js': app, 'users.test.js': test })
    return await run(directory, process.execPath, '--test-reporter=tap', '--test', 'users.test.js')
  }
  t.match(await runTest(whole), { status: 0, stdout: /# pass 1\n/ })
  const broken = whole.replace('{ id, name, version: ++lastVersion }', '{ id, name, version }')
  t.not(broken, whole)
  t.match(await runTest(broken), { status: 1, stdout: /update-changes-tag/ })
})

t.test('lint and probe find nothing in the app', async (t) => {
  const directory = folder(t, { 'app.js': whole })
  const bin = `${process.cwd()}/dist/cli/bin.js`
  const commands = codeWith('npx fastify-created lint').trim().split('\n')
  t.equal(commands.length, 2)
  for (const command of commands) {
    const args = command.replace('npx fastify-created ', '').split(' ')
    const { status, stdout, stderr } = await run(directory, process.execPath, bin, ...args)
    t.equal(status, 0, `${command}\n${stdout}${stderr}`)
  }
})

/** Whether a text has every part of a block, in which "…" stands for what is left out, and lines are wrapped. */
function hasBlock (text: string, beginning: string): boolean {
  const asOneLine = (text: string) => text.replace(/\s+/g, ' ').trim()
  const { code } = blocks.find(({ code }) => code.startsWith(beginning))!
  return code.split('…').every((part) => asOneLine(text).includes(asOneLine(part).replace(/^\.$/, '')))
}

t.test('without its GET route the app does not start, and says what the README says', async (t) => {
  const withoutGet = first.replace(/app\.get\([^]*?\n\}\)\n/, '')
  t.not(withoutGet, first)
  const { status, stderr } = await run(folder(t, { 'app.js': withoutGet }), process.execPath, 'app.js')
  t.equal(status, 1)
  t.ok(hasBlock(stderr, 'POST /users broke the rule resource-route'), stderr)
})

t.test('an existing route gets the 500 that the README shows', async (t) => {
  const existing = codeWith('reply.code(201)')
  const program = `${first.replace('{ logger: true }', '').replace(lastLine, existing)}
console.log((await app.inject({ method: 'POST', url: '/teams', payload: {} })).json().message)`
  const { stdout } = await run(folder(t, { 'app.js': program }), process.execPath, 'app.js')
  t.ok(hasBlock(stdout, 'POST /teams broke the rule created-location'), stdout)
})

const reference = ['README.md', ...readdirSync('docs/reference').map((name) => `docs/reference/${name}`)]
  .map((page) => readFileSync(page, 'utf8')).join('\n')

/** The members of an interface, read from the source. */
function membersOf (name: string, file: string): string[] {
  const pattern = new RegExp(`interface ${name}(?:<[^{]*>)? \\{\\n([^]*?)\\n\\}`)
  const [, body] = pattern.exec(readFileSync(file, 'utf8'))!
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??:/gm)].map(([, member]) => member)
}

t.test('the README or docs/reference has every export, option, rule and helper', async (t) => {
  const values = [main, client, testing].flatMap((exports) => Object.keys(exports))
  for (const name of values.filter((name) => name !== 'default')) t.match(reference, new RegExp(`[\`{ ]${name}[\`(,]`))

  const options = [
    ...membersOf('FastifyCreatedOptions', 'src/options.ts'),
    ...membersOf('CreatedRouteOptions', 'src/options.ts'),
    ...membersOf('ResourceOptions', 'src/resource/resource.ts'),
    ...membersOf('Scenario', 'src/testing/scenario.ts')
  ]
  t.ok(options.length > 25, options.join())
  for (const name of options) t.match(reference, new RegExp(`^\\| \`${name}\`( \\*)? \\|`, 'm'))

  for (const { id } of RULES) t.match(reference, `\n## ${id}\n`)
  for (const { id } of [...LINT_RULES, ...CHECKS]) t.match(reference, `\`${id}\``)
  const reply = ['created', 'ok', 'upserted', 'noContent', 'accepted', 'seeOther'].map((name) => `reply.${name}`)
  const request = ['assertPreconditions', 'lostUpdate', 'urlFor'].map((name) => `request.${name}`)
  for (const name of [...reply, ...request, 'app.urlFor']) t.match(reference, `## \`${name}(`)
})

t.test('the README has at most 2,000 words', async (t) => {
  const words = withoutBlocks('README.md').split(/\s+/).filter((word) => /\w/.test(word))
  t.ok(words.length <= 2000, `it has ${words.length}`)
  t.comment(`it has ${words.length} words`)
})
