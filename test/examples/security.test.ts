import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import {
  assertProblem, newDirectory, openSocket, postForm, postJson, readAll, send, sendRaw, startApp, TOKEN
} from './support.js'

const APP = 'https://app.example.com'
const EVIL = 'https://evil.example'
const dataDir = await newDirectory(t)
const { url, port } = await startApp(t, { dataDir })
const { url: corsUrl } = await startApp(t, { corsOrigin: APP })
const bearer = { authorization: `Bearer ${TOKEN}` }
const newPost = { title: 'A', content: 'B' }
const upload = (filename: string) => postForm(`${url}/files`, ['file', new Blob(['bytes']), filename])

t.test('pages, API responses and errors have security headers', async (t) => {
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

t.test('without corsOrigin there are no CORS headers', async (t) => {
  for (const method of ['GET', 'OPTIONS', 'POST']) {
    const preflight = { origin: EVIL, 'access-control-request-method': 'PUT' }
    const { headers } = await fetch(`${url}/users`, { method, headers: preflight })
    t.same([...headers.keys()].filter((name) => name.startsWith('access-control-')), [], method)
  }
})

t.test('with corsOrigin a preflight allows the methods and headers of the API', async (t) => {
  const routes = [
    ['POST', '/users'], ['PUT', '/users/1'], ['PATCH', '/users/1'], ['DELETE', '/users/1'], ['PUT', '/api/posts/1']
  ]
  const requestHeaders = ['authorization', 'content-type', 'if-match', 'if-none-match', 'prefer']
  for (const [method, path] of routes) {
    const { status, headers } = await fetch(corsUrl + path, {
      method: 'OPTIONS',
      headers: {
        origin: APP,
        'access-control-request-method': method,
        'access-control-request-headers': requestHeaders.join()
      }
    })
    t.equal(status, 204)
    t.equal(headers.get('access-control-allow-origin'), APP)
    t.ok(listOf(headers, 'access-control-allow-methods').includes(method.toLowerCase()))
    for (const name of requestHeaders) t.ok(listOf(headers, 'access-control-allow-headers').includes(name), name)
  }
})

t.test('with corsOrigin its pages can read Location and ETag of every response', async (t) => {
  const headers = { ...bearer, origin: APP }
  const created = await send('POST', `${corsUrl}/api/posts`, newPost, headers)
  const postUrl = corsUrl + created.headers.get('location')
  const failed = await send('PUT', postUrl, newPost, { ...headers, 'if-match': '"stale"' })
  const responses: Array<[response: Response, status: number]> = [
    [created, 201],
    [await send('GET', postUrl, undefined, headers), 200],
    [failed, 412],
    [await send('PUT', postUrl, newPost, headers), 428],
    [await send('POST', `${corsUrl}/api/posts`, '{', headers), 400],
    [await send('POST', `${corsUrl}/api/posts`, newPost, { origin: APP }), 401],
    [await send('GET', `${corsUrl}/nowhere`, undefined, headers), 404]
  ]
  for (const [response, status] of responses) {
    t.equal(response.status, status)
    t.equal(response.headers.get('access-control-allow-origin'), APP)
    const exposed = listOf(response.headers, 'access-control-expose-headers')
    t.ok(exposed.includes('location') && exposed.includes('etag'), `${status}`)
  }
  t.ok(failed.headers.get('etag'))
})

t.test('with corsOrigin other origins are not allowed', async (t) => {
  for (const method of ['GET', 'OPTIONS']) {
    const preflight = { origin: EVIL, 'access-control-request-method': 'PUT' }
    const { headers } = await fetch(`${corsUrl}/users`, { method, headers: preflight })
    t.equal(headers.get('access-control-allow-origin'), APP)
    t.equal(headers.get('access-control-allow-credentials'), null)
  }
})

t.test('a page of another origin cannot change anything, not even with a form', async (t) => {
  const postFile = (server: string, headers: Record<string, string>) => {
    const form = new FormData()
    form.append('file', new Blob(['bytes']), 'a.txt')
    return fetch(`${server}/files`, { method: 'POST', body: form, headers })
  }
  const crossOrigin: Array<Record<string, string>> = [
    { origin: EVIL },
    { origin: 'null' },
    { origin: `http://localhost.evil.example:${port}` },
    { origin: EVIL, 'sec-fetch-site': 'cross-site' },
    { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site' }
  ]
  for (const server of [url, corsUrl]) {
    for (const headers of crossOrigin) await assertProblem(t, await postFile(server, headers), 403, /other origins/)
  }
  t.same(await readdir(join(dataDir, 'files')), [])
  const fromApp = { origin: APP, 'sec-fetch-site': 'cross-site' }
  await assertProblem(t, await postFile(url, fromApp), 403, /other origins/)
  const read = await fetch(`${url}/files`, { headers: { origin: EVIL, 'sec-fetch-site': 'cross-site' } })
  t.equal(read.status, 200)

  const allowed: Array<[server: string, headers: Record<string, string>]> = [
    [url, {}],
    [url, { origin: url }],
    [url, { origin: url.replace('http:', 'https:') }],
    [url, { origin: 'https://behind.a.proxy', 'sec-fetch-site': 'same-origin' }],
    [url, { 'sec-fetch-site': 'none' }],
    [corsUrl, { origin: APP }],
    [corsUrl, fromApp]
  ]
  for (const [server, headers] of allowed) {
    t.equal((await postFile(server, headers)).status, 201, JSON.stringify(headers))
  }
})

t.test('a file name is never used as a path, and cannot inject anything into a header', async (t) => {
  const names = [
    '../../../etc/passwd', '..\\..\\boot.ini', '/etc/passwd', 'a"; filename="b', "a'b", 'a;b=c', '%2e%2e%2f', '日本語 🦊',
    'é'.repeat(255), '-rf', '.', ' ', '\u202Egnp.exe', 'CON', '<script>'
  ]
  const pattern = /^attachment; filename="[^"\\]*"; filename\*=UTF-8''[\w!#$&+.^`|~%-]+$/
  for (const name of names) {
    const created = await upload(name)
    if (created.status === 400) continue
    t.equal(created.status, 201, name)
    const { file_id: id, filename, download_url: path } = await created.json() as Record<string, string>
    t.match(id, /^[\da-f-]{36}$/)
    t.notMatch(filename, /[/\\]/)
    const response = await fetch(url + path)
    t.equal(await response.text(), 'bytes')
    t.match(response.headers.get('content-disposition'), pattern, name)
  }
  for (const name of await readdir(join(dataDir, 'files'))) t.match(name, /^[\da-f-]{36}$/)
  t.same(await readdir(join(dataDir, 'partial')), [])
})

t.test('no path leads out of the served directories', async (t) => {
  const paths = [
    '/files/../../database', '/files/..%2f..%2fdatabase%2fPG_VERSION/download', '/files/%2e%2e/download',
    '/../package.json', '/..%2fpackage.json', '/%2e%2e/package.json', '/docs/static/..%2f..%2f..%2fpackage.json'
  ]
  for (const path of paths) {
    const response = await sendRaw(port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
    t.match(response, /^HTTP\/1\.1 40[034] /, path)
    t.notMatch(response, /"dependencies"|^PG_VERSION/)
  }
})

t.test('only the exact token allows writing posts', async (t) => {
  const invalid = [
    '', ' ', TOKEN.slice(0, -1), `${TOKEN}x`, TOKEN.toUpperCase(), `${TOKEN} x`, 'undefined', 'x'.repeat(10_000)
  ]
  for (const token of invalid) {
    const response = await send('POST', `${url}/api/posts`, newPost, { authorization: `Bearer ${token}` })
    t.equal(response.headers.get('www-authenticate'), 'Bearer')
    await assertProblem(t, response, 401, /token/)
  }
  t.equal((await send('POST', `${url}/api/posts`, newPost, bearer)).status, 201)
})

t.test('a body, a header or a URL that is too large is rejected', async (t) => {
  const text = 'x'.repeat(2 ** 20)
  await assertProblem(t, await postJson(`${url}/users`, { username: text }), 413, /too large/)
  const largePost = { title: 'A', content: text }
  await assertProblem(t, await send('POST', `${url}/api/posts`, largePost, bearer), 413, /too large/)
  const requests = [
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${text}\r\n\r\n`,
    `GET /${text} HTTP/1.1\r\nHost: a\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(20_000)}\r\n`
  ]
  for (const request of requests) {
    const response = await sendRaw(port, request)
    t.match(response, /^HTTP\/1\.1 431 Request Header Fields Too Large\r\nContent-Type: application\/problem\+json\r\n/)
    t.match(response, /"status":431/)
  }
})

t.test('a client that keeps sending a rejected request can still read the response', async (t) => {
  const socket = openSocket(port)
  socket.write(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}`)
  const [start] = await once(socket, 'data')
  const rest = readAll(socket)
  socket.write('x'.repeat(2 ** 22))
  t.match(start + await rest, /^HTTP\/1\.1 431 .*"status":431/s)
})

t.test('Prefer: return=minimal gets a 201 without a body', async (t) => {
  const response = await send('POST', `${url}/api/posts`, newPost, { ...bearer, prefer: 'return=minimal' })
  t.equal(response.status, 201)
  t.equal(response.headers.get('preference-applied'), 'return=minimal')
  t.equal(await response.text(), '')
  const read = await fetch(url + response.headers.get('location'))
  t.equal(read.headers.get('etag'), response.headers.get('etag'))
})

t.test('the number of connections is limited, and a closed connection makes room', async (t) => {
  const { app, port, url } = await startApp(t)
  const GET = 'GET /health HTTP/1.1\r\nHost: a\r\n'
  t.ok(app.server.maxConnections > 0 && app.server.maxConnections <= 10_000)
  app.server.maxConnections = 2
  const [first, second] = [openSocket(port), openSocket(port)]
  await Promise.all([first, second].map((socket) => once(socket, 'connect')))
  const third = await sendRaw(port, `${GET}\r\n`).catch((error) => error.code === 'ECONNRESET' ? '' : error)
  t.equal(third, '')
  const firstClosed = readAll(first)
  first.write(`${GET}Connection: close\r\n\r\n`)
  t.match(await firstClosed, /^HTTP\/1\.1 200 /)
  t.equal((await fetch(`${url}/health`)).status, 200)
  second.destroy()
})

function listOf (headers: Headers, name: string): string[] {
  return headers.get(name)!.toLowerCase().split(/, */)
}
