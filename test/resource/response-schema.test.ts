import { Type, type TSchema } from '@sinclair/typebox'
import fc from 'fast-check'
import t from 'tap'
import { z } from 'zod'
import { propertiesOf, propertyIn, responseSchema, type Property } from '../../src/resource/response-schema.js'

const text = { type: 'string' }
const withId = (id: unknown) => ({ type: 'object', properties: { id }, required: ['id'] })

const shared: Record<string, unknown> = {
  User: withId(text),
  Id: text,
  'https://a.example/user.json': { ...withId({ $ref: 'Id#' }), definitions: { key: text, flag: { type: 'boolean' } } },
  Ada: { $ref: 'Admin' },
  Admin: { allOf: [{ $ref: 'Member' }] },
  Member: { $ref: 'User#' },
  Self: { $ref: 'Self#' },
  Ring: { anyOf: [{ $ref: 'Ring' }, withId(text)] },
  Tree: {
    type: 'object',
    properties: { id: text, children: { type: 'array', items: { $ref: 'Tree#' } }, parent: { $ref: 'Tree#' } },
    required: ['id', 'parent']
  }
}
const sharedSchemas = (id: string) => shared[id]

t.test('the schema of a status is the first that is declared', async (t) => {
  const created = { type: 'object' }
  const ok = { type: 'array' }
  const rows: Array<[name: string, schema: unknown, found: unknown]> = [
    ['no schema', undefined, undefined],
    ['null', null, undefined],
    ['a schema of the body alone', { body: created }, undefined],
    ['no response', { response: undefined }, undefined],
    ['another status', { response: { 200: ok } }, undefined],
    ['a default alone', { response: { default: created } }, undefined],
    ['201', { response: { 201: created } }, created],
    ['201 beside others', { response: { 200: ok, 201: created, '2xx': ok } }, created],
    ['2xx', { response: { '2xx': created } }, created],
    ['2XX', { response: { '2XX': created } }, created],
    ['2xx before 2XX', { response: { '2XX': ok, '2xx': created } }, created],
    ['201 that is undefined, before 2xx', { response: { 201: undefined, '2xx': ok } }, undefined],
    ['a content form',
      { response: { 201: { description: 'A user', content: { 'application/json': { schema: created } } } } }, created],
    ['a content form of several media types',
      {
        response: {
          201: { content: { 'application/json': { schema: created }, 'application/xml': { schema: ok } } }
        }
      },
      created],
    ['a content form whose JSON is not the first',
      { response: { 201: { content: { 'text/csv': { schema: ok }, 'application/json': { schema: created } } } } },
      created],
    ['a content form of another type of JSON',
      {
        response: {
          201: {
            content: {
              'text/csv': { schema: ok },
              'application/hal+json; charset=utf-8': { schema: created }
            }
          }
        }
      }, created],
    ['a content form of any type', { response: { 201: { content: { '*/*': { schema: created } } } } }, created],
    ['a content form without JSON', { response: { 201: { content: { 'text/csv': { schema: ok } } } } }, undefined],
    ['a content form without media types', { response: { 201: { content: {} } } }, undefined],
    ['a content form without a schema', { response: { 201: { content: { 'application/json': {} } } } }, undefined]
  ]
  for (const [name, schema, found] of rows) t.equal(responseSchema(schema, '201', '2xx', '2XX'), found, name)
  t.equal(responseSchema({ response: { 200: ok, 202: created } }, '201', '202', '200'), created,
    'in the order of the arguments')
  const object = z.object({ id: z.string() })
  t.equal(responseSchema({ response: { 201: object } }, '201'), object, 'a Zod object, untouched')
})

