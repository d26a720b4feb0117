import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Vault } from '../../examples/imports/vault.js'
import { answers, usernames, newUsers, startImport, TAKEN, until, untilEnded, type Import } from './imports-support.js'
import { isProblem, keepLogs, newDirectory, newPostgresDatabase, postJson, send, startApp, VIOLATION, WITHOUT_POSTGRES } from './support.js'

t.test('imports, with PGlite', (t) => testImports(t, 'memory://'))
t.test('imports, with PostgreSQL', { skip: WITHOUT_POSTGRES }, async (t) => testImports(t, await newPostgresDatabase(t)))

async function testImports (t: Test, databaseUrl: string) {
  const { logs, logger } = keepLogs()
  const { url } = await startApp(t, { databaseUrl, logger })
  const imports = `${url}/imports`
  let location = ''

  await t.test('an import is answered with 202, the address of its monitor, and when to ask', async (t) => {
    const response = await postJson(imports, { users: newUsers(3) })
    t.equal(response.status, 202)
    t.equal(response.headers.get('retry-after'), '1')
    t.equal(response.headers.get('etag'), null)
    const body = await response.json() as Import
    t.same(body, { id: body.id, status: 'running', total: 3, done: 0, created: [], errors: [] })
    location = response.headers.get('location') ?? ''
    t.equal(location, `/imports/${body.id}`)
  })

  await t.test('the monitor ends with the addresses of all users, in the order in which they were sent', async (t) => {
    const { id, ...state } = await untilEnded(url + location)
    t.match(state, { status: 'done', total: 3, done: 3, errors: [] })
    t.equal(location, `/imports/${id}`)
    t.same(await Promise.all(state.created.map(async (address) => (await (await fetch(url + address)).json() as { username: string }).username)), ['user-0', 'user-1', 'user-2'])
    t.match(await (await fetch(url + state.created[0])).json(), { email: 'user-0@example.com', status: 'active', email_verified: false })
  })

  await t.test('the ETag of the monitor is another for each state, and 304 to who has it', async (t) => {
    const monitor = url + (await postJson(imports, { users: newUsers(5, 'tag') })).headers.get('location')
    const bodies = new Map<string, string>()
    for await (const response of answers(monitor)) {
      const [etag, body] = [response.headers.get('etag')!, await response.text()]
      t.match(etag, /^"(running|done)-\d"$/)
      t.equal(bodies.get(etag) ?? body, body)
      bodies.set(etag, body)
      if (etag.startsWith('"done')) break
    }
    t.equal(new Set(bodies.values()).size, bodies.size)
    const unchanged = await send('GET', monitor, undefined, { 'if-none-match': '"done-5"' })
    t.equal(unchanged.status, 304)
    t.equal(unchanged.headers.get('etag'), '"done-5"')
    t.equal((await send('GET', monitor, undefined, { 'if-none-match': '"running-4"' })).status, 200)
  })

  await t.test('a user whose name is taken is listed among the errors, and of two in one import the first wins', async (t) => {
    await postJson(`${url}/users`, { username: 'taken', email: 'taken@example.com', password: 'a long password' })
    const before = await usernames(url)
    const [ann, bob] = newUsers(2, 'twin')
    const state = await startImport(url, [
      { ...ann, username: 'TAKEN' },
      ann,
      { ...bob, email: 'Taken@Example.com' },
      { ...bob, username: ann.username.toUpperCase() },
      bob,
      { ...bob, username: 'another' }
    ]).then(untilEnded)
    t.match(state, { status: 'done', total: 6, done: 6 })
    t.equal(state.created.length, 2)
    const email = 'This email is taken: choose another email.'
    t.same(state.errors, [{ index: 0, detail: TAKEN }, { index: 2, detail: email }, { index: 3, detail: TAKEN }, { index: 5, detail: email }])
    t.same((await usernames(url)).filter((name) => !before.includes(name)), ['twin-0', 'twin-1'])
  })

  await t.test('an import with one user that is not right is refused as a whole, and nothing is stored', async (t) => {
    const before = await usernames(url)
    const [good, other] = newUsers(2, 'refused')
    const isRefused = async (users: unknown, pattern: RegExp) => isProblem(t, await postJson(imports, { users }), 400, pattern)
    await isRefused([good, { ...other, username: 'ab' }], /body\/users\/1\/username .* fewer than 3/)
    await isRefused([good, { ...other, status: 'active' }], /users\/1 .*unknown field 'status'/)
    await isRefused([good, { ...other, password: 'short' }], /users\/1\/password .* fewer than 8/)
    await isRefused([good, { ...other, password: 'with a \0 in it' }], /users\/1\/password must match/)
    await isRefused([good, { ...other, email: 'nowhere' }], /users\/1\/email must match/)
    await isRefused([good, { username: 'nameless', email: 'n@example.com' }], /users\/1 .*'password'/)
    await isRefused([good, null], /users\/1 must be object/)
    await isRefused([good, { ...other, username: 12345 }], /users\/1\/username must be string/)
    await isRefused([], /users must NOT have fewer than 1/)
    await isRefused(newUsers(1001, 'refused'), /users must NOT have more than 1000/)
    await isRefused({ 0: good }, /users must be array/)
    await isProblem(t, await postJson(imports, {}), 400, /'users'/)
    await isProblem(t, await postJson(imports, { users: [good], dry: true }), 400, /unknown field 'dry'/)
    await isProblem(t, await postJson(imports, [good]), 400, /body must be object/)
    await isProblem(t, await postJson(imports, '{"users":'), 400, /JSON/)
    await isProblem(t, await postJson(imports, { users: [{ ...good, password: 'a'.repeat(2_000_000) }] }), 413, /too large/)
    await isProblem(t, await fetch(imports, { method: 'POST', body: JSON.stringify({ users: [good] }) }), 415, /Media Type/)
    // What comes later is done later: when that is done, nothing before it has been stored.
    await startImport(url, newUsers(1, 'later')).then(untilEnded)
    t.same((await usernames(url)).filter((name) => !before.includes(name)), ['later-0'])
  })

  await t.test('an id that is no UUID is 400, one that nobody has 404, and another method 404', async (t) => {
    await isProblem(t, await fetch(`${imports}/1`), 400, /id must match/)
    await isProblem(t, await fetch(`${imports}/00000000-0000-4000-8000-000000000000`), 404, /nothing at this address/)
    await isProblem(t, await fetch(imports), 404, /nothing at this address/)
    await isProblem(t, await send('DELETE', url + location), 404, /nothing at this address/)
  })

  await t.test('the documentation has the 202 with its Location, and its monitor', async (t) => {
    const { paths } = await (await fetch(`${url}/docs/json`)).json() as Record<string, any>
    t.match(paths['/imports'].post.responses, { 202: { content: { 'application/json': {} } }, '4XX': {} })
    t.match(paths['/imports/{id}'].get.responses, { 200: { headers: { ETag: {} } }, 304: {} })
  })

  await t.test('the largest import is taken, and the server stops in the middle of it', async (t) => {
    const users = newUsers(1000, 'a'.repeat(28)).map((user) => ({ ...user, email: `${user.username}@${'example.'.repeat(26)}com`, password: '\u{1F511}'.repeat(128) }))
    const monitor = await startImport(url, users)
    t.match(await until(monitor, ({ done }) => done > 0), { status: 'running', total: 1000 })
  })

  await t.test('no rule is broken, and no password logged', async (t) => {
    t.not(logs.length, 0)
    t.notMatch(logs.join(), VIOLATION)
    t.notMatch(logs.join(), /a secret of|scrypt\$/)
  })
}

