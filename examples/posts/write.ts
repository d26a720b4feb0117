import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Database } from '../database.js'
import { notFound, problemResponses } from '../errors.js'
import { NewPostSchema, PostParamsSchema, PostSchema } from './schemas.js'
import { findPost, insertPost, post, replacePost } from './store.js'
import { AUTHOR_ID, requireToken } from './token.js'
import { withUrl } from './url.js'

const security = [{ token: [] }]

/** In a scope of its own: reading takes no token. */
export const writeRoutes: FastifyPluginAsyncTypebox<{ db: Database, apiToken: string }> = async (app, { db, apiToken }) => {
  await requireToken(app, apiToken)

  app.post('/api/posts', {
    schema: { summary: 'Write a post', tags: ['posts'], security, body: NewPostSchema, response: { 201: PostSchema, ...problemResponses } },
    config: { resource: post }
  }, async (request, reply) => reply.created(withUrl(request, await insertPost(db, AUTHOR_ID, request.body))))

  app.put('/api/posts/:id', {
    schema: { summary: 'Replace a post', tags: ['posts'], security, params: PostParamsSchema, body: NewPostSchema, response: { 200: PostSchema, ...problemResponses } },
    config: { resource: post }
  }, async (request, reply) => {
    const { params: { id }, body } = request
    const current = await findPost(db, id) ?? notFound()
    request.assertPreconditions(current)
    const saved = await replacePost(db, current, body)
    if (saved === undefined) throw request.lostUpdate(await findPost(db, id))
    return reply.ok(withUrl(request, saved))
  })
}
