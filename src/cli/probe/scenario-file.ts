import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { checkScenario } from '../../testing/scenario.js'
import { CommandError } from '../command-error.js'
import type { NamedScenario } from './probe-report.js'

export const SAMPLE_SCENARIO = `{
  "create": { "url": "/users", "payload": { "name": "ann-{{n}}" } },
  "update": { "method": "PUT", "payload": { "name": "eve-{{n}}" } },
  "remove": true
}`

/** What messages propose if there is no scenario. */
export const SCENARIO_FIX = `--scenario users.json, a file such as\n${SAMPLE_SCENARIO}`

/** Reads one scenario, or a list of them. @throws CommandError */
export function readScenarios (file: string): NamedScenario[] {
  const json = parse(read(file), file)
  const scenarios = Array.isArray(json) ? json : [json]
  if (scenarios.length === 0) {
    const required = 'one scenario, or a list of scenarios'
    throw new CommandError({ failed: `Cannot use ${file}.`, found: 'an empty list', required, fix: SAMPLE_SCENARIO })
  }
  return scenarios.map((scenario, index) => {
    try {
      checkScenario(scenario)
    } catch (error) {
      const where = scenarios.length > 1 ? `${file}, scenario ${index + 1}` : file
      // The message has all parts already.
      throw new CommandError(`${where}: ${(error as Error).message}`)
    }
    const { create: { method = 'POST', url } } = scenario
    return { name: `${method} ${String(url)}`, position: { file: resolve(file), line: 1, column: 1 }, scenario }
  })
}

function read (file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const isMissing = code === 'ENOENT'
    throw new CommandError({
      failed: `Cannot ${isMissing ? 'find' : 'read'} ${file}.`,
      found: isMissing ? `no file at ${resolve(file)}` : message,
      required: 'a JSON file that says what to send',
      fix: '--scenario users.json'
    })
  }
}

function parse (text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const { message } = error as SyntaxError
    throw new CommandError({ failed: `Cannot parse ${file}.`, found: message, required: 'JSON', fix: SAMPLE_SCENARIO })
  }
}
