import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { openDatabase } from '../../examples/database.js'
import {
  assertCreatedOnce, containsPassword, countPending, FAILED, newUsers, query, SELECT_PENDING, startAndInterrupt,
  startImport, TAKEN, toEnv, waitForEnd, waitUntil, type Import, type Storage
} from './imports-support.js'
import {
  assertProblem, captureLogs, newDirectory, newPostgresDatabase, spawnServer, startApp, startProxy, WITHOUT_POSTGRES
} from './support.js'

t.test('imports and restarts, with PGlite', (t) => testRestarts(t, async () => undefined))
t.test('imports and restarts, with PostgreSQL', { skip: WITHOUT_POSTGRES }, (t) => testRestarts(t, newPostgresDatabase))

async function testRestarts (t: Test, newDatabase: (t: Test) => Promise<string | undefined>) {
  const newStorage = async (t: Test): Promise<Storage> => {
    return { dataDir: await newDirectory(t), databaseUrl: await newDatabase(t) }
  }

  await t.test('after kill -9 and a restart the import continues, and creates each user once', async (t) => {
    const storage = await newStorage(t)
    let path = ''
    for (const killAt of [3, 9]) {
      const { child, exited, waitForUrl } = spawnServer(t, toEnv(storage))
      const url = await waitForUrl()
      path ||= new URL(await startImport(url, [...newUsers(20), newUsers(1)[0]])).pathname
      t.match(await waitUntil(url + path, ({ done }) => done >= killAt), { status: 'running' })
      child.kill('SIGKILL')
      t.match(await exited, { signal: 'SIGKILL' })
    }

    const url = await spawnServer(t, toEnv(storage)).waitForUrl()
    const state = await waitForEnd(url + path)
    t.match(state, { status: 'done', total: 21, done: 21, errors: [{ index: 20, detail: TAKEN }] })
    await assertCreatedOnce(t, url, state)
  })

  await t.test('SIGTERM finishes the current user, and the import continues after a restart', async (t) => {
    const storage = await newStorage(t)
    const { child, exited, waitForUrl } = spawnServer(t, toEnv(storage))
    const url = await waitForUrl()
    const path = new URL(await startImport(url, newUsers(25))).pathname
    await waitUntil(url + path, ({ done }) => done > 0)
    child.kill('SIGTERM')
    t.match(await exited, { code: 0, stderr: '' })
    t.not(await countPending(storage), 0)

    const { url: restarted } = await startApp(t, { databaseUrl: undefined, ...storage })
    const state = await waitForEnd(restarted + path)
    t.match(state, { status: 'done', total: 25, done: 25, errors: [] })
    await assertCreatedOnce(t, restarted, state)
  })

  await t.test('no password is stored in plain text', async (t) => {
    const storage = await newStorage(t)
    const { url } = await startApp(t, { databaseUrl: undefined, ...storage })
    const importUrl = await startImport(url, newUsers(10))
    await waitUntil(importUrl, ({ done }) => done > 0)
    t.notOk(await containsPassword(storage.dataDir), 'while it runs')
    await waitForEnd(importUrl)
    t.notOk(await containsPassword(storage.dataDir), 'when it is done')
  })

  await t.test('pending passwords are encrypted, bound to their row, and erased in the end', async (t) => {
    const storage = await newStorage(t)
    const path = await startAndInterrupt(t, storage, newUsers(12))
    const [pending] = await query(storage, SELECT_PENDING,
      "UPDATE import_users SET encrypted_password = 'AAAA' WHERE index = 10",
      `UPDATE import_users
        SET encrypted_password = (SELECT encrypted_password FROM import_users WHERE index = 9) WHERE index = 11`)
    t.not(pending.length, 0)
    t.notMatch(JSON.stringify(pending), /a secret of/)

    const { logs, logger } = captureLogs()
    const { app, url } = await startApp(t, { databaseUrl: undefined, ...storage, logger })
    const state = await waitForEnd(url + path)
    t.match(state, { status: 'done', total: 12, done: 12 })
    t.same(state.errors, [{ index: 10, detail: FAILED }, { index: 11, detail: FAILED }])
    t.equal(logs.filter((line) => line.includes('"level":50')).length, 2)
    for (const { encrypted_password: encrypted } of pending) t.notMatch(logs.join(), encrypted as string)
    await app.close()
    t.equal(await countPending(storage), 0)
  })

  await t.test('an import that is not done within a day fails, and its passwords are erased', async (t) => {
    const storage = await newStorage(t)
    const path = await startAndInterrupt(t, storage, newUsers(8))
    const [{ length: remaining }] = await query(storage, SELECT_PENDING,
      "UPDATE import_users SET created_at = created_at - interval '25 hours'")
    await rm(join(storage.dataDir, 'key'))

    // The server now creates a new key, and cannot decrypt the passwords.
    const { app, url } = await startApp(t, { databaseUrl: undefined, ...storage })
    const newImport = await startImport(url, newUsers(2, 'new')).then(waitForEnd)
    t.match(newImport, { status: 'done', errors: [] })
    const response = await fetch(url + path)
    t.equal(response.headers.get('etag'), '"failed-8"')
    const state = await response.json() as Import
    t.match(state, { status: 'failed', total: 8, done: 8 })
    t.equal(state.created.length, 8 - remaining)
    const expected = Array.from({ length: remaining }, (_, index) => 8 - remaining + index)
    t.same(state.errors.map(({ index }) => index), expected)
    for (const { detail } of state.errors) t.match(detail, /could not be created within a day/)
    await app.close()
    t.equal(await countPending(storage), 0)
  })
}

