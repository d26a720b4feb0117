import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { lint } from '../../src/cli/lint/lint.js'
import { main, type CommandContext } from '../../src/cli/main.js'
import { probe } from '../../src/cli/probe/probe.js'
import { runTask } from '../../src/cli/worker/run-task.js'

export interface CommandResult { status: number | null, stdout: string, stderr: string }

const SOURCE = fileURLToPath(new URL('../../src/cli/bin.ts', import.meta.url))
export const BUILT = fileURLToPath(new URL('../../dist/cli/bin.js', import.meta.url))

export function fixture (name: string): string {
  return `test/cli/fixtures/${name}`
}

/** What the command prints if it cannot run. */
export function errorMessage (failed: string, found: string, required: string, fix: string): string {
  return `fastify-created: ${failed}\n  Found:    ${found}\n  Required: ${required}\n  Fix:      ${fix}\n`
}

/** Runs the command in this process, and its app in another one. */
export async function run (
  argv: string[], { isTTY = false, env = {}, ...others }: { isTTY?: boolean } & Partial<CommandContext> = {}
): Promise<CommandResult> {
  const written = { stdout: '', stderr: '' }
  const output = (name: keyof typeof written) => ({ isTTY, write: (text: string) => { written[name] += text } })
  const status = await main(argv, { stdout: output('stdout'), stderr: output('stderr'), env, runTask, ...others })
  return { status, ...written }
}

/** Also runs the app in this process, which is faster. Each file can be loaded only once, as any module. */
export function runHere (argv: string[]): Promise<CommandResult> {
  return run(argv, { runTask: (task, progress) => task.command === 'lint' ? lint(task) : probe(task, progress) })
}

/** Runs the built command as a user does. */
export function runBuilt (argv: string[], nodeOptions: string[] = []): Promise<CommandResult> {
  return runProcess([...nodeOptions, BUILT, ...argv])
}

/** Like {@link runBuilt}, with the source, whose coverage counts. */
export function runSource (argv: string[]): Promise<CommandResult> {
  return runProcess([...process.execArgv, SOURCE, ...argv])
}

function runProcess (args: string[]): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const written = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text) => { written.stdout += text })
    child.stderr.setEncoding('utf8').on('data', (text) => { written.stderr += text })
    child.on('error', reject).on('close', (status) => resolve({ status, ...written }))
  })
}
