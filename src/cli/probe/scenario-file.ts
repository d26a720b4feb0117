import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { checkScenario } from '../../testing/scenario.js'
import { CannotRun } from '../failure.js'
import type { NamedScenario } from './probe-report.js'

/** What a scenario file can look like. */
export const SAMPLE = `{
  "create": { "url": "/users", "payload": { "name": "ann-{{n}}" } },
  "update": { "method": "PUT", "payload": { "name": "eve-{{n}}" } },
  "remove": true
}`

/** One scenario, or a list of them. @throws CannotRun */
export function readScenarios (file: string): NamedScenario[] {
  const given = parse(read(file), file)
  const scenarios = Array.isArray(given) ? given : [given]
  if (scenarios.length === 0) throw new CannotRun(`${file} is an empty list: it must have a scenario, such as\n${SAMPLE}`)
  return scenarios.map((scenario, index) => {
    try {
      checkScenario(scenario)
    } catch (error) {
      throw new CannotRun(`${file}${scenarios.length > 1 ? `, number ${index + 1}` : ''}: ${(error as Error).message}`)
    }
    const { create: { method = 'POST', url } } = scenario
    return { name: `${method} ${String(url)}`, place: { file: resolve(file), line: 1, column: 1 }, scenario }
  })
}

function read (file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new CannotRun(code === 'ENOENT' ? `There is no file ${file}.` : `${file} cannot be read: ${message}.`)
  }
}

function parse (text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CannotRun(`${file} is no JSON: ${(error as Error).message}.`)
  }
}
