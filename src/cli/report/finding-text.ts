import { relativePath } from '../app/source-position.js'
import type { LintedRoute, LintFinding } from '../lint/lint-report.js'

// How many app.all() declares at least: Fastify 5.5 knows no QUERY.
const ALL = 8

export function formatMethods ({ methods }: LintedRoute): string {
  return methods.length >= ALL ? 'ALL' : methods.join(', ')
}

/** `POST /users` */
export function formatRoute (route: LintedRoute): string {
  return `${formatMethods(route)} ${route.url}`
}

/** Where a route is declared, as far as that is known. */
export function declaringFile ({ position, packageName }: LintedRoute): string {
  return position === undefined ? packageName ?? 'unknown file' : relativePath(position.file)
}

/** For formats that have one text for each finding. */
export function findingText ({ found, required, fix }: Pick<LintFinding, 'found' | 'required' | 'fix'>): string {
  return `Found: ${found}. Required: ${required}. Fix: ${fix}`
}
