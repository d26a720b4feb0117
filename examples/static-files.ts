import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsync } from 'fastify'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The web page in `web/`, and the built `fastify-created/client` that it imports. */
export const staticFiles: FastifyPluginAsync = async (app) => {
  await app.register(fastifyStatic, {
    root: new URL('web', import.meta.url),
    globIgnore: ['tsconfig.json'],
    // One route for each file. A wildcard route would match every GET, and a wrong Location could not be detected.
    wildcard: false,
    // The file names have no hash, and the files depend on each other: browsers must revalidate them each time.
    cacheControl: false,
    setHeaders: (reply) => { reply.header('cache-control', 'no-cache') }
  })

  const client = fileURLToPath(import.meta.resolve('fastify-created/client'))
  app.get('/client.js', { schema: { hide: true } },
    (_request, reply) => reply.sendFile(basename(client), dirname(client)))
  // Browsers request this path when they show JSON, because JSON cannot name an icon.
  app.get('/favicon.ico', { schema: { hide: true } }, (_request, reply) => reply.sendFile('favicon.svg'))
}
