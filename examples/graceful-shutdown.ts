import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

// Milliseconds. The process must end within ten seconds of the signal. The last two are for closing the database.
const CLOSE_IDLE_INTERVAL = 1_000
const CLOSE_ALL_AFTER = 8_000
const EXIT_AFTER = 9_500

/** On SIGTERM and SIGINT: accepts no new requests, finishes the running ones, and lets the process end. */
export function closeOnSignal (app: Pick<FastifyInstance, 'server' | 'close' | 'log'>): void {
  const sockets = new Set<Socket>()
  app.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })

  let isClosing = false
  const close = () => {
    // npm passes Ctrl-C on, so the process gets the signal twice. The second one must not interrupt the shutdown.
    if (isClosing) return
    isClosing = true
    setInterval(() => closeIdleConnections(app.server, sockets), CLOSE_IDLE_INTERVAL).unref()
    setTimeout(() => app.server.closeAllConnections(), CLOSE_ALL_AFTER).unref()
    setTimeout(() => process.exit(1), EXIT_AFTER).unref()
    app.close().catch((error) => {
      app.log.error(error)
      process.exitCode = 1
    })
  }
  process.on('SIGTERM', close).on('SIGINT', close)
}

/** Node closes idle connections only once, when close() is called, and never those without any request yet. */
function closeIdleConnections (server: FastifyInstance['server'], sockets: Set<Socket>): void {
  server.closeIdleConnections()
  for (const socket of sockets) {
    // Browsers open connections in advance.
    if (socket.bytesRead === 0) socket.destroy()
  }
}
