import { PGlite } from '@electric-sql/pglite'
import { DrizzleQueryError, sql } from 'drizzle-orm'
import { drizzle as drizzlePostgres } from 'drizzle-orm/node-postgres'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite'
import { join } from 'node:path'
import pg from 'pg'
import { lockDirectory } from './lock.js'
import { CREATE_STATEMENTS } from './tables.js'

/** PGlite or PostgreSQL. The code that uses it is the same for both. */
export type Database = PgDatabase<PgQueryResultHKT>

export interface OpenDatabase {
  db: Database
  close: () => Promise<void>
}

/**
 * Opens the database, and creates the tables that are missing.
 * @param url of a PostgreSQL server, or `memory://` for PGlite in memory. Default: PGlite with its data in `dataDir`
 */
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
  if (url === undefined) return openPgliteDirectory(dataDir)
  return url === 'memory://' ? openPglite(url) : openPostgres(url)
}

export function isPostgresUrl (url: string): boolean {
  return /^postgres(ql)?:\/\//.test(url) && URL.canParse(url)
}

function openPostgres (connectionString: string): OpenDatabase {
  // A database that is down or does not respond is detected within seconds. The server-side timeout is the shorter
  // one, so that PostgreSQL does not complete a statement that this process already reported as failed.
  const pool = new pg.Pool({
    connectionString, connectionTimeoutMillis: 3000, statement_timeout: 4000, query_timeout: 5000
  })
  // pg replaces broken idle connections, and a query on a broken connection fails by itself. But without listeners,
  // the 'error' events would end the process.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const db = drizzlePostgres({ client: pool })
  // Drizzle's own transaction() does not release a connection whose BEGIN fails, so pool.end() would never resolve.
  db.transaction = async (callback, config) => {
    const client = await pool.connect()
    try {
      const result = await drizzlePostgres({ client }).transaction(callback, config)
      client.release()
      return result
    } catch (error) {
      // `true` closes the connection: after a timeout its state is unknown.
      client.release(isUnavailable(error as Error))
      throw error
    }
  }
  return { db, close: () => pool.end() }
}

async function openPgliteDirectory (dataDir: string): Promise<OpenDatabase> {
  const unlock = await lockDirectory(dataDir)
  const { db, close } = await openPglite(join(dataDir, 'database'))
  return { db, close: () => close().then(unlock) }
}

async function openPglite (dataDir: string): Promise<OpenDatabase> {
  const client = await PGlite.create({ dataDir })
  return { db: drizzlePglite({ client }), close: () => client.close() }
}

/**
 * Creates only what is missing. CREATE INDEX IF NOT EXISTS would wait for all writers of its table, even if the index
 * exists. The lock lets processes that start at the same moment take turns.
 */
async function createTables (db: Database): Promise<void> {
  await db.transaction(async (transaction) => {
    await transaction.execute(sql`SELECT pg_advisory_xact_lock(hashtext('create tables'))`)
    for (const [name, statement] of Object.entries(CREATE_STATEMENTS)) {
      const existing = await transaction.select({ oid: sql`oid` }).from(sql`pg_class`)
        .where(sql`oid = to_regclass(${name})`)
      if (existing.length === 0) await transaction.execute(sql.raw(statement))
    }
  })
}

/** Runs a transaction. If connecting fails, drizzle throws the driver's error: this wraps it like any query error. */
export async function inTransaction<T> (
  db: Database, callback: (transaction: Database) => Promise<T>
): Promise<T> {
  let hasBegun = false
  try {
    return await db.transaction((transaction) => {
      hasBegun = true
      return callback(transaction)
    })
  } catch (error) {
    if (hasBegun || error instanceof DrizzleQueryError) throw error
    throw new DrizzleQueryError('BEGIN', [], error as Error)
  }
}

/** The driver's error. Drizzle's error quotes all parameters, including those that must not be logged. */
export function driverError (error: Error): Error & { code?: string, constraint?: string } {
  return error instanceof DrizzleQueryError ? error.cause ?? error : error
}

/** Whether the database could not be reached, or could not run the query. */
export function isUnavailable (error: Error): boolean {
  if (!(error instanceof DrizzleQueryError)) return false
  const { code = '' } = driverError(error)
  // An error of PostgreSQL itself has an SQLSTATE of five characters. Classes 08, 53 and 57 mean: connection,
  // insufficient resources, operator intervention.
  return !/^[0-9A-Z]{5}$/.test(code) || /^(08|53|57)/.test(code)
}

/** @returns the name of the unique index that an insert or update violated */
export function violatedUniqueIndex (error: Error): string | undefined {
  const { code, constraint } = driverError(error)
  return code === '23505' ? constraint : undefined
}
