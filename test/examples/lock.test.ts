import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { lockDirectory, removeStaleLock } from '../../examples/lock.js'
import { isProcessRunning, PROCESS_NAME } from '../../examples/process.js'
import { newDirectory } from './support.js'

const WITHOUT_START_TIME = process.platform !== 'linux' && 'only Linux tells when a process started'

t.test('a process is running until it ends, also if another process gets its PID later', async (t) => {
  t.equal(isProcessRunning(PROCESS_NAME), true)
  t.equal(isProcessRunning(`another.host~${process.pid}~~${randomUUID()}`), undefined)
  t.equal(isProcessRunning(`${hostname()}~${process.pid}~1~${randomUUID()}`), false)
  const child = spawn(process.execPath, ['--version'])
  await once(child, 'exit')
  t.equal(isProcessRunning(`${hostname()}~${child.pid}~~${randomUUID()}`), false)
})

t.test('another process with the same PID is told apart by its start time', { skip: WITHOUT_START_TIME }, async (t) => {
  const [,, startTime] = PROCESS_NAME.split('~')
  t.match(startTime, /^\d+$/)
  t.equal(isProcessRunning(`${hostname()}~${process.ppid}~1~${randomUUID()}`), false)
})

t.test('a directory is locked once, and again after it is unlocked', async (t) => {
  const directory = await newDirectory(t)
  const unlock = await lockDirectory(directory)
  await t.rejects(lockDirectory(directory), /is in use by another server/)
  await unlock()
  const unlockAgain = await lockDirectory(directory)
  await unlockAgain()
  t.same(await readdir(directory), [])
})

t.test('if two servers find a stale lock at the same moment, one gets it', async (t) => {
  const directory = await newDirectory(t)
  const path = join(directory, 'lock')
  await writeFile(path, `${hostname()}~${process.pid}~1~${randomUUID()}`)
  const results = await Promise.allSettled([lockDirectory(directory), lockDirectory(directory)])
  t.equal(results.filter((result) => result.status === 'fulfilled').length, 1)
  t.equal(await readFile(path, 'utf8'), PROCESS_NAME)

  t.equal(await removeStaleLock(path, 'a lock that has been replaced since'), false)
  t.equal(await readFile(path, 'utf8'), PROCESS_NAME)
  t.equal(await removeStaleLock(path, PROCESS_NAME), true)
  t.equal(await removeStaleLock(path, PROCESS_NAME), true)
  t.same(await readdir(directory), [])
})
