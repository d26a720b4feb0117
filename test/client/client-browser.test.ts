import { readFile } from 'node:fs/promises'
import cors from '@fastify/cors'
import Fastify from 'fastify'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import type * as Client from '../../src/client/index.js'
import created, { resource } from '../../src/index.js'
import { keepComplaints, startBrowser, WITHOUT_CHROMIUM } from '../examples/browser.js'

interface Note { id: string, text: string, version: number }

/** What a script in the page has: the client, and the address of the server. */
interface Arguments { client: typeof Client, origin: string }

const script = await readFile(new URL('../../dist/client/index.js', import.meta.url), 'utf8')

t.test('the built client is one file, which a page can import as it is', async (t) => {
  t.notMatch(script, /^\s*(?:import\b|export\b.*\bfrom\b)|\bimport\(|\brequire\(/m)
})

t.test('fastify-created/client in Chromium', { skip: WITHOUT_CHROMIUM }, async (t) => {
  const newPage = await startBrowser(t)
  const url = await startServer(t)
  const page = await newPage(t)
  const complaints = keepComplaints(page)
  await page.goto(url)

  await t.test('what is created is read with its address, its version and its body, and can be updated', async (t) => {
    const result = await run(page, url, async ({ client, origin }) => {
      const headers = { 'Content-Type': 'application/json' }
      const { location, etag, body } = await client.readCreated<Note>(await fetch(`${origin}/notes`, { method: 'POST', headers, body: '{"text":"first"}' }))
      const read = await client.readOk<Note>(await fetch(location))
      const saved = await client.readOk<Note>(await fetch(location, { method: 'PUT', headers: { ...headers, ...client.ifMatch(etag!) }, body: '{"text":"second"}' }))
      return { location: location.href, isUrl: location instanceof URL, etag, text: body.text, read, saved }
    })
    t.match(result, { location: /\/notes\/[-\w]+$/, isUrl: true, etag: '"1"', text: 'first', read: { etag: '"1"', body: { text: 'first' } }, saved: { etag: '"2"', body: { text: 'second' } } })
    t.ok(result.location.startsWith(url))
  })

  await t.test('ifMatch() with an old version is refused with the current one, and createOnly() where something is there', async (t) => {
    const refusals = await run(page, url, async ({ client, origin }) => {
      const put = (guard: Record<string, string>) => fetch(`${origin}/notes/a`, { method: 'PUT', headers: { 'Content-Type': 'application/json', ...guard }, body: '{"text":"x"}' }).then(client.readOk)
      const { etag } = await put(client.createOnly())
      await put(client.ifMatch(etag!))
      const refusals = await Promise.allSettled([put(client.ifMatch(etag!)), put(client.createOnly())])
      return refusals.map((result) => {
        if (result.status === 'fulfilled' || !(result.reason instanceof client.HttpRefusal)) return 'no refusal'
        const { status, etag, problem, message } = result.reason
        return { status, etag, problem, message }
      })
    })
    const refusal = { status: 412, etag: '"2"', problem: { status: 412, title: 'Precondition Failed' }, message: /^412: The precondition in / }
    t.match(refusals, [refusal, refusal])
  })

  await t.test('a 201 without Location and another status are told from what was asked for, and an XMLHttpRequest can be read as an answer', async (t) => {
    const result = await run(page, url, async ({ client, origin }) => {
      const answers = [await fetch(`${origin}/broken`, { method: 'POST' }), await fetch(`${origin}/accepted`)]
      const messages = await Promise.all(answers.map((answer) => client.readCreated(answer).then(() => 'read', String)))
      const request = new XMLHttpRequest()
      const answered = new Promise((resolve) => request.addEventListener('load', resolve))
      request.open('POST', `${origin}/notes`)
      request.setRequestHeader('Content-Type', 'application/json')
      request.send('{"text":"sent otherwise"}')
      await answered
      const { location, etag } = await client.readCreated({
        status: request.status,
        url: request.responseURL,
        headers: { get: (name) => request.getResponseHeader(name) },
        text: async () => request.responseText
      })
      return { messages, etag, read: await client.readOk(await fetch(location)) }
    })
    t.match(result, { messages: [/^UnexpectedResponse: 201 Created names no Location/, /^UnexpectedResponse: Expected 201 Created, instead got 202/], etag: '"1"', read: { etag: '"1"', body: { text: 'sent otherwise' } } })
  })

  await t.test('from another origin Location and ETag are seen where the server exposes them, and the message says so', async (t) => {
    const create = (origin: string) => run(page, origin, async ({ client, origin }) => {
      const response = await fetch(`${origin}/notes`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"text":"x"}' })
      return client.readCreated(response).then(({ location, etag }) => ({ location: location.href, etag }), (error) => String(error))
    })
    t.match(await create(await startServer(t, [])), /Access-Control-Expose-Headers: Location, ETag/)
    const open = await startServer(t, ['Location', 'ETag'])
    const { location, etag } = await create(open) as { location: string, etag: string }
    t.ok(location.startsWith(`${open}/notes/`))
    t.equal(etag, '"1"')
  })

  // What Chromium itself writes of a refusal.
  const refused = 'Failed to load resource: the server responded with a status of 412 (Precondition Failed)'
  t.same(complaints, [refused, refused])
})

/** Runs a function in the page. It sees nothing but its argument. */
async function run<T> (page: Page, origin: string, script: (argument: Arguments) => Promise<T>): Promise<T> {
  return page.evaluate(`import('/client.js').then((client) => (${script})({ client, origin: ${JSON.stringify(origin)} }))`) as Promise<T>
}

/** Notes, with a page that has nothing. @param exposedHeaders where other origins may call */
async function startServer (t: Test, exposedHeaders?: string[]): Promise<string> {
  const notes = new Map<string, Note>()
  const note = resource<Note>({ etag: (note) => note.version })
  const app = Fastify()
  t.teardown(() => app.close())
  if (exposedHeaders) await app.register(cors, { origin: '*', exposedHeaders })
  await app.register(created, { problemDetails: true, rules: { 'cors-expose': 'off' } })

  app.get('/', (_request, reply) => reply.type('text/html').send('<!doctype html><title>Notes</title><link rel="icon" href="data:,">'))
  app.get('/client.js', (_request, reply) => reply.type('text/javascript').send(script))
  app.get<{ Params: { id: string } }>('/notes/:id', { config: { resource: note } }, async (request, reply) => reply.ok(notes.get(request.params.id), { resource: note }))
  app.post<{ Body: { text: string } }>('/notes', { config: { resource: note } }, async (request, reply) => {
    const created = { id: crypto.randomUUID(), text: request.body.text, version: 1 }
    notes.set(created.id, created)
    return reply.created(created, { resource: note })
  })
  app.put<{ Params: { id: string }, Body: { text: string } }>('/notes/:id', { config: { resource: note } }, async (request, reply) => {
    const { id } = request.params
    const current = notes.get(id)
    request.assertPreconditions(current, { resource: note })
    const stored = { id, text: request.body.text, version: (current?.version ?? 0) + 1 }
    notes.set(id, stored)
    return reply.upserted(stored, { created: current === undefined, resource: note })
  })
  app.post('/broken', { config: { created: false } }, async (_request, reply) => reply.code(201).send())
  app.get('/accepted', async (_request, reply) => reply.code(202).send())
  return app.listen({ host: '127.0.0.1', port: 0 })
}
