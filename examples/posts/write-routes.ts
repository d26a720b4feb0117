import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Database } from '../database.js'
import { notFound, problemResponses } from '../errors.js'
import { NewPostSchema, PostParamsSchema, PostSchema } from './schemas.js'
import { findPost, insertPost, postResource, replacePost } from './store.js'
import { AUTHOR_ID, requireToken } from './token.js'
import { withUrl } from './url.js'

const security = [{ token: [] }]

/** A plugin of its own, so that only writing requires the token. */
export const writeRoutes: FastifyPluginAsyncTypebox<{ db: Database, apiToken: string }> = async (app, options) => {
  const { db, apiToken } = options
  await requireToken(app, apiToken)

  app.post('/api/posts', {
    schema: {
      summary: 'Write a post',
      tags: ['posts'],
      security,
      body: NewPostSchema,
      response: { 201: PostSchema, ...problemResponses }
    },
    config: { resource: postResource }
  }, async (request, reply) => reply.created(withUrl(request, await insertPost(db, AUTHOR_ID, request.body))))

  app.put('/api/posts/:id', {
    schema: {
      summary: 'Replace a post',
      tags: ['posts'],
      security,
      params: PostParamsSchema,
      body: NewPostSchema,
      response: { 200: PostSchema, ...problemResponses }
    },
    config: { resource: postResource }
  }, async (request, reply) => {
    const { params: { id }, body: newPost } = request
    const current = await findPost(db, id) ?? notFound()
    request.assertPreconditions(current)
    const saved = await replacePost(db, current, newPost)
    if (saved === undefined) throw request.lostUpdate(await findPost(db, id))
    return reply.ok(withUrl(request, saved))
  })
}
