import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { blocksOf, isProgram, moduleOf, pages, promisedErrors, promisedOutput, type Block } from './docs/blocks.js'

const blocks = pages.flatMap(blocksOf)
const code = blocks.filter(({ language, notChecked }) => ['js', 'ts'].includes(language) && notChecked === undefined)

async function run (...args: string[]): Promise<{ status: number | null, stdout: string, stderr: string }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_ENV: 'test' } })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => { output.stdout += chunk })
  child.stderr.on('data', (chunk) => { output.stderr += chunk })
  return await new Promise((resolve) => child.on('close', (status) => resolve({ status, ...output })))
}

for (const block of code.filter(isProgram)) {
  t.test(`${block.page}:${block.line}: the program runs, and prints what it says`, async (t) => {
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
  t.test(`every fragment in ${language} compiles, but for the errors that it says it has`, async (t) => {
    const compiled = code.filter((block) => block.language === language && (language === 'ts' || !isProgram(block)))
    const files = new Map(compiled.map((block) => [`${block.page.replaceAll(/[/.]/g, '_')}_${block.line}.${language}`, block]))
    const directory = t.testdir({
      ...Object.fromEntries([...files].map(([name, block]) => [name, moduleOf(block)])),
      // The reader's own.
      'app.d.ts': "import type { FastifyInstance } from 'fastify'\nexport function buildApp (): Promise<FastifyInstance>\n",
      'tsconfig.json': JSON.stringify({
        extends: '../../../test/docs/tsconfig.json',
        compilerOptions: { strictNullChecks: language === 'ts' },
        include: [`*.${language}`, `../../../test/docs/prelude-${language}.ts`]
      })
    })
    const { stdout } = await run('node_modules/typescript/lib/tsc.js', '-p', directory, '--pretty', 'false', '--noErrorTruncation', '--listFiles')
    for (const name of files.keys()) t.match(stdout, `/${name}\n`)
    const reported = stdout.split(/\n(?! )/).filter((text) => text.includes('error TS')).map((text) => {
      const [, name, line] = /([^/]+)\((\d+),\d+\): error/.exec(text) ?? []
      return { block: files.get(name), line: Number(line), text }
    })
    const promised = compiled.flatMap((block) => promisedErrors(block).map((error) => ({ block, ...error })))
    const same = (one: { block?: Block, line: number }) => (other: { block?: Block, line: number }) => one.block === other.block && one.line === other.line
    for (const error of reported) {
      if (!promised.some(same(error))) t.fail(`${error.block?.page}:${error.line}: ${error.text}`)
    }
    for (const error of promised) {
      t.ok(reported.some((other) => same(error)(other) && other.text.includes(error.text)), `${error.block.page}:${error.line}: ${error.text}`)
    }
  })
}

t.test('what is neither run nor compiled is in a language that nothing here speaks, or says why', async (t) => {
  const counts = new Map<string, number>()
  for (const { page, line, language, notChecked } of blocks.filter((block) => !code.includes(block))) {
    counts.set(language, (counts.get(language) ?? 0) + 1)
    if (notChecked === undefined) t.ok(['sh', 'sql', 'nginx', 'yaml', 'json', 'text'].includes(language), `${page}:${line}: ${language}`)
  }
  t.same(blocks.flatMap(({ page, notChecked }) => notChecked === undefined ? [] : `${page}: ${notChecked}`), [
    'docs/lost-updates.md: Prisma is not installed here',
    'docs/lost-updates.md: the driver is not installed here'
  ])
  t.comment(`${code.length} blocks are run or compiled, and these are not: ${[...counts].map(([language, count]) => `${count} ${language}`).join(', ')}`)
})

t.test('every link inside the repository leads somewhere', async (t) => {
  for (const page of pages) {
    const text = readFileSync(page, 'utf8')
    for (const [, target] of text.matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)) {
      const [path, anchor] = target.split('#')
      const file = path === '' ? page : join(dirname(page), path)
      t.ok(existsSync(file), `${page}: ${target}`)
      if (anchor !== undefined) t.ok(anchorsOf(file).includes(anchor), `${page}: ${target}`)
    }
  }
})

/** The headings, as GitHub makes addresses of them. */
function anchorsOf (page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)]
    .map(([, heading]) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-'))
}

t.test('the guides are short', async (t) => {
  const references = ['docs/rules.md', 'docs/benchmarks.md', 'docs/command.md']
  for (const page of pages.filter((page) => page.startsWith('docs/') && !references.includes(page))) {
    t.ok(readFileSync(page, 'utf8').split('\n').length <= 150, page)
  }
})
