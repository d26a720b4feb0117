import type { FastifyReply, HTTPMethods } from 'fastify'
import t from 'tap'
import {
  resource,
  type AcceptedInit,
  type FastifyCreatedOptions,
  type Resource,
  type UpsertedInit
} from '../../src/index.js'
import { appWith } from '../support.js'

const job = { id: '1', status: 'running' }

async function jobs (t: Parameters<typeof appWith>[0], init: unknown, options = {}) {
  const guardedApp = await appWith(t, options)
  guardedApp.app.get('/jobs/:id', async () => job)
  guardedApp.app.post('/jobs', async (_request, reply) => reply.accepted(job, init as AcceptedInit))
  return { ...guardedApp, send: () => guardedApp.app.inject({ method: 'POST', url: '/jobs' }) }
}

t.test('accepted() responds 202 with the status monitor in Location, and without ETag', async (t) => {
  const { send, rules } = await jobs(t, { location: '/jobs/1' }, { profile: 'strict', basePath: '/api' })
  const response = await send()
  t.equal(response.statusCode, 202)
  t.equal(response.headers.location, '/api/jobs/1')
  t.equal(response.headers.etag, undefined)
  t.equal(response.headers['retry-after'], undefined)
  t.same(response.json(), job)
  t.same(rules(), [])
})

t.test('accepted() sends Retry-After as seconds or as a date', async (t) => {
  const rows: Array<[number | Date, string]> = [
    [0, '0'],
    [120, '120'],
    [new Date('2030-01-02T03:04:05Z'), 'Wed, 02 Jan 2030 03:04:05 GMT']
  ]
  for (const [retryAfter, expected] of rows) {
    const { send } = await jobs(t, { location: '/jobs/1', retryAfter })
    t.equal((await send()).headers['retry-after'], expected)
  }
})

t.test('accepted() with a body of null responds 202 without a body', async (t) => {
  const { app } = await appWith(t)
  app.get('/jobs/:id', async () => job)
  app.post('/jobs', async (_request, reply) => reply.accepted(null, { location: '/jobs/1' }))
  t.equal((await app.inject({ method: 'POST', url: '/jobs' })).body, '')
})

