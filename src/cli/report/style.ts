import { styleText } from 'node:util'

/** Formats text for a terminal. */
export type Style = (format: 'bold' | 'dim' | 'red' | 'green' | 'yellow', text: string) => string

export const plain: Style = (_format, text) => text

// The caller has looked at the stream already.
export const colored: Style = (format, text) => styleText(format, text, { validateStream: false })
