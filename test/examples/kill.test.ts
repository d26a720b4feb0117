import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { newDirectory, newPostgresDatabase, postForm, postJson, send, spawnServer, TOKEN, WITHOUT_POSTGRES } from './support.js'

const ROUNDS = Number(process.env.KILL_ROUNDS || 2)

interface File { file_id: string, size: number, sha256: string, download_url: string }

/** What the server has confirmed: addresses, and what GET has to answer there. `undefined`: it was deleted. */
type Confirmed = Map<string, unknown>

t.test('what PGlite has confirmed survives a kill', (t) => killsInRounds(t, {}))

t.test('what PostgreSQL has confirmed survives a kill', { skip: WITHOUT_POSTGRES }, async (t) => {
  await killsInRounds(t, { DATABASE_URL: await newPostgresDatabase(t) })
})

async function killsInRounds (t: Test, env: Record<string, string>) {
  const DATA_DIR = await newDirectory(t)
  const confirmed: Confirmed = new Map()
  let server = spawnServer(t, { DATA_DIR, ...env })
  let url = await server.listening()

  for (let round = 1; round <= ROUNDS; round++) {
    const [before, enough] = [confirmed.size, confirmed.size + randomInt(5, 60)]
    const kill = () => { if (confirmed.size >= enough) server.child.kill('SIGKILL') }
    await Promise.all([writeUsers, writePosts, writeFiles, writeFiles, writeFiles].map(async (write) => {
      while (!server.child.killed) {
        await write(url, confirmed).catch((error) => { if (!server.child.killed) throw error })
        kill()
      }
    }))
    t.match(await server.ended, { signal: 'SIGKILL' })

    server = spawnServer(t, { DATA_DIR, ...env })
    url = await server.listening()
    t.comment(`round ${round}: killed after ${confirmed.size - before} more`)
    const lost = []
    for (const [address, body] of confirmed) {
      const response = await fetch(url + address)
      const now = response.status === 404 ? undefined : await response.json()
      if (JSON.stringify(now) !== JSON.stringify(body)) lost.push({ address, body, now })
    }
    t.same(lost, [])
    await everyFileIsWhole(t, url, DATA_DIR)
  }
}

async function writeUsers (url: string, confirmed: Confirmed) {
  const name = randomUUID().slice(0, 30)
  await confirm(confirmed, await postJson(`${url}/users`, { username: name, email: `${name}@example.com`, password: 'a long password' }))
}

async function writePosts (url: string, confirmed: Confirmed) {
  await confirm(confirmed, await send('POST', `${url}/api/posts`, { title: 'A', content: 'B' }, { authorization: `Bearer ${TOKEN}` }))
}

/** Deletes every third. */
async function writeFiles (url: string, confirmed: Confirmed) {
  const response = await postForm(`${url}/files`, ['file', new Blob([randomBytes(randomInt(200_000))]), 'a'])
  const address = await confirm(confirmed, response)
  if (randomInt(3) !== 0) return
  const body = confirmed.get(address)
  confirmed.delete(address) // until it is confirmed, both are right
  const deleted = await send('DELETE', url + address, undefined, { 'if-match': '*' })
  if (deleted.status !== 204) throw new Error(`${deleted.status} instead of 204 for ${JSON.stringify(body)}`)
  confirmed.set(address, undefined)
}

async function confirm (confirmed: Confirmed, response: Response): Promise<string> {
  const body = await response.json()
  if (response.status !== 201) throw new Error(`${response.status} instead of 201`)
  const address = response.headers.get('location')!
  confirmed.set(address, body)
  return address
}

/** Every row has its bytes, every byte its row, and nothing is half done. */
async function everyFileIsWhole (t: Test, url: string, dataDir: string) {
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
    const { items, next } = await (await fetch(`${url}/files?limit=100${after}`)).json() as { items: File[], next: string | null }
    files.push(...items)
    if (next === null) return files
    after = `&after=${next}`
  }
}
