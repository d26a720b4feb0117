import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Database } from '../database.js'
import { notFound, problemResponses } from '../errors.js'
import { jsonParser } from '../json.js'
import { UserParamsSchema, UserPatchSchema, UserSchema } from './schemas.js'
import { findUser, updateUser, user } from './store.js'

const MERGE_PATCH = 'application/merge-patch+json'

/** In a scope of its own: the other routes do not take a merge patch. */
export const patchRoute: FastifyPluginAsyncTypebox<{ db: Database }> = async (app, { db }) => {
  app.addContentTypeParser(MERGE_PATCH, { parseAs: 'buffer' }, jsonParser(app))

  app.patch('/users/:id', {
    schema: { summary: 'Change some fields of a user', tags: ['users'], consumes: [MERGE_PATCH, 'application/json'], params: UserParamsSchema, body: UserPatchSchema, response: { 200: UserSchema, ...problemResponses } },
    config: { resource: user }
  }, async (request, reply) => {
    const { params: { id }, body } = request
    const current = await findUser(db, id) ?? notFound()
    request.assertPreconditions(current)
    const saved = await updateUser(db, current, body)
    if (saved === undefined) throw request.lostUpdate(await findUser(db, id))
    return reply.ok(saved)
  })
}
