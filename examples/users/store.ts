import { and, eq, getTableColumns, gt } from 'drizzle-orm'
import { resource } from 'fastify-created'
import { violatedIndex, type Database } from '../database.js'
import { Problem } from '../errors.js'
import { DEFAULT_LIMIT, toPage, type PageQuery } from '../pages.js'
import { MOVED_ON, users } from '../tables.js'
import { hashPassword } from './password.js'
import type { NewUser, UserPatch } from './schemas.js'

// The hash of the password stays in the database.
const { password_hash: _, ...columns } = getTableColumns(users)

export type User = Omit<typeof users.$inferSelect, 'password_hash'>

export type HashedUser = typeof users.$inferInsert

export const user = resource<User>({ etag: (user) => user.version })

/** @param id where the client has chosen it */
export async function insertUser (db: Database, { password, ...fields }: NewUser, id?: string): Promise<User> {
  return insertHashed(db, { id, ...fields, password_hash: await hashPassword(password) })
}

export async function insertHashed (db: Database, hashed: HashedUser): Promise<User> {
  try {
    const [user] = await db.insert(users).values(hashed).returning(columns)
    return user
  } catch (error) {
    throw conflict(error as Error) ?? error
  }
}

/** @returns `undefined` where somebody else was faster to create a user with this id */
export async function createUser (db: Database, id: string, user: NewUser): Promise<User | undefined> {
  try {
    return await insertUser(db, user, id)
  } catch (error) {
    // Two that create one user may give it one name, too, and which of its indexes PostgreSQL asks first is its own affair.
    if (error instanceof Problem && await findUser(db, id) !== undefined) return undefined
    throw error
  }
}

/** @returns `undefined` where `read` is not the current version any more */
export async function updateUser (db: Database, read: User, { password, ...fields }: UserPatch): Promise<User | undefined> {
  const hash = password === undefined ? undefined : await hashPassword(password)
  try {
    const [user] = await db.update(users).set({ ...fields, password_hash: hash, ...MOVED_ON }).where(isVersion(read)).returning(columns)
    return user
  } catch (error) {
    throw conflict(error as Error) ?? error
  }
}

/** @returns `undefined` where `read` is not the current version any more */
export async function deleteUser (db: Database, read: User): Promise<User | undefined> {
  const [user] = await db.delete(users).where(isVersion(read)).returning(columns)
  return user
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

/** Compare and swap: a look before the write could not see who else writes at the same moment. */
function isVersion ({ id, version }: User) {
  return and(eq(users.id, id), eq(users.version, version))
}

/** The database decides for the same reason. */
function conflict (error: Error): Problem | undefined {
  switch (violatedIndex(error)) {
    case 'users_pkey': return new Problem(409, 'This id is taken.')
    case 'users_username_key': return new Problem(409, 'This username is taken: choose another username.')
    case 'users_email_key': return new Problem(409, 'This email is taken: choose another email.')
  }
}
