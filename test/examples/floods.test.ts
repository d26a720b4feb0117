import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { ConnectionError } from 'fastify'
import { handleClientError } from '../../examples/client-error.js'
import { exchange, keepLogs, newDirectory, openSocket, postJson, readAll, send, startApp } from './support.js'

const { logs, logger } = keepLogs()
const dataDir = await newDirectory(t)
const { app, url, port } = await startApp(t, { dataDir, logger })
const GET = 'GET /health HTTP/1.1\r\nHost: a\r\n'

t.test('bytes that are no HTTP get problem details, and the connection is closed', async (t) => {
  for (const bytes of ['\0\x01\x02\r\n\r\n', 'HELLO\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', `${GET}Content-Length: -1\r\n\r\n`, `${GET}Bad Name: x\r\n\r\n`, 'POST /users HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00']) {
    const [head, body] = (await exchange(port, bytes)).split('\r\n\r\n')
    t.match(head, /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/problem\+json\r\n/, JSON.stringify(bytes))
    t.match(head, `Content-Length: ${body.length}\r\nConnection: close`)
    t.same(JSON.parse(body), { type: 'about:blank', title: 'Bad Request', status: 400, detail: 'This is no HTTP request.' })
  }
})

t.test('who goes on sending after that, or keeps the connection open, is cut off', async (t) => {
  const [sending, silent] = [1, 2].map(() => connect({ port, host: '127.0.0.1', allowHalfOpen: true }).setEncoding('latin1'))
  const closed = Promise.all([sending, silent].map((socket) => readAll(socket).catch(ignoreReset)))
  const send = () => sending.destroyed || sending.write('no HTTP\r\n'.repeat(1000), () => { setImmediate().then(send) })
  send()
  silent.write('no HTTP\r\n')
  await once(silent, 'end')
  await untilNobodyIsConnected()
  t.pass()
  silent.destroy()
  await closed
})

t.test('an answer that was begun is not mixed with another', async (t) => {
  const socket = openSocket(port)
  const closed = readAll(socket)
  socket.write(`${GET}\r\n`)
  await once(socket, 'data')
  socket.write('no HTTP\r\n\r\n')
  const received = await closed
  t.match(received, /^HTTP\/1\.1 200 /)
  t.equal(received.match(/HTTP\/1\.1/g)!.length, 1)
})

t.test('a request that is too slow is 408', async (t) => {
  const server = createServer((socket) => handleClientError(Object.assign(new Error(), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }) as ConnectionError, socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  t.match(await exchange((server.address() as { port: number }).port, ''), /^HTTP\/1\.1 408 Request Timeout\r\n.*"status":408/s)
})

t.test('a connection on which nothing moves is closed', async (t) => {
  t.ok(app.server.timeout > 0)
  t.ok(app.server.headersTimeout > 0)
  const { timeout } = app.server
  t.teardown(() => { app.server.timeout = timeout })
  app.server.timeout = 1
  for (const bytes of ['', 'GET', GET, 'POST /users HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{']) {
    t.notMatch(await exchange(port, bytes).catch(ignoreReset), /^HTTP\/1\.1 [25]/)
  }
})

t.test('a flood of all that is wrong leaves it serving', async (t) => {
  const upload = 'POST /files HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 90000\r\n\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nbytes'
  const wrong: Array<() => Promise<unknown>> = [
    () => exchange(port, 'no HTTP\r\n\r\n').catch(ignoreReset),
    () => exchange(port, `${GET}X: ${'x'.repeat(100_000)}\r\n\r\n`).catch(ignoreReset),
    () => send('POST', `${url}/users`, '{"username":').then((response) => t.equal(response.status, 400)),
    () => postJson(`${url}/users`, { username: 1 }).then((response) => t.equal(response.status, 400)),
    () => fetch(`${url}/nowhere/${Math.random()}`).then((response) => t.equal(response.status, 404)),
    () => fetch(`${url}/files`, { method: 'POST', body: 'x'.repeat(1000), headers: { 'content-type': 'multipart/form-data; boundary=y' } }).then((response) => t.equal(response.status, 400)),
    () => hangUp(upload),
    () => hangUp(GET),
    () => hangUp(`${GET}\r\n`),
    () => hangUp('')
  ]
  const unfinished = Array.from({ length: 100 }, () => openSocket(port).on('error', () => {}))
  for (const [i, socket] of unfinished.entries()) socket.write(i % 2 === 0 ? GET : upload)

  for (let round = 0; round < 30; round++) await Promise.all(wrong.map((send) => send()))
  t.equal((await fetch(`${url}/health`)).status, 200)

  for (const socket of unfinished) socket.destroy()
  while ((await readdir(join(dataDir, 'partial'))).length > 0);
  t.same(await readdir(join(dataDir, 'files')), [])
  // The test's own fetch keeps some alive.
  app.server.closeIdleConnections()
  await untilNobodyIsConnected()
})

t.test('nothing of that was a failure of the server', async (t) => {
  t.not(logs.length, 0)
  t.same(logs.filter((line) => /"statusCode":5|"level":[56]0/.test(line)), [])
})

async function hangUp (bytes: string) {
  const socket: Socket = openSocket(port)
  await once(socket, 'connect')
  await new Promise((resolve) => socket.write(bytes, resolve))
  socket.destroy()
}

/** The server closes while bytes are on their way to it. */
function ignoreReset (error: NodeJS.ErrnoException): string {
  if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') throw error
  return ''
}

async function untilNobodyIsConnected () {
  let connections
  do {
    await setImmediate()
    connections = await new Promise((resolve, reject) => app.server.getConnections((error, count) => error ? reject(error) : resolve(count)))
  } while (connections !== 0)
}
