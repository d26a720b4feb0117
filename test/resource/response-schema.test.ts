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
  ['a required string', withId(text), 'guaranteed'],
  ['a required number', withId({ type: 'number' }), 'guaranteed'],
  ['a required integer', withId({ type: 'integer' }), 'guaranteed'],
  ['a string with a format', withId({ type: 'string', format: 'uuid' }), 'guaranteed'],
  ['a string that is not required', { type: 'object', properties: { id: text } }, 'not-guaranteed'],
  ['a string, beside another property that is required',
    { type: 'object', properties: { id: text }, required: ['name'] }, 'not-guaranteed'],
  ['required as in draft 3', { type: 'object', properties: { id: { type: 'string', required: true } }, required: true },
    'not-guaranteed'],
  ['no such property', { type: 'object', properties: { name: text }, required: ['name'] }, 'not-guaranteed'],
  ['required without a description', { type: 'object', properties: {}, required: ['id'] }, 'not-guaranteed'],
  ['required without properties', { type: 'object', required: ['id'] }, 'not-guaranteed'],
  ['a schema that says nothing', {}, 'not-guaranteed'],
  ['an array', { type: 'array', items: withId(text) }, 'not-guaranteed'],
  ['an empty body', { type: 'null' }, 'not-guaranteed'],

  ['a boolean', withId({ type: 'boolean' }), 'not-guaranteed'],
  ['an object', withId(withId(text)), 'not-guaranteed'],
  ['null', withId({ type: 'null' }), 'not-guaranteed'],
  ['any value', withId({}), 'not-guaranteed'],
  ['a string or a number', withId({ type: ['string', 'number'] }), 'guaranteed'],
  ['a string or null', withId({ type: ['string', 'null'] }), 'not-guaranteed'],
  ['a string that is nullable as in OpenAPI 3.0', withId({ type: 'string', nullable: true }), 'not-guaranteed'],
  ['a string that is not nullable', withId({ type: 'string', nullable: false }), 'guaranteed'],
  ['an enum of strings', withId({ enum: ['a', 'b'] }), 'guaranteed'],
  ['an enum of strings and numbers', withId({ enum: ['a', 1] }), 'guaranteed'],
  ['an enum with null', withId({ enum: ['a', null] }), 'not-guaranteed'],
  ['a constant string', withId({ const: 'a' }), 'guaranteed'],
  ['a constant number', withId({ const: 0 }), 'guaranteed'],
  ['a constant boolean', withId({ const: true }), 'not-guaranteed'],
  ['a boolean schema, which accepts everything', withId(true), 'unknown'],

  ['an intersection that has it', { allOf: [{ type: 'object' }, withId(text)] }, 'guaranteed'],
  ['an intersection that lacks it', { allOf: [{ type: 'object' }, { properties: { name: text } }] }, 'not-guaranteed'],
  ['an intersection with an unknown schema', { allOf: [{ type: 'object' }, { $ref: 'Unknown' }] }, 'unknown'],
  ['an intersection that has it, beside an unknown schema', { allOf: [{ $ref: 'Unknown' }, withId(text)] },
    'guaranteed'],
  ['properties beside an intersection', { ...withId(text), allOf: [{ properties: { name: text } }] }, 'guaranteed'],
  ['an intersection of a schema that describes it and one that requires it',
    { allOf: [{ properties: { id: text } }, { required: ['id'] }] }, 'guaranteed'],
  ['a schema that requires it, beside an intersection that describes it',
    { required: ['id'], allOf: [{ properties: { id: text } }] }, 'guaranteed'],
  ['a part that describes it, and one that requires another',
    { allOf: [{ properties: { id: text } }, { required: ['name'] }] }, 'not-guaranteed'],
  ['alternatives that all have it', { anyOf: [withId(text), withId({ type: 'integer' })] }, 'guaranteed'],
  ['alternatives of which one lacks it', { anyOf: [withId(text), { type: 'object', properties: { name: text } }] },
    'not-guaranteed'],
  ['alternatives of which one is null', { anyOf: [withId(text), { type: 'null' }] }, 'not-guaranteed'],
  ['alternatives of which one is unknown', { anyOf: [withId(text), { $ref: 'Unknown' }] }, 'unknown'],
  ['exclusive alternatives that all have it', { oneOf: [withId(text), withId(text)] }, 'guaranteed'],
  ['exclusive alternatives of which one lacks it', { oneOf: [withId(text), { type: 'object' }] }, 'not-guaranteed'],
  ['properties beside alternatives that only require others',
    { ...withId(text), anyOf: [{ required: ['email'] }, { required: ['phone'] }] }, 'guaranteed'],
  ['properties beside exclusive alternatives',
    { ...withId(text), oneOf: [{ properties: { kind: { const: 'a' } } }, { properties: { kind: { const: 'b' } } }] },
    'guaranteed'],
  ['properties, and alternatives that require it',
    { properties: { id: text }, anyOf: [{ required: ['id'] }, { required: ['id', 'name'] }] }, 'guaranteed'],
  ['properties, and alternatives of which one requires it',
    { properties: { id: text }, anyOf: [{ required: ['id'] }, { required: ['name'] }] }, 'not-guaranteed'],
  ['inclusive and exclusive alternatives, of which the latter have it',
    { anyOf: [{ type: 'object' }], oneOf: [withId(text)] }, 'guaranteed'],
  ['a value of alternatives', withId({ anyOf: [text, { type: 'integer' }] }), 'guaranteed'],
  ['a value of alternatives with null', withId({ anyOf: [text, { type: 'null' }] }), 'not-guaranteed'],
  ['a string beside alternatives', withId({ type: 'string', anyOf: [{ format: 'uuid' }, { pattern: '^a' }] }),
    'guaranteed'],
  ['a value of an intersection', withId({ allOf: [text, { minLength: 1 }] }), 'guaranteed'],
  ['an intersection of alternatives', { allOf: [{ anyOf: [withId(text), withId(text)] }, { type: 'object' }] },
    'guaranteed'],

  ['a reference', { $ref: 'User' }, 'guaranteed'],
  ['a reference with an empty fragment', { $ref: 'User#' }, 'guaranteed'],
  ['a reference to a schema with references', { $ref: 'https://a.example/user.json#' }, 'guaranteed'],
  ['a reference through several others', { $ref: 'Ada' }, 'guaranteed'],
  ['a reference to nothing', { $ref: 'Unknown#' }, 'unknown'],
  ['a value by reference', withId({ $ref: 'Id' }), 'guaranteed'],
  ['a value by reference and pointer', withId({ $ref: 'https://a.example/user.json#/definitions/key' }),
    'guaranteed'],
  ['a value by reference and pointer that does not fit',
    withId({ $ref: 'https://a.example/user.json#/definitions/flag' }), 'not-guaranteed'],
  ['a pointer to nothing', withId({ $ref: 'User#/definitions/none/at/all' }), 'unknown'],
  ['a pointer into the schema itself', { definitions: { id: text }, ...withId({ $ref: '#/definitions/id' }) },
    'unknown'],
  ['a reference to a name inside another schema', withId({ $ref: 'User#address' }), 'unknown'],
  ['a reference to a name inside the schema itself', withId({ $ref: '#address' }), 'unknown'],
  ['a reference to itself', { $ref: 'Self' }, 'unknown'],
  ['a reference in a ring, beside one that has it', { $ref: 'Ring' }, 'unknown'],
  ['a tree', { $ref: 'Tree' }, 'guaranteed'],

  ['no schema', undefined, 'unknown'],
  ['true', true, 'unknown'],
  ['a Zod object', z.object({ id: z.string() }), 'unknown'],
  ['a Zod object without it', z.object({}), 'unknown'],
  ['an object without a prototype', Object.assign(Object.create(null), withId(text)), 'guaranteed'],

  ['TypeBox: an object', Type.Object({ id: Type.String() }), 'guaranteed'],
  ['TypeBox: an optional property', Type.Object({ id: Type.Optional(Type.String()) }), 'not-guaranteed'],
  ['TypeBox: a partial object', Type.Partial(Type.Object({ id: Type.String() })), 'not-guaranteed'],
  ['TypeBox: a literal', Type.Object({ id: Type.Literal('a') }), 'guaranteed'],
  ['TypeBox: a union of literals', Type.Object({ id: Type.Union([Type.Literal('a'), Type.Literal(1)]) }),
    'guaranteed'],
  ['TypeBox: a nullable property', Type.Object({ id: Type.Union([Type.String(), Type.Null()]) }), 'not-guaranteed'],
  ['TypeBox: an enum', Type.Object({ id: Type.Enum({ a: 'A', b: 2 }) }), 'guaranteed'],
  ['TypeBox: a template literal', Type.Object({ id: Type.TemplateLiteral([Type.Literal('user-'), Type.String()]) }),
    'guaranteed'],
  ['TypeBox: a property of any type', Type.Object({ id: Type.Any() }), 'not-guaranteed'],
  ['TypeBox: an object with a Date', Type.Object({ id: Type.Date() }), 'not-guaranteed'],
  ['TypeBox: a union of objects', Type.Union([Type.Object({ id: Type.String() }), Type.Object({ id: Type.Number() })]),
    'guaranteed'],
  ['TypeBox: a union of an object and nothing',
    Type.Union([Type.Object({ id: Type.String() }), Type.Null()]), 'not-guaranteed'],
  ['TypeBox: an intersection',
    Type.Intersect([Type.Object({ id: Type.String() }), Type.Object({ name: Type.String() })]), 'guaranteed'],
  ['TypeBox: a composite', Type.Composite([Type.Object({ id: Type.String() }), Type.Object({ name: Type.String() })]),
    'guaranteed'],
  ['TypeBox: picked properties',
    Type.Pick(Type.Object({ id: Type.String(), name: Type.String() }), ['name']), 'not-guaranteed'],
  ['TypeBox: a recursive object',
    Type.Recursive((This) => Type.Object({ id: Type.String(), children: Type.Array(This) })), 'guaranteed'],
  ['TypeBox: a reference', Type.Ref('User'), 'guaranteed'],
  ['TypeBox: an import of a module, which refers to itself',
    Type.Module({ Person: Type.Object({ id: Type.String() }) }).Import('Person'), 'unknown'],
  ['TypeBox: an unsafe schema', Type.Unsafe<{ id: string }>(withId(text) as unknown as TSchema), 'guaranteed']
]

t.test('a property is required text if every body that is valid for the schema has it', async (t) => {
  for (const [name, schema, property] of properties) {
    t.equal(propertyIn(schema, 'id', sharedSchemas), property, `${name}: ${property}`)
  }
})

t.test('properties that all objects inherit are not properties of a body', async (t) => {
  for (const name of ['constructor', 'toString', '__proto__']) {
    const undescribed = { type: 'object', properties: {}, required: [name] }
    t.equal(propertyIn(undescribed, name, sharedSchemas), 'not-guaranteed', name)
    t.equal(propertyIn({ type: 'object', properties: Object.fromEntries([[name, text]]), required: [name] }, name,
      sharedSchemas), 'guaranteed', `${name}, if it is declared`)
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
    return ['guaranteed', 'not-guaranteed', 'unknown'].includes(property) && (property !== 'guaranteed' || isNamed)
  }), { numRuns: 1000 })
})
