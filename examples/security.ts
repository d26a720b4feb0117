import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import fp from 'fastify-plugin'

/** What browsers are told: what a page of this server may do, and who else may call it. */
export const security = fp<{ corsOrigin?: string }>(async (app, { corsOrigin }) => {
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'"],
        fontSrc: ["'self'"],
        // Whether there is HTTPS is for the proxy in front to know: on http://127.0.0.1 there is none.
        upgradeInsecureRequests: null
      }
    },
    strictTransportSecurity: false
  })
  if (corsOrigin === undefined) return
  await app.register(cors, {
    origin: corsOrigin,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'If-Match', 'If-None-Match', 'Prefer', 'Range'],
    exposedHeaders: ['Location', 'ETag', 'Retry-After', 'Preference-Applied', 'Content-Range']
  })
})
