import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { join, parse } from 'node:path'
import type { Readable } from 'node:stream'
import { THIS_PROCESS } from '../process.js'
import { syncDirectory, writeHashed } from './write.js'

// No upload takes a day, in milliseconds: its process has ended, also where it was on a machine that nobody can ask any more.
const OLD = 86_400_000

/**
 * The bytes of the files. Complete ones are `files/<id>`. A directory `partial/<process>.<id>` marks a file that this process is
 * storing or deleting: while it is there, only the database knows whether these bytes have a row. Bytes on their way are in it.
 */
export class Disk {
  private constructor (private readonly complete: string, private readonly partial: string, private readonly limit: number) {}

  static async open (dataDir: string, limit: number): Promise<Disk> {
    const disk = new Disk(join(dataDir, 'files'), join(dataDir, 'partial'), limit)
    await mkdir(disk.complete, { recursive: true })
    await mkdir(disk.partial, { recursive: true })
    await syncDirectory(dataDir)
    return disk
  }

  async mark (id: string): Promise<void> {
    await mkdir(this.markOf(id))
    await syncDirectory(this.partial)
  }

  async marks (): Promise<Array<{ owner: string, id: string, isOld: boolean }>> {
    const names = await readdir(this.partial)
    return Promise.all(names.map(async (file) => {
      const { name, ext } = parse(file)
      const touched = await stat(join(this.partial, file)).then(({ mtimeMs }) => mtimeMs, () => 0)
      return { owner: name, id: ext.slice(1), isOld: Date.now() - touched > OLD }
    }))
  }

  /** Marks the file, and writes its bytes beside the complete ones. */
  async write (id: string, bytes: Readable) {
    await this.mark(id)
    return writeHashed(this.partOf(id), bytes, this.limit)
  }

  /** Puts what was written in its place. */
  async keep (id: string): Promise<void> {
    await rename(this.partOf(id), join(this.complete, id))
    await syncDirectory(this.complete)
  }

  /** Removes the mark, and before that the bytes where they have no row. */
  async settle (id: string, hasRow: boolean, owner = THIS_PROCESS): Promise<void> {
    if (!hasRow) await rm(join(this.complete, id), { force: true })
    await rm(this.markOf(id, owner), { force: true, recursive: true })
  }

  /** @returns `undefined` where the bytes are gone, or are not all there */
  async open (id: string, size: number): Promise<FileHandle | undefined> {
    const handle = await open(join(this.complete, id)).catch(ignoreMissing)
    if (handle === undefined || (await handle.stat()).size === size) return handle
    await handle.close()
    return undefined
  }

  private markOf (id: string, owner = THIS_PROCESS): string {
    return join(this.partial, `${owner}.${id}`)
  }

  private partOf (id: string): string {
    return join(this.markOf(id), 'bytes')
  }
}

function ignoreMissing (error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
