/** What a message of the command consists of. */
export interface MessageParts {
  /** What failed, as a sentence. */
  failed: string
  /** What was found. */
  found: string
  /** What is required. */
  required: string
  /** How to fix it: mostly a line of code, or of the shell. */
  fix: string
}

/** The command could not run. It prints the message without a stack, and ends with exit status 2. */
export class CommandError extends Error {
  override name = 'CommandError'

  /** @param message a string is shown as it is: the process of the app sends messages that are complete already */
  constructor (message: MessageParts | string) {
    super(typeof message === 'string' ? message : formatBlock(message))
  }
}

/** For a terminal: four lines. */
function formatBlock ({ failed, found, required, fix }: MessageParts): string {
  return [failed, formatPart('Found', found), formatPart('Required', required), formatPart('Fix', fix)].join('\n')
}

function formatPart (label: string, text: string): string {
  return `  ${`${label}:`.padEnd(10)}${text.replaceAll('\n', `\n${' '.repeat(12)}`)}`
}

/** For notes and logs: one line. */
export function formatLine ({ failed, found, required, fix }: MessageParts): string {
  return `${failed} Found: ${found}. Required: ${required}. Fix: ${fix}`
}
