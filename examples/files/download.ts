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
    schema: {
      summary: 'Download a file',
      tags: ['files'],
      params: FileParamsSchema,
      response: { 200: BytesSchema, 206: BytesSchema, ...problemResponses }
    }
  }, async (request, reply) => {
    const file = await findFile(db, request.params.file_id) ?? notFound()
    const etag = `"${file.sha256}"`
    // Preconditions come before Range (RFC 9110 section 13.2.2). ok() answers 304 or 412 here.
    const { outcome } = evaluatePreconditions(request.raw, { etag })
    if (outcome !== 'proceed') return reply.ok(Readable.from([]), { etag })

    const range = requestedRange(request, etag, file.size)
    if (range === 'unsatisfiable') {
      throw new Problem(416, `The file has ${file.size} bytes.`, { 'content-range': `bytes */${file.size}` })
    }

    const handle = await disk.open(file.file_id, file.size)
    if (handle === undefined) throw new Problem(404, 'The bytes of this file are lost.')
    // For HEAD, Fastify reads the whole stream before it responds: one byte is enough.
    const bytes = handle.createReadStream(request.method === 'HEAD' ? { start: 0, end: 0 } : range)

    reply.headers({
      'accept-ranges': 'bytes',
      'content-disposition': attachment(file.filename),
      'content-length': range === undefined ? file.size : range.end - range.start + 1,
      'content-type': file.content_type,
      // The uploader chose the content type: browsers must not guess another one, such as HTML.
      'x-content-type-options': 'nosniff'
    })
    if (range === undefined) return reply.ok(bytes, { etag })
    const contentRange = `bytes ${range.start}-${range.end}/${file.size}`
    return reply.code(206).headers({ etag, 'content-range': contentRange }).send(bytes)
  })
}

function requestedRange ({ method, headers }: FastifyRequest, etag: string, size: number) {
  const ifRange = headers['if-range']
  // RFC 9110 section 14.2: Range applies to GET only. Section 13.1.5: If-Range must match, or the client would join
  // parts of two versions.
  if (method !== 'GET' || headers.range === undefined || (ifRange !== undefined && ifRange !== etag)) return undefined
  return parseRange(headers.range, size)
}