t.test('accepted() rejects a location or a retryAfter that is wrong', async (t) => {
  const monitor = { location: '/jobs/1' }
  const NO_MONITOR = /^accepted\(\) got the location undefined, and the route has no resource$/
  const GIVE_LOCATION = /^reply\.accepted\(job, \{ location: `\/path\/\$\{job\.id\}` \}\)$/
  const SECONDS = /^give whole seconds, or a valid Date: \{ retryAfter: 2 \}$/
  const rows: Array<[init: unknown, rule: string, found: RegExp, fix: RegExp]> = [
    [undefined, 'helper-argument', NO_MONITOR, GIVE_LOCATION],
    [{}, 'helper-argument', NO_MONITOR, GIVE_LOCATION],
    [{ location: 'jobs/1' }, 'location-syntax', /is relative to the URL of the request/, /^begin it with "\/"/],
    [{ location: '/nobody/1' }, 'location-resolves', /^no GET route answers \/nobody\/1$/, /^declare app\.get\(/],
    [{ location: 'https://evil.example/1' }, 'location-origin', /is on https:\/\/evil\.example$/, /set locationOrigins/],
    [{ ...monitor, retryAfter: -1 }, 'helper-argument', /^the option retryAfter of accepted\(\) is -1$/, SECONDS],
    [{ ...monitor, retryAfter: 1.5 }, 'helper-argument', /retryAfter of accepted\(\) is 1\.5$/, SECONDS],
    [{ ...monitor, retryAfter: '5' }, 'helper-argument', /retryAfter of accepted\(\) is "5"$/, SECONDS],
    [{ ...monitor, retryAfter: new Date(NaN) }, 'helper-argument', /retryAfter of accepted\(\) is Invalid Date$/, SECONDS]
  ]
  for (const [init, rule, found, fix] of rows) {
    const { send, violations } = await jobs(t, init)
    const rejected = await send()
    t.equal(rejected.statusCode, 500)
    t.equal(rejected.headers.location, undefined)
    t.match(violations, [{ rule, severity: 'error', found, fix }])
    t.equal(violations.length, 1)

    const logged = await jobs(t, init, { enforcement: 'log' })
    const response = await logged.send()
    t.equal(response.statusCode, 202)
    t.same(response.json(), job)
  }
})

t.test('noContent() responds 204, with the ETag of the target if it is given', async (t) => {
  const { app, rules } = await appWith(t, { profile: 'strict' })
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

t.test('seeOther() responds 303 with the URL of what exists, which is checked like that of a 201', async (t) => {
  const rows: Array<
    [location: unknown, options: object, status: number, expected: string | undefined, rule?: string]
  > = [
    ['/tags/a', {}, 303, '/tags/a'],
    ['/tags/a', { origin: 'https://api.example.com', basePath: '/v1' }, 303, 'https://api.example.com/v1/tags/a'],
    [
      new URL('https://other.example.com/a'),
      { locationOrigins: ['https://other.example.com'] },
      303,
      'https://other.example.com/a'
    ],
    // Nothing is created here, so it may be the target itself.
    ['/tags', {}, 303, '/tags'],
    ['tags/a', {}, 500, undefined, 'location-syntax'],
    [undefined, {}, 500, undefined, 'helper-argument'],
    [null, {}, 500, undefined, 'helper-argument'],
    ['https://other.example.com/a', {}, 500, undefined, 'location-origin'],
    ['/nobody', {}, 500, undefined, 'location-resolves']
  ]
  for (const [location, options, status, expected, rule] of rows) {
    const { app, rules } = await appWith(t, options)
    app.get('/tags', async () => [])
    app.get('/tags/:tag', async () => 'a')
    app.post('/tags', async (_request, reply) => reply.seeOther(location as string))
    const response = await app.inject({ method: 'POST', url: '/tags' })
    t.equal(response.statusCode, status)
    t.equal(response.headers.location, expected)
    if (status === 303) t.equal(response.body, '')
    t.same(rules(), rule === undefined ? [] : [rule])
  }
})

interface Tag { id: string, version: number, changed: Date }
const tag: Tag = { id: 'a', version: 7, changed: new Date('2020-02-03T04:05:06.789Z') }
const newTags = () => resource<Tag>({ etag: ({ version }) => version, lastModified: ({ changed }) => changed })

t.test('seeOther() makes the URL of a value with the resource that it is given', async (t) => {
  const tags = newTags()
  const { app, violations } = await appWith(t, { origin: 'https://api.example.com', basePath: '/v1' })
  app.get('/tags/:id', { config: { resource: tags } }, async (_request, reply) => reply.ok(tag))
  const others = newTags()
  app.get('/others/:id', { config: { resource: others } }, async (_request, reply) => reply.ok(tag))
  app.post('/search', async (_request, reply) => reply.seeOther(tag, { resource: tags }))
  app.post('/others', { config: { resource: others } }, async (_request, reply) =>
    reply.seeOther(tag, { resource: tags })
  )
  for (const url of ['/search', '/others']) {
    const { statusCode, headers, body } = await app.inject({ method: 'POST', url })
    t.same([statusCode, headers.location, headers.etag, body], [303, 'https://api.example.com/v1/tags/a', undefined, ''], url)
  }
  t.same(violations, [])
})

t.test('seeOther() rejects a value without a resource, and a resource without a canonical route', async (t) => {
  const rows: Array<[init: unknown, rule: string, found: RegExp, fix: RegExp]> = [
    ...[undefined, { resource: undefined }].map((init): [unknown, string, RegExp, RegExp] => [
      init,
      'helper-argument',
      /^seeOther\(\) got \{ id: 'a', .*\}, and the route has no resource$/,
      /^reply\.seeOther\(`\/path\/\$\{search\.id\}`\)$/
    ]),
    [{ resource: {} }, 'helper-argument', /resource of seeOther\(\) is \{\}$/, /^give what resource\(\) returns/],
    [{ resource: newTags() }, 'resource-route', /^no GET route has the same resource/, /^app\.get\('\/search\/:id', \{ config/]
  ]
  for (const [init, rule, found, fix] of rows) {
    for (const enforcement of ['throw', 'log'] as const) {
      const { app, violations } = await appWith(t, { enforcement })
      app.post('/search', async (_request, reply) => reply.seeOther(tag, init as { resource: Resource<Tag> }))
      const { statusCode, headers } = await app.inject({ method: 'POST', url: '/search' })
      t.same([statusCode, headers.location], [enforcement === 'throw' ? 500 : 303, undefined])
      t.match(violations[0], { rule, severity: 'error', found, fix })
    }
  }
})

const MODIFIED = 'Mon, 03 Feb 2020 04:05:06 GMT'

interface Upsert { method?: HTTPMethods, options?: FastifyCreatedOptions, value?: unknown }

/** An app that calls `upserted(value, init)` on a route with a resource, and on one without. */
async function upserts (
  t: Parameters<typeof appWith>[0], init: unknown, given: Upsert = {}
) {
  const { method = 'PUT', options = {} } = given
  const value = 'value' in given ? given.value : tag
  const guardedApp = await appWith(t, options)
  const tags = newTags()
  const handler = async (_request: unknown, reply: FastifyReply) => reply.upserted(value, init as UpsertedInit)
  guardedApp.app.get('/tags/:id', { config: { resource: tags } }, async (_request, reply) => reply.ok(tag))
  if (method !== 'GET') guardedApp.app.route({ method, url: '/tags/:id', config: { resource: tags }, handler })
  guardedApp.app.route({ method, url: '/plain/:id', handler })
  const send = async (url = '/tags/a') => {
    const { statusCode, headers, body } = await guardedApp.app.inject({ method: method as 'PUT', url })
    return {
      status: statusCode,
      location: headers.location,
      etag: headers.etag,
      lastModified: headers['last-modified'],
      body
    }
  }
  return { ...guardedApp, send }
}

t.test('upserted() responds 201 or 200 with the validators of its resource, and without Location', async (t) => {
  for (const method of ['PUT', 'PATCH'] as const) {
    for (const [created, status] of [[true, 201], [false, 200]] as const) {
      const { send, rules } = await upserts(t, { created }, { method, options: { origin: 'https://api.example.com', basePath: '/v1' } })
      const response = await send()
      t.match(
        response,
        { status, location: undefined, etag: '"7"', lastModified: MODIFIED },
        `${method}, created: ${created}`
      )
      t.match(JSON.parse(response.body), { id: 'a' })
      t.same(rules(), [])
    }
  }
})

t.test('the options of upserted() win over the resource', async (t) => {
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
      t.match(
        await send(url),
        { status, location: undefined, etag, lastModified },
        `${url} with ${Object.keys(init).join() || 'nothing'}: ${etag}`
      )
      t.same(rules(), [])
    }
  }
})

t.test('upserted() sets validators on PUT in every profile, and put-etag reports them if it is on', async (t) => {
  // These handlers do not assert preconditions.
  const strict: FastifyCreatedOptions = { profile: 'strict', precondition: 'optional' }
  const withRule = (severity: 'off' | 'warn' | 'error'): FastifyCreatedOptions => ({
    ...strict,
    rules: { 'put-etag': severity }
  })
  const rows: Array<[method: HTTPMethods, options: FastifyCreatedOptions, severity?: 'warn' | 'error']> = [
    ['PUT', {}],
    ['PUT', strict],
    ['PUT', withRule('off')],
    ['PUT', withRule('warn'), 'warn'],
    ['PUT', withRule('error'), 'error'],
    ['PATCH', strict],
    ['PATCH', withRule('error')]
  ]
  for (const [method, options, severity] of rows) {
    for (const [created, status] of [[true, 201], [false, 200]] as const) {
      const { send, violations } = await upserts(t, { created }, { method, options })
      const expected = severity === 'error'
        ? { status: 500, location: undefined, etag: undefined, lastModified: undefined }
        : { status, location: undefined, etag: '"7"', lastModified: MODIFIED }
      t.match(await send(), expected, `${method}, ${JSON.stringify(options)}`)
      const reported = [{ rule: 'put-etag', severity, found: 'the response has ETag', fix: /etag: null/ }]
      t.match(violations, severity === undefined ? [] : reported)
      t.equal(violations.length, severity === undefined ? 0 : 1)
    }
  }
})

t.test('upserted() needs a boolean option created, and with enforcement log it is an update without', async (t) => {
  for (const init of [
    undefined,
    null,
    {},
    { etag: 1 },
    { created: undefined },
    { created: null },
    { created: 1 },
    { created: 'true' },
    { created: {} }
  ]) {
    for (const enforcement of ['throw', 'log'] as const) {
      const { send, violations } = await upserts(t, init, { options: { enforcement } })
      t.match(
        await send(),
        enforcement === 'throw'
          ? { status: 500, etag: undefined, lastModified: undefined }
          : { status: 200, etag: /^"[17]"$/ }
      )
      t.match(violations, [
        {
          rule: 'helper-argument',
          severity: 'error',
          found: /^the option created of upserted\(\) is .+$/,
          fix: /created: current === undefined/,
          method: 'PUT',
          url: '/tags/:id'
        }
      ])
      t.equal(violations.length, 1)
    }
  }
})

t.test('upserted() is for PUT and PATCH', async (t) => {
  for (const method of ['POST', 'DELETE', 'GET'] as const) {
    for (const enforcement of ['throw', 'log'] as const) {
      const { send, violations } = await upserts(t, { created: false, etag: 1 }, { method, options: { enforcement } })
      t.match(
        await send('/plain/a'),
        enforcement === 'throw' ? { status: 500, etag: undefined } : { status: 200, etag: '"1"' },
        `${method}, ${enforcement}`
      )
      t.match(violations, [
        {
          rule: 'helper-argument',
          severity: 'error',
          found: `upserted() was called on ${method}, but it is for PUT, whose target is the URL of the resource`,
          fix: 'return reply.created(plain), or reply.ok(plain)',
          method,
          url: '/plain/:id'
        }
      ])
      t.equal(violations.length, 1)
    }
  }
  const { send, violations } = await upserts(t, { created: true }, { method: 'POST', options: { enforcement: 'log' } })
  t.match(await send(), { status: 201, location: undefined, etag: '"7"' }, 'a creation is sent, too')
  t.match(violations, [{ rule: 'helper-argument' }])
})

t.test('upserted() rejects a body that is a Promise, a wrong etag and a wrong date', async (t) => {
  const A_PROMISE = /^upserted\(\) got a Promise as its body$/
  const AWAIT = /^return reply\.upserted\(await tag\)$/
  const rows: Array<[init: object, value: () => unknown, rule: string, found: RegExp, fix: RegExp]> = [
    [{}, async () => tag, 'helper-argument', A_PROMISE, AWAIT],
    [{}, async () => { throw new Error('boom') }, 'helper-argument', A_PROMISE, AWAIT],
    [{ etag: '' }, () => tag, 'etag-syntax', /^the option etag of upserted\(\) is an empty string$/, /or null/],
    [{ lastModified: '2020-01-01' }, () => tag, 'helper-argument', /lastModified of upserted\(\) is "2020-01-01"$/, /valid Date/]
  ]
  for (const [init, value, rule, found, fix] of rows) {
    const { send, violations } = await upserts(t, { ...init, created: true }, { value: value() })
    t.match(await send(), { status: 500, location: undefined, etag: undefined, lastModified: undefined })
    t.match(violations, [{ rule, severity: 'error', found, fix }])
    t.equal(violations.length, 1)
  }
})

t.test('upserted() of nothing is a lost update, on a route without a resource too', async (t) => {
  for (const created of [true, false]) {
    for (const value of [null, undefined]) {
      const { send, rules } = await upserts(t, { created }, { value: value as null })
      for (const url of ['/tags/a', '/plain/a']) {
        const { status, etag, body } = await send(url)
        t.match({ status, etag, code: JSON.parse(body).code }, {
          status: 409, etag: undefined, code: 'FST_CREATED_LOST_UPDATE'
        })
      }
      t.same(rules(), [])
    }
  }
})
