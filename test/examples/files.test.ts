import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, rm, rmdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  assertProblem, captureLogs, listFiles, newDirectory, NOTHING_HERE, openSocket, postForm, readAll, send, sendRaw,
  startApp, VIOLATION, type FormPart
} from './support.js'

interface Page {
  items: Array<Record<string, unknown>>
  next: string | null
}

const { logs, logger } = captureLogs()
const { url, port, dataDir } = await startApp(t, { logger })
const files = `${url}/files`
const bytes = randomBytes(90_000)
const list = async (query = '') => await (await fetch(files + query)).json() as Page

/** An upload as raw bytes, for forms that no HTTP client would send. */
function rawForm (...lines: string[]): string {
  const body = lines.join('\r\n')
  return [
    'POST /files HTTP/1.1',
    'Host: localhost',
    'Connection: close',
    'Content-Type: multipart/form-data; boundary=x',
    `Content-Length: ${body.length}`,
    '',
    body
  ].join('\r\n')
}

const DISPOSITION = 'Content-Disposition: form-data; name="file"; filename="a.txt"'

t.test('an upload is a 201 with Location, ETag and metadata', async (t) => {
  const response = await postForm(files, ['file', new Blob([bytes], { type: 'image/png' }), 'cat.png'])
  t.equal(response.status, 201)
  const file = await response.json() as Record<string, string>
  t.same(Object.keys(file), [
    'file_id', 'filename', 'size', 'content_type', 'sha256', 'created_at', 'download_url'
  ])
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const downloadUrl = `/files/${file.file_id}/download`
  t.match(file, {
    filename: 'cat.png', size: bytes.length, content_type: 'image/png', sha256, download_url: downloadUrl
  })
  t.equal(response.headers.get('location'), `/files/${file.file_id}`)

  const read = await fetch(url + response.headers.get('location'))
  t.equal(read.status, 200)
  t.same(await read.json(), file)
  const etag = read.headers.get('etag')
  t.equal(etag, response.headers.get('etag'))
  t.equal((await fetch(read.url, { headers: { 'if-none-match': etag! } })).status, 304)
  t.equal((await fetch(read.url, { method: 'HEAD' })).headers.get('etag'), etag)

  t.same(Buffer.from(await (await fetch(url + file.download_url)).arrayBuffer()), bytes)
})

t.test('the list has pages', async (t) => {
  for (const name of ['b', 'c']) await postForm(files, ['file', new Blob([name]), name])
  const { items } = await list()
  t.equal(items.length, 3)
  const first = await list('?limit=2')
  t.same(first, { items: items.slice(0, 2), next: items[1].file_id })
  t.same(await list(`?limit=2&after=${first.next}`), { items: items.slice(2), next: null })
})

t.test('an invalid UUID is 400, and an unknown one 404', async (t) => {
  const unknown = `${files}/00000000-0000-4000-8000-000000000000`
  for (const path of ['', '/download']) {
    await assertProblem(t, await fetch(`${files}/..%2f..%2fetc%2fpasswd${path}`), 400, /file_id must match/)
    await assertProblem(t, await fetch(unknown + path), 404, NOTHING_HERE)
  }
})

/** What the server stores. */
async function snapshot () {
  return { list: await list(), files: (await listFiles(dataDir)).sort() }
}

t.test('DELETE with If-Match is 204, and metadata and bytes are gone', async (t) => {
  const before = await snapshot()
  const created = await postForm(files, ['file', new Blob(['to be deleted']), 'd'])
  const fileUrl = url + created.headers.get('location')
  const etag = created.headers.get('etag')!
  const remove = (ifMatch?: string) => {
    return send('DELETE', fileUrl, undefined, ifMatch === undefined ? {} : { 'if-match': ifMatch })
  }

  await assertProblem(t, await remove(), 428, /If-Match/)
  await assertProblem(t, await remove('tag'), 400, /If-Match/)
  for (const staleEtag of ['"stale"', `W/${etag}`]) {
    const failed = await remove(staleEtag)
    t.equal(failed.headers.get('etag'), etag)
    await assertProblem(t, failed, 412, /If-Match/)
  }
  const invalidId = await send('DELETE', `${files}/1`, undefined, { 'if-match': etag })
  await assertProblem(t, invalidId, 400, /file_id must match/)
  t.equal(await (await fetch(`${fileUrl}/download`)).text(), 'to be deleted')

  const response = await remove(etag)
  t.equal(response.status, 204)
  t.equal(await response.text(), '')
  await assertProblem(t, await fetch(fileUrl), 404, NOTHING_HERE)
  await assertProblem(t, await fetch(`${fileUrl}/download`), 404, NOTHING_HERE)
  await assertProblem(t, await remove(etag), 404, NOTHING_HERE)
  await assertProblem(t, await remove(), 404, NOTHING_HERE)
  t.same(await snapshot(), before)
})

