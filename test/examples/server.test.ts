import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import t from 'tap'
import { inTransaction, isUnavailable, openDatabase, type Database } from '../../examples/database.js'
import { readEnvironment } from '../../examples/environment.js'
import { isProblem, newDirectory, newPostgresDatabase, openSocket, postForm, postJson, readAll, spawnServer, startApp, startProxy, WITHOUT_POSTGRES } from './support.js'

const ada = { username: 'ada', email: 'ada@example.com', password: 'a long password' }
const UPLOAD_BODY = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nbyte-by-byte\r\n--x--\r\n'
const UPLOAD_HEAD = `POST /files HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: ${UPLOAD_BODY.length}\r\n\r\n`
const [UPLOAD_START, UPLOAD_END] = [UPLOAD_HEAD + UPLOAD_BODY.slice(0, -20), UPLOAD_BODY.slice(-20)]

t.test('the environment has defaults, and an empty variable is none', async (t) => {
  const defaults = { host: '127.0.0.1', port: 3000, dataDir: '.data', databaseUrl: undefined, apiToken: 'dev-token', corsOrigin: undefined, uploadLimit: 2147483648 }
  t.same(readEnvironment({}), defaults)
  t.same(readEnvironment({ HOST: '', PORT: '', DATA_DIR: '', DATABASE_URL: '', API_TOKEN: '', CORS_ORIGIN: '', UPLOAD_LIMIT: '' }), defaults)
  t.same(readEnvironment({ HOST: '0.0.0.0', PORT: '0', DATA_DIR: 'd', DATABASE_URL: 'postgres://u@h/d', API_TOKEN: 'a+b/c==', CORS_ORIGIN: 'http://localhost:5173', UPLOAD_LIMIT: '10' }),
    { host: '0.0.0.0', port: 0, dataDir: 'd', databaseUrl: 'postgres://u@h/d', apiToken: 'a+b/c==', corsOrigin: 'http://localhost:5173', uploadLimit: 10 })
})

t.test('an environment that makes no sense is refused with the name of the variable', async (t) => {
  for (const [name, values] of Object.entries({
    PORT: ['abc', '65536', '-1', '1.5', '0x50', ' 80'],
    UPLOAD_LIMIT: ['2GB', '0', '99999999999999999999'],
    CORS_ORIGIN: ['*', 'null', 'example.com', 'https://example.com/', 'https://example.com/app', 'https://EXAMPLE.com', 'https://u:p@example.com', 'file://', 'ftp://a.example', 'https://a.example, https://b.example'],
    API_TOKEN: ['a secret', 'secret\n', '=', 'sécret'],
    DATABASE_URL: ['mysql://u:secret@h/d', 'secret', 'postgres://u:secret@h:x/d']
  })) {
    for (const value of values) {
      t.throws(() => readEnvironment({ [name]: value }), { message: new RegExp(`^${name} must be `) }, value)
      t.throws(() => readEnvironment({ [name]: value }), { message: /^((?!secret).)*$/ })
    }
  }
})

