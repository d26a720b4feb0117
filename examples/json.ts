import { isUtf8 } from 'node:buffer'
import type { FastifyBodyParser, FastifyInstance } from 'fastify'
import { Problem } from './errors.js'

/** RFC 8259 section 8.1: JSON is UTF-8. Of anything else, other characters would be stored than were sent. */
export function jsonParser (app: Pick<FastifyInstance, 'getDefaultJsonParser'>): FastifyBodyParser<Buffer> {
  const parse = app.getDefaultJsonParser('error', 'error')
  return (request, body, done) => {
    if (isUtf8(body)) parse(request, body.toString(), done)
    else done(new Problem(400, 'The body is not UTF-8, as JSON has to be.'))
  }
}
