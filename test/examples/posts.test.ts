import t, { type Test } from 'tap'
import { isProblem, keepLogs, newPostgresDatabase, send, startApp, TOKEN, VIOLATION, WITHOUT_POSTGRES } from './support.js'

const FIELDS = ['id', 'title', 'content', 'author_id', 'created_at', 'updated_at', 'published', 'url', 'tags']
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const hello = { title: 'Hello', content: 'World' }
const authorization = { authorization: `Bearer ${TOKEN}` }

t.test('posts, with PGlite', (t) => testPosts(t, 'memory://'))
t.test('posts, with PostgreSQL', { skip: WITHOUT_POSTGRES }, async (t) => testPosts(t, await newPostgresDatabase(t)))

async function testPosts (t: Test, databaseUrl: string) {
  const { logs, logger } = keepLogs()
  const { url } = await startApp(t, { databaseUrl, logger })
  const posts = `${url}/api/posts`
  const list = async (query = '') => (await fetch(posts + query)).json() as Promise<{ items: Array<Record<string, string>>, next: string | null }>
  const write = (body: unknown, headers = {}) => send('POST', posts, body, { ...authorization, ...headers })

  await t.test('a new post is answered with 201, its address, its version, and all of it', async (t) => {
    const response = await write({ ...hello, tags: ['a', 'b'], publish: true })
    t.equal(response.status, 201)
    const post = await response.json() as Record<string, string>
    t.same(Object.keys(post), FIELDS)
    t.match(post, { ...hello, tags: ['a', 'b'], published: true, author_id: UUID, url: `/api/posts/${post.id}` })
    t.equal(new Date(post.created_at).toISOString(), post.created_at)
    t.equal(post.updated_at, post.created_at)
    t.equal(response.headers.get('location'), post.url)

    const read = await fetch(url + post.url)
    t.equal(read.status, 200)
    t.equal(read.headers.get('etag'), response.headers.get('etag'))
    t.same(await read.json(), post)
    t.equal((await fetch(url + post.url, { headers: { 'if-none-match': read.headers.get('etag')! } })).status, 304)
    t.equal((await fetch(url + post.url, { method: 'HEAD' })).headers.get('etag'), read.headers.get('etag'))
  })

  await t.test('tags and publish may be left out', async (t) => {
    t.match(await (await write(hello)).json(), { ...hello, tags: [], published: false })
  })

  await t.test('who does not have the token gets 401 with the challenge, before anything else is looked at', async (t) => {
    const before = await list()
    const wrong = [undefined, '', 'Bearer', 'Bearer ', `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, `Basic ${TOKEN}`, TOKEN, `Bearer ${TOKEN} ${TOKEN}`]
    for (const value of wrong) {
      const headers: Record<string, string> = value === undefined ? {} : { authorization: value }
      const attempts = [
        send('POST', posts, hello, headers), send('POST', posts, '{', headers), send('POST', posts, 'text', { 'content-type': 'text/plain', ...headers }),
        send('POST', posts, 'a'.repeat(2_000_000), headers), send('PUT', url + before.items[0].url, hello, { 'if-match': '*', ...headers }),
        send('PUT', `${posts}/1`, hello, headers)
      ]
      for (const response of await Promise.all(attempts)) {
        t.equal(response.headers.get('www-authenticate'), 'Bearer')
        await isProblem(t, response, 401, /token/)
      }
    }
    t.same(await list(), before)
    t.equal((await send('POST', posts, hello, { authorization: `bearer ${TOKEN}` })).status, 201)
  })

  await t.test('a body that is not right is refused with the reason, and nothing is stored', async (t) => {
    const before = await list()
    const address = url + before.items[0].url
    for (const attempt of [write, (body: unknown, headers = {}) => send('PUT', address, body, { ...authorization, 'if-match': '*', ...headers })]) {
      await isProblem(t, await attempt({ title: 'Hello' }), 400, /'content'/)
      await isProblem(t, await attempt({ content: 'World' }), 400, /'title'/)
      await isProblem(t, await attempt({ ...hello, title: '' }), 400, /title .* fewer than 1/)
      await isProblem(t, await attempt({ ...hello, title: 'a'.repeat(201) }), 400, /title .* more than 200/)
      await isProblem(t, await attempt({ ...hello, title: 5 }), 400, /title must be string/)
      await isProblem(t, await attempt({ ...hello, title: 'a\0b' }), 400, /title must match/)
      await isProblem(t, await attempt({ ...hello, content: 'half a pair: \ud800' }), 400, /content must match/)
      await isProblem(t, await attempt({ ...hello, content: 'a'.repeat(100_001) }), 400, /content .* more than 100000/)
      await isProblem(t, await attempt({ ...hello, tags: 'a' }), 400, /tags must be array/)
      await isProblem(t, await attempt({ ...hello, tags: [''] }), 400, /tags\/0 .* fewer than 1/)
      await isProblem(t, await attempt({ ...hello, tags: [null] }), 400, /tags\/0 must be string/)
      await isProblem(t, await attempt({ ...hello, tags: ['a\0'] }), 400, /tags\/0 must match/)
      await isProblem(t, await attempt({ ...hello, tags: Array(21).fill('a') }), 400, /tags .* more than 20/)
      await isProblem(t, await attempt({ ...hello, publish: 'yes' }), 400, /publish must be boolean/)
      await isProblem(t, await attempt({ ...hello, published: true }), 400, /unknown field 'published'/)
      await isProblem(t, await attempt({ ...hello, author_id: before.items[0].author_id }), 400, /unknown field 'author_id'/)
      await isProblem(t, await attempt('{"title":'), 400, /JSON/)
      await isProblem(t, await attempt('[]'), 400, /body must be object/)
      await isProblem(t, await attempt({ ...hello, content: 'a'.repeat(2_000_000) }), 413, /too large/)
      await isProblem(t, await attempt('title=Hello', { 'content-type': 'application/x-www-form-urlencoded' }), 415, /Media Type/)
    }
    t.same(await list(), before)
  })

  await t.test('what text, and what tag, is stored comes back as it was', async (t) => {
    const odd = { title: '"\\\u{1F600}', content: "line\nline\t'); DROP TABLE posts; --", tags: ['a,b', '{}', '"', 'NULL', '\\', ' ', 'ü'] }
    const response = await write(odd)
    t.equal(response.status, 201)
    t.match(await (await fetch(url + response.headers.get('location'))).json(), odd)
  })

  await t.test('PUT with the current tag is 200 with a new one, and replaces all that a client may say', async (t) => {
    const created = await write({ ...hello, tags: ['a'], publish: true })
    const [etag, before] = [created.headers.get('etag')!, await created.json() as Record<string, string>]
    const response = await send('PUT', url + before.url, { title: 'Bye', content: 'World' }, { ...authorization, 'if-match': etag })
    t.equal(response.status, 200)
    t.not(response.headers.get('etag'), etag)
    const after = await response.json() as Record<string, string>
    t.same(Object.keys(after), FIELDS)
    t.same(after, { ...before, title: 'Bye', tags: [], published: false, updated_at: after.updated_at })
    t.ok(after.updated_at > before.updated_at)
    const read = await fetch(url + before.url)
    t.equal(read.headers.get('etag'), response.headers.get('etag'))
    t.same(await read.json(), after)
  })

  await t.test('PUT with a stale tag is 412 with the current one, without a tag 428, and nothing changes', async (t) => {
    const created = await write(hello)
    const [etag, before] = [created.headers.get('etag')!, await created.json() as Record<string, string>]
    const attempt = (headers: Record<string, string>) => send('PUT', url + before.url, { title: 'Thief', content: 'x' }, { ...authorization, ...headers })
    for (const stale of ['"stale"', `W/${etag}`]) {
      const failed = await attempt({ 'if-match': stale })
      t.equal(failed.headers.get('etag'), etag)
      await isProblem(t, failed, 412, /If-Match/)
    }
    await isProblem(t, await attempt({ 'if-none-match': '*' }), 412, /If-None-Match/)
    await isProblem(t, await attempt({}), 428, /If-Match/)
    await isProblem(t, await attempt({ 'if-match': 'tag' }), 400, /If-Match/)
    await isProblem(t, await attempt({ 'if-match': etag, 'content-range': 'bytes 0-9/10' }), 400, /Content-Range/)
    const read = await fetch(url + before.url)
    t.equal(read.headers.get('etag'), etag)
    t.same(await read.json(), before)
  })

  await t.test('a missing post is 404 whatever the precondition, and an id that is no UUID 400', async (t) => {
    const nothing = `${posts}/00000000-0000-4000-8000-000000000000`
    await isProblem(t, await fetch(nothing), 404, /nothing/)
    for (const headers of [{}, { 'if-match': '*' }, { 'if-match': '"1"' }, { 'if-none-match': '*' }] as Array<Record<string, string>>) {
      await isProblem(t, await send('PUT', nothing, hello, { ...authorization, ...headers }), 404, /nothing/)
    }
    await isProblem(t, await fetch(nothing), 404, /nothing/)
    await isProblem(t, await fetch(`${posts}/1`), 400, /id must match/)
    await isProblem(t, await send('PUT', `${posts}/1`, hello, authorization), 400, /id must match/)
  })

  await t.test('the list is read page by page', async (t) => {
    const { items, next } = await list()
    t.equal(next, null)
    t.same(Object.keys(items[0]), FIELDS)
    const first = await list('?limit=2')
    t.same(first, { items: items.slice(0, 2), next: items[1].id })
    t.same(await list(`?limit=100&after=${first.next}`), { items: items.slice(2), next: null })
    await isProblem(t, await fetch(`${posts}?limit=0`), 400, /limit must be/)
  })

  t.not(logs.length, 0)
  t.notMatch(logs.join(), VIOLATION)
  t.notMatch(logs.join(), new RegExp(TOKEN))
}
