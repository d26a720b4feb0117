import type { Profile } from '../../rules/rule.js'
import { checkCreation, type Target } from '../../testing/index.js'
import { withApp, type LoadedApp } from '../app/with-app.js'
import { CommandError } from '../command-error.js'
import { analyzeRoutes } from '../lint/analyze-routes.js'
import { lintRoutes } from '../lint/lint.js'
import { deriveScenarios } from './derive-scenarios.js'
import type { NamedScenario, ProbedScenario, ProbeReport } from './probe-report.js'
import type { MissingExample } from './route-examples.js'
import { SCENARIO_FIX } from './scenario-file.js'
import { isUrl } from './target-url.js'

export interface ProbeTask {
  command: 'probe'
  /** A file, or a base URL. */
  target: string
  profile: Profile
  /** Seconds for loading the app, and for closing it. */
  timeout: number
  /** Sent with every request. */
  headers: Record<string, string>
  /** Required for a URL. Otherwise they can be derived from the app. */
  scenarios?: NamedScenario[]
}

/** Runs the checks of the test kit on an app or a server, which writes data there. @throws CommandError */
export async function probe (task: ProbeTask, progress: (text: string) => void): Promise<ProbeReport> {
  const { target, timeout } = task
  if (isUrl(target)) {
    const scenarios = await runScenarios(target, task.scenarios!, task, progress)
    return { command: 'probe', target, notes: [], findings: [], scenarios }
  }
  const { result, notes } = await withApp({ file: target, timeout, logLevel: 'error' }, async (loaded) => {
    const findings = bootFindings(loaded, task)
    if (findings.length > 0) return { findings, scenarios: [] }
    const scenarios = task.scenarios ?? scenariosOf(loaded, task)
    return { findings, scenarios: await runScenarios(loaded.app.instance, scenarios, task, progress) }
  })
  return { command: 'probe', target, notes, ...result }
}

/** Why the app does not boot. */
function bootFindings (loaded: LoadedApp, { profile }: ProbeTask): ProbeReport['findings'] {
  const { bootViolation } = loaded
  if (bootViolation === undefined) return []
  return lintRoutes(loaded, profile).findings.filter(({ rule }) => rule === bootViolation.rule)
}

function scenariosOf ({ app }: LoadedApp, { profile }: ProbeTask): NamedScenario[] {
  const { scenarios, missing } = deriveScenarios(analyzeRoutes(app, profile, true), profile)
  if (missing.length > 0) throw missingExamples(missing)
  if (scenarios.length > 0) return scenarios
  throw new CommandError({
    failed: "probe doesn't know what to send.",
    found: 'no POST route with a resource that has a canonical route',
    required: 'config.resource on a POST route and on its GET route, or a JSON file that says what to send',
    fix: SCENARIO_FIX
  })
}

function missingExamples (missing: readonly MissingExample[]): CommandError {
  return new CommandError({
    failed: "probe doesn't know what to send.",
    found: missing.map(({ found }) => found).join('\n'),
    required: 'an example in each of these schemas, or a JSON file that says what to send: --scenario users.json',
    fix: [...new Set(missing.map(({ fix }) => fix))].join('\n')
  })
}

async function runScenarios (
  target: Target, scenarios: readonly NamedScenario[], { headers, profile }: ProbeTask, progress: (text: string) => void
): Promise<ProbedScenario[]> {
  const probed: ProbedScenario[] = []
  for (const { name, position, scenario } of scenarios) {
    progress(`${name} …`)
    const defaults = profile === 'strict' ? { precondition: 'required' as const } : {}
    const allHeaders = { ...scenario.headers, ...headers }
    const { checks } = await runChecks(target, { ...defaults, ...scenario, headers: allHeaders })
    probed.push({ name, position, checks })
  }
  return probed
}

async function runChecks (target: Target, scenario: NamedScenario['scenario']): ReturnType<typeof checkCreation> {
  try {
    return await checkCreation(target, scenario)
  } catch (error) {
    // The first request got no response.
    throw new CommandError((error as Error).message)
  }
}
