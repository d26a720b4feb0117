import { readArguments, type Command } from './arguments.js'
import { requireConsent } from './probe/consent.js'
import { CannotRun } from './failure.js'
import { helpFor } from './help.js'
import { isClean } from './report/clean.js'
import { painter, type Painter } from './report/paint.js'
import { render } from './report/render.js'
import { readScenarios } from './probe/scenario-file.js'
import type { Progress, Report, Task } from './app/task.js'
import { ownVersion } from './version.js'

/** A stream that text goes to, and whether a person looks at it. */
export interface Output {
  write: (text: string) => unknown
  isTTY?: boolean
}

/** What the command has around it. */
export interface Surroundings {
  stdout: Output
  stderr: Output
  env: Record<string, string | undefined>
  /** Does the work, in whatever process. @throws CannotRun */
  perform: (task: Task, progress: Progress) => Promise<Report>
}

/** The command: arguments in, report out. @returns the exit status: 0 clean, 1 findings, 2 could not run */
export async function main (argv: readonly string[], surroundings: Surroundings): Promise<0 | 1 | 2> {
  const { stdout, stderr, env, perform } = surroundings
  try {
    const command = readArguments(argv)
    if (command.command === 'help' || command.command === 'version') {
      stdout.write(command.command === 'help' ? helpFor(command.about) : `${ownVersion()}\n`)
      return 0
    }
    const progress = progressOn(stderr)
    const report = await perform(taskOf(command), progress).finally(() => progress(''))
    stdout.write(render(report, command.format, painterFor(stdout, env)))
    return isClean(report) ? 0 : 1
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error
    stderr.write(`fastify-created: ${error.message}\n`)
    return 2
  }
}

function taskOf (command: Exclude<Command, { command: 'help' | 'version' }>): Task {
  const { profile, timeout } = command
  if (command.command === 'lint') return { command: 'lint', file: command.file, profile, timeout }
  requireConsent(command)
  const { target, headers, scenario } = command
  return { command: 'probe', target, profile, timeout, headers, ...(scenario !== undefined && { scenarios: readScenarios(scenario) }) }
}

/** One line that is written over, for a person who waits. */
function progressOn (stderr: Output): Progress {
  if (stderr.isTTY !== true) return () => {}
  return (text) => { stderr.write(`\r\x1b[2K${text}`) }
}

/** https://no-color.org */
function painterFor (stdout: Output, { NO_COLOR = '' }: Surroundings['env']): Painter {
  return painter(stdout.isTTY === true && NO_COLOR === '')
}
