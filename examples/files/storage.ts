import { randomUUID } from 'node:crypto'
import { inTransaction, type Database } from '../database.js'
import { isRunning } from '../process.js'
import type { Disk } from './disk.js'
import { deleteFile, insertFile, isRecorded, type FileRow } from './store.js'
import type { Upload } from './upload.js'

// Bytes are on the disk, rows in the database, and no transaction spans both. So there is a mark on the disk before the
// first change, and it goes after the last one: whenever the process ends in between, the next start finds the mark.

/** @param receive writes the bytes to the disk, under the id that it is given */
export async function storeFile (db: Database, disk: Disk, receive: (id: string) => Promise<Upload>): Promise<FileRow> {
  const id = randomUUID()
  let isCommitting = false
  try {
    const upload = await receive(id)
    await disk.keep(id)
    const file = await inTransaction(db, async (transaction) => {
      const inserted = await insertFile(transaction, { file_id: id, ...upload })
      isCommitting = true
      return inserted
    })
    await disk.settle(id, true)
    return file
  } catch (error) {
    // A COMMIT that failed may have been carried out: the mark stays, and the next start asks.
    if (!isCommitting) await disk.settle(id, false)
    throw error
  }
}

/** @returns `undefined` where somebody else was faster */
export async function removeFile (db: Database, disk: Disk, file: FileRow): Promise<FileRow | undefined> {
  // A full disk takes no mark. It must not keep anybody from making room.
  await disk.mark(file.file_id).catch(() => {})
  const deleted = await deleteFile(db, file)
  await disk.settle(file.file_id, false)
  return deleted
}

/** Settles what processes have marked that do not run any more. */
export async function sweep (db: Database, disk: Disk): Promise<void> {
  for (const { owner, id, isOld } of await disk.marks()) {
    if (isRunning(owner) === false || isOld) await disk.settle(id, await isRecorded(db, id), owner)
  }
}
