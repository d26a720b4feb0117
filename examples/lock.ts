import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isRunning, THIS_PROCESS } from './process.js'

/** PGlite does not notice when a second process of this machine opens its directory, and both would spoil it. @returns the release */
export async function lockDirectory (directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'lock')
  const inUse = () => { throw new Error(`${directory} is in use by another server: stop it, or set DATA_DIR or DATABASE_URL`) }
  const holder = await readFile(path, 'utf8').catch(() => undefined)
  if (holder !== undefined && (isRunning(holder) === true || !await removeStale(path, holder))) inUse()
  await writeFile(path, THIS_PROCESS, { flag: 'wx' }).catch((error) => error.code === 'EEXIST' ? inUse() : Promise.reject(error))
  return () => rm(path, { force: true })
}

/** @returns `false` where another process that starts at the same moment was faster, and this is its lock */
export async function removeStale (path: string, holder: string): Promise<boolean> {
  const aside = `${path}.${THIS_PROCESS}`
  const isAside = await rename(path, aside).then(() => true, () => false)
  if (!isAside) return true
  const isStale = await readFile(aside, 'utf8') === holder
  await (isStale ? rm(aside) : rename(aside, path))
  return isStale
}
