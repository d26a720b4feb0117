import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { sql } from 'drizzle-orm'
import { setTimeout } from 'node:timers/promises'
import type { Database } from './database.js'
import { databaseUnavailable, problemResponses } from './errors.js'

const TIMEOUT = 2000 // milliseconds

export const healthRoute: FastifyPluginAsyncTypebox<{ db: Database }> = async (app, { db }) => {
  app.get('/health', {
    schema: {
      summary: 'Whether the database responds',
      response: { 200: Type.Object({ status: Type.Literal('ok') }), ...problemResponses }
    }
  }, async (_request, reply) => {
    await Promise.race([db.execute(sql`SELECT 1`), failAfterTimeout()])
    return reply.ok({ status: 'ok' })
  })
}

async function failAfterTimeout (): Promise<never> {
  await setTimeout(TIMEOUT, undefined, { ref: false })
  throw databaseUnavailable()
}
