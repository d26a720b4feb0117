import { checkCreation, type Target } from '../../testing/index.js'
import { deriveScenarios } from './derive.js'
import { CannotRun } from '../failure.js'
import { refusalFinding } from '../lint/findings.js'
import { judge } from '../lint/judge.js'
import { withApp, type OpenApp } from '../app/open.js'
import { linted } from '../lint/parts.js'
import type { NamedScenario, ProbedScenario, ProbeReport } from './probe-report.js'
import { SAMPLE } from './scenario-file.js'
import type { ProbeTask, Progress } from '../app/task.js'

/** Follows the promise of a 201 on an app or a server. It writes there. @throws CannotRun */
export async function probe (task: ProbeTask, progress: Progress): Promise<ProbeReport> {
  const { target, timeout, profile } = task
  if (isUrl(target)) return { command: 'probe', target, notes: [], findings: [], scenarios: await probeAll(target, task.scenarios!, task, progress) }

  const { result, notes } = await withApp({ file: target, patience: timeout, logLevel: 'error' }, async (open) => {
    const findings = refusalsOf(open, task)
    if (findings.length > 0) return { findings, scenarios: [] }
    const scenarios = task.scenarios ?? derived(open, profile)
    return { findings, scenarios: await probeAll(open.app.instance, scenarios, task, progress) }
  })
  return { command: 'probe', target, notes, ...result }
}

export function isUrl (target: string): boolean {
  return /^[a-z][a-z\d+.-]*:\/\//i.test(target)
}

function refusalsOf ({ app, refusal }: OpenApp, { profile }: ProbeTask): ProbeReport['findings'] {
  if (refusal === undefined) return []
  return [refusalFinding(refusal, judge(app, profile, false).map((route) => linted(route)))]
}

function derived ({ app }: OpenApp, profile: ProbeTask['profile']): NamedScenario[] {
  const { scenarios, missing } = deriveScenarios(judge(app, profile, true), profile)
  if (missing.length > 0) throw new CannotRun(`What to send cannot be told. Mend this, or say it all with --scenario:\n- ${missing.join('\n- ')}`)
  if (scenarios.length > 0) return scenarios
  throw new CannotRun(`No POST route of the app has a resource, so what to send cannot be told. Give it with --scenario, a file such as\n${SAMPLE}`)
}

async function probeAll (target: Target, scenarios: readonly NamedScenario[], { headers, profile }: ProbeTask, progress: Progress): Promise<ProbedScenario[]> {
  const probed: ProbedScenario[] = []
  for (const { name, place, scenario } of scenarios) {
    progress(`${name} …`)
    const precondition = scenario.precondition ?? (profile === 'strict' ? 'required' : undefined)
    const { checks } = await checked(target, { ...scenario, headers: { ...scenario.headers, ...headers }, ...(precondition && { precondition }) })
    probed.push({ name, place, checks })
  }
  return probed
}

async function checked (target: Target, scenario: NamedScenario['scenario']): ReturnType<typeof checkCreation> {
  try {
    return await checkCreation(target, scenario)
  } catch (error) {
    throw unanswered(target, error as Error)
  }
}

function unanswered (target: Target, { message, cause }: Error): CannotRun {
  if (Object(cause).code === 'ECONNREFUSED') return new CannotRun(`Nobody is listening at ${String(target)}. Start the server first.`)
  return new CannotRun(`The probe stopped: ${message}.`)
}
