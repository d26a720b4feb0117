const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const

/** Colours text where a person sees it on a terminal. */
export type Painter = Record<keyof typeof CODES, (text: string) => string>

export function painter (isColoured: boolean): Painter {
  return Object.fromEntries(Object.entries(CODES).map(([name, [on, off]]) =>
    [name, (text: string) => isColoured ? `\x1b[${on}m${text}\x1b[${off}m` : text])) as Painter
}
