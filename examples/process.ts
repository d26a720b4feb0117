import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'

/** Names this process, and no other: not one on another machine, and not an earlier one that had the same number. */
export const THIS_PROCESS = `${hostname()}~${process.pid}~${randomUUID()}`

/** Whether the process of that name runs, `undefined` where it is on another machine and nobody can tell. */
export function isRunning (name: string): boolean | undefined {
  const [host, pid] = name.split('~')
  if (name === THIS_PROCESS) return true
  if (host !== hostname()) return undefined
  return Number(pid) !== process.pid && hasNumber(Number(pid))
}

function hasNumber (pid: number): boolean {
  try {
    return process.kill(pid, 0) // signal 0 only asks
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // somebody else's
  }
}
