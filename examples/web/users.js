import { ifMatch, readCreated, readOk } from '/client.js'
import { send } from './exchanges.js'

/**
 * The editable fields of a user.
 * @typedef {{ username: string, email: string, status: string }} Fields
 * @typedef {Fields & { id: string }} User
 *
 * A user as it was read, with its URL and ETag.
 * @typedef {{ url: URL, etag: string | null, user: User }} UserVersion
 *
 * @typedef {{ items: User[], next: string | null }} Page
 */

/** @import { Ok } from '/client.js' */

const PAGE_SIZE = 10

/**
 * Registers a user, and reads it from its Location.
 * @param {Record<string, FormDataEntryValue>} newUser
 */
export async function register (newUser) {
  const headers = { 'Content-Type': 'application/json' }
  const response = await send('/users', { method: 'POST', headers, body: JSON.stringify(newUser) })
  const { location } = await readCreated(response)
  return read(location)
}

/**
 * @param {URL} url
 * @returns {Promise<UserVersion>}
 */
export async function read (url) {
  /** @type {Ok<User>} */
  const { etag, body: user } = await readOk(await send(url, { cache: 'no-cache' }))
  return { url, etag, user }
}

/** @param {string} id */
export function userUrl (id) {
  return new URL(`/users/${id}`, document.baseURI)
}

/**
 * @param {string | null} after `next` of the previous page
 */
export async function list (after) {
  const query = new URLSearchParams({ limit: String(PAGE_SIZE), ...(after && { after }) })
  /** @type {Ok<Page>} */
  const { body } = await readOk(await send(`/users?${query}`))
  return body
}

/**
 * Saves `fields` over `version`. If the user has changed since, the response is 412.
 * @param {UserVersion} version
 * @param {Fields} fields
 * @returns {Promise<UserVersion>}
 */
export async function save ({ url, etag, user }, fields) {
  if (etag === null) throw new Error('The server sent no ETag, so saving could overwrite changes of somebody else.')
  const headers = { ...ifMatch(etag), 'Content-Type': 'application/merge-patch+json' }
  const body = JSON.stringify(mergePatch(user, fields))
  /** @type {Ok<User>} */
  const saved = await readOk(await send(url, { method: 'PATCH', headers, body }))
  return { url, etag: saved.etag, user: saved.body }
}

/**
 * The JSON merge patch (RFC 7396) that turns `from` into `to`.
 * @param {Fields} from
 * @param {Fields} to
 */
export function mergePatch (from, to) {
  return Object.fromEntries(Object.entries(pickFields(to)).filter(([name, value]) => value !== pickFields(from)[name]))
}

/**
 * @param {Fields} one
 * @param {Fields} other
 */
export function isSame (one, other) {
  return Object.keys(mergePatch(one, other)).length === 0
}

/**
 * Applies my changes to their version. If both sides changed a field, mine wins, and the user can edit the result.
 * @param {Fields} base what both sides started from
 * @param {Fields} theirs
 * @param {Fields} mine
 * @returns {Fields}
 */
export function merge (base, theirs, mine) {
  return { ...pickFields(theirs), ...mergePatch(base, mine) }
}

/**
 * @param {Fields} fields
 * @returns {Fields & Record<string, string>}
 */
function pickFields ({ username, email, status }) {
  return { username, email, status }
}
