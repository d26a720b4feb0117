import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t, { type Test } from 'tap'
import {
  assertProblem, newDirectory, newPostgresDatabase, postForm, send, startApp, TOKEN, WITHOUT_POSTGRES
} from './support.js'

const MiB = 2 ** 20

t.test('on a small disk', { skip: cannotMount() }, async (t) => {
  await t.test('an upload that does not fit is 507, and leaves nothing behind', async (t) => {
    const dataDir = mount(t, `size=${MiB}`)
    const { url } = await startApp(t, { dataDir, uploadLimit: 10 * MiB })
    const stored = await (await upload(url, 100_000)).json() as Record<string, string>
    for (const size of [2 * MiB, 9 * MiB]) {
      await assertProblem(t, await upload(url, size), 507, /disk is full/)
      t.same(await readDisk(dataDir), { files: [stored.file_id], partial: [] })
    }
    t.equal((await upload(url, 100_000)).status, 201)
  })

  await t.test('reading and deleting work on a full disk, and uploads work when there is room again', async (t) => {
    const dataDir = mount(t, `size=${MiB}`)
    const { url } = await startApp(t, { dataDir })
    const [first, second] = [await upload(url, 50_000), await upload(url, 50_000)]
    const { download_url: path } = await first.json() as Record<string, string>
    const makeRoom = await fillDisk(dataDir)

    for (let i = 0; i < 10; i++) await assertProblem(t, await upload(url, 90_000), 507, /disk is full/)
    t.equal((await (await fetch(url + path)).arrayBuffer()).byteLength, 50_000)
    t.equal((await fetch(`${url}/health`)).status, 200)
    t.equal((await remove(url, second)).status, 204)
    t.equal((await readDisk(dataDir)).files.length, 1)
    t.same((await readDisk(dataDir)).partial, [])
    await makeRoom()
    t.equal((await upload(url, 90_000)).status, 201)
  })

  await t.test('a disk without free inodes is full, too', async (t) => {
    const dataDir = mount(t, 'size=1m,nr_inodes=9')
    const { url } = await startApp(t, { dataDir })
    const created = []
    let response = await upload(url, 1)
    while (response.status === 201) {
      created.push(response)
      response = await upload(url, 1)
    }
    await assertProblem(t, response, 507, /disk is full/)
    t.not(created.length, 0)
    const { files, partial } = await readDisk(dataDir)
    t.equal(files.length, created.length)
    t.same(partial, [])
    t.equal((await remove(url, created[0])).status, 204)
    t.equal((await upload(url, 1)).status, 201)
  })

  await t.test('if PGlite has no room, writing is 507, reading works, and writing works again later', async (t) => {
    const dataDir = mount(t, `size=${64 * MiB}`)
    const { url } = await startApp(t, { dataDir, databaseUrl: undefined })
    const stored = await createPost(url)
    const makeRoom = await fillDisk(dataDir)
    let response = await createPost(url)
    while (response.status === 201) response = await createPost(url)
    await assertProblem(t, response, 507, /disk is full/)
    t.equal((await fetch(url + stored.headers.get('location'))).status, 200)
    await makeRoom()
    t.equal((await createPost(url)).status, 201)
  })
})

t.test('if PostgreSQL has no room, an upload is 507 and leaves nothing', { skip: WITHOUT_POSTGRES }, async (t) => {
  const [databaseUrl, dataDir] = [await newPostgresDatabase(t), await newDirectory(t)]
  const { url } = await startApp(t, { databaseUrl, dataDir })
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  t.teardown(() => client.end())
  await client.query(`
    CREATE FUNCTION reject() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
    CREATE TRIGGER reject BEFORE INSERT ON files FOR EACH ROW EXECUTE FUNCTION reject()`)

  await assertProblem(t, await upload(url, 1), 507, /disk is full/)
  t.same(await readDisk(dataDir), { files: [], partial: [] })
  await client.query('DROP TRIGGER reject ON files')
  t.equal((await upload(url, 1)).status, 201)
})

function upload (url: string, size: number): Promise<Response> {
  return postForm(`${url}/files`, ['file', new Blob([Buffer.alloc(size)]), 'a'])
}

function remove (url: string, created: Response): Promise<Response> {
  return send('DELETE', url + created.headers.get('location'), undefined, { 'if-match': '*' })
}

/** The content is random, because the database compresses it. */
function createPost (url: string): Promise<Response> {
  const newPost = { title: 'A', content: randomBytes(45_000).toString('hex') }
  return send('POST', `${url}/api/posts`, newPost, { authorization: `Bearer ${TOKEN}` })
}

async function readDisk (dataDir: string) {
  return { files: await readdir(join(dataDir, 'files')), partial: await readdir(join(dataDir, 'partial')) }
}

/** Mounts a new file system of a limited size, in memory. This requires root, or sudo without a password. */
function mount (t: Pick<Test, 'teardown'>, options: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'fastify-created-full-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  runAsRoot('mount', '-t', 'tmpfs', '-o', `${options},mode=1777`, 'tmpfs', directory)
  t.teardown(() => runAsRoot('umount', '--lazy', directory))
  return directory
}

function runAsRoot (command: string, ...args: string[]): void {
  if (process.getuid?.() === 0) execFileSync(command, args, { stdio: 'ignore' })
  else execFileSync('sudo', ['--non-interactive', command, ...args], { stdio: 'ignore' })
}

function cannotMount (): false | string {
  const teardowns: Array<() => unknown> = []
  try {
    mount({ teardown: (teardown) => { teardowns.unshift(teardown) } }, 'size=64k')
    return false
  } catch {
    return 'mounting a file system takes root'
  } finally {
    for (const teardown of teardowns) teardown()
  }
}

/** @returns a function that makes room again */
async function fillDisk (directory: string) {
  const path = join(directory, 'filler')
  const handle = await open(path, 'w')
  let error: NodeJS.ErrnoException | undefined
  for (let size = 0; size < 100 * MiB && error === undefined; size += 4096) {
    await handle.write(Buffer.alloc(4096)).catch((reason) => { error = reason })
  }
  await handle.close()
  if (error?.code !== 'ENOSPC') throw error ?? new Error('the disk is larger than expected')
  return () => rm(path)
}
