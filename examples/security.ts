import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { Problem } from './errors.js'

// Fetch standard, CORS-safelisted request-header: what a browser sends to another origin without asking there first.
const UNASKED = /^(?:multipart\/form-data|application\/x-www-form-urlencoded|text\/plain)\b/i

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
  // Any page that a visitor opens could upload files in their name.
  app.addHook('onRequest', async (request) => {
    const { 'content-type': type = '', origin } = request.headers
    if (!UNASKED.test(type) || isFromOwnPage(request) || (corsOrigin !== undefined && origin === corsOrigin)) return
    throw new Problem(403, 'Pages of other origins may send no forms here.')
  })
  if (corsOrigin === undefined) return
  await app.register(cors, {
    origin: corsOrigin,
    // An OPTIONS that is no preflight asks what there is: that is no error.
    strictPreflight: false,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'If-Match', 'If-None-Match', 'Prefer', 'Range', 'If-Range'],
    exposedHeaders: ['Location', 'ETag', 'Retry-After', 'Preference-Applied', 'Accept-Ranges', 'Content-Range', 'Content-Disposition']
  })
})

/** Or from no page at all: what sends neither header is no browser. */
function isFromOwnPage ({ headers: { host, origin = '', 'sec-fetch-site': site } }: FastifyRequest): boolean {
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  // To an address without HTTPS that is not localhost browsers send no Sec-Fetch-Site.
  return ['', `http://${host}`, `https://${host}`].includes(origin)
}
