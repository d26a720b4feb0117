import { byId } from './dom.js'
import { describeFields, fillForm, readForm } from './fields.js'
import { runAction } from './message.js'
import { merge } from './users.js'

/** @import { Fields, UserVersion } from './users.js' */

/**
 * What happens when the user chooses a version.
 * @typedef {{ onTakeTheirs: () => void, onSave: (fields: Fields) => Promise<void> }} Handlers
 */

const section = byId('conflict', HTMLElement)
const title = byId('conflict-title', HTMLElement)
const form = byId('merge', HTMLFormElement)

/** @type {Fields} */
let mine
/** @type {Handlers} */
let handlers

export function startConflict () {
  byId('take-theirs', HTMLElement).addEventListener('click', () => handlers.onTakeTheirs())
  byId('keep-mine', HTMLElement).addEventListener('click', () => save(mine))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    save(readForm(form))
  })
}

/** @param {Fields} fields */
function save (fields) {
  runAction('Saving…', section, () => handlers.onSave(fields))
}

/**
 * @param {Fields} base what both sides started from
 * @param {UserVersion} theirs
 * @param {Fields} myFields
 * @param {Handlers} newHandlers
 */
export function openConflict (base, theirs, myFields, newHandlers) {
  mine = myFields
  handlers = newHandlers
  byId('theirs', HTMLElement).replaceChildren(...describeFields(theirs.user, mine))
  byId('mine', HTMLElement).replaceChildren(...describeFields(mine, theirs.user))
  fillForm(form, merge(base, theirs.user, mine))
  section.hidden = false
  title.focus()
}

export function closeConflict () {
  section.hidden = true
}
