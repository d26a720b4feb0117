import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { lint } from '../../src/cli/lint/lint.js'
import { main, type Surroundings } from '../../src/cli/main.js'
import { perform } from '../../src/cli/app/perform.js'
import { probe } from '../../src/cli/probe/probe.js'

export interface Ran { status: number | null, stdout: string, stderr: string }

const FIXTURES = 'test/cli/fixtures'
// Coverage of it counts; what a user runs is its translation in dist.
const SOURCE = fileURLToPath(new URL('../../src/cli/bin.ts', import.meta.url))
const BUILT = fileURLToPath(new URL('../../dist/cli/bin.js', import.meta.url))

export function fixture (name: string): string {
  return `${FIXTURES}/${name}`
}

/** The command in this process, and its app in another one. */
export async function run (argv: string[], { isTTY = false, env = {}, ...others }: { isTTY?: boolean } & Partial<Surroundings> = {}): Promise<Ran> {
  const written = { stdout: '', stderr: '' }
  const output = (name: keyof typeof written) => ({ isTTY, write: (text: string) => { written[name] += text } })
  const status = await main(argv, { stdout: output('stdout'), stderr: output('stderr'), env, perform, ...others })
  return { status, ...written }
}

/** With the app in this process, too, which is faster; of each file only once, as modules are. */
export function runHere (argv: string[]): Promise<Ran> {
  return run(argv, { perform: (task, progress) => task.command === 'lint' ? lint(task) : probe(task, progress) })
}

/** As a user runs it. */
export function runBuilt (argv: string[], nodeOptions: string[] = []): Promise<Ran> {
  return runProcess([...nodeOptions, BUILT, ...argv])
}

export function runSource (argv: string[]): Promise<Ran> {
  return runProcess([...process.execArgv, SOURCE, ...argv])
}

function runProcess (args: string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const written = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text) => { written.stdout += text })
    child.stderr.setEncoding('utf8').on('data', (text) => { written.stderr += text })
    child.on('error', reject).on('close', (status) => resolve({ status, ...written }))
  })
}
