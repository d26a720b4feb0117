import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { evaluatePreconditions } from 'fastify-created'
import { Readable } from 'node:stream'
import type { Database } from '../database.js'
import { notFound, Problem, problemResponses } from '../errors.js'
import { attachment } from './content-disposition.js'
import type { Disk } from './disk.js'
import { parseRange } from './range.js'
import { BytesSchema, FileParamsSchema } from './schemas.js'
import { findFile } from './store.js'

export const downloadRoute: FastifyPluginAsyncTypebox<{ db: Database, disk: Disk }> = async (app, { db, disk }) => {
  app.get('/files/:file_id/download', {
    schema: { summary: 'Download a file', tags: ['files'], params: FileParamsSchema, response: { 200: BytesSchema, 206: BytesSchema, ...problemResponses } }
  }, async (request, reply) => {
    const file = await findFile(db, request.params.file_id) ?? notFound()
    const etag = `"${file.sha256}"`
    // Preconditions come before Range (RFC 9110 section 13.2.2): ok() will answer 304 or 412.
    if (evaluatePreconditions(request.raw, { etag }).outcome !== 'proceed') return reply.ok(Readable.from([]), { etag })

    const range = requestedRange(request, etag, file.size)
    if (range === 'unsatisfiable') throw new Problem(416, `The file has ${file.size} bytes.`, { 'content-range': `bytes */${file.size}` })

    const handle = await disk.open(file.file_id, file.size)
    if (handle === undefined) throw new Problem(404, 'The bytes of this file are lost.')
    // Fastify reads the stream of a HEAD to its end before it answers: one byte is enough.
    const bytes = handle.createReadStream(request.method === 'HEAD' ? { start: 0, end: 0 } : range)

    reply.headers({
      'accept-ranges': 'bytes',
      'content-disposition': attachment(file.filename),
      'content-length': range === undefined ? file.size : range.end - range.start + 1,
      'content-type': file.content_type,
      // The type is what the uploader said: no browser may make a page of it.
      'x-content-type-options': 'nosniff'
    })
    if (range === undefined) return reply.ok(bytes, { etag })
    return reply.code(206).headers({ etag, 'content-range': `bytes ${range.start}-${range.end}/${file.size}` }).send(bytes)
  })
}

function requestedRange ({ method, headers }: FastifyRequest, etag: string, size: number) {
  const ifRange = headers['if-range']
  // Only GET has ranges, and a part of another version must not be put together with parts of this one.
  if (method !== 'GET' || headers.range === undefined || (ifRange !== undefined && ifRange !== etag)) return undefined
  return parseRange(headers.range, size)
}
