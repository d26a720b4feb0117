import { createHash } from 'node:crypto'
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Style } from './server.js'

export interface Row { id: string | number, name: string, password?: string, version: number }

/** The users of a reference server. */
export class UserStore {
  readonly rows = new Map<string, Row>()
  readonly #style: Style
  #clock = 0

  constructor (style: Style) {
    this.#style = style
  }

  /** @returns a version that no row had before */
  nextVersion (): number {
    return ++this.#clock
  }

  etagOf (row: Row): string {
    switch (this.#style.tag) {
      case 'hash': return hashOf(row)
      case 'time': return `"${Buffer.from(new Date(row.version).toISOString()).toString('base64')}"`
      case 'weak': return `W/"${row.version}"`
      default: return `"${row.version}"`
    }
  }

  async find (id: string): Promise<Row | undefined> {
    await this.#pause()
    return this.rows.get(id)
  }

  /** Writes if the row is still the one that was read. */
  async compareAndSwap (
    id: string, before: Row | undefined, sent: Partial<Row>, fixed: Partial<Row> = {}
  ): Promise<Row | undefined> {
    await this.#pause()
    const now = this.rows.get(id)
    if ((now && this.etagOf(now)) !== (before && this.etagOf(before))) return undefined
    const name = (sent.name ?? before!.name).trim()
    const row = {
      id: fixed.id ?? before?.id ?? id,
      name: this.#style.lowerCase ? name.toLowerCase() : name,
      password: sent.password,
      version: fixed.version ?? this.nextVersion()
    }
    this.#clock = Math.max(this.#clock, row.version)
    this.rows.set(id, row)
    return row
  }

  overwrite (id: string, { name }: Partial<Row>): Row {
    const before = this.rows.get(id)!
    const row = { ...before, name: name ?? before.name, version: this.nextVersion() }
    this.rows.set(id, row)
    return row
  }

  /** Lets other requests run between a read and a write. */
  async #pause (): Promise<void> {
    // A busy machine may take several turns of the event loop to accept all simultaneous requests.
    if (this.#style.slow) await setTimeout(5)
    for (let turn = this.#style.slow ? 50 : 1; turn > 0; turn--) await setImmediate()
  }
}

/** The row as the server sends it, without the password. */
export function toBody ({ id, name }: Row): { id: Row['id'], name: string } {
  return { id, name }
}

export function hashOf (row: Row): string {
  return `"${createHash('sha256').update(JSON.stringify(toBody(row))).digest('hex')}"`
}
