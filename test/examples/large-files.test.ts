import { createHash, randomBytes, type Hash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { get, request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { newDirectory, newPostgresDatabase, POSTGRES_URL, spawnServer } from './support.js'

const MiB = 2 ** 20
// More than the server's memory may grow, so that a server that keeps the file in memory fails the test.
const SIZE = Number(process.env.LARGE_FILE_MIB || 192) * MiB
const GROWTH_LIMIT = 150 * MiB
const HEAD = '--x\r\nContent-Disposition: form-data; name="file"; filename="large"\r\n\r\n'
const TAIL = '\r\n--x--\r\n'
const WITHOUT_PROC = process.platform !== 'linux' && 'the memory of another process is read from /proc'

t.test('a large file', { skip: WITHOUT_PROC }, async (t) => {
  const env: Record<string, string> = { DATA_DIR: await newDirectory(t) }
  // PGlite needs so much memory at the start that the memory of an upload would hardly be visible.
  if (POSTGRES_URL !== undefined) env.DATABASE_URL = await newPostgresDatabase(t)
  const server = spawnServer(t, env)
  const url = await server.waitForUrl()
  const memory = watchMemory(server.child.pid!)
  const hash = createHash('sha256')
  let file: Record<string, string> = {}

  const assertLowMemory = async (name: string, transfer: () => Promise<unknown>) => {
    const idle = await memory.current()
    memory.reset()
    await transfer()
    const growth = memory.peak() - idle
    t.comment(`${name} of ${SIZE / MiB} MiB: from ${toMiB(idle)} MiB to ${toMiB(memory.peak())} MiB`)
    t.ok(growth < GROWTH_LIMIT, `the server has grown by ${toMiB(growth)} MiB`)
  }

  await t.test('is uploaded', async (t) => {
    await assertLowMemory('upload', async () => {
      const contentLength = HEAD.length + SIZE + TAIL.length
      const headers = { 'content-type': 'multipart/form-data; boundary=x', 'content-length': contentLength }
      const upload = request(`${url}/files`, { method: 'POST', headers })
      const responded = once(upload, 'response') as Promise<[IncomingMessage]>
      await pipeline(largeForm(hash, memory.sample), upload)
      const [response] = await responded
      t.equal(response.statusCode, 201)
      file = JSON.parse(await text(response))
    })
    t.equal(file.size, SIZE)
    t.equal(file.sha256, hash.copy().digest('hex'))
  })

  await t.test('is downloaded', async (t) => {
    await assertLowMemory('download', async () => {
      const received = createHash('sha256')
      const response = await download()
      for await (const chunk of response) {
        received.update(chunk)
        await memory.sample()
      }
      t.equal(response.statusCode, 200)
      t.equal(received.digest('hex'), file.sha256)
    })
  })

  await t.test('is downloaded in two parts if the connection breaks', async (t) => {
    const received = createHash('sha256')
    const first = await download()
    const count = await readPart(first, SIZE / 3, received)
    const rest = await download({ range: `bytes=${count}-`, 'if-range': first.headers.etag! })
    t.equal(rest.statusCode, 206)
    t.equal(rest.headers['content-range'], `bytes ${count}-${SIZE - 1}/${SIZE}`)
    for await (const chunk of rest) received.update(chunk)
    t.equal(received.digest('hex'), file.sha256)
  })

  await t.test('is downloaded completely if If-Range names another version', async (t) => {
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

async function * largeForm (hash: Hash, sample: () => Promise<void>) {
  yield Buffer.from(HEAD)
  const block = randomBytes(MiB)
  for (let sent = 0; sent < SIZE; sent += MiB) {
    block.writeUInt32LE(sent / MiB)
    hash.update(block)
    yield Buffer.from(block)
    await sample()
  }
  yield Buffer.from(TAIL)
}

/** Reads at least `count` bytes, then closes the connection. @returns how many bytes were read */
async function readPart (response: IncomingMessage, count: number, hash: Hash): Promise<number> {
  let received = 0
  for await (const chunk of response) {
    hash.update(chunk)
    received += chunk.length
    if (received >= count) break // which destroys the response
  }
  return received
}

/** Watches the memory of a process (resident set size), in bytes. */
function watchMemory (pid: number) {
  let peak = 0
  const current = async () => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) * 1024
  }
  return {
    current,
    sample: async () => { peak = Math.max(peak, await current()) },
    peak: () => peak,
    reset: () => { peak = 0 }
  }
}

function toMiB (bytes: number): string {
  return (bytes / MiB).toFixed()
}
