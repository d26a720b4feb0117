import { isPlainObject, type PlainObject } from '../util/plain-object.js'

/** Gives the shared schema of an id, as Fastify's `getSchema` does. */
export type SharedSchemas = (id: string) => unknown

/** What a response schema says about a property of the body. */
export type Property = 'guaranteed' | 'not-guaranteed' | 'unknown'

const MAY_BE_JSON = /[/+]json\b|^\*\/\*/i
const TEXT_TYPES = new Set(['string', 'number', 'integer'])

/** The schema of the bodies of a status; `undefined` if none is declared. */
export function responseSchema (schemas: unknown, ...keys: string[]): unknown {
  const declared = Object(Object(schemas).response)
  const key = keys.find((key) => key in declared)
  return key === undefined ? undefined : ofContent(declared[key])
}

function ofContent (schema: unknown): unknown {
  if (!isPlainObject(schema) || !isPlainObject(schema.content)) return schema
  const json = Object.keys(schema.content).find((type) => MAY_BE_JSON.test(type))
  return json === undefined ? undefined : Object(schema.content[json]).schema
}

/**
 * Whether every body that is valid for a JSON Schema has a property that is a string or a number. Other schemas (Zod),
 * and references that cannot be resolved, are unknown.
 */
export function propertyIn (schema: unknown, name: string, shared: SharedSchemas): Property {
  // One part of a schema may require what another describes.
  const requirement = evaluateSchema(schema, shared, ({ required }) =>
    textIf(Array.isArray(required) && required.includes(name)))
  const description = evaluateSchema(schema, shared, ({ properties }) =>
    Object.hasOwn(Object(properties), name) ? textIn(Object(properties)[name], shared) : 'not-guaranteed')
  return weakest([requirement, description])
}

/** The names of the properties that a JSON Schema declares, as far as they can be told. */
export function propertiesOf (schema: unknown, shared: SharedSchemas): string[] {
  const found = new Set<string>()
  evaluateSchema(schema, shared, ({ properties }) => {
    for (const name of Object.keys(Object(properties))) found.add(name)
    return 'unknown'
  })
  return [...found]
}

function textIn (schema: unknown, shared: SharedSchemas): Property {
  return evaluateSchema(schema, shared, ({ type, nullable, const: constant, enum: values }) => {
    if (nullable === true) return 'not-guaranteed'
    if (type !== undefined) return textIf([type].flat().every((name) => TEXT_TYPES.has(name as string)))
    const allowed = Array.isArray(values) ? values : [constant]
    return textIf(allowed.every((value) => typeof value === 'string' || typeof value === 'number'))
  })
}

function textIf (isText: boolean): Property {
  return isText ? 'guaranteed' : 'not-guaranteed'
}

/** Follows references and combinations down to the schemas that say something themselves. */
function evaluateSchema (
  schema: unknown, shared: SharedSchemas, visit: (schema: PlainObject) => Property, depth = 0
): Property {
  // A schema may refer to itself.
  if (!isPlainObject(schema) || depth > 20) return 'unknown'
  const next = (inner: unknown) => evaluateSchema(inner, shared, visit, depth + 1)
  if (typeof schema.$ref === 'string') return next(dereference(schema.$ref, shared))
  const { anyOf, oneOf, allOf } = schema
  const alternatives = [anyOf, oneOf].filter(Array.isArray).map((schemas) => weakest(schemas.map(next)))
  const parts = Array.isArray(allOf) ? allOf.map(next) : []
  return strongest([visit(schema), ...alternatives, ...parts])
}

function weakest (found: Property[]): Property {
  if (found.includes('not-guaranteed')) return 'not-guaranteed'
  return found.includes('unknown') ? 'unknown' : 'guaranteed'
}

function strongest (found: Property[]): Property {
  if (found.includes('guaranteed')) return 'guaranteed'
  return found.includes('unknown') ? 'unknown' : 'not-guaranteed'
}

/** Resolves `User`, `User#` and `User#/properties/id`, but no `$id` inside another schema. */
export function dereference (reference: string, shared: SharedSchemas): unknown {
  const [id, pointer = ''] = reference.split('#')
  const [first, ...path] = pointer.split('/')
  return first === '' ? path.reduce<unknown>((schema, name) => Object(schema)[name], shared(id)) : undefined
}
