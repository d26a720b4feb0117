import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t, { type Test } from 'tap'
import { isProblem, newDirectory, newPostgresDatabase, postForm, send, startApp, TOKEN, WITHOUT_POSTGRES } from './support.js'

const MiB = 2 ** 20

t.test('with a disk of its own', { skip: cannotMount() }, async (t) => {
  await t.test('an upload that does not fit is 507, and leaves nothing behind', async (t) => {
    const dataDir = mount(t, `size=${MiB}`)
    const { url } = await startApp(t, { dataDir, uploadLimit: 10 * MiB })
    const kept = await (await upload(url, 100_000)).json() as Record<string, string>
    for (const size of [2 * MiB, 9 * MiB]) {
      await isProblem(t, await upload(url, size), 507, /disk is full/)
      t.same(await onDisk(dataDir), { files: [kept.file_id], partial: [] })
    }
    t.equal((await upload(url, 100_000)).status, 201)
  })

  await t.test('on a full disk reading and deleting work, and when there is room again so does all else', async (t) => {
    const dataDir = mount(t, `size=${MiB}`)
    const { url } = await startApp(t, { dataDir })
    const [first, second] = [await upload(url, 50_000), await upload(url, 50_000)]
    const { download_url: path } = await first.json() as Record<string, string>
    const makeRoom = await fill(dataDir)

    for (let i = 0; i < 10; i++) await isProblem(t, await upload(url, 90_000), 507, /disk is full/)
    t.equal((await (await fetch(url + path)).arrayBuffer()).byteLength, 50_000)
    t.equal((await fetch(`${url}/health`)).status, 200)
    t.equal((await remove(url, second)).status, 204)
    t.equal((await onDisk(dataDir)).files.length, 1)
    t.same((await onDisk(dataDir)).partial, [])
    await makeRoom()
    t.equal((await upload(url, 90_000)).status, 201)
  })

  await t.test('a disk that has no room for a name is full, too', async (t) => {
    const dataDir = mount(t, 'size=1m,nr_inodes=9')
    const { url } = await startApp(t, { dataDir })
    const created = []
    let response = await upload(url, 1)
    while (response.status === 201) {
      created.push(response)
      response = await upload(url, 1)
    }
    await isProblem(t, response, 507, /disk is full/)
    t.not(created.length, 0)
    const { files, partial } = await onDisk(dataDir)
    t.equal(files.length, created.length)
    t.same(partial, [])
    t.equal((await remove(url, created[0])).status, 204)
    t.equal((await upload(url, 1)).status, 201)
  })

  await t.test('where the embedded database has no room, writing is 507, reading works, and later writing does, too', async (t) => {
    const dataDir = mount(t, `size=${64 * MiB}`)
    const { url } = await startApp(t, { dataDir, databaseUrl: undefined })
    const stored = await post(url)
    const makeRoom = await fill(dataDir)
    let response = await post(url)
    while (response.status === 201) response = await post(url)
    await isProblem(t, response, 507, /disk is full/)
    t.equal((await fetch(url + stored.headers.get('location'))).status, 200)
    await makeRoom()
    t.equal((await post(url)).status, 201)
  })
})

t.test('where PostgreSQL has no room, an upload is 507, and leaves nothing behind', { skip: WITHOUT_POSTGRES }, async (t) => {
  const [databaseUrl, dataDir] = [await newPostgresDatabase(t), await newDirectory(t)]
  const { url } = await startApp(t, { databaseUrl, dataDir })
  const database = new pg.Client({ connectionString: databaseUrl })
  await database.connect()
  t.teardown(() => database.end())
  await database.query(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON files FOR EACH ROW EXECUTE FUNCTION refuse()`)

  await isProblem(t, await upload(url, 1), 507, /disk is full/)
  t.same(await onDisk(dataDir), { files: [], partial: [] })
  await database.query('DROP TRIGGER refuse ON files')
  t.equal((await upload(url, 1)).status, 201)
})

const upload = (url: string, size: number) => postForm(`${url}/files`, ['file', new Blob([Buffer.alloc(size)]), 'a'])
const remove = (url: string, created: Response) => send('DELETE', url + created.headers.get('location'), undefined, { 'if-match': '*' })
// Random, because the database compresses.
const post = (url: string) => send('POST', `${url}/api/posts`, { title: 'A', content: randomBytes(45_000).toString('hex') }, { authorization: `Bearer ${TOKEN}` })

async function onDisk (dataDir: string) {
  return { files: await readdir(join(dataDir, 'files')), partial: await readdir(join(dataDir, 'partial')) }
}

/** A new file system in memory, of a limited size, for whoever may mount one: root, and who may become it. */
function mount (t: Pick<Test, 'teardown'>, options: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'fastify-created-full-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  asRoot('mount', '-t', 'tmpfs', '-o', `${options},mode=1777`, 'tmpfs', directory)
  t.teardown(() => asRoot('umount', '--lazy', directory))
  return directory
}

function asRoot (command: string, ...args: string[]): void {
  if (process.getuid?.() === 0) execFileSync(command, args, { stdio: 'ignore' })
  else execFileSync('sudo', ['--non-interactive', command, ...args], { stdio: 'ignore' })
}

function cannotMount (): false | string {
  const undo: Array<() => unknown> = []
  try {
    mount({ teardown: (work) => { undo.unshift(work) } }, 'size=64k')
    return false
  } catch {
    return 'mounting a file system takes root'
  } finally {
    for (const work of undo) work()
  }
}

/** @returns a function that makes room again */
async function fill (directory: string) {
  const path = join(directory, 'filler')
  const handle = await open(path, 'w')
  let error: NodeJS.ErrnoException | undefined
  for (let size = 0; size < 100 * MiB && error === undefined; size += 4096) {
    await handle.write(Buffer.alloc(4096)).catch((reason) => { error = reason })
  }
  await handle.close()
  if (error?.code !== 'ENOSPC') throw error ?? new Error('this disk is larger than it should be')
  return () => rm(path)
}
