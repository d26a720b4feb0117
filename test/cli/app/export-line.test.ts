import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { exportLine } from '../../../src/cli/app/export-line.js'

const files: Array<[name: string, source: string, line: string]> = [
  ['app.cjs', '', 'module.exports = app'],
  ['required.js', "const Fastify = require('fastify')\nconst app = Fastify()\n", 'module.exports = app'],
  ['imported.js', "import Fastify from 'fastify'\nconst app = Fastify()\n", 'export default app'],
  ['indented.js', "\n\n  import Fastify from 'fastify'\nrequire('fastify')\n", 'export default app'],
  ['blank.js', `require('fastify')\n${'\n'.repeat(500_000)}a`, 'module.exports = app'],
  ['mixed.js', "import { createRequire } from 'node:module'\nrequire('fastify')\n", 'export default app'],
  ['neither.js', 'const app = 1\n', 'export default app']
]

for (const [name, source, line] of files) {
  t.test(`${name} exports its app by ${line}`, async (t) => {
    const path = join(t.testdir(), name)
    writeFileSync(path, source)
    t.equal(exportLine(path), line)
  })
}
