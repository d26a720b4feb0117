import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

const PAGE = 'docs/benchmarks.md'
const HEAD = `# Benchmarks

What fastify-created costs. \`npm run bench\` runs all benchmarks and writes this page. Each section names the command
that runs it alone. The figures are from the machine that the section names: run them on yours.
`

/** Prints a section, and writes it to docs/benchmarks.md, in place of the section with the same title. */
export function record (title: string, text: string, ...packages: string[]): void {
  const section = `## ${title}\n\n${text.trim()}\n\n${environment(packages)}\n`
  console.log(section)
  const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : HEAD
  const [head, ...sections] = page.split(/^(?=## )/m)
  const index = sections.findIndex((existing) => existing.startsWith(`## ${title}\n`))
  if (index < 0) sections.push(section)
  else sections[index] = section
  writeFileSync(PAGE, [head.trim(), ...sections.map((existing) => existing.trim())].join('\n\n') + '\n')
}

export function table (columns: string[], rows: Array<Array<string | number>>): string {
  return [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

export function quantile (values: number[], q: number): number {
  return [...values].sort((a, b) => a - b)[Math.round((values.length - 1) * q)]
}

function environment (packages: string[]): string {
  const ownVersion = readVersion('package.json')
  const versions = ['fastify', ...packages].map((name) => `${name} ${readVersion(`node_modules/${name}/package.json`)}`)
  const cores = cpus()
  const machine = `${cores.length} × ${cores[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB`
  return `fastify-created ${ownVersion}, ${versions.join(', ')}, Node.js ${process.versions.node}, ${machine}.`
}

function readVersion (path: string): string {
  return JSON.parse(readFileSync(path, 'utf8')).version
}
