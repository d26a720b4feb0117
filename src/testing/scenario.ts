import { Type } from '@sinclair/typebox'
import { checkOptions, oneOf } from '../util/check-options.js'

/**
 * A body: JSON, text, bytes, or a form. It is not `unknown`, because TypeScript would then not infer the type of the
 * parameter of a function.
 */
export type Payload = {} | null | undefined

/** A value, or a function that returns one. It gets a number: 1, 2, 3 and so on, never the same twice in a process. */
export type PerAttempt<T> = T | ((attempt: number) => T)

/** A request of a {@link Scenario}. */
export interface ScenarioRequest {
  /** A path below the base URL. */
  url: PerAttempt<string>
  /** The body. */
  payload: PerAttempt<Payload>
  /** Headers in addition to those of the scenario. */
  headers?: Record<string, string>
}

/**
 * The requests that the checks send. Checks that need a part which is left out are skipped.
 *
 * In a `payload` or a `url` that is not a function, `{{n}}` is replaced with a number and `{{uuid}}` with a UUID. Both
 * are new for each attempt.
 */
export interface Scenario {
  /** Headers of every request. */
  headers?: Record<string, string>
  /** The request that creates a resource. `method` is `POST` by default. */
  create: ScenarioRequest & { method?: 'POST' | 'PUT' }
  /** How the new resource is updated. Its payload should be different for each attempt. */
  update?: Omit<ScenarioRequest, 'url'> & { method: 'PUT' | 'PATCH' }
  /** How PUT creates a resource at a URL that the client chooses. Its URL should be different for each attempt. */
  upsert?: ScenarioRequest
  /** Whether DELETE removes the resource. */
  remove?: boolean
  /** A body that `create` must reject. */
  invalid?: PerAttempt<Payload>
  /** The URL of a list of the resources, which shows whether a rejected request has stored something. */
  list?: PerAttempt<string>
  /** Whether the server must respond with 428 to an update without If-Match. */
  precondition?: 'required' | 'optional'
  /** How many requests are sent at the same time. Default: 20. */
  writers?: number
}

const url = Type.Unsafe<PerAttempt<string>>(Type.Union([Type.String(), Type.Function([], Type.Any())], {
  allowed: 'a path, or a function that returns one', example: "'/users'"
}))
const payload = Type.Any({ allowed: 'a body, or a function that returns one', example: "{ name: 'Ann' }" })
const headers = Type.Optional(Type.Record(Type.String(), Type.String({ allowed: 'a string', example: "'1'" }), {
  allowed: 'an object of strings', example: "{ authorization: 'Bearer 1' }"
}))

const ScenarioSchema = Type.Object({
  headers,
  create: Type.Object(
    { method: Type.Optional(oneOf('POST', 'PUT')), url, payload, headers },
    closed('an object with url and payload', "{ url: '/users', payload: { name: 'Ann' } }")
  ),
  update: Type.Optional(Type.Object(
    { method: oneOf('PUT', 'PATCH'), payload, headers },
    closed('an object with method and payload', "{ method: 'PUT', payload: { name: 'Eve {{n}}' } }")
  )),
  upsert: Type.Optional(Type.Object(
    { url, payload, headers },
    closed('an object with url and payload', "{ url: '/users/{{uuid}}', payload: { name: 'Joe' } }")
  )),
  remove: Type.Optional(Type.Boolean({ allowed: 'true or false', example: 'true' })),
  invalid: Type.Optional(Type.Any()),
  list: Type.Optional(url),
  precondition: Type.Optional(oneOf('required', 'optional')),
  writers: Type.Optional(Type.Integer({
    minimum: 2, maximum: 1000, allowed: 'an integer from 2 to 1000', example: '20'
  }))
}, closed('an object with create', "create: { url: '/users', payload: { name: 'Ann' } }"))

function closed (allowed: string, example: string) {
  return { additionalProperties: false, allowed, example }
}

/** The function that the user has called. */
export type Caller = 'assertCreation' | 'checkCreation'

/** @throws FST_CREATED_OPTION_INVALID */
export function checkScenario (scenario: unknown, caller: Caller = 'checkCreation'): asserts scenario is Scenario {
  const code = (option: string) => `${caller}(target, { ${option} })`
  checkOptions({ name: 'the scenario', code }, ScenarioSchema, scenario)
}
