import { parseArgs } from 'node:util'
import type { Profile } from '../rules/exchange.js'
import { CannotRun } from './failure.js'
import { nearest } from './nearest.js'

export const FORMATS = ['text', 'json', 'sarif', 'junit'] as const
export type Format = typeof FORMATS[number]

/** What was typed. */
export type Command =
  | { command: 'help', about?: 'lint' | 'probe' }
  | { command: 'version' }
  | { command: 'lint', file: string } & Common
  | ProbeCommand

export type ProbeCommand = { command: 'probe', target: string, scenario?: string, headers: Record<string, string>, allowWrites: boolean, allowRemote: boolean } & Common

interface Common { format: Format, profile: Profile, timeout: number }

type OptionTypes = Record<string, { type: 'string' | 'boolean', short?: string, multiple?: boolean }>

const ANYWHERE: OptionTypes = { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } }
const COMMON: OptionTypes = { format: { type: 'string' }, profile: { type: 'string' }, timeout: { type: 'string' } }
const PROBE: OptionTypes = {
  scenario: { type: 'string' },
  header: { type: 'string', multiple: true },
  'allow-writes': { type: 'boolean' },
  'allow-remote': { type: 'boolean' }
}
const OPTIONS: Record<string, OptionTypes> = { lint: { ...ANYWHERE, ...COMMON }, probe: { ...ANYWHERE, ...COMMON, ...PROBE } }
const PATIENCE = '30'

/** @throws CannotRun with a hint */
export function readArguments (argv: readonly string[]): Command {
  const [command] = argv
  if (command === undefined) throw new CannotRun('Say what to do: lint or probe. npx fastify-created --help shows how.')
  if (command !== 'lint' && command !== 'probe') return withoutCommand(command, argv)

  const { values, positionals } = parse(argv.slice(1), OPTIONS[command], command)
  if (values.help === true) return { command: 'help', about: command }
  if (values.version === true) return { command: 'version' }
  const target = onlyTarget(positionals, command)
  const common: Common = {
    format: oneOf('format', FORMATS, values.format ?? 'text'),
    profile: oneOf('profile', ['recommended', 'strict'], values.profile ?? 'recommended'),
    timeout: seconds(values.timeout ?? PATIENCE)
  }
  if (command === 'lint') return { command, file: target, ...common }
  const { scenario, header = [] } = values as { scenario?: string, header?: string[] }
  return { command, target, scenario, headers: headersIn(header), allowWrites: values['allow-writes'] === true, allowRemote: values['allow-remote'] === true, ...common }
}

function withoutCommand (first: string, argv: readonly string[]): Command {
  if (!first.startsWith('-')) throw new CannotRun(`There is no command ${first}: ${nearest(first, ['lint', 'probe']) ?? 'say lint or probe.'} npx fastify-created --help shows how.`)
  const { values } = parse(argv, ANYWHERE)
  return values.help === true ? { command: 'help' } : { command: 'version' }
}

/** `parseArgs` in its strict form knows no hints. */
function parse (args: readonly string[], options: OptionTypes, command?: string): { values: Record<string, unknown>, positionals: string[] } {
  const { values, positionals, tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const { name, rawName, value } = token
    const type = Object.hasOwn(options, name) ? options[name].type : undefined
    if (type === undefined) throw new CannotRun(`Unknown option ${rawName}: ${nearest(rawName, Object.keys(options).map((name) => `--${name}`)) ?? `npx fastify-created ${command === undefined ? '' : `${command} `}--help shows all of them`}`)
    if (type === 'string' && value === undefined) throw new CannotRun(`The option ${rawName} needs a value.`)
    if (type === 'boolean' && value !== undefined) throw new CannotRun(`The option ${rawName} takes no value, instead got "${value}".`)
  }
  return { values, positionals }
}

function onlyTarget (positionals: readonly string[], command: 'lint' | 'probe'): string {
  const [target, ...others] = positionals
  const sample = command === 'lint' ? 'app.js' : 'app.js --allow-writes'
  if (target === undefined) throw new CannotRun(`Say what to ${command}: npx fastify-created ${command} ${sample}`)
  if (others.length > 0) throw new CannotRun(`One at a time: ${command} takes one file${command === 'probe' ? ' or URL' : ''}, instead got ${positionals.join(' and ')}.`)
  return target
}

function oneOf<T extends string> (name: string, allowed: readonly T[], value: unknown): T {
  const found = allowed.find((other) => other === value)
  if (found === undefined) throw new CannotRun(`--${name} is one of ${allowed.join(', ')}, instead got "${value}".`)
  return found
}

function seconds (value: unknown): number {
  const number = Number(value)
  if (!(number > 0 && number <= 3600)) throw new CannotRun(`--timeout is a number of seconds up to 3600, instead got "${value}".`)
  return number
}

function headersIn (lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(lines.map((line) => {
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):\s*(.*)$/.exec(line) ?? []
    if (name === undefined) throw new CannotRun(`--header is a name and a value, such as --header 'authorization: Bearer …', instead got "${line}".`)
    return [name.toLowerCase(), value]
  }))
}
