import { readdirSync, readFileSync } from 'node:fs'

/** A fenced block of a page of the documentation. */
export interface Block {
  page: string
  /** Of its first line in the page, counted from 1. */
  line: number
  language: string
  code: string
  /** What a comment before the block says of it: `<!-- not checked: why -->`. */
  notChecked?: string
}

export const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', ...readdirSync('docs').filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)]

export function blocksOf (page: string): Block[] {
  const lines = readFileSync(page, 'utf8').split('\n')
  const blocks: Block[] = []
  let block: Block | undefined
  lines.forEach((text, index) => {
    if (!text.startsWith('```')) {
      if (block !== undefined) block.code += `${text}\n`
    } else if (block === undefined) {
      const notChecked = /^<!-- not checked: (.+) -->$/.exec(lines[index - 1] ?? '')?.[1]
      block = { page, line: index + 2, language: text.slice(3) || 'text', code: '', notChecked }
    } else {
      blocks.push(block)
      block = undefined
    }
  })
  if (block !== undefined) throw new Error(`${page}:${block.line}: this block does not end`)
  return blocks
}

/** A program makes its own app, and is run. Everything else in JavaScript and TypeScript is a fragment, and is compiled. */
export function isProgram ({ code }: Block): boolean {
  return code.includes("from 'fastify'\n") && code.includes('Fastify(')
}

/** What a program prints, as the comments behind its `console.log()` say. */
export function promisedOutput ({ code }: Block): string[] {
  return code.split('\n').flatMap((line) => /^console\.log\(.*\) \/\/ (.+)$/.exec(line)?.[1] ?? [])
}

/** The errors that a block says it has: `// ^ text` below the line. */
export function promisedErrors ({ line, code }: Block): Array<{ line: number, text: string }> {
  return code.split('\n').flatMap((text, index) => {
    const promised = /^\s*\/\/\s+\^ (.+)$/.exec(text)?.[1]
    return promised === undefined ? [] : [{ line: line + index - 1, text: promised }]
  })
}

/** A module that the compiler takes, every line of it where it is in the page. */
export function moduleOf (block: Block): string {
  const before = '\n'.repeat(block.line - 1)
  const code = /^return /m.test(block.code) ? `async function fragment () {${before}${block.code}}` : `${before}${block.code}`
  return `${code}\nexport {}\n`
}
