import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { isProblem, keepLogs, newPostgresDatabase, postJson, send, startApp, VIOLATION, WITHOUT_POSTGRES } from './support.js'

const FIELDS = ['id', 'username', 'email', 'status', 'email_verified', 'created_at', 'updated_at']
const MERGE_PATCH = { 'content-type': 'application/merge-patch+json' }

t.test('users change, with PGlite', (t) => testUpdates(t, 'memory://'))
t.test('users change, with PostgreSQL', { skip: WITHOUT_POSTGRES }, async (t) => testUpdates(t, await newPostgresDatabase(t)))

async function testUpdates (t: Test, databaseUrl: string) {
  const { logs, logger } = keepLogs()
  const { url } = await startApp(t, { databaseUrl, logger })
  const users = `${url}/users`
  const newAddress = () => `${users}/${randomUUID()}`
  const count = async () => (await (await fetch(`${users}?limit=100`)).json() as { items: unknown[] }).items.length

  /** A user that exists: its address, its tag, and what it is now. */
  async function newUser (username: string) {
    const address = newAddress()
    const response = await send('PUT', address, person(username))
    t.equal(response.status, 201)
    return { address, etag: response.headers.get('etag')!, state: await response.json() as Record<string, string> }
  }

  async function isUnchanged (t: Test, { address, etag, state }: Awaited<ReturnType<typeof newUser>>) {
    const response = await fetch(address)
    t.equal(response.headers.get('etag'), etag)
    t.same(await response.json(), state)
  }

  await newUser('taken')

  await t.test('PUT creates with the id of the client: 201 with ETag, without Location, and GET has the same', async (t) => {
    for (const headers of [{}, { 'if-none-match': '*' }] as Array<Record<string, string>>) {
      const address = newAddress()
      const response = await send('PUT', address, person(`made-${Object.keys(headers).length}`), headers)
      t.equal(response.status, 201)
      t.equal(response.headers.get('location'), null)
      const state = await response.json() as Record<string, string>
      t.same(Object.keys(state), FIELDS)
      t.match(state, { id: address.slice(-36), status: 'active', email_verified: false })
      const read = await fetch(address)
      t.equal(read.headers.get('etag'), response.headers.get('etag'))
      t.same(await read.json(), state)
      t.equal((await fetch(address, { headers: { 'if-none-match': read.headers.get('etag')! } })).status, 304)
    }
  })

  await t.test('PUT replaces with If-Match: 200, a new ETag, which guards the next one', async (t) => {
    const { address, etag, state } = await newUser('before')
    const response = await send('PUT', address, person('after'), { 'if-match': `"other", ${etag}` })
    t.equal(response.status, 200)
    const tag = response.headers.get('etag')!
    t.not(tag, etag)
    const after = await response.json() as Record<string, string>
    t.same(Object.keys(after), FIELDS)
    t.match(after, { id: state.id, username: 'after', email: 'after@example.com', created_at: state.created_at })
    t.ok(after.updated_at > state.updated_at)
    await isUnchanged(t, { address, etag: tag, state: after })
    t.equal((await send('PUT', address, person('AFTER'), { 'if-match': tag })).status, 200)
    t.equal((await send('PUT', address.toUpperCase().replace(/^.*\//, `${users}/`), person('after'), { 'if-match': '*' })).status, 200)
  })

  await t.test('PATCH changes what it names and leaves the rest, by either content type', async (t) => {
    let { address, etag, state } = await newUser('patched')
    const patches = [{ username: 'patched-2' }, { email: 'patched-2@example.com' }, { status: 'suspended' }, { password: 'another password' }, {}, { username: 'patched', status: 'active' }]
    for (const [n, patch] of patches.entries()) {
      const response = await send('PATCH', address, patch, { 'if-match': etag, ...n % 2 === 0 && MERGE_PATCH })
      t.equal(response.status, 200)
      t.not(response.headers.get('etag'), etag)
      const { password: _, ...changes } = patch as Record<string, string>
      const after = await response.json() as Record<string, string>
      t.ok(after.updated_at > state.updated_at)
      t.same(after, { ...state, ...changes, updated_at: after.updated_at })
      etag = response.headers.get('etag')!
      state = after
      await isUnchanged(t, { address, etag, state })
    }
  })

  await t.test('PUT keeps what it cannot say: who is suspended stays so', async (t) => {
    const { address } = await newUser('suspended')
    await send('PATCH', address, { status: 'suspended' }, { 'if-match': '*' })
    t.match(await (await send('PUT', address, person('suspended'), { 'if-match': '*' })).json(), { status: 'suspended' })
  })

  await t.test('DELETE with If-Match is 204, then there is nothing, and the name is free', async (t) => {
    const { address, etag } = await newUser('deleted')
    const response = await send('DELETE', address, undefined, { 'if-match': etag })
    t.equal(response.status, 204)
    t.equal(await response.text(), '')
    await isProblem(t, await fetch(address), 404, /nothing/)
    await isProblem(t, await send('DELETE', address, undefined, { 'if-match': etag }), 404, /nothing/)
    await isProblem(t, await send('DELETE', address), 404, /nothing/)
    t.equal((await postJson(users, person('deleted'))).status, 201)
  })

  await t.test('a tag never comes twice, also where a user is deleted and another created at its address', async (t) => {
    const { address, etag } = await newUser('first')
    await send('DELETE', address, undefined, { 'if-match': etag })
    t.not((await send('PUT', address, person('second'))).headers.get('etag'), etag)
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      await isProblem(t, await send(method, address, method === 'DELETE' ? undefined : person('third'), { 'if-match': etag }), 412, /If-Match/)
    }
  })

  await t.test('without a precondition, with a wrong one, or with one that cannot be read, nothing changes', async (t) => {
    const user = await newUser('guarded')
    const bodies = { PUT: person('thief'), PATCH: { username: 'thief' }, DELETE: undefined }
    for (const [method, body] of Object.entries(bodies)) {
      const attempt = (headers: Record<string, string>) => send(method, user.address, body, headers)
      const required = await attempt({})
      t.equal(required.headers.get('cache-control'), 'no-store')
      await isProblem(t, required, 428, /If-Match/)
      await isProblem(t, await attempt({ 'if-unmodified-since': new Date().toUTCString() }), 428, /If-Match/)
      for (const stale of ['"stale"', `W/${user.etag}`, `"a,${user.etag.slice(1)}`]) {
        const failed = await attempt({ 'if-match': stale })
        t.equal(failed.headers.get('etag'), user.etag)
        await isProblem(t, failed, 412, /If-Match/)
      }
      await isProblem(t, await attempt({ 'if-none-match': '*' }), 412, /If-None-Match/)
      await isProblem(t, await attempt({ 'if-none-match': '"other"' }), 428, /If-Match/)
      await isProblem(t, await attempt({ 'if-match': user.etag.slice(1, -1) }), 400, /If-Match/)
      await isUnchanged(t, user)
    }
  })

  await t.test('where nothing exists, PATCH and DELETE are 404 and If-Match of a PUT is false, and nothing comes to be', async (t) => {
    const before = await count()
    for (const headers of [{}, { 'if-match': '*' }, { 'if-match': '"1"' }] as Array<Record<string, string>>) {
      await isProblem(t, await send('PATCH', newAddress(), { status: 'active' }, headers), 404, /nothing/)
      await isProblem(t, await send('DELETE', newAddress(), undefined, headers), 404, /nothing/)
    }
    for (const tag of ['*', '"1"']) await isProblem(t, await send('PUT', newAddress(), person('ghost'), { 'if-match': tag }), 412, /If-Match/)
    t.equal(await count(), before)
  })

  await t.test('a taken username or email is 409 whatever its case, and stores nothing', async (t) => {
    const before = await count()
    for (const headers of [{}, { 'if-none-match': '*' }] as Array<Record<string, string>>) {
      await isProblem(t, await send('PUT', newAddress(), { ...person('other'), username: 'TAKEN' }, headers), 409, /username/)
      await isProblem(t, await send('PUT', newAddress(), { ...person('other'), email: 'Taken@example.com' }, headers), 409, /email/)
    }
    t.equal(await count(), before)
    const user = await newUser('envious')
    const ifMatch = { 'if-match': user.etag }
    await isProblem(t, await send('PUT', user.address, { ...person('envious'), username: 'TAKEN' }, ifMatch), 409, /username/)
    await isProblem(t, await send('PATCH', user.address, { username: 'Taken', status: 'suspended' }, ifMatch), 409, /username/)
    await isProblem(t, await send('PATCH', user.address, { email: 'taken@EXAMPLE.com' }, ifMatch), 409, /email/)
    await isUnchanged(t, user)
  })

  await t.test('a body that is not right is refused with the reason, and nothing changes', async (t) => {
    const user = await newUser('strict')
    const ifMatch = { 'if-match': user.etag }
    const put = (body: unknown, headers = {}) => send('PUT', user.address, body, { ...ifMatch, ...headers })
    const patch = (body: unknown, headers = {}) => send('PATCH', user.address, body, { ...ifMatch, ...headers })
    for (const attempt of [put, patch]) {
      await isProblem(t, await attempt({ ...person('strict'), id: randomUUID() }), 400, /unknown field 'id'/)
      await isProblem(t, await attempt({ ...person('strict'), email: null }), 400, /email must be string/)
      await isProblem(t, await attempt({ ...person('strict'), username: 12345 }), 400, /username must be string/)
      await isProblem(t, await attempt({ ...person('strict'), password: 'with a \0 in it' }), 400, /password must match/)
      await isProblem(t, await attempt({ ...person('strict'), password: 'half a pair: \ud800' }), 400, /password must match/)
      await isProblem(t, await attempt('{"username":'), 400, /JSON/)
      await isProblem(t, await attempt('{"__proto__":{"x":1}}'), 400, /JSON|proto/)
      await isProblem(t, await attempt('[]'), 400, /body must be object/)
      await isProblem(t, await attempt('null'), 400, /body must be object/)
      await isProblem(t, await attempt(''), 400, /empty/)
      await isProblem(t, await attempt({ password: 'a'.repeat(2_000_000) }), 413, /too large/)
      await isProblem(t, await attempt('status=active', { 'content-type': 'application/x-www-form-urlencoded' }), 415, /Media Type/)
      await isProblem(t, await attempt('text', { 'content-type': 'text/plain' }), 415, /Media Type/)
    }
    await isProblem(t, await put({ username: 'strict' }), 400, /'email'/)
    await isProblem(t, await put({ ...person('strict'), status: 'active' }), 400, /unknown field 'status'/)
    await isProblem(t, await put(person('strict'), MERGE_PATCH), 415, /Media Type/)
    await isProblem(t, await put(person('strict'), { 'content-range': 'bytes 0-9/10' }), 400, /Content-Range/)
    await isProblem(t, await patch({ status: 'asleep' }), 400, /status must/)
    await isProblem(t, await patch({ email_verified: true }), 400, /unknown field 'email_verified'/)
    await isProblem(t, await patch('{"username":', MERGE_PATCH), 400, /JSON/)
    await isProblem(t, await patch('{"__proto__":{"x":1}}', MERGE_PATCH), 400, /JSON|proto/)
    await isProblem(t, await patch('[{"op":"remove","path":"/email"}]', { 'content-type': 'application/json-patch+json' }), 415, /Media Type/)
    await isProblem(t, await send('POST', users, person('posted'), MERGE_PATCH), 415, /Media Type/)
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      await isProblem(t, await send(method, `${users}/1`, method === 'DELETE' ? undefined : person('strict'), ifMatch), 400, /id must match/)
    }
    await isUnchanged(t, user)
  })

  t.not(logs.length, 0)
  t.notMatch(logs.join(), VIOLATION)
  t.notMatch(logs.join(), /a long password|another password|scrypt\$/)
}

function person (username: string) {
  return { username, email: `${username}@example.com`, password: 'a long password' }
}
