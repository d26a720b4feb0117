import { createServer } from 'node:http'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import compress from '@fastify/compress'
import cors from '@fastify/cors'
import proxy from '@fastify/http-proxy'
import sensible from '@fastify/sensible'
import fastifyStatic from '@fastify/static'
import { FileStore } from '@tus/file-store'
import { Server as TusServer } from '@tus/server'
import t from 'tap'
import { resource } from '../../src/index.js'
import { appWith, header, rawRequest } from '../support.js'

for (const profile of ['recommended', 'strict'] as const) {
  t.test(`${profile}: redirects to other origins and with fragments break no rule`, async (t) => {
    const { app, rules } = await appWith(t, { profile })
    const targets = [
      'https://login.example.com/?next=%2Fa#top', '/a#b', 'a/b', '//cdn.example.com/x', 'mailto:me@example.com',
      'myapp://callback?code=1', '/caf\u00e9'
    ]
    for (const [index, target] of targets.entries()) {
      app.get(`/${index}`, async (_request, reply) => reply.redirect(target, [301, 302, 303, 307, 308][index % 5]))
    }
    for (const [index, target] of targets.entries()) {
      const response = await app.inject(`/${index}`)
      t.ok(response.statusCode >= 301 && response.statusCode <= 308)
      t.equal(response.headers.location, target)
    }
    t.same(rules(), [])
  })

  t.test(`${profile}: @fastify/http-proxy passes on what the upstream responds, unchanged`, async (t) => {
    const upstream = createServer((request, response) => {
      if (request.url === '/moved') return response.writeHead(302, { location: 'https://elsewhere.example/#x' }).end()
      if (request.url === '/cached') {
        return response.writeHead(request.headers['if-none-match'] === '"u1"' ? 304 : 200, { etag: '"u1"' }).end()
      }
      response.writeHead(201, { location: 'https://upstream.example/things/1', etag: 'not even a tag' }).end('{"id":1}')
    })
    upstream.listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    t.teardown(() => upstream.close())

    const { app, rules } = await appWith(t, { profile })
    const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
    await app.register(proxy, { upstream: url, prefix: '/exempt', config: { created: false } })
    await app.register(proxy, { upstream: url, prefix: '/checked' })

    const created = await app.inject({ method: 'POST', url: '/exempt/things', payload: {} })
    t.equal(created.statusCode, 201)
    t.equal(created.headers.location, 'https://upstream.example/things/1')
    t.equal(created.headers.etag, 'not even a tag')
    for (const prefix of ['/exempt', '/checked']) {
      t.equal((await app.inject(`${prefix}/moved`)).headers.location, 'https://elsewhere.example/#x')
      t.equal((await app.inject(`${prefix}/cached`)).statusCode, 200)
      t.equal((await app.inject({ url: `${prefix}/cached`, headers: { 'if-none-match': '"u1"' } })).statusCode, 304)
    }
    t.same(rules(), [])
  })

  t.test(`${profile}: 200, 206, 304, 412, 416 and HEAD of @fastify/static break no rule`, async (t) => {
    const root = t.testdir({ 'page.txt': 'The quick brown fox' })
    writeFileSync(`${root}/empty.txt`, '')
    const { app, rules } = await appWith(t, { profile })
    await app.register(fastifyStatic, { root, prefix: '/static/' })
    const first = await app.inject('/static/page.txt')
    const tag = first.headers.etag as string
    const rows: Array<[status: number, method: 'GET' | 'HEAD', headers: Record<string, string>]> = [
      [200, 'GET', {}],
      [200, 'HEAD', {}],
      [206, 'GET', { range: 'bytes=0-3' }],
      [304, 'GET', { 'if-none-match': tag }],
      [304, 'HEAD', { 'if-none-match': tag }],
      [304, 'GET', { 'if-modified-since': first.headers['last-modified'] as string }],
      [412, 'GET', { 'if-match': '"other"' }],
      [416, 'GET', { range: 'bytes=100-200' }]
    ]
    for (const [status, method, headers] of rows) {
      const { statusCode } = await app.inject({ method, url: '/static/page.txt', headers })
      t.equal(statusCode, status, `${method} ${JSON.stringify(headers)}`)
    }
    t.equal((await app.inject('/static/empty.txt')).statusCode, 200)
    t.equal((await app.inject('/static/nothing.txt')).statusCode, 404)
    t.same(rules(), [])
  })

  t.test(`${profile}: the errors of @fastify/sensible break no rule`, async (t) => {
    const { app, rules } = await appWith(t, { profile })
    await app.register(sensible)
    const names = [
      'badRequest', 'unauthorized', 'notFound', 'conflict', 'gone', 'unprocessableEntity', 'internalServerError'
    ] as const
    for (const name of names) {
      app.post(`/reply/${name}`, async (_request, reply) => reply[name]('no'))
      app.post(`/throw/${name}`, async () => { throw app.httpErrors[name]('no') })
    }
    app.put('/failed', async (_request, reply) => reply.preconditionFailed('no'))
    for (const name of names) {
      for (const way of ['reply', 'throw']) {
        t.ok((await app.inject({ method: 'POST', url: `/${way}/${name}` })).statusCode >= 400)
      }
    }
    t.equal((await app.inject({ method: 'PUT', url: '/failed', headers: { 'if-match': '"1"' } })).statusCode, 412)
    t.same(rules(), [])
  })

  t.test(`${profile}: preflights of @fastify/cors, and 201s that expose their headers, break no rule`, async (t) => {
    const { app, rules } = await appWith(t, { profile })
    await app.register(cors, { origin: true, exposedHeaders: ['Location', 'ETag'] })
    app.get('/things/:id', async () => ({}))
    app.post('/things', async (_request, reply) => reply.created({ id: 1 }, { location: '/things/1', etag: 1 }))
    const origin = 'https://page.example'
    const preflight = await app.inject({
      method: 'OPTIONS',
      url: '/things',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'if-match' }
    })
    t.equal(preflight.statusCode, 204)
    const creation = await app.inject({ method: 'POST', url: '/things', headers: { origin } })
    t.equal(creation.statusCode, 201)
    t.equal(creation.headers['access-control-allow-origin'], origin)
    t.same(rules(), [])
  })

  t.test(`${profile}: a 201 that @fastify/compress compresses breaks no rule`, async (t) => {
    const { app, rules } = await appWith(t, { profile })
    await app.register(compress, { threshold: 0 })
    app.get('/things/:id', async () => ({}))
    const body = { text: 'x'.repeat(5000) }
    app.post('/things', async (_request, reply) => reply.created(body, { location: '/things/1', etag: 1 }))
    app.post('/wrong', async (_request, reply) => reply.code(201).send(body))
    const headers = { 'accept-encoding': 'gzip' }
    const response = await app.inject({ method: 'POST', url: '/things', headers })
    t.equal(response.statusCode, 201)
    t.equal(response.headers['content-encoding'], 'gzip')
    t.same(rules(), [])
    t.equal((await app.inject({ method: 'POST', url: '/wrong', headers })).statusCode, 500)
  })

  t.test(`${profile}: a tus server creates uploads by its own rules`, async (t) => {
    const datastore = new FileStore({ directory: t.testdir({}) })
    const tus = new TusServer({ path: '/files', datastore, respectForwardedHeaders: true })
    const { app, rules } = await appWith(t, { profile })
    app.addContentTypeParser('application/offset+octet-stream', (_request, _payload, done) => done(null))
    app.all('/files', (request, reply) => { reply.hijack(); tus.handle(request.raw, reply.raw) })
    app.all('/files/*', (request, reply) => { reply.hijack(); tus.handle(request.raw, reply.raw) })
    app.post('/web/files', async (request) => tus.handleWeb(new Request('http://localhost/files', {
      method: 'POST', headers: request.headers as Record<string, string>
    })))
    // What a server of the resumable-upload draft responds: the URL of the upload, which need not answer GET.
    app.post('/resumable', async (_request, reply) => reply.code(201).headers({
      location: 'https://uploads.example/1', 'upload-limit': 'max-size=1'
    }).send())

    for (const path of ['/files', '/web/files']) {
      const creation = await rawRequest(
        app, `POST ${path} HTTP/1.1`, 'Tus-Resumable: 1.0.0', 'Upload-Length: 5', 'Content-Length: 0'
      )
      t.equal(creation.status, 201)
      t.match(header(creation, 'location'), [/\/files\//])
    }
    t.equal((await rawRequest(app, 'POST /resumable HTTP/1.1', 'Upload-Complete: ?0', 'Content-Length: 0')).status, 201)
    t.same(rules(), [])
  })
}

t.test('recommended: a webhook that responds 202 without a monitor breaks no rule', async (t) => {
  const { app, rules } = await appWith(t)
  app.post('/webhook', async (_request, reply) => reply.code(202).send())
  app.post('/queue', async (_request, reply) => reply.code(202).send({ queued: true }))
  for (const url of ['/webhook', '/queue']) t.equal((await app.inject({ method: 'POST', url })).statusCode, 202)
  t.same(rules(), [])
})

for (const profile of ['recommended', 'strict'] as const) {
  t.test(`${profile}: WebDAV methods added with addHttpMethod break no rule`, async (t) => {
    const { app, rules } = await appWith(t, { profile })
    for (const method of ['MKCOL', 'COPY', 'MOVE', 'PROPFIND', 'LOCK']) {
      app.addHttpMethod(method, { hasBody: true })
      app.route({
        method,
        url: '/dav/*',
        handler: async (request, reply) => reply.code(request.headers.overwrite === 'F' ? 412 : 201).send()
      })
    }
    for (const method of ['MKCOL', 'COPY', 'MOVE', 'LOCK']) {
      t.equal((await rawRequest(app, `${method} /dav/a HTTP/1.1`, 'Content-Length: 0')).status, 201)
      t.equal((await rawRequest(app, `${method} /dav/a HTTP/1.1`, 'Content-Length: 0', 'Overwrite: F')).status, 412)
    }
    t.same(rules(), [])
  })
}

t.test('no request turns a correct creation into a violation', async (t) => {
  const { app, rules } = await appWith(t, { profile: 'strict' })
  app.get('/things/:id', async (_request, reply) => reply.ok({}, { etag: 1 }))
  app.post('/things', async (_request, reply) => reply.created({ id: 1 }, { location: '/things/1', etag: 1 }))
  const integerId = { type: 'object', properties: { id: { type: 'integer' } } }
  const numberResource = resource<{ id: number | string }>({ etag: () => 1 })
  app.get('/numbers/:id', { config: { resource: numberResource } }, async (_request, reply) => reply.ok({ id: 1 }))
  app.put('/numbers/:id', {
    config: { resource: numberResource }, schema: { params: integerId }
  }, async (request, reply) => {
    request.assertPreconditions(null)
    return reply.created(request.params as { id: number })
  })
  const tagResource = resource<{ id: string }>({ etag: () => 1 })
  app.get('/labels/:id', { config: { resource: tagResource } }, async (_request, reply) => reply.ok({ id: '1' }))
  app.put('/labels/:id', { config: { resource: tagResource } }, async (request, reply) => {
    request.assertPreconditions(null)
    const { id } = request.params as { id: string }
    return reply.created({ id: id.toLowerCase() })
  })
  const requests = [
    ['PUT /numbers/007 HTTP/1.1'],
    ['PUT /numbers/%207 HTTP/1.1'],
    ['PUT /numbers/7.0 HTTP/1.1'],
    ['PUT http://a/labels/b\\c HTTP/1.1'],
    ['PUT /labels/b\\c HTTP/1.1'],
    ['PUT /labels/7C9E HTTP/1.1'],
    ['PUT http://A/labels/7C9E?a HTTP/1.1'],
    ['POST //evil.example/things HTTP/1.1'],
    ['POST http://evil.example/things HTTP/1.1'],
    ['POST http://[/things HTTP/1.1'],
    ['POST /things?a=/things/1#x HTTP/1.1'],
    ['POST /things HTTP/1.1', 'Origin: http://['],
    ['POST /things HTTP/1.1', 'Prefer: ,;=""'],
    ['POST /things HTTP/1.1', 'If-None-Match: *'],
    ['POST /things HTTP/1.1', 'If-Match: nonsense'],
    ['POST /things HTTP/1.1', 'Content-Range: bytes 0-1/2'],
    ['POST /things HTTP/1.1', 'X-Forwarded-Host: evil.example'],
    ['GET /things/1 HTTP/1.1', 'If-None-Match: nonsense, "1"'],
    ['GET /things/1 HTTP/1.1', 'If-Modified-Since: never'],
    ['HEAD /things/1 HTTP/1.1', 'If-Match: *'],
    ['GET /things/%ZZ HTTP/1.1'],
    ['OPTIONS * HTTP/1.1'],
    ['DELETE /things HTTP/1.1'],
    ['POST /nowhere HTTP/1.1']
  ]
  for (const lines of requests) {
    const { status } = await rawRequest(app, ...lines, ...(lines[0].startsWith('P') ? ['Content-Length: 0'] : []))
    t.ok(status < 500, `${status} ${lines.join(', ')}`)
  }
  t.same(rules(), [])
})
