import type { LintTask } from '../lint/lint.js'
import type { ProbeTask } from '../probe/probe.js'

/** What the command does, as plain JSON: it is sent to the process that loads the app. */
export type Task = LintTask | ProbeTask

/** Shows which step is running. */
export type Progress = (text: string) => void
