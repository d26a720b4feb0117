import { readFileSync } from 'node:fs'
import cors from '@fastify/cors'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import created, { resource } from '../src/index.js'
import { startBrowser, WITHOUT_CHROMIUM } from './examples/browser.js'

interface User { id: string, name: string, version: number }

const user = resource<User>({ etag: (user) => user.version })

/** Users, and the client as a module that a page can import. */
async function startServer (t: Test, corsOptions: object) {
  const users = new Map<string, User>()
  const app = Fastify()
  await app.register(created, { problemDetails: true, rules: { 'cors-expose': 'off' } })
  await app.register(cors, { origin: true, methods: ['GET', 'POST', 'PUT'], ...corsOptions })
  app.get('/', (_request, reply) => reply.type('text/html').send('<!doctype html><title>Client</title><link rel="icon" href="data:,">'))
  app.get('/client.js', (_request, reply) => reply.type('text/javascript').send(readFileSync('dist/client/index.js', 'utf8')))
  app.get('/nowhere', (_request, reply) => reply.code(202).send())
  app.post('/without-location', { config: { created: false } }, (_request, reply) => reply.code(201).send({ id: 1 }))
  app.get<{ Params: { id: string } }>('/users/:id', { config: { resource: user } }, async (request, reply) => reply.ok(users.get(request.params.id), { resource: user }))
  app.post<{ Body: { name: string } }>('/users', { config: { resource: user } }, async (request, reply) => {
    const ann = { id: String(users.size), name: request.body.name, version: 1 }
    users.set(ann.id, ann)
    return reply.created(ann, { resource: user })
  })
  app.put<{ Params: { id: string }, Body: { name: string } }>('/users/:id', { config: { resource: user } }, async (request, reply) => {
    const { id } = request.params
    const before = users.get(id)
    request.assertPreconditions(before, { resource: user })
    const after = { id, name: request.body.name, version: (before?.version ?? 0) + 1 }
    users.set(id, after)
    return reply.upserted(after, { created: before === undefined, resource: user })
  })
  t.teardown(() => app.close())
  return app.listen({ host: '127.0.0.1', port: 0 })
}

t.test('the client in a browser', { skip: WITHOUT_CHROMIUM }, async (t) => {
  const url = await startServer(t, { exposedHeaders: ['Location', 'ETag'] })
  const hiding = await startServer(t, {})
  const newPage = await startBrowser(t)
  const page = await newPage(t)
  await page.goto(url)

  await t.test('reads what is created, and updates it once', async (t) => {
    const seen = await page.evaluate(async () => {
      const { readCreated, readOk, ifMatch, createOnly, HttpRefusal } = await import('/client.js' as string)
      const send = (method: string, address: string | URL, headers = {}) =>
        fetch(address, { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ name: method }) })
      const ann = await readCreated(await send('POST', '/users'))
      const read = await readOk(await fetch(ann.location))
      const saved = await readOk(await send('PUT', ann.location, ifMatch(ann.etag)))
      const refusals = []
      for (const headers of [ifMatch(ann.etag), createOnly()]) {
        const error = await readOk(await send('PUT', ann.location, headers)).catch((error: unknown) => error)
        refusals.push({ isRefusal: error instanceof HttpRefusal, status: error.status, etag: error.etag, title: error.problem.title, message: error.message })
      }
      return { location: ann.location.href, isUrl: ann.location instanceof URL, etag: ann.etag, body: ann.body, read, saved, refusals }
    })
    t.match(seen, { location: `${url}/users/0`, isUrl: true, etag: '"1"', body: { name: 'POST', version: 1 }, read: { etag: '"1"', body: { name: 'POST' } }, saved: { etag: '"2"', body: { name: 'PUT', version: 2 } } })
    for (const refusal of seen.refusals) t.match(refusal, { isRefusal: true, status: 412, etag: '"2"', title: 'Precondition Failed', message: /^412: / })
  })

  await t.test('tells a 201 without Location, and another status, from what was asked for', async (t) => {
    const messages = await page.evaluate(async () => {
      const { readCreated } = await import('/client.js' as string)
      const answers = [await fetch('/without-location', { method: 'POST' }), await fetch('/nowhere')]
      return Promise.all(answers.map((answer) => readCreated(answer).catch((error: Error) => `${error.name}: ${error.message}`)))
    })
    t.match(messages, [/^UnexpectedResponse: 201 Created names no Location/, /^UnexpectedResponse: Expected 201 Created, instead got 202/])
  })

  await t.test('across origins reads what the server exposes, and says what it has to expose', async (t) => {
    const create = (origin: string) => page.evaluate(async (origin: string) => {
      const { readCreated } = await import('/client.js' as string)
      const answer = await fetch(`${origin}/users`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"Eve"}' })
      return readCreated(answer).then(({ location, etag }: { location: URL, etag: string }) => `${location.href} ${etag}`, (error: Error) => error.message)
    }, origin)
    const other = url.replace('127.0.0.1', 'localhost')
    t.match(await create(other), new RegExp(`^${other}/users/\\d+ "1"$`))
    t.match(await create(hiding), /names no Location.*Access-Control-Expose-Headers: Location, ETag/)
  })
})

t.test('the client is one file that imports nothing', (t) => {
  t.notMatch(readFileSync('dist/client/index.js', 'utf8'), /^\s*import\b|\bimport\(|\brequire\(/m)
  t.end()
})
