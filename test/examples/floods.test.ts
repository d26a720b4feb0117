import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { ConnectionError } from 'fastify'
import { handleClientError } from '../../examples/client-error.js'
import { captureLogs, newDirectory, openSocket, postJson, readAll, send, sendRaw, startApp } from './support.js'

const { logs, logger } = captureLogs()
const dataDir = await newDirectory(t)
const { app, url, port } = await startApp(t, { dataDir, logger })
const GET = 'GET /health HTTP/1.1\r\nHost: a\r\n'
const POST = 'POST /users HTTP/1.1\r\nHost: a\r\n'

t.test('bytes that are not HTTP get problem details, and the connection is closed', async (t) => {
  const invalid = [
    '\0\x01\x02\r\n\r\n',
    'HELLO\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    `${GET}Content-Length: -1\r\n\r\n`,
    `${GET}Bad Name: x\r\n\r\n`,
    `${POST}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`,
    '\x16\x03\x01\x02\x00\x01\x00'
  ]
  for (const bytes of invalid) {
    const [head, body] = (await sendRaw(port, bytes)).split('\r\n\r\n')
    t.match(head, /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/problem\+json\r\n/, JSON.stringify(bytes))
    t.match(head, `Content-Length: ${body.length}\r\nConnection: close`)
    const detail = 'This is not a valid HTTP request.'
    t.same(JSON.parse(body), { type: 'about:blank', title: 'Bad Request', status: 400, detail })
  }
})

t.test('a client that keeps sending after that, or keeps the connection open, is disconnected', async (t) => {
  const [sending, silent] = [1, 2].map(() => {
    return connect({ port, host: '127.0.0.1', allowHalfOpen: true }).setEncoding('latin1')
  })
  const closed = Promise.all([sending, silent].map((socket) => readAll(socket).catch(ignoreReset)))
  const keepSending = () => {
    if (sending.destroyed) return
    sending.write('not HTTP\r\n'.repeat(1000), () => { setImmediate().then(keepSending) })
  }
  keepSending()
  silent.write('not HTTP\r\n')
  await once(silent, 'end')
  await waitForNoConnections()
  t.pass()
  silent.destroy()
  await closed
})

t.test('an error does not write into a response that has started', async (t) => {
  const socket = openSocket(port)
  const closed = readAll(socket)
  socket.write(`${GET}\r\n`)
  await once(socket, 'data')
  socket.write('not HTTP\r\n\r\n')
  const received = await closed
  t.match(received, /^HTTP\/1\.1 200 /)
  t.equal(received.match(/HTTP\/1\.1/g)!.length, 1)
})

t.test('a request that is too slow is 408', async (t) => {
  const error = Object.assign(new Error(), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }) as ConnectionError
  const server = createServer((socket) => handleClientError(error, socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const response = await sendRaw((server.address() as { port: number }).port, '')
  t.match(response, /^HTTP\/1\.1 408 Request Timeout\r\n.*"status":408/s)
})

t.test('a connection without traffic is closed', async (t) => {
  t.ok(app.server.timeout > 0)
  t.ok(app.server.headersTimeout > 0)
  const { timeout } = app.server
  t.teardown(() => { app.server.timeout = timeout })
  app.server.timeout = 1
  const incomplete = ['', 'GET', GET, `${POST}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{`]
  for (const bytes of incomplete) {
    t.notMatch(await sendRaw(port, bytes).catch(ignoreReset), /^HTTP\/1\.1 [25]/)
  }
})

t.test('the server keeps working under a flood of invalid requests', async (t) => {
  const upload = [
    'POST /files HTTP/1.1',
    'Host: a',
    'Content-Type: multipart/form-data; boundary=x',
    'Content-Length: 90000',
    '',
    '--x',
    'Content-Disposition: form-data; name="file"; filename="a"',
    '',
    'bytes'
  ].join('\r\n')
  const malformedForm = {
    method: 'POST', body: 'x'.repeat(1000), headers: { 'content-type': 'multipart/form-data; boundary=y' }
  }
  const assertStatus = async (response: Promise<Response>, status: number) => t.equal((await response).status, status)
  const attacks: Array<() => Promise<unknown>> = [
    () => sendRaw(port, 'not HTTP\r\n\r\n').catch(ignoreReset),
    () => sendRaw(port, `${GET}X: ${'x'.repeat(100_000)}\r\n\r\n`).catch(ignoreReset),
    () => assertStatus(send('POST', `${url}/users`, '{"username":'), 400),
    () => assertStatus(postJson(`${url}/users`, { username: 1 }), 400),
    () => assertStatus(fetch(`${url}/nowhere/${Math.random()}`), 404),
    () => assertStatus(fetch(`${url}/files`, malformedForm), 400),
    () => sendAndDisconnect(upload),
    () => sendAndDisconnect(GET),
    () => sendAndDisconnect(`${GET}\r\n`),
    () => sendAndDisconnect('')
  ]
  const unfinished = Array.from({ length: 100 }, () => openSocket(port).on('error', () => {}))
  for (const [i, socket] of unfinished.entries()) socket.write(i % 2 === 0 ? GET : upload)

  for (let round = 0; round < 30; round++) await Promise.all(attacks.map((attack) => attack()))
  t.equal((await fetch(`${url}/health`)).status, 200)

  for (const socket of unfinished) socket.destroy()
  while ((await readdir(join(dataDir, 'partial'))).length > 0);
  t.same(await readdir(join(dataDir, 'files')), [])
  // Closes the keep-alive connections of this test's own fetch().
  app.server.closeIdleConnections()
  await waitForNoConnections()
})

t.test('none of this was a 5xx or logged as an error', async (t) => {
  t.not(logs.length, 0)
  t.same(logs.filter((line) => /"statusCode":5|"level":[56]0/.test(line)), [])
})

async function sendAndDisconnect (bytes: string) {
  const socket: Socket = openSocket(port)
  await once(socket, 'connect')
  await new Promise((resolve) => socket.write(bytes, resolve))
  socket.destroy()
}

/** The server may close the connection while bytes are on their way to it. */
function ignoreReset (error: NodeJS.ErrnoException): string {
  if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') throw error
  return ''
}

async function waitForNoConnections () {
  let connections
  do {
    await setImmediate()
    connections = await new Promise((resolve, reject) => {
      app.server.getConnections((error, count) => error ? reject(error) : resolve(count))
    })
  } while (connections !== 0)
}
