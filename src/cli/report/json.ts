import { checkById, showExchange } from '../../testing/bug-report.js'
import type { CheckResult } from '../../testing/index.js'
import type { LintedRoute, LintFinding, LintReport } from '../lint/lint-report.js'
import { shortFile, type Place } from '../app/place.js'
import type { ProbeReport } from '../probe/probe-report.js'
import type { Report } from '../app/task.js'
import { isClean } from './clean.js'

/** Raised where what is there already changes its meaning. */
const FORMAT_VERSION = 1

export function asJson (report: Report): string {
  const shape = report.command === 'lint' ? lintShape(report) : probeShape(report)
  const { command, target, notes } = report
  return `${JSON.stringify({ formatVersion: FORMAT_VERSION, command, target, clean: isClean(report), notes, ...shape }, null, 2)}\n`
}

function lintShape ({ profile, fastify, routes, findings }: LintReport): object {
  return { profile, fastify, routes: routes.map(routeShape), findings: findings.map(findingShape) }
}

function probeShape ({ findings, scenarios }: ProbeReport): object {
  return {
    findings: findings.map(findingShape),
    scenarios: scenarios.map(({ name, place, checks }) => ({ name, ...placeShape(place), checks: checks.map(checkShape) }))
  }
}

function routeShape ({ methods, url, parts, behind, place, packageName }: LintedRoute): object {
  return { methods, url, parts, behind, ...placeShape(place), ...(packageName !== undefined && { package: packageName }) }
}

function findingShape ({ rule, severity, expected, found, spec, route }: LintFinding): object {
  return { rule, severity, expected, found, spec, ...(route !== undefined && { methods: route.methods, url: route.url, ...placeShape(route.place) }) }
}

/** What went over the wire only where it tells something, and without what opens doors. */
function checkShape ({ id, section, outcome, detail, exchanges = [] }: CheckResult): object {
  if (outcome !== 'failed') return { id, section, outcome, detail }
  const { expects, mend } = checkById(id)
  return { id, section, outcome, detail, expected: expects, mend, exchanges: exchanges.map(showExchange) }
}

function placeShape (place: Place | undefined): object {
  return place === undefined ? {} : { file: shortFile(place.file), line: place.line, column: place.column }
}
