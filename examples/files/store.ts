import { randomUUID } from 'node:crypto'
import { and, eq, gt } from 'drizzle-orm'
import { inTransaction, type Database } from '../database.js'
import { Problem } from '../errors.js'
import { DEFAULT_LIMIT, toPage, type PageQuery } from '../pages.js'
import { files } from '../tables.js'
import type { Disk } from './disk.js'
import type { Upload } from './upload.js'

export type FileRow = typeof files.$inferSelect

/** Puts the bytes at `path` in their place, then records them: what is recorded is there. */
export async function insertFile (db: Database, disk: Disk, path: string, upload: Upload) {
  const id = randomUUID()
  await disk.keep(path, id)
  try {
    const [file] = await db.insert(files).values({ file_id: id, ...upload }).returning()
    return file
  } catch (error) {
    await disk.remove(id)
    throw error
  }
}

export async function findFile (db: Database, id: string) {
  const [file] = await db.select().from(files).where(eq(files.file_id, id))
  return file ?? notFound()
}

/** @returns `undefined` where somebody else was faster */
export async function deleteFile (db: Database, disk: Disk, { file_id: id, sha256 }: FileRow): Promise<FileRow | undefined> {
  return inTransaction(db, async (transaction) => {
    const [file] = await transaction.delete(files).where(and(eq(files.file_id, id), eq(files.sha256, sha256))).returning()
    // Before the commit: where the disk fails, the file is still recorded, and can be deleted once more.
    if (file !== undefined) await disk.remove(id)
    return file
  })
}

export async function listFiles (db: Database, { limit = DEFAULT_LIMIT, after }: PageQuery) {
  const isAfter = after === undefined ? undefined : gt(files.file_id, after)
  const rows = await db.select().from(files).where(isAfter).orderBy(files.file_id).limit(limit + 1)
  return toPage(rows, limit, (file) => file.file_id)
}

function notFound (): never {
  throw new Problem(404, 'There is no file with this id.')
}
