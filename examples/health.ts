import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { sql } from 'drizzle-orm'
import { setTimeout } from 'node:timers/promises'
import type { Database } from './database.js'
import { databaseIsGone, problemResponses } from './errors.js'

const PATIENCE = 2000 // milliseconds

export const healthRoute: FastifyPluginAsyncTypebox<{ db: Database }> = async (app, { db }) => {
  app.get('/health', {
    schema: { summary: 'Whether the database answers', response: { 200: Type.Object({ status: Type.Literal('ok') }), ...problemResponses } }
  }, async (_request, reply) => {
    await Promise.race([db.execute(sql`SELECT 1`), giveUp()])
    return reply.ok({ status: 'ok' })
  })
}

async function giveUp (): Promise<never> {
  await setTimeout(PATIENCE, undefined, { ref: false })
  throw databaseIsGone()
}
