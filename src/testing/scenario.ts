import { Type } from '@sinclair/typebox'
import { checkOptions } from '../util/check-options.js'

/** A body: JSON, text, bytes, or a form. It is anything, but not `unknown`, beside which the parameter of a function would have no type. */
export type Payload = {} | null | undefined

/** A value, or a function that makes one of the number of the attempt: 1, 2, 3 and so on, never twice in one process. */
export type Fresh<T> = T | ((attempt: number) => T)

/** A request of a {@link Scenario}. */
export interface ScenarioRequest {
  /** Below the base URL. */
  url: Fresh<string>
  /** Its body. */
  payload: Fresh<Payload>
  /** Beside those of the scenario. */
  headers?: Record<string, string>
}

/**
 * What is tried on a server. Each part that is left out is skipped.
 *
 * In the strings of a `payload` or a `url` that is no function, `{{n}}` stands for a number and `{{uuid}}` for a UUID
 * that no earlier attempt had.
 */
export interface Scenario {
  /** Of every request. */
  headers?: Record<string, string>
  /** How one is created. Default of `method`: `POST`. */
  create: ScenarioRequest & { method?: 'POST' | 'PUT' }
  /** How what was created is changed, at its address. Make the payload fresh for each attempt. */
  update?: Omit<ScenarioRequest, 'url'> & { method: 'PUT' | 'PATCH' }
  /** How PUT creates one at an address of the client's choice. Make the URL fresh for each attempt. */
  upsert?: ScenarioRequest
  /** Whether DELETE removes it. */
  remove?: boolean
  /** A body that `create` must refuse. */
  invalid?: Fresh<Payload>
  /** The URL of a list of what exists, to see that a refused creation left nothing behind. */
  list?: Fresh<string>
  /** Whether an update without If-Match must be answered 428. */
  precondition?: 'required' | 'optional'
  /** How many write at the same moment. Default: 20. */
  writers?: number
}

const request = {
  url: Type.Unsafe<Fresh<string>>(Type.Union([Type.String(), Type.Function([], Type.Any())], { allowed: 'a path such as "/users", or a function that gives one' })),
  payload: Type.Any({ allowed: 'a body such as { name: "Ann" }, or a function that gives one' }),
  headers: Type.Optional(Type.Record(Type.String(), Type.String({ allowed: 'a string' }), { allowed: 'an object of strings such as { authorization: "Bearer x" }' }))
}
const closed = (example: string) => ({ additionalProperties: false, allowed: `an object such as ${example}` })

const ScenarioSchema = Type.Object({
  headers: request.headers,
  create: Type.Object({ method: Type.Optional(oneOf('POST', 'PUT')), ...request }, closed('{ url: "/users", payload: { name: "Ann" } }')),
  update: Type.Optional(Type.Object({ method: oneOf('PUT', 'PATCH'), payload: request.payload, headers: request.headers }, closed('{ method: "PUT", payload: { name: "Eve" } }'))),
  upsert: Type.Optional(Type.Object(request, closed('{ url: "/users/{{uuid}}", payload: { name: "Joe" } }'))),
  remove: Type.Optional(Type.Boolean({ allowed: 'true or false' })),
  invalid: Type.Optional(Type.Any()),
  list: Type.Optional(request.url),
  precondition: Type.Optional(oneOf('required', 'optional')),
  writers: Type.Optional(Type.Integer({ minimum: 2, maximum: 1000, allowed: 'a whole number from 2 to 1000' }))
}, closed('{ create: { url: "/users", payload: { name: "Ann" } } }'))

function oneOf<T extends string> (...values: T[]) {
  return Type.Unsafe<T>(Type.Union(values.map((value) => Type.Literal(value))))
}

/** @throws FST_CREATED_OPTION_INVALID */
export function checkScenario (scenario: unknown): asserts scenario is Scenario {
  checkOptions('scenario', '', ScenarioSchema, scenario)
}
