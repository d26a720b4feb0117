import type { CheckContext } from './check-context.js'

/** Why a check cannot be run. */
interface Skipped { reason: string }

/** What is wrong, or why the check cannot be run; `undefined` if the check passes. */
export type Verdict = string | Skipped | undefined

/** A part of a scenario that may be left out. */
export type ScenarioPart = 'update' | 'upsert' | 'remove' | 'invalid'

/** One thing that a server has to get right about the resources that it creates. */
export interface Check {
  readonly id: string
  /** The section of the specification that requires it. */
  readonly section: string
  /** What is required, as a sentence without a full stop. */
  readonly expects: string
  /** How to fix a server that fails the check. Ends with a line of code, and without a full stop. */
  readonly fix: string
  /** If one of these checks fails, this one is skipped, because it would only report the same bug again. */
  readonly needs?: readonly string[]
  /** The part of the scenario that the check uses. If the scenario leaves it out, the check is skipped. */
  readonly part?: ScenarioPart
  readonly run: (context: CheckContext) => Promise<Verdict>
}

export function skip (reason: string): Skipped {
  return { reason }
}

/** The advice for data that is the same each time. */
export const MAKE_UNIQUE = 'make the payload unique with {{n}} or a function'

export const NO_STRONG_ETAG = skip('the server requires If-Match, but GET returns no strong ETag to send in it')
