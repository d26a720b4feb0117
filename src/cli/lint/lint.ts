import { ruleFindings, unseenFindings, withRefusal } from './findings.js'
import { judge } from './judge.js'
import type { LintReport } from './lint-report.js'
import { withApp, type OpenApp } from '../app/open.js'
import { linted } from './parts.js'
import type { Refusal } from '../app/refusal.js'
import type { LintTask } from '../app/task.js'

/** Boots an app, and looks at its routes. @throws CannotRun */
export async function lint (task: LintTask): Promise<LintReport> {
  const { file, timeout } = task
  const { result, notes } = await withApp({ file, patience: timeout, logLevel: 'silent' }, async (open) => look(open, task))
  return { ...result, notes: [...notes, ...result.notes] }
}

function look ({ app, refusal }: OpenApp, { file, profile }: LintTask): LintReport {
  const isComplete = refusal === undefined || isOfPairing(refusal)
  const judged = judge(app, profile, isComplete)
  const routes = judged.map((route) => linted(route))
  const isRegistered = refusal !== undefined || judged.some(({ isSeen, observed }) => isSeen || observed.scope.hasPlugin('fastify-created'))
  const found = judged.flatMap((route, index) => [
    ...ruleFindings(route, routes[index]),
    ...unseenFindings(route, routes[index], profile, isRegistered)
  ])
  const findings = refusal === undefined ? found : withRefusal(refusal, found, routes)
  return { command: 'lint', target: file, profile, fastify: app.instance.version, notes: notesOn(isComplete, routes.length), routes, findings }
}

/** It is made last, when all routes are there. */
function isOfPairing ({ rule }: Refusal): boolean {
  return rule === 'resource-home' || rule === 'resource-params'
}

function notesOn (isComplete: boolean, routes: number): string[] {
  if (!isComplete) return ['The boot stopped before all routes were declared: mend that first, then lint again.']
  return routes === 0 ? ['The app has no routes.'] : []
}
