import type { LintedRoute, LintFinding, LintReport } from '../lint/lint-report.js'
import { showPlace } from '../app/place.js'
import { fileOf, methodsOf, nameOf, sentence } from './names.js'
import type { Painter } from './paint.js'
import { count, table, wrap } from './table.js'

/** The routes by file, then what is wrong with them, then how many. */
export function lintText (report: LintReport, paint: Painter): string {
  const { routes, findings, notes } = report
  const blocks = [
    paint.bold(report.target) + paint.dim(`  Fastify ${report.fastify}, profile ${report.profile}`),
    ...routesByFile(routes, paint),
    ...findingsText(findings, paint),
    ...notes.map((note) => wrap(`Note: ${note}`, '')),
    summary(report, paint)
  ]
  return `${blocks.join('\n\n')}\n`
}

function routesByFile (routes: readonly LintedRoute[], paint: Painter): string[] {
  const rows = table(routes.map((route) => [
    `  ${String(route.place?.line ?? '').padStart(4)}`, methodsOf(route), route.url, route.parts.join(', ') || '-', route.behind.join(', ')
  ]))
  const files = new Map<string, string[]>()
  for (const [index, route] of routes.entries()) {
    const file = fileOf(route)
    files.set(file, [...files.get(file) ?? [], route.parts.length === 0 ? paint.dim(rows[index]) : rows[index]])
  }
  return [...files].map(([file, lines]) => [paint.bold(file), ...lines].join('\n'))
}

/** What is the same for several routes is said once. */
export function findingsText (findings: readonly LintFinding[], paint: Painter): string[] {
  const groups = new Map<string, LintFinding[]>()
  for (const finding of findings) {
    const { rule, severity, found } = finding
    const key = `${rule} ${severity} ${found}`
    groups.set(key, [...groups.get(key) ?? [], finding])
  }
  return [...groups.values()].map((group) => groupText(group, paint))
}

function groupText (group: readonly LintFinding[], paint: Painter): string {
  const [first] = group
  const label = first.severity === 'error' ? paint.red('error') : paint.yellow('warning')
  const heading = `${label}  ${paint.bold(first.rule)}  ${paint.dim(first.spec)}`
  const places = group.flatMap(({ route }) => route === undefined ? [] : [`  ${nameOf(route)}${route.place === undefined ? '' : `  ${paint.dim(showPlace(route.place))}`}`])
  return [heading, ...places, wrap(sentence(first), '    ')].join('\n')
}

function summary ({ routes, findings }: LintReport, paint: Painter): string {
  const inRoutes = `in ${count(routes.length, 'route')}`
  if (findings.length === 0) return paint.green(`No findings ${inRoutes}.`)
  const errors = findings.filter(({ severity }) => severity === 'error').length
  return paint.bold(`${count(findings.length, 'finding')} ${inRoutes}: ${count(errors, 'error')}, ${count(findings.length - errors, 'warning')}.`)
}
