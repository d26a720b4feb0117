import t from 'tap'
import { exampleOf, propertySchema } from '../../src/cli/probe/examples.js'
import { nearest } from '../../src/cli/nearest.js'
import { callerIn } from '../../src/cli/app/place.js'
import { specUri } from '../../src/cli/report/spec-uri.js'

const none = () => undefined

t.test('an example of a schema is its own, or made of those of its properties', (t) => {
  const cases: Array<[schema: unknown, example: unknown]> = [
    [{ type: 'string', examples: ['ann', 'eve'] }, 'ann'],
    [{ type: 'string', example: 'ann' }, 'ann'],
    [{ const: 'ann' }, 'ann'],
    [{ type: 'boolean', default: false }, false],
    [{ anyOf: [{ type: 'null' }, { type: 'string', examples: ['ann'] }] }, 'ann'],
    [{ oneOf: [{ const: 1 }, { const: 2 }] }, 1],
    [{ type: 'object', required: ['a'], properties: { a: { const: 1 }, b: {} } }, { a: 1 }]
  ]
  for (const [schema, example] of cases) t.same(exampleOf(schema, none), { value: example })
  t.end()
})

t.test('there is no example where a required property has none, or nothing is said at all', (t) => {
  const circle: Record<string, unknown> = { $ref: 'Circle#' }
  const tree: Record<string, unknown> = { type: 'object' }
  tree.properties = { child: tree }
  const cases = [undefined, { type: 'string' }, { examples: [] }, { type: 'object', properties: {} }, { type: 'object', required: ['a'], properties: { a: {} } }, { $ref: 'Nowhere#' }, tree, new Date()]
  for (const schema of cases) t.equal(exampleOf(schema, none), undefined)
  t.equal(exampleOf(circle, () => circle), undefined)
  t.equal(propertySchema({ properties: { id: true } }, 'id', none), undefined)
  t.end()
})

t.test('the caller is the first line that is neither of Fastify nor of this package, else a package', (t) => {
  const own = new URL('../../src/cli/app/observe.ts', import.meta.url).href
  const fastify = '    at Object.addNewRoute (/app/node_modules/fastify/lib/route.js:301:16)'
  t.same(callerIn([`    at x (${own}:1:2)`, fastify, '    at async file:///app/src/a%20b.js:3:5', '    at /app/late.js:9:9'].join('\n')), { place: { file: '/app/src/a b.js', line: 3, column: 5 } })
  t.same(callerIn([fastify, '    at f (/app/node_modules/@fastify/swagger/index.js:1:1)', '    at g (/app/node_modules/other/index.js:1:1)', '    at node:internal/process:1:1'].join('\n')), { packageName: '@fastify/swagger' })
  t.same(callerIn('    at Object.f [as g] (C:\\app\\server.js:7:8)'), { place: { file: 'C:\\app\\server.js', line: 7, column: 8 } })
  t.same(callerIn(undefined), { packageName: undefined })
  t.end()
})

t.test('what was meant is told where it is near', (t) => {
  t.equal(nearest('prob', ['lint', 'probe']), 'did you mean probe?')
  t.equal(nearest('serve', ['lint', 'probe']), undefined)
  t.equal(nearest('serve', []), undefined)
  t.end()
})

t.test('a specification has an address', (t) => {
  t.equal(specUri('RFC 9110 sections 8.8.3 and 15.3.1'), 'https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3')
  t.equal(specUri('RFC 3986'), 'https://www.rfc-editor.org/rfc/rfc3986')
  t.match(specUri('Fetch standard, CORS-safelisted response-header name'), 'fetch.spec.whatwg.org')
  t.end()
})
