/** @returns `did you mean …?`, where something alike is known */
export function nearest (typed: string, known: readonly string[]): string | undefined {
  const [best] = known.map((name) => ({ name, distance: distance(typed, name) })).sort((a, b) => a.distance - b.distance)
  return best !== undefined && best.distance <= Math.ceil(best.name.length / 3) ? `did you mean ${best.name}?` : undefined
}

/** How many letters have to be put in, left out or changed (Levenshtein). */
function distance (a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1))
    }
    row = next
  }
  return row[b.length]
}
