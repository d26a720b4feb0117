import { randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'

const scryptAsync = promisify(scrypt)

/** @returns the salt and the scrypt hash, with Node's default cost: N = 16384, r = 8, p = 1 */
export async function hashPassword (password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await scryptAsync(password, salt, 32) as Buffer
  return `scrypt$${salt.toString('base64url')}$${hash.toString('base64url')}`
}
