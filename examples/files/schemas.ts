import { Type, type Static } from '@fastify/type-provider-typebox'
import { createSelectSchema } from 'drizzle-typebox'
import type { Readable } from 'node:stream'
import { files } from '../tables.js'
import { IdSchema, TimestampSchema } from '../validation.js'

const row = createSelectSchema(files, { created_at: TimestampSchema })

/** A file as clients see it. */
export const FileSchema = Type.Composite([row, Type.Object({ download_url: Type.String() })])

export type File = Static<typeof FileSchema>

export const FileParamsSchema = Type.Object({ file_id: IdSchema })

/** Only for the OpenAPI document: the upload is read as a stream, not validated by a schema. */
export const UploadFormSchema = {
  content: {
    'multipart/form-data': {
      schema: Type.Object({ file: Type.Unsafe({ type: 'string', format: 'binary' }) }, { additionalProperties: false })
    }
  }
}

export const BytesSchema = {
  description: 'The bytes of the file',
  content: {
    'application/octet-stream': { schema: Type.Unsafe<Readable>({ type: 'string', format: 'binary' }) }
  }
}
