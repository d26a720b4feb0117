import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Encryption } from '../../examples/imports/encryption.js'
import {
  listUsernames, newUsers, pollImport, startImport, TAKEN, waitForEnd, waitUntil, type Import
} from './imports-support.js'
import {
  assertProblem, captureLogs, newDirectory, newPostgresDatabase, NO_ROUTE, NOTHING_HERE, postJson, send, startApp,
  VIOLATION, WITHOUT_POSTGRES
} from './support.js'

t.test('imports, with PGlite', (t) => testImports(t, 'memory://'))
t.test('imports, with PostgreSQL', { skip: WITHOUT_POSTGRES },
  async (t) => testImports(t, await newPostgresDatabase(t)))

async function testImports (t: Test, databaseUrl: string) {
  const { logs, logger } = captureLogs()
  const { url } = await startApp(t, { databaseUrl, logger })
  const imports = `${url}/imports`
  let location = ''

  await t.test('an import is a 202 with Location and Retry-After', async (t) => {
    const response = await postJson(imports, { users: newUsers(3) })
    t.equal(response.status, 202)
    t.equal(response.headers.get('retry-after'), '1')
    t.equal(response.headers.get('etag'), null)
    const body = await response.json() as Import
    t.same(body, { id: body.id, status: 'running', total: 3, done: 0, created: [], errors: [] })
    location = response.headers.get('location') ?? ''
    t.equal(location, `/imports/${body.id}`)
  })

  await t.test('in the end an import has the URLs of its users, in the order in which they were sent', async (t) => {
    const { id, ...state } = await waitForEnd(url + location)
    t.match(state, { status: 'done', total: 3, done: 3, errors: [] })
    t.equal(location, `/imports/${id}`)
    const users = await Promise.all(state.created.map(async (path) => {
      return await (await fetch(url + path)).json() as { username: string }
    }))
    t.same(users.map(({ username }) => username), ['user-0', 'user-1', 'user-2'])
    t.match(users[0], { email: 'user-0@example.com', status: 'active', email_verified: false })
  })

  await t.test('the ETag of an import changes with its state, and If-None-Match is a 304', async (t) => {
    const importUrl = await startImport(url, newUsers(5, 'tag'))
    const bodies = new Map<string, string>()
    for await (const response of pollImport(importUrl)) {
      const [etag, body] = [response.headers.get('etag')!, await response.text()]
      t.match(etag, /^"(running|done)-\d"$/)
      t.equal(bodies.get(etag) ?? body, body)
      bodies.set(etag, body)
      if (etag.startsWith('"done')) break
    }
    t.equal(new Set(bodies.values()).size, bodies.size)
    const notModified = await send('GET', importUrl, undefined, { 'if-none-match': '"done-5"' })
    t.equal(notModified.status, 304)
    t.equal(notModified.headers.get('etag'), '"done-5"')
    t.equal((await send('GET', importUrl, undefined, { 'if-none-match': '"running-4"' })).status, 200)
  })

  await t.test('a user with a taken name is listed in errors, and within one import the first one wins', async (t) => {
    await postJson(`${url}/users`, { username: 'taken', email: 'taken@example.com', password: 'a long password' })
    const before = await listUsernames(url)
    const [ann, bob] = newUsers(2, 'twin')
    const state = await startImport(url, [
      { ...ann, username: 'TAKEN' },
      ann,
      { ...bob, email: 'Taken@Example.com' },
      { ...bob, username: ann.username.toUpperCase() },
      bob,
      { ...bob, username: 'another' }
    ]).then(waitForEnd)
    t.match(state, { status: 'done', total: 6, done: 6 })
    t.equal(state.created.length, 2)
    const emailTaken = 'This email is taken. Choose another email.'
    t.same(state.errors, [
      { index: 0, detail: TAKEN },
      { index: 2, detail: emailTaken },
      { index: 3, detail: TAKEN },
      { index: 5, detail: emailTaken }
    ])
    t.same((await listUsernames(url)).filter((name) => !before.includes(name)), ['twin-0', 'twin-1'])
  })

  await t.test('an import with one invalid user is rejected as a whole, and nothing is stored', async (t) => {
    const before = await listUsernames(url)
    const [good, other] = newUsers(2, 'rejected')
    const assertRejected = async (body: unknown, status: number, pattern: RegExp) => {
      await assertProblem(t, await postJson(imports, body), status, pattern)
    }
    const assertUsersRejected = (users: unknown, pattern: RegExp) => assertRejected({ users }, 400, pattern)
    await assertUsersRejected([good, { ...other, username: 'ab' }], /body\/users\/1\/username .* fewer than 3/)
    await assertUsersRejected([good, { ...other, status: 'active' }], /users\/1 .*unknown field 'status'/)
    await assertUsersRejected([good, { ...other, password: 'short' }], /users\/1\/password .* fewer than 8/)
    await assertUsersRejected([good, { ...other, password: 'with a \0 in it' }], /users\/1\/password must match/)
    await assertUsersRejected([good, { ...other, email: 'nowhere' }], /users\/1\/email must match/)
    await assertUsersRejected([good, { username: 'nameless', email: 'n@example.com' }], /users\/1 .*'password'/)
    await assertUsersRejected([good, null], /users\/1 must be object/)
    await assertUsersRejected([good, { ...other, username: 12345 }], /users\/1\/username must be string/)
    await assertUsersRejected([], /users must NOT have fewer than 1/)
    await assertUsersRejected(newUsers(1001, 'rejected'), /users must NOT have more than 1000/)
    await assertUsersRejected({ 0: good }, /users must be array/)
    await assertRejected({}, 400, /'users'/)
    await assertRejected({ users: [good], dry: true }, 400, /unknown field 'dry'/)
    await assertRejected([good], 400, /body must be object/)
    await assertRejected('{"users":', 400, /JSON/)
    await assertRejected({ users: [{ ...good, password: 'a'.repeat(2_000_000) }] }, 413, /too large/)
    const withoutType = await fetch(imports, { method: 'POST', body: JSON.stringify({ users: [good] }) })
    await assertProblem(t, withoutType, 415, /Media Type/)
    // Imports run in order: when a later one has ended, nothing of an earlier one is pending.
    await startImport(url, newUsers(1, 'later')).then(waitForEnd)
    t.same((await listUsernames(url)).filter((name) => !before.includes(name)), ['later-0'])
  })

  await t.test('an invalid UUID is 400, an unknown one 404, and another method 404', async (t) => {
    await assertProblem(t, await fetch(`${imports}/1`), 400, /id must match/)
    await assertProblem(t, await fetch(`${imports}/00000000-0000-4000-8000-000000000000`), 404, NOTHING_HERE)
    await assertProblem(t, await fetch(imports), 404, NO_ROUTE)
    await assertProblem(t, await send('DELETE', url + location), 404, NO_ROUTE)
  })

  await t.test('the OpenAPI document has the 202 and the import', async (t) => {
    const { paths } = await (await fetch(`${url}/docs/json`)).json() as Record<string, any>
    t.match(paths['/imports'].post.responses, { 202: { content: { 'application/json': {} } }, '4XX': {} })
    t.match(paths['/imports/{id}'].get.responses, { 200: { headers: { ETag: {} } }, 304: {} })
  })

  await t.test('the largest import is accepted, and the server can stop in the middle of it', async (t) => {
    const users = newUsers(1000, 'a'.repeat(28)).map((user) => ({
      ...user,
      email: `${user.username}@${'example.'.repeat(26)}com`,
      password: '\u{1F511}'.repeat(128)
    }))
    const importUrl = await startImport(url, users)
    t.match(await waitUntil(importUrl, ({ done }) => done > 0), { status: 'running', total: 1000 })
  })

  await t.test('no rule was violated, and no password was logged', async (t) => {
    t.not(logs.length, 0)
    t.notMatch(logs.join(), VIOLATION)
    t.notMatch(logs.join(), /a secret of|scrypt\$/)
  })
}

