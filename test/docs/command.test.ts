import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { blocksOf } from './blocks.js'

const blocks = blocksOf('docs/reference/command.md')
const codeWith = (text: string) => blocks.find(({ code }) => code.includes(text))!.code

async function output (t: Test, files: Record<string, string>, ...args: string[]): Promise<string> {
  const installed = { 'fastify-created': t.fixture('symlink', process.cwd()) }
  const cwd = t.testdir({ ...files, node_modules: installed })
  const command = promisify(execFile)(process.execPath, [`${process.cwd()}/dist/cli/bin.js`, ...args], { cwd })
  return (await command.catch((error) => error)).stdout
}

/** Whether an output has each line of a block, in which "…" stands for what is left out. */
function hasLines (t: Test, printed: string, block: string): void {
  const asOneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim()
  for (const line of block.split('\n')) {
    const shown = asOneLine(line.replace(/…$/, '')).replace(/,$/, '')
    t.ok(asOneLine(printed).includes(shown), `${shown} is not in\n${printed}`)
  }
}

t.test('lint prints what docs/reference/command.md shows', async (t) => {
  const routes = `import Fastify from 'fastify'
import fastifyCreated, { resource } from 'fastify-created'
const userResource = resource({ etag: (user) => user.version })
const teamResource = resource({ etag: (team) => team.version })
const handler = async () => {}
export const app = Fastify()
await app.register(fastifyCreated)


app.get('/health', handler)
app.get('/users/:id', { config: { resource: userResource } }, handler)
app.post('/users', { config: { resource: userResource } }, handler)
app.put('/users/:id', { config: { resource: userResource } }, handler)
app.post('/teams', { config: { resource: teamResource } }, handler)
`
  const printed = await output(t, { 'app.js': routes, 'package.json': '{"type":"module"}' }, 'lint', 'app.js')
  hasLines(t, printed, codeWith('1 finding in 5 routes'))
})

t.test('probe prints what docs/reference/command.md shows', async (t) => {
  const server = createServer((request, response) => {
    response.writeHead(201, { 'content-type': 'application/json' })
    request.pipe(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const args = ['probe', url, '--scenario', 'users.json', '--allow-writes']
  const printed = await output(t, { 'users.json': codeWith('"create"') }, ...args)
  hasLines(t, printed.replaceAll(url, 'http://127.0.0.1:3000'), codeWith('2 of 25 checks failed'))
})
