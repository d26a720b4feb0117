import type { Session } from './session.js'

/** Why a check cannot be made. */
export interface Skipped { because: string }

/** What is wrong, or why that cannot be told; `undefined` where all is well. */
export type Verdict = string | Skipped | undefined

/** What a scenario may leave out. */
export type Part = 'update' | 'upsert' | 'remove' | 'invalid'

/** One thing that the promise of a 201 means. */
export interface Check {
  readonly id: string
  /** Where it is written. */
  readonly section: string
  /** What is expected, as a sentence. */
  readonly expects: string
  /** What to do where it is not so. */
  readonly mend: string
  /** Checks without which this one would find their fault once more. */
  readonly needs?: readonly string[]
  /** The part of the scenario that says how. Without it the check is skipped. */
  readonly part?: Part
  readonly run: (session: Session) => Promise<Verdict>
}

export function skip (because: string): Skipped {
  return { because }
}

export const NO_STRONG_TAG = skip('it is answered 428, and GET has no entity-tag that If-Match could match')
