import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Database } from '../database.js'
import { noContentResponse, notFound, problemResponses } from '../errors.js'
import { PageQuerySchema, pageSchema } from '../pagination.js'
import { patchRoute } from './patch-route.js'
import { NewUserSchema, UserParamsSchema, UserSchema } from './schemas.js'
import { createUserWithId, deleteUser, findUser, insertUser, listUsers, updateUser, userResource } from './store.js'

export const userRoutes: FastifyPluginAsyncTypebox<{ db: Database }> = async (app, { db }) => {
  app.post('/users', {
    schema: {
      summary: 'Register a user',
      tags: ['users'],
      body: NewUserSchema,
      response: { 201: UserSchema, ...problemResponses }
    },
    config: { resource: userResource }
  }, async (request, reply) => reply.created(await insertUser(db, request.body)))

  app.get('/users', {
    schema: {
      summary: 'List users',
      tags: ['users'],
      querystring: PageQuerySchema,
      response: { 200: pageSchema(UserSchema), ...problemResponses }
    }
  }, async (request, reply) => reply.ok(await listUsers(db, request.query)))

  app.get('/users/:id', {
    schema: {
      operationId: 'readUser',
      summary: 'Read a user',
      tags: ['users'],
      params: UserParamsSchema,
      response: { 200: UserSchema, ...problemResponses }
    },
    config: { resource: userResource }
  }, async (request, reply) => reply.ok(await findUser(db, request.params.id)))

  app.put('/users/:id', {
    schema: {
      summary: 'Replace a user, or create one with an id of your choice',
      tags: ['users'],
      params: UserParamsSchema,
      body: NewUserSchema,
      response: { 200: UserSchema, 201: UserSchema, ...problemResponses }
    },
    config: { resource: userResource }
  }, async (request, reply) => {
    const { params: { id }, body: newUser } = request
    const current = await findUser(db, id)
    request.assertPreconditions(current)
    const saved = current === undefined
      ? await createUserWithId(db, id, newUser)
      : await updateUser(db, current, newUser)
    if (saved === undefined) throw request.lostUpdate(await findUser(db, id))
    return reply.upserted(saved, { created: current === undefined })
  })

  await app.register(patchRoute, { db })

  app.delete('/users/:id', {
    schema: {
      summary: 'Delete a user',
      tags: ['users'],
      params: UserParamsSchema,
      response: { ...noContentResponse, ...problemResponses }
    },
    config: { resource: userResource }
  }, async (request, reply) => {
    const { id } = request.params
    const current = await findUser(db, id) ?? notFound()
    request.assertPreconditions(current)
    if (await deleteUser(db, current) === undefined) throw request.lostUpdate(await findUser(db, id))
    return reply.noContent()
  })
}
