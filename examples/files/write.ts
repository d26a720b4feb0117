import { createHash } from 'node:crypto'
import { open, writeFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { Problem } from '../errors.js'

/** Writes a stream to a new file, all the way to the disk. */
export async function writeHashed (path: string, bytes: Readable, limit: number) {
  const hash = createHash('sha256')
  let size = 0
  async function * measured () {
    for await (const chunk of bytes) {
      size += chunk.length
      if (size > limit) throw new Problem(413, `A file may have at most ${limit} bytes.`)
      hash.update(chunk)
      yield chunk
    }
  }

  const handle = await open(path, 'wx')
  try {
    await writeFile(handle, measured())
    await handle.sync()
  } finally {
    await handle.close()
  }
  return { size, sha256: hash.digest('hex') }
}

/** A power cut would undo what is new in a directory that was not synced. Windows opens no directories. */
export async function syncDirectory (path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(path)
  await handle.sync().finally(() => handle.close())
}
