import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { resource } from 'fastify-created'
import type { Database } from '../database.js'
import { problemResponses } from '../errors.js'
import { PageQuerySchema, pageSchema } from '../pages.js'
import { NewUserSchema, UserParamsSchema, UserSchema } from './schemas.js'
import { findUser, insertUser, listUsers, type User } from './store.js'

const user = resource<User>({ etag: (user) => user.version })

export const userRoutes: FastifyPluginAsyncTypebox<{ db: Database }> = async (app, { db }) => {
  app.post('/users', {
    schema: { summary: 'Register a user', tags: ['users'], body: NewUserSchema, response: { 201: UserSchema, ...problemResponses } },
    config: { resource: user }
  }, async (request, reply) => reply.created(await insertUser(db, request.body)))

  app.get('/users', {
    schema: { summary: 'List users', tags: ['users'], querystring: PageQuerySchema, response: { 200: pageSchema(UserSchema), ...problemResponses } }
  }, async (request, reply) => reply.ok(await listUsers(db, request.query)))

  app.get('/users/:id', {
    schema: { operationId: 'readUser', summary: 'Read a user', tags: ['users'], params: UserParamsSchema, response: { 200: UserSchema, ...problemResponses } },
    config: { resource: user }
  }, async (request, reply) => reply.ok(await findUser(db, request.params.id)))
}
