import { byId } from './dom.js'
import { openEditor } from './editor.js'
import { runAction, showMessage } from './message.js'
import { register } from './users.js'

const form = byId('register', HTMLFormElement)

export function startRegistration () {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const newUser = Object.fromEntries(new FormData(form))
    runAction('Registering…', form, async () => {
      const version = await register(newUser)
      form.reset()
      openEditor(version)
      showMessage(`${version.user.username} is registered: ${version.url}`)
    })
  })
}
