import type { FastifyRequest } from 'fastify'
import { post, type Post } from './store.js'

/** A post with its own address, as Location has it. */
export function withUrl (request: FastifyRequest, value: Post) {
  return { ...value, url: request.locate(post, value) }
}
