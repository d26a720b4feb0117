import { readFile } from 'node:fs/promises'
import { sql } from 'drizzle-orm'
import type { Test } from 'tap'
import { openDatabase } from '../../examples/database.js'
import { filesIn, postJson, startApp } from './support.js'

export interface Import {
  id: string
  status: 'running' | 'done' | 'failed'
  total: number
  done: number
  created: string[]
  errors: Array<{ index: number, detail: string }>
}

export interface Place {
  dataDir: string
  databaseUrl?: string
}

export const TAKEN = 'This username is taken: choose another username.'
export const WAITING = 'SELECT * FROM import_users WHERE sealed_password IS NOT NULL ORDER BY index'
export const FAILED = 'The server failed to create this user.'

export function newUsers (count: number, name = 'user') {
  return Array.from({ length: count }, (_, n) => ({ username: `${name}-${n}`, email: `${name}-${n}@example.com`, password: `a secret of ${name} ${n}` }))
}

/** @returns the URL of its monitor */
export async function startImport (url: string, users: unknown[]): Promise<string> {
  return url + (await postJson(`${url}/imports`, { users })).headers.get('location')
}

/** Asks again and again, and not for ever. */
export async function * answers (monitor: string) {
  for (let n = 0; n < 50_000; n++) yield fetch(monitor)
  throw new Error('the import does not come to an end')
}

export async function until (monitor: string, isEnough: (state: Import) => boolean): Promise<Import> {
  for await (const response of answers(monitor)) {
    const state = await response.json() as Import
    if (isEnough(state)) return state
  }
  throw new Error('unreachable')
}

export function untilEnded (monitor: string): Promise<Import> {
  return until(monitor, ({ status }) => status === 'done' || status === 'failed')
}

/** Sends an import to a server of its own, which stops in the middle of it. @returns the path of its monitor */
export async function interrupt (t: Test, place: Place, users: unknown[]): Promise<string> {
  const { app, url } = await startApp(t, { databaseUrl: undefined, ...place })
  const monitor = await startImport(url, users)
  await until(monitor, ({ done }) => done > 0)
  await app.close()
  return new URL(monitor).pathname
}

export async function usernames (url: string): Promise<string[]> {
  const names: string[] = []
  let after = ''
  for (;;) {
    const { items, next } = await (await fetch(`${url}/users?limit=100${after}`)).json() as { items: Array<{ username: string }>, next: string | null }
    names.push(...items.map(({ username }) => username))
    if (next === null) return names.sort()
    after = `&after=${next}`
  }
}

/** Where all users are those of one import. */
export async function isEachThereOnce (t: Test, url: string, { total, created, errors }: Import): Promise<void> {
  t.equal(created.length + errors.length, total)
  t.equal(new Set(created).size, created.length)
  t.same(await usernames(url), newUsers(created.length).map(({ username }) => username).sort())
  for (const address of created) t.equal((await fetch(url + address)).status, 200)
}

export function toEnv ({ dataDir, databaseUrl }: Place): Record<string, string> {
  return { DATA_DIR: dataDir, ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }) }
}

/** Executes statements in a database that no server has open with PGlite. @returns the rows of each */
export async function query ({ dataDir, databaseUrl }: Place, ...statements: string[]) {
  const { db, close } = await openDatabase(dataDir, databaseUrl)
  const results: Array<Array<Record<string, unknown>>> = []
  try {
    for (const statement of statements) results.push((await db.execute(sql.raw(statement)) as unknown as { rows: Array<Record<string, unknown>> }).rows)
    return results
  } finally {
    await close()
  }
}

export async function countWaiting (place: Place): Promise<number> {
  const [waiting] = await query(place, WAITING)
  return waiting.length
}

export async function hasPassword (directory: string): Promise<boolean> {
  const contents = await Promise.all((await filesIn(directory)).map((path) => readFile(path)))
  return contents.some((bytes) => ['a secret of', Buffer.from('a secret ').toString('base64')].some((text) => bytes.includes(text)))
}
