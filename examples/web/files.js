import { readCreated } from '/client.js'
import { byId, create, find } from './dom.js'
import { sendForm } from './exchanges.js'
import { enableButtons, runAction, showMessage } from './message.js'

/** @import { Created } from '/client.js' */
/** @typedef {{ filename: string, size: number, download_url: string }} UploadedFile */

const form = byId('upload', HTMLFormElement)
const label = byId('progress', HTMLElement)
const bar = find(label, 'progress', HTMLProgressElement)
const uploaded = byId('uploaded', HTMLElement)

export function startFiles () {
  enableButtons(form)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const data = new FormData(form)
    runAction('Uploading…', form, async () => {
      const { location, body } = await upload(data)
      form.reset()
      uploaded.prepend(create('li', {},
        create('strong', {}, body.filename),
        create('a', { href: location.href }, location.href),
        create('a', { href: body.download_url, download: '' }, `Download ${body.filename}`)))
      showMessage(`${body.filename} is uploaded (${body.size} bytes): ${location.href}`)
    })
  })
}

/**
 * @param {FormData} data
 * @returns {Promise<Created<UploadedFile>>}
 */
async function upload (data) {
  showProgress(0)
  try {
    return await readCreated(await sendForm('/files', data, showProgress))
  } catch (error) {
    // The browser may have sent all bytes of a rejected file, and a full bar would look like success.
    label.hidden = true
    throw error
  }
}

/** @param {number} fraction */
function showProgress (fraction) {
  label.hidden = false
  bar.value = fraction
  bar.textContent = `${Math.round(fraction * 100)} %`
}
