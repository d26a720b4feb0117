import { byId } from './dom.js'
import { describeFields, fill, readFields } from './fields.js'
import { attempt } from './outcome.js'
import { merge } from './users.js'

/** @import { Fields, Version } from './users.js' */

/**
 * What a person may choose.
 * @typedef {{ take: () => void, keep: (fields: Fields) => Promise<void> }} Choices
 */

const section = byId('conflict', HTMLElement)
const title = byId('conflict-title', HTMLElement)
const form = byId('merge', HTMLFormElement)

/** @type {Fields} */
let mine
/** @type {Choices} */
let choices

export function startConflict () {
  byId('take-theirs', HTMLElement).addEventListener('click', () => choices.take())
  byId('keep-mine', HTMLElement).addEventListener('click', () => keep(mine))
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    keep(readFields(form))
  })
}

/** @param {Fields} fields */
function keep (fields) {
  attempt('Saving…', section, () => choices.keep(fields))
}

/**
 * @param {Fields} base what both have read
 * @param {Version} theirs
 * @param {Fields} ours
 * @param {Choices} toChoose
 */
export function openConflict (base, theirs, ours, toChoose) {
  mine = ours
  choices = toChoose
  byId('theirs', HTMLElement).replaceChildren(...describeFields(theirs.user, mine))
  byId('mine', HTMLElement).replaceChildren(...describeFields(mine, theirs.user))
  fill(form, merge(base, theirs.user, mine))
  section.hidden = false
  title.focus()
}

export function closeConflict () {
  section.hidden = true
}
