import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

// Whoever sends SIGTERM waits ten seconds, in milliseconds: the last two are for closing the database.
const CLOSE_UNUSED = 1_000
const CUT_REQUESTS_OFF = 8_000
const GIVE_UP = 9_500

/** Takes no new requests, finishes those that run, and lets the process end. */
export function stopOnSignal (app: Pick<FastifyInstance, 'server' | 'close' | 'log'>): void {
  const sockets = new Set<Socket>()
  app.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })

  let isStopping = false
  const stop = () => {
    // Ctrl-C under npm sends the signal twice: the second must not cut off what the first lets finish.
    if (isStopping) return
    isStopping = true
    setInterval(() => closeUnused(app.server, sockets), CLOSE_UNUSED).unref()
    setTimeout(() => app.server.closeAllConnections(), CUT_REQUESTS_OFF).unref()
    setTimeout(() => process.exit(1), GIVE_UP).unref()
    app.close().catch((error) => {
      app.log.error(error)
      process.exitCode = 1
    })
  }
  process.on('SIGTERM', stop).on('SIGINT', stop)
}

/** Node closes idle connections once, when it stops listening: not those of requests that end later, or have not begun. */
function closeUnused (server: FastifyInstance['server'], sockets: Set<Socket>): void {
  server.closeIdleConnections()
  for (const socket of sockets) {
    // Browsers open connections for requests to come.
    if (socket.bytesRead === 0) socket.destroy()
  }
}
