import { PGlite } from '@electric-sql/pglite'
import { DrizzleQueryError, sql } from 'drizzle-orm'
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite'
import { join } from 'node:path'
import pg from 'pg'
import { lockDirectory } from './lock.js'
import { CREATE_STATEMENTS } from './tables.js'

/** PGlite or PostgreSQL: what the stores do with it is the same. */
export type Database = PgDatabase<PgQueryResultHKT>

export interface OpenDatabase {
  db: Database
  close: () => Promise<void>
}

/** @param url of a PostgreSQL server, or `memory://` for a PGlite that forgets; without it PGlite keeps its data in `dataDir` */
export async function openDatabase (dataDir: string, url?: string): Promise<OpenDatabase> {
  const database = await connect(dataDir, url)
  try {
    await createTables(database.db)
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

async function connect (dataDir: string, url: string | undefined): Promise<OpenDatabase> {
  if (url === undefined) return lockPglite(dataDir)
  return url === 'memory://' ? startPglite(url) : connectPostgres(url)
}

export function isPostgresUrl (location: string): boolean {
  return /^postgres(ql)?:\/\//.test(location) && URL.canParse(location)
}

function connectPostgres (connectionString: string): OpenDatabase {
  // A database that is gone, or silent, is found out within seconds; the server gives up a little before the client,
  // so that what the client takes for failed is not done after all.
  const pool = new pg.Pool({ connectionString, connectionTimeoutMillis: 3000, statement_timeout: 4000, query_timeout: 5000 })
  // The pool drops a connection that breaks while nobody uses it, and opens another; one that breaks in a transaction
  // fails the query that runs. Nothing else to do, but without listeners Node would exit.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const db = drizzlePostgres({ client: pool })
  // Drizzle's own keeps the connection for ever on which BEGIN fails, and the pool could not be closed any more.
  db.transaction = async (work, config) => {
    const client = await pool.connect()
    try {
      const result = await drizzlePostgres({ client }).transaction(work, config)
      client.release()
      return result
    } catch (error) {
      // Whether one that did not answer can be used again, nobody knows.
      client.release(isUnavailable(error as Error))
      throw error
    }
  }
  return { db, close: () => pool.end() }
}

async function lockPglite (dataDir: string): Promise<OpenDatabase> {
  const release = await lockDirectory(dataDir)
  const { db, close } = await startPglite(join(dataDir, 'database'))
  return { db, close: () => close().then(release) }
}

async function startPglite (dataDir: string): Promise<OpenDatabase> {
  const client = await PGlite.create({ dataDir })
  return { db: drizzlePglite({ client }), close: () => client.close() }
}

/**
 * Only what is missing: to create an index waits for all who write to its table, also where IF NOT EXISTS finds it there,
 * and they may come to wait for it. Processes that start at the same moment take turns.
 */
async function createTables (db: Database): Promise<void> {
  await db.transaction(async (transaction) => {
    await transaction.execute(sql`SELECT pg_advisory_xact_lock(hashtext('create tables'))`)
    for (const [name, statement] of Object.entries(CREATE_STATEMENTS)) {
      const found = await transaction.select({ oid: sql`oid` }).from(sql`pg_class`).where(sql`oid = to_regclass(${name})`)
      if (found.length === 0) await transaction.execute(sql.raw(statement))
    }
  })
}

/** A transaction, of which also the connecting fails with drizzle's error: its own leaves that one as the driver throws it. */
export async function inTransaction<T> (db: Database, work: (transaction: Database) => Promise<T>): Promise<T> {
  let hasBegun = false
  try {
    return await db.transaction((transaction) => {
      hasBegun = true
      return work(transaction)
    })
  } catch (error) {
    throw hasBegun || error instanceof DrizzleQueryError ? error : new DrizzleQueryError('BEGIN', [], error as Error)
  }
}

/** The driver's own error. Drizzle's wraps it and quotes every parameter, also those that belong in no log. */
export function driverError (error: Error): Error & { code?: string, constraint?: string } {
  return error instanceof DrizzleQueryError ? error.cause ?? error : error
}

/** Whether the database was not there to answer, as opposed to one that refused. */
export function isUnavailable (error: Error): boolean {
  if (!(error instanceof DrizzleQueryError)) return false
  const { code = '' } = driverError(error)
  // A refusal has an SQLSTATE, of five characters. Classes 08, 53 and 57: connection, resources, shutdown.
  return !/^[0-9A-Z]{5}$/.test(code) || /^(08|53|57)/.test(code)
}

/** @returns the name of the unique index that refused a row */
export function violatedIndex (error: Error): string | undefined {
  const { code, constraint } = driverError(error)
  return code === '23505' ? constraint : undefined
}
