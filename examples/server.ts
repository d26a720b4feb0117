import { buildApp } from './app.js'
import { driverError } from './database.js'
import { readEnvironment } from './environment.js'
import { closeOnSignal } from './graceful-shutdown.js'

try {
  const { host, port, ...options } = readEnvironment(process.env)
  const app = await buildApp({ ...options, logger: true })
  closeOnSignal(app)
  await app.listen({ host, port })
} catch (error) {
  console.error(`The server cannot start: ${firstLineOf(error as Error)}`)
  process.exit(1)
}

function firstLineOf (error: Error): string {
  const { message, code } = driverError(error)
  return (message || code || 'unknown error').split('\n', 1)[0]
}
