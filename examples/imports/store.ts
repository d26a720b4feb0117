import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { resource } from 'fastify-created'
import type { Database } from '../database.js'
import { importUsers } from '../tables.js'
import type { NewUser } from '../users/schemas.js'
import type { Encryption } from './encryption.js'
import { encryptionContext } from './queue.js'
import type { Import } from './schemas.js'

/** The users are created in order, so `done` identifies the state. */
export const importResource = resource<Import>({ etag: ({ status, done }) => `${status}-${done}` })

/** Stores all users of the import, or none. */
export async function insertImport (db: Database, encryption: Encryption, newUsers: NewUser[]): Promise<Import> {
  const id = randomUUID()
  await db.insert(importUsers).values(newUsers.map(({ password, ...fields }, index) => {
    const key = { import_id: id, index }
    const encrypted = encryption.encrypt(password, encryptionContext(key))
    return { ...key, ...fields, encrypted_password: encrypted, key_id: encryption.keyId }
  }))
  return { id, status: 'running', total: newUsers.length, done: 0, created: [], errors: [] }
}

/** @param userUrl returns the URL of the user with this id */
export async function findImport (
  db: Database, id: string, userUrl: (id: string) => string
): Promise<Import | undefined> {
  const { index, user_id: userId, error, expired } = importUsers
  const rows = await db.select({ index, userId, error, expired })
    .from(importUsers).where(eq(importUsers.import_id, id)).orderBy(index)
  if (rows.length === 0) return undefined

  const created = rows.flatMap(({ userId }) => userId === null ? [] : [userUrl(userId)])
  const errors = rows.flatMap(({ index, error }) => error === null ? [] : [{ index, detail: error }])
  const [total, done] = [rows.length, created.length + errors.length]
  const finalStatus = rows.some(({ expired }) => expired) ? 'failed' : 'done'
  return { id, status: done < total ? 'running' : finalStatus, total, done, created, errors }
}
