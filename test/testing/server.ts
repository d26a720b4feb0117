import { randomUUID } from 'node:crypto'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { matchesIfMatch, matchesWithFault } from './if-match.js'
import { hashOf, toBody, UserStore, type Row } from './store.js'

/** One thing that a reference server does wrong. */
export type Fault = keyof typeof import('./faults.js').FAULTS

/** What a reference server does differently, and correctly. */
export interface Style {
  id?: 'number' | 'uuid'
  tag?: 'version' | 'hash' | 'time' | 'weak'
  /** The start of every path. */
  prefix?: string
  /** Makes Location absolute. */
  origin?: string
  /** The body of a 201. */
  created?: 'row' | 'nothing' | 'id' | 'message'
  contentLocation?: boolean
  /** The body of the response to an update. */
  updated?: 'row' | 'nothing'
  /** Default: `required`. */
  precondition?: 'required' | 'optional'
  slow?: boolean
  /** Stores names in lower case. */
  lowerCase?: boolean
  /** HEAD leaves out optional headers. */
  minimalHead?: boolean
  /** The list is different each time. */
  unstableList?: boolean
  /** The body of GET is different each time. */
  unstableGet?: boolean
  /** PUT needs If-None-Match: * to create. */
  requiresIfNoneMatch?: boolean
}

type Handler = (request: FastifyRequest<{ Params: { id: string } }>, reply: FastifyReply) => Promise<unknown>

