import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import t from 'tap'
import { inTransaction, isUnavailable, openDatabase, type Database } from '../../examples/database.js'
import { readEnvironment } from '../../examples/environment.js'
import {
  assertProblem, newDirectory, newPostgresDatabase, openSocket, postForm, postJson, readAll, spawnServer, startApp,
  startProxy, WITHOUT_POSTGRES
} from './support.js'

const ada = { username: 'ada', email: 'ada@example.com', password: 'a long password' }
const UPLOAD_BODY = [
  '--x',
  'Content-Disposition: form-data; name="file"; filename="a.txt"',
  '',
  'byte-by-byte',
  '--x--',
  ''
].join('\r\n')
const UPLOAD_HEAD = [
  'POST /files HTTP/1.1',
  'Host: localhost',
  'Connection: close',
  'Content-Type: multipart/form-data; boundary=x',
  `Content-Length: ${UPLOAD_BODY.length}`,
  '',
  ''
].join('\r\n')
const [UPLOAD_START, UPLOAD_END] = [UPLOAD_HEAD + UPLOAD_BODY.slice(0, -20), UPLOAD_BODY.slice(-20)]

t.test('the environment has defaults, and an empty variable counts as not set', async (t) => {
  const defaults = {
    host: '127.0.0.1',
    port: 3000,
    dataDir: '.data',
    databaseUrl: undefined,
    apiToken: 'dev-token',
    corsOrigin: undefined,
    uploadLimit: 2147483648
  }
  t.same(readEnvironment({}), defaults)
  const empty = {
    HOST: '', PORT: '', DATA_DIR: '', DATABASE_URL: '', API_TOKEN: '', CORS_ORIGIN: '', UPLOAD_LIMIT: ''
  }
  t.same(readEnvironment(empty), defaults)
  t.same(readEnvironment({
    HOST: '0.0.0.0',
    PORT: '0',
    DATA_DIR: 'd',
    DATABASE_URL: 'postgres://u@h/d',
    API_TOKEN: 'a+b/c==',
    CORS_ORIGIN: 'http://localhost:5173',
    UPLOAD_LIMIT: '10'
  }), {
    host: '0.0.0.0',
    port: 0,
    dataDir: 'd',
    databaseUrl: 'postgres://u@h/d',
    apiToken: 'a+b/c==',
    corsOrigin: 'http://localhost:5173',
    uploadLimit: 10
  })
})

t.test('an invalid environment is rejected with the name of the variable', async (t) => {
  for (const [name, values] of Object.entries({
    PORT: ['abc', '65536', '-1', '1.5', '0x50', ' 80'],
    UPLOAD_LIMIT: ['2GB', '0', '99999999999999999999'],
    CORS_ORIGIN: [
      '*', 'null', 'example.com', 'https://example.com/', 'https://example.com/app', 'https://EXAMPLE.com',
      'https://u:p@example.com', 'file://', 'ftp://a.example', 'https://a.example, https://b.example'
    ],
    API_TOKEN: ['a secret', 'secret\n', '=', 'sécret'],
    DATABASE_URL: ['mysql://u:secret@h/d', 'secret', 'postgres://u:secret@h:x/d']
  })) {
    for (const value of values) {
      t.throws(() => readEnvironment({ [name]: value }), { message: new RegExp(`^${name} must be `) }, value)
      t.throws(() => readEnvironment({ [name]: value }), { message: /^((?!secret).)*$/ })
    }
  }
})

