/** Why a value cannot be used. */
export interface Problem {
  /** What was found. */
  found: string
  /** How to fix it: mostly a line of code. */
  fix: string
}