const properties: Array<[name: string, schema: unknown, property: Property]> = [
  ['a required string', withId(text), 'required-text'],
  ['a required number', withId({ type: 'number' }), 'required-text'],
  ['a required integer', withId({ type: 'integer' }), 'required-text'],
  ['a string with a format', withId({ type: 'string', format: 'uuid' }), 'required-text'],
  ['a string that is not required', { type: 'object', properties: { id: text } }, 'unfit'],
  ['a string, beside another property that is required',
    { type: 'object', properties: { id: text }, required: ['name'] }, 'unfit'],
  ['required as in draft 3', { type: 'object', properties: { id: { type: 'string', required: true } }, required: true },
    'unfit'],
  ['no such property', { type: 'object', properties: { name: text }, required: ['name'] }, 'unfit'],
  ['required without a description', { type: 'object', properties: {}, required: ['id'] }, 'unfit'],
  ['required without properties', { type: 'object', required: ['id'] }, 'unfit'],
  ['a schema that says nothing', {}, 'unfit'],
  ['an array', { type: 'array', items: withId(text) }, 'unfit'],
  ['an empty body', { type: 'null' }, 'unfit'],

  ['a boolean', withId({ type: 'boolean' }), 'unfit'],
  ['an object', withId(withId(text)), 'unfit'],
  ['null', withId({ type: 'null' }), 'unfit'],
  ['any value', withId({}), 'unfit'],
  ['a string or a number', withId({ type: ['string', 'number'] }), 'required-text'],
  ['a string or null', withId({ type: ['string', 'null'] }), 'unfit'],
  ['a string that is nullable as in OpenAPI 3.0', withId({ type: 'string', nullable: true }), 'unfit'],
  ['a string that is not nullable', withId({ type: 'string', nullable: false }), 'required-text'],
  ['an enum of strings', withId({ enum: ['a', 'b'] }), 'required-text'],
  ['an enum of strings and numbers', withId({ enum: ['a', 1] }), 'required-text'],
  ['an enum with null', withId({ enum: ['a', null] }), 'unfit'],
  ['a constant string', withId({ const: 'a' }), 'required-text'],
  ['a constant number', withId({ const: 0 }), 'required-text'],
  ['a constant boolean', withId({ const: true }), 'unfit'],
  ['a boolean schema, which accepts everything', withId(true), 'unknown'],

  ['an intersection that has it', { allOf: [{ type: 'object' }, withId(text)] }, 'required-text'],
  ['an intersection that lacks it', { allOf: [{ type: 'object' }, { properties: { name: text } }] }, 'unfit'],
  ['an intersection with an unknown schema', { allOf: [{ type: 'object' }, { $ref: 'Unknown' }] }, 'unknown'],
  ['an intersection that has it, beside an unknown schema', { allOf: [{ $ref: 'Unknown' }, withId(text)] },
    'required-text'],
  ['properties beside an intersection', { ...withId(text), allOf: [{ properties: { name: text } }] }, 'required-text'],
  ['an intersection of a schema that describes it and one that requires it',
    { allOf: [{ properties: { id: text } }, { required: ['id'] }] }, 'required-text'],
  ['a schema that requires it, beside an intersection that describes it',
    { required: ['id'], allOf: [{ properties: { id: text } }] }, 'required-text'],
  ['a part that describes it, and one that requires another',
    { allOf: [{ properties: { id: text } }, { required: ['name'] }] }, 'unfit'],
  ['alternatives that all have it', { anyOf: [withId(text), withId({ type: 'integer' })] }, 'required-text'],
  ['alternatives of which one lacks it', { anyOf: [withId(text), { type: 'object', properties: { name: text } }] },
    'unfit'],
  ['alternatives of which one is null', { anyOf: [withId(text), { type: 'null' }] }, 'unfit'],
  ['alternatives of which one is unknown', { anyOf: [withId(text), { $ref: 'Unknown' }] }, 'unknown'],
  ['exclusive alternatives that all have it', { oneOf: [withId(text), withId(text)] }, 'required-text'],
  ['exclusive alternatives of which one lacks it', { oneOf: [withId(text), { type: 'object' }] }, 'unfit'],
  ['properties beside alternatives that only require others',
    { ...withId(text), anyOf: [{ required: ['email'] }, { required: ['phone'] }] }, 'required-text'],
  ['properties beside exclusive alternatives',
    { ...withId(text), oneOf: [{ properties: { kind: { const: 'a' } } }, { properties: { kind: { const: 'b' } } }] },
    'required-text'],
  ['properties, and alternatives that require it',
    { properties: { id: text }, anyOf: [{ required: ['id'] }, { required: ['id', 'name'] }] }, 'required-text'],
  ['properties, and alternatives of which one requires it',
    { properties: { id: text }, anyOf: [{ required: ['id'] }, { required: ['name'] }] }, 'unfit'],
  ['inclusive and exclusive alternatives, of which the latter have it',
    { anyOf: [{ type: 'object' }], oneOf: [withId(text)] }, 'required-text'],
  ['a value of alternatives', withId({ anyOf: [text, { type: 'integer' }] }), 'required-text'],
  ['a value of alternatives with null', withId({ anyOf: [text, { type: 'null' }] }), 'unfit'],
  ['a string beside alternatives', withId({ type: 'string', anyOf: [{ format: 'uuid' }, { pattern: '^a' }] }),
    'required-text'],
  ['a value of an intersection', withId({ allOf: [text, { minLength: 1 }] }), 'required-text'],
  ['an intersection of alternatives', { allOf: [{ anyOf: [withId(text), withId(text)] }, { type: 'object' }] },
    'required-text'],

  ['a reference', { $ref: 'User' }, 'required-text'],
  ['a reference with an empty fragment', { $ref: 'User#' }, 'required-text'],
  ['a reference to a schema with references', { $ref: 'https://a.example/user.json#' }, 'required-text'],
  ['a reference through several others', { $ref: 'Ada' }, 'required-text'],
  ['a reference to nothing', { $ref: 'Unknown#' }, 'unknown'],
  ['a value by reference', withId({ $ref: 'Id' }), 'required-text'],
  ['a value by reference and pointer', withId({ $ref: 'https://a.example/user.json#/definitions/key' }),
    'required-text'],
  ['a value by reference and pointer that does not fit',
    withId({ $ref: 'https://a.example/user.json#/definitions/flag' }), 'unfit'],
  ['a pointer to nothing', withId({ $ref: 'User#/definitions/none/at/all' }), 'unknown'],
  ['a pointer into the schema itself', { definitions: { id: text }, ...withId({ $ref: '#/definitions/id' }) },
    'unknown'],
  ['a reference to a name inside another schema', withId({ $ref: 'User#address' }), 'unknown'],
  ['a reference to a name inside the schema itself', withId({ $ref: '#address' }), 'unknown'],
  ['a reference to itself', { $ref: 'Self' }, 'unknown'],
  ['a reference in a ring, beside one that has it', { $ref: 'Ring' }, 'unknown'],
  ['a tree', { $ref: 'Tree' }, 'required-text'],

  ['no schema', undefined, 'unknown'],
  ['true', true, 'unknown'],
  ['a Zod object', z.object({ id: z.string() }), 'unknown'],
  ['a Zod object without it', z.object({}), 'unknown'],
  ['an object without a prototype', Object.assign(Object.create(null), withId(text)), 'required-text'],

  ['TypeBox: an object', Type.Object({ id: Type.String() }), 'required-text'],
  ['TypeBox: an optional property', Type.Object({ id: Type.Optional(Type.String()) }), 'unfit'],
  ['TypeBox: a partial object', Type.Partial(Type.Object({ id: Type.String() })), 'unfit'],
  ['TypeBox: a literal', Type.Object({ id: Type.Literal('a') }), 'required-text'],
  ['TypeBox: a union of literals', Type.Object({ id: Type.Union([Type.Literal('a'), Type.Literal(1)]) }),
    'required-text'],
  ['TypeBox: a nullable property', Type.Object({ id: Type.Union([Type.String(), Type.Null()]) }), 'unfit'],
  ['TypeBox: an enum', Type.Object({ id: Type.Enum({ a: 'A', b: 2 }) }), 'required-text'],
  ['TypeBox: a template literal', Type.Object({ id: Type.TemplateLiteral([Type.Literal('user-'), Type.String()]) }),
    'required-text'],
  ['TypeBox: a property of any type', Type.Object({ id: Type.Any() }), 'unfit'],
  ['TypeBox: an object with a Date', Type.Object({ id: Type.Date() }), 'unfit'],
  ['TypeBox: a union of objects', Type.Union([Type.Object({ id: Type.String() }), Type.Object({ id: Type.Number() })]),
    'required-text'],
  ['TypeBox: a union of an object and nothing', Type.Union([Type.Object({ id: Type.String() }), Type.Null()]), 'unfit'],
  ['TypeBox: an intersection',
    Type.Intersect([Type.Object({ id: Type.String() }), Type.Object({ name: Type.String() })]), 'required-text'],
  ['TypeBox: a composite', Type.Composite([Type.Object({ id: Type.String() }), Type.Object({ name: Type.String() })]),
    'required-text'],
  ['TypeBox: picked properties', Type.Pick(Type.Object({ id: Type.String(), name: Type.String() }), ['name']), 'unfit'],
  ['TypeBox: a recursive object',
    Type.Recursive((This) => Type.Object({ id: Type.String(), children: Type.Array(This) })), 'required-text'],
  ['TypeBox: a reference', Type.Ref('User'), 'required-text'],
  ['TypeBox: an import of a module, which refers to itself',
    Type.Module({ Person: Type.Object({ id: Type.String() }) }).Import('Person'), 'unknown'],
  ['TypeBox: an unsafe schema', Type.Unsafe<{ id: string }>(withId(text) as unknown as TSchema), 'required-text']
]

