import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where something stands in a file. */
export interface Place {
  /** Absolute. */
  file: string
  line: number
  column: number
}

/** Who declared a route: a line of the app, or else a package that the app uses. */
export interface Caller {
  place?: Place
  packageName?: string
}

const OWN = fileURLToPath(new URL('..', import.meta.url))
const FRAME = /(?:^|[( ])((?:file:\/\/|\/|[A-Za-z]:[\\/]).*):(\d+):(\d+)\)?$/
// Above the message of a SyntaxError: its frames are those of Node.
const SYNTAX = /^((?:file:\/\/|\/|[A-Za-z]:[\\/]).*):(\d+)$/
const PACKAGE = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/
// They call everything.
const FRAMEWORK = new Set(['fastify', 'avvio', 'fastify-plugin'])
const DEPTH = 50

/** Who has called what calls this, as far as that is neither Fastify nor this package. */
export function callerFromHere (): Caller {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = DEPTH
  const { stack } = new Error()
  Error.stackTraceLimit = stackTraceLimit
  return callerIn(stack)
}

/** @param stack as V8 writes it: a line for each frame, `at name (file:line:column)` */
export function callerIn (stack: string | undefined): Caller {
  let packageName: string | undefined
  for (const frame of String(stack).split('\n')) {
    const place = placeOf(frame)
    if (place === undefined || place.file.startsWith(OWN)) continue
    const inside = PACKAGE.exec(place.file)?.[1].replace('\\', '/')
    if (inside === undefined) return { place }
    if (!FRAMEWORK.has(inside)) packageName ??= inside
  }
  return { packageName }
}

function placeOf (frame: string): Place | undefined {
  const found = FRAME.exec(frame.trim())
  if (found === null) return undefined
  const [, file, line, column] = found
  return { file: pathOf(file), line: Number(line), column: Number(column) }
}

function placeOfSyntax (stack: string | undefined): Place | undefined {
  const [, file, line] = SYNTAX.exec(String(stack).split('\n')[0]) ?? []
  return file === undefined ? callerIn(stack).place : { file: pathOf(file), line: Number(line), column: 1 }
}

function pathOf (file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file
}

/** As people and CI name it: from where the command runs, with slashes. */
export function shortFile (file: string): string {
  return relative(process.cwd(), file).replaceAll(sep, '/')
}

export function showPlace ({ file, line }: Place): string {
  return `${shortFile(file)}:${line}`
}

/** Where an error came from, if that was a line of the app. */
export function placeOfError (error: unknown): string | undefined {
  const { stack } = Object(error)
  const place = error instanceof SyntaxError ? placeOfSyntax(stack) : callerIn(stack).place
  return place === undefined ? undefined : showPlace(place)
}
