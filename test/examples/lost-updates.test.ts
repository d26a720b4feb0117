import { randomUUID } from 'node:crypto'
import pg from 'pg'
import t, { type Test } from 'tap'
import { openDatabase } from '../../examples/database.js'
import {
  captureLogs, newDirectory, newPostgresDatabase, send, spawnServer, startApp, TOKEN, VIOLATION, WITHOUT_POSTGRES
} from './support.js'

const WRITERS = 50
const authorization = { authorization: `Bearer ${TOKEN}` }

t.test('one of many writers wins, with PGlite', (t) => testOneServer(t, 'memory://'))

t.test('with PostgreSQL', { skip: WITHOUT_POSTGRES }, async (t) => {
  await t.test('one of many writers wins', async (t) => testOneServer(t, await newPostgresDatabase(t)))

  await t.test('one of many writers wins, if PostgreSQL checks the index of the ids last', async (t) => {
    const databaseUrl = await newPostgresDatabase(t)
    const { close } = await openDatabase(await newDirectory(t), databaseUrl)
    await close()
    const client = new pg.Client({ connectionString: databaseUrl })
    await client.connect()
    await client.query('REINDEX INDEX CONCURRENTLY users_pkey')
    await client.end()
    await testOneServer(t, databaseUrl)
  })

  await t.test('one of many writers wins, with two servers on one database', async (t) => {
    const env = { DATABASE_URL: await newPostgresDatabase(t), DATA_DIR: await newDirectory(t) }
    const servers = [spawnServer(t, env), spawnServer(t, env)]
    await testRaces(t, await Promise.all(servers.map((server) => server.waitForUrl())))
    for (const { lines } of servers) t.notMatch(lines.join(), VIOLATION)
  })
})

async function testOneServer (t: Test, databaseUrl: string) {
  const { logs, logger } = captureLogs()
  const { url } = await startApp(t, { databaseUrl, logger })
  await testRaces(t, [url])
  t.not(logs.length, 0)
  t.notMatch(logs.join(), VIOLATION)
}

/** @param urls the servers, which get the requests in turn */
async function testRaces (t: Test, urls: string[]) {
  const race = (attempt: (url: string, n: number) => Promise<Response>) =>
    Promise.all(Array.from({ length: WRITERS }, (_, n) => attempt(urls[n % urls.length], n)))

  /** Asserts that one response has the status of the winner, and that all servers have what the winner wrote. */
  async function assertOneWinner (
    t: Test, responses: Response[], path: string, winnerStatus: number, loserStatuses: number[]
  ) {
    const winners = responses.filter(({ status }) => status === winnerStatus)
    t.equal(winners.length, 1, `one ${winnerStatus}`)
    const losers = responses.filter((response) => response !== winners[0])
    t.same(losers.filter(({ status }) => !loserStatuses.includes(status)), [], `the others ${loserStatuses}`)
    const [etag, body] = [winners[0].headers.get('etag'), await winners[0].json()]
    for (const loser of losers.filter(({ status }) => status === 412)) t.equal(loser.headers.get('etag'), etag)
    for (const url of urls) {
      const stored = await fetch(url + path)
      t.equal(stored.headers.get('etag'), etag)
      t.same(await stored.json(), body)
    }
  }

  const bodies = { PUT: (n: number) => newUser(`put-${n}`), PATCH: (n: number) => ({ username: `patch-${n}` }) }
  for (const [method, body] of Object.entries(bodies)) {
    await t.test(`${WRITERS} ${method} requests for one user with one ETag: one 200, the others 412`, async (t) => {
      const [path, etag] = await createUser(urls[0])
      const responses = await race((url, n) => send(method, url + path, body(n), { 'if-match': etag }))
      await assertOneWinner(t, responses, path, 200, [412])
    })
  }

  await t.test(`${WRITERS} PUT requests for one post with one ETag: one 200, the others 412`, async (t) => {
    const created = await send('POST', `${urls[0]}/api/posts`, { title: 'Hello', content: 'World' }, authorization)
    const [path, etag] = [created.headers.get('location')!, created.headers.get('etag')!]
    const headers = { ...authorization, 'if-match': etag }
    const responses = await race((url, n) => send('PUT', url + path, { title: `${n}`, content: 'World' }, headers))
    await assertOneWinner(t, responses, path, 200, [412])
  })

  await t.test(`${WRITERS} DELETE requests for one user with one ETag: one 204, the others 412 or 404`, async (t) => {
    const [path, etag] = await createUser(urls[0])
    const responses = await race((url) => send('DELETE', url + path, undefined, { 'if-match': etag }))
    const statuses = responses.map(({ status }) => status)
    t.equal(statuses.filter((status) => status === 204).length, 1)
    t.equal(statuses.filter((status) => status === 412 || status === 404).length, WRITERS - 1)
    t.equal((await fetch(urls[0] + path)).status, 404)
  })

  // Half of the requests use the same name, so that two unique indexes can reject a loser.
  const usernameOf = (n: number) => n % 4 < 2 ? 'popular' : `unique-${n}`

  await t.test(`${WRITERS} PUT requests that create with If-None-Match: one 201, the others 412`, async (t) => {
    const path = `/users/${randomUUID()}`
    const responses = await race((url, n) => send('PUT', url + path, newUser(usernameOf(n)), { 'if-none-match': '*' }))
    await assertOneWinner(t, responses, path, 201, [412])
    await send('DELETE', urls[0] + path, undefined, { 'if-match': '*' })
  })

  await t.test(`${WRITERS} PUT requests that create without a condition: one 201, the others 409 or 428`, async (t) => {
    const path = `/users/${randomUUID()}`
    const responses = await race((url, n) => send('PUT', url + path, newUser(usernameOf(n))))
    await assertOneWinner(t, responses, path, 201, [409, 428])
    await send('DELETE', urls[0] + path, undefined, { 'if-match': '*' })
  })

  await t.test(`${WRITERS} new users with the same name: one 201, the others 409`, async (t) => {
    const paths = Array.from({ length: WRITERS }, () => `/users/${randomUUID()}`)
    const responses = await race((url, n) => send('PUT', url + paths[n], newUser('crowd')))
    const winnerPath = paths[responses.findIndex(({ status }) => status === 201)]
    await assertOneWinner(t, responses, winnerPath, 201, [409])
  })
}

async function createUser (url: string): Promise<[path: string, etag: string]> {
  const path = `/users/${randomUUID()}`
  const response = await send('PUT', url + path, newUser(randomUUID().slice(0, 8)))
  return [path, response.headers.get('etag')!]
}

function newUser (username: string) {
  return { username, email: `${username}@example.com`, password: 'a long password' }
}
