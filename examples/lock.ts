import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isRunning, THIS_PROCESS } from './process.js'

/** PGlite does not notice when a second process opens its directory, and both would spoil it. @returns the release */
export async function lockDirectory (directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'lock')
  const release = () => rm(path, { force: true })
  const holder = await readFile(path, 'utf8').catch(() => undefined)
  if (holder !== undefined) {
    if (isRunning(holder) === true) throw new Error(`${directory} is in use by another server: stop it, or set DATA_DIR or DATABASE_URL`)
    await release()
  }
  await writeFile(path, THIS_PROCESS, { flag: 'wx' })
  return release
}
