import { create } from './dom.js'

/** @import { Fields } from './users.js' */

/** The editable fields, in the order of the forms. @type {Array<[label: string, name: keyof Fields]>} */
export const FIELDS = [['Username', 'username'], ['Email', 'email'], ['Status', 'status']]

/**
 * @param {HTMLFormElement} form
 * @param {Fields} values
 */
export function fillForm (form, values) {
  for (const [, name] of FIELDS) {
    const control = form.elements.namedItem(name)
    if (control instanceof HTMLInputElement || control instanceof HTMLSelectElement) control.value = values[name]
  }
}

/**
 * @param {HTMLFormElement} form
 * @returns {Fields}
 */
export function readForm (form) {
  const data = new FormData(form)
  const [username, email, status] = FIELDS.map(([, name]) => String(data.get(name)))
  return { username, email, status }
}

/**
 * @param {Fields} values
 * @param {Fields} others
 * @returns a term and a description for each field, with a mark on those that differ from `others`
 */
export function describeFields (values, others) {
  return FIELDS.map(([label, name]) => {
    const differs = values[name] !== others[name]
    const mark = differs ? [' ', create('span', { class: 'badge' }, 'differs')] : []
    const term = create('dt', {}, label, ...mark)
    return create('div', differs ? { class: 'differs' } : {}, term, create('dd', {}, values[name]))
  })
}
