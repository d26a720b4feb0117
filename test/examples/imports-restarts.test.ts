import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { openDatabase } from '../../examples/database.js'
import { countWaiting, FAILED, hasPassword, interrupt, isEachThereOnce, newUsers, query, startImport, TAKEN, toEnv, until, untilEnded, WAITING, type Import, type Place } from './imports-support.js'
import { isProblem, keepLogs, newDirectory, newPostgresDatabase, spawnServer, startApp, startProxy, WITHOUT_POSTGRES } from './support.js'

t.test('imports and restarts, with PGlite', (t) => testRestarts(t, async () => undefined))
t.test('imports and restarts, with PostgreSQL', { skip: WITHOUT_POSTGRES }, (t) => testRestarts(t, newPostgresDatabase))

async function testRestarts (t: Test, newDatabase: (t: Test) => Promise<string | undefined>) {
  const newPlace = async (t: Test): Promise<Place> => ({ dataDir: await newDirectory(t), databaseUrl: await newDatabase(t) })

  await t.test('a server that is killed in the middle goes on after its restart, and creates each user once', async (t) => {
    const place = await newPlace(t)
    let monitor = ''
    for (const enough of [3, 9]) {
      const { child, ended, listening } = spawnServer(t, toEnv(place))
      const url = await listening()
      monitor ||= new URL(await startImport(url, [...newUsers(20), newUsers(1)[0]])).pathname
      t.match(await until(url + monitor, ({ done }) => done >= enough), { status: 'running' })
      child.kill('SIGKILL')
      t.match(await ended, { signal: 'SIGKILL' })
    }

    const url = await spawnServer(t, toEnv(place)).listening()
    const state = await untilEnded(url + monitor)
    t.match(state, { status: 'done', total: 21, done: 21, errors: [{ index: 20, detail: TAKEN }] })
    await isEachThereOnce(t, url, state)
  })

  await t.test('SIGTERM in the middle lets the user at hand be finished, and the rest goes on after the restart', async (t) => {
    const place = await newPlace(t)
    const { child, ended, listening } = spawnServer(t, toEnv(place))
    const url = await listening()
    const monitor = new URL(await startImport(url, newUsers(25))).pathname
    await until(url + monitor, ({ done }) => done > 0)
    child.kill('SIGTERM')
    t.match(await ended, { code: 0, stderr: '' })
    t.not(await countWaiting(place), 0)

    const { url: restarted } = await startApp(t, { databaseUrl: undefined, ...place })
    const state = await untilEnded(restarted + monitor)
    t.match(state, { status: 'done', total: 25, done: 25, errors: [] })
    await isEachThereOnce(t, restarted, state)
  })

  await t.test('no password is ever stored in plain: not in the tables, and not in a file', async (t) => {
    const place = await newPlace(t)
    const { url } = await startApp(t, { databaseUrl: undefined, ...place })
    const monitor = await startImport(url, newUsers(10))
    await until(monitor, ({ done }) => done > 0)
    t.notOk(await hasPassword(place.dataDir), 'while it runs')
    await untilEnded(monitor)
    t.notOk(await hasPassword(place.dataDir), 'when it is done')
  })

  await t.test('what waits is sealed, cannot be moved to another row, and is erased when it is settled', async (t) => {
    const place = await newPlace(t)
    const monitor = await interrupt(t, place, newUsers(12))
    const [waiting] = await query(place, WAITING,
      "UPDATE import_users SET sealed_password = 'AAAA' WHERE index = 10",
      'UPDATE import_users SET sealed_password = (SELECT sealed_password FROM import_users WHERE index = 9) WHERE index = 11')
    t.not(waiting.length, 0)
    t.notMatch(JSON.stringify(waiting), /a secret of/)

    const { logs, logger } = keepLogs()
    const { app, url } = await startApp(t, { databaseUrl: undefined, ...place, logger })
    const state = await untilEnded(url + monitor)
    t.match(state, { status: 'done', total: 12, done: 12 })
    t.same(state.errors, [{ index: 10, detail: FAILED }, { index: 11, detail: FAILED }])
    t.equal(logs.filter((line) => line.includes('"level":50')).length, 2)
    for (const { sealed_password: sealed } of waiting) t.notMatch(logs.join(), sealed as string)
    await app.close()
    t.equal(await countWaiting(place), 0)
  })

  await t.test('an import that is not done a day after it was sent has failed, and its passwords are erased', async (t) => {
    const place = await newPlace(t)
    const monitor = await interrupt(t, place, newUsers(8))
    const [{ length: left }] = await query(place, WAITING, "UPDATE import_users SET created_at = created_at - interval '25 hours'")
    await rm(join(place.dataDir, 'key'))

    // It has another key now, and gives up what it cannot unseal.
    const { app, url } = await startApp(t, { databaseUrl: undefined, ...place })
    const young = await startImport(url, newUsers(2, 'young')).then(untilEnded)
    t.match(young, { status: 'done', errors: [] })
    const response = await fetch(url + monitor)
    t.equal(response.headers.get('etag'), '"failed-8"')
    const state = await response.json() as Import
    t.match(state, { status: 'failed', total: 8, done: 8 })
    t.equal(state.created.length, 8 - left)
    t.same(state.errors.map(({ index }) => index), Array.from({ length: left }, (_, index) => 8 - left + index))
    for (const { detail } of state.errors) t.match(detail, /given up: a day after/)
    await app.close()
    t.equal(await countWaiting(place), 0)
  })
}

