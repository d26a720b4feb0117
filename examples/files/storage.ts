import { randomUUID } from 'node:crypto'
import { inTransaction, type Database } from '../database.js'
import { isProcessRunning } from '../process.js'
import type { Disk } from './disk.js'
import { deleteFile, insertFile, isInDatabase, type FileRow } from './store.js'
import type { Upload } from './upload.js'

// Bytes are on the disk, metadata is in the database, and no transaction covers both. So a marker on the disk comes
// before the first change, and is removed after the last one. If the process dies in between, the next start finds it.

/** @param receive writes the bytes to the disk, with the id it gets */
export async function storeFile (
  db: Database, disk: Disk, receive: (id: string) => Promise<Upload>
): Promise<FileRow> {
  const id = randomUUID()
  let isCommitting = false
  try {
    const upload = await receive(id)
    await disk.moveIntoPlace(id)
    const file = await inTransaction(db, async (transaction) => {
      const inserted = await insertFile(transaction, { file_id: id, ...upload })
      isCommitting = true
      return inserted
    })
    await disk.removeMarker(id, true)
    return file
  } catch (error) {
    // A COMMIT that fails may still have taken effect: the marker stays, and the next start checks the database.
    if (!isCommitting) await disk.removeMarker(id, false)
    throw error
  }
}

/** @returns `undefined` if another request deleted the file first */
export async function removeFile (db: Database, disk: Disk, file: FileRow): Promise<FileRow | undefined> {
  // On a full disk, adding the marker fails. Deleting must work anyway, because it makes room.
  await disk.addMarker(file.file_id).catch(() => {})
  const deleted = await deleteFile(db, file)
  await disk.removeMarker(file.file_id, false)
  return deleted
}

/** Removes what processes that are no longer running have left unfinished. */
export async function cleanUp (db: Database, disk: Disk): Promise<void> {
  for (const { processName, id, isExpired } of await disk.listMarkers()) {
    if (isExpired || isProcessRunning(processName) === false) {
      await disk.removeMarker(id, await isInDatabase(db, id), processName)
    }
  }
}
