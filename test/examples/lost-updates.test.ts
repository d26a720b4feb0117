import { randomUUID } from 'node:crypto'
import pg from 'pg'
import t, { type Test } from 'tap'
import { openDatabase } from '../../examples/database.js'
import { keepLogs, newDirectory, newPostgresDatabase, send, spawnServer, startApp, TOKEN, VIOLATION, WITHOUT_POSTGRES } from './support.js'

const WRITERS = 50
const authorization = { authorization: `Bearer ${TOKEN}` }

t.test('one of many wins, with PGlite', (t) => raceOnOne(t, 'memory://'))

t.test('with PostgreSQL', { skip: WITHOUT_POSTGRES }, async (t) => {
  await t.test('one of many wins', async (t) => raceOnOne(t, await newPostgresDatabase(t)))

  await t.test('one of many wins, where the index of the ids is not the first any more', async (t) => {
    const databaseUrl = await newPostgresDatabase(t)
    const { close } = await openDatabase(await newDirectory(t), databaseUrl)
    await close()
    const client = new pg.Client({ connectionString: databaseUrl })
    await client.connect()
    await client.query('REINDEX INDEX CONCURRENTLY users_pkey')
    await client.end()
    await raceOnOne(t, databaseUrl)
  })

  await t.test('one of many wins, with two servers on one database', async (t) => {
    const env = { DATABASE_URL: await newPostgresDatabase(t), DATA_DIR: await newDirectory(t) }
    const servers = [spawnServer(t, env), spawnServer(t, env)]
    await testRaces(t, await Promise.all(servers.map((server) => server.listening())))
    for (const { lines } of servers) t.notMatch(lines.join(), VIOLATION)
  })
})

async function raceOnOne (t: Test, databaseUrl: string) {
  const { logs, logger } = keepLogs()
  const { url } = await startApp(t, { databaseUrl, logger })
  await testRaces(t, [url])
  t.not(logs.length, 0)
  t.notMatch(logs.join(), VIOLATION)
}

/** @param urls of servers on one database, which take turns */
async function testRaces (t: Test, urls: string[]) {
  const race = (attempt: (url: string, n: number) => Promise<Response>) =>
    Promise.all(Array.from({ length: WRITERS }, (_, n) => attempt(urls[n % urls.length], n)))

  /** Exactly one has that status and all others one of those, and every server has what the winner was answered. */
  async function hasOneWinner (t: Test, responses: Response[], path: string, won: number, lost: number[]) {
    const winners = responses.filter(({ status }) => status === won)
    t.equal(winners.length, 1, `${won} once`)
    const losers = responses.filter((response) => response !== winners[0])
    t.same(losers.filter(({ status }) => !lost.includes(status)), [], `the others ${lost}`)
    const [etag, state] = [winners[0].headers.get('etag'), await winners[0].json()]
    for (const loser of losers.filter(({ status }) => status === 412)) t.equal(loser.headers.get('etag'), etag)
    for (const url of urls) {
      const stored = await fetch(url + path)
      t.equal(stored.headers.get('etag'), etag)
      t.same(await stored.json(), state)
    }
  }

  const bodies = { PUT: (n: number) => person(`put-${n}`), PATCH: (n: number) => ({ username: `patch-${n}` }) }
  for (const [method, body] of Object.entries(bodies)) {
    await t.test(`${WRITERS} that ${method} one user with one tag: one 200, the others 412`, async (t) => {
      const [path, etag] = await newUser(urls[0])
      const responses = await race((url, n) => send(method, url + path, body(n), { 'if-match': etag }))
      await hasOneWinner(t, responses, path, 200, [412])
    })
  }

  await t.test(`${WRITERS} that PUT one post with one tag: one 200, the others 412`, async (t) => {
    const created = await send('POST', `${urls[0]}/api/posts`, { title: 'Hello', content: 'World' }, authorization)
    const [path, etag] = [created.headers.get('location')!, created.headers.get('etag')!]
    const responses = await race((url, n) => send('PUT', url + path, { title: `${n}`, content: 'World' }, { ...authorization, 'if-match': etag }))
    await hasOneWinner(t, responses, path, 200, [412])
  })

  await t.test(`${WRITERS} that DELETE one user with one tag: one 204, the others 412 or 404`, async (t) => {
    const [path, etag] = await newUser(urls[0])
    const statuses = (await race((url) => send('DELETE', url + path, undefined, { 'if-match': etag }))).map(({ status }) => status)
    t.equal(statuses.filter((status) => status === 204).length, 1)
    t.equal(statuses.filter((status) => status === 412 || status === 404).length, WRITERS - 1)
    t.equal((await fetch(urls[0] + path)).status, 404)
  })

  // Half of them give the same name: then two unique indexes can refuse the loser.
  const nameOf = (n: number) => n % 4 < 2 ? 'popular' : `unique-${n}`

  await t.test(`${WRITERS} that create at one address with If-None-Match: one 201, the others 412`, async (t) => {
    const path = `/users/${randomUUID()}`
    const responses = await race((url, n) => send('PUT', url + path, person(nameOf(n)), { 'if-none-match': '*' }))
    await hasOneWinner(t, responses, path, 201, [412])
    await send('DELETE', urls[0] + path, undefined, { 'if-match': '*' })
  })

  await t.test(`${WRITERS} that create at one address without a condition: one 201, the others 409 or 428`, async (t) => {
    const path = `/users/${randomUUID()}`
    const responses = await race((url, n) => send('PUT', url + path, person(nameOf(n))))
    await hasOneWinner(t, responses, path, 201, [409, 428])
    await send('DELETE', urls[0] + path, undefined, { 'if-match': '*' })
  })

  await t.test(`${WRITERS} users that take one name at once: one 201, the others 409`, async (t) => {
    const paths = Array.from({ length: WRITERS }, () => `/users/${randomUUID()}`)
    const responses = await race((url, n) => send('PUT', url + paths[n], person('crowd')))
    await hasOneWinner(t, responses, paths[responses.findIndex(({ status }) => status === 201)], 201, [409])
  })
}

async function newUser (url: string): Promise<[path: string, etag: string]> {
  const path = `/users/${randomUUID()}`
  const response = await send('PUT', url + path, person(randomUUID().slice(0, 8)))
  return [path, response.headers.get('etag')!]
}

function person (username: string) {
  return { username, email: `${username}@example.com`, password: 'a long password' }
}
