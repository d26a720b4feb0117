import type { LintedRoute, LintFinding } from '../lint/lint-report.js'
import { shortFile } from '../app/place.js'

// What app.all() declares.
const ALL = 7

export function methodsOf ({ methods }: LintedRoute): string {
  return methods.length >= ALL ? 'ALL' : methods.join(', ')
}

export function nameOf (route: LintedRoute): string {
  return `${methodsOf(route)} ${route.url}`
}

/** Where a route is declared, as far as that is known. */
export function fileOf ({ place, packageName }: LintedRoute): string {
  return place === undefined ? packageName ?? 'elsewhere' : shortFile(place.file)
}

export function sentence ({ expected, found }: Pick<LintFinding, 'expected' | 'found'>): string {
  return `${capitalised(expected)}. ${capitalised(found)}`
}

export function capitalised (text: string): string {
  return text[0].toUpperCase() + text.slice(1)
}
