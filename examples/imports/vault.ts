import { createCipheriv, createDecipheriv, createHash, randomBytes, randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const ALGORITHM = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Seals what must wait in the database, with a key that is not in the database: who has a copy of it cannot read it. */
export class Vault {
  /** Tells which key has sealed something. Another directory has another key. */
  readonly keyId: string

  private constructor (private readonly key: Buffer) {
    this.keyId = createHash('sha256').update(key).digest('hex').slice(0, 16)
  }

  static async open (directory: string): Promise<Vault> {
    const path = join(directory, 'key')
    const key = await readFile(path).catch(() => createKey(path))
    if (key.length !== KEY_BYTES) throw new Error(`${path} must have ${KEY_BYTES} bytes, instead got ${key.length}`)
    return new Vault(key)
  }

  /** @param place where the text will be: it cannot be unsealed in another */
  seal (text: string, place: string): string {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(ALGORITHM, this.key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(place))
    return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url')
  }

  unseal (sealed: string, place: string): string {
    const bytes = Buffer.from(sealed, 'base64url')
    const decipher = createDecipheriv(ALGORITHM, this.key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString()
  }
}

/** Of processes that start at the same moment one links its key, whole, and all read that one. */
async function createKey (path: string): Promise<Buffer> {
  const own = `${path}.${randomUUID()}`
  await writeFile(own, randomBytes(KEY_BYTES), { mode: 0o600, flush: true })
  await link(own, path).catch(ignoreExisting)
  await rm(own)
  return readFile(path)
}

function ignoreExisting (error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
