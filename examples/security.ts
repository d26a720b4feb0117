import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { Problem } from './errors.js'

// Browsers send these content types to other origins without a preflight (Fetch standard, CORS-safelisted headers).
const TYPE_WITHOUT_PREFLIGHT = /^(?:multipart\/form-data|application\/x-www-form-urlencoded|text\/plain)\b/i

/** Security headers, CORS, and protection against cross-site form posts. */
export const security = fp<{ corsOrigin?: string }>(async (app, { corsOrigin }) => {
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'"],
        fontSrc: ["'self'"],
        // This server speaks HTTP. If a proxy in front adds HTTPS, the proxy should set these headers.
        upgradeInsecureRequests: null
      }
    },
    strictTransportSecurity: false
  })
  // Without this, any web page could upload files from the browsers of its visitors.
  app.addHook('onRequest', async (request) => {
    const { 'content-type': type = '', origin } = request.headers
    if (!TYPE_WITHOUT_PREFLIGHT.test(type) || isSameOrigin(request)) return
    if (corsOrigin !== undefined && origin === corsOrigin) return
    throw new Problem(403, 'Forms from pages of other origins are rejected.')
  })
  if (corsOrigin === undefined) return
  await app.register(cors, {
    origin: corsOrigin,
    // An OPTIONS request that is not a preflight is not an error.
    strictPreflight: false,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'If-Match', 'If-None-Match', 'Prefer', 'Range', 'If-Range'],
    exposedHeaders: [
      'Location', 'ETag', 'Retry-After', 'Preference-Applied', 'Accept-Ranges', 'Content-Range', 'Content-Disposition'
    ]
  })
})

/** Also true for clients other than browsers, which send neither of these headers. */
function isSameOrigin ({ headers: { host, origin = '', 'sec-fetch-site': site } }: FastifyRequest): boolean {
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  // Browsers send Sec-Fetch-Site only over HTTPS and to localhost.
  return ['', `http://${host}`, `https://${host}`].includes(origin)
}
