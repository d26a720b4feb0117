import type { MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { Problem } from '../errors.js'
import type { Disk } from './disk.js'

export interface Upload {
  filename: string
  content_type: string
  size: number
  sha256: string
}

const FILENAME = /^\P{Cc}{1,255}$/u
// RFC 6838 section 4.2
const MEDIA_TYPE = /^[a-z0-9][\w!#$&^.+-]{0,126}\/[a-z0-9][\w!#$&^.+-]{0,126}$/

/** Reads the whole form, and writes its file to the disk. */
export async function readForm (request: FastifyRequest, disk: Disk, id: string): Promise<Upload> {
  if (!request.isMultipart()) {
    throw new Problem(415, "Send a form: multipart/form-data, with one file in the field 'file'.")
  }
  let upload: Upload | undefined
  try {
    for await (const part of request.parts()) {
      if (part.type === 'field' || part.fieldname !== 'file') throw unknownField(part)
      if (upload !== undefined) throw new Problem(400, "The form has a second file in the field 'file'. Send only one.")
      upload = { ...readPartHeaders(part), ...await disk.write(id, part.file) }
    }
  } catch (error) {
    discardBody(request)
    throw isInvalidForm(error) ? new Problem(400, 'The form is malformed or incomplete.') : error
  }
  if (upload === undefined) throw new Problem(400, "The form has no file. Send one in the field 'file'.")
  return upload
}

function unknownField ({ fieldname = '' }: { fieldname?: string }): Problem {
  const name = fieldname.length > 50 ? `${fieldname.slice(0, 50)}…` : fieldname
  return new Problem(400, `The form has the unknown field '${name}'. Send one file, in the field 'file'.`)
}

function readPartHeaders ({ filename, mimetype }: MultipartFile) {
  if (!filename) throw new Problem(400, "The form has no file: its field 'file' has no file name.")
  // Browsers encode a quote in a file name as %22.
  const name = filename.replaceAll('%22', '"')
  if (!FILENAME.test(name)) {
    throw new Problem(400, 'The file name must have at most 255 characters, and no control characters.')
  }
  if (!MEDIA_TYPE.test(mimetype)) {
    throw new Problem(400, 'The content type of the file must be a media type such as image/png.')
  }
  return { filename: name, content_type: mimetype }
}

/**
 * Errors of @fastify/multipart have a status, those of its parser are plain errors without a code, and ECONNRESET means
 * that the client closed the connection.
 */
function isInvalidForm (error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof Problem) return false
  const { code } = error as NodeJS.ErrnoException
  return 'statusCode' in error || code === 'ECONNRESET' || (code === undefined && error.constructor === Error)
}

/** Many clients read the response only after they have sent the whole body. */
function discardBody ({ raw }: FastifyRequest): void {
  raw.unpipe()
  raw.resume()
}
