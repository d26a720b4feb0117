import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyServerOptions } from 'fastify'
import created, { documentCreation } from 'fastify-created'
import { handleClientError } from './client-error.js'
import { openDatabase } from './database.js'
import { handleError, handleFrameworkError, handleNotFound } from './errors.js'
import { Disk } from './files/disk.js'
import { fileRoutes } from './files/routes.js'
import { healthRoute } from './health.js'
import { importRoutes } from './imports/routes.js'
import { Vault } from './imports/vault.js'
import { jsonParser } from './json.js'
import { page } from './page.js'
import { postRoutes } from './posts/routes.js'
import { userRoutes } from './users/routes.js'
import { security } from './security.js'
import { compileValidator, describeInvalid } from './validation.js'

const CONNECTION_LIMIT = 1000
// A connection on which nothing moves for so long is closed, in milliseconds.
const SILENCE_LIMIT = 60_000
// A request that has not arrived as a whole after so long is cut off: time enough for 2 GiB on a slow line.
const ARRIVAL_LIMIT = 3_600_000
// The one style sheet that Swagger UI puts into its page itself, by its hash.
const SWAGGER_UI_STYLE = "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='"

export interface AppOptions {
  /** Where the files are, and the database where there is no `databaseUrl`. */
  dataDir: string
  /** A PostgreSQL URL, or `memory://` for a database that forgets. Default: PGlite in `dataDir`. */
  databaseUrl?: string
  /** The bearer token for writing posts. */
  apiToken: string
  /** An origin that browsers may call from, beside this server's own. Default: none. */
  corsOrigin?: string
  /** How many bytes an uploaded file may have. */
  uploadLimit: number
  logger?: FastifyServerOptions['logger']
}

export async function buildApp ({ dataDir, databaseUrl, apiToken, corsOrigin, uploadLimit, logger = false }: AppOptions) {
  const disk = await Disk.open(dataDir, uploadLimit)
  const vault = await Vault.open(dataDir)
  const { db, close } = await openDatabase(dataDir, databaseUrl)

  const app = Fastify({
    logger,
    frameworkErrors: handleFrameworkError,
    clientErrorHandler: handleClientError,
    connectionTimeout: SILENCE_LIMIT,
    requestTimeout: ARRIVAL_LIMIT,
    // An id that is much too long is no UUID either, and gets the same 400.
    routerOptions: { maxParamLength: 10_000 }
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.server.maxConnections = CONNECTION_LIMIT
  app.addHook('onClose', close)

  app.setErrorHandler(handleError)
  app.setNotFoundHandler(handleNotFound)
  app.setValidatorCompiler(compileValidator)
  app.setSchemaErrorFormatter(describeInvalid)
  // Fastify reads text/plain too, and only the schema would refuse it: 415 says better what is wrong.
  app.removeContentTypeParser(['text/plain', 'application/json'])
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, jsonParser(app))

  await app.register(created, {
    profile: 'strict',
    enforcement: 'throw',
    // RFC 9110 section 9.3.4 wants no validator in the answer to a PUT whose representation is not stored byte for
    // byte. But an editor saves again without reading again, and needs the new ETag for its next If-Match: here every
    // 200 and 201 carries it.
    rules: { 'put-validator': 'off' },
    prefer: true
  })
  await app.register(security, { corsOrigin })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Example of fastify-created', version: '1.0.0' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } }
    },
    transform: documentCreation()
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    transformStaticCSP: (policy) => policy.replace("style-src 'self'", `style-src 'self' ${SWAGGER_UI_STYLE}`)
  })

  await app.register(healthRoute, { db })
  await app.register(userRoutes, { db })
  await app.register(fileRoutes, { db, disk })
  await app.register(postRoutes, { db, apiToken })
  await app.register(importRoutes, { db, vault })
  await app.register(page)
  return app
}
