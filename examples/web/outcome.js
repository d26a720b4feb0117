import { HttpRefusal } from '/client.js'
import { byId, find } from './dom.js'

const outcome = byId('outcome', HTMLElement)

/**
 * Tells what has come of it, in the live region.
 * @param {string} text
 * @param {'running' | 'done' | 'refused'} kind
 */
export function say (text, kind = 'done') {
  outcome.textContent = text
  outcome.dataset.kind = kind
}

/**
 * Runs what sends requests. Meanwhile no button of the same part of the page can be used, so that nothing is sent twice.
 * @param {string} doing
 * @param {HTMLElement} place what was used, where an error is shown as well
 * @param {() => Promise<void>} action
 */
export async function attempt (doing, place, action) {
  const part = place.closest('.part') ?? place
  const error = find(place, '.error', HTMLElement)
  const focused = document.activeElement
  error.hidden = true
  say(doing, 'running')
  enableButtons(part, false)
  try {
    await action()
  } catch (reason) {
    const text = describe(reason)
    say(text, 'refused')
    error.textContent = text
    error.hidden = false
  } finally {
    enableButtons(part)
    // A button that is disabled loses the focus.
    if (document.activeElement === document.body && focused instanceof HTMLElement) focused.focus()
  }
}

/**
 * In the page as it arrives they are disabled: before its scripts run, a form would be sent to the address of the page.
 * @param {Element} part
 */
export function enableButtons (part, enabled = true) {
  for (const button of part.querySelectorAll('button')) button.disabled = !enabled
}

/** @param {unknown} reason */
function describe (reason) {
  if (!(reason instanceof HttpRefusal)) return reason instanceof Error ? reason.message : String(reason)
  const { message, problem } = reason
  // The server says `body/email must match format "email"`.
  return problem?.detail?.replace(/^body\/(\w)(\w*)/, (_, first, rest) => first.toUpperCase() + rest) ?? message
}
