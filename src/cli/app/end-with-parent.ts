import type { ChildProcess } from 'node:child_process'

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** A child that blocks does not notice that its parent has gone: it is ended first. */
export function endWithParent (child: ChildProcess): void {
  const kill = () => { child.kill('SIGKILL') }
  const pass = (signal: NodeJS.Signals) => {
    kill()
    release()
    // Without a listener it does what it does by default: whoever sent it sees that it was the reason.
    process.kill(process.pid, signal)
  }
  const release = () => {
    process.off('exit', kill)
    for (const signal of SIGNALS) process.off(signal, pass)
  }
  process.on('exit', kill)
  for (const signal of SIGNALS) process.on(signal, pass)
  // It comes after an error, too.
  child.once('close', release)
}
