import type { Problem } from './problem.js'

/** Why a number cannot identify a resource or a version. */
export function numberProblem (value: number): Problem | undefined {
  if (!Number.isFinite(value)) return { found: `the number ${value}`, fix: 'use a finite number' }
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return undefined
  return {
    found: `the number ${value}, beyond Number.MAX_SAFE_INTEGER, where different values become one number`,
    fix: 'read it as a bigint or a string'
  }
}
