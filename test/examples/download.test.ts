import { truncate, rm } from 'node:fs/promises'
import t from 'tap'
import { attachment } from '../../examples/files/content-disposition.js'
import { parseRange } from '../../examples/files/range.js'
import { assertProblem, postForm, startApp } from './support.js'

const { url, dataDir } = await startApp(t)
const text = 'The quick brown fox'

async function upload (content: string, filename = 'a.txt', type = 'text/html') {
  const response = await postForm(`${url}/files`, ['file', new Blob([content], { type }), filename])
  const { download_url: path, sha256, file_id: id } = await response.json() as Record<string, string>
  return { downloadUrl: url + path, etag: `"${sha256}"`, id }
}

const { downloadUrl, etag } = await upload(text)
const get = (headers: Record<string, string> = {}, method = 'GET') => fetch(downloadUrl, { method, headers })

t.test('a download has its length, its hash as ETag, and browsers do not show it as a page', async (t) => {
  const response = await get()
  t.equal(response.status, 200)
  t.equal(response.headers.get('etag'), etag)
  t.equal(response.headers.get('content-length'), String(text.length))
  t.equal(response.headers.get('content-type'), 'text/html')
  t.equal(response.headers.get('x-content-type-options'), 'nosniff')
  t.equal(response.headers.get('accept-ranges'), 'bytes')
  t.match(response.headers.get('content-disposition'), /^attachment; filename="a.txt"/)
  t.equal(await response.text(), text)
})

t.test('HEAD has the headers of GET, with or without Range', async (t) => {
  const names = ['etag', 'content-length', 'content-type', 'content-disposition', 'accept-ranges']
  for (const headers of [undefined, { range: 'bytes=0-1' }]) {
    const [headResponse, getResponse] = [await get(headers, 'HEAD'), await get()]
    t.equal(headResponse.status, 200)
    for (const name of names) t.equal(headResponse.headers.get(name), getResponse.headers.get(name), name)
    t.equal(await headResponse.text(), '')
    await getResponse.text()
  }
})

