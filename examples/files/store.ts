import { randomUUID } from 'node:crypto'
import { eq, gt } from 'drizzle-orm'
import type { Database } from '../database.js'
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

export async function listFiles (db: Database, { limit = DEFAULT_LIMIT, after }: PageQuery) {
  const isAfter = after === undefined ? undefined : gt(files.file_id, after)
  const rows = await db.select().from(files).where(isAfter).orderBy(files.file_id).limit(limit + 1)
  return toPage(rows, limit, (file) => file.file_id)
}

function notFound (): never {
  throw new Problem(404, 'There is no file with this id.')
}
