import t, { type Test } from 'tap'
import {
  assertProblem, captureLogs, newPostgresDatabase, NOTHING_HERE, send, startApp, TOKEN, VIOLATION, WITHOUT_POSTGRES
} from './support.js'

interface Page {
  items: Array<Record<string, string>>
  next: string | null
}

const FIELDS = ['id', 'title', 'content', 'author_id', 'created_at', 'updated_at', 'published', 'url', 'tags']
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const hello = { title: 'Hello', content: 'World' }
const authorization = { authorization: `Bearer ${TOKEN}` }

t.test('posts, with PGlite', (t) => testPosts(t, 'memory://'))
t.test('posts, with PostgreSQL', { skip: WITHOUT_POSTGRES }, async (t) => testPosts(t, await newPostgresDatabase(t)))

async function testPosts (t: Test, databaseUrl: string) {
  const { logs, logger } = captureLogs()
  const { url } = await startApp(t, { databaseUrl, logger })
  const posts = `${url}/api/posts`
  const list = async (query = '') => await (await fetch(posts + query)).json() as Page
  const create = (body: unknown, headers = {}) => send('POST', posts, body, { ...authorization, ...headers })
  const createPost = async (newPost: unknown) => {
    const created = await create(newPost)
    return { etag: created.headers.get('etag')!, post: await created.json() as Record<string, string> }
  }

  await t.test('a new post is a 201 with Location, ETag, and all fields', async (t) => {
    const response = await create({ ...hello, tags: ['a', 'b'], publish: true })
    t.equal(response.status, 201)
    const post = await response.json() as Record<string, string>
    t.same(Object.keys(post), FIELDS)
    const expected = { ...hello, tags: ['a', 'b'], published: true, author_id: UUID, url: `/api/posts/${post.id}` }
    t.match(post, expected)
    t.equal(new Date(post.created_at).toISOString(), post.created_at)
    t.equal(post.updated_at, post.created_at)
    t.equal(response.headers.get('location'), post.url)

    const read = await fetch(url + post.url)
    const etag = read.headers.get('etag')!
    t.equal(read.status, 200)
    t.equal(etag, response.headers.get('etag'))
    t.same(await read.json(), post)
    t.equal((await fetch(url + post.url, { headers: { 'if-none-match': etag } })).status, 304)
    t.equal((await fetch(url + post.url, { method: 'HEAD' })).headers.get('etag'), etag)
  })

  await t.test('tags and publish are optional', async (t) => {
    t.match(await (await create(hello)).json(), { ...hello, tags: [], published: false })
  })

  await t.test('a request without the token is 401 with WWW-Authenticate, before anything else', async (t) => {
    const before = await list()
    const postUrl = url + before.items[0].url
    const invalid = [
      undefined, '', 'Bearer', 'Bearer ', `Bearer ${TOKEN}x`, `Bearer ${TOKEN.slice(1)}`, `Basic ${TOKEN}`, TOKEN,
      `Bearer ${TOKEN} ${TOKEN}`
    ]
    for (const value of invalid) {
      const headers: Record<string, string> = value === undefined ? {} : { authorization: value }
      const responses = await Promise.all([
        send('POST', posts, hello, headers),
        send('POST', posts, '{', headers),
        send('POST', posts, 'text', { 'content-type': 'text/plain', ...headers }),
        send('POST', posts, 'a'.repeat(2_000_000), headers),
        send('PUT', postUrl, hello, { 'if-match': '*', ...headers }),
        send('PUT', `${posts}/1`, hello, headers)
      ])
      for (const response of responses) {
        t.equal(response.headers.get('www-authenticate'), 'Bearer')
        await assertProblem(t, response, 401, /token/)
      }
    }
    t.same(await list(), before)
    t.equal((await send('POST', posts, hello, { authorization: `bearer ${TOKEN}` })).status, 201)
  })

  await t.test('an invalid body is rejected with the reason, and nothing is stored', async (t) => {
    const before = await list()
    const [{ url: path, author_id: authorId }] = before.items
    const replace = (body: unknown, headers = {}) => {
      return send('PUT', url + path, body, { ...authorization, 'if-match': '*', ...headers })
    }
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    for (const write of [create, replace]) {
      const assertRejected = async (body: unknown, status: number, pattern: RegExp) => {
        await assertProblem(t, await write(body), status, pattern)
      }
      await assertRejected({ title: 'Hello' }, 400, /'content'/)
      await assertRejected({ content: 'World' }, 400, /'title'/)
      await assertRejected({ ...hello, title: '' }, 400, /title .* fewer than 1/)
      await assertRejected({ ...hello, title: 'a'.repeat(201) }, 400, /title .* more than 200/)
      await assertRejected({ ...hello, title: 5 }, 400, /title must be string/)
      await assertRejected({ ...hello, title: 'a\0b' }, 400, /title must match/)
      await assertRejected({ ...hello, content: 'half a pair: \ud800' }, 400, /content must match/)
      await assertRejected({ ...hello, content: 'a'.repeat(100_001) }, 400, /content .* more than 100000/)
      await assertRejected({ ...hello, tags: 'a' }, 400, /tags must be array/)
      await assertRejected({ ...hello, tags: [''] }, 400, /tags\/0 .* fewer than 1/)
      await assertRejected({ ...hello, tags: [null] }, 400, /tags\/0 must be string/)
      await assertRejected({ ...hello, tags: ['a\0'] }, 400, /tags\/0 must match/)
      await assertRejected({ ...hello, tags: Array(21).fill('a') }, 400, /tags .* more than 20/)
      await assertRejected({ ...hello, publish: 'yes' }, 400, /publish must be boolean/)
      await assertRejected({ ...hello, published: true }, 400, /unknown field 'published'/)
      await assertRejected({ ...hello, author_id: authorId }, 400, /unknown field 'author_id'/)
      await assertRejected('{"title":', 400, /JSON/)
      await assertRejected('[]', 400, /body must be object/)
      await assertRejected({ ...hello, content: 'a'.repeat(2_000_000) }, 413, /too large/)
      await assertProblem(t, await write('title=Hello', form), 415, /Media Type/)
    }
    t.same(await list(), before)
  })

  await t.test('text and tags with special characters are stored unchanged', async (t) => {
    const special = {
      title: '"\\\u{1F600}',
      content: "line\nline\t'); DROP TABLE posts; --",
      tags: ['a,b', '{}', '"', 'NULL', '\\', ' ', 'ü']
    }
    const response = await create(special)
    t.equal(response.status, 201)
    t.match(await (await fetch(url + response.headers.get('location'))).json(), special)
  })

  await t.test('PUT with the current ETag is 200 with a new one, and replaces all writable fields', async (t) => {
    const { etag, post } = await createPost({ ...hello, tags: ['a'], publish: true })
    const headers = { ...authorization, 'if-match': etag }
    const response = await send('PUT', url + post.url, { title: 'Bye', content: 'World' }, headers)
    t.equal(response.status, 200)
    t.not(response.headers.get('etag'), etag)
    const updated = await response.json() as Record<string, string>
    t.same(Object.keys(updated), FIELDS)
    t.same(updated, { ...post, title: 'Bye', tags: [], published: false, updated_at: updated.updated_at })
    t.ok(updated.updated_at > post.updated_at)
    const read = await fetch(url + post.url)
    t.equal(read.headers.get('etag'), response.headers.get('etag'))
    t.same(await read.json(), updated)
  })

  await t.test('PUT with a stale ETag is 412 with the current one, without If-Match 428', async (t) => {
    const { etag, post } = await createPost(hello)
    const attempt = (headers: Record<string, string>) => {
      return send('PUT', url + post.url, { title: 'Intruder', content: 'x' }, { ...authorization, ...headers })
    }
    for (const staleEtag of ['"stale"', `W/${etag}`]) {
      const failed = await attempt({ 'if-match': staleEtag })
      t.equal(failed.headers.get('etag'), etag)
      await assertProblem(t, failed, 412, /If-Match/)
    }
    await assertProblem(t, await attempt({ 'if-none-match': '*' }), 412, /If-None-Match/)
    await assertProblem(t, await attempt({}), 428, /If-Match/)
    await assertProblem(t, await attempt({ 'if-match': 'tag' }), 400, /If-Match/)
    const partial = { 'if-match': etag, 'content-range': 'bytes 0-9/10' }
    await assertProblem(t, await attempt(partial), 400, /Content-Range/)
    const read = await fetch(url + post.url)
    t.equal(read.headers.get('etag'), etag)
    t.same(await read.json(), post)
  })

  await t.test('an unknown post is 404 with any precondition, and an invalid UUID 400', async (t) => {
    const unknown = `${posts}/00000000-0000-4000-8000-000000000000`
    const preconditions: Array<Record<string, string>> = [
      {}, { 'if-match': '*' }, { 'if-match': '"1"' }, { 'if-none-match': '*' }
    ]
    await assertProblem(t, await fetch(unknown), 404, NOTHING_HERE)
    for (const headers of preconditions) {
      const response = await send('PUT', unknown, hello, { ...authorization, ...headers })
      await assertProblem(t, response, 404, NOTHING_HERE)
    }
    await assertProblem(t, await fetch(unknown), 404, NOTHING_HERE)
    await assertProblem(t, await fetch(`${posts}/1`), 400, /id must match/)
    await assertProblem(t, await send('PUT', `${posts}/1`, hello, authorization), 400, /id must match/)
  })

  await t.test('the list has pages', async (t) => {
    const { items, next } = await list()
    t.equal(next, null)
    t.same(Object.keys(items[0]), FIELDS)
    const first = await list('?limit=2')
    t.same(first, { items: items.slice(0, 2), next: items[1].id })
    t.same(await list(`?limit=100&after=${first.next}`), { items: items.slice(2), next: null })
    await assertProblem(t, await fetch(`${posts}?limit=0`), 400, /limit must be/)
  })

  t.not(logs.length, 0)
  t.notMatch(logs.join(), VIOLATION)
  t.notMatch(logs.join(), new RegExp(TOKEN))
}