t.test('a property is required text if every body that is valid for the schema has it', async (t) => {
  for (const [name, schema, property] of properties) {
    t.equal(propertyIn(schema, 'id', sharedSchemas), property, `${name}: ${property}`)
  }
})

t.test('properties that all objects inherit are not properties of a body', async (t) => {
  for (const name of ['constructor', 'toString', '__proto__']) {
    t.equal(propertyIn({ type: 'object', properties: {}, required: [name] }, name, sharedSchemas), 'unfit', name)
    t.equal(propertyIn({ type: 'object', properties: Object.fromEntries([[name, text]]), required: [name] }, name,
      sharedSchemas), 'required-text', `${name}, if it is declared`)
  }
})

t.test('the properties of a schema are listed as far as they are known', async (t) => {
  const rows: Array<[name: string, schema: unknown, names: string[]]> = [
    ['an object', { properties: { a: text, b: {} } }, ['a', 'b']],
    ['properties of properties', { properties: { a: withId(text) } }, ['a']],
    ['an intersection', { allOf: [{ properties: { a: text } }, { properties: { b: text } }], properties: { c: text } },
      ['a', 'b', 'c']],
    ['alternatives', { anyOf: [{ properties: { a: text, b: text } }, { properties: { b: text, c: text } }] },
      ['a', 'b', 'c']],
    ['alternatives beside properties', { properties: { a: text }, oneOf: [{ properties: { b: text } }] }, ['a', 'b']],
    ['a reference', { $ref: 'User#' }, ['id']],
    ['a reference to nothing', { $ref: 'Unknown' }, []],
    ['a reference to itself', { $ref: 'Self' }, []],
    ['an array', { type: 'array', items: withId(text) }, []],
    ['an empty body', { type: 'null' }, []],
    ['no schema', undefined, []],
    ['a Zod object', z.object({ id: z.string() }), []],
    ['a TypeBox intersection',
      Type.Intersect([Type.Object({ a: Type.String() }), Type.Object({ b: Type.Optional(Type.String()) })]), ['a', 'b']]
  ]
  for (const [name, schema, names] of rows) t.same(propertiesOf(schema, sharedSchemas).sort(), names, name)
})

t.test('any value can be given as a schema', async () => {
  const aSchema = fc.letrec<{ schema: unknown }>((tie) => ({
    schema: fc.oneof({ depthSize: 'small' },
      fc.record({ type: fc.constantFrom('object', 'string', 'null') }),
      fc.record({ $ref: fc.constantFrom('User', 'Self', 'Ring#', 'Unknown', '#', 'User#/properties/id', '') }),
      fc.record({
        properties: fc.dictionary(fc.constantFrom('id', 'name'), tie('schema')),
        required: fc.subarray(['id', 'name'])
      }, { requiredKeys: [] }),
      fc.dictionary(
        fc.constantFrom('anyOf', 'oneOf', 'allOf'),
        fc.array(tie('schema'), { minLength: 1, maxLength: 3 })
      ),
      fc.anything({ maxDepth: 2 }))
  })).schema
  fc.assert(fc.property(aSchema, (schema) => {
    const property = propertyIn(schema, 'id', sharedSchemas)
    const isNamed = propertiesOf(schema, sharedSchemas).includes('id')
    return ['required-text', 'unfit', 'unknown'].includes(property) && (property !== 'required-text' || isNamed)
  }), { numRuns: 1000 })
})
