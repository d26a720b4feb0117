import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Database } from '../database.js'
import { notFound, problemResponses } from '../errors.js'
import { PageQuerySchema, pageSchema } from '../pagination.js'
import { PostParamsSchema, PostSchema } from './schemas.js'
import { findPost, listPosts, postResource } from './store.js'
import { withUrl } from './url.js'
import { writeRoutes } from './write-routes.js'

export const postRoutes: FastifyPluginAsyncTypebox<{ db: Database, apiToken: string }> = async (app, options) => {
  const { db } = options

  app.get('/api/posts', {
    schema: {
      summary: 'List posts',
      tags: ['posts'],
      querystring: PageQuerySchema,
      response: { 200: pageSchema(PostSchema), ...problemResponses }
    }
  }, async (request, reply) => {
    const { items, next } = await listPosts(db, request.query)
    return reply.ok({ items: items.map((post) => withUrl(request, post)), next })
  })

  app.get('/api/posts/:id', {
    schema: {
      operationId: 'readPost',
      summary: 'Read a post',
      tags: ['posts'],
      params: PostParamsSchema,
      response: { 200: PostSchema, ...problemResponses }
    },
    config: { resource: postResource }
  }, async (request, reply) => reply.ok(withUrl(request, await findPost(db, request.params.id) ?? notFound())))

  await app.register(writeRoutes, options)
}
