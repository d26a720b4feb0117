import { buildApp } from './app.js'
import { driverError } from './database.js'
import { readEnvironment } from './environment.js'

// Whoever sends SIGTERM waits ten seconds, in milliseconds: the last two are for closing the database.
const CUT_REQUESTS_OFF = 8_000
const GIVE_UP = 9_500

try {
  const { host, port, ...options } = readEnvironment(process.env)
  const app = await buildApp({ ...options, logger: true })
  await app.listen({ host, port })
  stopOnSignal(app)
} catch (error) {
  console.error(`The server cannot start: ${oneLine(error as Error)}`)
  process.exit(1)
}

/** Takes no new requests, finishes those that run, and lets the process end. */
function stopOnSignal (app: Awaited<ReturnType<typeof buildApp>>): void {
  let isStopping = false
  const stop = () => {
    // Ctrl-C under npm sends the signal twice: the second must not cut off what the first lets finish.
    if (isStopping) return
    isStopping = true
    setTimeout(() => app.server.closeAllConnections(), CUT_REQUESTS_OFF).unref()
    setTimeout(() => process.exit(1), GIVE_UP).unref()
    app.close().catch((error) => {
      app.log.error(error)
      process.exitCode = 1
    })
  }
  process.on('SIGTERM', stop).on('SIGINT', stop)
}

function oneLine (error: Error): string {
  const { message, code } = driverError(error)
  return (message || code || 'unknown error').split('\n', 1)[0]
}
