/**
 * Holds 200 connections on the example server for a minute, in a process of its own and on PostgreSQL: reads, creations
 * and updates of a few users that everybody wants to change. Then looks whether all that was acknowledged is there, once.
 *
 *     DATABASE_URL=postgres://user@localhost:5432/name npm run bench:load
 *
 * It makes a database of its own on that server, and drops it. `CONNECTIONS` and `DURATION`, in seconds, change the size. The exit
 * status is 1 where anything was lost.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHistogram, performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { Client } from 'undici'

const { DATABASE_URL } = process.env
const CONNECTIONS = Number(process.env.CONNECTIONS ?? 200)
const DURATION = Number(process.env.DURATION ?? 60)
const CONTENDED_USERS = 20
const AUTHORIZED = { authorization: 'Bearer dev-token' }

type Kind = 'read' | 'create' | 'update'

interface User { id: string, username: string, email: string }
interface Post { id: string, title: string }
interface Answer { status: number, location?: string, etag?: string, body: any }

/** What the server has acknowledged, to be compared with what is there at the end. */
const acknowledged = { posts: new Set<string>(), usernames: new Set<string>(), updates: 0 }
const refused = { 409: 0, 412: 0 }
const errors: string[] = []
const latencies = { read: createHistogram(), create: createHistogram(), update: createHistogram() }

if (DATABASE_URL === undefined) {
  console.error('Set DATABASE_URL to a PostgreSQL server, such as postgres://user@localhost:5432/name')
  process.exit(2)
}
const name = `load_${randomUUID().replaceAll('-', '')}`
await execute(`CREATE DATABASE ${name}`)
const dataDir = mkdtempSync(join(tmpdir(), 'fastify-created-load-'))
const server = spawn(process.execPath, ['--import', 'tsx', 'examples/server.ts'], {
  env: { ...process.env, PORT: '0', DATA_DIR: dataDir, DATABASE_URL: Object.assign(new URL(DATABASE_URL), { pathname: `/${name}` }).href },
  stdio: ['ignore', 'pipe', 'inherit']
})
try {
  const found = await run(await listening(server))
  report(found)
  if (errors.length > 0 || Object.values(found).some((count) => count > 0)) process.exitCode = 1
} finally {
  const ended = new Promise((resolve) => server.once('exit', resolve))
  server.kill()
  await ended
  await execute(`DROP DATABASE ${name} WITH (FORCE)`)
  rmSync(dataDir, { recursive: true, force: true })
}

async function run (url: string) {
  const clients = Array.from({ length: CONNECTIONS }, () => new Client(url))
  const contended = await Promise.all(Array.from({ length: CONTENDED_USERS }, async (_, n) => (await createUser(clients[n % CONNECTIONS], `contended-${n}`, 0)).location!))
  const end = performance.now() + DURATION * 1000
  await Promise.all(clients.map((client, n) => work(client, n, contended, end)))
  const found = await audit(clients[0], contended)
  await Promise.all(clients.map((client) => client.close()))
  return found
}

/** One connection: of 100 requests 70 read, 20 update, and 10 create, one of them a user. */
async function work (client: Client, connection: number, contended: string[], end: number): Promise<void> {
  for (let turn = 0; performance.now() < end; turn++) {
    const dice = Math.random() * 100
    const target = contended[Math.floor(Math.random() * contended.length)]
    try {
      if (dice < 70) await timed('read', () => expect([200], client, 'GET', target))
      else if (dice < 90) await updateOnce(client, target)
      else if (dice < 99) await timed('create', () => createPost(client, `${connection}-${turn}`))
      // Several connections want the same name: one of them gets it.
      else await timed('create', () => createUser(client, `wanted-${Math.floor(Math.random() * 1e6) % (turn + 10)}`, 0))
    } catch (error) {
      errors.push(String(error))
    }
  }
}

/** Reads a number and stores the next one: where an update is lost, the last number is too small. */
async function updateOnce (client: Client, target: string): Promise<void> {
  const { etag, body } = await timed('read', () => expect([200], client, 'GET', target))
  const email = emailOf(body.username, numberOf(body) + 1)
  const { status } = await timed('update', () => expect([200, 412], client, 'PATCH', target, { email }, { 'if-match': etag! }))
  if (status === 200) acknowledged.updates++
  else refused[412]++
}

