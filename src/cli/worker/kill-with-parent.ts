import type { ChildProcess } from 'node:child_process'

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** A child that blocks does not notice that its parent ends, so the parent kills it before. */
export function killWithParent (child: ChildProcess): void {
  const kill = () => { child.kill('SIGKILL') }
  const onSignal = (signal: NodeJS.Signals) => {
    kill()
    removeListeners()
    // Without listeners the signal ends this process, so that its sender sees the signal as the reason.
    process.kill(process.pid, signal)
  }
  const removeListeners = () => {
    process.off('exit', kill)
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
  process.on('exit', kill)
  for (const signal of SIGNALS) process.on(signal, onSignal)
  // It is emitted after an error, too.
  child.once('close', removeListeners)
}
