import type { CheckResult, Scenario } from '../../testing/index.js'
import type { LintFinding } from '../lint/lint-report.js'
import type { Place } from '../app/place.js'

/** What is tried, and where it comes from. */
export interface NamedScenario {
  /** `POST /users` */
  name: string
  /** The route that creates, or the file of the scenario. */
  place?: Place
  scenario: Scenario
}

/** What came of one scenario. */
export interface ProbedScenario {
  name: string
  place?: Place
  checks: CheckResult[]
}

export interface ProbeReport {
  command: 'probe'
  target: string
  notes: string[]
  /** Why the app does not boot, so that nothing could be tried. */
  findings: LintFinding[]
  scenarios: ProbedScenario[]
}