async function createPost (client: Client, title: string): Promise<void> {
  await expect([201], client, 'POST', '/api/posts', { title, content: 'load' }, AUTHORIZED)
  acknowledged.posts.add(title)
}

async function createUser (client: Client, username: string, number: number): Promise<Answer> {
  const answer = await expect([201, 409], client, 'POST', '/users', { username, email: emailOf(username, number), password: 'a long password' })
  if (answer.status === 409) refused[409]++
  else acknowledged.usernames.add(username)
  return answer
}

/** Counts what is not as it was acknowledged. */
async function audit (client: Client, contended: string[]) {
  const users = await readAll<User>(client, '/users')
  const titles = (await readAll<Post>(client, '/api/posts')).map(({ title }) => title)
  const usernames = users.map(({ username }) => username)
  const updates = users.filter(({ username }) => username.startsWith('contended-')).reduce((sum, user) => sum + numberOf(user), 0)
  return {
    'lost updates': acknowledged.updates - updates,
    'lost creations': missing(acknowledged.posts, titles) + missing(acknowledged.usernames, usernames),
    duplicates: titles.length - new Set(titles).size + usernames.length - new Set(usernames).size,
    'contended users lost': contended.length - usernames.filter((username) => username.startsWith('contended-')).length
  }
}

async function readAll<T> (client: Client, list: string): Promise<T[]> {
  const items: T[] = []
  for (let after = ''; ;) {
    const { body } = await expect([200], client, 'GET', `${list}?limit=100${after}`)
    items.push(...body.items)
    if (body.next === null) return items
    after = `&after=${body.next}`
  }
}

async function expect (statuses: number[], client: Client, method: 'GET' | 'POST' | 'PATCH', path: string, payload?: object, headers = {}): Promise<Answer> {
  const { statusCode: status, headers: { location, etag }, body } = await client.request({
    method, path, headers: { ...(payload && { 'content-type': 'application/json' }), ...headers }, body: payload && JSON.stringify(payload)
  })
  const answer = { status, location, etag, body: await body.json() } as Answer
  if (!statuses.includes(status)) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer.body)}`)
  return answer
}

async function timed<T> (kind: Kind, request: () => Promise<T>): Promise<T> {
  const begin = performance.now()
  const result = await request()
  latencies[kind].record(Math.max(1, Math.round((performance.now() - begin) * 1000)))
  return result
}

function report (found: Record<string, number>): void {
  const milliseconds = (microseconds: number) => (microseconds / 1000).toFixed(1)
  console.table(Object.fromEntries(Object.entries(latencies).map(([kind, histogram]) =>
    [kind, { requests: histogram.count, 'p50 ms': milliseconds(histogram.percentile(50)), 'p99 ms': milliseconds(histogram.percentile(99)), 'max ms': milliseconds(histogram.max) }])))
  console.log(`${CONNECTIONS} connections, ${DURATION} s; refused as they should be: ${refused[412]} stale updates (412), ${refused[409]} taken names (409)`)
  console.log(Object.entries({ errors: errors.length, ...found }).map(([what, count]) => `${what}: ${count}`).join(', '))
  for (const error of errors.slice(0, 5)) console.error(error)
}

function emailOf (username: string, number: number): string {
  return `${username}.${number}@example.com`
}

function numberOf ({ email }: User): number {
  return Number(/\.(\d+)@/.exec(email)![1])
}

function missing (wanted: Set<string>, found: string[]): number {
  const there = new Set(found)
  return [...wanted].filter((one) => !there.has(one)).length
}

async function listening (child: ChildProcess): Promise<string> {
  // The rest of the log has to be read, too: a pipe that is full would stop the server.
  const lines = createInterface(child.stdout!)
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? []
      if (url !== undefined) resolve(url)
    })
    child.once('exit', () => reject(new Error('the server did not start')))
  })
}

async function execute (statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: DATABASE_URL })
  await client.connect()
  await client.query(statement)
  await client.end()
}
