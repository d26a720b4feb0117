import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Database } from '../database.js'
import { problemResponses } from '../errors.js'
import { userResource, type User } from '../users/store.js'
import { BackgroundJob } from './background-job.js'
import { createUsers } from './create-users.js'
import type { Encryption } from './encryption.js'
import { ImportParamsSchema, ImportSchema, NewImportSchema } from './schemas.js'
import { findImport, importResource, insertImport } from './store.js'

export const importRoutes: FastifyPluginAsyncTypebox<{
  db: Database
  encryption: Encryption
}> = async (app, { db, encryption }) => {
  const job = new BackgroundJob((signal) => createUsers({ db, encryption, log: app.log }, signal), app.log)
  // Continues imports that an earlier process did not finish.
  app.addHook('onReady', async () => job.trigger())
  app.addHook('preClose', () => job.stop())

  app.post('/imports', {
    schema: {
      summary: 'Register many users',
      tags: ['imports'],
      body: NewImportSchema,
      response: { 202: ImportSchema, ...problemResponses }
    },
    config: { resource: importResource }
  }, async (request, reply) => {
    const accepted = await insertImport(db, encryption, request.body.users)
    job.trigger()
    return reply.accepted(accepted, { retryAfter: 1 })
  })

  app.get('/imports/:id', {
    schema: {
      operationId: 'readImport',
      summary: 'Read the progress of an import',
      tags: ['imports'],
      params: ImportParamsSchema,
      response: { 200: ImportSchema, ...problemResponses }
    },
    config: { resource: importResource }
  }, async (request, reply) => {
    // The URL of a user needs only the id.
    const userUrl = (id: string) => request.urlFor(userResource, { id } as User)
    const found = await findImport(db, request.params.id, userUrl)
    // The process that accepted the import may no longer be running.
    if (found?.status === 'running') job.trigger()
    return reply.ok(found)
  })
}
