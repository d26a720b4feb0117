import { create } from './dom.js'

/** @import { Fields } from './users.js' */

/** What a person can change, in the order of the forms. @type {Array<[label: string, name: keyof Fields]>} */
export const FIELDS = [['Username', 'username'], ['Email', 'email'], ['Status', 'status']]

/**
 * @param {HTMLFormElement} form
 * @param {Fields} values
 */
export function fill (form, values) {
  for (const [, name] of FIELDS) {
    const control = form.elements.namedItem(name)
    if (control instanceof HTMLInputElement || control instanceof HTMLSelectElement) control.value = values[name]
  }
}

/**
 * @param {HTMLFormElement} form
 * @returns {Fields}
 */
export function readFields (form) {
  const data = new FormData(form)
  const [username, email, status] = FIELDS.map(([, name]) => String(data.get(name)))
  return { username, email, status }
}

/**
 * @param {Fields} values
 * @param {Fields} others
 * @returns a term and a description for each field, those marked that differ
 */
export function describeFields (values, others) {
  return FIELDS.map(([label, name]) => {
    const differs = values[name] !== others[name]
    const mark = differs ? [' ', create('span', { class: 'badge' }, 'differs')] : []
    return create('div', differs ? { class: 'differs' } : {}, create('dt', {}, label, ...mark), create('dd', {}, values[name]))
  })
}
