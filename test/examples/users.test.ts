import { scryptSync } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { Validator } from '@seriousme/openapi-schema-validator'
import t, { type Test } from 'tap'
import { openDatabase } from '../../examples/database.js'
import { isProblem, keepLogs, newDirectory, newPostgresDatabase, postJson, startApp, VIOLATION, WITHOUT_POSTGRES } from './support.js'

const ada = { username: 'Ada', email: 'ada@example.com', password: 'a long password' }
const nobody = '00000000-0000-4000-8000-000000000000'

t.test('users, with PGlite', (t) => testUsers(t, 'memory://'))
t.test('users, with PostgreSQL', { skip: WITHOUT_POSTGRES }, async (t) => testUsers(t, await newPostgresDatabase(t)))

async function testUsers (t: Test, databaseUrl: string) {
  const { logs, logger } = keepLogs()
  const { url } = await startApp(t, { databaseUrl, logger })
  const users = `${url}/users`
  const list = async (query = '') => (await fetch(users + query)).json() as Promise<{ items: Array<Record<string, unknown>>, next: string | null }>
  let location = ''

  await t.test('a new user is answered with 201, its address, its version, and everything but the password', async (t) => {
    const response = await postJson(users, ada)
    t.equal(response.status, 201)
    t.equal(response.headers.get('etag'), '"1"')
    const user = await response.json() as Record<string, string>
    t.same(Object.keys(user), ['id', 'username', 'email', 'status', 'email_verified', 'created_at', 'updated_at'])
    t.match(user, { username: 'Ada', email: 'ada@example.com', status: 'active', email_verified: false })
    t.equal(new Date(user.created_at).toISOString(), user.created_at)
    t.equal(user.updated_at, user.created_at)
    location = response.headers.get('location') ?? ''
    t.equal(location, `/users/${user.id}`)
  })

  await t.test('the address answers GET and HEAD with the same ETag, and 304 to who has it', async (t) => {
    const response = await fetch(url + location)
    t.equal(response.status, 200)
    t.equal(response.headers.get('etag'), '"1"')
    t.match(await response.json(), { username: 'Ada' })

    const head = await fetch(url + location, { method: 'HEAD' })
    t.equal(head.status, 200)
    t.equal(head.headers.get('etag'), '"1"')
    t.equal(head.headers.get('content-length'), response.headers.get('content-length'))

    const unchanged = await fetch(url + location, { headers: { 'if-none-match': '"1"' } })
    t.equal(unchanged.status, 304)
    t.equal(unchanged.headers.get('etag'), '"1"')
    t.equal(await unchanged.text(), '')
  })

  await t.test('a taken username or email is 409 whatever its case, and the answer says which', async (t) => {
    await isProblem(t, await postJson(users, { ...ada, username: 'aDA', email: 'other@example.com' }), 409, /username/)
    await isProblem(t, await postJson(users, { ...ada, username: 'other', email: 'Ada@Example.com' }), 409, /email/)
    t.equal((await list()).items.length, 1)
  })

  await t.test('of two that register one name at the same moment one gets 201 and the other 409', async (t) => {
    const twin = { username: 'twin', email: 'twin@example.com', password: 'a long password' }
    const responses = await Promise.all([postJson(users, twin), postJson(users, { ...twin, email: 'other@example.com' })])
    t.same(responses.map(({ status }) => status).sort(), [201, 409])
  })

  await t.test('a body that is not right is refused with the reason, and nothing is stored', async (t) => {
    const before = await list()
    const grace = { username: 'grace', email: 'grace@example.com', password: 'a long password' }
    const { email, ...withoutEmail } = grace
    await isProblem(t, await postJson(users, '{"username":'), 400, /JSON/)
    await isProblem(t, await postJson(users, '{"__proto__":{"x":1}}'), 400, /JSON|proto/)
    const notUtf8 = Buffer.from(JSON.stringify({ ...grace, password: 'a long café' }), 'latin1')
    for (const type of ['application/json', 'application/json; charset=iso-8859-1']) {
      await isProblem(t, await fetch(users, { method: 'POST', headers: { 'content-type': type }, body: notUtf8 }), 400, /not UTF-8/)
    }
    await isProblem(t, await postJson(users, '[]'), 400, /body must be object/)
    await isProblem(t, await postJson(users, withoutEmail), 400, /'email'/)
    await isProblem(t, await postJson(users, { ...grace, username: 12345 }), 400, /username must be string/)
    await isProblem(t, await postJson(users, { ...grace, username: 'ab' }), 400, /username .* fewer than 3/)
    await isProblem(t, await postJson(users, { ...grace, username: 'a'.repeat(33) }), 400, /username .* more than 32/)
    await isProblem(t, await postJson(users, { ...grace, username: 'a b c' }), 400, /username must match/)
    await isProblem(t, await postJson(users, { ...grace, username: 'abc\n' }), 400, /username must match/)
    await isProblem(t, await postJson(users, { ...grace, email: 'nowhere' }), 400, /email must match/)
    await isProblem(t, await postJson(users, { ...grace, email: `${'a'.repeat(250)}@example.com` }), 400, /email .* more than 254/)
    await isProblem(t, await postJson(users, { ...grace, email: null }), 400, /email must be string/)
    await isProblem(t, await postJson(users, { ...grace, password: 'short' }), 400, /password .* fewer than 8/)
    await isProblem(t, await postJson(users, { ...grace, password: 'a'.repeat(129) }), 400, /password .* more than 128/)
    await isProblem(t, await postJson(users, { ...grace, password: 'with a \0 in it' }), 400, /password must match/)
    await isProblem(t, await postJson(users, { ...grace, status: 'active' }), 400, /unknown field 'status'/)
    await isProblem(t, await postJson(users, { ...grace, password: 'a'.repeat(2_000_000) }), 413, /too large/)
    await isProblem(t, await fetch(users, { method: 'POST', body: JSON.stringify(grace) }), 415, /Media Type/)
    await isProblem(t, await fetch(users, { method: 'POST', body: new URLSearchParams(grace) }), 415, /Media Type/)
    await isProblem(t, await fetch(users, { method: 'POST', body: new FormData() }), 415, /Media Type/)
    await isProblem(t, await fetch(users, { method: 'POST' }), 400, /body must be object/)
    t.same(await list(), before)
  })

  await t.test('an id that is no UUID is 400, and one that nobody has 404', async (t) => {
    for (const id of ['1', 'null', '%00', 'a'.repeat(1000), `urn:uuid:${nobody}`, `${nobody}'`]) {
      await isProblem(t, await fetch(`${users}/${id}`), 400, /id must match/)
    }
    await isProblem(t, await fetch(`${users}/${nobody}`), 404, /nothing at this address/)
  })

  await t.test('the list is read page by page, and comes to an end', async (t) => {
    for (let n = 0; n < 5; n++) await postJson(users, { ...ada, username: `user-${n}`, email: `user-${n}@example.com` })
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
    t.same(Object.keys(all.items[0]), ['id', 'username', 'email', 'status', 'email_verified', 'created_at', 'updated_at'])
    t.same(await list(`?after=${ids.at(-1)}`), { items: [], next: null })
  })

  await t.test('a page that cannot be is 400', async (t) => {
    for (const query of ['limit=0', 'limit=101', 'limit=1.5', 'limit=many', 'limit=', 'limit=1&limit=2', 'limit=Infinity', 'limit=-Infinity', 'limit=1e400']) {
      await isProblem(t, await fetch(`${users}?${query}`), 400, /limit must be/)
    }
    await isProblem(t, await fetch(`${users}?after=me`), 400, /after must match format "uuid"/)
    await isProblem(t, await fetch(`${users}?page=2`), 400, /unknown field 'page'/)
  })

  await t.test('neither the password nor its hash is logged, not even when the database fails', async (t) => {
    const { db, close } = databaseUrl === 'memory://' ? { db: undefined, close: async () => {} } : await openDatabase(await newDirectory(t), databaseUrl)
    t.teardown(close)
    if (db !== undefined) {
      const { rows: [{ password_hash: stored }] } = await db.execute(sql`SELECT password_hash FROM users WHERE username = 'Ada'`) as unknown as { rows: Array<Record<string, string>> }
      const [, salt, hash] = stored.split('$')
      t.equal(hash, scryptSync(ada.password, Buffer.from(salt, 'base64url'), 32).toString('base64url'))
      await db.execute(sql`ALTER TABLE users RENAME TO away`)
      await isProblem(t, await postJson(users, { ...ada, username: 'late', email: 'late@example.com' }), 500, /failed to answer/)
      await db.execute(sql`ALTER TABLE away RENAME TO users`)
      t.match(logs.join(), /relation .* does not exist/)
    }
    t.not(logs.length, 0)
    t.notMatch(logs.join(), VIOLATION)
    t.notMatch(logs.join(), /a long password|scrypt\$/)
  })

  await t.test('what is no route is 404, and a URL that cannot be read 400', async (t) => {
    await isProblem(t, await fetch(`${url}/nowhere`), 404, /nothing at this address/)
    await isProblem(t, await fetch(`${url}/%zz`), 400, /URL/)
  })

  await t.test('the documentation knows every route', async (t) => {
    const { openapi, info, components, paths } = await (await fetch(`${url}/docs/json`)).json() as Record<string, any>
    t.equal(openapi, '3.1.0')
    t.same(Object.keys(paths).sort(), ['/api/posts', '/api/posts/{id}', '/files', '/files/{file_id}', '/files/{file_id}/download', '/health', '/imports', '/imports/{id}', '/users', '/users/{id}'])
    const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify({ openapi, paths, info, components })))
    t.ok(valid, JSON.stringify(errors))
    const { 201: creation } = paths['/users'].post.responses
    t.same(Object.keys(creation.headers), ['Location', 'ETag'])
    t.match(creation.links, { readUser: { operationId: 'readUser', parameters: { id: '$response.body#/id' } } })
    t.same(Object.keys(paths['/users/{id}'].patch.requestBody.content), ['application/merge-patch+json', 'application/json'])
    for (const method of ['put', 'patch', 'delete']) t.ok(paths['/users/{id}'][method].parameters.some(({ name }: { name: string }) => name === 'if-match'), method)
    t.match(components.securitySchemes, { token: { type: 'http', scheme: 'bearer' } })
    for (const write of [paths['/api/posts'].post, paths['/api/posts/{id}'].put]) t.same(write.security, [{ token: [] }])
    t.match(paths['/users/{id}'].get.responses, { 200: { headers: { ETag: {} } }, 304: {}, '4XX': {} })
    t.equal((await fetch(`${url}/docs`)).status, 200)
    t.same(await (await fetch(`${url}/health`)).json(), { status: 'ok' })
  })
}
