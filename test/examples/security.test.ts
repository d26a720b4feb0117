import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { exchange, isProblem, newDirectory, openSocket, postForm, postJson, readAll, send, startApp, TOKEN } from './support.js'

const APP = 'https://app.example.com'
const EVIL = 'https://evil.example'
const dataDir = await newDirectory(t)
const { url, port } = await startApp(t, { dataDir })
const { url: shared } = await startApp(t, { corsOrigin: APP })
const bearer = { authorization: `Bearer ${TOKEN}` }
const post = { title: 'A', content: 'B' }
const upload = (filename: string) => postForm(`${url}/files`, ['file', new Blob(['bytes']), filename])

t.test('pages, answers and errors say what a browser may do with them', async (t) => {
  for (const path of ['/', '/docs/', '/docs/json', '/users', '/health', '/nowhere', '/users/1']) {
    const response = await fetch(url + path)
    const { headers } = response
    await response.text()
    const policy = headers.get('content-security-policy')
    t.match(policy, /default-src 'self'/, path)
    t.match(policy, /script-src 'self'/, path)
    t.match(policy, /frame-ancestors 'self'/, path)
    t.notMatch(policy, /unsafe|upgrade-insecure-requests/, path)
    t.equal(headers.get('x-content-type-options'), 'nosniff', path)
    t.equal(headers.get('x-frame-options'), 'SAMEORIGIN', path)
    t.equal(headers.get('referrer-policy'), 'no-referrer', path)
    t.equal(headers.get('x-powered-by'), null, path)
  }
})

t.test('without corsOrigin no other origin is told anything', async (t) => {
  for (const method of ['GET', 'OPTIONS', 'POST']) {
    const { headers } = await fetch(`${url}/users`, { method, headers: { origin: EVIL, 'access-control-request-method': 'PUT' } })
    t.same([...headers.keys()].filter((name) => name.startsWith('access-control-')), [], method)
  }
})

t.test('with corsOrigin a preflight allows what the API is used with', async (t) => {
  for (const [method, path] of [['POST', '/users'], ['PUT', '/users/1'], ['PATCH', '/users/1'], ['DELETE', '/users/1'], ['PUT', '/api/posts/1']]) {
    const { status, headers } = await fetch(shared + path, {
      method: 'OPTIONS',
      headers: { origin: APP, 'access-control-request-method': method, 'access-control-request-headers': 'authorization,content-type,if-match,if-none-match,prefer' }
    })
    t.equal(status, 204)
    t.equal(headers.get('access-control-allow-origin'), APP)
    t.ok(namesIn(headers, 'access-control-allow-methods').includes(method.toLowerCase()))
    for (const name of ['authorization', 'content-type', 'if-match', 'if-none-match', 'prefer']) t.ok(namesIn(headers, 'access-control-allow-headers').includes(name), name)
  }
})

t.test('with corsOrigin its pages read Location and ETag of every answer', async (t) => {
  const headers = { ...bearer, origin: APP }
  const created = await send('POST', `${shared}/api/posts`, post, headers)
  const address = shared + created.headers.get('location')
  const answers: Array<[response: Response, status: number]> = [
    [created, 201],
    [await send('GET', address, undefined, headers), 200],
    [await send('PUT', address, post, { ...headers, 'if-match': '"stale"' }), 412],
    [await send('PUT', address, post, headers), 428],
    [await send('POST', `${shared}/api/posts`, '{', headers), 400],
    [await send('POST', `${shared}/api/posts`, post, { origin: APP }), 401],
    [await send('GET', `${shared}/nowhere`, undefined, headers), 404]
  ]
  for (const [response, status] of answers) {
    t.equal(response.status, status)
    t.equal(response.headers.get('access-control-allow-origin'), APP)
    const exposed = namesIn(response.headers, 'access-control-expose-headers')
    t.ok(exposed.includes('location') && exposed.includes('etag'), `${status}`)
  }
  t.ok(answers[2][0].headers.get('etag'))
})

t.test('with corsOrigin another origin gets no permission for itself', async (t) => {
  for (const method of ['GET', 'OPTIONS']) {
    const { headers } = await fetch(`${shared}/users`, { method, headers: { origin: EVIL, 'access-control-request-method': 'PUT' } })
    t.equal(headers.get('access-control-allow-origin'), APP)
    t.equal(headers.get('access-control-allow-credentials'), null)
  }
})

