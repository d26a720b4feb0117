import bearerAuth from '@fastify/bearer-auth'
import type { FastifyInstance } from 'fastify'
import { Problem } from '../errors.js'

/** Who writes with the token. There is one token, so there is one author: with more of them, PUT would have to ask whose post it is. */
export const AUTHOR_ID = '3f0f8a52-6c0e-4d0b-9a55-0d9c5b1f6e21'

/** Every route of this scope answers 401 to who does not have the token, before it reads a body. */
export async function requireToken (app: FastifyInstance, token: string): Promise<void> {
  // RFC 9110 section 11.1, which `rfc6749` means here: the name of a scheme has no case.
  await app.register(bearerAuth, { keys: [token], addHook: false, specCompliance: 'rfc6749', verifyErrorLogLevel: 'info' })
  app.addHook('onRequest', (request, reply, done) => app.verifyBearerAuth!(request, reply, (error) => done(error && unauthorized())))
}

function unauthorized (): Problem {
  return new Problem(401, 'Send the token of this server: Authorization: Bearer, and the token.', { 'www-authenticate': 'Bearer' })
}
