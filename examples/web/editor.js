import { HttpError } from '/client.js'
import { closeConflict, openConflict } from './conflict.js'
import { byId } from './dom.js'
import { fillForm, readForm } from './fields.js'
import { markCurrent, showUser } from './list.js'
import { runAction, showMessage } from './message.js'
import { isSame, read, save, userUrl } from './users.js'

/** @import { Fields, User, UserVersion } from './users.js' */

const section = byId('editor', HTMLElement)
const form = byId('edit', HTMLFormElement)
const title = byId('editor-title', HTMLElement)
const link = byId('user-url', HTMLAnchorElement)
const etag = byId('user-etag', HTMLElement)

/** The version that is being edited. @type {UserVersion} */
let current

export function startEditor () {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const mine = readForm(form)
    runAction('Saving…', form, () => saveForm(mine))
  })
}

/**
 * Reads the user again, because the list may be out of date.
 * @param {User} user
 */
export async function pickUser ({ id }) {
  await runAction('Loading the user…', byId('list', HTMLElement), async () => {
    openEditor(await read(userUrl(id)))
    showMessage('')
  })
}

/** @param {UserVersion} version */
export function openEditor (version) {
  fillForm(form, version.user)
  showVersion(version)
  title.focus()
}

/**
 * Does not change the form, because the user may have typed during the request.
 * @param {UserVersion} version
 */
function showVersion (version) {
  current = version
  title.textContent = `Edit ${version.user.username}`
  link.href = link.textContent = version.url.href
  etag.textContent = version.etag
  showUser(version.user)
  markCurrent(version.user.id)
  closeConflict()
  section.hidden = false
}

/** @param {Fields} mine */
async function saveForm (mine) {
  if (isSame(current.user, mine)) return showMessage('Nothing to save.')
  await saveOver(current, mine, showVersion)
}

/**
 * @param {UserVersion} version the version to replace
 * @param {Fields} mine
 * @param {(saved: UserVersion) => void} onSaved
 */
async function saveOver (version, mine, onSaved) {
  try {
    onSaved(await save(version, mine))
    showMessage(`${mine.username} is saved.`)
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 412)) throw error
    await resolveConflict(version, await read(version.url), mine)
  }
}

/**
 * Shows both versions and lets the user choose. If the user changes again before that choice is saved, this repeats.
 * @param {UserVersion} base what both sides started from
 * @param {UserVersion} theirs
 * @param {Fields} mine
 */
async function resolveConflict (base, theirs, mine) {
  const takeTheirs = (/** @type {string} */ message) => {
    openEditor(theirs)
    showMessage(message)
  }
  if (isSame(theirs.user, mine)) return takeTheirs('Somebody else has already saved the same values.')

  section.hidden = true
  openConflict(base.user, theirs, mine, {
    onTakeTheirs: () => takeTheirs('The form now shows their version. Your changes are discarded.'),
    onSave: async (fields) => {
      if (isSame(theirs.user, fields)) return takeTheirs('Nothing to save: this is their version.')
      await saveOver(theirs, fields, openEditor)
    }
  })
  showMessage('Not saved: somebody else has changed this user.', 'error')
}
