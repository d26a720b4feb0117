import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { lockDirectory, removeStale } from '../../examples/lock.js'
import { isRunning, THIS_PROCESS } from '../../examples/process.js'
import { newDirectory } from './support.js'

t.test('a process runs until it has ended, whoever has its number later', async (t) => {
  t.equal(isRunning(THIS_PROCESS), true)
  t.equal(isRunning(`another.host~${process.pid}~~${randomUUID()}`), undefined)
  t.equal(isRunning(`${hostname()}~${process.pid}~1~${randomUUID()}`), false)
  const child = spawn(process.execPath, ['--version'])
  await once(child, 'exit')
  t.equal(isRunning(`${hostname()}~${child.pid}~~${randomUUID()}`), false)
})

t.test('a number that another process has now is not enough', { skip: process.platform !== 'linux' && 'only Linux tells when a process started' }, async (t) => {
  const [,, start] = THIS_PROCESS.split('~')
  t.match(start, /^\d+$/)
  t.equal(isRunning(`${hostname()}~${process.ppid}~1~${randomUUID()}`), false)
})

t.test('a lock is taken once, and again when it is released', async (t) => {
  const directory = await newDirectory(t)
  const release = await lockDirectory(directory)
  await t.rejects(lockDirectory(directory), /is in use by another server/)
  await release()
  const releaseAgain = await lockDirectory(directory)
  await releaseAgain()
  t.same(await readdir(directory), [])
})

t.test('of two that find a stale lock at the same moment one gets it', async (t) => {
  const directory = await newDirectory(t)
  const path = join(directory, 'lock')
  await writeFile(path, `${hostname()}~${process.pid}~1~${randomUUID()}`)
  const results = await Promise.allSettled([lockDirectory(directory), lockDirectory(directory)])
  t.equal(results.filter((result) => result.status === 'fulfilled').length, 1)
  t.equal(await readFile(path, 'utf8'), THIS_PROCESS)

  t.equal(await removeStale(path, 'of one that the other has replaced since'), false)
  t.equal(await readFile(path, 'utf8'), THIS_PROCESS)
  t.equal(await removeStale(path, THIS_PROCESS), true)
  t.equal(await removeStale(path, THIS_PROCESS), true)
  t.same(await readdir(directory), [])
})