t.test('a page of another origin changes nothing, not even with a form', async (t) => {
  const form = () => {
    const form = new FormData()
    form.append('file', new Blob(['bytes']), 'a.txt')
    return form
  }
  const foreign = [
    { origin: EVIL },
    { origin: 'null' },
    { origin: `http://localhost.evil.example:${port}` },
    { origin: EVIL, 'sec-fetch-site': 'cross-site' },
    { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site' }
  ]
  for (const server of [url, shared]) {
    for (const headers of foreign) {
      await isProblem(t, await fetch(`${server}/files`, { method: 'POST', body: form(), headers: { ...headers } as Record<string, string> }), 403, /other origins/)
    }
  }
  t.same(await readdir(join(dataDir, 'files')), [])
  await isProblem(t, await fetch(`${url}/files`, { method: 'POST', body: form(), headers: { origin: APP, 'sec-fetch-site': 'cross-site' } }), 403, /other origins/)
  t.equal((await fetch(`${url}/files`, { headers: { origin: EVIL, 'sec-fetch-site': 'cross-site' } })).status, 200)

  const own: Array<[server: string, headers: Record<string, string>]> = [
    [url, {}],
    [url, { origin: url }],
    [url, { origin: url.replace('http:', 'https:') }],
    [url, { origin: 'https://behind.a.proxy', 'sec-fetch-site': 'same-origin' }],
    [url, { 'sec-fetch-site': 'none' }],
    [shared, { origin: APP }],
    [shared, { origin: APP, 'sec-fetch-site': 'cross-site' }]
  ]
  for (const [server, headers] of own) {
    t.equal((await fetch(`${server}/files`, { method: 'POST', body: form(), headers })).status, 201, JSON.stringify(headers))
  }
})

t.test('no file name is ever a path or leaves its place in a header', async (t) => {
  const names = ['../../../etc/passwd', '..\\..\\boot.ini', '/etc/passwd', 'a"; filename="b', "a'b", 'a;b=c', '%2e%2e%2f', '日本語 🦊', 'é'.repeat(255), '-rf', '.', ' ', '\u202Egnp.exe', 'CON', '<script>']
  for (const name of names) {
    const created = await upload(name)
    if (created.status === 400) continue
    t.equal(created.status, 201, name)
    const { file_id: id, filename, download_url: path } = await created.json() as Record<string, string>
    t.match(id, /^[\da-f-]{36}$/)
    t.notMatch(filename, /[/\\]/)
    const response = await fetch(url + path)
    t.equal(await response.text(), 'bytes')
    const { headers } = response
    t.match(headers.get('content-disposition'), /^attachment; filename="[^"\\]*"; filename\*=UTF-8''[\w!#$&+.^`|~%-]+$/, name)
  }
  for (const name of await readdir(join(dataDir, 'files'))) t.match(name, /^[\da-f-]{36}$/)
  t.same(await readdir(join(dataDir, 'partial')), [])
})

t.test('no path leads out of the files, or to the database', async (t) => {
  for (const path of ['/files/../../database', '/files/..%2f..%2fdatabase%2fPG_VERSION/download', '/files/%2e%2e/download', '/../package.json', '/..%2fpackage.json', '/%2e%2e/package.json', '/docs/static/..%2f..%2f..%2fpackage.json']) {
    const answer = await exchange(port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
    t.match(answer, /^HTTP\/1\.1 40[034] /, path)
    t.notMatch(answer, /"dependencies"|^PG_VERSION/)
  }
})

t.test('only the token itself opens the posts', async (t) => {
  for (const token of ['', ' ', TOKEN.slice(0, -1), `${TOKEN}x`, TOKEN.toUpperCase(), `${TOKEN} x`, 'undefined', 'x'.repeat(10_000)]) {
    const response = await send('POST', `${url}/api/posts`, post, { authorization: `Bearer ${token}` })
    t.equal(response.headers.get('www-authenticate'), 'Bearer')
    await isProblem(t, response, 401, /token/)
  }
  t.equal((await send('POST', `${url}/api/posts`, post, bearer)).status, 201)
})

t.test('a body, a header or a URL that is too large is refused', async (t) => {
  const text = 'x'.repeat(2 ** 20)
  await isProblem(t, await postJson(`${url}/users`, { username: text }), 413, /too large/)
  await isProblem(t, await send('POST', `${url}/api/posts`, { title: 'A', content: text }, bearer), 413, /too large/)
  for (const request of [`GET / HTTP/1.1\r\nHost: a\r\nX: ${text}\r\n\r\n`, `GET /${text} HTTP/1.1\r\nHost: a\r\n\r\n`, `GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(20_000)}\r\n`]) {
    t.match(await exchange(port, request), /^HTTP\/1\.1 431 Request Header Fields Too Large\r\nContent-Type: application\/problem\+json\r\n.*"status":431/s)
  }
})

t.test('a client that goes on sending what was refused still reads why', async (t) => {
  const socket = openSocket(port)
  socket.write(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}`)
  const [begin] = await once(socket, 'data')
  const rest = readAll(socket)
  socket.write('x'.repeat(2 ** 22))
  t.match(begin + await rest, /^HTTP\/1\.1 431 .*"status":431/s)
})

t.test('Prefer: return=minimal gets a 201 without a body', async (t) => {
  const response = await send('POST', `${url}/api/posts`, post, { ...bearer, prefer: 'return=minimal' })
  t.equal(response.status, 201)
  t.equal(response.headers.get('preference-applied'), 'return=minimal')
  t.equal(await response.text(), '')
  t.equal((await fetch(url + response.headers.get('location'))).headers.get('etag'), response.headers.get('etag'))
})

t.test('there is a limit of connections, and room again when one ends', async (t) => {
  const { app, port, url } = await startApp(t)
  t.ok(app.server.maxConnections > 0 && app.server.maxConnections <= 10_000)
  app.server.maxConnections = 2
  const [first, second] = [openSocket(port), openSocket(port)]
  await Promise.all([first, second].map((socket) => once(socket, 'connect')))
  t.equal(await exchange(port, 'GET /health HTTP/1.1\r\nHost: a\r\n\r\n').catch((error) => error.code === 'ECONNRESET' ? '' : error), '')
  const ended = readAll(first)
  first.write('GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  t.match(await ended, /^HTTP\/1\.1 200 /)
  t.equal((await fetch(`${url}/health`)).status, 200)
  second.destroy()
})

function namesIn (headers: Headers, name: string): string[] {
  return headers.get(name)!.toLowerCase().split(/, */)
}
