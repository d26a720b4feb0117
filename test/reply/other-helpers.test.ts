import type { FastifyReply, HTTPMethods } from 'fastify'
import t from 'tap'
import { resource, type AcceptedInit, type PluginOptions, type Resource, type RouteDeclaration, type UpsertedInit } from '../../src/index.js'
import { guarded } from '../support.js'

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

interface Tag { id: string, version: number, changed: Date }
const tag: Tag = { id: 'a', version: 7, changed: new Date('2020-02-03T04:05:06.789Z') }
const newTags = () => resource<Tag>({ etag: ({ version }) => version, lastModified: ({ changed }) => changed })

t.test('seeOther() takes the address of a value from the resource that it is given, on a route without one', async (t) => {
  const tags = newTags()
  const { app, violations } = await guarded(t, { origin: 'https://api.example.com', basePath: '/v1' })
  app.get('/tags/:id', { config: { resource: tags } }, async (_request, reply) => reply.ok(tag))
  const others = newTags()
  app.get('/others/:id', { config: { resource: others } }, async (_request, reply) => reply.ok(tag))
  app.post('/search', async (_request, reply) => reply.seeOther(tag, { resource: tags }))
  app.post('/others', { config: { resource: others } }, async (_request, reply) => reply.seeOther(tag, { resource: tags }))
  for (const url of ['/search', '/others']) {
    const { statusCode, headers, body } = await app.inject({ method: 'POST', url })
    t.same([statusCode, headers.location, headers.etag, body], [303, 'https://api.example.com/v1/tags/a', undefined, ''], url)
  }
  t.same(violations, [])
})

