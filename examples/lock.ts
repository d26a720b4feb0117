import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isProcessRunning, PROCESS_NAME } from './process.js'

/**
 * PGlite does not detect that another process uses its directory, and two of them would corrupt it.
 * @returns a function that unlocks the directory
 */
export async function lockDirectory (directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'lock')
  const throwInUse = () => {
    throw new Error(`${directory} is in use by another server: stop it, or set DATA_DIR or DATABASE_URL`)
  }
  const owner = await readFile(path, 'utf8').catch(() => undefined)
  if (owner !== undefined && (isProcessRunning(owner) === true || !await removeStaleLock(path, owner))) throwInUse()
  await writeFile(path, PROCESS_NAME, { flag: 'wx' })
    .catch((error) => error.code === 'EEXIST' ? throwInUse() : Promise.reject(error))
  return () => rm(path, { force: true })
}

/** @returns `false` if another process replaced the stale lock first, and the lock is now its own */
export async function removeStaleLock (path: string, owner: string): Promise<boolean> {
  const temporary = `${path}.${PROCESS_NAME}`
  const isMoved = await rename(path, temporary).then(() => true, () => false)
  if (!isMoved) return true
  const isStale = await readFile(temporary, 'utf8') === owner
  await (isStale ? rm(temporary) : rename(temporary, path))
  return isStale
}
