/**
 * Keeps 200 connections to the example server busy for a minute. They read, create, and update a few users that all
 * connections want to change. Then it checks that everything the server has confirmed exists exactly once.
 *
 *     DATABASE_URL=postgres://user@localhost:5432/name npm run bench:load
 *
 * It creates its own database on that PostgreSQL server, and drops it at the end. `CONNECTIONS`, and `DURATION` in
 * seconds, change the size. The exit status is 1 if anything was lost.
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
interface ServerResponse { status: number, location?: string, etag?: string, body: any }

/** What the server has confirmed. */
const confirmed = { posts: new Set<string>(), usernames: new Set<string>(), updates: 0 }
/** How many requests were rejected, by status. */
const rejected = { 409: 0, 412: 0 }
const errors: string[] = []
const latencies = { read: createHistogram(), create: createHistogram(), update: createHistogram() }

if (DATABASE_URL === undefined) {
  console.error('Set DATABASE_URL to a PostgreSQL server, such as postgres://user@localhost:5432/name')
  process.exit(2)
}
const databaseName = `load_${randomUUID().replaceAll('-', '')}`
const databaseUrl = Object.assign(new URL(DATABASE_URL), { pathname: `/${databaseName}` }).href
await execute(`CREATE DATABASE ${databaseName}`)
const dataDir = mkdtempSync(join(tmpdir(), 'fastify-created-load-'))
const server = spawn(process.execPath, ['--import', 'tsx', 'examples/server.ts'], {
  env: { ...process.env, PORT: '0', DATA_DIR: dataDir, DATABASE_URL: databaseUrl },
  stdio: ['ignore', 'pipe', 'inherit']
})
try {
  const faults = await run(await listening(server))
  report(faults)
  if (errors.length > 0 || Object.values(faults).some((count) => count > 0)) process.exitCode = 1
} finally {
  const exited = new Promise((resolve) => server.once('exit', resolve))
  server.kill()
  await exited
  await execute(`DROP DATABASE ${databaseName} WITH (FORCE)`)
  rmSync(dataDir, { recursive: true, force: true })
}

async function run (url: string) {
  const clients = Array.from({ length: CONNECTIONS }, () => new Client(url))
  const contendedUsers = await Promise.all(Array.from({ length: CONTENDED_USERS }, async (_, n) => {
    const { location } = await createUser(clients[n % CONNECTIONS], `contended-${n}`, 0)
    return location!
  }))
  const end = performance.now() + DURATION * 1000
  await Promise.all(clients.map((client, n) => sendRequests(client, n, contendedUsers, end)))
  const faults = await countFaults(clients[0], contendedUsers)
  await Promise.all(clients.map((client) => client.close()))
  return faults
}

/** One connection: of 100 requests, 70 read, 20 update, and 10 create: 9 posts and 1 user. */
async function sendRequests (client: Client, connection: number, contendedUsers: string[], end: number): Promise<void> {
  for (let turn = 0; performance.now() < end; turn++) {
    const percent = Math.random() * 100
    const url = contendedUsers[Math.floor(Math.random() * contendedUsers.length)]
    try {
      if (percent < 70) await timed('read', () => expect([200], client, 'GET', url))
      else if (percent < 90) await incrementOnce(client, url)
      else if (percent < 99) await timed('create', () => createPost(client, `${connection}-${turn}`))
      else {
        // Several connections try the same name, and only one of them may get it.
        const username = `wanted-${Math.floor(Math.random() * 1e6) % (turn + 10)}`
        await timed('create', () => createUser(client, username, 0))
      }
    } catch (error) {
      errors.push(String(error))
    }
  }
}

/** Increments the number in the email. If an update is lost, the final number is too small. */
async function incrementOnce (client: Client, url: string): Promise<void> {
  const { etag, body } = await timed('read', () => expect([200], client, 'GET', url))
  const email = emailOf(body.username, numberOf(body) + 1)
  const headers = { 'if-match': etag! }
  const { status } = await timed('update', () => expect([200, 412], client, 'PATCH', url, { email }, headers))
  if (status === 200) confirmed.updates++
  else rejected[412]++
}

