import { and, eq, getTableColumns, gt } from 'drizzle-orm'
import { resource } from 'fastify-created'
import { violatedUniqueIndex, type Database } from '../database.js'
import { Problem } from '../errors.js'
import { DEFAULT_LIMIT, toPage, type PageQuery } from '../pagination.js'
import { NEW_VERSION, users } from '../tables.js'
import { hashPassword } from './password.js'
import type { NewUser, UserPatch } from './schemas.js'

// The password hash never leaves the database.
const { password_hash: _, ...columns } = getTableColumns(users)

export type User = Omit<typeof users.$inferSelect, 'password_hash'>

export type NewUserRow = typeof users.$inferInsert

export const userResource = resource<User>({ etag: (user) => user.version })

/** @param id only if the client chose it */
export async function insertUser (db: Database, { password, ...fields }: NewUser, id?: string): Promise<User> {
  return insertUserRow(db, { id, ...fields, password_hash: await hashPassword(password) })
}

export async function insertUserRow (db: Database, row: NewUserRow): Promise<User> {
  try {
    const [user] = await db.insert(users).values(row).returning(columns)
    return user
  } catch (error) {
    throw conflictProblem(error as Error) ?? error
  }
}

/** @returns `undefined` if another request created a user with this id first */
export async function createUserWithId (db: Database, id: string, newUser: NewUser): Promise<User | undefined> {
  try {
    return await insertUser(db, newUser, id)
  } catch (error) {
    // If both requests use the same username, too, PostgreSQL may report either unique index: look for the id itself.
    if (error instanceof Problem && await findUser(db, id) !== undefined) return undefined
    throw error
  }
}

/** @returns `undefined` if `current` is no longer the current version */
export async function updateUser (
  db: Database, current: User, { password, ...fields }: UserPatch
): Promise<User | undefined> {
  const hash = password === undefined ? undefined : await hashPassword(password)
  try {
    const [user] = await db.update(users).set({ ...fields, password_hash: hash, ...NEW_VERSION })
      .where(isVersion(current)).returning(columns)
    return user
  } catch (error) {
    throw conflictProblem(error as Error) ?? error
  }
}

/** @returns `undefined` if `current` is no longer the current version */
export async function deleteUser (db: Database, current: User): Promise<User | undefined> {
  const [user] = await db.delete(users).where(isVersion(current)).returning(columns)
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

/** The compare of compare-and-swap. A check before the write would miss other writes in between. */
function isVersion ({ id, version }: User) {
  return and(eq(users.id, id), eq(users.version, version))
}

function conflictProblem (error: Error): Problem | undefined {
  switch (violatedUniqueIndex(error)) {
    case 'users_pkey': return new Problem(409, 'This id is taken.')
    case 'users_username_key': return new Problem(409, 'This username is taken. Choose another username.')
    case 'users_email_key': return new Problem(409, 'This email is taken. Choose another email.')
  }
}
