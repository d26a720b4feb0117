import t from 'tap'
import { callerInStack, errorPosition } from '../../../src/cli/app/source-position.js'

const FASTIFY_FRAME = '    at Object.addNewRoute (/app/node_modules/fastify/lib/route.js:301:16)'

t.test('the caller is the first line that belongs neither to Fastify nor to this package', (t) => {
  const own = new URL('../../../src/cli/app/fastify-observer.ts', import.meta.url).href
  const stack = [
    `    at x (${own}:1:2)`, FASTIFY_FRAME, '    at async file:///app/src/a%20b.js:3:5', '    at /app/late.js:9:9'
  ]
  t.same(callerInStack(stack.join('\n')), { position: { file: '/app/src/a b.js', line: 3, column: 5 } })
  const windows = { file: 'C:\\app\\server.js', line: 7, column: 8 }
  t.same(callerInStack('    at Object.f [as g] (C:\\app\\server.js:7:8)'), { position: windows })
  t.end()
})

t.test('a long message in the stack is no line of the app', { timeout: 60_000 }, (t) => {
  const message = `Error: ${' /a'.repeat(300_000)}`
  const position = { file: '/app/late.js', line: 9, column: 9 }
  t.same(callerInStack(`${message}\n    at /app/late.js:9:9`), { position })
  t.end()
})

t.test('without a line of the app the caller is a package', (t) => {
  const stack = [
    FASTIFY_FRAME,
    '    at f (/app/node_modules/@fastify/swagger/index.js:1:1)',
    '    at g (/app/node_modules/other/index.js:1:1)',
    '    at node:internal/process:1:1'
  ]
  t.same(callerInStack(stack.join('\n')), { packageName: '@fastify/swagger' })
  t.same(callerInStack(undefined), { packageName: undefined })
  t.end()
})

t.test('the position of a syntax error is in the first line of its stack', (t) => {
  const error = new SyntaxError('wrong')
  error.stack = 'file:///srv/app.mjs:3\nexport {\n\nSyntaxError: wrong\n    at node:internal/modules:1:1'
  t.match(errorPosition(error), /srv\/app\.mjs:3$/)
  error.stack = 'SyntaxError: wrong\n    at JSON.parse (<anonymous>)\n    at file:///srv/config.mjs:7:1'
  t.match(errorPosition(error), /srv\/config\.mjs:7$/)
  t.end()
})
