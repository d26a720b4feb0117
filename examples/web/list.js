import { byId, create } from './dom.js'
import { attempt, say } from './outcome.js'
import { list } from './users.js'

/** @import { User } from './users.js' */

const places = byId('users', HTMLUListElement)
const none = byId('no-users', HTMLElement)
const more = byId('more-users', HTMLButtonElement)

/** @type {(user: User) => void} */
let pick
/** @type {string | null} the id that the next page comes after */
let next = null

/** @param {(user: User) => void} onPick */
export async function startList (onPick) {
  pick = onPick
  more.addEventListener('click', readMore)
  await readMore()
}

async function readMore () {
  await attempt('Reading the users…', byId('list', HTMLElement), async () => {
    const page = await list(next)
    next = page.next
    more.hidden = next === null
    none.hidden = page.items.length > 0 || places.children.length > 0
    for (const user of page.items) showUser(user)
    say(`Users shown: ${places.children.length}`)
  })
}

/**
 * Where the list has it already: in its place.
 * @param {User} user
 */
export function showUser (user) {
  const { id, username, email, status } = user
  const button = create('button', { type: 'button' },
    create('span', { class: 'name' }, username), ' ',
    ...(status === 'active' ? [] : [create('span', { class: 'badge' }, status), ' ']),
    create('span', { class: 'email' }, email))
  button.addEventListener('click', () => pick(user))
  const place = create('li', { id: placeOf(id) }, button)
  const before = document.getElementById(placeOf(id))
  none.hidden = true
  if (before) before.replaceWith(place)
  // The server gives the users in the order of their ids: a new one may belong among those shown.
  else places.insertBefore(place, [...places.children].find((other) => other.id > place.id) ?? null)
}

/** @param {string} id of the user who is being edited */
export function markCurrent (id) {
  for (const place of places.children) place.firstElementChild?.removeAttribute('aria-current')
  document.getElementById(placeOf(id))?.firstElementChild?.setAttribute('aria-current', 'true')
}

/** @param {string} id */
function placeOf (id) {
  return `user-${id}`
}
