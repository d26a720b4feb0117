import { isPlainObject, type PlainObject } from '../util/plain-object.js'
import { extend } from './schema.js'

/** What @fastify/swagger cannot write, because it knows no transform of an operation. */
export interface Additions {
  /** Whether each 201 has a Location. */
  requiresLocation: boolean
  /** For each status, by name. */
  links: Record<string, PlainObject>
}

/** @fastify/swagger copies extensions of a schema to its operation. */
const EXTENSION = 'x-fastify-created'

export function withAdditions<Schema extends object> (schema: Schema, additions: Additions): Schema {
  return extend(schema, { [EXTENSION]: additions })
}

/** Makes a document complete its operations whenever its paths are read: nobody sees it before they are. */
export function completeWhenRead (document: { paths?: unknown }): void {
  if (Object.getOwnPropertyDescriptor(document, 'paths')?.get !== undefined) return
  let { paths } = document
  Object.defineProperty(document, 'paths', {
    enumerable: true,
    configurable: true,
    get: () => {
      for (const path of Object.values(Object(paths))) {
        completeOperations(path)
        // Of other methods, since OpenAPI 3.2.
        completeOperations(Object(path).additionalOperations)
      }
      return paths
    },
    set: (value) => { paths = value }
  })
}

function completeOperations (path: unknown): void {
  for (const operation of Object.values(Object(path))) {
    if (!isPlainObject(operation) || !(EXTENSION in operation)) continue
    const { links, requiresLocation } = operation[EXTENSION] as Additions
    delete operation[EXTENSION]
    const responses = operation.responses as Record<string, PlainObject>
    for (const [status, added] of Object.entries(links)) {
      const response = Object(responses[status])
      response.links = { ...added, ...response.links }
    }
    if (requiresLocation) requireLocation(responses)
  }
}

function requireLocation (responses: Record<string, PlainObject>): void {
  for (const [name, header] of Object.entries(Object(responses[201]?.headers))) {
    if (name.toLowerCase() === 'location') (header as PlainObject).required = true
  }
}
