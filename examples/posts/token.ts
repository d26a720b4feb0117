import bearerAuth from '@fastify/bearer-auth'
import type { FastifyInstance } from 'fastify'
import { Problem } from '../errors.js'

/** The author of all posts, as there is one token. With several authors, PUT would have to check who wrote the post. */
export const AUTHOR_ID = '3f0f8a52-6c0e-4d0b-9a55-0d9c5b1f6e21'

/** All routes of this plugin answer 401 to requests without the token, before they parse the body. */
export async function requireToken (app: FastifyInstance, token: string): Promise<void> {
  await app.register(bearerAuth, {
    keys: [token],
    addHook: false,
    // Accepts `bearer` in any case (RFC 9110 section 11.1).
    specCompliance: 'rfc6749',
    verifyErrorLogLevel: 'info'
  })
  app.addHook('onRequest', (request, reply, done) => {
    app.verifyBearerAuth!(request, reply, (error) => done(error && unauthorized()))
  })
}

function unauthorized (): Problem {
  const message = 'This route requires the token of this server: Authorization: Bearer <token>.'
  return new Problem(401, message, { 'www-authenticate': 'Bearer' })
}
