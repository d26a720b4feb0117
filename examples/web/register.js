import { byId } from './dom.js'
import { openEditor } from './editor.js'
import { attempt, say } from './outcome.js'
import { register } from './users.js'

const form = byId('register', HTMLFormElement)

export function startRegistration () {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const user = Object.fromEntries(new FormData(form))
    attempt('Registering…', form, async () => {
      const version = await register(user)
      form.reset()
      openEditor(version)
      say(`${version.user.username} is registered, and lives at ${version.address}`)
    })
  })
}
