import { parseArgs } from 'node:util'
import type { Profile } from '../rules/rule.js'
import { closestMatch } from './closest-match.js'
import { CommandError } from './command-error.js'
import { FORMATS, type Format } from './report/format-report.js'

/** The arguments of the command line, checked. */
export type Command =
  | { command: 'help', topic?: 'lint' | 'probe' }
  | { command: 'version' }
  | { command: 'lint', file: string } & CommonOptions
  | ProbeCommand

type ProbeCommand = {
  command: 'probe'
  /** A file or a URL. */
  target: string
  scenario?: string
  headers: Record<string, string>
  allowWrites: boolean
  allowRemote: boolean
} & CommonOptions

interface CommonOptions {
  format: Format
  profile: Profile
  /** In seconds. */
  timeout: number
}

interface Option {
  type: 'string' | 'boolean'
  short?: string
  multiple?: boolean
  /** What messages say of its value. */
  required?: string
  /** What messages propose to write. */
  example: string
}

const PROFILES = ['recommended', 'strict'] as const
const MAX_TIMEOUT = 3600

const GENERAL_OPTIONS = {
  help: { type: 'boolean', short: 'h', example: '--help' },
  version: { type: 'boolean', short: 'v', example: '--version' }
} as const satisfies Record<string, Option>
const LINT_OPTIONS = {
  ...GENERAL_OPTIONS,
  format: { type: 'string', required: listOf(FORMATS), example: '--format json' },
  profile: { type: 'string', required: listOf(PROFILES), example: '--profile strict' },
  timeout: { type: 'string', required: `a number of seconds, up to ${MAX_TIMEOUT}`, example: '--timeout 60' }
} as const satisfies Record<string, Option>
const PROBE_OPTIONS = {
  ...LINT_OPTIONS,
  scenario: { type: 'string', required: 'a JSON file', example: '--scenario users.json' },
  header: {
    type: 'string',
    multiple: true,
    required: 'a name, a colon and a value',
    example: "--header 'authorization: Bearer …'"
  },
  'allow-writes': { type: 'boolean', example: '--allow-writes' },
  'allow-remote': { type: 'boolean', example: '--allow-remote' }
} as const satisfies Record<string, Option>

const COMMANDS = {
  lint: {
    options: LINT_OPTIONS,
    target: 'one file that exports the app',
    usage: 'npx fastify-created lint app.js'
  },
  probe: {
    options: PROBE_OPTIONS,
    target: 'one file that exports the app, or one URL',
    usage: 'npx fastify-created probe app.js --allow-writes'
  }
}

/** @throws CommandError */
export function parseArguments (argv: readonly string[]): Command {
  const [command] = argv
  if (command === undefined) throw invalidCommand('The command is missing.', 'no arguments')
  if (command !== 'lint' && command !== 'probe') return parseWithoutCommand(command, argv)

  const { options } = COMMANDS[command]
  const { values, positionals } = parse(argv.slice(1), options, `npx fastify-created ${command} --help`)
  if (values.help === true) return { command: 'help', topic: command }
  if (values.version === true) return { command: 'version' }
  const target = onlyTarget(positionals, command)
  const common: CommonOptions = {
    format: parseChoice('format', FORMATS, values.format ?? 'text'),
    profile: parseChoice('profile', PROFILES, values.profile ?? 'recommended'),
    timeout: parseTimeout(values.timeout ?? '30')
  }
  if (command === 'lint') return { command, file: target, ...common }
  const { scenario, header = [] } = values as { scenario?: string, header?: string[] }
  return {
    command,
    target,
    scenario,
    headers: parseHeaders(header),
    allowWrites: values['allow-writes'] === true,
    allowRemote: values['allow-remote'] === true,
    ...common
  }
}

function parseWithoutCommand (first: string, argv: readonly string[]): Command {
  if (!first.startsWith('-')) throw invalidCommand('The command is unknown.', first)
  const { values } = parse(argv, GENERAL_OPTIONS, 'npx fastify-created --help')
  return values.help === true ? { command: 'help' } : { command: 'version' }
}

function invalidCommand (failed: string, found: string): CommandError {
  const command = closestMatch(found, Object.keys(COMMANDS)) as keyof typeof COMMANDS | undefined
  const fix = command === undefined ? 'npx fastify-created --help' : COMMANDS[command].usage
  return new CommandError({ failed, found, required: 'lint or probe', fix })
}

/** The strict mode of `parseArgs` would throw errors that neither list the known options nor propose one. */
function parse (
  args: readonly string[], options: Record<string, Option>, help: string
): { values: Record<string, unknown>, positionals: string[] } {
  const config = { args: [...args], options, strict: false, allowPositionals: true, tokens: true } as const
  const { values, positionals, tokens } = parseArgs(config)
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const { name, rawName, value } = token
    if (!Object.hasOwn(options, name)) throw unknownOption(rawName, Object.keys(options), help)
    const { type, required = '', example: fix } = options[name]
    if (type === 'string' && value === undefined) {
      throw new CommandError({ failed: `The option ${rawName} has no value.`, found: rawName, required, fix })
    }
    if (type === 'boolean' && value !== undefined) {
      const failed = `The option ${rawName} takes no value.`
      throw new CommandError({ failed, found: `${rawName}=${value}`, required: 'the option alone', fix })
    }
  }
  return { values, positionals }
}

function unknownOption (found: string, names: readonly string[], help: string): CommandError {
  const known = names.map((name) => `--${name}`)
  const fix = closestMatch(found, known) ?? help
  return new CommandError({ failed: 'The option is unknown.', found, required: listOf(known), fix })
}

function onlyTarget (positionals: readonly string[], command: keyof typeof COMMANDS): string {
  const [target, ...others] = positionals
  const { target: required, usage } = COMMANDS[command]
  if (target === undefined) {
    throw new CommandError({ failed: `${command} needs a target.`, found: 'no argument', required, fix: usage })
  }
  if (others.length === 0) return target
  const fix = `npx fastify-created ${command} ${target}`
  throw new CommandError({ failed: `${command} got too many arguments.`, found: positionals.join(', '), required, fix })
}

function parseChoice<T extends string> (name: 'format' | 'profile', allowed: readonly T[], value: unknown): T {
  const choice = allowed.find((other) => other === value)
  if (choice === undefined) throw invalidValue(name, value)
  return choice
}

function parseTimeout (value: unknown): number {
  const seconds = Number(value)
  if (!(seconds > 0 && seconds <= MAX_TIMEOUT)) throw invalidValue('timeout', value)
  return seconds
}

function parseHeaders (lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(lines.map((line) => {
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):(.*)$/.exec(line) ?? []
    if (name === undefined) throw invalidValue('header', line)
    return [name.toLowerCase(), value.trimStart()]
  }))
}

function invalidValue (name: 'format' | 'profile' | 'timeout' | 'header', value: unknown): CommandError {
  const { required, example } = PROBE_OPTIONS[name]
  return new CommandError({ failed: `The option --${name} is invalid.`, found: `"${value}"`, required, fix: example })
}

/** `a, b or c` */
function listOf (names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
}
