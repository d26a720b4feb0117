import { HttpError } from '/client.js'
import { byId, find } from './dom.js'

const liveRegion = byId('message', HTMLElement)

/**
 * Shows a message in the live region.
 * @param {string} text
 * @param {'pending' | 'success' | 'error'} kind
 */
export function showMessage (text, kind = 'success') {
  liveRegion.textContent = text
  liveRegion.dataset.kind = kind
}

/**
 * Runs an action that sends requests. The buttons around it are disabled meanwhile, so that nothing is sent twice.
 * @param {string} text shown until the action is finished
 * @param {HTMLElement} place the form or section of the action, which also shows its error
 * @param {() => Promise<void>} action
 */
export async function runAction (text, place, action) {
  const group = place.closest('.busy-group') ?? place
  const error = find(place, '.error', HTMLElement)
  const focused = document.activeElement
  error.hidden = true
  showMessage(text, 'pending')
  enableButtons(group, false)
  try {
    await action()
  } catch (reason) {
    const description = describeError(reason)
    showMessage(description, 'error')
    error.textContent = description
    error.hidden = false
  } finally {
    enableButtons(group)
    // A disabled button loses the focus.
    if (document.activeElement === document.body && focused instanceof HTMLElement) focused.focus()
  }
}

/**
 * The buttons are disabled in the HTML: before the scripts run, the browser would submit the form to the page itself.
 * @param {Element} group
 */
export function enableButtons (group, enabled = true) {
  for (const button of group.querySelectorAll('button')) button.disabled = !enabled
}

/** @param {unknown} error */
function describeError (error) {
  if (!(error instanceof HttpError)) return error instanceof Error ? error.message : String(error)
  const { message, problem } = error
  // `body/email must match format "email"` becomes `Email must match format "email"`.
  return problem?.detail?.replace(/^body\/(\w)(\w*)/, (_, first, rest) => first.toUpperCase() + rest) ?? message
}
