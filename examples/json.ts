import { isUtf8 } from 'node:buffer'
import type { FastifyBodyParser, FastifyInstance } from 'fastify'
import { Problem } from './errors.js'

/** Rejects JSON that is not UTF-8 (RFC 8259 section 8.1). Other encodings would be stored with wrong characters. */
export function jsonParser (app: Pick<FastifyInstance, 'getDefaultJsonParser'>): FastifyBodyParser<Buffer> {
  const parse = app.getDefaultJsonParser('error', 'error')
  return (request, body, done) => {
    if (isUtf8(body)) parse(request, body.toString(), done)
    else done(new Problem(400, 'The body must be UTF-8, as JSON always is.'))
  }
}
