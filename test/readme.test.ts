import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import t from 'tap'

const readme = readFileSync('README.md', 'utf8')
const snippets = [...readme.matchAll(/```js\n([^]*?)```/g)].map(([, snippet]) => snippet)

t.test('the first snippet of the README runs, with its PUT, and does what the README says', async (t) => {
  const [first] = snippets
  const put = snippets.find((snippet) => snippet.includes('request.assertPreconditions(before)'))
  const directory = t.testdir({ 'app.mjs': first.replace('await app.listen({ port: 3000 })', `${put}\nawait app.listen({ port: 0 })`) })
  const server = spawn(process.execPath, [`${directory}/app.mjs`], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(async () => {
    server.kill()
    await once(server, 'exit')
  })
  let address: string | undefined
  for await (const line of createInterface(server.stdout)) {
    address = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
    if (address !== undefined) break
  }

  const creation = await fetch(`${address}/users`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"Ann"}' })
  t.equal(creation.status, 201)
  t.equal(creation.headers.get('etag'), '"1"')
  const location = creation.headers.get('location')
  t.match(location, /^\/users\//)

  const user = await fetch(`${address}${location}`)
  t.equal(user.status, 200)
  t.equal(user.headers.get('etag'), '"1"')
  t.equal((await fetch(`${address}${location}`, { headers: { 'if-none-match': '"1"' } })).status, 304)
  t.equal((await fetch(`${address}/users/nobody`)).status, 404)

  const client = snippets.find((snippet) => snippet.includes('fastify-created/client'))!.replaceAll('http://127.0.0.1:3000', address!)
  const { stdout } = await promisify(execFile)(process.execPath, [`${t.testdir({ 'client.mjs': `${client}\nconsole.log(JSON.stringify([ann, saved]))` })}/client.mjs`])
  t.match(JSON.parse(stdout), [
    { location: new RegExp(`^${address}/users/`), etag: '"1"', body: { name: 'Ann', version: 1 } },
    { etag: '"2"', body: { name: 'Eve', version: 2 } }
  ])

  const update = (tag: string) => fetch(`${address}${location}`, { method: 'PUT', headers: { 'content-type': 'application/json', 'if-match': tag }, body: '{"name":"Bob"}' })
  const updated = await update('"1"')
  t.equal(updated.status, 200)
  t.equal(updated.headers.get('etag'), '"2"')
  t.equal((await update('"1"')).status, 412)
  t.equal((await update('nonsense')).status, 400)
  const putUser = (path: string | null, headers = {}) => fetch(`${address}${path}`, { method: 'PUT', headers: { 'content-type': 'application/json', ...headers }, body: '{"name":"Eve"}' })
  t.equal((await putUser(location)).status, 428)
  t.equal((await putUser('/users/eve')).status, 201)
  t.equal((await putUser('/users/eve', { 'if-none-match': '*' })).status, 412)
})

t.test('the test of the README passes on its first snippet, and says what is wrong with another', async (t) => {
  const [first] = snippets
  const put = snippets.find((snippet) => snippet.includes('request.assertPreconditions(before)'))
  const test = snippets.find((snippet) => snippet.includes('fastify-created/testing'))!
  const app = first.replace('{ logger: true }', '').replace('await app.listen({ port: 3000 })', `${put}\nexport const buildApp = async () => app`)
  const run = async (app: string) => {
    const directory = t.testdir({ 'app.js': app, 'users.test.js': test, 'package.json': '{"type":"module"}', node_modules: { 'fastify-created': t.fixture('symlink', process.cwd()) } })
    return promisify(execFile)(process.execPath, ['--test-reporter=tap', `${directory}/users.test.js`]).then(({ stdout }) => stdout, ({ stdout }) => stdout as string)
  }
  t.match(await run(app), /# pass 1\n/)
  const broken = app.replace('(version ?? 0) + 1', '1')
  t.not(broken, app)
  const printed = (await run(broken)).replace(/\s+/g, ' ')
  const [, promised] = /```\n(update-changes-tag[^]*?)```/.exec(readme)!
  for (const line of promised.trim().split('\n')) t.ok(printed.includes(line.replace(/(, and|:)? …$/, '').trim().replace(/\s+/g, ' ')), line)
})

t.test('without its GET route, the app of the first snippet does not start, and says what the README says', async (t) => {
  const [first] = snippets
  const withoutGet = first.replace(/app\.get\([^]*?\n\}\)\n/, '')
  t.not(withoutGet, first)
  const directory = t.testdir({ 'app.mjs': withoutGet })
  const run = spawn(process.execPath, [`${directory}/app.mjs`], { stdio: ['ignore', 'ignore', 'pipe'] })
  let printed = ''
  run.stderr.on('data', (chunk) => { printed += chunk })
  await once(run, 'close')
  const [, promised] = /```\nFastifyError \[Error\]: ([^]*?) …\n```/.exec(readme)!
  t.equal(run.exitCode, 1)
  t.ok(printed.replace(/\s+/g, ' ').includes(promised.replace(/\s+/g, ' ')), printed)
})

t.test('the README names every error, option and helper', async (t) => {
  const index = readFileSync('src/index.ts', 'utf8')
  const errors = index.match(/FST_CREATED_\w+/g)!
  t.ok(errors.length > 0)
  for (const code of errors) t.match(readme, `\`${code}\``)
  for (const name of ['profile', 'rules', 'enforcement', 'origin', 'basePath', 'allowedOrigins', 'onViolation', 'precondition', 'prefer', 'problemDetails', 'home', 'representation', 'verbatim', 'etag', 'params', 'lastModified']) t.match(readme, `| \`${name}\` |`)
  for (const name of ['created', 'ok', 'upserted', 'noContent', 'accepted', 'seeOther']) t.match(readme, `### \`reply.${name}(`)
  for (const name of ['request.locate', 'app.locate', 'request.assertPreconditions', 'request.lostUpdate', 'evaluatePreconditions', 'documentCreation']) t.match(readme, `### \`${name}(`)
})
