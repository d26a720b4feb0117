import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Database } from '../database.js'
import { problemResponses } from '../errors.js'
import { PageQuerySchema, pageSchema } from '../pages.js'
import { NewUserSchema, UserParamsSchema, UserSchema } from './schemas.js'
import { findUser, insertUser, listUsers } from './store.js'

export const userRoutes: FastifyPluginAsyncTypebox<{ db: Database }> = async (app, { db }) => {
  app.post('/users', {
    schema: { summary: 'Register a user', tags: ['users'], body: NewUserSchema, response: { 201: UserSchema, ...problemResponses } }
  }, async (request, reply) => {
    const user = await insertUser(db, request.body)
    return reply.created(user, { location: `/users/${user.id}`, etag: user.version })
  })

  app.get('/users', {
    schema: { summary: 'List users', tags: ['users'], querystring: PageQuerySchema, response: { 200: pageSchema(UserSchema), ...problemResponses } }
  }, async (request, reply) => reply.ok(await listUsers(db, request.query)))

  app.get('/users/:id', {
    schema: { summary: 'Read a user', tags: ['users'], params: UserParamsSchema, response: { 200: UserSchema, ...problemResponses } }
  }, async (request, reply) => {
    const user = await findUser(db, request.params.id)
    return reply.ok(user, { etag: user.version })
  })
}
