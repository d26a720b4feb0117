import type { FastifyRequest } from 'fastify'
import { postResource, type Post } from './store.js'

/** Adds the URL of the post, as its Location has it. */
export function withUrl (request: FastifyRequest, post: Post) {
  return { ...post, url: request.urlFor(postResource, post) }
}
