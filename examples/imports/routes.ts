import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Database } from '../database.js'
import { problemResponses } from '../errors.js'
import { user, type User } from '../users/store.js'
import { createUsers } from './create-users.js'
import { ImportParamsSchema, ImportSchema, NewImportSchema } from './schemas.js'
import { findImport, insertImport, monitor } from './store.js'
import type { Vault } from './vault.js'
import { Worker } from './worker.js'

export const importRoutes: FastifyPluginAsyncTypebox<{ db: Database, vault: Vault }> = async (app, { db, vault }) => {
  const worker = new Worker((signal) => createUsers({ db, vault, log: app.log }, signal), app.log)
  // What an earlier process has left undone.
  app.addHook('onReady', async () => worker.wake())
  app.addHook('preClose', () => worker.stop())

  app.post('/imports', {
    schema: { summary: 'Register many users', tags: ['imports'], body: NewImportSchema, response: { 202: ImportSchema, ...problemResponses } },
    config: { resource: monitor }
  }, async (request, reply) => {
    const accepted = await insertImport(db, vault, request.body.users)
    worker.wake()
    return reply.accepted(accepted, { retryAfter: 1 })
  })

  app.get('/imports/:id', {
    schema: { operationId: 'readImport', summary: 'Read how far an import is', tags: ['imports'], params: ImportParamsSchema, response: { 200: ImportSchema, ...problemResponses } },
    config: { resource: monitor }
  }, async (request, reply) => {
    // An address takes no more of a user than the id.
    const found = await findImport(db, request.params.id, (id) => request.locate(user, { id } as User))
    // The process that has accepted it may be gone.
    if (found?.status === 'running') worker.wake()
    return reply.ok(found)
  })
}
