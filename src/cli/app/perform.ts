import { spawn } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endWithParent } from './end-with-parent.js'
import { CannotRun } from '../failure.js'
import { isUrl, probe } from '../probe/probe.js'
import type { Progress, Report, Task } from './task.js'

/** What the process with the app tells of itself. */
export type Message = { alive: true } | { progress: string } | { report: Report } | { failure: string }

// What it may take longer than it was given, in milliseconds: closing.
const GRACE = 5_000
const WORKER = fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url))

/** An app is loaded in a process of its own: nothing that it prints, blocks or ends can spoil the report. */
export function perform (task: Task, progress: Progress): Promise<Report> {
  return task.command === 'probe' && isUrl(task.target) ? probe(task, progress) : inChild(task, progress)
}

function inChild (task: Task, progress: Progress): Promise<Report> {
  return new Promise((resolve, reject) => {
    // What the app writes to its standard output goes to the standard error of the command.
    const child = spawn(process.execPath, [...process.execArgv, WORKER], { stdio: ['ignore', 2, 2, 'ipc'] })
    endWithParent(child)
    const silence = task.timeout * 1000 + GRACE
    let timer: NodeJS.Timeout | undefined
    const wait = () => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        reject(new CannotRun(`The app has blocked its process for ${silence / 1000} seconds, so it was ended.`))
        child.kill('SIGKILL')
      }, silence)
    }
    child.send(task)
    child.on('message', (message: Message) => {
      // From the first, which says that Node has started: until then it is nothing that the app does.
      wait()
      if ('progress' in message) progress(message.progress)
      if ('report' in message) resolve(message.report)
      if ('failure' in message) reject(new CannotRun(message.failure))
    })
    child.on('error', reject)
    child.on('exit', (status, signal) => {
      clearTimeout(timer)
      reject(new CannotRun(`The app has ended its process by itself (${signal ?? `status ${status}`}).`))
    })
  })
}
