import { truncate, rm } from 'node:fs/promises'
import t from 'tap'
import { attachment } from '../../examples/files/content-disposition.js'
import { parseRange } from '../../examples/files/range.js'
import { isProblem, postForm, startApp } from './support.js'

const { url, dataDir } = await startApp(t)
const text = 'The quick brown fox'

async function upload (content: string, filename = 'a.txt', type = 'text/html') {
  const response = await postForm(`${url}/files`, ['file', new Blob([content], { type }), filename])
  const { download_url: path, sha256, file_id: id } = await response.json() as Record<string, string>
  return { address: url + path, etag: `"${sha256}"`, id }
}

const { address, etag } = await upload(text)
const get = (headers: Record<string, string> = {}, method = 'GET') => fetch(address, { method, headers })

t.test('a download has its length, its hash as ETag, and cannot become a page of ours', async (t) => {
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

t.test('HEAD has the headers of GET, ranges or not', async (t) => {
  for (const headers of [undefined, { range: 'bytes=0-1' }]) {
    const [head, body] = [await get(headers, 'HEAD'), await get()]
    t.equal(head.status, 200)
    for (const name of ['etag', 'content-length', 'content-type', 'content-disposition', 'accept-ranges']) t.equal(head.headers.get(name), body.headers.get(name), name)
    t.equal(await head.text(), '')
    await body.text()
  }
})

t.test('preconditions decide before ranges', async (t) => {
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
    if (status === 412) await isProblem(t, response, 412, /If-Match/)
    else await response.text()
  }
})

t.test('a range is answered with 206, its place, and the headers of the whole', async (t) => {
  for (const [range, part, place] of [['0-0', 'T', '0-0'], ['4-8', 'quick', '4-8'], ['16-', 'fox', '16-18'], ['16-99', 'fox', '16-18'], ['-3', 'fox', '16-18'], ['-99', text, '0-18']]) {
    const response = await get({ range: `bytes=${range}` })
    t.equal(response.status, 206)
    t.equal(response.headers.get('content-range'), `bytes ${place}/19`)
    t.equal(response.headers.get('content-length'), String(part.length))
    t.equal(response.headers.get('etag'), etag)
    t.equal(response.headers.get('content-type'), 'text/html')
    t.equal(await response.text(), part)
  }
})

t.test('a range that the file does not have is 416, and says how long it is', async (t) => {
  for (const range of ['19-', '19-20', '-0', '99999999999999999999-']) {
    const response = await get({ range: `bytes=${range}` })
    t.equal(response.headers.get('content-range'), 'bytes */19', range)
    t.equal(response.headers.get('content-disposition'), null)
    await isProblem(t, response, 416, /19 bytes/)
  }
})

t.test('several ranges, other units and what makes no sense get the whole', async (t) => {
  for (const range of ['bytes=0-1,3-4', 'bytes=4-3', 'bytes=-', 'bytes=a-b', 'bytes=', 'lines=0-1', '0-1', 'bytes 0-1', 'bytes=0x1-2', 'bytes=1.0-2']) {
    const response = await get({ range })
    t.equal(response.status, 200, range)
    t.equal(await response.text(), text)
  }
})

t.test('If-Range gets the part only of the very version that it names', async (t) => {
  for (const [condition, status] of [[etag, 206], [`W/${etag}`, 200], ['"other"', 200], ['Sat, 01 Jan 2050 00:00:00 GMT', 200]] as const) {
    const response = await get({ range: 'bytes=0-2', 'if-range': condition })
    t.equal(response.status, status, condition)
    t.equal(await response.text(), status === 206 ? 'The' : text)
  }
  t.equal((await get({ range: 'bytes=99-', 'if-range': '"other"' })).status, 200)
})

t.test('an empty file can be downloaded, and has no ranges', async (t) => {
  const { address } = await upload('')
  const response = await fetch(address)
  t.equal(response.status, 200)
  t.equal(response.headers.get('content-length'), '0')
  t.equal(await response.text(), '')
  t.equal((await fetch(address, { method: 'HEAD' })).headers.get('content-length'), '0')
  t.equal((await fetch(address, { headers: { range: 'bytes=0-' } })).headers.get('content-range'), 'bytes */0')
})

t.test('the type is sent as it was uploaded', async (t) => {
  for (const type of ['application/json', 'text/plain', 'application/vnd.example+xml']) {
    const { address } = await upload('{}', 'a', type)
    t.equal((await fetch(address)).headers.get('content-type'), type)
  }
})

t.test('any name comes back as it was, without its path', async (t) => {
  const names = {
    'plain.txt': 'plain.txt',
    '../../etc/passwd': 'passwd',
    'C:\\Users\\ada\\cv.pdf': 'cv.pdf',
    'with "quotes".txt': 'with "quotes".txt',
    'naïve Grüße 日本語 🦊.txt': 'naïve Grüße 日本語 🦊.txt',
    "100% it's (a) *test*.txt": "100% it's (a) *test*.txt",
    'a\r\nSet-Cookie: a=b': 'a%0D%0ASet-Cookie: a=b' // as the client writes it
  }
  for (const [sent, expected] of Object.entries(names)) {
    const { address } = await upload('', sent)
    const response = await fetch(address)
    t.equal(response.status, 200)
    t.equal(response.headers.get('set-cookie'), null)
    const disposition = response.headers.get('content-disposition')!
    t.match(disposition, /^attachment; filename="[ !#$&-[\]-~]*"; filename\*=UTF-8''[A-Za-z0-9!#$&+.^_`|~%-]+$/)
    t.equal(decodeURIComponent(disposition.split("UTF-8''")[1]), expected)
  }
})

t.test('no name can leave its place in the header', async (t) => {
  t.equal(attachment('a";\r\n\\é/日'), 'attachment; filename="a_;______"; filename*=UTF-8\'\'a%22%3B%0D%0A%5C%C3%A9%2F%E6%97%A5')
})

t.test('bytes that are lost, or not all there, are 404', async (t) => {
  const lost = await upload('lost')
  await rm(`${dataDir}/files/${lost.id}`)
  await isProblem(t, await fetch(lost.address), 404, /lost/)
  t.equal((await fetch(lost.address, { method: 'HEAD' })).status, 404)
  t.equal((await fetch(lost.address, { headers: { range: 'bytes=0-1' } })).status, 404)

  const cut = await upload('cut off')
  await truncate(`${dataDir}/files/${cut.id}`, 3)
  await isProblem(t, await fetch(cut.address), 404, /lost/)
})

t.test('parseRange', async (t) => {
  const table: Array<[header: string, size: number, range: ReturnType<typeof parseRange>]> = [
    ['bytes=0-4', 10, { start: 0, end: 4 }],
    ['BYTES=0-4', 10, { start: 0, end: 4 }],
    ['bytes=9-9', 10, { start: 9, end: 9 }],
    ['bytes=10-', 10, 'unsatisfiable'],
    ['bytes=-1', 0, 'unsatisfiable'],
    ['bytes=0-', 0, 'unsatisfiable'],
    ['bytes=5-4', 10, undefined],
    ['bytes=0-1, 2-3', 10, undefined]
  ]
  for (const [header, size, range] of table) t.same(parseRange(header, size), range, `${header} of ${size}`)
})
