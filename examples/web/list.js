import { byId, create } from './dom.js'
import { runAction, showMessage } from './message.js'
import { list } from './users.js'

/** @import { User } from './users.js' */

const items = byId('users', HTMLUListElement)
const emptyHint = byId('no-users', HTMLElement)
const moreButton = byId('more-users', HTMLButtonElement)

/** @type {(user: User) => void} */
let pick
/** @type {string | null} the cursor for the next page */
let next = null

/** @param {(user: User) => void} onPick */
export async function startList (onPick) {
  pick = onPick
  moreButton.addEventListener('click', loadMore)
  await loadMore()
}

async function loadMore () {
  await runAction('Loading users…', byId('list', HTMLElement), async () => {
    const page = await list(next)
    next = page.next
    moreButton.hidden = next === null
    emptyHint.hidden = page.items.length > 0 || items.children.length > 0
    for (const user of page.items) showUser(user)
    showMessage(`Users shown: ${items.children.length}`)
  })
}

/**
 * Adds the user to the list, or replaces their entry.
 * @param {User} user
 */
export function showUser (user) {
  const { id, username, email, status } = user
  const button = create('button', { type: 'button' },
    create('span', { class: 'name' }, username), ' ',
    ...(status === 'active' ? [] : [create('span', { class: 'badge' }, status), ' ']),
    create('span', { class: 'email' }, email))
  button.addEventListener('click', () => pick(user))
  const item = create('li', { id: itemId(id) }, button)
  const existing = document.getElementById(itemId(id))
  emptyHint.hidden = true
  if (existing) existing.replaceWith(item)
  // The server sorts users by id, so a new one may belong between those already shown.
  else items.insertBefore(item, [...items.children].find((other) => other.id > item.id) ?? null)
}

/** @param {string} id of the user who is being edited */
export function markCurrent (id) {
  for (const item of items.children) item.firstElementChild?.removeAttribute('aria-current')
  document.getElementById(itemId(id))?.firstElementChild?.setAttribute('aria-current', 'true')
}

/** @param {string} userId */
function itemId (userId) {
  return `user-${userId}`
}
