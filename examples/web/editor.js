import { HttpRefusal } from '/client.js'
import { closeConflict, openConflict } from './conflict.js'
import { byId } from './dom.js'
import { fill, readFields } from './fields.js'
import { markCurrent, showUser } from './list.js'
import { attempt, say } from './outcome.js'
import { addressOf, read, same, save } from './users.js'

/** @import { Fields, User, Version } from './users.js' */

const section = byId('editor', HTMLElement)
const form = byId('edit', HTMLFormElement)
const title = byId('editor-title', HTMLElement)
const address = byId('user-address', HTMLAnchorElement)
const etag = byId('user-etag', HTMLElement)

/** What was read, and is being edited. @type {Version} */
let current

export function startEditor () {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const mine = readFields(form)
    attempt('Saving…', form, () => saveForm(mine))
  })
}

/**
 * A list may be old: what is edited is read first.
 * @param {User} user
 */
export async function pickUser ({ id }) {
  await attempt('Reading the user…', byId('list', HTMLElement), async () => {
    openEditor(await read(addressOf(id)))
    say('')
  })
}

/** @param {Version} version */
export function openEditor (version) {
  fill(form, version.user)
  showVersion(version)
  title.focus()
}

/**
 * Leaves the form as it is: somebody may have typed on while it was saved.
 * @param {Version} version
 */
function showVersion (version) {
  current = version
  title.textContent = `Edit ${version.user.username}`
  address.href = address.textContent = version.address.href
  etag.textContent = version.etag
  showUser(version.user)
  markCurrent(version.user.id)
  closeConflict()
  section.hidden = false
}

/** @param {Fields} mine */
async function saveForm (mine) {
  if (same(current.user, mine)) return say('There is nothing to save.')
  await saveOver(current, mine, showVersion)
}

/**
 * @param {Version} version what was read
 * @param {Fields} mine
 * @param {(saved: Version) => void} onSaved
 */
async function saveOver (version, mine, onSaved) {
  try {
    onSaved(await save(version, mine))
    say(`${mine.username} is saved.`)
  } catch (error) {
    if (!(error instanceof HttpRefusal && error.status === 412)) throw error
    await settle(version, await read(version.address), mine)
  }
}

/**
 * Somebody else was faster: a person looks at both versions before one of them goes. Meanwhile a third may be faster again.
 * @param {Version} base what both have read
 * @param {Version} theirs
 * @param {Fields} mine
 */
async function settle (base, theirs, mine) {
  const take = (/** @type {string} */ outcome) => {
    openEditor(theirs)
    say(outcome)
  }
  if (same(theirs.user, mine)) return take('Somebody else has saved the same.')

  section.hidden = true
  openConflict(base.user, theirs, mine, {
    take: () => take('Their version is in the form. Yours is dropped.'),
    keep: async (fields) => same(theirs.user, fields) ? take('That is their version.') : saveOver(theirs, fields, openEditor)
  })
  say('Not saved yet: somebody else was faster.', 'refused')
}
