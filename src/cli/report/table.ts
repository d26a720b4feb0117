/** Rows with their columns below each other; the last one takes what it needs. */
export function table (rows: ReadonlyArray<readonly string[]>): string[] {
  const widths = rows.reduce<number[]>((widths, row) => row.map((cell, column) => Math.max(cell.length, widths[column] ?? 0)), [])
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd())
}

const WIDTH = 100

/** In lines that a terminal shows, each with the indent; what has its own lines keeps them. */
export function wrap (text: string, indent: string): string {
  return text.split('\n').flatMap((line) => wrapLine(line, WIDTH - indent.length)).map((line) => `${indent}${line}`).join('\n')
}

function wrapLine (line: string, width: number): string[] {
  const lines = ['']
  for (const word of line.split(' ')) {
    const current = lines.at(-1)!
    if (current !== '' && current.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = current === '' ? word : `${current} ${word}`
  }
  return lines
}

/** `1 finding`, `2 findings` */
export function count (number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
