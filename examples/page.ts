import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsync } from 'fastify'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The web page: plain files, and the client of this package as it is installed. */
export const page: FastifyPluginAsync = async (app) => {
  await app.register(fastifyStatic, {
    root: new URL('web', import.meta.url),
    globIgnore: ['tsconfig.json'],
    // A route per file. A catch-all would answer GET anywhere, and no Location could be found to lead nowhere.
    wildcard: false,
    // The files keep their names when they change, and have to fit each other: a browser asks each time.
    cacheControl: false,
    setHeaders: (reply) => { reply.header('cache-control', 'no-cache') }
  })

  const client = fileURLToPath(import.meta.resolve('fastify-created/client'))
  app.get('/client.js', { schema: { hide: true } }, (_request, reply) => reply.sendFile(basename(client), dirname(client)))
  // Who follows a Location sees JSON, which names no icon: browsers ask for this one then.
  app.get('/favicon.ico', { schema: { hide: true } }, (_request, reply) => reply.sendFile('favicon.svg'))
}
