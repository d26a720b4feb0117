import t, { type Test } from 'tap'
import { assertCreation, type Scenario } from 'fastify-created/testing'
import { newPostgresDatabase, startApp, TOKEN, WITHOUT_POSTGRES } from './support.js'

const newUser = (n: number) => ({ username: `user-${n}`, email: `user-${n}@example.com`, password: 'a long password' })
const newPost = (n: number) => ({ title: `Post ${n}`, content: 'Content', tags: ['a'], publish: true })
const newFile = (n: number) => {
  const form = new FormData()
  form.append('file', new Blob([`file ${n}`], { type: 'text/plain' }), 'a.txt')
  return form
}
const formWithoutFile = () => {
  const form = new FormData()
  form.append('other', 'field')
  return form
}

/** `skipped` lists the checks of routes that the server does not have. */
const SCENARIOS: Record<string, { scenario: Scenario, skipped: string[] }> = {
  users: {
    scenario: {
      create: { url: '/users', payload: newUser },
      update: {
        method: 'PATCH',
        payload: (n) => ({ email: `changed-${n}@example.com` }),
        headers: { 'content-type': 'application/merge-patch+json' }
      },
      upsert: { url: '/users/{{uuid}}', payload: newUser },
      invalid: { username: 'x' },
      list: '/users',
      precondition: 'required',
      remove: true
    },
    skipped: []
  },
  posts: {
    scenario: {
      headers: { authorization: `Bearer ${TOKEN}` },
      create: { url: '/api/posts', payload: newPost },
      update: { method: 'PUT', payload: newPost },
      invalid: { title: '' },
      list: '/api/posts',
      precondition: 'required'
    },
    skipped: [
      'put-creates-201', 'put-again-200', 'if-none-match-star-creates-once', 'delete-with-stale-tag-412',
      'deleted-is-gone'
    ]
  },
  files: {
    scenario: { create: { url: '/files', payload: newFile }, invalid: formWithoutFile(), list: '/files', remove: true },
    skipped: [
      'update-with-tag', 'update-changes-tag', 'stale-tag-412', 'stale-tag-changes-nothing',
      'missing-precondition-428', 'weak-tag-never-matches', 'tag-list-with-commas', 'one-writer-wins',
      'put-creates-201', 'put-again-200', 'if-none-match-star-creates-once'
    ]
  }
}

async function testCreations (t: Test, databaseUrl: string) {
  const { app, url } = await startApp(t, { databaseUrl })
  for (const [name, { scenario, skipped }] of Object.entries(SCENARIOS)) {
    for (const target of [app, url]) {
      const { checks } = await assertCreation(target, scenario)
      const skippedIds = checks.filter(({ outcome }) => outcome === 'skipped').map(({ id }) => id)
      t.same(skippedIds, skipped, `${name}, ${typeof target === 'string' ? 'by fetch' : 'by inject'}`)
    }
  }
}

t.test('the example passes all checks of fastify-created/testing, with PGlite', (t) => testCreations(t, 'memory://'))
t.test('the example passes all checks of fastify-created/testing, with PostgreSQL', { skip: WITHOUT_POSTGRES },
  async (t) => testCreations(t, await newPostgresDatabase(t)))
