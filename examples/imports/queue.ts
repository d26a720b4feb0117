import { and, eq, isNotNull, lt, sql } from 'drizzle-orm'
import { inTransaction, type Database } from '../database.js'
import { importUsers } from '../tables.js'

export type WaitingUser = typeof importUsers.$inferSelect

export type Outcome = { user_id: string } | { error: string }

const GIVEN_UP = 'This user was given up: a day after the import was sent it had still not been created.'

const isWaiting = isNotNull(importUsers.sealed_password)

export function placeOf ({ import_id: id, index }: Pick<WaitingUser, 'import_id' | 'index'>): string {
  return `${id}/${index}`
}

/** The next one of the oldest import, among those that this process can unseal. */
export async function nextWaiting (db: Database, keyId: string): Promise<WaitingUser | undefined> {
  const { created_at: age, import_id: id, index, key_id: key } = importUsers
  const [waiting] = await db.select().from(importUsers).where(and(isWaiting, eq(key, keyId))).orderBy(age, id, index).limit(1)
  return waiting
}

/**
 * Creates the user and records that in one transaction: it is done once, however many processes try, and whenever they
 * are killed. The password is erased with it.
 */
export async function settle (db: Database, { import_id: id, index }: WaitingUser, attempt: (transaction: Database) => Promise<Outcome>): Promise<void> {
  const isRow = and(eq(importUsers.import_id, id), eq(importUsers.index, index))
  await inTransaction(db, async (transaction) => {
    // Where another process is at this user, this waits for it, and takes nothing.
    const taken = await transaction.update(importUsers).set({ sealed_password: null }).where(and(isRow, isWaiting)).returning({ index: importUsers.index })
    if (taken.length === 0) return
    await transaction.update(importUsers).set(await attempt(transaction)).where(isRow)
  })
}

/** Also those that another process has sealed: its key may be lost. */
export async function giveUpOld (db: Database): Promise<void> {
  const isOld = lt(importUsers.created_at, sql`now() - interval '1 day'`)
  await db.update(importUsers).set({ sealed_password: null, error: GIVEN_UP, given_up: true }).where(and(isWaiting, isOld))
}
