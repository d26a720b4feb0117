import multipart from '@fastify/multipart'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { resource } from 'fastify-created'
import type { Database } from '../database.js'
import { noContentResponse, notFound, problemResponses } from '../errors.js'
import { PageQuerySchema, pageSchema } from '../pagination.js'
import type { Disk } from './disk.js'
import { downloadRoute } from './download.js'
import { FileParamsSchema, FileSchema, UploadFormSchema, type File } from './schemas.js'
import { cleanUp, removeFile, storeFile } from './storage.js'
import { findFile, listFiles, type FileRow } from './store.js'
import { readForm } from './upload.js'

const fileResource = resource<File>({ etag: (file) => file.sha256 })

export const fileRoutes: FastifyPluginAsyncTypebox<{ db: Database, disk: Disk }> = async (app, { db, disk }) => {
  await cleanUp(db, disk)

  // These routes accept forms only, and no other route does: all other content types are 415.
  app.removeAllContentTypeParsers()
  // The limit of @fastify/multipart would truncate the file without an error, so `Disk` counts the bytes.
  await app.register(multipart, { limits: { fileSize: Infinity } })

  app.post('/files', {
    schema: {
      summary: 'Upload a file',
      tags: ['files'],
      body: UploadFormSchema,
      response: { 201: FileSchema, ...problemResponses }
    },
    config: { resource: fileResource },
    // The schema is only for the OpenAPI document. The handler reads the form as a stream.
    validatorCompiler: () => () => true
  }, async (request, reply) => {
    const file = await storeFile(db, disk, (id) => readForm(request, disk, id))
    return reply.created(toFile(file))
  })

  app.get('/files', {
    schema: {
      summary: 'List files',
      tags: ['files'],
      querystring: PageQuerySchema,
      response: { 200: pageSchema(FileSchema), ...problemResponses }
    }
  }, async (request, reply) => {
    const { items, next } = await listFiles(db, request.query)
    return reply.ok({ items: items.map(toFile), next })
  })

  app.get('/files/:file_id', {
    schema: {
      operationId: 'readFile',
      summary: 'Read the metadata of a file',
      tags: ['files'],
      params: FileParamsSchema,
      response: { 200: FileSchema, ...problemResponses }
    },
    config: { resource: fileResource }
  }, async (request, reply) => reply.ok(toFile(await findFile(db, request.params.file_id) ?? notFound())))

  app.delete('/files/:file_id', {
    schema: {
      summary: 'Delete a file',
      tags: ['files'],
      params: FileParamsSchema,
      response: { ...noContentResponse, ...problemResponses }
    },
    config: { resource: fileResource }
  }, async (request, reply) => {
    const file = await findFile(db, request.params.file_id) ?? notFound()
    request.assertPreconditions(toFile(file))
    if (await removeFile(db, disk, file) === undefined) throw request.lostUpdate()
    return reply.noContent()
  })

  await app.register(downloadRoute, { db, disk })
}

function toFile (row: FileRow): File {
  return { ...row, download_url: `/files/${row.file_id}/download` }
}
