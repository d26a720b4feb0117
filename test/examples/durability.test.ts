import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createHash, randomUUID } from 'node:crypto'
import { spawn } from 'node:child_process'
import { hostname } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import t, { type Test } from 'tap'
import { THIS_PROCESS } from '../../examples/process.js'
import { newDirectory, newPostgresDatabase, postForm, send, spawnServer, startApp, WITHOUT_POSTGRES } from './support.js'

interface File { file_id: string, size: number, sha256: string, download_url: string }

const upload = (url: string, bytes: string) => postForm(`${url}/files`, ['file', new Blob([bytes]), 'a.txt'])
const remove = (url: string, { file_id: id }: File) => send('DELETE', `${url}/files/${id}`, undefined, { 'if-match': '*' })

t.test('a start settles what dead processes have left, and nothing of those that live', async (t) => {
  const dataDir = await newDirectory(t)
  const first = await startApp(t, { dataDir, databaseUrl: undefined })
  const recorded = await (await upload(first.url, 'recorded')).json() as File
  await first.app.close()

  const [files, partial, dead] = [join(dataDir, 'files'), join(dataDir, 'partial'), await nameOfDeadProcess()]
  const [unrecorded, unfinished, living, elsewhere] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
  const marks = [`${dead}.${recorded.file_id}`, `${dead}.${unrecorded}`, `${dead}.${unfinished}`]
  const others = [`${THIS_PROCESS}.${living}`, `another.host~1~${randomUUID()}.${elsewhere}`]
  for (const name of [...marks, ...others]) await mkdir(join(partial, name))
  await writeFile(join(partial, marks[2], 'bytes'), 'half')
  for (const id of [unrecorded, living, elsewhere]) await writeFile(join(files, id), 'bytes')

  const { url } = await startApp(t, { dataDir, databaseUrl: undefined })
  t.same((await readdir(partial)).sort(), others.sort())
  t.same((await readdir(files)).sort(), [recorded.file_id, living, elsewhere].sort())
  t.equal(await (await fetch(url + recorded.download_url)).text(), 'recorded')
})

t.test('a server that is killed while the database commits', { skip: WITHOUT_POSTGRES }, async (t) => {
  const [DATABASE_URL, DATA_DIR] = [await newPostgresDatabase(t), await newDirectory(t)]
  const database = await newClient(t, DATABASE_URL)
  const start = async () => {
    const server = spawnServer(t, { DATABASE_URL, DATA_DIR })
    return { ...server, url: await server.listening() }
  }
  let server = await start()
  const file = await (await upload(server.url, 'the first')).json() as File
  await holdCommits(database)

  /** Kills the server when its COMMIT waits, lets that go wrong or be carried out, and starts the next one. */
  async function killAtCommit (request: Promise<unknown>, outcome: 'rolled back' | 'committed') {
    request.catch(() => {})
    const waiting = await waitingBackend(database)
    server.child.kill('SIGKILL')
    await server.ended
    await database.query(outcome === 'committed' ? 'SELECT pg_advisory_unlock(1)' : `SELECT pg_terminate_backend(${waiting})`)
    await untilGone(database, waiting)
    if (outcome === 'committed') await database.query('SELECT pg_advisory_lock(1)')
    server = await start()
  }

  await t.test('a file that was not recorded is gone', async (t) => {
    await killAtCommit(upload(server.url, 'lost'), 'rolled back')
    t.match(await everyFile(t, server.url, DATA_DIR), [file])
  })

  await t.test('a file that was recorded is there', async (t) => {
    await killAtCommit(upload(server.url, 'the second'), 'committed')
    t.equal((await everyFile(t, server.url, DATA_DIR)).length, 2)
  })

  await t.test('a file of which the server does not learn whether it was recorded is left to the next start', async (t) => {
    const request = upload(server.url, 'in doubt')
    await database.query(`SELECT pg_terminate_backend(${await waitingBackend(database)})`)
    t.equal((await request).status, 503)
    t.equal((await readdir(join(DATA_DIR, 'partial'))).length, 1)
    server.child.kill('SIGKILL')
    await server.ended
    server = await start()
    t.equal((await everyFile(t, server.url, DATA_DIR)).length, 2)
  })

  await t.test('a file that was not deleted has its bytes', async (t) => {
    await killAtCommit(remove(server.url, file), 'rolled back')
    t.equal((await everyFile(t, server.url, DATA_DIR)).length, 2)
    t.equal(await (await fetch(server.url + file.download_url)).text(), 'the first')
  })

  await t.test('a file that was deleted has none', async (t) => {
    await killAtCommit(remove(server.url, file), 'committed')
    const [other, ...more] = await everyFile(t, server.url, DATA_DIR)
    t.not(other.file_id, file.file_id)
    t.equal(more.length, 0)
  })
})

/** Asserts that every file has a row and its bytes, and that nothing else is on the disk. @returns the rows */
async function everyFile (t: Test, url: string, dataDir: string): Promise<File[]> {
  const { items } = await (await fetch(`${url}/files?limit=100`)).json() as { items: File[] }
  t.same((await readdir(join(dataDir, 'files'))).sort(), items.map((file) => file.file_id).sort())
  t.same(await readdir(join(dataDir, 'partial')), [])
  for (const file of items) {
    const bytes = await readFile(join(dataDir, 'files', file.file_id))
    t.equal(bytes.length, file.size)
    t.equal(createHash('sha256').update(bytes).digest('hex'), file.sha256)
  }
  return items
}

async function nameOfDeadProcess (): Promise<string> {
  const child = spawn(process.execPath, ['--version'])
  await once(child, 'exit')
  return `${hostname()}~${child.pid}~${randomUUID()}`
}

async function newClient (t: Test, connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  client.on('error', () => {})
  await client.connect()
  t.teardown(() => client.end())
  return client
}

/** From now on, every transaction that stores or deletes a file waits in its COMMIT. */
async function holdCommits (database: pg.Client) {
  await database.query(`
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER hold AFTER INSERT OR DELETE ON files DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold();
    SELECT pg_advisory_lock(1)`)
}

async function waitingBackend (database: pg.Client): Promise<number> {
  while (true) {
    const { rows: [row] } = await database.query("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    if (row !== undefined) return row.pid
  }
}

async function untilGone (database: pg.Client, pid: number) {
  while ((await database.query('SELECT FROM pg_stat_activity WHERE pid = $1', [pid])).rowCount !== 0);
}
