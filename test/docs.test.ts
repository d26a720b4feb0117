import { execFile, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { rulesPage } from '../scripts/rules-page.js'
import {
  blocksOf, isProgram, moduleOf, pages, promisedErrors, promisedOutput, withoutBlocks, type Block
} from './docs/blocks.js'

const blocks = pages.flatMap(blocksOf)
const code = blocks.filter(({ language, notChecked }) => ['js', 'ts'].includes(language) && notChecked === undefined)

async function run (...args: string[]): Promise<{ status: number | null, stdout: string, stderr: string }> {
  const env = { ...process.env, NODE_ENV: 'test' }
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => { output.stdout += chunk })
  child.stderr.on('data', (chunk) => { output.stderr += chunk })
  return await new Promise((resolve) => child.on('close', (status) => resolve({ status, ...output })))
}

for (const block of code.filter(isProgram)) {
  t.test(`${block.page}:${block.line}: the program runs, and prints what the page says`, async (t) => {
    const program = `${block.code.replace('port: 3000', 'port: 0')}\nawait app.close()\n`
    const file = join(t.testdir(), `program.m${block.language}`)
    writeFileSync(file, program)
    const { status, stdout, stderr } = await run('--import', 'tsx', file)
    t.equal(status, 0, stderr)
    const promised = promisedOutput(block)
    if (promised.length > 0) t.same(stdout.trimEnd().split('\n'), promised)
  })
}

for (const language of ['js', 'ts']) {
  t.test(`every fragment in ${language} compiles, except for the errors that it announces`, async (t) => {
    const compiled = code.filter((block) => block.language === language && (language === 'ts' || !isProgram(block)))
    const files = new Map(compiled.map((block) => [`${block.page.replaceAll(/[/.]/g, '_')}_${block.line}.${language}`, block]))
    const directory = t.testdir({
      ...Object.fromEntries([...files].map(([name, block]) => [name, moduleOf(block)])),
      // The app of the quick start.
      'app.d.ts': "import type { FastifyInstance } from 'fastify'\nexport const app: FastifyInstance\n",
      'tsconfig.json': JSON.stringify({
        extends: '../../../test/docs/tsconfig.json',
        compilerOptions: { strictNullChecks: language === 'ts' },
        include: [`*.${language}`, `../../../test/docs/prelude-${language}.ts`]
      })
    })
    const options = ['--pretty', 'false', '--noErrorTruncation', '--listFiles']
    const { stdout } = await run('node_modules/typescript/lib/tsc.js', '-p', directory, ...options)
    for (const name of files.keys()) t.match(stdout, `/${name}\n`)
    const reported = stdout.split(/\n(?! )/).filter((text) => text.includes('error TS')).map((text) => {
      const [, name, line] = /([^/]+)\((\d+),\d+\): error/.exec(text) ?? []
      return { block: files.get(name), line: Number(line), text }
    })
    const promised = compiled.flatMap((block) => promisedErrors(block).map((error) => ({ block, ...error })))
    type Line = { block?: Block, line: number }
    const same = (one: Line) => (other: Line) => one.block === other.block && one.line === other.line
    for (const error of reported) {
      if (!promised.some(same(error))) t.fail(`${error.block?.page}:${error.line}: ${error.text}`)
    }
    for (const error of promised) {
      const isReported = reported.some((other) => same(error)(other) && other.text.includes(error.text))
      t.ok(isReported, `${error.block.page}:${error.line}: ${error.text}`)
    }
  })
}

t.test('a block that is neither run nor compiled is in another language, or says why', async (t) => {
  const counts = new Map<string, number>()
  for (const { page, line, language, notChecked } of blocks.filter((block) => !code.includes(block))) {
    counts.set(language, (counts.get(language) ?? 0) + 1)
    const isOther = ['sh', 'sql', 'nginx', 'yaml', 'json', 'text'].includes(language)
    if (notChecked === undefined) t.ok(isOther, `${page}:${line}: ${language}`)
  }
  t.same(blocks.flatMap(({ page, notChecked }) => notChecked === undefined ? [] : `${page}: ${notChecked}`), [
    'docs/lost-updates.md: Prisma is not installed here',
    'docs/lost-updates.md: the driver is not installed here'
  ])
  const others = [...counts].map(([language, count]) => `${count} ${language}`).join(', ')
  t.comment(`${code.length} blocks are run or compiled, and these are not: ${others}`)
})

t.test('every relative link and its anchor exist', async (t) => {
  for (const page of pages) {
    for (const { target, file, anchor } of linksOf(page)) {
      t.ok(existsSync(file), `${page}: ${target}`)
      if (anchor !== undefined) t.ok(anchorsOf(file).includes(anchor), `${page}: ${target}`)
    }
  }
})

t.test('every relative link in what npm ships leads to something that npm ships', async (t) => {
  const args = ['pack', '--dry-run', '--ignore-scripts', '--json']
  const { stdout } = await promisify(execFile)('npm', args, { shell: process.platform === 'win32' })
  const shipped: string[] = JSON.parse(stdout)[0].files.map(({ path }: { path: string }) => path)
  t.ok(shipped.includes('docs/reference/rules.md'), 'messages lead to docs/reference/rules.md')
  for (const page of pages.filter((page) => shipped.includes(page))) {
    for (const { target, file } of linksOf(page)) t.ok(shipped.includes(file), `${page}: ${target}`)
  }
})

interface Link { target: string, file: string, anchor?: string }

function linksOf (page: string): Link[] {
  return [...withoutBlocks(page).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(([, target]) => {
    const [path, anchor] = target.split('#')
    return { target, file: path === '' ? page : join(dirname(page), path).replaceAll('\\', '/'), anchor }
  })
}

/** The headings, as GitHub turns them into anchors. */
function anchorsOf (page: string): string[] {
  return [...withoutBlocks(page).matchAll(/^#+ (.+)$/gm)]
    .map(([, heading]) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-'))
}

t.test('docs/reference/rules.md is what npm run docs writes', async (t) => {
  t.equal(readFileSync('docs/reference/rules.md', 'utf8'), rulesPage())
})

t.test('every path in CONTRIBUTING.md exists', async (t) => {
  const paths = withoutBlocks('CONTRIBUTING.md').matchAll(/`((?:src|test|scripts|docs|examples)\/[\w./-]*)/g)
  // The API reference is not committed.
  for (const [, path] of paths) t.ok(existsSync(path) || path === 'docs/api/', path)
})

t.test('the guides are short', async (t) => {
  for (const page of pages.filter((page) => /^docs\/(?!reference\/|benchmarks)/.test(page))) {
    t.ok(readFileSync(page, 'utf8').split('\n').length <= 160, page)
  }
})
