import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { STATUS_CODES } from 'node:http'
import { promisify } from 'node:util'
import t from 'tap'
import { readEnvironment } from '../../examples/environment.js'
import { startApp } from './support.js'

const readme = readFileSync('examples/README.md', 'utf8')
const [start, ...commands] = [...readme.matchAll(/```sh\n([^]*?)```/g)].map(([, block]) => block)

t.test('the commands of the README of the example get the statuses that it shows', async (t) => {
  const { url } = await startApp(t)
  const script = commands.join('').replace('http://127.0.0.1:3000', url)
  t.ok(script.includes(url))
  const { stdout } = await promisify(execFile)('bash', ['-euc', `exec 2>&1\n${script}`])
  const expected = [...script.matchAll(/^# HTTP\/1\.1 (\d+) (.*)$/gm)].map(([, status, reason]) => {
    t.equal(reason, STATUS_CODES[status])
    return status
  })
  t.equal(expected.length, script.match(/^curl|curl -sv/gm)!.length)
  t.same([...stdout.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status), expected)
})

t.test('the README of the example names each file that exists, and none that does not', async (t) => {
  const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, path]) => path)
  for (const path of links) t.ok(existsSync(`examples/${path}`), path)
  const files = readdirSync('examples', { recursive: true }).map(String).filter((path) => path.endsWith('.ts'))
  // Helpers of files that it names.
  const helpers = /(schemas|store|content-disposition|range|write-file|password|token|posts\/routes|users\/routes)\.ts$/
  t.same(files.filter((path) => !links.includes(path) && !helpers.test(path)), [])
})

t.test('the README of the example has the start command and all variables', async (t) => {
  t.equal(start, 'npm ci && npm start\n')
  const variables: string[] = []
  readEnvironment(new Proxy({}, { get: (_, name) => { variables.push(String(name)) } }))
  for (const name of variables) t.match(readme, `\`${name}\``)
})