t.test('the vault', async (t) => {
  await t.test('has one key a directory, which nobody else reads, whoever opens it first', async (t) => {
    const directory = await newDirectory(t)
    const vaults = await Promise.all(Array.from({ length: 20 }, () => Vault.open(directory)))
    t.equal(new Set(vaults.map(({ keyId }) => keyId)).size, 1)
    t.equal((await Vault.open(directory)).keyId, vaults[0].keyId)
    t.same(await readdir(directory), ['key'])
    t.equal((await stat(join(directory, 'key'))).mode & 0o777, 0o600)
    t.not((await Vault.open(await newDirectory(t))).keyId, vaults[0].keyId)
    t.equal(vaults[1].unseal(vaults[0].seal('a secret', 'here'), 'here'), 'a secret')
  })

  await t.test('opens nothing that was changed, moved, or sealed with another key', async (t) => {
    const directory = await newDirectory(t)
    const [vault, other] = [await Vault.open(directory), await Vault.open(await newDirectory(t))]
    const sealed = vault.seal('a secret', 'here')
    t.not(vault.seal('a secret', 'here'), sealed)
    t.equal(vault.unseal(vault.seal('', 'here'), 'here'), '')
    t.throws(() => vault.unseal(sealed, 'there'))
    t.throws(() => other.unseal(sealed, 'here'))
    for (const changed of ['', sealed.slice(0, 10), sealed.slice(0, -4), `${sealed}AAAA`, `AAAA${sealed.slice(4)}`]) t.throws(() => vault.unseal(changed, 'here'))
  })

  await t.test('is not opened with a key that is none', async (t) => {
    const directory = await newDirectory(t)
    await writeFile(join(directory, 'key'), 'secret')
    await t.rejects(Vault.open(directory), { message: /key must have 32 bytes/ })
  })
})
