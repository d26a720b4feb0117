import type { Format } from '../arguments.js'
import type { Report } from '../app/task.js'
import { asJson } from './json.js'
import { asJunit } from './junit.js'
import type { Painter } from './paint.js'
import { asSarif } from './sarif.js'
import { lintText } from './lint-text.js'
import { probeText } from './probe-text.js'

export function render (report: Report, format: Format, paint: Painter): string {
  switch (format) {
    case 'json': return asJson(report)
    case 'sarif': return asSarif(report)
    case 'junit': return asJunit(report)
    case 'text': return report.command === 'lint' ? lintText(report, paint) : probeText(report, paint)
  }
}
