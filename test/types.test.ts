import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import t from 'tap'

const files = ['typebox', 'other-styles', 'resources', 'controllers'].map((name) => `test/types/${name}.ts`)
const EXPECTED = /\/\/ error: (.+)$/
const REPORTED = /^(\S+\.ts):(\d+):\d+ - error/
/** A line of source that the compiler quotes, or what underlines it. */
const QUOTED = /^ *(?:\d+ .*| *~+)$/gm

interface Diagnostic { line: string, text: string }

function expectedErrors (): Diagnostic[] {
  return files.flatMap((file) => readFileSync(file, 'utf8').split('\n').flatMap((text, index) => {
    const expected = EXPECTED.exec(text)?.[1]
    return expected === undefined ? [] : [{ line: `${basename(file)}:${index + 1}`, text: expected }]
  }))
}

/** What the compiler prints. Only its pretty form has the name of a missing argument. */
async function reportedErrors (compiler: string): Promise<Diagnostic[]> {
  const tsc = [`node_modules/${compiler}/lib/tsc.js`, '-p', 'test/types', '--pretty', 'true', '--noErrorTruncation']
  const output = await promisify(execFile)(process.execPath, tsc, { maxBuffer: 1e8 })
    .then(() => '', ({ stdout, stderr }) => stripVTControlCharacters(`${stdout}${stderr}`))
  return output.split(/\n(?=\S+\.ts:\d+:\d+ - error)/).flatMap((text) => {
    const [, file, line] = REPORTED.exec(text) ?? []
    return file === undefined ? [] : [{ line: `${basename(file)}:${line}`, text: text.replace(QUOTED, '') }]
  })
}

for (const compiler of ['typescript', 'typescript-6', 'typescript-7']) {
  const { version } = JSON.parse(readFileSync(`node_modules/${compiler}/package.json`, 'utf8'))

  t.test(`TypeScript ${version} rejects each wrong call and says why, and accepts every right one`, async (t) => {
    const reported = await reportedErrors(compiler)
    const expected = expectedErrors()

    t.same(linesOf(reported), linesOf(expected), 'the lines with an error are those that should have one')
    for (const { line, text } of expected) {
      t.ok(reported.some((error) => error.line === line && error.text.includes(text)), `${line} says: ${text}`)
    }
    t.notOk(reported.some(({ text }) => text.includes('// error:')), 'no text is that of the test itself')
  })
}

function linesOf (diagnostics: Diagnostic[]): string[] {
  return diagnostics.map(({ line }) => line).sort()
}
