/** Why the command could not run, as a sentence for the one who typed it. Exit status 2, no stack. */
export class CannotRun extends Error {
  override name = 'CannotRun'
}

/** The app has tried to end the process. */
export class Exited extends Error {
  override name = 'Exited'

  constructor (status: unknown) {
    super(`it called process.exit(${typeof status === 'number' ? status : ''})`)
  }
}

/** Of what an app threw, which may be anything: the message, and the line it came from. */
export function whatWasThrown (error: unknown, place?: string): string {
  const message = error instanceof Error ? error.message : String(error)
  return `${message.trim().replace(/\.$/, '')}${place === undefined ? '' : ` (${place})`}`
}