t.test('preconditions are evaluated before Range', async (t) => {
  const cases: Array<[headers: Record<string, string>, status: number]> = [
    [{ 'if-none-match': etag }, 304],
    [{ 'if-none-match': `"other", W/${etag}` }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"other"' }, 200],
    [{ 'if-none-match': etag, range: 'bytes=0-3' }, 304],
    [{ 'if-none-match': '"other"', range: 'bytes=0-3' }, 206],
    [{ 'if-match': etag }, 200],
    [{ 'if-match': etag, range: 'bytes=0-3' }, 206],
    [{ 'if-match': '"other"' }, 412],
    [{ 'if-match': `W/${etag}` }, 412],
    [{ 'if-match': '"other"', range: 'bytes=0-3' }, 412],
    [{ 'if-match': '"other"', range: 'bytes=99-' }, 412]
  ]
  for (const [headers, status] of cases) {
    const response = await get(headers)
    t.equal(response.status, status, JSON.stringify(headers))
    t.equal(response.headers.get('etag'), etag)
    if (status === 304) t.equal(response.headers.get('content-disposition'), null)
    if (status === 412) await assertProblem(t, response, 412, /If-Match/)
    else await response.text()
  }
})

t.test('a range is a 206 with Content-Range and the headers of the whole file', async (t) => {
  const cases = [
    ['0-0', 'T', '0-0'], ['4-8', 'quick', '4-8'], ['16-', 'fox', '16-18'], ['16-99', 'fox', '16-18'],
    ['-3', 'fox', '16-18'], ['-99', text, '0-18']
  ]
  for (const [range, part, contentRange] of cases) {
    const response = await get({ range: `bytes=${range}` })
    t.equal(response.status, 206)
    t.equal(response.headers.get('content-range'), `bytes ${contentRange}/19`)
    t.equal(response.headers.get('content-length'), String(part.length))
    t.equal(response.headers.get('etag'), etag)
    t.equal(response.headers.get('content-type'), 'text/html')
    t.equal(await response.text(), part)
  }
})

t.test('an unsatisfiable range is 416 with the size of the file', async (t) => {
  for (const range of ['19-', '19-20', '-0', '99999999999999999999-']) {
    const response = await get({ range: `bytes=${range}` })
    t.equal(response.headers.get('content-range'), 'bytes */19', range)
    t.equal(response.headers.get('content-disposition'), null)
    await assertProblem(t, response, 416, /19 bytes/)
  }
})

t.test('several ranges, other units and malformed ranges get the whole file', async (t) => {
  const ranges = [
    'bytes=0-1,3-4', 'bytes=4-3', 'bytes=-', 'bytes=a-b', 'bytes=', 'lines=0-1', '0-1', 'bytes 0-1', 'bytes=0x1-2',
    'bytes=1.0-2'
  ]
  for (const range of ranges) {
    const response = await get({ range })
    t.equal(response.status, 200, range)
    t.equal(await response.text(), text)
  }
})

t.test('If-Range gets the part only if it names the current version', async (t) => {
  const cases = [
    [etag, 206], [`W/${etag}`, 200], ['"other"', 200], ['Sat, 01 Jan 2050 00:00:00 GMT', 200]
  ] as const
  for (const [ifRange, status] of cases) {
    const response = await get({ range: 'bytes=0-2', 'if-range': ifRange })
    t.equal(response.status, status, ifRange)
    t.equal(await response.text(), status === 206 ? 'The' : text)
  }
  t.equal((await get({ range: 'bytes=99-', 'if-range': '"other"' })).status, 200)
})

t.test('an empty file can be downloaded, and has no ranges', async (t) => {
  const { downloadUrl } = await upload('')
  const response = await fetch(downloadUrl)
  t.equal(response.status, 200)
  t.equal(response.headers.get('content-length'), '0')
  t.equal(await response.text(), '')
  t.equal((await fetch(downloadUrl, { method: 'HEAD' })).headers.get('content-length'), '0')
  const ranged = await fetch(downloadUrl, { headers: { range: 'bytes=0-' } })
  t.equal(ranged.headers.get('content-range'), 'bytes */0')
})

t.test('the content type is the one of the upload', async (t) => {
  for (const type of ['application/json', 'text/plain', 'application/vnd.example+xml']) {
    const { downloadUrl } = await upload('{}', 'a', type)
    t.equal((await fetch(downloadUrl)).headers.get('content-type'), type)
  }
})

t.test('the file name is the one of the upload, without a path', async (t) => {
  const names = {
    'plain.txt': 'plain.txt',
    '../../etc/passwd': 'passwd',
    'C:\\Users\\ada\\cv.pdf': 'cv.pdf',
    'with "quotes".txt': 'with "quotes".txt',
    'naïve Grüße 日本語 🦊.txt': 'naïve Grüße 日本語 🦊.txt',
    "100% it's (a) *test*.txt": "100% it's (a) *test*.txt",
    'a\r\nSet-Cookie: a=b': 'a%0D%0ASet-Cookie: a=b' // as the client encodes it
  }
  const pattern = /^attachment; filename="[ !#$&-[\]-~]*"; filename\*=UTF-8''[A-Za-z0-9!#$&+.^_`|~%-]+$/
  for (const [sent, expected] of Object.entries(names)) {
    const { downloadUrl } = await upload('', sent)
    const response = await fetch(downloadUrl)
    t.equal(response.status, 200)
    t.equal(response.headers.get('set-cookie'), null)
    const disposition = response.headers.get('content-disposition')!
    t.match(disposition, pattern)
    t.equal(decodeURIComponent(disposition.split("UTF-8''")[1]), expected)
  }
})

t.test('a file name cannot inject anything into the header', async (t) => {
  const expected = 'attachment; filename="a_;______"; filename*=UTF-8\'\'a%22%3B%0D%0A%5C%C3%A9%2F%E6%97%A5'
  t.equal(attachment('a";\r\n\\é/日'), expected)
})

t.test('missing or incomplete bytes are 404', async (t) => {
  const missing = await upload('missing')
  await rm(`${dataDir}/files/${missing.id}`)
  await assertProblem(t, await fetch(missing.downloadUrl), 404, /lost/)
  t.equal((await fetch(missing.downloadUrl, { method: 'HEAD' })).status, 404)
  t.equal((await fetch(missing.downloadUrl, { headers: { range: 'bytes=0-1' } })).status, 404)

  const truncated = await upload('truncated')
  await truncate(`${dataDir}/files/${truncated.id}`, 3)
  await assertProblem(t, await fetch(truncated.downloadUrl), 404, /lost/)
})

t.test('parseRange', async (t) => {
  const cases: Array<[header: string, size: number, range: ReturnType<typeof parseRange>]> = [
    ['bytes=0-4', 10, { start: 0, end: 4 }],
    ['BYTES=0-4', 10, { start: 0, end: 4 }],
    ['bytes=9-9', 10, { start: 9, end: 9 }],
    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=-1', 0, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=5-4', 10, undefined],
    ['bytes=0-1, 2-3', 10, undefined]
  ]
  for (const [header, size, range] of cases) t.same(parseRange(header, size), range, `${header} of ${size}`)
})
