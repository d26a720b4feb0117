import { and, eq, isNotNull, lt, sql } from 'drizzle-orm'
import { inTransaction, type Database } from '../database.js'
import { importUsers } from '../tables.js'

export type ImportUser = typeof importUsers.$inferSelect

export type Result = { user_id: string } | { error: string }

const EXPIRED = 'This user could not be created within a day of the import.'

const isPending = isNotNull(importUsers.encrypted_password)

export function encryptionContext ({ import_id: id, index }: Pick<ImportUser, 'import_id' | 'index'>): string {
  return `${id}/${index}`
}

/** The next user of the oldest import, among those whose password this process can decrypt. */
export async function findPendingUser (db: Database, keyId: string): Promise<ImportUser | undefined> {
  const { created_at: createdAt, import_id: id, index, key_id: key } = importUsers
  const [user] = await db.select().from(importUsers).where(and(isPending, eq(key, keyId)))
    .orderBy(createdAt, id, index).limit(1)
  return user
}

/**
 * Creates the user, records the result and erases the password in one transaction. So each user is created once, even
 * if several processes try at the same time, and even if one of them is killed.
 */
export async function completeUser (
  db: Database,
  { import_id: id, index }: ImportUser,
  createUser: (transaction: Database) => Promise<Result>
): Promise<void> {
  const isUser = and(eq(importUsers.import_id, id), eq(importUsers.index, index))
  await inTransaction(db, async (transaction) => {
    // If another process is creating this user, this statement waits for it, and then updates nothing.
    const updated = await transaction.update(importUsers).set({ encrypted_password: null })
      .where(and(isUser, isPending)).returning({ index: importUsers.index })
    if (updated.length === 0) return
    await transaction.update(importUsers).set(await createUser(transaction)).where(isUser)
  })
}

/** Applies to the users of all processes, because a key may be lost. */
export async function expireOldUsers (db: Database): Promise<void> {
  const isOld = lt(importUsers.created_at, sql`now() - interval '1 day'`)
  await db.update(importUsers).set({ encrypted_password: null, error: EXPIRED, expired: true })
    .where(and(isPending, isOld))
}
