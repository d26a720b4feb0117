import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  newDirectory, newPostgresDatabase, postForm, postJson, send, spawnServer, TOKEN, WITHOUT_POSTGRES
} from './support.js'

const ROUNDS = Number(process.env.KILL_ROUNDS || 2)

interface File { file_id: string, size: number, sha256: string, download_url: string }

/** What the server has confirmed, by URL: the body that GET must return, or `undefined` if it was deleted. */
type Confirmed = Map<string, unknown>

t.test('what was confirmed survives kill -9, with PGlite', (t) => testKills(t, {}))

t.test('what was confirmed survives kill -9, with PostgreSQL', { skip: WITHOUT_POSTGRES }, async (t) => {
  await testKills(t, { DATABASE_URL: await newPostgresDatabase(t) })
})

async function testKills (t: Test, env: Record<string, string>) {
  const DATA_DIR = await newDirectory(t)
  const confirmed: Confirmed = new Map()
  let server = spawnServer(t, { DATA_DIR, ...env })
  let url = await server.waitForUrl()

  for (let round = 1; round <= ROUNDS; round++) {
    const before = confirmed.size
    const killAt = before + randomInt(5, 60)
    await Promise.all([writeUser, writePost, writeFile, writeFile, writeFile].map(async (write) => {
      while (!server.child.killed) {
        await write(url, confirmed).catch((error) => { if (!server.child.killed) throw error })
        if (confirmed.size >= killAt) server.child.kill('SIGKILL')
      }
    }))
    t.match(await server.exited, { signal: 'SIGKILL' })

    server = spawnServer(t, { DATA_DIR, ...env })
    url = await server.waitForUrl()
    t.comment(`round ${round}: killed after ${confirmed.size - before} more`)
    const lost = []
    for (const [path, body] of confirmed) {
      const response = await fetch(url + path)
      const stored = response.status === 404 ? undefined : await response.json()
      if (JSON.stringify(stored) !== JSON.stringify(body)) lost.push({ path, body, stored })
    }
    t.same(lost, [])
    await assertFilesAreComplete(t, url, DATA_DIR)
  }
}

async function writeUser (url: string, confirmed: Confirmed) {
  const username = randomUUID().slice(0, 30)
  const newUser = { username, email: `${username}@example.com`, password: 'a long password' }
  await confirm(confirmed, await postJson(`${url}/users`, newUser))
}

async function writePost (url: string, confirmed: Confirmed) {
  const authorization = `Bearer ${TOKEN}`
  await confirm(confirmed, await send('POST', `${url}/api/posts`, { title: 'A', content: 'B' }, { authorization }))
}

/** Uploads a file, and deletes every third one. */
async function writeFile (url: string, confirmed: Confirmed) {
  const response = await postForm(`${url}/files`, ['file', new Blob([randomBytes(randomInt(200_000))]), 'a'])
  const path = await confirm(confirmed, response)
  if (randomInt(3) !== 0) return
  const body = confirmed.get(path)
  confirmed.delete(path) // until the deletion is confirmed, both states are correct
  const deleted = await send('DELETE', url + path, undefined, { 'if-match': '*' })
  if (deleted.status !== 204) throw new Error(`${deleted.status} instead of 204 for ${JSON.stringify(body)}`)
  confirmed.set(path, undefined)
}

async function confirm (confirmed: Confirmed, response: Response): Promise<string> {
  const body = await response.json()
  if (response.status !== 201) throw new Error(`${response.status} instead of 201`)
  const path = response.headers.get('location')!
  confirmed.set(path, body)
  return path
}

/** Asserts that every row has its bytes, that there are no other bytes, and nothing unfinished. */
async function assertFilesAreComplete (t: Test, url: string, dataDir: string) {
  const files = await listFiles(url)
  t.same((await readdir(join(dataDir, 'files'))).sort(), files.map((file) => file.file_id).sort())
  t.same(await readdir(join(dataDir, 'partial')), [])
  const broken = []
  for (const file of files) {
    const bytes = Buffer.from(await (await fetch(url + file.download_url)).arrayBuffer())
    if (createHash('sha256').update(bytes).digest('hex') !== file.sha256) broken.push(file)
  }
  t.same(broken, [])
}

async function listFiles (url: string) {
  const files: File[] = []
  let after = ''
  while (true) {
    const response = await fetch(`${url}/files?limit=100${after}`)
    const { items, next } = await response.json() as { items: File[], next: string | null }
    files.push(...items)
    if (next === null) return files
    after = `&after=${next}`
  }
}
