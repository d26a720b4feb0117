import { eq, getTableColumns, gt } from 'drizzle-orm'
import { violatedIndex, type Database } from '../database.js'
import { Problem } from '../errors.js'
import { DEFAULT_LIMIT, toPage, type PageQuery } from '../pages.js'
import { users } from '../tables.js'
import { hashPassword } from './password.js'
import type { NewUser } from './schemas.js'

// The hash of the password stays in the database.
const { password_hash: _, ...columns } = getTableColumns(users)

export type User = Omit<typeof users.$inferSelect, 'password_hash'>

export async function insertUser (db: Database, { username, email, password }: NewUser) {
  const row = { username, email, password_hash: await hashPassword(password) }
  try {
    const [user] = await db.insert(users).values(row).returning(columns)
    return user
  } catch (error) {
    throw takenName(error as Error) ?? error
  }
}

export async function findUser (db: Database, id: string): Promise<User | undefined> {
  const [user] = await db.select(columns).from(users).where(eq(users.id, id))
  return user
}

export async function listUsers (db: Database, { limit = DEFAULT_LIMIT, after }: PageQuery) {
  const isAfter = after === undefined ? undefined : gt(users.id, after)
  const rows = await db.select(columns).from(users).where(isAfter).orderBy(users.id).limit(limit + 1)
  return toPage(rows, limit, (user) => user.id)
}

/** The database decides: a look before the insert could not see who else inserts at the same moment. */
function takenName (error: Error): Problem | undefined {
  switch (violatedIndex(error)) {
    case 'users_username_key': return new Problem(409, 'This username is taken: choose another username.')
    case 'users_email_key': return new Problem(409, 'This email is taken: choose another email.')
  }
}
