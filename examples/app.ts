import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyServerOptions } from 'fastify'
import fastifyCreated, { openapiTransform } from 'fastify-created'
import { handleClientError } from './client-error.js'
import { openDatabase } from './database.js'
import { handleError, handleFrameworkError, handleNotFound } from './errors.js'
import { Disk } from './files/disk.js'
import { fileRoutes } from './files/routes.js'
import { healthRoute } from './health.js'
import { Encryption } from './imports/encryption.js'
import { importRoutes } from './imports/routes.js'
import { jsonParser } from './json.js'
import { postRoutes } from './posts/routes.js'
import { security } from './security.js'
import { staticFiles } from './static-files.js'
import { userRoutes } from './users/routes.js'
import { compileValidator, formatSchemaError } from './validation.js'

const MAX_CONNECTIONS = 1000
// Milliseconds. A connection without any traffic for this long is closed.
const CONNECTION_TIMEOUT = 60_000
// Milliseconds. A request must arrive completely within this time: enough for 2 GiB on a slow connection.
const REQUEST_TIMEOUT = 3_600_000
// The hash of the one inline style sheet that Swagger UI adds to its page.
const SWAGGER_UI_STYLE = "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='"

export interface AppOptions {
  /** The directory of the uploaded files, and of the database if there is no `databaseUrl`. */
  dataDir: string
  /** A PostgreSQL URL, or `memory://` for a PGlite database in memory. Default: PGlite in `dataDir`. */
  databaseUrl?: string
  /** The bearer token for writing posts. */
  apiToken: string
  /** Another origin that browsers may call from. Default: none. */
  corsOrigin?: string
  /** The largest size of an uploaded file, in bytes. */
  uploadLimit: number
  logger?: FastifyServerOptions['logger']
}

export async function buildApp ({
  dataDir, databaseUrl, apiToken, corsOrigin, uploadLimit, logger = false
}: AppOptions) {
  const disk = await Disk.open(dataDir, uploadLimit)
  const encryption = await Encryption.open(dataDir)
  const { db, close } = await openDatabase(dataDir, databaseUrl)

  const app = Fastify({
    logger,
    frameworkErrors: handleFrameworkError,
    clientErrorHandler: handleClientError,
    connectionTimeout: CONNECTION_TIMEOUT,
    requestTimeout: REQUEST_TIMEOUT,
    // With the default of 100, the router answers 404 to a long id. The schema answers 400, as for any invalid UUID.
    routerOptions: { maxParamLength: 10_000 }
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.server.maxConnections = MAX_CONNECTIONS
  app.addHook('onClose', close)

  app.setErrorHandler(handleError)
  app.setNotFoundHandler(handleNotFound)
  app.setValidatorCompiler(compileValidator)
  app.setSchemaErrorFormatter(formatSchemaError)
  // Fastify parses text/plain by default. Without that parser the response is a clear 415 instead of a schema error.
  app.removeContentTypeParser(['text/plain', 'application/json'])
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, jsonParser(app))

  await app.register(fastifyCreated, { profile: 'strict', enforcement: 'throw', prefer: true })
  await app.register(security, { corsOrigin })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Example of fastify-created', version: '1.0.0' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } }
    },
    transform: openapiTransform()
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    transformStaticCSP: (policy) => policy.replace("style-src 'self'", `style-src 'self' ${SWAGGER_UI_STYLE}`)
  })

  await app.register(healthRoute, { db })
  await app.register(userRoutes, { db })
  await app.register(fileRoutes, { db, disk })
  await app.register(postRoutes, { db, apiToken })
  await app.register(importRoutes, { db, encryption })
  await app.register(staticFiles)
  return app
}
