import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

const files = ['test/types/typebox.ts', 'test/types/other-styles.ts', 'test/types/resources.ts']
const EXPECTED = /\/\/ error: (.+)$/
const REPORTED = /^(\S+\.ts)\((\d+),\d+\): error/

interface Diagnostic { line: string, text: string }

function expectedErrors (): Diagnostic[] {
  return files.flatMap((file) => readFileSync(file, 'utf8').split('\n').flatMap((text, index) => {
    const expected = EXPECTED.exec(text)?.[1]
    return expected === undefined ? [] : [{ line: `${basename(file)}:${index + 1}`, text: expected }]
  }))
}

/** What the compiler says, its indented lines joined to the error they explain. */
async function reportedErrors (compiler: string): Promise<Diagnostic[]> {
  const tsc = [`node_modules/${compiler}/lib/tsc.js`, '-p', 'test/types', '--pretty', 'false', '--noErrorTruncation']
  const output = await promisify(execFile)(process.execPath, tsc, { maxBuffer: 1e8 }).then(() => '', ({ stdout, stderr }) => `${stdout}${stderr}`)
  return output.split(/\n(?! )/).flatMap((text) => {
    const [, file, line] = REPORTED.exec(text) ?? []
    return file === undefined ? [] : [{ line: `${basename(file)}:${line}`, text }]
  })
}

for (const compiler of ['typescript', 'typescript-6', 'typescript-7']) {
  const { version } = JSON.parse(readFileSync(`node_modules/${compiler}/package.json`, 'utf8'))

  t.test(`TypeScript ${version} refuses each wrong call, in words that say why, and no right one`, async (t) => {
    const reported = await reportedErrors(compiler)
    const expected = expectedErrors()

    t.same(reported.map(({ line }) => line).sort(), expected.map(({ line }) => line).sort(), 'the lines with an error are those that should have one')
    for (const { line, text } of expected) {
      t.ok(reported.some((error) => error.line === line && error.text.includes(text)), `${line} says: ${text}`)
    }
  })
}
