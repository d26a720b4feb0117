import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createHash, randomUUID } from 'node:crypto'
import { spawn } from 'node:child_process'
import { hostname } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import t, { type Test } from 'tap'
import { PROCESS_NAME } from '../../examples/process.js'
import {
  newDirectory, newPostgresDatabase, postForm, send, spawnServer, startApp, WITHOUT_POSTGRES
} from './support.js'

interface File { file_id: string, size: number, sha256: string, download_url: string }

const upload = (url: string, bytes: string) => postForm(`${url}/files`, ['file', new Blob([bytes]), 'a.txt'])
const remove = (url: string, { file_id: id }: File) => {
  return send('DELETE', `${url}/files/${id}`, undefined, { 'if-match': '*' })
}

t.test('a start cleans up after processes that have ended, and leaves those of running ones', async (t) => {
  const dataDir = await newDirectory(t)
  const first = await startApp(t, { dataDir, databaseUrl: undefined })
  const stored = await (await upload(first.url, 'stored')).json() as File
  await first.app.close()

  const [files, partial] = [join(dataDir, 'files'), join(dataDir, 'partial')]
  const endedProcess = await nameOfEndedProcess()
  const [withoutRow, unfinished, running, elsewhere] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()]
  const oldMarkers = [stored.file_id, withoutRow, unfinished].map((id) => `${endedProcess}.${id}`)
  const activeMarkers = [`${PROCESS_NAME}.${running}`, `another.host~1~${randomUUID()}.${elsewhere}`]
  for (const name of [...oldMarkers, ...activeMarkers]) await mkdir(join(partial, name))
  await writeFile(join(partial, oldMarkers[2], 'bytes'), 'half')
  for (const id of [withoutRow, running, elsewhere]) await writeFile(join(files, id), 'bytes')

  const { url } = await startApp(t, { dataDir, databaseUrl: undefined })
  t.same((await readdir(partial)).sort(), activeMarkers.sort())
  t.same((await readdir(files)).sort(), [stored.file_id, running, elsewhere].sort())
  t.equal(await (await fetch(url + stored.download_url)).text(), 'stored')
})

t.test('a server that is killed during a COMMIT', { skip: WITHOUT_POSTGRES }, async (t) => {
  const [DATABASE_URL, DATA_DIR] = [await newPostgresDatabase(t), await newDirectory(t)]
  const database = await newClient(t, DATABASE_URL)
  const start = async () => {
    const server = spawnServer(t, { DATABASE_URL, DATA_DIR })
    return { ...server, url: await server.waitForUrl() }
  }
  let server = await start()
  const firstFile = await (await upload(server.url, 'the first')).json() as File
  await blockCommits(database)

  /** Kills the server while its COMMIT waits, lets the COMMIT fail or succeed, and starts the next server. */
  async function killDuringCommit (request: Promise<unknown>, outcome: 'rolled back' | 'committed') {
    request.catch(() => {})
    const pid = await waitForBlockedBackend(database)
    server.child.kill('SIGKILL')
    await server.exited
    const isCommitted = outcome === 'committed'
    await database.query(isCommitted ? 'SELECT pg_advisory_unlock(1)' : `SELECT pg_terminate_backend(${pid})`)
    await waitForBackendExit(database, pid)
    if (isCommitted) await database.query('SELECT pg_advisory_lock(1)')
    server = await start()
  }

  await t.test('an upload that was rolled back leaves nothing', async (t) => {
    await killDuringCommit(upload(server.url, 'lost'), 'rolled back')
    t.match(await assertFilesAreComplete(t, server.url, DATA_DIR), [firstFile])
  })

  await t.test('an upload that was committed is complete', async (t) => {
    await killDuringCommit(upload(server.url, 'the second'), 'committed')
    t.equal((await assertFilesAreComplete(t, server.url, DATA_DIR)).length, 2)
  })

  await t.test('if the server cannot know whether an upload was committed, the next start cleans up', async (t) => {
    const request = upload(server.url, 'in doubt')
    await database.query(`SELECT pg_terminate_backend(${await waitForBlockedBackend(database)})`)
    t.equal((await request).status, 503)
    t.equal((await readdir(join(DATA_DIR, 'partial'))).length, 1)
    server.child.kill('SIGKILL')
    await server.exited
    server = await start()
    t.equal((await assertFilesAreComplete(t, server.url, DATA_DIR)).length, 2)
  })

  await t.test('a deletion that was rolled back keeps the bytes', async (t) => {
    await killDuringCommit(remove(server.url, firstFile), 'rolled back')
    t.equal((await assertFilesAreComplete(t, server.url, DATA_DIR)).length, 2)
    t.equal(await (await fetch(server.url + firstFile.download_url)).text(), 'the first')
  })

  await t.test('a deletion that was committed removes the bytes', async (t) => {
    await killDuringCommit(remove(server.url, firstFile), 'committed')
    const [file, ...others] = await assertFilesAreComplete(t, server.url, DATA_DIR)
    t.not(file.file_id, firstFile.file_id)
    t.equal(others.length, 0)
  })
})

/** Asserts that every row has its bytes, that there are no other bytes, and nothing unfinished. @returns the rows */
async function assertFilesAreComplete (t: Test, url: string, dataDir: string): Promise<File[]> {
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

async function nameOfEndedProcess (): Promise<string> {
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
async function blockCommits (database: pg.Client) {
  await database.query(`
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER wait AFTER INSERT OR DELETE ON files
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait();
    SELECT pg_advisory_lock(1)`)
}

/** @returns the process id of the backend whose COMMIT waits */
async function waitForBlockedBackend (database: pg.Client): Promise<number> {
  while (true) {
    const { rows: [row] } = await database.query("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    if (row !== undefined) return row.pid
  }
}

async function waitForBackendExit (database: pg.Client, pid: number) {
  while ((await database.query('SELECT FROM pg_stat_activity WHERE pid = $1', [pid])).rowCount !== 0);
}