t.test('a server that cannot start says why in one line, and its exit code is 1', async (t) => {
  const DATA_DIR = await newDirectory(t)
  const file = join(DATA_DIR, 'file')
  await writeFile(file, '')
  const cases: Array<[env: Record<string, string>, pattern: RegExp]> = [
    [{ PORT: 'abc' }, /PORT .*'abc'/],
    [{ DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:1/x' }, /ECONNREFUSED/],
    [{ DATA_DIR: file }, /not a directory|EEXIST|ENOTDIR/]
  ]
  await Promise.all(cases.map(async ([env, pattern]) => {
    const { code, stderr } = await spawnServer(t, { DATA_DIR, ...env }).ended
    t.equal(code, 1, JSON.stringify(env))
    t.match(stderr, new RegExp(`^The server cannot start: .*${pattern.source}.*\n$`))
    t.notMatch(stderr, /secret/)
  }))
})

t.test('with a directory of its own', async (t) => {
  const DATA_DIR = await newDirectory(t)

  await t.test('SIGTERM finishes the request that runs, closes the other connections, and ends with exit code 0', async (t) => {
    const { child, ended, lines, logged, listening } = spawnServer(t, { DATA_DIR })
    const url = await listening()
    t.equal(lines.filter((line) => line.includes(url)).length, 1)
    const { port } = new URL(url)
    t.equal((await postJson(`${url}/users`, ada)).status, 201)

    const [idle, running] = [openSocket(port), openSocket(port)]
    const closed = readAll(idle)
    idle.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await logged(/"url":"\/health"/)
    await logged(/"statusCode":200/)
    running.write(UPLOAD_START)
    await logged(/"url":"\/files"/)

    child.kill('SIGTERM')
    while (await accepts(port));
    child.kill('SIGTERM')
    running.write(UPLOAD_END)
    t.match(await readAll(running), /^HTTP\/1.1 201 .*"size":12,.*\}/s)
    t.match(await closed, /^HTTP\/1.1 200 /)
    t.match(await ended, { code: 0, stderr: '' })
  })

  await t.test('SIGTERM does not wait for connections on which nothing is asked', async (t) => {
    const { child, ended, logged, listening } = spawnServer(t, { DATA_DIR })
    const { port } = new URL(await listening())
    const [unused, first, last] = [openSocket(port), openSocket(port), openSocket(port)]
    const unusedClosed = readAll(unused)
    const KEPT_ALIVE = UPLOAD_START.replace('Connection: close\r\n', '')
    first.write(KEPT_ALIVE)
    await logged(/"reqId":"req-1"/)
    last.write(KEPT_ALIVE)
    await logged(/"reqId":"req-2"/)

    child.kill('SIGTERM')
    t.equal(await unusedClosed, '')
    first.write(UPLOAD_END)
    t.match(await readAll(first), /^HTTP\/1.1 201 /)
    last.write(UPLOAD_END)
    t.match(await readAll(last), /^HTTP\/1.1 201 /)
    t.match(await ended, { code: 0, stderr: '' })
  })

  await t.test('what was stored is there after a restart, and a second server is refused', async (t) => {
    const first = spawnServer(t, { DATA_DIR })
    const url = await first.listening()
    const { items } = await (await fetch(`${url}/users`)).json() as { items: unknown[] }
    t.match(items, [{ username: 'ada' }])

    const second = await spawnServer(t, { DATA_DIR }).ended
    t.equal(second.code, 1)
    t.match(second.stderr, /^The server cannot start: .* is in use .*\n$/)
    t.equal((await fetch(`${url}/health`)).status, 200)
  })

  await t.test('a server that was killed has left an upload: the next one removes it', async (t) => {
    const first = spawnServer(t, { DATA_DIR })
    const socket = openSocket(new URL(await first.listening()).port)
    socket.on('error', () => {}).write(UPLOAD_START)
    await first.logged(/"url":"\/files"/)
    while ((await readdir(join(DATA_DIR, 'partial'))).length === 0);
    first.child.kill('SIGKILL')
    await first.ended
    t.equal((await readdir(join(DATA_DIR, 'partial'))).length, 1)

    await spawnServer(t, { DATA_DIR }).listening()
    t.equal((await readdir(join(DATA_DIR, 'partial'))).length, 0)
    t.equal((await readdir(join(DATA_DIR, 'files'))).length, 3)
  })
})

t.test('with PostgreSQL', { skip: WITHOUT_POSTGRES }, async (t) => {
  await t.test('servers that start at the same moment share a new database', async (t) => {
    const [DATABASE_URL, DATA_DIR] = [await newPostgresDatabase(t), await newDirectory(t)]
    const servers = [1, 2, 3].map(() => spawnServer(t, { DATABASE_URL, DATA_DIR }))
    const [first, second, third] = await Promise.all(servers.map((server) => server.listening()))

    const user = await postJson(`${first}/users`, ada)
    t.equal(user.status, 201)
    t.equal((await fetch(second + user.headers.get('location'))).headers.get('etag'), user.headers.get('etag'))
    await isProblem(t, await postJson(`${third}/users`, ada), 409, /username/)

    const file = await (await postForm(`${first}/files`, ['file', new Blob(['bytes']), 'a.txt'])).json() as Record<string, string>
    t.equal(await (await fetch(second + file.download_url)).text(), 'bytes')
  })

  await t.test('a server that starts leaves the uploads of another alone', async (t) => {
    const [databaseUrl, dataDir] = [await newPostgresDatabase(t), await newDirectory(t)]
    const { port } = await startApp(t, { databaseUrl, dataDir })
    const socket = openSocket(port)
    socket.write(UPLOAD_START)
    while ((await readdir(join(dataDir, 'partial'))).length === 0);
    await spawnServer(t, { DATABASE_URL: databaseUrl, DATA_DIR: dataDir }).listening()
    socket.write(UPLOAD_END)
    t.match(await readAll(socket), /^HTTP\/1.1 201 /)
  })

  await t.test('a transaction whose connection breaks, or that gets none, fails as any query does, and the process goes on', async (t) => {
    const proxy = await startProxy(t, new URL(await newPostgresDatabase(t)))
    const { db, close } = await openDatabase(await newDirectory(t), proxy.url)
    t.teardown(close)
    const fails = async (work: (transaction: Database) => Promise<unknown>) => {
      const error = await inTransaction(db, work).catch((error: Error) => error)
      t.ok(error instanceof Error && isUnavailable(error))
    }
    await fails(async (transaction) => {
      proxy.end()
      return transaction.execute(sql`SELECT 1`)
    })
    await fails(async () => {})
    proxy.recover()
    t.equal(await inTransaction(db, async () => 'done'), 'done')
    const own = new Error('of the work itself')
    await t.rejects(inTransaction(db, async () => { throw own }), own)
  })

  await t.test('a server starts while another is writing, and neither waits for the other', async (t) => {
    const databaseUrl = await newPostgresDatabase(t)
    const [dataDir, other] = [await newDirectory(t), await newDirectory(t)]
    const { db, close } = await openDatabase(dataDir, databaseUrl)
    t.teardown(close)
    await inTransaction(db, async (transaction) => {
      for (const table of ['users', 'posts', 'files', 'import_users']) await transaction.execute(sql.raw(`DELETE FROM ${table}`))
      const second = await openDatabase(other, databaseUrl)
      await second.close()
    })
    t.pass()
  })

  await t.test('a database that falls silent, or is gone, is 503, and the server recovers', async (t) => {
    const proxy = await startProxy(t, new URL(await newPostgresDatabase(t)))
    const { url } = await startApp(t, { databaseUrl: proxy.url })
    t.equal((await fetch(`${url}/health`)).status, 200)

    for (const fail of [proxy.silence, proxy.end]) {
      fail()
      const [health, users] = await Promise.all([fetch(`${url}/health`), postJson(`${url}/users`, ada)])
      t.ok(health.headers.get('retry-after'))
      await isProblem(t, health, 503, /does not answer/)
      t.ok(users.headers.get('retry-after'))
      await isProblem(t, users, 503, /does not answer/)
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