t.test('Encryption', async (t) => {
  await t.test('has one key for each directory, readable by its owner only', async (t) => {
    const directory = await newDirectory(t)
    const instances = await Promise.all(Array.from({ length: 20 }, () => Encryption.open(directory)))
    t.equal(new Set(instances.map(({ keyId }) => keyId)).size, 1)
    t.equal((await Encryption.open(directory)).keyId, instances[0].keyId)
    t.same(await readdir(directory), ['key'])
    t.equal((await stat(join(directory, 'key'))).mode & 0o777, 0o600)
    t.not((await Encryption.open(await newDirectory(t))).keyId, instances[0].keyId)
    t.equal(instances[1].decrypt(instances[0].encrypt('a secret', 'here'), 'here'), 'a secret')
  })

  await t.test('does not decrypt with another context or key, or text that was changed', async (t) => {
    const encryption = await Encryption.open(await newDirectory(t))
    const other = await Encryption.open(await newDirectory(t))
    const encrypted = encryption.encrypt('a secret', 'here')
    t.not(encryption.encrypt('a secret', 'here'), encrypted)
    t.equal(encryption.decrypt(encryption.encrypt('', 'here'), 'here'), '')
    t.throws(() => encryption.decrypt(encrypted, 'there'))
    t.throws(() => other.decrypt(encrypted, 'here'))
    const changedTexts = [
      '', encrypted.slice(0, 10), encrypted.slice(0, -4), `${encrypted}AAAA`, `AAAA${encrypted.slice(4)}`
    ]
    for (const changed of changedTexts) t.throws(() => encryption.decrypt(changed, 'here'))
  })

  await t.test('rejects a key of the wrong length', async (t) => {
    const directory = await newDirectory(t)
    await writeFile(join(directory, 'key'), 'secret')
    await t.rejects(Encryption.open(directory), { message: /key must have 32 bytes/ })
  })
})
