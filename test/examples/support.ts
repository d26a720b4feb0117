import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import type { Test } from 'tap'
import { buildApp, type AppOptions } from '../../examples/app.js'

export const TOKEN = 'dev-token'
export const POSTGRES = process.env.DATABASE_URL
export const WITHOUT_POSTGRES = POSTGRES === undefined && 'DATABASE_URL is not set'

export async function newDirectory (t: Test): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fastify-created-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** A new database on the server of DATABASE_URL, dropped at the end of the test. @returns its URL */
export async function newPostgresDatabase (t: Test): Promise<string> {
  const name = `example_${randomUUID().replaceAll('-', '')}`
  const execute = async (statement: string) => {
    const client = new pg.Client({ connectionString: POSTGRES })
    await client.connect()
    await client.query(statement)
    await client.end()
  }
  await execute(`CREATE DATABASE ${name}`)
  t.teardown(() => execute(`DROP DATABASE ${name} WITH (FORCE)`))
  return Object.assign(new URL(POSTGRES!), { pathname: `/${name}` }).href
}

/** The example on a free port of 127.0.0.1, closed at the end of the test. */
export async function startApp (t: Test, options: Partial<AppOptions> = {}) {
  const dataDir = await newDirectory(t)
  const app = await buildApp({ dataDir, databaseUrl: 'memory://', apiToken: TOKEN, uploadLimit: 100_000, ...options })
  t.teardown(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, url, dataDir, port: (app.server.address() as AddressInfo).port }
}

/** `node examples/server.ts` with an environment of its own, killed at the end of the test where it still runs. */
export function spawnServer (t: Test, env: Record<string, string>) {
  const { DATABASE_URL, ...inherited } = process.env
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', 'examples/server.ts'], { env: { ...inherited, PORT: '0', ...env } })
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal, stderr }))
  t.teardown(() => {
    child.kill('SIGKILL')
    return ended
  })

  let stderr = ''
  child.stderr!.setEncoding('utf8').on('data', (text) => { stderr += text })
  const lines: string[] = []
  const waiting = new Set<() => void>()
  createInterface(child.stdout!).on('line', (line) => {
    lines.push(line)
    for (const look of waiting) look()
  })

  /** Waits for a line of the log that matches. */
  const logged = (pattern: RegExp) => new Promise<RegExpExecArray>((resolve, reject) => {
    const look = () => {
      const found = lines.map((line) => pattern.exec(line)).find((match) => match !== null)
      if (!found) return
      waiting.delete(look)
      resolve(found)
    }
    waiting.add(look)
    look()
    ended.then(({ code }) => reject(new Error(`the server ended with ${code}: ${stderr}`)))
  })
  const listening = async () => (await logged(/http:\/\/127\.0\.0\.1:\d+/))[0]
  return { child, ended, lines, logged, listening }
}

/** Stands between the server and its database, to fail in the two ways that a database can. */
export async function startProxy (t: Test, target: URL) {
  let state: 'works' | 'silent' | 'gone' = 'works'
  const sockets = new Set<Socket>()
  const proxy = createServer((client) => {
    sockets.add(client)
    client.on('error', () => {})
    if (state === 'gone') client.destroy()
    if (state !== 'works') return
    const database = connect(Number(target.port || 5432), target.hostname)
    sockets.add(database)
    database.on('error', () => {}).on('close', () => client.destroy())
    client.on('close', () => database.destroy())
    client.on('data', (bytes) => { if (state === 'works') database.write(bytes) })
    database.on('data', (bytes) => { if (state === 'works') client.write(bytes) })
  })
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const url = Object.assign(new URL(target), { hostname: '127.0.0.1', port: String((proxy.address() as AddressInfo).port) }).href
  return {
    url,
    silence: () => { state = 'silent' },
    end: () => {
      state = 'gone'
      for (const socket of sockets) socket.destroy()
    },
    recover: () => { state = 'works' }
  }
}

/** Every file below `directory`. */
export async function filesIn (directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

export function openSocket (port: number | string): Socket {
  return connect(Number(port), '127.0.0.1').setEncoding('latin1')
}

/** Sends bytes as they are. @returns all that comes back until the server closes the connection */
export async function exchange (port: number, request: string): Promise<string> {
  const socket = openSocket(port)
  socket.write(request)
  return readAll(socket)
}

export async function readAll (socket: Socket): Promise<string> {
  let received = ''
  socket.on('data', (text) => { received += text })
  await once(socket, 'close')
  return received
}

export function postJson (url: string, body: unknown): Promise<Response> {
  return send('POST', url, body)
}

/** Sends a body as JSON, text as it is, and `undefined` not at all. */
export function send (method: string, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const content: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  return fetch(url, { method, headers: { ...content, ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) })
}

/** In the log of a server: a rule of fastify-created is broken. */
export const VIOLATION = /"rule":"/

/** A logger that keeps all that it is given. */
export function keepLogs () {
  const logs: string[] = []
  return { logs, logger: { level: 'trace', stream: { write: (line: string) => { logs.push(line) } } } }
}

export function postForm (url: string, ...parts: Array<[name: string, value: string | Blob, filename?: string]>): Promise<Response> {
  const form = new FormData()
  for (const [name, value, filename] of parts) {
    if (typeof value === 'string') form.append(name, value)
    else form.append(name, value, filename)
  }
  return fetch(url, { method: 'POST', body: form })
}

/** Asserts problem details that give nothing away, and returns the detail. */
export async function isProblem (t: Test, response: Response, status: number, pattern: RegExp): Promise<void> {
  t.equal(response.status, status)
  t.match(response.headers.get('content-type'), /^application\/problem\+json/)
  const body = await response.json() as Record<string, unknown>
  t.same(Object.keys(body), ['type', 'title', 'status', 'detail'])
  t.equal(body.status, status)
  t.match(body.detail, pattern)
  t.notMatch(body.detail, /127\.0\.0\.1|localhost|\/tmp|\/work|node_modules|failed query|relation/i)
}
