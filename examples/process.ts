import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** A name for this process that no other process has: not on another machine, and not an earlier one with its PID. */
export const PROCESS_NAME = `${hostname()}~${process.pid}~${startTimeOf(process.pid)}~${randomUUID()}`

/** Whether the process with this name runs; `undefined` if it is on another machine, so that this is unknown. */
export function isProcessRunning (name: string): boolean | undefined {
  const [host, pid, startTime] = name.split('~')
  if (name === PROCESS_NAME) return true
  if (host !== hostname()) return undefined
  return Number(pid) !== process.pid && startTimeOf(Number(pid)) === startTime && isPidInUse(Number(pid))
}

/** The start time on Linux, otherwise an empty string. It tells apart processes that had the same PID. */
function startTimeOf (pid: number): string {
  try {
    const [, status] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(/\) (?=[^)]*$)/)
    const [state, ...fields] = status.split(' ')
    return state === 'Z' ? 'ended' : fields[18]
  } catch {
    return ''
  }
}

function isPidInUse (pid: number): boolean {
  try {
    return process.kill(pid, 0) // signal 0 only checks
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // a process of another user
  }
}