async function createPost (client: Client, title: string): Promise<void> {
  await expect([201], client, 'POST', '/api/posts', { title, content: 'load' }, AUTHORIZED)
  confirmed.posts.add(title)
}

async function createUser (client: Client, username: string, number: number): Promise<ServerResponse> {
  const newUser = { username, email: emailOf(username, number), password: 'a long password' }
  const response = await expect([201, 409], client, 'POST', '/users', newUser)
  if (response.status === 409) rejected[409]++
  else confirmed.usernames.add(username)
  return response
}

/** Compares what is stored with what the server has confirmed. */
async function countFaults (client: Client, contendedUsers: string[]) {
  const users = await readAll<User>(client, '/users')
  const titles = (await readAll<Post>(client, '/api/posts')).map(({ title }) => title)
  const usernames = users.map(({ username }) => username)
  const contended = users.filter(({ username }) => username.startsWith('contended-'))
  const updates = contended.reduce((sum, user) => sum + numberOf(user), 0)
  return {
    'lost updates': confirmed.updates - updates,
    'lost creations': countMissing(confirmed.posts, titles) + countMissing(confirmed.usernames, usernames),
    duplicates: titles.length - new Set(titles).size + usernames.length - new Set(usernames).size,
    'contended users lost': contendedUsers.length - contended.length
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

async function expect (
  statuses: number[], client: Client, method: 'GET' | 'POST' | 'PATCH', path: string, payload?: object, headers = {}
): Promise<ServerResponse> {
  const { statusCode: status, headers: { location, etag }, body } = await client.request({
    method,
    path,
    headers: { ...(payload && { 'content-type': 'application/json' }), ...headers },
    body: payload && JSON.stringify(payload)
  })
  const response = { status, location, etag, body: await body.json() } as ServerResponse
  if (!statuses.includes(status)) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(response.body)}`)
  return response
}

async function timed<T> (kind: Kind, request: () => Promise<T>): Promise<T> {
  const start = performance.now()
  const result = await request()
  latencies[kind].record(Math.max(1, Math.round((performance.now() - start) * 1000)))
  return result
}

function report (faults: Record<string, number>): void {
  const milliseconds = (microseconds: number) => (microseconds / 1000).toFixed(1)
  console.table(Object.fromEntries(Object.entries(latencies).map(([kind, histogram]) => [kind, {
    requests: histogram.count,
    'p50 ms': milliseconds(histogram.percentile(50)),
    'p99 ms': milliseconds(histogram.percentile(99)),
    'max ms': milliseconds(histogram.max)
  }])))
  const expected = `${rejected[412]} stale updates (412), ${rejected[409]} taken names (409)`
  console.log(`${CONNECTIONS} connections, ${DURATION} s; correctly rejected: ${expected}`)
  const counts = Object.entries({ errors: errors.length, ...faults })
  console.log(counts.map(([name, count]) => `${name}: ${count}`).join(', '))
  for (const error of errors.slice(0, 5)) console.error(error)
}

function emailOf (username: string, number: number): string {
  return `${username}.${number}@example.com`
}

function numberOf ({ email }: User): number {
  return Number(/\.(\d+)@/.exec(email)![1])
}

function countMissing (expected: Set<string>, found: string[]): number {
  const existing = new Set(found)
  return [...expected].filter((name) => !existing.has(name)).length
}

async function listening (child: ChildProcess): Promise<string> {
  // Keeps reading the log after this, because a full pipe would block the server.
  const lines = createInterface(child.stdout!)
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? []
      if (url !== undefined) resolve(url)
    })
    child.once('exit', () => reject(new Error('The server did not start')))
  })
}

async function execute (statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: DATABASE_URL })
  await client.connect()
  await client.query(statement)
  await client.end()
}