t.test('if the bytes cannot be removed, the marker stays for the next start', async (t) => {
  const created = await postForm(files, ['file', new Blob(['bytes']), 'f'])
  const { file_id: id } = await created.json() as Record<string, string>
  const path = join(dataDir, 'files', id)
  await rm(path)
  await mkdir(path) // which rm() without `recursive` cannot remove
  const deleted = await send('DELETE', `${files}/${id}`, undefined, { 'if-match': '*' })
  await assertProblem(t, deleted, 500, /failed to process/)
  t.equal((await fetch(`${files}/${id}`)).status, 404)
  const [marker] = await readdir(join(dataDir, 'partial'))
  t.ok(marker.endsWith(`.${id}`))
  await rmdir(path)
  await rmdir(join(dataDir, 'partial', marker))
})

t.test('a rejected upload leaves nothing behind', async (t) => {
  const before = await snapshot()
  const file = (): FormPart => ['file', new Blob(['bytes']), 'a.txt']
  const testRejected = (name: string, send: (t: Test) => Promise<unknown>) => t.test(name, async (t) => {
    await send(t)
    t.same(await snapshot(), before)
  })

  await testRejected('a file over the limit is 413, even if it is far over the limit', async (t) => {
    for (const size of [100_001, 20_000_000]) {
      const response = await postForm(files, ['file', new Blob([Buffer.alloc(size)]), 'large'])
      await assertProblem(t, response, 413, /at most 100000 bytes/)
    }
  })

  await testRejected('a form without a file is 400', async (t) => {
    await assertProblem(t, await postForm(files), 400, /no file/)
    await assertProblem(t, await postForm(files, ['file', 'just text']), 400, /unknown field 'file'/)
    await assertProblem(t, await postForm(files, ['file', new Blob([]), '']), 400, /no file/)
  })

  await testRejected('a second file or another field is 400, in any order', async (t) => {
    const otherField: FormPart = ['title', 'A']
    const otherFile: FormPart = ['photo', new Blob(['bytes']), 'a.txt']
    await assertProblem(t, await postForm(files, file(), file()), 400, /second file/)
    await assertProblem(t, await postForm(files, otherField), 400, /unknown field 'title'/)
    await assertProblem(t, await postForm(files, otherField, file()), 400, /unknown field 'title'/)
    await assertProblem(t, await postForm(files, file(), otherField), 400, /unknown field 'title'/)
    await assertProblem(t, await postForm(files, otherFile), 400, /unknown field 'photo'/)
    await assertProblem(t, await postForm(files, file(), otherFile), 400, /unknown field 'photo'/)
    await assertProblem(t, await postForm(files, file(), ['toString', 'x']), 400, /malformed/)
  })

  await testRejected('the client can read the response, even after a large second file', async (t) => {
    const large: FormPart = ['file', new Blob([Buffer.alloc(20_000_000)]), 'large']
    await assertProblem(t, await postForm(files, file(), large), 400, /second file/)
  })

  const jsonField = ['Content-Disposition: form-data; name="b"', 'Content-Type: application/json', '', '{']
  const malformed: Record<string, string> = {
    'no boundary': rawForm().replace('; boundary=x', ''),
    'not a form': rawForm('not a form'),
    'no closing boundary': rawForm('--x', DISPOSITION, '', 'bytes'),
    'half of the closing boundary': rawForm('--x', DISPOSITION, '', 'bytes', '--x'),
    'a boundary without a part after it': rawForm('--x', DISPOSITION, '', 'bytes', '--x', ''),
    'a part that ends in its headers': rawForm('--x', DISPOSITION),
    'a JSON field with invalid JSON': rawForm('--x', DISPOSITION, '', 'bytes', '--x', ...jsonField, '--x--', ''),
    'a part without a name': rawForm('--x', 'Content-Disposition: form-data; filename="a"', '', 'bytes', '--x--', '')
  }
  for (const [name, request] of Object.entries(malformed)) {
    await testRejected(`a malformed form is 400: ${name}`, async (t) => {
      t.match(await sendRaw(port, request), /^HTTP\/1.1 400 .*"status":400/s)
    })
  }

  const filenames: Record<string, string> = {
    'longer than 255 characters': `filename="${'a'.repeat(256)}"`,
    'with a NUL': 'filename="a\0b"',
    'with a line break': "filename*=UTF-8''a%0D%0ASet-Cookie:%20a=b",
    'that is only a path': 'filename="../.."'
  }
  for (const [name, filename] of Object.entries(filenames)) {
    await testRejected(`a file name ${name} is 400`, async (t) => {
      const disposition = `Content-Disposition: form-data; name="file"; ${filename}`
      t.match(await sendRaw(port, rawForm('--x', disposition, '', 'bytes', '--x--', '')), /^HTTP\/1.1 400 /)
    })
  }

  await testRejected('an invalid content type of the file is 400', async (t) => {
    for (const type of ['é/é', 'text', 'text/', 'a/b/c', `text/${'a'.repeat(500)}`]) {
      const request = rawForm('--x', DISPOSITION, `Content-Type: ${type}`, '', 'bytes', '--x--', '')
      t.match(await sendRaw(port, request), /^HTTP\/1.1 400 .*media type/s, type)
    }
  })

  await testRejected('a body that is not a form is 415', async (t) => {
    const headers = { 'content-type': 'application/json' }
    await assertProblem(t, await fetch(files, { method: 'POST', headers, body: '{' }), 415, /Media Type/)
    await assertProblem(t, await fetch(files, { method: 'POST', body: 'text' }), 415, /Media Type/)
    await assertProblem(t, await fetch(files, { method: 'POST' }), 415, /form/)
  })

  await testRejected('an upload whose connection breaks is removed', async () => {
    const head = [
      'POST /files HTTP/1.1',
      'Host: localhost',
      'Content-Type: multipart/form-data; boundary=x',
      'Content-Length: 90000',
      '',
      ''
    ].join('\r\n')
    for (const sent of ['b', 'bytes'.repeat(10_000)]) {
      const socket = openSocket(port)
      socket.write(`${head}--x\r\n${DISPOSITION}\r\n\r\n${sent}`)
      await waitForUnfinished(1)
      socket.destroy()
      await once(socket, 'close')
      await waitForUnfinished(0)
    }
  })
})

