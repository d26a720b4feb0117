import { randomUUID } from 'node:crypto'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import fastifyCreated, { resource, type FastifyCreatedOptions } from '../../src/index.js'
import { checkCreation, type Scenario } from '../../src/testing/index.js'
import { COMPLETE, CREATE_BY_PUT, passes } from './support.js'

interface User { id: string, name: string, version: number }

/** An app with the plugin, as the README shows it. */
async function newApp (options: FastifyCreatedOptions): Promise<FastifyInstance> {
  const users = new Map<string, User>()
  const userResource = resource<User>({ etag: (user) => user.version })
  const config = { resource: userResource }
  const schema = { body: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } }
  const app = Fastify({ forceCloseConnections: true })
  await app.register(fastifyCreated, options)
  const store = async (id: string, name: string, version?: number): Promise<User | undefined> => {
    await new Promise(setImmediate)
    if (users.get(id)?.version !== version) return undefined
    const saved = { id, name, version: (version ?? 0) + 1 }
    users.set(id, saved)
    return saved
  }

  app.get('/users', async () => [...users.values()])
  app.get<{ Params: { id: string } }>('/users/:id', { config }, async (request, reply) => {
    reply.header('vary', 'authorization').header('cache-control', 'private')
    return reply.ok(users.get(request.params.id), config)
  })
  app.post<{ Body: User }>('/users', { schema, config }, async (request, reply) => {
    return reply.created((await store(randomUUID(), request.body.name))!, config)
  })
  app.put<{ Params: { id: string }, Body: User }>('/users/:id', { schema, config }, async (request, reply) => {
    const current = users.get(request.params.id)
    request.assertPreconditions(current, config)
    const saved = await store(request.params.id, request.body.name, current?.version)
    if (saved === undefined) throw request.lostUpdate()
    return reply.upserted(saved, { created: current === undefined, resource: userResource })
  })
  app.delete<{ Params: { id: string } }>('/users/:id', { config }, async (request, reply) => {
    request.assertPreconditions(users.get(request.params.id), config)
    users.delete(request.params.id)
    return reply.noContent()
  })
  return app as unknown as FastifyInstance
}

const SCENARIO: Scenario = { ...COMPLETE, update: { method: 'PUT', payload: { name: 'Eve {{n}}' } } }

const OPTIONS: Array<[name: string, options: FastifyCreatedOptions, scenario?: Partial<Scenario>]> = [
  ['recommended', { precondition: 'required' }],
  ['recommended, with optional preconditions', {}, { precondition: undefined }],
  ['strict', { profile: 'strict' }],
  ['problem details', { profile: 'strict', problemDetails: true }],
  ['an origin', { profile: 'strict', origin: 'https://api.example.com' }]
]

for (const [name, options, scenario = {}] of OPTIONS) {
  t.test(`an app with this plugin passes: ${name}`, async (t) => {
    const skipped = 'precondition' in scenario ? ['missing-precondition-428'] : []
    const app = await newApp(options)
    t.teardown(() => app.close())
    await passes(t, app, { ...SCENARIO, ...scenario }, skipped)
    await passes(t, await app.listen({ host: '127.0.0.1', port: 0 }), { ...SCENARIO, ...scenario }, skipped)
  })
}

t.test('an app with this plugin that creates by PUT passes in strict', async (t) => {
  const app = await newApp({ profile: 'strict' })
  t.teardown(() => app.close())
  const skipped = ['location-present', 'location-syntax', 'post-twice-two-addresses']
  await passes(t, app, { ...SCENARIO, ...CREATE_BY_PUT }, skipped)
})

t.test('an app with a basePath', async (t) => {
  const options: FastifyCreatedOptions = { profile: 'strict', basePath: '/api', origin: 'https://api.example.com' }

  await t.test('passes through a proxy that strips it', async (t) => {
    const app = await newApp(options)
    t.teardown(() => app.close())
    await app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = app.server.address() as AddressInfo
    const proxy = createServer((request, response) => {
      const { method, headers } = request
      const path = request.url!.replace(/^\/api/, '')
      const forwarded = httpRequest({ port, path, method, headers }, (received) => {
        response.writeHead(received.statusCode!, received.headers)
        received.pipe(response)
      })
      request.pipe(forwarded)
    })
    t.teardown(() => proxy.closeAllConnections())
    t.teardown(() => proxy.close())
    await new Promise<void>((resolve) => { proxy.listen(0, '127.0.0.1', resolve) })
    await passes(t, `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/api`, SCENARIO)
  })

  await t.test('fails without the proxy', async (t) => {
    const app = await newApp(options)
    t.teardown(() => app.close())
    const { checks } = await checkCreation(app, SCENARIO)
    t.match(checks.filter(({ outcome }) => outcome === 'failed'), [{
      id: 'location-answers-get',
      detail: /^GET \/api\/users\/[\w-]+ returned 404$/
    }])
  })
})
