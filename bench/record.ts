import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

const PAGE = 'docs/benchmarks.md'
const HEAD = `# Benchmarks

What fastify-created costs. \`npm run bench\` measures all of it and writes this page; each section has a command of its
own. The figures are of the machine that they name: run them on yours.
`

/** Prints a table, and keeps it as a section of docs/benchmarks.md, in the place of what the same script has found before. */
export function record (title: string, text: string, ...packages: string[]): void {
  const section = `## ${title}\n\n${text.trim()}\n\n${machine(packages)}\n`
  console.log(section)
  const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : HEAD
  const [head, ...sections] = page.split(/^(?=## )/m)
  const at = sections.findIndex((known) => known.startsWith(`## ${title}\n`))
  if (at < 0) sections.push(section)
  else sections[at] = section
  writeFileSync(PAGE, [head.trim(), ...sections.map((known) => known.trim())].join('\n\n') + '\n')
}

export function table (columns: string[], rows: Array<Array<string | number>>): string {
  return [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

export function quantile (values: number[], q: number): number {
  return [...values].sort((a, b) => a - b)[Math.round((values.length - 1) * q)]
}

function machine (packages: string[]): string {
  const versions = ['fastify', ...packages].map((name) => `${name} ${JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version}`)
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  return `fastify-created ${version}, ${versions.join(', ')}, Node.js ${process.versions.node}, ${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB.`
}
