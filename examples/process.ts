import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** Names this process, and no other: not one on another machine, and not an earlier one that had the same number. */
export const THIS_PROCESS = `${hostname()}~${process.pid}~${startOf(process.pid)}~${randomUUID()}`

/** Whether the process of that name runs, `undefined` where it is on another machine and nobody can tell. */
export function isRunning (name: string): boolean | undefined {
  const [host, pid, start] = name.split('~')
  if (name === THIS_PROCESS) return true
  if (host !== hostname()) return undefined
  return Number(pid) !== process.pid && startOf(Number(pid)) === start && hasNumber(Number(pid))
}

/** When it started, where the system tells: after a crash or a restart of the machine another process may have its number. */
function startOf (pid: number): string {
  try {
    const [, status] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(/\) (?=[^)]*$)/)
    const [state, ...fields] = status.split(' ')
    return state === 'Z' ? 'ended' : fields[18]
  } catch {
    return ''
  }
}

function hasNumber (pid: number): boolean {
  try {
    return process.kill(pid, 0) // signal 0 only asks
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // somebody else's
  }
}
