/** Pads the cells so that columns line up. */
export function formatTable (rows: ReadonlyArray<readonly string[]>): string[] {
  const widths = rows.reduce<number[]>(
    (widths, row) => row.map((cell, column) => Math.max(cell.length, widths[column] ?? 0)), []
  )
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd())
}

const WIDTH = 100

/** Wraps text for a terminal. All lines but the first are indented. */
export function wrap (text: string, indent = 0): string {
  return text.split('\n').flatMap((line) => wrapLine(line, WIDTH - indent)).join(`\n${' '.repeat(indent)}`)
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
export function formatCount (number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