t.test('a slow upload is stored', async (t) => {
  const socket = openSocket(port)
  const form = rawForm('--x', DISPOSITION, 'Content-Type: text/plain', '', 'bytes', '--x--', '')
  const [start, end] = form.split('yt')
  socket.write(start)
  await waitForUnfinished(1)
  socket.write(`yt${end}`)
  t.match(await readAll(socket), /^HTTP\/1.1 201 .*"size":5,/s)
})

t.test('no rule of fastify-created was violated', async (t) => {
  t.not(logs.length, 0)
  t.notMatch(logs.join(), VIOLATION)
})

/** Waits until the server has that many unfinished uploads. */
async function waitForUnfinished (count: number): Promise<void> {
  while ((await readdir(join(dataDir, 'partial'))).length !== count);
}

t.test('the marker of a process on another machine is removed after a day, and not earlier', async (t) => {
  const dataDir = await newDirectory(t)
  const partial = join(dataDir, 'partial')
  const [oldMarker, newMarker] = ['old', 'new'].map((name) => {
    return `another-machine~1~1~${name}.00000000-0000-4000-8000-000000000000`
  })
  for (const marker of [oldMarker, newMarker]) await mkdir(join(partial, marker), { recursive: true })
  const dayAgo = Date.now() / 1000 - 90_000
  await utimes(join(partial, oldMarker), dayAgo, dayAgo)
  await startApp(t, { dataDir })
  t.same(await readdir(partial), [newMarker])
})
