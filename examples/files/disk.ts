import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Problem } from '../errors.js'
import { isRunning, THIS_PROCESS } from '../process.js'

/** The bytes of the files: complete ones under their id, those still on their way in a directory beside them. */
export class Disk {
  private constructor (private readonly complete: string, private readonly partial: string, private readonly limit: number) {}

  static async open (dataDir: string, limit: number): Promise<Disk> {
    const disk = new Disk(join(dataDir, 'files'), join(dataDir, 'partial'), limit)
    await mkdir(disk.complete, { recursive: true })
    await mkdir(disk.partial, { recursive: true })
    await disk.sweep()
    return disk
  }

  /** Removes what processes have left behind that ended in the middle of an upload. */
  private async sweep () {
    for (const name of await readdir(this.partial)) {
      const [owner] = name.split('.part-')
      if (isRunning(owner) === false) await rm(join(this.partial, name), { force: true })
    }
  }

  newPartialPath (): string {
    return join(this.partial, `${THIS_PROCESS}.part-${randomUUID()}`)
  }

  /** Writes a stream to a new file, all the way to the disk. */
  async write (path: string, bytes: Readable) {
    const hash = createHash('sha256')
    let size = 0
    const limit = this.limit
    // Opened before anything can fail: a file that appeared later would not be removed.
    const handle = await open(path, 'wx')
    await pipeline(bytes, async function * (chunks) {
      for await (const chunk of chunks) {
        size += chunk.length
        if (size > limit) throw new Problem(413, `A file may have at most ${limit} bytes.`)
        hash.update(chunk)
        yield chunk
      }
    }, handle.createWriteStream({ flush: true }))
    return { size, sha256: hash.digest('hex') }
  }

  async keep (path: string, id: string): Promise<void> {
    await rename(path, join(this.complete, id))
  }

  /** @returns `undefined` where the bytes are gone, or are not all there */
  async open (id: string, size: number): Promise<FileHandle | undefined> {
    const handle = await open(join(this.complete, id)).catch(ignoreMissing)
    if (handle === undefined || (await handle.stat()).size === size) return handle
    await handle.close()
    return undefined
  }

  async remove (id: string): Promise<void> {
    await rm(join(this.complete, id), { force: true })
  }
}

function ignoreMissing (error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
