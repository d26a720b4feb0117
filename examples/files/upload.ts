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

const NAME = /^\P{Cc}{1,255}$/u
// RFC 6838 section 4.2
const MEDIA_TYPE = /^[a-z0-9][\w!#$&^.+-]{0,126}\/[a-z0-9][\w!#$&^.+-]{0,126}$/

/** Reads the whole form, and writes its one file to the disk. */
export async function readForm (request: FastifyRequest, disk: Disk, id: string): Promise<Upload> {
  if (!request.isMultipart()) throw new Problem(415, "Send a form: multipart/form-data, with one file in the field 'file'.")
  let upload: Upload | undefined
  try {
    for await (const part of request.parts()) {
      if (part.type === 'field' || part.fieldname !== 'file') throw new Problem(400, `The form has the unknown field ${nameOf(part)}: send one file, in the field 'file'.`)
      if (upload !== undefined) throw new Problem(400, "The form has a second file in the field 'file': send one.")
      upload = { ...describe(part), ...await disk.write(id, part.file) }
    }
  } catch (error) {
    discardRest(request)
    throw isBrokenForm(error) ? new Problem(400, 'The form is broken or unfinished.') : error
  }
  if (upload === undefined) throw new Problem(400, "The form has no file: send one, in the field 'file'.")
  return upload
}

function nameOf ({ fieldname = '' }: { fieldname?: string }): string {
  return fieldname.length > 50 ? `'${fieldname.slice(0, 50)}…'` : `'${fieldname}'`
}

function describe ({ filename, mimetype }: MultipartFile) {
  if (!filename) throw new Problem(400, "The field 'file' has no file: it comes without a file name.")
  // Browsers write a quote in a file name as %22.
  const name = filename.replaceAll('%22', '"')
  if (!NAME.test(name)) throw new Problem(400, 'The file name must have at most 255 characters, and no control characters.')
  if (!MEDIA_TYPE.test(mimetype)) throw new Problem(400, 'The content type of the file must be a media type such as image/png.')
  return { filename: name, content_type: mimetype }
}

/** The errors of the form's parser are plain ones without a code, the plugin's own have a status, and a client may hang up. */
function isBrokenForm (error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof Problem) return false
  const { code } = error as NodeJS.ErrnoException
  return 'statusCode' in error || code === 'ECONNRESET' || (code === undefined && error.constructor === Error)
}

/** The client may still be sending, and reads the answer only when it has sent all. */
function discardRest ({ raw }: FastifyRequest): void {
  raw.unpipe()
  raw.resume()
}
