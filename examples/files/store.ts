import { and, eq, gt, sql } from 'drizzle-orm'
import { inTransaction, type Database } from '../database.js'
import { DEFAULT_LIMIT, toPage, type PageQuery } from '../pagination.js'
import { files } from '../tables.js'

export type FileRow = typeof files.$inferSelect

export async function insertFile (db: Database, row: typeof files.$inferInsert): Promise<FileRow> {
  const [file] = await db.insert(files).values(row).returning()
  return file
}

export async function findFile (db: Database, id: string): Promise<FileRow | undefined> {
  const [file] = await db.select().from(files).where(eq(files.file_id, id))
  return file
}

/** @returns `undefined` if another request deleted the file first */
export async function deleteFile (db: Database, { file_id: id, sha256 }: FileRow): Promise<FileRow | undefined> {
  const isVersion = and(eq(files.file_id, id), eq(files.sha256, sha256))
  const [file] = await db.delete(files).where(isVersion).returning()
  return file
}

/** Waits for open transactions first: a process that was killed may have sent its COMMIT. */
export async function isInDatabase (db: Database, id: string): Promise<boolean> {
  return inTransaction(db, async (transaction) => {
    await transaction.execute(sql`LOCK TABLE ${files} IN SHARE MODE`)
    return await transaction.$count(files, eq(files.file_id, id)) > 0
  })
}

export async function listFiles (db: Database, { limit = DEFAULT_LIMIT, after }: PageQuery) {
  const isAfter = after === undefined ? undefined : gt(files.file_id, after)
  const rows = await db.select().from(files).where(isAfter).orderBy(files.file_id).limit(limit + 1)
  return toPage(rows, limit, (file) => file.file_id)
}
