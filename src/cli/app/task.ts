import type { Profile } from '../../rules/exchange.js'
import type { LintReport } from '../lint/lint-report.js'
import type { NamedScenario, ProbeReport } from '../probe/probe-report.js'

/** What the command is to do, as it reaches the process that loads the app: plain JSON. */
export type Task = LintTask | ProbeTask

export interface LintTask {
  command: 'lint'
  file: string
  profile: Profile
  /** Seconds for each step of the app. */
  timeout: number
}

export interface ProbeTask {
  command: 'probe'
  /** A file, or a base URL. */
  target: string
  profile: Profile
  timeout: number
  /** From the command line, for all requests. */
  headers: Record<string, string>
  /** Where none are given, they are derived from the app. */
  scenarios?: NamedScenario[]
}

export type Report = LintReport | ProbeReport

/** Where it has got to. */
export type Progress = (text: string) => void
