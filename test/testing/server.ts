import { createHash, randomUUID } from 'node:crypto'
import { setImmediate, setTimeout } from 'node:timers/promises'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'

/** What a reference server can be made to do wrong, one thing at a time. */
export type Fault = keyof typeof import('./faults.js').FAULTS

/** What is done differently, and as right. */
export interface Style {
  id?: 'number' | 'uuid'
  tag?: 'version' | 'hash' | 'time' | 'weak'
  /** Of every URL. */
  prefix?: string
  /** That Location is made absolute with. */
  origin?: string
  /** What a 201 says. */
  created?: 'row' | 'nothing' | 'id' | 'message'
  contentLocation?: boolean
  /** What an update answers. */
  updated?: 'row' | 'nothing'
  /** Default: `required`. */
  precondition?: 'required' | 'optional'
  slow?: boolean
  smallLetters?: boolean
  headBare?: boolean
  listRestless?: boolean
  /** What GET answers changes by itself. */
  restless?: boolean
  /** PUT has to say that it means to create. */
  putConditional?: boolean
}

interface Row { id: string | number, name: string, password?: string, version: number }
type Handler = (request: FastifyRequest<{ Params: { id: string } }>, reply: FastifyReply) => Promise<unknown>

/** A server as HTTP wants it, without the package that is tested, in any style; and with one fault, if wanted. */
export function referenceServer (style: Style = {}, fault?: Fault): FastifyInstance {
  const { prefix = '', precondition = 'required' } = style
  const is = (name: Fault) => fault === name
  const rows = new Map<string, Row>()
  let [clock, posts, reads] = [0, 0, 0]

  // Between a read and a write others get their turn.
  const pause = async () => {
    // Who writes at the same moment has to be there, however late a busy machine lets them in: turns of the loop bring them.
    if (style.slow) await setTimeout(5)
    for (let turn = style.slow ? 50 : 1; turn > 0; turn--) await setImmediate()
  }
  const view = ({ id, name }: Row) => ({ id, name })
  const addressOf = (id: Row['id']) => `${prefix}/users/${id}`

  function tagOf (row: Row): string {
    switch (style.tag) {
      case 'hash': return `"${createHash('sha256').update(JSON.stringify(view(row))).digest('hex')}"`
      case 'time': return `"${Buffer.from(new Date(row.version).toISOString()).toString('base64')}"`
      case 'weak': return `W/"${row.version}"`
      default: return `"${row.version}"`
    }
  }

  async function find (id: string): Promise<Row | undefined> {
    await pause()
    return rows.get(id)
  }

  /** Writes where the row still is what was read, and nothing where it is not. */
  async function swap (id: string, before: Row | undefined, { name, password }: Partial<Row>, fixed: Partial<Row> = {}): Promise<Row | undefined> {
    await pause()
    const now = rows.get(id)
    if ((now && tagOf(now)) !== (before && tagOf(before))) return undefined
    const trimmed = (name ?? before!.name).trim()
    const row = { id: fixed.id ?? before?.id ?? id, name: style.smallLetters ? trimmed.toLowerCase() : trimmed, password, version: fixed.version ?? ++clock }
    rows.set(id, row)
    return row
  }

  /** Whatever is there. */
  function overwrite (id: string, { name }: Partial<Row>): Row {
    const before = rows.get(id)!
    const row = { ...before, name: name ?? before.name, version: ++clock }
    rows.set(id, row)
    return row
  }

  function valid (body: unknown): body is { name: string } {
    return typeof (body as Row | null)?.name === 'string'
  }

  const app = Fastify({ exposeHeadRoutes: false, forceCloseConnections: true })
  app.addContentTypeParser('application/merge-patch+json', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'))
  app.addContentTypeParser('text/plain', { parseAs: 'string' }, async (_request: unknown, body: string) => ({ name: body }))
  app.addContentTypeParser('multipart/form-data', { parseAs: 'string' }, async (_request: unknown, body: string) => ({ name: /name="name"\r\n\r\n(.*)\r\n/.exec(body)?.[1] }))

  /** @returns why not, where a request must not be performed */
  function refusal (request: FastifyRequest, before: Row | undefined): number | undefined {
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers
    const { method } = request
    if (ifNoneMatch === '*' && before !== undefined) return is('star-ignored') ? undefined : 412
    if (before === undefined && style.putConditional && ifMatch === undefined && ifNoneMatch === undefined) return 428
    if (before === undefined) return ifMatch === undefined ? undefined : 412
    if (ifMatch === undefined) return precondition === 'required' && !(is('no-428') && method === 'PATCH') ? 428 : undefined
    if (is('delete-ignores-if-match') && method === 'DELETE') return undefined
    return (method === 'PATCH' ? matchesForPatch : matches)(ifMatch, tagOf(before)) ? undefined : 412
  }

  function matches (ifMatch: string, tag: string): boolean {
    return ifMatch === '*' || (!tag.startsWith('W/') && (ifMatch.match(/(?:W\/)?"[^"]*"/g) as string[] | null)?.includes(tag) === true)
  }

  /** The same, where it is not to be wrong. */
  function matchesForPatch (ifMatch: string, tag: string): boolean {
    const bare = (text: string) => text.trim().replace(/^(W\/)?"?|"$/g, '')
    if (is('if-match-ignored')) return true
    if (is('if-match-without-quotes')) return ifMatch === bare(tag)
    if (is('weak-comparison')) return (ifMatch.match(/"[^"]*"/g) as string[] | null)?.includes(tag) === true
    if (is('list-split-at-commas')) return !ifMatch.startsWith('W/') && ifMatch.split(',').map(bare).includes(bare(tag))
    if (is('no-list')) return ifMatch === tag
    if (is('first-of-list')) return ifMatch.split(', ')[0] === tag
    return matches(ifMatch, tag)
  }

  const refuse = (reply: FastifyReply, status: number) => reply.code(status).send({ statusCode: status })
  const answer = (reply: FastifyReply, row: Row, status: number) => reply.code(status).header('etag', tagOf(row)).send(view(row))

  app.post(`${prefix}/users`, async (request, reply) => {
    const number = ++posts
    if (!valid(request.body)) {
      if (is('invalid-201')) request.body = { name: 'nobody' }
      if (is('invalid-stored')) await swap('nobody', undefined, { name: 'nobody' })
      if (is('invalid-500')) throw new Error('no name')
      if (is('invalid-location')) reply.header('location', addressOf('nobody'))
      if (!is('invalid-201')) return refuse(reply, 400)
    }
    if (number > 2 && is('second-500')) throw new Error('duplicate key')
    const id = style.id === 'uuid' ? randomUUID() : rows.size + 1
    const row = (await swap(String(id), undefined, request.body as Row, { id, version: style.tag === 'time' ? ++clock : 1 }))!
    clock = Math.max(clock, row.version)
    return created(reply, row, request.body as Row, number)
  })

  function created (reply: FastifyReply, row: Row, sent: Row, number: number): FastifyReply {
    const { id } = row
    reply.code(is('200-for-201') || (is('second-200') && number > 2) ? 200 : is('202-for-201') ? 202 : 201)
    for (const location of locations(id, number)) reply.raw.appendHeader('location', location)
    const etag = tagOf(row)
    if (is('etag-unquoted')) reply.header('etag', row.version)
    else if (is('etag-single-quotes')) reply.header('etag', `'${row.version}'`)
    else if (is('etag-of-the-answer')) reply.header('etag', `"${createHash('sha256').update(JSON.stringify(view(row))).digest('hex')}"`)
    else if (!is('no-etag')) reply.header('etag', etag)
    if (style.contentLocation || is('content-location-lies')) reply.header('content-location', addressOf(id))
    if (is('content-location-lies')) return reply.send({ ok: true })
    if (is('echoes-the-request')) return reply.send({ ...view(row), name: sent.name })
    if (is('leaks-password')) return reply.send({ ...view(row), password: row.password })
    if (is('leaks-password-beside-id')) return reply.send({ id, password: row.password })
    if (is('leaks-hash')) return reply.send({ ...view(row), hash: 'x' })
    if (style.restless) return reply.send({ ...view(row), reads: 0 })
    switch (style.created) {
      case 'nothing': return reply.send()
      case 'id': return reply.send({ id })
      case 'message': return reply.send({ message: `User ${id} was created`, id, url: addressOf(id) })
      default: return reply.send(view(row))
    }
  }

  function locations (id: Row['id'], number: number): string[] {
    switch (fault) {
      case 'no-location': return []
      case 'second-without-location': return number > 2 ? [] : [addressOf(id)]
      case 'location-empty': return ['']
      case 'location-bare-id': return [String(id)]
      case 'location-relative': return [`users/${id}`]
      case 'location-double-slash': return [`//users/${id}`]
      case 'location-space': return [`${addressOf(id)}?name=ann lee`]
      case 'location-non-ascii': return [`${addressOf(id)}?name=änn`]
      case 'location-bare-percent': return [`${addressOf(id)}?share=100%`]
      case 'location-fragment': return [`${addressOf(id)}#top`]
      case 'location-twice': return [addressOf(id), `/people/${id}`]
      case 'location-bad-host': return [`http://a:b:c${addressOf(id)}`]
      case 'location-ftp': return [`ftp://files.example/${id}`]
      case 'location-collection': return [`${prefix}/users`]
      case 'location-wrong-id': return [addressOf(`${id}000`)]
      case 'location-without-prefix': return [`/users/${id}`]
      case 'location-undefined': return [addressOf('undefined')]
      case 'location-always-the-same': return [addressOf(2)]
      case 'location-of-the-one-before': return [addressOf(Number(id) - 1)]
      default: return [`${style.origin ?? ''}${addressOf(id)}`]
    }
  }

  app.get(`${prefix}/users`, async () => style.listRestless ? { at: ++reads } : [...rows.values()].map(view))

  const get: Handler = async (request, reply) => {
    const row = await find(request.params.id)
    if (is('written-after-the-201') && ++reads === 1) return refuse(reply, 404)
    if (row === undefined) return is('gone-is-null') ? reply.send(null) : refuse(reply, 404)
    const isNotModified = request.headers['if-none-match'] === tagOf(row) && !is('if-none-match-ignored')
    reply.code(isNotModified ? 304 : 200)
    if (!(isNotModified && is('304-without-vary'))) reply.header('vary', 'accept')
    if (!(isNotModified && is('304-without-cache-control'))) reply.header('cache-control', 'no-cache')
    if (!(isNotModified && is('304-without-etag')) && !is('get-without-etag') && !(is('tag-lost') && row.version > 1)) reply.header('etag', tagOf(row))
    if (isNotModified) return reply.send()
    return reply.send(style.restless ? { ...view(row), reads: ++reads } : view(row))
  }
  app.get(`${prefix}/users/:id`, get)

  const head: Handler = async (request, reply) => {
    const row = await find(request.params.id)
    if (row === undefined || is('head-404')) return refuse(reply, 404)
    if (is('head-405')) return refuse(reply, 405)
    if (style.headBare) return reply.send()
    reply.header('etag', is('head-other-etag') ? '"head"' : tagOf(row))
    reply.header('content-length', is('head-length-0') ? 0 : Buffer.byteLength(JSON.stringify(view(row))))
    return reply.type('application/json; charset=utf-8').send()
  }
  app.head(`${prefix}/users/:id`, head)

  app.patch<{ Params: { id: string } }>(`${prefix}/users/:id`, async (request, reply) => {
    const { id } = request.params
    const sent = request.body as Partial<Row>
    const before = await find(id)
    if (before === undefined) return refuse(reply, 404)
    const status = refusal(request, before)
    if (status === 412) {
      if (is('stale-stored')) await swap(id, before, sent, { version: before.version })
      if (is('stale-moves-version')) await swap(id, before, {})
      if (is('stale-409')) return refuse(reply, 409)
      if (is('stale-500')) throw new Error('stale')
      if (is('stale-428')) return refuse(reply, 428)
    }
    if (status === 428 && is('428-stored')) await swap(id, before, sent)
    if (status === 428 && is('400-for-428')) return refuse(reply, 400)
    if (status !== undefined) return refuse(reply, status)
    if (is('update-not-stored')) return reply.send({ ...view(before), ...sent })
    const saved = await swap(id, before, is('update-moves-version-alone') ? {} : sent, is('tag-stays') ? { version: before.version } : {})
    if (saved === undefined) return lost(reply, id, sent)
    if (is('update-removes')) rows.delete(id)
    if (is('update-answers-old-tag')) return answer(reply, { ...saved, version: before.version }, 200)
    return style.updated === 'nothing' || is('loser-stays-unsaid') ? reply.code(204).send() : answer(reply, saved, 200)
  })

  async function lost (reply: FastifyReply, id: string, sent: Partial<Row>): Promise<unknown> {
    if (is('check-then-write')) return answer(reply, overwrite(id, sent), 200)
    if (is('loser-500')) throw new Error('could not serialize access')
    if (is('loser-409')) return refuse(reply, 409)
    if (is('loser-stays')) overwrite(id, sent)
    if (is('loser-stays-unsaid')) await swap(id, rows.get(id), sent, { version: rows.get(id)!.version })
    return refuse(reply, 412)
  }

  app.put<{ Params: { id: string } }>(`${prefix}/users/:id`, async (request, reply) => {
    const { id } = request.params
    if (!valid(request.body)) return refuse(reply, 400)
    const before = await find(id)
    const status = refusal(request, before)
    if (status !== undefined) return refuse(reply, status)
    if (is('put-not-stored')) return reply.code(201).send({ id, name: request.body.name })
    const saved = await swap(id, before, request.body)
    if (saved === undefined) return putLost(reply, id, request.body)
    if (is('put-location-elsewhere')) reply.header('location', addressOf(`${id}0`))
    if (before === undefined) return answer(reply, saved, is('put-creates-200') ? 200 : 201)
    return style.updated === 'nothing' ? reply.code(204).send() : answer(reply, saved, is('put-again-201') ? 201 : 200)
  })

  async function putLost (reply: FastifyReply, id: string, sent: { name: string }): Promise<unknown> {
    if (is('star-race')) return answer(reply, overwrite(id, sent), 201)
    if (is('star-loser-500')) throw new Error('duplicate key')
    if (is('star-loser-stays')) overwrite(id, sent)
    return refuse(reply, 412)
  }

  app.delete<{ Params: { id: string } }>(`${prefix}/users/:id`, async (request, reply) => {
    const { id } = request.params
    const before = await find(id)
    if (before === undefined) return refuse(reply, 404)
    const status = refusal(request, before)
    if (status === 412 && is('delete-412-removes')) rows.delete(id)
    if (status === 412 && is('delete-stale-409')) return refuse(reply, 409)
    if (status !== undefined) return refuse(reply, status)
    if (is('delete-500')) throw new Error('foreign key')
    if (!is('delete-keeps')) rows.delete(id)
    return reply.code(204).send()
  })

  return app
}