t.test('a server that cannot start says why in one line, and exits with 1', async (t) => {
  const DATA_DIR = await newDirectory(t)
  const file = join(DATA_DIR, 'file')
  await writeFile(file, '')
  const cases: Array<[env: Record<string, string>, pattern: RegExp]> = [
    [{ PORT: 'abc' }, /PORT .*'abc'/],
    [{ DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:1/x' }, /ECONNREFUSED/],
    [{ DATA_DIR: file }, /not a directory|EEXIST|ENOTDIR/]
  ]
  await Promise.all(cases.map(async ([env, pattern]) => {
    const { code, stderr } = await spawnServer(t, { DATA_DIR, ...env }).exited
    t.equal(code, 1, JSON.stringify(env))
    t.match(stderr, new RegExp(`^The server cannot start: .*${pattern.source}.*\n$`))
    t.notMatch(stderr, /secret/)
  }))
})

t.test('with PGlite', async (t) => {
  const DATA_DIR = await newDirectory(t)

  await t.test('SIGTERM finishes the running request, closes other connections, and the exit code is 0', async (t) => {
    const { child, exited, lines, waitForLog, waitForUrl } = spawnServer(t, { DATA_DIR })
    const url = await waitForUrl()
    t.equal(lines.filter((line) => line.includes(url)).length, 1)
    const { port } = new URL(url)
    t.equal((await postJson(`${url}/users`, ada)).status, 201)

    const [idle, running] = [openSocket(port), openSocket(port)]
    const idleClosed = readAll(idle)
    idle.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await waitForLog(/"url":"\/health"/)
    await waitForLog(/"statusCode":200/)
    running.write(UPLOAD_START)
    await waitForLog(/"url":"\/files"/)

    child.kill('SIGTERM')
    while (await accepts(port));
    child.kill('SIGTERM')
    running.write(UPLOAD_END)
    t.match(await readAll(running), /^HTTP\/1.1 201 .*"size":12,.*\}/s)
    t.match(await idleClosed, /^HTTP\/1.1 200 /)
    t.match(await exited, { code: 0, stderr: '' })
  })

  await t.test('SIGTERM does not wait for connections without a request', async (t) => {
    const { child, exited, waitForLog, waitForUrl } = spawnServer(t, { DATA_DIR })
    const { port } = new URL(await waitForUrl())
    const [unused, first, last] = [openSocket(port), openSocket(port), openSocket(port)]
    const unusedClosed = readAll(unused)
    const KEPT_ALIVE = UPLOAD_START.replace('Connection: close\r\n', '')
    first.write(KEPT_ALIVE)
    await waitForLog(/"reqId":"req-1"/)
    last.write(KEPT_ALIVE)
    await waitForLog(/"reqId":"req-2"/)

    child.kill('SIGTERM')
    t.equal(await unusedClosed, '')
    first.write(UPLOAD_END)
    t.match(await readAll(first), /^HTTP\/1.1 201 /)
    last.write(UPLOAD_END)
    t.match(await readAll(last), /^HTTP\/1.1 201 /)
    t.match(await exited, { code: 0, stderr: '' })
  })

  await t.test('stored data is there after a restart, and a second server cannot start', async (t) => {
    const first = spawnServer(t, { DATA_DIR })
    const url = await first.waitForUrl()
    const { items } = await (await fetch(`${url}/users`)).json() as { items: unknown[] }
    t.match(items, [{ username: 'ada' }])

    const second = await spawnServer(t, { DATA_DIR }).exited
    t.equal(second.code, 1)
    t.match(second.stderr, /^The server cannot start: .* is in use .*\n$/)
    t.equal((await fetch(`${url}/health`)).status, 200)
  })

  await t.test('a server removes the unfinished upload of one that was killed', async (t) => {
    const first = spawnServer(t, { DATA_DIR })
    const socket = openSocket(new URL(await first.waitForUrl()).port)
    socket.on('error', () => {}).write(UPLOAD_START)
    await first.waitForLog(/"url":"\/files"/)
    while ((await readdir(join(DATA_DIR, 'partial'))).length === 0);
    first.child.kill('SIGKILL')
    await first.exited
    t.equal((await readdir(join(DATA_DIR, 'partial'))).length, 1)

    await spawnServer(t, { DATA_DIR }).waitForUrl()
    t.equal((await readdir(join(DATA_DIR, 'partial'))).length, 0)
    t.equal((await readdir(join(DATA_DIR, 'files'))).length, 3)
  })
})

t.test('with PostgreSQL', { skip: WITHOUT_POSTGRES }, async (t) => {
  await t.test('servers that start at the same moment share a new database', async (t) => {
    const [DATABASE_URL, DATA_DIR] = [await newPostgresDatabase(t), await newDirectory(t)]
    const servers = [1, 2, 3].map(() => spawnServer(t, { DATABASE_URL, DATA_DIR }))
    const [first, second, third] = await Promise.all(servers.map((server) => server.waitForUrl()))

    const user = await postJson(`${first}/users`, ada)
    t.equal(user.status, 201)
    const sameUser = await fetch(second + user.headers.get('location'))
    t.equal(sameUser.headers.get('etag'), user.headers.get('etag'))
    await assertProblem(t, await postJson(`${third}/users`, ada), 409, /username/)

    const uploaded = await postForm(`${first}/files`, ['file', new Blob(['bytes']), 'a.txt'])
    const file = await uploaded.json() as Record<string, string>
    t.equal(await (await fetch(second + file.download_url)).text(), 'bytes')
  })

  await t.test('a starting server does not touch the uploads of a running one', async (t) => {
    const [databaseUrl, dataDir] = [await newPostgresDatabase(t), await newDirectory(t)]
    const { port } = await startApp(t, { databaseUrl, dataDir })
    const socket = openSocket(port)
    socket.write(UPLOAD_START)
    while ((await readdir(join(dataDir, 'partial'))).length === 0);
    await spawnServer(t, { DATABASE_URL: databaseUrl, DATA_DIR: dataDir }).waitForUrl()
    socket.write(UPLOAD_END)
    t.match(await readAll(socket), /^HTTP\/1.1 201 /)
  })

  await t.test('a transaction without a working connection fails like a query, and the process goes on', async (t) => {
    const proxy = await startProxy(t, new URL(await newPostgresDatabase(t)))
    const { db, close } = await openDatabase(await newDirectory(t), proxy.url)
    t.teardown(close)
    const assertUnavailable = async (callback: (transaction: Database) => Promise<unknown>) => {
      const error = await inTransaction(db, callback).catch((error: Error) => error)
      t.ok(error instanceof Error && isUnavailable(error))
    }
    await assertUnavailable(async (transaction) => {
      proxy.disconnect()
      return transaction.execute(sql`SELECT 1`)
    })
    await assertUnavailable(async () => {})
    proxy.recover()
    t.equal(await inTransaction(db, async () => 'done'), 'done')
    const callbackError = new Error('thrown by the callback')
    await t.rejects(inTransaction(db, async () => { throw callbackError }), callbackError)
  })

  await t.test('a server starts while another one writes, and neither waits for the other', async (t) => {
    const databaseUrl = await newPostgresDatabase(t)
    const [dataDir, otherDataDir] = [await newDirectory(t), await newDirectory(t)]
    const { db, close } = await openDatabase(dataDir, databaseUrl)
    t.teardown(close)
    await inTransaction(db, async (transaction) => {
      for (const table of ['users', 'posts', 'files', 'import_users']) {
        await transaction.execute(sql.raw(`DELETE FROM ${table}`))
      }
      const second = await openDatabase(otherDataDir, databaseUrl)
      await second.close()
    })
    t.pass()
  })

  await t.test('a database that does not respond or is down is 503, and the server recovers', async (t) => {
    const proxy = await startProxy(t, new URL(await newPostgresDatabase(t)))
    const { url } = await startApp(t, { databaseUrl: proxy.url })
    t.equal((await fetch(`${url}/health`)).status, 200)

    for (const fail of [proxy.stall, proxy.disconnect]) {
      fail()
      const [health, users] = await Promise.all([fetch(`${url}/health`), postJson(`${url}/users`, ada)])
      t.ok(health.headers.get('retry-after'))
      await assertProblem(t, health, 503, /not responding/)
      t.ok(users.headers.get('retry-after'))
      await assertProblem(t, users, 503, /not responding/)
      proxy.recover()
      t.equal((await fetch(`${url}/health`)).status, 200)
    }
    t.equal((await postJson(`${url}/users`, ada)).status, 201)
  })
})

async function accepts (port: string): Promise<boolean> {
  const socket = openSocket(port)
  return new Promise((resolve) => {
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false)).on('close', () => socket.destroy())
  }).finally(() => socket.destroy()) as Promise<boolean>
}
