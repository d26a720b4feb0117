import { isPlain } from '../../util/plain-object.js'
import { dereference, type SharedSchemas } from '../../resource/response-schema.js'

// A schema may refer to itself.
const DEPTH = 20

/** What a JSON Schema gives as an example: its own, or one made of those of its properties. In an object, as it may be anything. */
export function exampleOf (schema: unknown, shared: SharedSchemas, depth = 0): { value: unknown } | undefined {
  const known = resolved(schema, shared)
  if (!isPlain(known) || depth > DEPTH) return undefined
  const { examples, properties, anyOf, oneOf } = known
  if (Array.isArray(examples) && examples.length > 0) return { value: examples[0] }
  for (const name of ['example', 'const', 'default']) {
    if (name in known) return { value: known[name] }
  }
  if (isPlain(properties)) return exampleOfProperties(known, shared, depth)
  const alternatives = [anyOf, oneOf].flat().filter((schema) => schema !== undefined)
  return alternatives.map((schema) => exampleOf(schema, shared, depth + 1)).find((example) => example !== undefined)
}

/** Those that are required all have to have one; without any there is nothing to make it of. */
function exampleOfProperties ({ properties, required = [] }: Record<string, unknown>, shared: SharedSchemas, depth: number): { value: object } | undefined {
  const value: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(Object(properties))) {
    const example = exampleOf(schema, shared, depth + 1)
    if (example !== undefined) value[name] = example.value
    else if ((required as string[]).includes(name)) return undefined
  }
  return Object.keys(value).length === 0 ? undefined : { value }
}

/** The schema of a property, `undefined` where it says nothing of it. */
export function propertySchema (schema: unknown, name: string, shared: SharedSchemas): Record<string, unknown> | undefined {
  const property = resolved(Object(Object(resolved(schema, shared)).properties)[name], shared)
  return isPlain(property) ? property : undefined
}

/** What a schema requires. */
export function requiredBy (schema: unknown, shared: SharedSchemas): string[] {
  const { required } = Object(resolved(schema, shared))
  return Array.isArray(required) ? required : []
}

/** What `$ref` leads to. */
export function resolved (schema: unknown, shared: SharedSchemas): unknown {
  let known = schema
  for (let depth = 0; depth < DEPTH && isPlain(known) && typeof known.$ref === 'string'; depth++) {
    known = dereference(known.$ref, shared)
  }
  return known
}
