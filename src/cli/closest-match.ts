/** The known name that a misspelled one is closest to, if it is close enough to be meant. */
export function closestMatch (typed: string, known: readonly string[]): string | undefined {
  const matches = known.map((name) => ({ name, distance: editDistance(typed, name) }))
  const [best] = matches.sort((a, b) => a.distance - b.distance)
  return best !== undefined && best.distance <= Math.ceil(best.name.length / 3) ? best.name : undefined
}

/** The Levenshtein distance. */
function editDistance (a: string, b: string): number {
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
