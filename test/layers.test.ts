import { readdirSync } from 'node:fs'
import { ESLint } from 'eslint'
import t from 'tap'

const eslint = new ESLint()

/** What ESLint says of the imports of a file. */
async function importErrors (filePath: string, code: string): Promise<string[]> {
  const [{ messages }] = await eslint.lintText(`${code}\n`, { filePath })
  return messages
    .filter(({ ruleId, severity }) => severity === 2 && (ruleId === null || ruleId === 'no-restricted-imports'))
    .map(({ message }) => message)
}

const forbidden: Array<[filePath: string, code: string, allowed: string]> = [
  ['src/http/snippet.ts', "import '../rules/index.js'", 'src/http may import only util, errors'],
  ['src/http/snippet.ts', "import type { RuleId } from '../rules/index.js'", 'src/http may import only util, errors'],
  ['src/http/snippet.ts', "export type { RuleId } from '../rules/index.js'", 'src/http may import only util, errors'],
  ['src/http/snippet.ts', "export * from '../resource/router.js'", 'src/http may import only util, errors'],
  ['src/util/snippet.ts', "import '../http/methods.js'", 'src/util may import only errors'],
  ['src/resource/snippet.ts', "import type { Rule } from '../rules/rule.js'", 'src/resource may import only http'],
  ['src/rules/snippet.ts', "import '../reply/send.js'", 'src/rules may import only resource, http'],
  ['src/rules/snippet.ts', "import '../options.js'", 'src/rules may import only resource, http'],
  ['src/reply/snippet.ts', "import '../request/url-for.js'", 'src/reply may import only rules, resource'],
  ['src/reply/snippet.ts', "import '../plugin.js'", 'src/reply may import only rules, resource'],
  ['src/openapi/snippet.ts', "import '../reply/send.js'", 'src/openapi may import only rules, resource'],
  ['src/client/snippet.ts', "import '../http/entity-tag.js'", 'src/client may import nothing'],
  ['src/testing/checks/snippet.ts', "import '../../rules/index.js'", 'src/testing may import only http'],
  ['src/cli/lint/snippet.ts', "import '../../client/index.js'", 'src/cli may import only testing']
]

for (const [filePath, code, allowed] of forbidden) {
  t.test(`ESLint reports ${code} in ${filePath.replace('/snippet.ts', '')}`, async (t) => {
    const [message, ...others] = await importErrors(filePath, code)
    t.match(message, `${allowed}`)
    t.match(message, 'See CONTRIBUTING.md.')
    t.same(others, [])
  })
}

t.test('ESLint allows what a layer may import: its own files, and those below', async (t) => {
  const allowed: Array<[filePath: string, code: string]> = [
    ['src/http/snippet.ts', "import './methods.js'"],
    ['src/http/snippet.ts', "import '../util/format-value.js'\nimport '../errors.js'"],
    ['src/rules/snippet.ts', "import type { Resource } from '../resource/resource.js'"],
    ['src/reply/snippet.ts', "import '../rules/index.js'\nimport '../http/methods.js'"],
    ['src/testing/checks/snippet.ts', "import '../check.js'\nimport '../../http/entity-tag.js'"],
    ['src/cli/lint/snippet.ts', "import '../main.js'\nimport '../../rules/index.js'\nimport '../../options.js'"],
    ['src/plugin.ts', "import './reply/index.js'"]
  ]
  for (const [filePath, code] of allowed) t.same(await importErrors(filePath, code), [], `${filePath}: ${code}`)
})

t.test('ESLint has a rule for the imports of every folder of src', async (t) => {
  const folders = readdirSync('src', { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory())
  for (const { name, parentPath } of folders) {
    const { rules } = await eslint.calculateConfigForFile(`${parentPath}/${name}/snippet.ts`)
    t.ok(rules['no-restricted-imports'], `${parentPath}/${name}`)
  }
})
