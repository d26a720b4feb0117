import { formatJson } from './json.js'
import { formatJunit } from './junit.js'
import { formatLint } from './lint-text.js'
import { formatProbe } from './probe-text.js'
import type { Report } from './report.js'
import { formatSarif } from './sarif.js'
import type { Style } from './style.js'

export const FORMATS = ['text', 'json', 'sarif', 'junit'] as const
export type Format = typeof FORMATS[number]

export function formatReport (report: Report, format: Format, style: Style): string {
  switch (format) {
    case 'json': return formatJson(report)
    case 'sarif': return formatSarif(report)
    case 'junit': return formatJunit(report)
    case 'text': return report.command === 'lint' ? formatLint(report, style) : formatProbe(report, style)
  }
}
