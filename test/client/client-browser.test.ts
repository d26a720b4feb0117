import { readFile } from 'node:fs/promises'
import cors from '@fastify/cors'
import Fastify from 'fastify'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import type * as Client from '../../src/client/index.js'
import fastifyCreated, { resource } from '../../src/index.js'
import { collectPageErrors, startBrowser, WITHOUT_CHROMIUM } from '../examples/browser.js'

interface Note { id: string, text: string, version: number }

/** What a function in the page gets. */
interface PageArguments { client: typeof Client, origin: string }

const script = await readFile(new URL('../../dist/client/index.js', import.meta.url), 'utf8')

t.test('the built client is one file without imports', async (t) => {
  t.notMatch(script, /^\s*(?:import\b|export\b.*\bfrom\b)|\bimport\(|\brequire\(/m)
})

t.test('fastify-created/client in Chromium', { skip: WITHOUT_CHROMIUM }, async (t) => {
  const newPage = await startBrowser(t)
  const url = await startServer(t)
  const page = await newPage(t)
  const complaints = collectPageErrors(page)
  await page.goto(url)

  await t.test('readCreated() returns location, etag and body, and the ETag is good for an update', async (t) => {
    const result = await run(page, url, async ({ client, origin }) => {
      const headers = { 'Content-Type': 'application/json' }
      const creation = await fetch(`${origin}/notes`, { method: 'POST', headers, body: '{"text":"first"}' })
      const { location, etag, body } = await client.readCreated<Note>(creation)
      const read = await client.readOk<Note>(await fetch(location))
      const update = { method: 'PUT', headers: { ...headers, ...client.ifMatch(etag!) }, body: '{"text":"second"}' }
      const saved = await client.readOk<Note>(await fetch(location, update))
      return { location: location.href, isUrl: location instanceof URL, etag, text: body.text, read, saved }
    })
    t.match(result, {
      location: /\/notes\/[-\w]+$/,
      isUrl: true,
      etag: '"1"',
      text: 'first',
      read: { etag: '"1"', body: { text: 'first' } },
      saved: { etag: '"2"', body: { text: 'second' } }
    })
    t.ok(result.location.startsWith(url))
  })

  await t.test('an outdated ETag, and createOnly() on an existing note, get a 412 with the current ETag', async (t) => {
    const errors = await run(page, url, async ({ client, origin }) => {
      const put = async (precondition: Record<string, string>) => {
        const headers = { 'Content-Type': 'application/json', ...precondition }
        return client.readOk(await fetch(`${origin}/notes/a`, { method: 'PUT', headers, body: '{"text":"x"}' }))
      }
      const { etag } = await put(client.createOnly())
      await put(client.ifMatch(etag!))
      const results = await Promise.allSettled([put(client.ifMatch(etag!)), put(client.createOnly())])
      return results.map((result) => {
        if (result.status === 'fulfilled' || !(result.reason instanceof client.HttpError)) return 'no HttpError'
        const { status, etag, problem, message } = result.reason
        return { status, etag, problem, message }
      })
    })
    const expected = { status: 412, etag: '"2"', problem: { status: 412, title: 'Precondition Failed' } }
    t.match(errors, [expected, expected])
    for (const error of errors as Client.HttpError[]) t.equal(error.message, `412: ${error.problem?.detail}`)
  })

  await t.test('a 201 without Location, and another 2xx, are not a Created', async (t) => {
    const messages = await run(page, url, async ({ client, origin }) => {
      const responses = [await fetch(`${origin}/broken`, { method: 'POST' }), await fetch(`${origin}/accepted`)]
      return Promise.all(responses.map((response) => client.readCreated(response).then(() => 'read', String)))
    })
    t.match(messages, [
      /^UnexpectedResponse: readCreated\(\) cannot read the Location of this 201\. Found: no Location header\./,
      /^UnexpectedResponse: readCreated\(\) cannot read this response\. Found: status 202\./
    ])
  })

  await t.test('an XMLHttpRequest can be adapted to a response', async (t) => {
    const result = await run(page, url, async ({ client, origin }) => {
      const request = new XMLHttpRequest()
      const loaded = new Promise((resolve) => request.addEventListener('load', resolve))
      request.open('POST', `${origin}/notes`)
      request.setRequestHeader('Content-Type', 'application/json')
      request.send('{"text":"by XMLHttpRequest"}')
      await loaded
      const { location, etag } = await client.readCreated({
        status: request.status,
        url: request.responseURL,
        headers: { get: (name) => request.getResponseHeader(name) },
        text: async () => request.responseText
      })
      return { etag, read: await client.readOk(await fetch(location)) }
    })
    t.match(result, { etag: '"1"', read: { etag: '"1"', body: { text: 'by XMLHttpRequest' } } })
  })

  await t.test('from another origin Location and ETag can be read if the server exposes them', async (t) => {
    const create = (origin: string) => run(page, origin, async ({ client, origin }) => {
      const headers = { 'Content-Type': 'application/json' }
      const response = await fetch(`${origin}/notes`, { method: 'POST', headers, body: '{"text":"x"}' })
      const read = client.readCreated(response)
      return read.then(({ location, etag }) => ({ location: location.href, etag }), (error) => String(error))
    })
    t.match(await create(await startServer(t, [])), /Access-Control-Expose-Headers: Location, ETag/)
    const exposing = await startServer(t, ['Location', 'ETag'])
    const { location, etag } = await create(exposing) as { location: string, etag: string }
    t.ok(location.startsWith(`${exposing}/notes/`))
    t.equal(etag, '"1"')
  })

  // Chromium logs every failed request.
  const logged = 'Failed to load resource: the server responded with a status of 412 (Precondition Failed)'
  t.same(complaints, [logged, logged])
})

/** Runs a function in the page. It can use nothing but its argument. */
async function run<T> (page: Page, origin: string, script: (argument: PageArguments) => Promise<T>): Promise<T> {
  const argument = `{ client, origin: ${JSON.stringify(origin)} }`
  return page.evaluate(`import('/client.js').then((client) => (${script})(${argument}))`) as Promise<T>
}

/** A server with notes and an empty page. @param exposedHeaders allows requests from other origins */
async function startServer (t: Test, exposedHeaders?: string[]): Promise<string> {
  const notes = new Map<string, Note>()
  const noteResource = resource<Note>({ etag: (note) => note.version })
  const config = { resource: noteResource }
  const app = Fastify()
  t.teardown(() => app.close())
  if (exposedHeaders) await app.register(cors, { origin: '*', exposedHeaders })
  await app.register(fastifyCreated, { problemDetails: true, rules: { 'cors-expose': 'off' } })

  const page = '<!doctype html><title>Notes</title><link rel="icon" href="data:,">'
  app.get('/', (_request, reply) => reply.type('text/html').send(page))
  app.get('/client.js', (_request, reply) => reply.type('text/javascript').send(script))
  app.get<{ Params: { id: string } }>('/notes/:id', { config }, async (request, reply) => {
    return reply.ok(notes.get(request.params.id), { resource: noteResource })
  })
  app.post<{ Body: { text: string } }>('/notes', { config }, async (request, reply) => {
    const note = { id: crypto.randomUUID(), text: request.body.text, version: 1 }
    notes.set(note.id, note)
    return reply.created(note, { resource: noteResource })
  })
  app.put<{ Params: { id: string }, Body: { text: string } }>('/notes/:id', { config }, async (request, reply) => {
    const { id } = request.params
    const current = notes.get(id)
    request.assertPreconditions(current, { resource: noteResource })
    const note = { id, text: request.body.text, version: (current?.version ?? 0) + 1 }
    notes.set(id, note)
    return reply.upserted(note, { created: current === undefined, resource: noteResource })
  })
  app.post('/broken', { config: { created: false } }, async (_request, reply) => reply.code(201).send())
  app.get('/accepted', async (_request, reply) => reply.code(202).send())
  return app.listen({ host: '127.0.0.1', port: 0 })
}
