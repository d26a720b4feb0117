/** The process that an app is loaded in. It tells its parent what came of it, and ends, whatever the app has left open. */
import { once } from 'node:events'
import { lint } from '../lint/lint.js'
import type { Message } from './perform.js'
import { probe } from '../probe/probe.js'
import type { Report, Task } from './task.js'

const HEARTBEAT = 1_000 // milliseconds

const exit = process.exit.bind(process)
const [task]: Task[] = await once(process, 'message')

process.setSourceMapsEnabled(true)
// Nobody waits for it any more.
process.on('disconnect', () => exit(0))
// What is said with the parent does not count: whether the app is at work is what counts.
process.channel!.unref()
tell({ alive: true })
setInterval(() => tell({ alive: true }), HEARTBEAT).unref()

try {
  tell({ report: await perform() }, exit)
} catch (error) {
  tell({ failure: (error as Error).message }, exit)
}

function perform (): Promise<Report> {
  const progress = (progress: string) => tell({ progress })
  return task.command === 'lint' ? lint(task) : probe(task, progress)
}

function tell (message: Message, then: () => void = () => {}): void {
  process.send!(message, then)
}
