import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, rm, rmdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { exchange, filesIn, isProblem, keepLogs, newDirectory, openSocket, postForm, readAll, send, startApp, VIOLATION } from './support.js'

const { logs, logger } = keepLogs()
const { url, port, dataDir } = await startApp(t, { logger })
const files = `${url}/files`
const bytes = randomBytes(90_000)
const list = async (query = '') => (await fetch(files + query)).json() as Promise<{ items: Array<Record<string, unknown>>, next: string | null }>

/** A form as bytes, for what no client would send. */
function form (...lines: string[]): string {
  const body = lines.join('\r\n')
  return `POST /files HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}

const HEAD = 'Content-Disposition: form-data; name="file"; filename="a.txt"'

t.test('a file is answered with 201, its address, its ETag, and what is known of it', async (t) => {
  const response = await postForm(files, ['file', new Blob([bytes], { type: 'image/png' }), 'cat.png'])
  t.equal(response.status, 201)
  const file = await response.json() as Record<string, string>
  t.same(Object.keys(file), ['file_id', 'filename', 'size', 'content_type', 'sha256', 'created_at', 'download_url'])
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  t.match(file, { filename: 'cat.png', size: bytes.length, content_type: 'image/png', sha256, download_url: `/files/${file.file_id}/download` })
  t.equal(response.headers.get('location'), `/files/${file.file_id}`)

  const again = await fetch(url + response.headers.get('location'))
  t.equal(again.status, 200)
  t.same(await again.json(), file)
  const etag = again.headers.get('etag')
  t.equal(etag, response.headers.get('etag'))
  t.equal((await fetch(again.url, { headers: { 'if-none-match': etag! } })).status, 304)
  t.equal((await fetch(again.url, { method: 'HEAD' })).headers.get('etag'), etag)

  t.same(Buffer.from(await (await fetch(url + file.download_url)).arrayBuffer()), bytes)
})

t.test('the list is read page by page', async (t) => {
  for (const name of ['b', 'c']) await postForm(files, ['file', new Blob([name]), name])
  const { items } = await list()
  t.equal(items.length, 3)
  const first = await list('?limit=2')
  t.same(first, { items: items.slice(0, 2), next: items[1].file_id })
  t.same(await list(`?limit=2&after=${first.next}`), { items: items.slice(2), next: null })
})

t.test('an id that is no UUID is 400, and one that nobody has 404', async (t) => {
  for (const path of ['', '/download']) {
    await isProblem(t, await fetch(`${files}/..%2f..%2fetc%2fpasswd${path}`), 400, /file_id must match/)
    await isProblem(t, await fetch(`${files}/00000000-0000-4000-8000-000000000000${path}`), 404, /nothing at this address/)
  }
})

t.test('DELETE with If-Match is 204, and metadata and bytes are gone', async (t) => {
  const before = { list: await list(), files: (await filesIn(dataDir)).sort() }
  const created = await postForm(files, ['file', new Blob(['to be deleted']), 'd'])
  const address = url + created.headers.get('location')
  const etag = created.headers.get('etag')!
  const remove = (ifMatch?: string) => send('DELETE', address, undefined, ifMatch === undefined ? {} : { 'if-match': ifMatch })

  await isProblem(t, await remove(), 428, /If-Match/)
  await isProblem(t, await remove('tag'), 400, /If-Match/)
  for (const stale of ['"stale"', `W/${etag}`]) {
    const failed = await remove(stale)
    t.equal(failed.headers.get('etag'), etag)
    await isProblem(t, failed, 412, /If-Match/)
  }
  await isProblem(t, await send('DELETE', `${files}/1`, undefined, { 'if-match': etag }), 400, /file_id must match/)
  t.equal(await (await fetch(`${address}/download`)).text(), 'to be deleted')

  const response = await remove(etag)
  t.equal(response.status, 204)
  t.equal(await response.text(), '')
  for (const gone of [address, `${address}/download`]) await isProblem(t, await fetch(gone), 404, /nothing at this address/)
  await isProblem(t, await remove(etag), 404, /nothing at this address/)
  await isProblem(t, await remove(), 404, /nothing at this address/)
  t.same({ list: await list(), files: (await filesIn(dataDir)).sort() }, before)
})

t.test('bytes that cannot be removed are marked for the next start', async (t) => {
  const file = await (await postForm(files, ['file', new Blob(['bytes']), 'f'])).json() as Record<string, string>
  const bytes = join(dataDir, 'files', file.file_id)
  await rm(bytes)
  await mkdir(bytes) // rm() without `recursive` refuses it
  await isProblem(t, await send('DELETE', `${files}/${file.file_id}`, undefined, { 'if-match': '*' }), 500, /failed to answer/)
  t.equal((await fetch(`${files}/${file.file_id}`)).status, 404)
  const [mark] = await readdir(join(dataDir, 'partial'))
  t.ok(mark.endsWith(`.${file.file_id}`))
  await rmdir(bytes)
  await rmdir(join(dataDir, 'partial', mark))
})

t.test('what is refused leaves nothing behind', async (t) => {
  const before = { list: await list(), files: (await filesIn(dataDir)).sort() }
  const file = () => ['file', new Blob(['bytes']), 'a.txt'] as const
  const refuses = (name: string, send: (t: Test) => Promise<unknown>) => t.test(name, async (t) => {
    await send(t)
    t.same({ list: await list(), files: (await filesIn(dataDir)).sort() }, before)
  })

  await refuses('a file over the limit is 413, also when it is far over', async (t) => {
    for (const size of [100_001, 20_000_000]) {
      await isProblem(t, await postForm(files, ['file', new Blob([Buffer.alloc(size)]), 'large']), 413, /at most 100000 bytes/)
    }
  })

  await refuses('a form without a file is 400', async (t) => {
    await isProblem(t, await postForm(files), 400, /no file/)
    await isProblem(t, await postForm(files, ['file', 'just text']), 400, /unknown field 'file'/)
    await isProblem(t, await postForm(files, ['file', new Blob([]), '']), 400, /no file/)
  })

  await refuses('a second file, and any other field, is 400 wherever it stands', async (t) => {
    const other = ['title', 'A'] as [string, string]
    const otherFile = ['photo', new Blob(['bytes']), 'a.txt'] as [string, Blob, string]
    await isProblem(t, await postForm(files, [...file()], [...file()]), 400, /second file/)
    await isProblem(t, await postForm(files, other), 400, /unknown field 'title'/)
    await isProblem(t, await postForm(files, other, [...file()]), 400, /unknown field 'title'/)
    await isProblem(t, await postForm(files, [...file()], other), 400, /unknown field 'title'/)
    await isProblem(t, await postForm(files, otherFile), 400, /unknown field 'photo'/)
    await isProblem(t, await postForm(files, [...file()], otherFile), 400, /unknown field 'photo'/)
    await isProblem(t, await postForm(files, [...file()], ['toString', 'x']), 400, /broken/)
  })

  await refuses('a second file that is large does not keep the client from reading the answer', async (t) => {
    const large = ['file', new Blob([Buffer.alloc(20_000_000)]), 'large'] as [string, Blob, string]
    await isProblem(t, await postForm(files, [...file()], large), 400, /second file/)
  })

  const broken: Record<string, string> = {
    'no boundary': form().replace('; boundary=x', ''),
    'no form at all': form('not a form'),
    'nothing after the part': form('--x', HEAD, '', 'bytes'),
    'only half of the closing boundary': form('--x', HEAD, '', 'bytes', '--x'),
    'a boundary that opens a part that never comes': form('--x', HEAD, '', 'bytes', '--x', ''),
    'a part that ends in its headers': form('--x', HEAD),
    'a field that is no JSON though it says so': form('--x', HEAD, '', 'bytes', '--x', 'Content-Disposition: form-data; name="b"', 'Content-Type: application/json', '', '{', '--x--', ''),
    'a part without a name': form('--x', 'Content-Disposition: form-data; filename="a"', '', 'bytes', '--x--', '')
  }
  for (const [what, request] of Object.entries(broken)) {
    await refuses(`a broken form is 400: ${what}`, async (t) => {
      t.match(await exchange(port, request), /^HTTP\/1.1 400 .*"status":400/s)
    })
  }

  const names: Record<string, string> = {
    'longer than 255 characters': `filename="${'a'.repeat(256)}"`,
    'with a NUL': 'filename="a\0b"',
    'with a line break': "filename*=UTF-8''a%0D%0ASet-Cookie:%20a=b",
    'that is only a path': 'filename="../.."'
  }
  for (const [what, name] of Object.entries(names)) {
    await refuses(`a file name ${what} is 400`, async (t) => {
      t.match(await exchange(port, form('--x', `Content-Disposition: form-data; name="file"; ${name}`, '', 'bytes', '--x--', '')), /^HTTP\/1.1 400 /)
    })
  }

  await refuses('a content type that no header could carry is 400', async (t) => {
    for (const type of ['é/é', 'text', 'text/', 'a/b/c', `text/${'a'.repeat(500)}`]) {
      t.match(await exchange(port, form('--x', HEAD, `Content-Type: ${type}`, '', 'bytes', '--x--', '')), /^HTTP\/1.1 400 .*media type/s, type)
    }
  })

  await refuses('a body that is no form is 415', async (t) => {
    await isProblem(t, await fetch(files, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' }), 415, /Media Type/)
    await isProblem(t, await fetch(files, { method: 'POST', body: 'text' }), 415, /Media Type/)
    await isProblem(t, await fetch(files, { method: 'POST' }), 415, /form/)
  })

  await refuses('an upload whose connection breaks is forgotten', async () => {
    for (const sent of ['b', 'bytes'.repeat(10_000)]) {
      const socket = openSocket(port)
      socket.write(`POST /files HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 90000\r\n\r\n--x\r\n${HEAD}\r\n\r\n${sent}`)
      await untilPartial(1)
      socket.destroy()
      await once(socket, 'close')
      await untilPartial(0)
    }
  })
})

t.test('an upload that takes its time is stored', async (t) => {
  const socket = openSocket(port)
  const [start, end] = form('--x', HEAD, 'Content-Type: text/plain', '', 'bytes', '--x--', '').split('yt')
  socket.write(start)
  await untilPartial(1)
  socket.write(`yt${end}`)
  t.match(await readAll(socket), /^HTTP\/1.1 201 .*"size":5,/s)
})

t.test('no rule of fastify-created was broken', async (t) => {
  t.not(logs.length, 0)
  t.notMatch(logs.join(), VIOLATION)
})

/** Waits until the server has that many unfinished uploads on its disk. */
async function untilPartial (count: number): Promise<void> {
  while ((await readdir(join(dataDir, 'partial'))).length !== count);
}

t.test('what a process on another machine has left is removed after a day, and not before', async (t) => {
  const dataDir = await newDirectory(t)
  const [old, young] = ['old', 'young'].map((name) => join(dataDir, 'partial', `another-machine~1~1~${name}.00000000-0000-4000-8000-000000000000`))
  for (const mark of [old, young]) await mkdir(mark, { recursive: true })
  const before = Date.now() / 1000 - 90_000
  await utimes(old, before, before)
  await startApp(t, { dataDir })
  t.same((await readdir(join(dataDir, 'partial'))).map((name) => join(dataDir, 'partial', name)), [young])
})
