import { createHash, randomBytes, type Hash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { get, request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { newDirectory, newPostgresDatabase, POSTGRES, spawnServer } from './support.js'

const MiB = 2 ** 20
// Larger than the server may grow, so that one that keeps a file in memory is found out.
const SIZE = Number(process.env.LARGE_FILE_MIB || 192) * MiB
const GROWTH_LIMIT = 150 * MiB
const HEAD = '--x\r\nContent-Disposition: form-data; name="file"; filename="large"\r\n\r\n'
const TAIL = '\r\n--x--\r\n'

t.test('a large file', { skip: process.platform !== 'linux' && 'the memory of another process is read from /proc' }, async (t) => {
  const env: Record<string, string> = { DATA_DIR: await newDirectory(t) }
  // The embedded database makes the process so large when it starts that what an upload takes would hardly show.
  if (POSTGRES !== undefined) env.DATABASE_URL = await newPostgresDatabase(t)
  const server = spawnServer(t, env)
  const url = await server.listening()
  const memory = watchMemory(server.child.pid!)
  const hash = createHash('sha256')
  let file: Record<string, string> = {}

  const staysSmall = async (what: string, work: () => Promise<unknown>) => {
    const idle = await memory.now()
    memory.reset()
    await work()
    const growth = memory.most() - idle
    t.comment(`${what} of ${SIZE / MiB} MiB: from ${toMiB(idle)} MiB to ${toMiB(memory.most())} MiB`)
    t.ok(growth < GROWTH_LIMIT, `the server has grown by ${toMiB(growth)} MiB`)
  }

  await t.test('goes in', async (t) => {
    await staysSmall('upload', async () => {
      const upload = request(`${url}/files`, { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x', 'content-length': HEAD.length + SIZE + TAIL.length } })
      const answered = once(upload, 'response') as Promise<[IncomingMessage]>
      await pipeline(largeForm(hash, memory.look), upload)
      const [response] = await answered
      t.equal(response.statusCode, 201)
      file = JSON.parse(await text(response))
    })
    t.equal(file.size, SIZE)
    t.equal(file.sha256, hash.copy().digest('hex'))
  })

  await t.test('goes out', async (t) => {
    await staysSmall('download', async () => {
      const received = createHash('sha256')
      const response = await download()
      for await (const chunk of response) {
        received.update(chunk)
        await memory.look()
      }
      t.equal(response.statusCode, 200)
      t.equal(received.digest('hex'), file.sha256)
    })
  })

  await t.test('goes out in two parts where the connection breaks', async (t) => {
    const received = createHash('sha256')
    const first = await download()
    const have = await readUntil(first, SIZE / 3, received)
    const rest = await download({ range: `bytes=${have}-`, 'if-range': first.headers.etag! })
    t.equal(rest.statusCode, 206)
    t.equal(rest.headers['content-range'], `bytes ${have}-${SIZE - 1}/${SIZE}`)
    for await (const chunk of rest) received.update(chunk)
    t.equal(received.digest('hex'), file.sha256)
  })

  await t.test('goes out whole where If-Range names another version', async (t) => {
    const response = await download({ range: `bytes=${SIZE - 1}-`, 'if-range': '"another"' })
    t.equal(response.statusCode, 200)
    t.equal(response.headers['content-length'], String(SIZE))
    response.destroy()
  })

  async function download (headers: Record<string, string> = {}) {
    const [response] = await once(get(url + file.download_url, { headers }), 'response') as [IncomingMessage]
    return response
  }
})

async function * largeForm (hash: Hash, look: () => Promise<void>) {
  yield Buffer.from(HEAD)
  const block = randomBytes(MiB)
  for (let sent = 0; sent < SIZE; sent += MiB) {
    block.writeUInt32LE(sent / MiB)
    hash.update(block)
    yield Buffer.from(block)
    await look()
  }
  yield Buffer.from(TAIL)
}

/** @returns how many bytes came until the connection was broken off, at least `count` */
async function readUntil (response: IncomingMessage, count: number, hash: Hash): Promise<number> {
  let have = 0
  for await (const chunk of response) {
    hash.update(chunk)
    have += chunk.length
    if (have >= count) break // which destroys it
  }
  return have
}

/** What a process has in memory (resident set size), in bytes. */
function watchMemory (pid: number) {
  let most = 0
  const now = async () => Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))![1]) * 1024
  return {
    now,
    look: async () => { most = Math.max(most, await now()) },
    most: () => most,
    reset: () => { most = 0 }
  }
}

function toMiB (bytes: number): string {
  return (bytes / MiB).toFixed()
}
