/** The process that loads the app. It sends the report to its parent, and exits even if the app leaves handles open. */
import { once } from 'node:events'
import { lint } from '../lint/lint.js'
import { probe } from '../probe/probe.js'
import type { WorkerMessage } from './run-task.js'
import type { Task } from './task.js'

const HEARTBEAT = 1_000 // milliseconds

// The app's process.exit() is replaced later.
const exit = process.exit.bind(process)
const [task]: Task[] = await once(process, 'message')

process.setSourceMapsEnabled(true)
// The parent has gone.
process.on('disconnect', () => exit(0))
// Only what the app does keeps the event loop running.
process.channel!.unref()
send({ alive: true })
setInterval(() => send({ alive: true }), HEARTBEAT).unref()

try {
  const report = await (task.command === 'lint' ? lint(task) : probe(task, (progress) => send({ progress })))
  send({ report }, exit)
} catch (error) {
  send({ failure: (error as Error).message }, exit)
}

function send (message: WorkerMessage, onSent: () => void = () => {}): void {
  process.send!(message, onSent)
}
