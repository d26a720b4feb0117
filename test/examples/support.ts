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
export const POSTGRES_URL = process.env.DATABASE_URL
export const WITHOUT_POSTGRES = POSTGRES_URL === undefined && 'DATABASE_URL is not set'

export async function newDirectory (t: Test): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fastify-created-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** A new database on the server of DATABASE_URL, dropped at the end of the test. @returns its URL */
export async function newPostgresDatabase (t: Test): Promise<string> {
  const name = `example_${randomUUID().replaceAll('-', '')}`
  const execute = async (statement: string) => {
    const client = new pg.Client({ connectionString: POSTGRES_URL })
    await client.connect()
    await client.query(statement)
    await client.end()
  }
  await execute(`CREATE DATABASE ${name}`)
  t.teardown(() => execute(`DROP DATABASE ${name} WITH (FORCE)`))
  return Object.assign(new URL(POSTGRES_URL!), { pathname: `/${name}` }).href
}

/** The example app on a free port of 127.0.0.1, closed at the end of the test. */
export async function startApp (t: Test, options: Partial<AppOptions> = {}) {
  const dataDir = await newDirectory(t)
  const app = await buildApp({ dataDir, databaseUrl: 'memory://', apiToken: TOKEN, uploadLimit: 100_000, ...options })
  t.teardown(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, url, dataDir, port: (app.server.address() as AddressInfo).port }
}

/** Runs examples/server.ts in its own process and environment. It is killed at the end of the test. */
export function spawnServer (t: Test, env: Record<string, string>) {
  const { DATABASE_URL, ...inherited } = process.env
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', 'examples/server.ts'], {
    env: { ...inherited, PORT: '0', ...env }
  })
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal, stderr }))
  t.teardown(() => {
    child.kill('SIGKILL')
    return exited
  })

  let stderr = ''
  child.stderr!.setEncoding('utf8').on('data', (text) => { stderr += text })
  const lines: string[] = []
  const waiting = new Set<() => void>()
  createInterface(child.stdout!).on('line', (line) => {
    lines.push(line)
    for (const check of waiting) check()
  })

  /** Waits for a line of the log that matches. */
  const waitForLog = (pattern: RegExp) => new Promise<RegExpExecArray>((resolve, reject) => {
    const check = () => {
      const found = lines.map((line) => pattern.exec(line)).find((match) => match !== null)
      if (!found) return
      waiting.delete(check)
      resolve(found)
    }
    waiting.add(check)
    check()
    exited.then(({ code }) => reject(new Error(`the server ended with ${code}: ${stderr}`)))
  })
  const waitForUrl = async () => (await waitForLog(/http:\/\/127\.0\.0\.1:\d+/))[0]
  return { child, exited, lines, waitForLog, waitForUrl }
}

/** A proxy between the server and its database that can stop responding, or close all connections. */
export async function startProxy (t: Test, target: URL) {
  let state: 'working' | 'stalled' | 'disconnected' = 'working'
  const sockets = new Set<Socket>()
  const proxy = createServer((client) => {
    sockets.add(client)
    client.on('error', () => {})
    if (state === 'disconnected') client.destroy()
    if (state !== 'working') return
    const database = connect(Number(target.port || 5432), target.hostname)
    sockets.add(database)
    database.on('error', () => {}).on('close', () => client.destroy())
    client.on('close', () => database.destroy())
    client.on('data', (bytes) => { if (state === 'working') database.write(bytes) })
    database.on('data', (bytes) => { if (state === 'working') client.write(bytes) })
  })
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const port = String((proxy.address() as AddressInfo).port)
  const url = Object.assign(new URL(target), { hostname: '127.0.0.1', port }).href
  return {
    url,
    stall: () => { state = 'stalled' },
    disconnect: () => {
      state = 'disconnected'
      for (const socket of sockets) socket.destroy()
    },
    recover: () => { state = 'working' }
  }
}

/** All files below `directory`. */
export async function listFiles (directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

export function openSocket (port: number | string): Socket {
  return connect(Number(port), '127.0.0.1').setEncoding('latin1')
}

/** Sends bytes as they are. @returns everything received until the server closes the connection */
export async function sendRaw (port: number, request: string): Promise<string> {
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

/** Sends a string as it is, another body as JSON, and nothing if the body is `undefined`. */
export function send (
  method: string, url: string, body?: unknown, headers: Record<string, string> = {}
): Promise<Response> {
  const content: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return fetch(url, { method, headers: { ...content, ...headers }, body: text })
}

/** A log line about a violation of a fastify-created rule. */
export const VIOLATION = /"rule":"/

/** A logger that captures all lines. */
export function captureLogs () {
  const logs: string[] = []
  return { logs, logger: { level: 'trace', stream: { write: (line: string) => { logs.push(line) } } } }
}

export type FormPart = [name: string, value: string | Blob, filename?: string]

export function postForm (url: string, ...parts: FormPart[]): Promise<Response> {
  const form = new FormData()
  for (const [name, value, filename] of parts) {
    if (typeof value === 'string') form.append(name, value)
    else form.append(name, value, filename)
  }
  return fetch(url, { method: 'POST', body: form })
}

/** The detail of FST_CREATED_NOT_FOUND. */
export const NOTHING_HERE = /Nothing exists at this URL/

/** The detail of the 404 if no route matches. */
export const NO_ROUTE = /No route matches/

/** Asserts that the response is problem details, and that the detail reveals nothing internal. */
export async function assertProblem (t: Test, response: Response, status: number, pattern: RegExp): Promise<void> {
  t.equal(response.status, status)
  t.match(response.headers.get('content-type'), /^application\/problem\+json/)
  const body = await response.json() as Record<string, unknown>
  t.same(Object.keys(body), ['type', 'title', 'status', 'detail'])
  t.equal(body.status, status)
  t.match(body.detail, pattern)
  t.notMatch(body.detail, /127\.0\.0\.1|localhost|\/tmp|node_modules|failed query|relation/i)
  t.notMatch(body.detail, process.cwd())
}
