import { checkById, formatExchange } from '../../testing/bug-report.js'
import type { CheckResult } from '../../testing/index.js'
import { relativePath, type SourcePosition } from '../app/source-position.js'
import type { LintedRoute, LintFinding, LintReport } from '../lint/lint-report.js'
import type { ProbeReport } from '../probe/probe-report.js'
import { isClean, type Report } from './report.js'

/** Increased when a property is removed or changes its meaning. */
const FORMAT_VERSION = 1

export function formatJson (report: Report): string {
  const { command, target, notes } = report
  const json = {
    formatVersion: FORMAT_VERSION,
    command,
    target,
    clean: isClean(report),
    notes,
    ...(report.command === 'lint' ? lintJson(report) : probeJson(report))
  }
  return `${JSON.stringify(json, null, 2)}\n`
}

function lintJson ({ profile, fastify, routes, findings }: LintReport): object {
  return { profile, fastify, routes: routes.map(routeJson), findings: findings.map(findingJson) }
}

function probeJson ({ findings, scenarios }: ProbeReport): object {
  return {
    findings: findings.map(findingJson),
    scenarios: scenarios.map(({ name, position, checks }) =>
      ({ name, ...positionJson(position), checks: checks.map(checkJson) }))
  }
}

function routeJson ({ methods, url, roles, details, position, packageName }: LintedRoute): object {
  const packageJson = packageName === undefined ? {} : { package: packageName }
  return { methods, url, roles, details, ...positionJson(position), ...packageJson }
}

function findingJson ({ rule, severity, found, required, fix, spec, route }: LintFinding): object {
  const routeOfFinding = route && { methods: route.methods, url: route.url, ...positionJson(route.position) }
  return { rule, severity, found, required, fix, spec, ...routeOfFinding }
}

/** Exchanges are only of use for a failed check. They contain no credentials. */
function checkJson ({ id, section, outcome, detail, exchanges = [] }: CheckResult): object {
  if (outcome !== 'failed') return { id, section, outcome, detail }
  const { expects, fix } = checkById(id)
  return { id, section, outcome, detail, required: expects, fix, exchanges: exchanges.map(formatExchange) }
}

function positionJson (position: SourcePosition | undefined): object {
  if (position === undefined) return {}
  const { file, line, column } = position
  return { file: relativePath(file), line, column }
}
