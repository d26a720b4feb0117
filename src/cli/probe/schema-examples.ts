import { dereference, type SharedSchemas } from '../../resource/response-schema.js'
import { isPlainObject, type PlainObject } from '../../util/plain-object.js'

// A schema may refer to itself.
const MAX_DEPTH = 20

/** The example of a JSON Schema, or one made of the examples of its properties. In an object: it may be any value. */
export function exampleOf (schema: unknown, shared: SharedSchemas, depth = 0): { value: unknown } | undefined {
  const resolved = resolveReference(schema, shared)
  if (!isPlainObject(resolved) || depth > MAX_DEPTH) return undefined
  const { examples, properties, anyOf, oneOf } = resolved
  if (Array.isArray(examples) && examples.length > 0) return { value: examples[0] }
  for (const keyword of ['example', 'const', 'default']) {
    if (keyword in resolved) return { value: resolved[keyword] }
  }
  if (isPlainObject(properties)) return exampleOfProperties(resolved, shared, depth)
  const alternatives = [anyOf, oneOf].flat().filter((schema) => schema !== undefined)
  return alternatives.map((schema) => exampleOf(schema, shared, depth + 1)).find((example) => example !== undefined)
}

/** `undefined` if a required property has no example, or if no property has one. */
function exampleOfProperties (
  { properties, required = [] }: PlainObject, shared: SharedSchemas, depth: number
): { value: object } | undefined {
  const value: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(Object(properties))) {
    const example = exampleOf(schema, shared, depth + 1)
    if (example !== undefined) value[name] = example.value
    else if ((required as string[]).includes(name)) return undefined
  }
  return Object.keys(value).length === 0 ? undefined : { value }
}

export function propertySchema (schema: unknown, name: string, shared: SharedSchemas): PlainObject | undefined {
  const { properties } = Object(resolveReference(schema, shared))
  const property = resolveReference(Object(properties)[name], shared)
  return isPlainObject(property) ? property : undefined
}

export function requiredProperties (schema: unknown, shared: SharedSchemas): string[] {
  const { required } = Object(resolveReference(schema, shared))
  return Array.isArray(required) ? required : []
}

function resolveReference (schema: unknown, shared: SharedSchemas): unknown {
  let resolved = schema
  for (let depth = 0; depth < MAX_DEPTH && isPlainObject(resolved) && typeof resolved.$ref === 'string'; depth++) {
    resolved = dereference(resolved.$ref, shared)
  }
  return resolved
}
