import { parseArguments, type Command } from './arguments.js'
import { CommandError } from './command-error.js'
import { helpText } from './help.js'
import { packageVersion } from './package-version.js'
import { requirePermission } from './probe/permission.js'
import { readScenarios } from './probe/scenario-file.js'
import { formatReport } from './report/format-report.js'
import { isClean, type Report } from './report/report.js'
import { colored, plain } from './report/style.js'
import type { Progress, Task } from './worker/task.js'

/** A stream that text is written to. `isTTY` is true if it is a terminal. */
interface Output {
  write: (text: string) => unknown
  isTTY?: boolean
}

/** What {@link main} uses of the process that it runs in. */
export interface CommandContext {
  stdout: Output
  stderr: Output
  env: Record<string, string | undefined>
  /** @throws CommandError */
  runTask: (task: Task, progress: Progress) => Promise<Report>
}

/** @returns the exit status: 0 clean, 1 findings, 2 could not run */
export async function main (argv: readonly string[], context: CommandContext): Promise<0 | 1 | 2> {
  const { stdout, stderr, env, runTask } = context
  try {
    const command = parseArguments(argv)
    if (command.command === 'help' || command.command === 'version') {
      stdout.write(command.command === 'help' ? helpText(command.topic) : `${packageVersion()}\n`)
      return 0
    }
    const progress = progressOn(stderr)
    const report = await runTask(taskFor(command), progress).finally(() => progress(''))
    stdout.write(formatReport(report, command.format, isColored(stdout, env) ? colored : plain))
    return isClean(report) ? 0 : 1
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    stderr.write(`fastify-created: ${error.message}\n`)
    return 2
  }
}

function taskFor (command: Exclude<Command, { command: 'help' | 'version' }>): Task {
  const { profile, timeout } = command
  if (command.command === 'lint') return { command: 'lint', file: command.file, profile, timeout }
  requirePermission(command)
  const { target, headers, scenario } = command
  const scenarios = scenario === undefined ? undefined : readScenarios(scenario)
  return { command: 'probe', target, profile, timeout, headers, ...(scenarios && { scenarios }) }
}

/** A line that each step overwrites, on a terminal only. */
function progressOn (stderr: Output): Progress {
  if (stderr.isTTY !== true) return () => {}
  return (text) => { stderr.write(`\r\x1b[2K${text}`) }
}

/** https://no-color.org */
function isColored (stdout: Output, { NO_COLOR = '' }: CommandContext['env']): boolean {
  return stdout.isTTY === true && NO_COLOR === ''
}
