import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { resource } from 'fastify-created'
import type { Database } from '../database.js'
import { importUsers } from '../tables.js'
import type { NewUser } from '../users/schemas.js'
import { placeOf } from './queue.js'
import type { Import } from './schemas.js'
import type { Vault } from './vault.js'

/** The work is done in order, so that the count tells which users are done. */
export const monitor = resource<Import>({ etag: ({ status, done }) => `${status}-${done}` })

/** Stores all users of an import, or none. */
export async function insertImport (db: Database, vault: Vault, users: NewUser[]): Promise<Import> {
  const id = randomUUID()
  await db.insert(importUsers).values(users.map(({ password, ...fields }, index) => {
    const place = { import_id: id, index }
    return { ...place, ...fields, sealed_password: vault.seal(password, placeOf(place)), key_id: vault.keyId }
  }))
  return { id, status: 'running', total: users.length, done: 0, created: [], errors: [] }
}

/** @param locateUser gives the address of the user with an id */
export async function findImport (db: Database, id: string, locateUser: (id: string) => string): Promise<Import | undefined> {
  const { index, user_id: userId, error, given_up: isGivenUp } = importUsers
  const rows = await db.select({ index, userId, error, isGivenUp }).from(importUsers).where(eq(importUsers.import_id, id)).orderBy(index)
  if (rows.length === 0) return undefined

  const created = rows.flatMap(({ userId }) => userId === null ? [] : [locateUser(userId)])
  const errors = rows.flatMap(({ index, error }) => error === null ? [] : [{ index, detail: error }])
  const [total, done] = [rows.length, created.length + errors.length]
  const end = rows.some(({ isGivenUp }) => isGivenUp) ? 'failed' : 'done'
  return { id, status: done < total ? 'running' : end, total, done, created, errors }
}
