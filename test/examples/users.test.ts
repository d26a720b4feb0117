import { scryptSync } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { Validator } from '@seriousme/openapi-schema-validator'
import t, { type Test } from 'tap'
import { openDatabase } from '../../examples/database.js'
import {
  assertProblem, captureLogs, newDirectory, newPostgresDatabase, NO_ROUTE, NOTHING_HERE, postJson, startApp, VIOLATION,
  WITHOUT_POSTGRES
} from './support.js'

interface Page {
  items: Array<Record<string, unknown>>
  next: string | null
}

const FIELDS = ['id', 'username', 'email', 'status', 'email_verified', 'created_at', 'updated_at']
const ada = { username: 'Ada', email: 'ada@example.com', password: 'a long password' }
const unknownId = '00000000-0000-4000-8000-000000000000'

t.test('users, with PGlite', (t) => testUsers(t, 'memory://'))
t.test('users, with PostgreSQL', { skip: WITHOUT_POSTGRES }, async (t) => testUsers(t, await newPostgresDatabase(t)))

async function testUsers (t: Test, databaseUrl: string) {
  const { logs, logger } = captureLogs()
  const { url } = await startApp(t, { databaseUrl, logger })
  const users = `${url}/users`
  const list = async (query = '') => await (await fetch(users + query)).json() as Page
  let location = ''

  await t.test('a new user is a 201 with Location, ETag, and all fields but the password', async (t) => {
    const response = await postJson(users, ada)
    t.equal(response.status, 201)
    t.equal(response.headers.get('etag'), '"1"')
    const user = await response.json() as Record<string, string>
    t.same(Object.keys(user), FIELDS)
    t.match(user, { username: 'Ada', email: 'ada@example.com', status: 'active', email_verified: false })
    t.equal(new Date(user.created_at).toISOString(), user.created_at)
    t.equal(user.updated_at, user.created_at)
    location = response.headers.get('location') ?? ''
    t.equal(location, `/users/${user.id}`)
  })

  await t.test('GET and HEAD on the Location have the same ETag, and If-None-Match is a 304', async (t) => {
    const response = await fetch(url + location)
    t.equal(response.status, 200)
    t.equal(response.headers.get('etag'), '"1"')
    t.match(await response.json(), { username: 'Ada' })

    const head = await fetch(url + location, { method: 'HEAD' })
    t.equal(head.status, 200)
    t.equal(head.headers.get('etag'), '"1"')
    t.equal(head.headers.get('content-length'), response.headers.get('content-length'))

    const notModified = await fetch(url + location, { headers: { 'if-none-match': '"1"' } })
    t.equal(notModified.status, 304)
    t.equal(notModified.headers.get('etag'), '"1"')
    t.equal(await notModified.text(), '')
  })

  await t.test('a taken username or email is 409 in any case of letters, and the response says which', async (t) => {
    const sameName = { ...ada, username: 'aDA', email: 'other@example.com' }
    await assertProblem(t, await postJson(users, sameName), 409, /username/)
    const sameEmail = { ...ada, username: 'other', email: 'Ada@Example.com' }
    await assertProblem(t, await postJson(users, sameEmail), 409, /email/)
    t.equal((await list()).items.length, 1)
  })

  await t.test('if two requests register the same name at the same moment, one is 201, the other 409', async (t) => {
    const twin = { username: 'twin', email: 'twin@example.com', password: 'a long password' }
    const sameName = { ...twin, email: 'other@example.com' }
    const responses = await Promise.all([postJson(users, twin), postJson(users, sameName)])
    t.same(responses.map(({ status }) => status).sort(), [201, 409])
  })

  await t.test('an invalid body is rejected with the reason, and nothing is stored', async (t) => {
    const before = await list()
    const grace = { username: 'grace', email: 'grace@example.com', password: 'a long password' }
    const { email, ...withoutEmail } = grace
    const assertRejected = async (body: unknown, status: number, pattern: RegExp) => {
      await assertProblem(t, await postJson(users, body), status, pattern)
    }
    await assertRejected('{"username":', 400, /JSON/)
    await assertRejected('{"__proto__":{"x":1}}', 400, /JSON|proto/)
    const notUtf8 = Buffer.from(JSON.stringify({ ...grace, password: 'a long café' }), 'latin1')
    for (const type of ['application/json', 'application/json; charset=iso-8859-1']) {
      const headers = { 'content-type': type }
      await assertProblem(t, await fetch(users, { method: 'POST', headers, body: notUtf8 }), 400, /must be UTF-8/)
    }
    await assertRejected('[]', 400, /body must be object/)
    await assertRejected(withoutEmail, 400, /'email'/)
    await assertRejected({ ...grace, username: 12345 }, 400, /username must be string/)
    await assertRejected({ ...grace, username: 'ab' }, 400, /username .* fewer than 3/)
    await assertRejected({ ...grace, username: 'a'.repeat(33) }, 400, /username .* more than 32/)
    await assertRejected({ ...grace, username: 'a b c' }, 400, /username must match/)
    await assertRejected({ ...grace, username: 'abc\n' }, 400, /username must match/)
    await assertRejected({ ...grace, email: 'nowhere' }, 400, /email must match/)
    await assertRejected({ ...grace, email: `${'a'.repeat(250)}@example.com` }, 400, /email .* more than 254/)
    await assertRejected({ ...grace, email: null }, 400, /email must be string/)
    await assertRejected({ ...grace, password: 'short' }, 400, /password .* fewer than 8/)
    await assertRejected({ ...grace, password: 'a'.repeat(129) }, 400, /password .* more than 128/)
    await assertRejected({ ...grace, password: 'with a \0 in it' }, 400, /password must match/)
    await assertRejected({ ...grace, status: 'active' }, 400, /unknown field 'status'/)
    await assertRejected({ ...grace, password: 'a'.repeat(2_000_000) }, 413, /too large/)
    for (const body of [JSON.stringify(grace), new URLSearchParams(grace), new FormData()]) {
      await assertProblem(t, await fetch(users, { method: 'POST', body }), 415, /Media Type/)
    }
    await assertProblem(t, await fetch(users, { method: 'POST' }), 400, /body must be object/)
    t.same(await list(), before)
  })

  await t.test('an invalid UUID is 400, and an unknown one 404', async (t) => {
    for (const id of ['1', 'null', '%00', 'a'.repeat(1000), `urn:uuid:${unknownId}`, `${unknownId}'`]) {
      await assertProblem(t, await fetch(`${users}/${id}`), 400, /id must match/)
    }
    await assertProblem(t, await fetch(`${users}/${unknownId}`), 404, NOTHING_HERE)
  })

  await t.test('the pages of the list contain all users', async (t) => {
    for (let n = 0; n < 5; n++) {
      await postJson(users, { ...ada, username: `user-${n}`, email: `user-${n}@example.com` })
    }
    const all = await list()
    t.equal(all.next, null)

    const ids: unknown[] = []
    let after = ''
    for (let page = await list('?limit=3'); ; page = await list(`?limit=3&after=${after}`)) {
      ids.push(...page.items.map(({ id }) => id))
      if (page.next === null) break
      t.equal(page.items.length, 3)
      after = page.next
    }
    t.same(ids, all.items.map(({ id }) => id))
    t.same(ids, [...ids].sort())
    t.same(Object.keys(all.items[0]), FIELDS)
    t.same(await list(`?after=${ids.at(-1)}`), { items: [], next: null })
  })

  await t.test('an invalid page is 400', async (t) => {
    const limits = ['0', '101', '1.5', 'many', '', '1&limit=2', 'Infinity', '-Infinity', '1e400']
    for (const limit of limits) {
      await assertProblem(t, await fetch(`${users}?limit=${limit}`), 400, /limit must be/)
    }
    await assertProblem(t, await fetch(`${users}?after=me`), 400, /after must match format "uuid"/)
    await assertProblem(t, await fetch(`${users}?page=2`), 400, /unknown field 'page'/)
  })

  await t.test('neither the password nor its hash is logged, not even if the database fails', async (t) => {
    if (databaseUrl !== 'memory://') {
      const { db, close } = await openDatabase(await newDirectory(t), databaseUrl)
      t.teardown(close)
      const result = await db.execute(sql`SELECT password_hash FROM users WHERE username = 'Ada'`)
      const { rows: [{ password_hash: stored }] } = result as unknown as { rows: Array<Record<string, string>> }
      const [, salt, hash] = stored.split('$')
      t.equal(hash, scryptSync(ada.password, Buffer.from(salt, 'base64url'), 32).toString('base64url'))
      await db.execute(sql`ALTER TABLE users RENAME TO renamed`)
      const late = { ...ada, username: 'late', email: 'late@example.com' }
      await assertProblem(t, await postJson(users, late), 500, /failed to process/)
      await db.execute(sql`ALTER TABLE renamed RENAME TO users`)
      t.match(logs.join(), /relation .* does not exist/)
    }
    t.not(logs.length, 0)
    t.notMatch(logs.join(), VIOLATION)
    t.notMatch(logs.join(), /a long password|scrypt\$/)
  })

  await t.test('an unknown route is 404, and a malformed URL 400', async (t) => {
    await assertProblem(t, await fetch(`${url}/nowhere`), 404, NO_ROUTE)
    await assertProblem(t, await fetch(`${url}/%zz`), 400, /URL/)
  })

  await t.test('the OpenAPI document has every route', async (t) => {
    const document = await (await fetch(`${url}/docs/json`)).json() as Record<string, any>
    const { openapi, info, components, paths } = document
    t.equal(openapi, '3.1.0')
    t.same(Object.keys(paths).sort(), [
      '/api/posts', '/api/posts/{id}', '/files', '/files/{file_id}', '/files/{file_id}/download', '/health', '/imports',
      '/imports/{id}', '/users', '/users/{id}'
    ])
    const { valid, errors } = await new Validator().validate(structuredClone({ openapi, paths, info, components }))
    t.ok(valid, JSON.stringify(errors))
    const { 201: created } = paths['/users'].post.responses
    t.same(Object.keys(created.headers), ['Location', 'ETag', 'Preference-Applied'])
    t.match(created.links, { readUser: { operationId: 'readUser', parameters: { id: '$response.body#/id' } } })
    const user = paths['/users/{id}']
    t.same(Object.keys(user.patch.requestBody.content), ['application/merge-patch+json', 'application/json'])
    for (const method of ['put', 'patch', 'delete']) {
      t.ok(user[method].parameters.some(({ name }: { name: string }) => name === 'If-Match'), method)
    }
    const { 202: accepted } = paths['/imports'].post.responses
    t.same(Object.keys(accepted.headers), ['Location', 'Retry-After'])
    t.match(accepted.links, { readImport: { operationId: 'readImport', parameters: { id: '$response.body#/id' } } })
    t.match(components.securitySchemes, { token: { type: 'http', scheme: 'bearer' } })
    for (const operation of [paths['/api/posts'].post, paths['/api/posts/{id}'].put]) {
      t.same(operation.security, [{ token: [] }])
    }
    t.match(user.get.responses, { 200: { headers: { ETag: {} } }, 304: {}, '4XX': {} })
    t.equal((await fetch(`${url}/docs`)).status, 200)
    t.same(await (await fetch(`${url}/health`)).json(), { status: 'ok' })
  })
}
