/** Why a number identifies nothing; `undefined` when it may. */
export function refuseNumber (value: number): string | undefined {
  if (!Number.isFinite(value)) return 'it must be a finite number'
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return undefined
  return 'beyond Number.MAX_SAFE_INTEGER different values become one number: give the bigint, or a string'
}