t.test('seeOther() refuses a value without a resource, a resource that is none, and one without a home', async (t) => {
  const rows: Array<[init: unknown, rule: string, found: RegExp]> = [
    [undefined, 'helper-argument', /the location of seeOther\(\) is \{.*\}: it must be an address, or \{ resource \} given that makes one/],
    [{ resource: undefined }, 'helper-argument', /the location of seeOther\(\) is \{/],
    [{ resource: {} }, 'helper-argument', /resource is \{\}: it must be what resource\(\) returns/],
    [{ resource: newTags() }, 'resource-home', /no GET route is its home/]
  ]
  for (const [init, rule, found] of rows) {
    for (const enforcement of ['throw', 'log'] as const) {
      const { app, violations } = await guarded(t, { enforcement })
      app.post('/search', async (_request, reply) => reply.seeOther(tag, init as { resource: Resource<Tag> }))
      const { statusCode, headers } = await app.inject({ method: 'POST', url: '/search' })
      t.same([statusCode, headers.location], [enforcement === 'throw' ? 500 : 303, undefined])
      t.match(violations[0], { rule, severity: 'error', message: found })
    }
  }
})

const MODIFIED = 'Mon, 03 Feb 2020 04:05:06 GMT'

async function upserts (t: Parameters<typeof guarded>[0], init: unknown, { method = 'PUT', options = {}, declared, value = tag }: {
  method?: HTTPMethods
  options?: PluginOptions
  declared?: RouteDeclaration
  value?: unknown
} = {}) {
  const guardedApp = await guarded(t, options)
  const tags = newTags()
  const handler = async (_request: unknown, reply: FastifyReply) => reply.upserted(value, init as UpsertedInit)
  guardedApp.app.get('/tags/:id', { config: { resource: tags } }, async (_request, reply) => reply.ok(tag))
  if (method !== 'GET') guardedApp.app.route({ method, url: '/tags/:id', config: { resource: tags, created: declared }, handler })
  guardedApp.app.route({ method, url: '/plain/:id', config: { created: declared }, handler })
  const send = async (url = '/tags/a') => {
    const { statusCode, headers, body } = await guardedApp.app.inject({ method: method as 'PUT', url })
    return { status: statusCode, location: headers.location, etag: headers.etag, lastModified: headers['last-modified'], body }
  }
  return { ...guardedApp, send }
}

t.test('upserted() answers 201 or 200 with the validators of its resource, and no Location', async (t) => {
  for (const method of ['PUT', 'PATCH'] as const) {
    for (const [created, status] of [[true, 201], [false, 200]] as const) {
      const { send, rules } = await upserts(t, { created }, { method, options: { origin: 'https://api.example.com', basePath: '/v1' } })
      const answer = await send()
      t.match(answer, { status, location: undefined, etag: '"7"', lastModified: MODIFIED }, `${method}, created: ${created}`)
      t.match(JSON.parse(answer.body), { id: 'a' })
      t.same(rules(), [])
    }
  }
})

t.test('upserted() takes from its init what that gives, and on a route without a resource nothing else', async (t) => {
  const other = resource<Tag>({ etag: () => 'other' })
  const rows: Array<[url: string, init: object, etag: string | undefined, lastModified?: string]> = [
    ['/tags/a', { etag: 9 }, '"9"', MODIFIED],
    ['/tags/a', { etag: null }, undefined, MODIFIED],
    ['/tags/a', { resource: other }, '"other"'],
    ['/plain/a', {}, undefined],
    ['/plain/a', { etag: 9 }, '"9"'],
    ['/plain/a', { etag: null }, undefined],
    ['/plain/a', { etag: 9, lastModified: tag.changed }, '"9"', MODIFIED],
    ['/plain/a', { resource: newTags() }, '"7"', MODIFIED]
  ]
  for (const [url, init, etag, lastModified] of rows) {
    for (const [created, status] of [[true, 201], [false, 200]] as const) {
      const { send, rules } = await upserts(t, { ...init, created })
      t.match(await send(url), { status, location: undefined, etag, lastModified }, `${url} with ${Object.keys(init).join() || 'nothing'}: ${etag}`)
      t.same(rules(), [])
    }
  }
})

t.test('upserted() leaves validators off a PUT where put-validator is on, but for what is stored verbatim', async (t) => {
  // These handlers look at no preconditions.
  const strict: PluginOptions = { profile: 'strict', precondition: 'optional' }
  const rows: Array<[method: HTTPMethods, options: PluginOptions, declared: RouteDeclaration | undefined, etag: string | undefined]> = [
    ['PUT', strict, undefined, undefined],
    ['PUT', strict, { verbatim: true }, '"7"'],
    ['PUT', { ...strict, rules: { 'put-validator': 'off' } }, undefined, '"7"'],
    ['PUT', { rules: { 'put-validator': 'warn' } }, undefined, undefined],
    ['PATCH', strict, undefined, '"7"']
  ]
  for (const [method, options, declared, etag] of rows) {
    for (const [created, status] of [[true, 201], [false, 200]] as const) {
      const { send, rules } = await upserts(t, { created }, { method, options, declared })
      t.match(await send(), { status, location: undefined, etag, lastModified: etag && MODIFIED }, `${method}, ${JSON.stringify({ ...options, ...declared })}: ${etag}`)
      t.same(rules(), [])
    }
  }
})

t.test('upserted() has to be told whether it has created, and is let go as an update where enforcement is log', async (t) => {
  for (const init of [undefined, null, {}, { etag: 1 }, { created: undefined }, { created: null }, { created: 1 }, { created: 'true' }, { created: {} }]) {
    for (const enforcement of ['throw', 'log'] as const) {
      const { send, violations } = await upserts(t, init, { options: { enforcement } })
      t.match(await send(), enforcement === 'throw' ? { status: 500, etag: undefined, lastModified: undefined } : { status: 200, etag: /^"[17]"$/ })
      t.match(violations, [{ rule: 'helper-argument', severity: 'error', message: /created of upserted\(\) is .+: it must be true or false/, method: 'PUT', url: '/tags/:id' }])
      t.equal(violations.length, 1)
    }
  }
})

t.test('upserted() is for PUT and PATCH', async (t) => {
  for (const method of ['POST', 'DELETE', 'GET'] as const) {
    for (const enforcement of ['throw', 'log'] as const) {
      const { send, violations } = await upserts(t, { created: false, etag: 1 }, { method, options: { enforcement } })
      t.match(await send('/plain/a'), enforcement === 'throw' ? { status: 500, etag: undefined } : { status: 200, etag: '"1"' }, `${method}, ${enforcement}`)
      t.match(violations, [{ rule: 'helper-argument', severity: 'error', message: new RegExp(`upserted\\(\\) answers ${method}: it is for PUT, where the target is the address; answer with created\\(\\) or ok\\(\\)`), method, url: '/plain/:id' }])
      t.equal(violations.length, 1)
    }
  }
  const { send, violations } = await upserts(t, { created: true }, { method: 'POST', options: { enforcement: 'log' } })
  t.match(await send(), { status: 201, location: undefined, etag: '"7"' }, 'a creation is let go, too')
  t.match(violations, [{ rule: 'helper-argument' }])
})

t.test('upserted() refuses a body that is a Promise, a wrong etag and a wrong date', async (t) => {
  const rows: Array<[init: object, value: () => unknown, rule: string, found: RegExp]> = [
    [{}, async () => tag, 'helper-argument', /the body is a Promise: await it/],
    [{}, async () => { throw new Error('boom') }, 'helper-argument', /the body is a Promise: await it/],
    [{ etag: '' }, () => tag, 'etag-syntax', /etag/],
    [{ lastModified: '2020-01-01' }, () => tag, 'helper-argument', /lastModified is "2020-01-01": it must be a valid Date/]
  ]
  for (const [init, value, rule, found] of rows) {
    const { send, violations } = await upserts(t, { ...init, created: true }, { value: value() })
    t.match(await send(), { status: 500, location: undefined, etag: undefined, lastModified: undefined })
    t.match(violations, [{ rule, severity: 'error', message: found }])
    t.equal(violations.length, 1)
  }
})

t.test('upserted() with a null body sends none', async (t) => {
  for (const [created, status] of [[true, 201], [false, 200]] as const) {
    const { send } = await upserts(t, { created }, { value: null })
    t.match(await send(), { status, body: '', etag: undefined })
  }
})
