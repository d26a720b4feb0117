import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Database } from '../database.js'
import { notFound, problemResponses } from '../errors.js'
import { jsonParser } from '../json.js'
import { UserParamsSchema, UserPatchSchema, UserSchema } from './schemas.js'
import { findUser, updateUser, userResource } from './store.js'

const MERGE_PATCH = 'application/merge-patch+json'

/** A plugin of its own, because no other route accepts a merge patch. */
export const patchRoute: FastifyPluginAsyncTypebox<{ db: Database }> = async (app, { db }) => {
  app.addContentTypeParser(MERGE_PATCH, { parseAs: 'buffer' }, jsonParser(app))

  app.patch('/users/:id', {
    schema: {
      summary: 'Change some fields of a user',
      tags: ['users'],
      consumes: [MERGE_PATCH, 'application/json'],
      params: UserParamsSchema,
      body: UserPatchSchema,
      response: { 200: UserSchema, ...problemResponses }
    },
    config: { resource: userResource }
  }, async (request, reply) => {
    const { id } = request.params
    const current = await findUser(db, id) ?? notFound()
    request.assertPreconditions(current)
    const updated = await updateUser(db, current, request.body)
    if (updated === undefined) throw request.lostUpdate(await findUser(db, id))
    return reply.ok(updated)
  })
}
