import { createHash } from 'node:crypto'
import { open, writeFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { Problem } from '../errors.js'

/** Writes a stream to a new file, and flushes it to the disk (fsync). */
export async function writeAndHash (path: string, bytes: Readable, limit: number) {
  const hash = createHash('sha256')
  let size = 0
  async function * hashed () {
    for await (const chunk of bytes) {
      size += chunk.length
      if (size > limit) throw new Problem(413, `A file may have at most ${limit} bytes.`)
      hash.update(chunk)
      yield chunk
    }
  }

  const handle = await open(path, 'wx')
  try {
    await writeFile(handle, hashed())
    await handle.sync()
  } finally {
    await handle.close()
  }
  return { size, sha256: hash.digest('hex') }
}

/** Without this, a power failure could undo a rename. Windows cannot open directories. */
export async function syncDirectory (path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(path)
  await handle.sync().finally(() => handle.close())
}
