import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import {
  assertProblem, captureLogs, newPostgresDatabase, NOTHING_HERE, postJson, send, startApp, VIOLATION, WITHOUT_POSTGRES
} from './support.js'

const FIELDS = ['id', 'username', 'email', 'status', 'email_verified', 'created_at', 'updated_at']
const MERGE_PATCH = { 'content-type': 'application/merge-patch+json' }

t.test('updates of users, with PGlite', (t) => testUpdates(t, 'memory://'))
t.test('updates of users, with PostgreSQL', { skip: WITHOUT_POSTGRES },
  async (t) => testUpdates(t, await newPostgresDatabase(t)))

async function testUpdates (t: Test, databaseUrl: string) {
  const { logs, logger } = captureLogs()
  const { url } = await startApp(t, { databaseUrl, logger })
  const users = `${url}/users`
  const newUserUrl = () => `${users}/${randomUUID()}`
  const count = async () => (await (await fetch(`${users}?limit=100`)).json() as { items: unknown[] }).items.length

  /** Creates a user. @returns its URL, ETag and body */
  async function createUser (username: string) {
    const userUrl = newUserUrl()
    const response = await send('PUT', userUrl, newUser(username))
    t.equal(response.status, 201)
    return { userUrl, etag: response.headers.get('etag')!, user: await response.json() as Record<string, string> }
  }

  async function assertStored (t: Test, { userUrl, etag, user }: Awaited<ReturnType<typeof createUser>>) {
    const response = await fetch(userUrl)
    t.equal(response.headers.get('etag'), etag)
    t.same(await response.json(), user)
  }

  await createUser('taken')

  await t.test('PUT creates with the id of the client: 201 with ETag, without Location', async (t) => {
    for (const headers of [{}, { 'if-none-match': '*' }] as Array<Record<string, string>>) {
      const userUrl = newUserUrl()
      const response = await send('PUT', userUrl, newUser(`made-${Object.keys(headers).length}`), headers)
      t.equal(response.status, 201)
      t.equal(response.headers.get('location'), null)
      const user = await response.json() as Record<string, string>
      t.same(Object.keys(user), FIELDS)
      t.match(user, { id: userUrl.slice(-36), status: 'active', email_verified: false })
      const read = await fetch(userUrl)
      const etag = read.headers.get('etag')!
      t.equal(etag, response.headers.get('etag'))
      t.same(await read.json(), user)
      t.equal((await fetch(userUrl, { headers: { 'if-none-match': etag } })).status, 304)
    }
  })

  await t.test('PUT with If-Match replaces: 200 with a new ETag, which works for the next update', async (t) => {
    const { userUrl, etag, user } = await createUser('before')
    const response = await send('PUT', userUrl, newUser('after'), { 'if-match': `"other", ${etag}` })
    t.equal(response.status, 200)
    const newEtag = response.headers.get('etag')!
    t.not(newEtag, etag)
    const updated = await response.json() as Record<string, string>
    t.same(Object.keys(updated), FIELDS)
    t.match(updated, { id: user.id, username: 'after', email: 'after@example.com', created_at: user.created_at })
    t.ok(updated.updated_at > user.updated_at)
    await assertStored(t, { userUrl, etag: newEtag, user: updated })
    t.equal((await send('PUT', userUrl, newUser('AFTER'), { 'if-match': newEtag })).status, 200)
    const upperCaseUrl = userUrl.toUpperCase().replace(/^.*\//, `${users}/`)
    t.equal((await send('PUT', upperCaseUrl, newUser('after'), { 'if-match': '*' })).status, 200)
  })

  await t.test('PATCH changes the given fields only, with either content type', async (t) => {
    let { userUrl, etag, user } = await createUser('patched')
    const patches = [
      { username: 'patched-2' },
      { email: 'patched-2@example.com' },
      { status: 'suspended' },
      { password: 'another password' },
      {},
      { username: 'patched', status: 'active' }
    ]
    for (const [n, patch] of patches.entries()) {
      const response = await send('PATCH', userUrl, patch, { 'if-match': etag, ...n % 2 === 0 && MERGE_PATCH })
      t.equal(response.status, 200)
      t.not(response.headers.get('etag'), etag)
      const { password: _, ...changes } = patch as Record<string, string>
      const updated = await response.json() as Record<string, string>
      t.ok(updated.updated_at > user.updated_at)
      t.same(updated, { ...user, ...changes, updated_at: updated.updated_at })
      etag = response.headers.get('etag')!
      user = updated
      await assertStored(t, { userUrl, etag, user })
    }
  })

  await t.test('PUT keeps the status, which its body does not have', async (t) => {
    const { userUrl } = await createUser('suspended')
    await send('PATCH', userUrl, { status: 'suspended' }, { 'if-match': '*' })
    const replaced = await send('PUT', userUrl, newUser('suspended'), { 'if-match': '*' })
    t.match(await replaced.json(), { status: 'suspended' })
  })

  await t.test('DELETE with If-Match is 204, then GET is 404, and the name is free', async (t) => {
    const { userUrl, etag } = await createUser('deleted')
    const response = await send('DELETE', userUrl, undefined, { 'if-match': etag })
    t.equal(response.status, 204)
    t.equal(await response.text(), '')
    await assertProblem(t, await fetch(userUrl), 404, NOTHING_HERE)
    await assertProblem(t, await send('DELETE', userUrl, undefined, { 'if-match': etag }), 404, NOTHING_HERE)
    await assertProblem(t, await send('DELETE', userUrl), 404, NOTHING_HERE)
    t.equal((await postJson(users, newUser('deleted'))).status, 201)
  })

  await t.test('an ETag is never used twice, not even after a user was deleted and created again', async (t) => {
    const { userUrl, etag } = await createUser('first')
    await send('DELETE', userUrl, undefined, { 'if-match': etag })
    t.not((await send('PUT', userUrl, newUser('second'))).headers.get('etag'), etag)
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const body = method === 'DELETE' ? undefined : newUser('third')
      await assertProblem(t, await send(method, userUrl, body, { 'if-match': etag }), 412, /If-Match/)
    }
  })

  await t.test('without a precondition, or with a false or malformed one, nothing changes', async (t) => {
    const stored = await createUser('stored')
    const { userUrl, etag } = stored
    const bodies = { PUT: newUser('intruder'), PATCH: { username: 'intruder' }, DELETE: undefined }
    for (const [method, body] of Object.entries(bodies)) {
      const attempt = (headers: Record<string, string>) => send(method, userUrl, body, headers)
      const required = await attempt({})
      t.equal(required.headers.get('cache-control'), 'no-store')
      await assertProblem(t, required, 428, /If-Match/)
      await assertProblem(t, await attempt({ 'if-unmodified-since': new Date().toUTCString() }), 428, /If-Match/)
      for (const staleEtag of ['"stale"', `W/${etag}`, `"a,${etag.slice(1)}`]) {
        const failed = await attempt({ 'if-match': staleEtag })
        t.equal(failed.headers.get('etag'), etag)
        await assertProblem(t, failed, 412, /If-Match/)
      }
      await assertProblem(t, await attempt({ 'if-none-match': '*' }), 412, /If-None-Match/)
      await assertProblem(t, await attempt({ 'if-none-match': '"other"' }), 428, /If-Match/)
      await assertProblem(t, await attempt({ 'if-match': etag.slice(1, -1) }), 400, /If-Match/)
      await assertStored(t, stored)
    }
  })

  await t.test('if nothing exists, PATCH and DELETE are 404, PUT with If-Match is 412', async (t) => {
    const before = await count()
    for (const headers of [{}, { 'if-match': '*' }, { 'if-match': '"1"' }] as Array<Record<string, string>>) {
      const patched = await send('PATCH', newUserUrl(), { status: 'active' }, headers)
      await assertProblem(t, patched, 404, NOTHING_HERE)
      await assertProblem(t, await send('DELETE', newUserUrl(), undefined, headers), 404, NOTHING_HERE)
    }
    for (const etag of ['*', '"1"']) {
      await assertProblem(t, await send('PUT', newUserUrl(), newUser('ghost'), { 'if-match': etag }), 412, /If-Match/)
    }
    t.equal(await count(), before)
  })

  await t.test('a taken username or email is 409 in any case of letters, and nothing is stored', async (t) => {
    const before = await count()
    const [takenUsername, takenEmail] = [{ username: 'TAKEN' }, { email: 'Taken@example.com' }]
    for (const headers of [{}, { 'if-none-match': '*' }] as Array<Record<string, string>>) {
      const other = newUser('other')
      const sameName = await send('PUT', newUserUrl(), { ...other, ...takenUsername }, headers)
      await assertProblem(t, sameName, 409, /username/)
      const sameEmail = await send('PUT', newUserUrl(), { ...other, ...takenEmail }, headers)
      await assertProblem(t, sameEmail, 409, /email/)
    }
    t.equal(await count(), before)
    const stored = await createUser('envious')
    const { userUrl } = stored
    const ifMatch = { 'if-match': stored.etag }
    const replaced = await send('PUT', userUrl, { ...newUser('envious'), ...takenUsername }, ifMatch)
    await assertProblem(t, replaced, 409, /username/)
    const patchedName = await send('PATCH', userUrl, { username: 'Taken', status: 'suspended' }, ifMatch)
    await assertProblem(t, patchedName, 409, /username/)
    await assertProblem(t, await send('PATCH', userUrl, { email: 'taken@EXAMPLE.com' }, ifMatch), 409, /email/)
    await assertStored(t, stored)
  })

  await t.test('an invalid body is rejected with the reason, and nothing changes', async (t) => {
    const stored = await createUser('strict')
    const strict = newUser('strict')
    const ifMatch = { 'if-match': stored.etag }
    const put = (body: unknown, headers = {}) => send('PUT', stored.userUrl, body, { ...ifMatch, ...headers })
    const patch = (body: unknown, headers = {}) => send('PATCH', stored.userUrl, body, { ...ifMatch, ...headers })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const text = { 'content-type': 'text/plain' }
    for (const update of [put, patch]) {
      await assertProblem(t, await update({ ...strict, id: randomUUID() }), 400, /unknown field 'id'/)
      await assertProblem(t, await update({ ...strict, email: null }), 400, /email must be string/)
      await assertProblem(t, await update({ ...strict, username: 12345 }), 400, /username must be string/)
      await assertProblem(t, await update({ ...strict, password: 'with a \0 in it' }), 400, /password must match/)
      await assertProblem(t, await update({ ...strict, password: 'half a pair: \ud800' }), 400, /password must match/)
      await assertProblem(t, await update('{"username":'), 400, /JSON/)
      await assertProblem(t, await update('{"__proto__":{"x":1}}'), 400, /JSON|proto/)
      await assertProblem(t, await update('[]'), 400, /body must be object/)
      await assertProblem(t, await update('null'), 400, /body must be object/)
      await assertProblem(t, await update(''), 400, /empty/)
      await assertProblem(t, await update({ password: 'a'.repeat(2_000_000) }), 413, /too large/)
      await assertProblem(t, await update('status=active', form), 415, /Media Type/)
      await assertProblem(t, await update('text', text), 415, /Media Type/)
    }
    await assertProblem(t, await put({ username: 'strict' }), 400, /'email'/)
    await assertProblem(t, await put({ ...strict, status: 'active' }), 400, /unknown field 'status'/)
    await assertProblem(t, await put(strict, MERGE_PATCH), 415, /Media Type/)
    await assertProblem(t, await put(strict, { 'content-range': 'bytes 0-9/10' }), 400, /Content-Range/)
    await assertProblem(t, await patch({ status: 'asleep' }), 400, /status must/)
    await assertProblem(t, await patch({ email_verified: true }), 400, /unknown field 'email_verified'/)
    await assertProblem(t, await patch('{"username":', MERGE_PATCH), 400, /JSON/)
    await assertProblem(t, await patch('{"__proto__":{"x":1}}', MERGE_PATCH), 400, /JSON|proto/)
    const jsonPatch = { 'content-type': 'application/json-patch+json' }
    await assertProblem(t, await patch('[{"op":"remove","path":"/email"}]', jsonPatch), 415, /Media Type/)
    await assertProblem(t, await send('POST', users, newUser('posted'), MERGE_PATCH), 415, /Media Type/)
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const body = method === 'DELETE' ? undefined : strict
      await assertProblem(t, await send(method, `${users}/1`, body, ifMatch), 400, /id must match/)
    }
    await assertStored(t, stored)
  })

  t.not(logs.length, 0)
  t.notMatch(logs.join(), VIOLATION)
  t.notMatch(logs.join(), /a long password|another password|scrypt\$/)
}

function newUser (username: string) {
  return { username, email: `${username}@example.com`, password: 'a long password' }
}
