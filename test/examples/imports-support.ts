import { readFile } from 'node:fs/promises'
import { sql } from 'drizzle-orm'
import type { Test } from 'tap'
import { openDatabase } from '../../examples/database.js'
import { listFiles, postJson, startApp } from './support.js'

export interface Import {
  id: string
  status: 'running' | 'done' | 'failed'
  total: number
  done: number
  created: string[]
  errors: Array<{ index: number, detail: string }>
}

/** Where a server keeps its data. */
export interface Storage {
  dataDir: string
  databaseUrl?: string
}

export const TAKEN = 'This username is taken. Choose another username.'
export const FAILED = 'The server failed to create this user.'
export const SELECT_PENDING = 'SELECT * FROM import_users WHERE encrypted_password IS NOT NULL ORDER BY index'

export function newUsers (count: number, name = 'user') {
  return Array.from({ length: count }, (_, n) => {
    const username = `${name}-${n}`
    return { username, email: `${username}@example.com`, password: `a secret of ${name} ${n}` }
  })
}

/** Starts an import. @returns its URL */
export async function startImport (url: string, users: unknown[]): Promise<string> {
  const response = await postJson(`${url}/imports`, { users })
  return url + response.headers.get('location')
}

/** Requests the import again and again, but not forever. */
export async function * pollImport (importUrl: string) {
  for (let n = 0; n < 50_000; n++) yield fetch(importUrl)
  throw new Error('the import does not end')
}

export async function waitUntil (importUrl: string, condition: (state: Import) => boolean): Promise<Import> {
  for await (const response of pollImport(importUrl)) {
    const state = await response.json() as Import
    if (condition(state)) return state
  }
  throw new Error('unreachable')
}

export function waitForEnd (importUrl: string): Promise<Import> {
  return waitUntil(importUrl, ({ status }) => status === 'done' || status === 'failed')
}

/** Starts an import on its own server, and stops the server in the middle of it. @returns the path of the import */
export async function startAndInterrupt (t: Test, storage: Storage, users: unknown[]): Promise<string> {
  const { app, url } = await startApp(t, { databaseUrl: undefined, ...storage })
  const importUrl = await startImport(url, users)
  await waitUntil(importUrl, ({ done }) => done > 0)
  await app.close()
  return new URL(importUrl).pathname
}

export async function listUsernames (url: string): Promise<string[]> {
  const usernames: string[] = []
  let after = ''
  for (;;) {
    const response = await fetch(`${url}/users?limit=100${after}`)
    const { items, next } = await response.json() as { items: Array<{ username: string }>, next: string | null }
    usernames.push(...items.map(({ username }) => username))
    if (next === null) return usernames.sort()
    after = `&after=${next}`
  }
}

/** Asserts that the users of the import are all users of the server, and that each exists once. */
export async function assertCreatedOnce (t: Test, url: string, { total, created, errors }: Import): Promise<void> {
  t.equal(created.length + errors.length, total)
  t.equal(new Set(created).size, created.length)
  t.same(await listUsernames(url), newUsers(created.length).map(({ username }) => username).sort())
  for (const path of created) t.equal((await fetch(url + path)).status, 200)
}

export function toEnv ({ dataDir, databaseUrl }: Storage): Record<string, string> {
  return { DATA_DIR: dataDir, ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }) }
}

/** Runs statements. No server may use the same PGlite directory at the same time. @returns the rows of each */
export async function query ({ dataDir, databaseUrl }: Storage, ...statements: string[]) {
  const { db, close } = await openDatabase(dataDir, databaseUrl)
  const results: Array<Array<Record<string, unknown>>> = []
  try {
    for (const statement of statements) {
      const { rows } = await db.execute(sql.raw(statement)) as unknown as { rows: Array<Record<string, unknown>> }
      results.push(rows)
    }
    return results
  } finally {
    await close()
  }
}

export async function countPending (storage: Storage): Promise<number> {
  const [pending] = await query(storage, SELECT_PENDING)
  return pending.length
}

/** Whether a file in the directory contains a password in plain text or in base64. */
export async function containsPassword (directory: string): Promise<boolean> {
  const contents = await Promise.all((await listFiles(directory)).map((path) => readFile(path)))
  const texts = ['a secret of', Buffer.from('a secret ').toString('base64')]
  return contents.some((bytes) => texts.some((text) => bytes.includes(text)))
}