/** A correct server in any style, written without the package that is tested. If wanted, it has one fault. */
export function referenceServer (style: Style = {}, fault?: Fault): FastifyInstance {
  const { prefix = '', precondition = 'required' } = style
  const is = (name: Fault) => fault === name
  const store = new UserStore(style)
  const { rows } = store
  let [posts, reads] = [0, 0]
  const pathOf = (id: Row['id']) => `${prefix}/users/${id}`

  function isValid (body: unknown): body is { name: string } {
    return typeof (body as Row | null)?.name === 'string'
  }

  const app = Fastify({ exposeHeadRoutes: false, forceCloseConnections: true })
  const parseAs = { parseAs: 'string' } as const
  app.addContentTypeParser('application/merge-patch+json', parseAs, app.getDefaultJsonParser('error', 'error'))
  app.addContentTypeParser('text/plain', parseAs, async (_request: unknown, body: string) => ({ name: body }))
  app.addContentTypeParser('multipart/form-data', parseAs, async (_request: unknown, body: string) => {
    return { name: /name="name"\r\n\r\n(.*)\r\n/.exec(body)?.[1] }
  })

  /** @returns the status if a precondition forbids the request */
  function preconditionStatus (request: FastifyRequest, before: Row | undefined): number | undefined {
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers
    const { method } = request
    if (ifNoneMatch === '*' && before !== undefined) return is('star-ignored') ? undefined : 412
    if (before === undefined) {
      if (style.requiresIfNoneMatch && ifMatch === undefined && ifNoneMatch === undefined) return 428
      return ifMatch === undefined ? undefined : 412
    }
    if (ifMatch === undefined) {
      const isRequired = precondition === 'required' && !(is('no-428') && method === 'PATCH')
      return isRequired ? 428 : undefined
    }
    if (is('delete-ignores-if-match') && method === 'DELETE') return undefined
    const etag = store.etagOf(before)
    const matches = method === 'PATCH' ? matchesWithFault(ifMatch, etag, fault) : matchesIfMatch(ifMatch, etag)
    return matches ? undefined : 412
  }

  const reject = (reply: FastifyReply, status: number) => reply.code(status).send({ statusCode: status })
  const sendRow = (reply: FastifyReply, row: Row, status: number) => {
    return reply.code(status).header('etag', store.etagOf(row)).send(toBody(row))
  }

  app.post(`${prefix}/users`, async (request, reply) => {
    const number = ++posts
    if (!isValid(request.body)) {
      if (is('invalid-201')) request.body = { name: 'nobody' }
      if (is('invalid-stored')) await store.compareAndSwap('nobody', undefined, { name: 'nobody' })
      if (is('invalid-500')) throw new Error('no name')
      if (is('invalid-location')) reply.header('location', pathOf('nobody'))
      if (!is('invalid-201')) return reject(reply, 400)
    }
    if (number > 2 && is('second-500')) throw new Error('duplicate key')
    const id = style.id === 'uuid' ? randomUUID() : rows.size + 1
    const version = style.tag === 'time' ? store.nextVersion() : 1
    const row = (await store.compareAndSwap(String(id), undefined, request.body as Row, { id, version }))!
    return sendCreated(reply, row, request.body as Row, number)
  })

  function sendCreated (reply: FastifyReply, row: Row, sent: Row, number: number): FastifyReply {
    const { id } = row
    const is200 = is('200-for-201') || (is('second-200') && number > 2)
    reply.code(is200 ? 200 : is('202-for-201') ? 202 : 201)
    for (const location of locations(id, number)) reply.raw.appendHeader('location', location)
    if (is('etag-unquoted')) reply.header('etag', row.version)
    else if (is('etag-single-quotes')) reply.header('etag', `'${row.version}'`)
    else if (is('etag-of-the-response')) reply.header('etag', hashOf(row))
    else if (!is('no-etag')) reply.header('etag', store.etagOf(row))
    if (style.contentLocation || is('content-location-wrong')) reply.header('content-location', pathOf(id))
    if (is('content-location-wrong')) return reply.send({ ok: true })
    if (is('echoes-the-request')) return reply.send({ ...toBody(row), name: sent.name })
    if (is('leaks-password')) return reply.send({ ...toBody(row), password: row.password })
    if (is('leaks-password-beside-id')) return reply.send({ id, password: row.password })
    if (is('leaks-hash')) return reply.send({ ...toBody(row), hash: 'x' })
    if (style.unstableGet) return reply.send({ ...toBody(row), reads: 0 })
    switch (style.created) {
      case 'nothing': return reply.send()
      case 'id': return reply.send({ id })
      case 'message': return reply.send({ message: `User ${id} was created`, id, url: pathOf(id) })
      default: return reply.send(toBody(row))
    }
  }

  function locations (id: Row['id'], number: number): string[] {
    switch (fault) {
      case 'no-location': return []
      case 'second-without-location': return number > 2 ? [] : [pathOf(id)]
      case 'location-empty': return ['']
      case 'location-bare-id': return [String(id)]
      case 'location-relative': return [`users/${id}`]
      case 'location-double-slash': return [`//users/${id}`]
      case 'location-space': return [`${pathOf(id)}?name=ann lee`]
      case 'location-non-ascii': return [`${pathOf(id)}?name=änn`]
      case 'location-bare-percent': return [`${pathOf(id)}?share=100%`]
      case 'location-fragment': return [`${pathOf(id)}#top`]
      case 'location-twice': return [pathOf(id), `/people/${id}`]
      case 'location-bad-host': return [`http://a:b:c${pathOf(id)}`]
      case 'location-ftp': return [`ftp://files.example/${id}`]
      case 'location-collection': return [`${prefix}/users`]
      case 'location-wrong-id': return [pathOf(`${id}000`)]
      case 'location-without-prefix': return [`/users/${id}`]
      case 'location-undefined': return [pathOf('undefined')]
      case 'location-always-the-same': return [pathOf(2)]
      case 'location-of-the-previous-row': return [pathOf(Number(id) - 1)]
      default: return [`${style.origin ?? ''}${pathOf(id)}`]
    }
  }

  app.get(`${prefix}/users`, async () => style.unstableList ? { at: ++reads } : [...rows.values()].map(toBody))

  const get: Handler = async (request, reply) => {
    const row = await store.find(request.params.id)
    if (is('written-after-the-201') && ++reads === 1) return reject(reply, 404)
    if (row === undefined) return is('gone-is-null') ? reply.send(null) : reject(reply, 404)
    const isNotModified = request.headers['if-none-match'] === store.etagOf(row) && !is('if-none-match-ignored')
    const isWithoutEtag = is('get-without-etag') || (is('tag-lost') && row.version > 1) ||
      (is('304-without-etag') && isNotModified)
    reply.code(isNotModified ? 304 : 200)
    if (!(isNotModified && is('304-without-vary'))) reply.header('vary', 'accept')
    if (!(isNotModified && is('304-without-cache-control'))) reply.header('cache-control', 'no-cache')
    if (!isWithoutEtag) reply.header('etag', store.etagOf(row))
    if (isNotModified) return reply.send()
    return reply.send(style.unstableGet ? { ...toBody(row), reads: ++reads } : toBody(row))
  }
  app.get(`${prefix}/users/:id`, get)

  const head: Handler = async (request, reply) => {
    const row = await store.find(request.params.id)
    if (row === undefined || is('head-404')) return reject(reply, 404)
    if (is('head-405')) return reject(reply, 405)
    if (style.minimalHead) return reply.send()
    reply.header('etag', is('head-other-etag') ? '"head"' : store.etagOf(row))
    reply.header('content-length', is('head-length-0') ? 0 : Buffer.byteLength(JSON.stringify(toBody(row))))
    return reply.type('application/json; charset=utf-8').send()
  }
  app.head(`${prefix}/users/:id`, head)

  app.patch<{ Params: { id: string } }>(`${prefix}/users/:id`, async (request, reply) => {
    const { id } = request.params
    const sent = request.body as Partial<Row>
    const before = await store.find(id)
    if (before === undefined) return reject(reply, 404)
    const status = preconditionStatus(request, before)
    if (status === 412) {
      if (is('stale-stored')) await store.compareAndSwap(id, before, sent, { version: before.version })
      if (is('stale-changes-version')) await store.compareAndSwap(id, before, {})
      if (is('stale-409')) return reject(reply, 409)
      if (is('stale-500')) throw new Error('stale')
      if (is('stale-428')) return reject(reply, 428)
    }
    if (status === 428 && is('428-stored')) await store.compareAndSwap(id, before, sent)
    if (status === 428 && is('400-for-428')) return reject(reply, 400)
    if (status !== undefined) return reject(reply, status)
    if (is('update-not-stored')) return reply.send({ ...toBody(before), ...sent })
    const written = is('update-changes-version-only') ? {} : sent
    const saved = await store.compareAndSwap(id, before, written, is('tag-stays') ? { version: before.version } : {})
    if (saved === undefined) return sendLostPatch(reply, id, sent)
    if (is('update-deletes')) rows.delete(id)
    if (is('update-returns-old-tag')) return sendRow(reply, { ...saved, version: before.version }, 200)
    const isWithoutBody = style.updated === 'nothing' || is('loser-stored-silently')
    return isWithoutBody ? reply.code(204).send() : sendRow(reply, saved, 200)
  })

  async function sendLostPatch (reply: FastifyReply, id: string, sent: Partial<Row>): Promise<unknown> {
    if (is('check-then-write')) return sendRow(reply, store.overwrite(id, sent), 200)
    if (is('loser-500')) throw new Error('could not serialize access')
    if (is('loser-409')) return reject(reply, 409)
    if (is('loser-stored')) store.overwrite(id, sent)
    const now = rows.get(id)!
    if (is('loser-stored-silently')) await store.compareAndSwap(id, now, sent, { version: now.version })
    return reject(reply, 412)
  }

  app.put<{ Params: { id: string } }>(`${prefix}/users/:id`, async (request, reply) => {
    const { id } = request.params
    if (!isValid(request.body)) return reject(reply, 400)
    const before = await store.find(id)
    const status = preconditionStatus(request, before)
    if (status !== undefined) return reject(reply, status)
    if (is('put-not-stored')) return reply.code(201).send({ id, name: request.body.name })
    const saved = await store.compareAndSwap(id, before, request.body)
    if (saved === undefined) return sendLostPut(reply, id, request.body)
    if (is('put-location-elsewhere')) reply.header('location', pathOf(`${id}0`))
    if (before === undefined) return sendRow(reply, saved, is('put-creates-200') ? 200 : 201)
    return style.updated === 'nothing' ? reply.code(204).send() : sendRow(reply, saved, is('put-again-201') ? 201 : 200)
  })

  async function sendLostPut (reply: FastifyReply, id: string, sent: { name: string }): Promise<unknown> {
    if (is('star-race')) return sendRow(reply, store.overwrite(id, sent), 201)
    if (is('star-loser-500')) throw new Error('duplicate key')
    if (is('star-loser-stored')) store.overwrite(id, sent)
    return reject(reply, 412)
  }

  app.delete<{ Params: { id: string } }>(`${prefix}/users/:id`, async (request, reply) => {
    const { id } = request.params
    const before = await store.find(id)
    if (before === undefined) return reject(reply, 404)
    const status = preconditionStatus(request, before)
    if (status === 412 && is('delete-412-removes')) rows.delete(id)
    if (status === 412 && is('delete-stale-409')) return reject(reply, 409)
    if (status !== undefined) return reject(reply, status)
    if (is('delete-500')) throw new Error('foreign key')
    if (!is('delete-keeps-row')) rows.delete(id)
    return reply.code(204).send()
  })

  return app
}
