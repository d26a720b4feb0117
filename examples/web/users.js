import { ifMatch, readCreated, readOk } from '/client.js'
import { send } from './exchanges.js'

/**
 * What a person can change of a user.
 * @typedef {{ username: string, email: string, status: string }} Fields
 * @typedef {Fields & { id: string }} User
 *
 * A user as it was read: where, and which version.
 * @typedef {{ address: URL, etag: string | null, user: User }} Version
 *
 * @typedef {{ items: User[], next: string | null }} Page
 */

/** @import { Ok } from '/client.js' */

const PAGE = 10

/**
 * @param {Record<string, FormDataEntryValue>} user
 * @returns what its Location answers
 */
export async function register (user) {
  const headers = { 'Content-Type': 'application/json' }
  const { location } = await readCreated(await send('/users', { method: 'POST', headers, body: JSON.stringify(user) }))
  return read(location)
}

/**
 * @param {URL} address
 * @returns {Promise<Version>}
 */
export async function read (address) {
  /** @type {Ok<User>} */
  const { etag, body: user } = await readOk(await send(address, { cache: 'no-cache' }))
  return { address, etag, user }
}

/** @param {string} id */
export function addressOf (id) {
  return new URL(`/users/${id}`, document.baseURI)
}

/**
 * @param {string | null} after `next` of the page before
 */
export async function list (after) {
  const query = new URLSearchParams({ limit: String(PAGE), ...(after && { after }) })
  /** @type {Ok<Page>} */
  const { body } = await readOk(await send(`/users?${query}`))
  return body
}

/**
 * Stores `fields`, unless the user is not what `version` says any more. That is 412.
 * @param {Version} version
 * @param {Fields} fields
 * @returns {Promise<Version>}
 */
export async function save ({ address, etag, user }, fields) {
  if (etag === null) throw new Error('This user came without an ETag: nobody could tell whether somebody else has changed it.')
  const headers = { ...ifMatch(etag), 'Content-Type': 'application/merge-patch+json' }
  const body = JSON.stringify(changes(user, fields))
  /** @type {Ok<User>} */
  const saved = await readOk(await send(address, { method: 'PATCH', headers, body }))
  return { address, etag: saved.etag, user: saved.body }
}

/**
 * A JSON merge patch (RFC 7396) that makes one of the other.
 * @param {Fields} from
 * @param {Fields} to
 */
export function changes (from, to) {
  return Object.fromEntries(Object.entries(pick(to)).filter(([name, value]) => value !== pick(from)[name]))
}

/**
 * @param {Fields} one
 * @param {Fields} other
 */
export function same (one, other) {
  return Object.keys(changes(one, other)).length === 0
}

/**
 * What both have changed since `base` is mine: it is for a person to look at.
 * @param {Fields} base
 * @param {Fields} theirs
 * @param {Fields} mine
 * @returns {Fields}
 */
export function merge (base, theirs, mine) {
  return { ...pick(theirs), ...changes(base, mine) }
}

/**
 * @param {Fields} fields
 * @returns {Fields & Record<string, string>}
 */
function pick ({ username, email, status }) {
  return { username, email, status }
}
