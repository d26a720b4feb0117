import type { FastifyBaseLogger } from 'fastify'
import { driverError, isUnavailable, type Database } from '../database.js'
import { Problem } from '../errors.js'
import { hashPassword } from '../users/password.js'
import { insertUserRow, type NewUserRow } from '../users/store.js'
import type { Encryption } from './encryption.js'
import {
  completeUser, encryptionContext, expireOldUsers, findPendingUser, type ImportUser, type Result
} from './queue.js'

interface Dependencies {
  db: Database
  encryption: Encryption
  log: FastifyBaseLogger
}

/** Creates the users of all imports, one after the other, until none is pending or the signal is aborted. */
export async function createUsers (dependencies: Dependencies, signal: AbortSignal): Promise<void> {
  const { db, encryption } = dependencies
  await expireOldUsers(db)
  while (!signal.aborted) {
    const user = await findPendingUser(db, encryption.keyId)
    if (user === undefined) return
    await createUser(dependencies, user)
  }
}

async function createUser ({ db, encryption, log }: Dependencies, user: ImportUser): Promise<void> {
  try {
    // Before the transaction, because hashing takes long, and PGlite runs nothing else while a transaction is open.
    const hash = await hashPassword(encryption.decrypt(user.encrypted_password!, encryptionContext(user)))
    const { username, email } = user
    await completeUser(db, user, (transaction) => tryInsert(transaction, { username, email, password_hash: hash }))
  } catch (error) {
    if (isUnavailable(error as Error)) throw error
    log.error(driverError(error as Error).stack)
    await completeUser(db, user, async () => ({ error: 'The server failed to create this user.' }))
  }
}

async function tryInsert (transaction: Database, row: NewUserRow): Promise<Result> {
  try {
    // The nested transaction is a savepoint. Without it, a conflict would abort the outer transaction.
    const { id } = await transaction.transaction((savepoint) => insertUserRow(savepoint, row))
    return { user_id: id }
  } catch (error) {
    if (error instanceof Problem) return { error: error.message }
    throw error
  }
}
