import type { CheckResult, Scenario } from '../../testing/index.js'
import type { SourcePosition } from '../app/source-position.js'
import type { LintFinding } from '../lint/lint-report.js'

export interface NamedScenario {
  /** `POST /users` */
  name: string
  /** That of the route that creates, or of the scenario file. */
  position?: SourcePosition
  scenario: Scenario
}

/** The results of one scenario. */
export interface ProbedScenario {
  name: string
  position?: SourcePosition
  checks: CheckResult[]
}

export interface ProbeReport {
  command: 'probe'
  target: string
  notes: string[]
  /** Why the app does not boot. Then no scenario has run. */
  findings: LintFinding[]
  scenarios: ProbedScenario[]
}
