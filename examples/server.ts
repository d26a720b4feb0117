import { buildApp } from './app.js'
import { driverError } from './database.js'
import { readEnvironment } from './environment.js'
import { stopOnSignal } from './stop.js'

try {
  const { host, port, ...options } = readEnvironment(process.env)
  const app = await buildApp({ ...options, logger: true })
  stopOnSignal(app)
  await app.listen({ host, port })
} catch (error) {
  console.error(`The server cannot start: ${oneLine(error as Error)}`)
  process.exit(1)
}

function oneLine (error: Error): string {
  const { message, code } = driverError(error)
  return (message || code || 'unknown error').split('\n', 1)[0]
}
