import type { FastifyBaseLogger } from 'fastify'
import { driverError, isUnavailable, type Database } from '../database.js'
import { Problem } from '../errors.js'
import { hashPassword } from '../users/password.js'
import { insertHashed, type HashedUser } from '../users/store.js'
import { giveUpOld, nextWaiting, placeOf, settle, type Outcome, type WaitingUser } from './queue.js'
import type { Vault } from './vault.js'

interface Context {
  db: Database
  vault: Vault
  log: FastifyBaseLogger
}

/** Creates the users of all imports, one after the other, until none waits or the signal comes. */
export async function createUsers (context: Context, signal: AbortSignal): Promise<void> {
  const { db, vault } = context
  await giveUpOld(db)
  while (!signal.aborted) {
    const waiting = await nextWaiting(db, vault.keyId)
    if (waiting === undefined) return
    await createUser(context, waiting)
  }
}

async function createUser ({ db, vault, log }: Context, waiting: WaitingUser): Promise<void> {
  try {
    // Before the transaction: hashing takes long, and PGlite does nothing else while one is open.
    const hash = await hashPassword(vault.unseal(waiting.sealed_password!, placeOf(waiting)))
    const { username, email } = waiting
    await settle(db, waiting, (transaction) => insertOrRefuse(transaction, { username, email, password_hash: hash }))
  } catch (error) {
    if (isUnavailable(error as Error)) throw error
    log.error(driverError(error as Error).stack)
    await settle(db, waiting, async () => ({ error: 'The server failed to create this user.' }))
  }
}

async function insertOrRefuse (transaction: Database, user: HashedUser): Promise<Outcome> {
  try {
    // In a savepoint: without it an error would spoil the whole transaction.
    const { id } = await transaction.transaction((savepoint) => insertHashed(savepoint, user))
    return { user_id: id }
  } catch (error) {
    if (error instanceof Problem) return { error: error.message }
    throw error
  }
}
