import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { join, parse } from 'node:path'
import type { Readable } from 'node:stream'
import { PROCESS_NAME } from '../process.js'
import { syncDirectory, writeAndHash } from './write-file.js'

// No upload takes this long, so a marker of this age is left over, even if its process was on another machine.
const MAX_MARKER_AGE = 86_400_000 // milliseconds

export interface Marker {
  /** The name of the process that stores or deletes the file. */
  processName: string
  id: string
  isExpired: boolean
}

/**
 * The bytes of the files. A complete file is `files/<id>`. While a process stores or deletes a file, there is a marker:
 * the directory `partial/<process>.<id>`. Until the marker is removed, only the database knows whether the file
 * exists. The bytes of an unfinished upload are inside the marker.
 */
export class Disk {
  private constructor (
    private readonly completeDir: string,
    private readonly partialDir: string,
    private readonly uploadLimit: number
  ) {}

  static async open (dataDir: string, uploadLimit: number): Promise<Disk> {
    const disk = new Disk(join(dataDir, 'files'), join(dataDir, 'partial'), uploadLimit)
    await mkdir(disk.completeDir, { recursive: true })
    await mkdir(disk.partialDir, { recursive: true })
    await syncDirectory(dataDir)
    return disk
  }

  async addMarker (id: string): Promise<void> {
    await mkdir(this.markerPath(id))
    await syncDirectory(this.partialDir)
  }

  async listMarkers (): Promise<Marker[]> {
    const names = await readdir(this.partialDir)
    return Promise.all(names.map(async (file) => {
      const { name, ext } = parse(file)
      const modified = await stat(join(this.partialDir, file)).then(({ mtimeMs }) => mtimeMs, () => 0)
      return { processName: name, id: ext.slice(1), isExpired: Date.now() - modified > MAX_MARKER_AGE }
    }))
  }

  /** Adds the marker, and writes the bytes into it. */
  async write (id: string, bytes: Readable) {
    await this.addMarker(id)
    return writeAndHash(this.partialPath(id), bytes, this.uploadLimit)
  }

  /** Moves the written bytes to the complete files. */
  async moveIntoPlace (id: string): Promise<void> {
    await rename(this.partialPath(id), join(this.completeDir, id))
    await syncDirectory(this.completeDir)
  }

  /** Removes the marker. If the file is not in the database, removes its bytes first. */
  async removeMarker (id: string, isInDatabase: boolean, processName = PROCESS_NAME): Promise<void> {
    if (!isInDatabase) await rm(join(this.completeDir, id), { force: true })
    await rm(this.markerPath(id, processName), { force: true, recursive: true })
  }

  /** @returns `undefined` if the bytes are missing or incomplete */
  async open (id: string, size: number): Promise<FileHandle | undefined> {
    const handle = await open(join(this.completeDir, id)).catch(ignoreMissing)
    if (handle === undefined || (await handle.stat()).size === size) return handle
    await handle.close()
    return undefined
  }

  private markerPath (id: string, processName = PROCESS_NAME): string {
    return join(this.partialDir, `${processName}.${id}`)
  }

  private partialPath (id: string): string {
    return join(this.markerPath(id), 'bytes')
  }
}

function ignoreMissing (error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
