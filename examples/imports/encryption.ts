import { createCipheriv, createDecipheriv, createHash, randomBytes, randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const ALGORITHM = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Encrypts passwords that wait in the database. The key is in a file: a copy of the database alone is not enough. */
export class Encryption {
  /** Identifies the key. Each data directory has its own. */
  readonly keyId: string

  private constructor (private readonly key: Buffer) {
    this.keyId = createHash('sha256').update(key).digest('hex').slice(0, 16)
  }

  static async open (directory: string): Promise<Encryption> {
    const path = join(directory, 'key')
    const key = await readFile(path).catch(() => createKey(path))
    if (key.length !== KEY_BYTES) throw new Error(`${path} must have ${KEY_BYTES} bytes, but has ${key.length}`)
    return new Encryption(key)
  }

  /** @param context identifies the row of the text. With another context it cannot be decrypted. */
  encrypt (text: string, context: string): string {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(ALGORITHM, this.key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(context))
    const encrypted = [cipher.update(text, 'utf8'), cipher.final()]
    return Buffer.concat([nonce, ...encrypted, cipher.getAuthTag()]).toString('base64url')
  }

  decrypt (encrypted: string, context: string): string {
    const bytes = Buffer.from(encrypted, 'base64url')
    const nonce = bytes.subarray(0, NONCE_BYTES)
    const decipher = createDecipheriv(ALGORITHM, this.key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString()
  }
}

/** If several processes start at the same moment, one of them succeeds in linking its key, and all read that one. */
async function createKey (path: string): Promise<Buffer> {
  const temporary = `${path}.${randomUUID()}`
  await writeFile(temporary, randomBytes(KEY_BYTES), { mode: 0o600, flush: true })
  await link(temporary, path).catch(ignoreExisting)
  await rm(temporary)
  return readFile(path)
}

function ignoreExisting (error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
