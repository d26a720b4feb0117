import { formatPosition } from '../app/source-position.js'
import type { LintedRoute, LintFinding, LintReport } from '../lint/lint-report.js'
import { declaringFile, formatMethods, formatRoute } from './finding-text.js'
import type { Style } from './style.js'
import { formatCount, formatTable, wrap } from './table.js'

/** The routes of each file, then the findings, then a summary. */
export function formatLint (report: LintReport, style: Style): string {
  const { routes, findings, notes } = report
  const blocks = [
    style('bold', report.target) + style('dim', `  Fastify ${report.fastify}, profile ${report.profile}`),
    ...formatRoutes(routes, style),
    ...formatFindings(findings, style),
    ...notes.map((note) => wrap(`Note: ${note}`)),
    summary(report, style)
  ]
  return `${blocks.join('\n\n')}\n`
}

function formatRoutes (routes: readonly LintedRoute[], style: Style): string[] {
  const rows = formatTable(routes.map((route) => [
    `  ${String(route.position?.line ?? '').padStart(4)}`,
    formatMethods(route),
    route.url,
    route.roles.join(', ') || '-',
    route.details.join(', ')
  ]))
  const files = new Map<string, string[]>()
  for (const [index, route] of routes.entries()) {
    const file = declaringFile(route)
    files.set(file, [...files.get(file) ?? [], route.roles.length === 0 ? style('dim', rows[index]) : rows[index]])
  }
  return [...files].map(([file, lines]) => [style('bold', file), ...lines].join('\n'))
}

/** Routes with the same finding share one text. */
export function formatFindings (findings: readonly LintFinding[], style: Style): string[] {
  const groups = new Map<string, LintFinding[]>()
  for (const finding of findings) {
    const { rule, severity, found, fix } = finding
    const key = `${rule} ${severity} ${found} ${fix}`
    groups.set(key, [...groups.get(key) ?? [], finding])
  }
  return [...groups.values()].map((group) => formatGroup(group, style))
}

// Of the texts after "Found:" and so on.
const INDENT = 14

function formatGroup (group: readonly LintFinding[], style: Style): string {
  const [{ rule, severity, spec, found, required, fix }] = group
  const label = severity === 'error' ? style('red', 'error') : style('yellow', 'warning')
  return [
    `${label}  ${style('bold', rule)}  ${style('dim', spec)}`,
    ...group.flatMap(({ route }) => route === undefined ? [] : [formatRouteLine(route, style)]),
    `    Found:    ${wrap(found, INDENT)}`,
    `    Required: ${wrap(required, INDENT)}`,
    // Not wrapped, so that its code can be copied.
    `    Fix:      ${fix}`
  ].join('\n')
}

function formatRouteLine (route: LintedRoute, style: Style): string {
  const position = route.position === undefined ? '' : `  ${style('dim', formatPosition(route.position))}`
  return `  ${formatRoute(route)}${position}`
}

function summary ({ routes, findings }: LintReport, style: Style): string {
  const inRoutes = `in ${formatCount(routes.length, 'route')}`
  if (findings.length === 0) {
    return `${style('green', `No findings ${inRoutes}.`)} ` +
      'lint sends no requests, so it does not see what handlers send. To check that, use probe.'
  }
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const counts = `${formatCount(errors, 'error')}, ${formatCount(findings.length - errors, 'warning')}`
  return style('bold', `${formatCount(findings.length, 'finding')} ${inRoutes}: ${counts}.`)
}
