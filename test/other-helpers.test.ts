import t from 'tap'
import type { AcceptedInit } from '../src/index.js'
import { guarded } from './support.js'

const job = { id: '1', status: 'running' }

async function jobs (t: Parameters<typeof guarded>[0], init: unknown, options = {}) {
  const guardedApp = await guarded(t, options)
  guardedApp.app.get('/jobs/:id', async () => job)
  guardedApp.app.post('/jobs', async (_request, reply) => reply.accepted(job, init as AcceptedInit))
  return { ...guardedApp, send: () => guardedApp.app.inject({ method: 'POST', url: '/jobs' }) }
}

t.test('accepted() answers 202 with the monitor in Location, and no ETag', async (t) => {
  const { send, rules } = await jobs(t, { monitor: '/jobs/1' }, { profile: 'strict', basePath: '/api' })
  const answer = await send()
  t.equal(answer.statusCode, 202)
  t.equal(answer.headers.location, '/api/jobs/1')
  t.equal(answer.headers.etag, undefined)
  t.equal(answer.headers['retry-after'], undefined)
  t.same(answer.json(), job)
  t.same(rules(), [])
})

t.test('accepted() sends Retry-After as seconds or as a date', async (t) => {
  const rows: Array<[number | Date, string]> = [
    [0, '0'],
    [120, '120'],
    [new Date('2030-01-02T03:04:05Z'), 'Wed, 02 Jan 2030 03:04:05 GMT']
  ]
  for (const [retryAfter, expected] of rows) {
    const { send } = await jobs(t, { monitor: '/jobs/1', retryAfter })
    t.equal((await send()).headers['retry-after'], expected)
  }
})

t.test('accepted() with a null body answers 202 with none', async (t) => {
  const { app } = await guarded(t)
  app.get('/jobs/:id', async () => job)
  app.post('/jobs', async (_request, reply) => reply.accepted(null, { monitor: '/jobs/1' }))
  t.equal((await app.inject({ method: 'POST', url: '/jobs' })).body, '')
})

t.test('accepted() refuses what is no monitor and no Retry-After', async (t) => {
  const rows: Array<[init: unknown, rule: string, found: RegExp]> = [
    [undefined, 'helper-argument', /monitor of accepted\(\) is undefined/],
    [{}, 'helper-argument', /monitor of accepted\(\) is undefined/],
    [{ monitor: 'jobs/1' }, 'location-syntax', /begin it with/],
    [{ monitor: '/nobody/1' }, 'location-resolves', /no GET route/],
    [{ monitor: 'https://evil.example/1' }, 'location-origin', /allow the origin/],
    [{ monitor: '/jobs/1', retryAfter: -1 }, 'helper-argument', /whole seconds/],
    [{ monitor: '/jobs/1', retryAfter: 1.5 }, 'helper-argument', /whole seconds/],
    [{ monitor: '/jobs/1', retryAfter: '5' }, 'helper-argument', /whole seconds/],
    [{ monitor: '/jobs/1', retryAfter: new Date(NaN) }, 'helper-argument', /whole seconds/]
  ]
  for (const [init, rule, found] of rows) {
    const { send, violations } = await jobs(t, init)
    const answer = await send()
    t.equal(answer.statusCode, 500)
    t.equal(answer.headers.location, undefined)
    t.match(violations, [{ rule, message: found }])

    const logged = await jobs(t, init, { enforcement: 'log' })
    const response = await logged.send()
    t.equal(response.statusCode, 202)
    t.same(response.json(), job)
  }
})

t.test('noContent() answers 204, with the version of the target where there is one', async (t) => {
  const { app, rules } = await guarded(t, { profile: 'strict' })
  app.delete('/1', async (_request, reply) => reply.noContent())
  app.patch('/1', async (_request, reply) => reply.noContent({ etag: 8 }))
  app.patch('/2', async (_request, reply) => reply.noContent({ etag: '' }))

  const deleted = await app.inject({ method: 'DELETE', url: '/1' })
  t.equal(deleted.statusCode, 204)
  t.equal(deleted.headers.etag, undefined)
  t.equal(deleted.body, '')

  const patched = await app.inject({ method: 'PATCH', url: '/1' })
  t.equal(patched.statusCode, 204)
  t.equal(patched.headers.etag, '"8"')
  t.same(rules(), [])

  t.equal((await app.inject({ method: 'PATCH', url: '/2' })).statusCode, 500)
  t.same(rules(), ['etag-syntax'])
})

t.test('seeOther() answers 303 with the address of what exists, held to the same as that of a 201', async (t) => {
  const rows: Array<[location: unknown, options: object, status: number, expected: string | undefined, rule?: string]> = [
    ['/tags/a', {}, 303, '/tags/a'],
    ['/tags/a', { origin: 'https://api.example.com', basePath: '/v1' }, 303, 'https://api.example.com/v1/tags/a'],
    [new URL('https://other.example.com/a'), { allowedOrigins: ['https://other.example.com'] }, 303, 'https://other.example.com/a'],
    // Nothing is created here, so the target itself may be the answer.
    ['/tags', {}, 303, '/tags'],
    ['tags/a', {}, 500, undefined, 'location-syntax'],
    [undefined, {}, 500, undefined, 'helper-argument'],
    [null, {}, 500, undefined, 'helper-argument'],
    ['https://other.example.com/a', {}, 500, undefined, 'location-origin'],
    ['/nobody', {}, 500, undefined, 'location-resolves']
  ]
  for (const [location, options, status, expected, rule] of rows) {
    const { app, rules } = await guarded(t, options)
    app.get('/tags', async () => [])
    app.get('/tags/:tag', async () => 'a')
    app.post('/tags', async (_request, reply) => reply.seeOther(location as string))
    const answer = await app.inject({ method: 'POST', url: '/tags' })
    t.equal(answer.statusCode, status)
    t.equal(answer.headers.location, expected)
    if (status === 303) t.equal(answer.body, '')
    t.same(rules(), rule === undefined ? [] : [rule])
  }
})
