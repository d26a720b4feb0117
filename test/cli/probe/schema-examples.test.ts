import t from 'tap'
import { exampleOf, propertySchema } from '../../../src/cli/probe/schema-examples.js'

const noSharedSchemas = () => undefined

t.test('the example of a schema is its own, or made of the examples of its properties', (t) => {
  const cases: Array<[schema: unknown, example: unknown]> = [
    [{ type: 'string', examples: ['ann', 'eve'] }, 'ann'],
    [{ type: 'string', example: 'ann' }, 'ann'],
    [{ const: 'ann' }, 'ann'],
    [{ type: 'boolean', default: false }, false],
    [{ anyOf: [{ type: 'null' }, { type: 'string', examples: ['ann'] }] }, 'ann'],
    [{ oneOf: [{ const: 1 }, { const: 2 }] }, 1],
    [{ type: 'object', required: ['a'], properties: { a: { const: 1 }, b: {} } }, { a: 1 }]
  ]
  for (const [schema, example] of cases) t.same(exampleOf(schema, noSharedSchemas), { value: example })
  t.end()
})

t.test('there is no example if a required property has none, or if the schema says nothing', (t) => {
  const circle: Record<string, unknown> = { $ref: 'Circle#' }
  const tree: Record<string, unknown> = { type: 'object' }
  tree.properties = { child: tree }
  const cases = [
    undefined,
    { type: 'string' },
    { examples: [] },
    { type: 'object', properties: {} },
    { type: 'object', required: ['a'], properties: { a: {} } },
    { $ref: 'Nowhere#' },
    tree,
    new Date()
  ]
  for (const schema of cases) t.equal(exampleOf(schema, noSharedSchemas), undefined)
  t.equal(exampleOf(circle, () => circle), undefined)
  t.equal(propertySchema({ properties: { id: true } }, 'id', noSharedSchemas), undefined)
  t.end()
})
