import { spawn } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { longerTimeout } from '../app/app-errors.js'
import { CommandError } from '../command-error.js'
import { probe } from '../probe/probe.js'
import { isUrl } from '../probe/target-url.js'
import type { Report } from '../report/report.js'
import { killWithParent } from './kill-with-parent.js'
import type { Progress, Task } from './task.js'

/** What the worker sends. */
export type WorkerMessage = { alive: true } | { progress: string } | { report: Report } | { failure: string }

// In milliseconds. Beside the timeout of loading there is that of closing.
const GRACE_PERIOD = 5_000
const WORKER = fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url))

/** An app is loaded in a process of its own, so that it cannot print into the report, block the command or end it. */
export function runTask (task: Task, progress: Progress): Promise<Report> {
  return task.command === 'probe' && isUrl(task.target) ? probe(task, progress) : runInWorker(task, progress)
}

function runInWorker (task: Task, progress: Progress): Promise<Report> {
  return new Promise((resolve, reject) => {
    // The app writes to the standard error of the command: its standard output is for the report.
    const child = spawn(process.execPath, [...process.execArgv, WORKER], { stdio: ['ignore', 2, 2, 'ipc'] })
    killWithParent(child)
    const longestSilence = task.timeout * 1000 + GRACE_PERIOD
    let timer: NodeJS.Timeout | undefined
    const restartTimer = () => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        reject(blockedError(task.timeout, longestSilence / 1000))
        child.kill('SIGKILL')
      }, longestSilence)
    }
    child.send(task)
    child.on('message', (message: WorkerMessage) => {
      // The first message says that Node has started: before, no code of the app has run.
      restartTimer()
      if ('progress' in message) progress(message.progress)
      if ('report' in message) resolve(message.report)
      if ('failure' in message) reject(new CommandError(message.failure))
    })
    child.on('error', reject)
    child.on('exit', (status, signal) => {
      clearTimeout(timer)
      reject(exitError(signal ?? `exit status ${status}`))
    })
  })
}

function blockedError (timeout: number, seconds: number): CommandError {
  return new CommandError({
    failed: 'The app does not respond.',
    found: `it blocked its process for ${seconds} s, and was terminated`,
    required: 'an app that loads and closes without blocking',
    fix: `${longerTimeout(timeout)}, or look for an endless loop`
  })
}

function exitError (reason: string): CommandError {
  return new CommandError({
    failed: 'The app ended its own process.',
    found: reason,
    required: 'an app that keeps its process alive until the report is complete',
    fix: 'remove what ends the process, such as process.kill() or a native module that crashes'
  })
}
