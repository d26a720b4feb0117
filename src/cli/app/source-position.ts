import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface SourcePosition {
  /** An absolute path. */
  file: string
  line: number
  column: number
}

/** Who declared a route: a line of the app, or a package that the app uses. */
export interface Caller {
  position?: SourcePosition
  packageName?: string
}

const THIS_PACKAGE = fileURLToPath(new URL('../..', import.meta.url))
// The message of an error is in its stack, and may be of any length.
const LONGEST_FRAME = 5000
const STACK_FRAME = /(?:^|[( ])((?:file:\/\/|\/|[A-Za-z]:[\\/]).*):(\d+):(\d+)\)?$/
// The stack of a SyntaxError begins with the position. Its frames are those of Node.
const SYNTAX_ERROR = /^((?:file:\/\/|\/|[A-Za-z]:[\\/]).*):(\d+)$/
const PACKAGE = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/
// They are in every stack, between a route and the code that declares it.
const FRAMEWORK = new Set(['fastify', 'avvio', 'fastify-plugin'])
const STACK_DEPTH = 50

/** The nearest caller that is neither Fastify nor this package. */
export function findCaller (): Caller {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = STACK_DEPTH
  const { stack } = new Error()
  Error.stackTraceLimit = stackTraceLimit
  return callerInStack(stack)
}

/** @param stack in the format of V8: a line for each frame, `at name (file:line:column)` */
export function callerInStack (stack: string | undefined): Caller {
  let packageName: string | undefined
  for (const frame of String(stack).split('\n')) {
    const position = parseFrame(frame)
    if (position === undefined || position.file.startsWith(THIS_PACKAGE)) continue
    const name = PACKAGE.exec(position.file)?.[1].replace('\\', '/')
    if (name === undefined) return { position }
    if (!FRAMEWORK.has(name)) packageName ??= name
  }
  return { packageName }
}

function parseFrame (frame: string): SourcePosition | undefined {
  const match = STACK_FRAME.exec(frame.trim().slice(-LONGEST_FRAME))
  if (match === null) return undefined
  const [, file, line, column] = match
  return { file: toPath(file), line: Number(line), column: Number(column) }
}

function syntaxErrorPosition (stack: string | undefined): SourcePosition | undefined {
  const [, file, line] = SYNTAX_ERROR.exec(String(stack).split('\n')[0]) ?? []
  return file === undefined ? callerInStack(stack).position : { file: toPath(file), line: Number(line), column: 1 }
}

function toPath (file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file
}

/** From the working directory, with slashes: people and CI write it like that. */
export function relativePath (file: string): string {
  return relative(process.cwd(), file).replaceAll(sep, '/')
}

/** `src/app.js:12` */
export function formatPosition ({ file, line }: SourcePosition): string {
  return `${relativePath(file)}:${line}`
}

/** Where an error was thrown, if that was in a line of the app. */
export function errorPosition (error: unknown): string | undefined {
  const { stack } = Object(error)
  const position = error instanceof SyntaxError ? syntaxErrorPosition(stack) : callerInStack(stack).position
  return position === undefined ? undefined : formatPosition(position)
}
