import type { FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import { resource } from '../../src/index.js'
import { appWith } from '../support.js'

const articleResource = resource<any>({ params: { slug: 'slug' }, etag: ({ version }) => version })
const config = { resource: articleResource }

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown
const article = (slug: unknown) => ({ slug, version: 2 })
const ok = (slug: unknown): Handler => (_request, reply) => reply.ok(article(slug))

t.test('resource-moved: a 2xx to PUT or PATCH says where the value is now', async (t) => {
  const rows: Array<[name: string, url: string, handler: Handler, isMoved: boolean]> = [
    ['another slug', '/articles/old', ok('new'), true],
    ['upserted()', '/articles/old', (_request, reply) => reply.upserted(article('new'), { created: false }), true],
    ['the same slug', '/articles/old?draft=1', ok('old'), false],
    ['another spelling', '/articles/OLD', ok('old'), false],
    ['percent-encoding', '/articles/%6Fld', ok('old'), false],
    ['an integer', '/articles/007', ok(7), false],
    ['an absolute URL', 'http://a/articles/old', ok('old'), false],
    ['Content-Location', '/articles/old', (request, reply) => {
      reply.header('content-location', request.urlFor(articleResource, article('new')))
      return reply.ok(article('new'))
    }, false],
    ['303', '/articles/old', (_request, reply) => reply.seeOther(article('new')), false],
    ['204', '/articles/old', (_request, reply) => reply.noContent({ etag: 2 }), false],
    ['no slug in the value', '/articles/old', (_request, reply) => reply.ok({ version: 2 }), false],
    ['another URL of the same', '/current', ok('new'), false]
  ]
  for (const [name, url, handler, isMoved] of rows) {
    for (const method of ['PUT', 'PATCH'] as const) {
      for (const options of [{}, { basePath: '/api', origin: 'https://a.example' }]) {
        const { app, violations } = await appWith(t, options)
        app.get('/articles/:slug', { config }, async (_request, reply) => reply.ok(article('old')))
        for (const path of ['/articles/:slug', '/current']) {
          app.route({ method, url: path, config, handler: async (request, reply) => { await handler(request, reply) } })
        }
        const { statusCode } = await app.inject({ method, url })
        t.ok(statusCode < 400, name)
        t.match(violations, isMoved ? [{ rule: 'resource-moved', severity: 'warn', found: /articles\/new/ }] : [])
        t.equal(violations.length, isMoved ? 1 : 0, `${name} ${method}`)
      }
    }
  }
})

t.test('resource-moved can be turned off', async (t) => {
  const { app, rules } = await appWith(t, { rules: { 'resource-moved': 'off' } })
  app.get('/articles/:slug', { config }, async (_request, reply) => reply.ok(article('old')))
  app.put('/articles/:slug', { config }, async (_request, reply) => reply.ok(article('new')))
  t.equal((await app.inject({ method: 'PUT', url: '/articles/old' })).statusCode, 200)
  t.same(rules(), [])
})

t.test('created-status: a POST that declares 201 only is not answered with 200', async (t) => {
  const user = { type: 'object', properties: { id: { type: 'string' } } }
  const rows: Array<[response: Record<string, unknown> | undefined, status: number, isBroken: boolean]> = [
    [{ 201: user }, 200, true],
    [{ 201: user, '4xx': user }, 200, true],
    [{ 201: user, 200: user }, 200, false],
    [{ 201: user, '2xx': user }, 200, false],
    [{ 201: user, '2XX': user }, 200, false],
    [{ 201: user, default: user }, 200, false],
    [{ 201: user }, 202, false],
    [{ '2xx': user }, 200, false],
    [undefined, 200, false]
  ]
  for (const [response, status, isBroken] of rows) {
    const { app, violations } = await appWith(t)
    app.post('/users', { schema: response && { response } }, async (_request, reply) =>
      reply.code(status).send({ id: '1', secret: true }))
    t.equal((await app.inject({ method: 'POST', url: '/users' })).statusCode, status)
    t.match(violations, isBroken ? [{ rule: 'created-status', severity: 'warn' }] : [])
    t.equal(violations.length, isBroken ? 1 : 0, JSON.stringify(response))
  }
})

t.test('location-target: a Location below the query of the target is the list', async (t) => {
  const rows: Array<[url: string, suffix: string, status: number]> = [
    ['/users?notify=true', '/5', 500],
    ['/users?', '/5', 201],
    ['/users', '/5', 201]
  ]
  for (const [url, suffix, status] of rows) {
    const { app, violations } = await appWith(t, { profile: 'strict' })
    app.get('/users', async () => [])
    app.get('/users/:id', async () => ({}))
    app.post('/users', async (request, reply) =>
      reply.created({ id: 5 }, { location: `${request.url.replace(/\?$/, '')}${suffix}`, etag: 1 }))
    t.equal((await app.inject({ method: 'POST', url })).statusCode, status, url)
    t.match(violations, status === 500 ? [{ rule: 'location-target', found: /with its query/ }] : [])
  }
})
