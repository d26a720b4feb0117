import { readCreated } from '/client.js'
import { byId, create, find } from './dom.js'
import { sendForm } from './exchanges.js'
import { attempt, enableButtons, say } from './outcome.js'

/** @import { Created } from '/client.js' */
/** @typedef {{ filename: string, size: number, download_url: string }} StoredFile */

const form = byId('upload', HTMLFormElement)
const label = byId('progress', HTMLElement)
const bar = find(label, 'progress', HTMLProgressElement)
const uploaded = byId('uploaded', HTMLElement)

export function startFiles () {
  enableButtons(form)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const data = new FormData(form)
    attempt('Uploading…', form, async () => {
      const { location, body } = await send(data)
      form.reset()
      uploaded.prepend(create('li', {},
        create('strong', {}, body.filename),
        create('a', { href: location.href }, location.href),
        create('a', { href: body.download_url, download: '' }, `Download ${body.filename}`)))
      say(`${body.filename} is uploaded, ${body.size} bytes, and lives at ${location.href}`)
    })
  })
}

/**
 * @param {FormData} data
 * @returns {Promise<Created<StoredFile>>}
 */
async function send (data) {
  showProgress(0)
  try {
    return await readCreated(await sendForm('/files', data, showProgress))
  } catch (reason) {
    // All of a file that is too large may be sent: a full bar would say that it has gone well.
    label.hidden = true
    throw reason
  }
}

/** @param {number} share */
function showProgress (share) {
  label.hidden = false
  bar.value = share
  bar.textContent = `${Math.round(share * 100)} %`
}