t.test('several servers on one PostgreSQL', { skip: WITHOUT_POSTGRES }, async (t) => {
  await t.test('with one directory finish what one of them was killed at, when they are asked', async (t) => {
    const place = { dataDir: await newDirectory(t), databaseUrl: await newPostgresDatabase(t) }
    const servers = [1, 2, 3].map(() => spawnServer(t, toEnv(place)))
    const [first, second, third] = await Promise.all(servers.map((server) => server.listening()))
    t.same((await readdir(place.dataDir)).sort(), ['files', 'key', 'partial'])

    const monitor = new URL(await startImport(first, newUsers(30))).pathname
    await until(first + monitor, ({ done }) => done >= 3)
    servers[0].child.kill('SIGKILL')
    await servers[0].ended
    t.not(await countWaiting(place), 0)

    const states = await Promise.all([untilEnded(second + monitor), untilEnded(third + monitor)])
    t.same(states[0], states[1])
    t.match(states[0], { status: 'done', total: 30, done: 30, errors: [] })
    await isEachThereOnce(t, third, states[0])
  })

  await t.test('with directories of their own leave to each what it has sealed', async (t) => {
    const databaseUrl = await newPostgresDatabase(t)
    const place = { dataDir: await newDirectory(t), databaseUrl }
    const monitor = await interrupt(t, place, newUsers(8))
    const left = await countWaiting(place)

    const { url } = await startApp(t, { databaseUrl })
    t.match(await (await fetch(url + monitor)).json(), { status: 'running', done: 8 - left })
    t.match(await startImport(url, newUsers(2, 'own')).then(untilEnded), { status: 'done', done: 2, errors: [] })
    t.match(await (await fetch(url + monitor)).json(), { status: 'running', done: 8 - left })
    t.equal(await countWaiting(place), left)

    const { url: owner } = await startApp(t, place)
    const state = await untilEnded(owner + monitor)
    t.match(state, { status: 'done', total: 8, done: 8, errors: [] })
    t.same(await (await fetch(url + monitor)).json(), state)
  })
})

t.test('a database that fails in the middle', { skip: WITHOUT_POSTGRES }, async (t) => {
  await Promise.all((['end', 'silence'] as const).map((failure) => t.test(`(${failure}) and comes back finds the import going on, though nobody asks`, async (t) => {
    const databaseUrl = await newPostgresDatabase(t)
    const proxy = await startProxy(t, new URL(databaseUrl))
    const { logs, logger } = keepLogs()
    const { url, dataDir } = await startApp(t, { databaseUrl: proxy.url, logger })
    const monitor = await startImport(url, newUsers(30))
    await until(monitor, ({ done }) => done > 0)

    proxy[failure]()
    await isProblem(t, await fetch(monitor), 503, /does not answer/)
    while (!logs.some((line) => line.includes('"level":50') && !line.includes('reqId'))) await fetch(monitor)
    proxy.recover()
    const { db, close } = await openDatabase(dataDir, databaseUrl)
    t.teardown(close)
    const countAll = async () => (await db.execute(sql`SELECT FROM users`) as unknown as { rows: unknown[] }).rows.length
    while (await countAll() < 30);

    const state = await untilEnded(monitor)
    t.match(state, { status: 'done', total: 30, done: 30, errors: [] })
    await isEachThereOnce(t, url, state)
    t.notMatch(logs.join(), /a secret of|scrypt\$/)
  })))

  await t.test('and refuses a user for no reason that we know has that in its log, and the import ends', async (t) => {
    const place = { dataDir: await newDirectory(t), databaseUrl: await newPostgresDatabase(t) }
    const { logs, logger } = keepLogs()
    const { url } = await startApp(t, { ...place, logger })
    await query(place, "ALTER TABLE users ADD CHECK (username <> 'user-1')")
    const state = await startImport(url, newUsers(3)).then(untilEnded)
    t.match(state, { status: 'done', total: 3, done: 3 })
    t.same(state.errors, [{ index: 1, detail: FAILED }])
    t.equal(logs.filter((line) => line.includes('"level":50')).length, 1)
    t.match(logs.join(), /violates check constraint/)
    t.notMatch(logs.join(), /a secret of|scrypt\$|user-1/)
  })

  await t.test('and cannot record anything is tried again', async (t) => {
    const place = { dataDir: await newDirectory(t), databaseUrl: await newPostgresDatabase(t) }
    const { logs, logger } = keepLogs()
    const { url } = await startApp(t, { ...place, logger })
    const monitor = await startImport(url, newUsers(12))
    await until(monitor, ({ done }) => done > 0)
    await query(place, 'ALTER TABLE import_users ADD CONSTRAINT broken CHECK (sealed_password IS NOT NULL) NOT VALID')
    while (!logs.some((line) => line.includes('"level":50'))) await fetch(monitor)
    await query(place, 'ALTER TABLE import_users DROP CONSTRAINT broken')
    const state = await untilEnded(monitor)
    t.match(state, { status: 'done', total: 12, done: 12, errors: [] })
    await isEachThereOnce(t, url, state)
  })
})
