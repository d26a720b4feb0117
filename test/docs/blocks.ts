import { readdirSync, readFileSync } from 'node:fs'

/** A fenced block of a page of the documentation. */
export interface Block {
  page: string
  /** Where its code begins in the page, counted from 1. */
  line: number
  language: string
  code: string
  /** The reason in a comment before the block: `<!-- not checked: why -->`. */
  notChecked?: string
}

const pagesIn = (folder: string) =>
  readdirSync(folder).filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`)

export const pages = [
  'README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', ...pagesIn('docs'), ...pagesIn('docs/reference')
]

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

/** The text of a page without its fenced blocks. */
export function withoutBlocks (page: string): string {
  return readFileSync(page, 'utf8').replaceAll(/^```[^]*?^```$/gm, '')
}

/** A program creates its own app, and is run. All other JavaScript and TypeScript are fragments, which are compiled. */
export function isProgram ({ code }: Block): boolean {
  return code.includes("from 'fastify'\n") && code.includes('Fastify(')
}

/** What a program prints, according to the comments after its `console.log()`. */
export function promisedOutput ({ code }: Block): string[] {
  return code.split('\n').flatMap((line) => /^console\.log\(.*\) \/\/ (.+)$/.exec(line)?.[1] ?? [])
}

/** The compiler errors that a block announces: `// ^ text` below the line. */
export function promisedErrors ({ line, code }: Block): Array<{ line: number, text: string }> {
  return code.split('\n').flatMap((text, index) => {
    const promised = /^\s*\/\/\s+\^ (.+)$/.exec(text)?.[1]
    return promised === undefined ? [] : [{ line: line + index - 1, text: promised }]
  })
}

/** A module for the compiler, in which every line has the number that it has in the page. */
export function moduleOf (block: Block): string {
  const before = '\n'.repeat(block.line - 1)
  const code = /^return /m.test(block.code) ? `async function fragment () {${before}${block.code}}` : `${before}${block.code}`
  return `${code}\nexport {}\n`
}