t.test('several servers on one PostgreSQL', { skip: WITHOUT_POSTGRES }, async (t) => {
  await t.test('with one data directory continue the import of a killed server when they are asked', async (t) => {
    const storage = { dataDir: await newDirectory(t), databaseUrl: await newPostgresDatabase(t) }
    const servers = [1, 2, 3].map(() => spawnServer(t, toEnv(storage)))
    const [first, second, third] = await Promise.all(servers.map((server) => server.waitForUrl()))
    t.same((await readdir(storage.dataDir)).sort(), ['files', 'key', 'partial'])

    const path = new URL(await startImport(first, newUsers(30))).pathname
    await waitUntil(first + path, ({ done }) => done >= 3)
    servers[0].child.kill('SIGKILL')
    await servers[0].exited
    t.not(await countPending(storage), 0)

    const states = await Promise.all([waitForEnd(second + path), waitForEnd(third + path)])
    t.same(states[0], states[1])
    t.match(states[0], { status: 'done', total: 30, done: 30, errors: [] })
    await assertCreatedOnce(t, third, states[0])
  })

  await t.test('with their own data directories continue only their own imports', async (t) => {
    const databaseUrl = await newPostgresDatabase(t)
    const storage = { dataDir: await newDirectory(t), databaseUrl }
    const path = await startAndInterrupt(t, storage, newUsers(8))
    const remaining = await countPending(storage)

    const { url: otherUrl } = await startApp(t, { databaseUrl })
    t.match(await (await fetch(otherUrl + path)).json(), { status: 'running', done: 8 - remaining })
    const otherImport = await startImport(otherUrl, newUsers(2, 'other')).then(waitForEnd)
    t.match(otherImport, { status: 'done', done: 2, errors: [] })
    t.match(await (await fetch(otherUrl + path)).json(), { status: 'running', done: 8 - remaining })
    t.equal(await countPending(storage), remaining)

    const { url: ownUrl } = await startApp(t, storage)
    const state = await waitForEnd(ownUrl + path)
    t.match(state, { status: 'done', total: 8, done: 8, errors: [] })
    t.same(await (await fetch(otherUrl + path)).json(), state)
  })
})

t.test('a database that fails during an import', { skip: WITHOUT_POSTGRES }, async (t) => {
  const failures = ['disconnect', 'stall'] as const
  await Promise.all(failures.map((failure) => t.test(`(${failure}) and recovers: the import continues`, async (t) => {
    const databaseUrl = await newPostgresDatabase(t)
    const proxy = await startProxy(t, new URL(databaseUrl))
    const { logs, logger } = captureLogs()
    const { url, dataDir } = await startApp(t, { databaseUrl: proxy.url, logger })
    const importUrl = await startImport(url, newUsers(30))
    await waitUntil(importUrl, ({ done }) => done > 0)

    proxy[failure]()
    await assertProblem(t, await fetch(importUrl), 503, /not responding/)
    const isJobError = (line: string) => line.includes('"level":50') && !line.includes('reqId')
    while (!logs.some(isJobError)) await fetch(importUrl)
    proxy.recover()
    // Counts without the server, because a request for the import would trigger it.
    const { db, close } = await openDatabase(dataDir, databaseUrl)
    t.teardown(close)
    const countUsers = async () => {
      const { rows } = await db.execute(sql`SELECT FROM users`) as unknown as { rows: unknown[] }
      return rows.length
    }
    while (await countUsers() < 30);

    const state = await waitForEnd(importUrl)
    t.match(state, { status: 'done', total: 30, done: 30, errors: [] })
    await assertCreatedOnce(t, url, state)
    t.notMatch(logs.join(), /a secret of|scrypt\$/)
  })))

  await t.test('because it rejects a user: the reason is logged, and the import ends', async (t) => {
    const storage = { dataDir: await newDirectory(t), databaseUrl: await newPostgresDatabase(t) }
    const { logs, logger } = captureLogs()
    const { url } = await startApp(t, { ...storage, logger })
    await query(storage, "ALTER TABLE users ADD CHECK (username <> 'user-1')")
    const state = await startImport(url, newUsers(3)).then(waitForEnd)
    t.match(state, { status: 'done', total: 3, done: 3 })
    t.same(state.errors, [{ index: 1, detail: FAILED }])
    t.equal(logs.filter((line) => line.includes('"level":50')).length, 1)
    t.match(logs.join(), /violates check constraint/)
    t.notMatch(logs.join(), /a secret of|scrypt\$|user-1/)
  })

  await t.test('to record a result: the server tries again', async (t) => {
    const storage = { dataDir: await newDirectory(t), databaseUrl: await newPostgresDatabase(t) }
    const { logs, logger } = captureLogs()
    const { url } = await startApp(t, { ...storage, logger })
    const importUrl = await startImport(url, newUsers(12))
    await waitUntil(importUrl, ({ done }) => done > 0)
    const constraint = 'CONSTRAINT broken CHECK (encrypted_password IS NOT NULL) NOT VALID'
    await query(storage, `ALTER TABLE import_users ADD ${constraint}`)
    while (!logs.some((line) => line.includes('"level":50'))) await fetch(importUrl)
    await query(storage, 'ALTER TABLE import_users DROP CONSTRAINT broken')
    const state = await waitForEnd(importUrl)
    t.match(state, { status: 'done', total: 12, done: 12, errors: [] })
    await assertCreatedOnce(t, url, state)
  })
})
